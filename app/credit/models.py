"""The decision record."""

from peewee import TextField, UUIDField

from app.core.database import TenantModel


class CreditDecision(TenantModel):
    """One run of the BRE, never changed. `record` are the decision's canonical bytes as text.

    `ruleset_source` are the rule files it ran on, as JSON: a replay needs nothing that may have changed since.
    """

    loan_id = UUIDField()
    ruleset_name = TextField()
    ruleset_hash = TextField()
    ruleset_source = TextField()
    outcome = TextField()
    record = TextField()

    class Meta:
        table_name = "decision"
