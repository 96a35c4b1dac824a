"""The decision record."""

from peewee import TextField, UUIDField
from playhouse.postgres_ext import BinaryJSONField

from app.core.database import TenantModel


class CreditDecision(TenantModel):
    """One run of the BRE, never changed. `record` are the decision's canonical bytes as text.

    The rule files of `ruleset_hash` are kept by the policies: a replay needs nothing that may have changed
    since. `lineage` tells of each input where it came from: {feature: {source, id, observed_at}}.
    `experiment_id` and `side` (CHAMPION or CHALLENGER) are there when a challenger was under way.
    """

    loan_id = UUIDField()
    ruleset_name = TextField()
    ruleset_hash = TextField()
    outcome = TextField()
    record = TextField()
    lineage = BinaryJSONField(default=dict)
    experiment_id = UUIDField(null=True)
    side = TextField(null=True)

    class Meta:
        table_name = "decision"


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
