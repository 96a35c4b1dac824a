"""Rule files as they were, and the versions, backtests and experiments of a brand's policies."""

from peewee import DateField, IntegerField, TextField, UUIDField
from playhouse.postgres_ext import BinaryJSONField, DateTimeTZField

from app.core.database import TenantModel


class RulesetText(TenantModel):
    """Every file that a rule set was compiled from, by name. The database lets nobody change a row."""

    hash = TextField()
    files = BinaryJSONField()

    class Meta:
        table_name = "ruleset_text"


class PolicyVersion(TenantModel):
    """One version of one rule set of a brand, numbered from 1.

    `makers` wrote or submitted it and can therefore not approve it. `champion_hash` are the rules that were in
    force when it was submitted: what its backtest compared it with. `cases` are the files of its cases.
    """

    ruleset = TextField()
    number = IntegerField()
    ruleset_hash = TextField()
    cases = BinaryJSONField()
    status = TextField()
    remark = TextField()
    makers = BinaryJSONField()
    approved_by = TextField(null=True)
    backtest_id = UUIDField(null=True)
    champion_hash = TextField(null=True)
    effective_from = DateTimeTZField(null=True)
    rolled_back_at = DateTimeTZField(null=True)


class PolicyBacktest(TenantModel):
    """A version run on past decisions beside the rules in force. Files lie under `file_key`.

    `book_key` and `book_sha256` are of a book that was sent; without them the brand's own decisions are the book.
    """

    version_id = UUIDField()
    champion_hash = TextField()
    challenger_hash = TextField()
    status = TextField()
    stage = TextField(null=True)
    progress_percent = IntegerField(default=0)
    from_date = DateField(null=True)
    to_date = DateField(null=True)
    decision_count = IntegerField(null=True)
    summary = BinaryJSONField(null=True)
    file_key = TextField(null=True)
    reason = TextField(null=True)
    requested_by = TextField()
    book_key = TextField(null=True)
    book_sha256 = TextField(null=True)


class PolicyExperiment(TenantModel):
    """A version beside the one in force: in the shadow, or deciding for `share_percent` of the customers.

    `maker` asked for what waits for a second person: the start of it, or its stop.
    """

    ruleset = TextField()
    version_id = UUIDField()
    mode = TextField()
    share_percent = IntegerField(default=0)
    status = TextField()
    remark = TextField()
    maker = TextField()
    started_at = DateTimeTZField(null=True)
    stopped_at = DateTimeTZField(null=True)
