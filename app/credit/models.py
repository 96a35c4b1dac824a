"""The decision, and the record of it."""

import hashlib
from functools import cached_property

from peewee import TextField, UUIDField
from playhouse.postgres_ext import BinaryJSONField

from app.core.database import TenantModel


class DecisionText(TenantModel):
    """What a decision tells: its canonical bytes as text, kept once under their SHA-256. The database lets nobody
    change a row; `tier` is read off the record there."""

    hash = TextField()
    record = TextField()

    class Meta:
        table_name = "decision_text"


def hash_of(record: str) -> str:
    """What a record is kept under."""
    return hashlib.sha256(record.encode()).hexdigest()


def keep(record: str) -> str:
    """Keep a record, once; returns its hash."""
    record_hash = hash_of(record)
    if not DecisionText.select().where(DecisionText.hash == record_hash).exists():
        DecisionText.insert(hash=record_hash, record=record).on_conflict_ignore().execute()
    return record_hash


class CreditDecision(TenantModel):
    """One run of the BRE, never changed. What it tells is kept under `record_hash`.

    The rule files of `ruleset_hash` are kept by the policies: a replay needs nothing that may have changed
    since. `lineage` tells of each input where it came from: {feature: {source, id, observed_at}}.
    `experiment_id` and `side` (CHAMPION or CHALLENGER) are there when a challenger was under way.
    """

    loan_id = UUIDField()
    ruleset_name = TextField()
    ruleset_hash = TextField()
    outcome = TextField()
    record_hash = TextField()
    lineage = BinaryJSONField(default=dict)
    experiment_id = UUIDField(null=True)
    side = TextField(null=True)

    class Meta:
        table_name = "decision"

    @cached_property
    def record(self) -> str:
        """The decision's canonical bytes as text."""
        return DecisionText.get(DecisionText.hash == self.record_hash).record


class ShadowDecision(TenantModel):
    """What the other side of an experiment says of the same inputs; or why it could not say anything."""

    experiment_id = UUIDField()
    decision_id = UUIDField()
    side = TextField()
    ruleset_hash = TextField()
    outcome = TextField(null=True)
    record = TextField(null=True)
    failure = TextField(null=True)

    class Meta:
        table_name = "shadow_decision"
