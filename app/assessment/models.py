"""How far an application has come by itself."""

from peewee import TextField, UUIDField
from playhouse.postgres_ext import DateTimeTZField

from app.core import clock
from app.core.database import TenantModel


class Assessment(TenantModel):
    """The steps to one decision on a file, in a state of `ASSESSMENT`.

    `began_at` is the application or the reactivation that it follows. `step` is the one that runs, is waited for, or
    stopped; then `waits_for` and `reason` say on whom and why. `looked_at`: when it was last seen to.
    """

    loan_id = UUIDField()
    began_at = DateTimeTZField()
    status = TextField()
    step = TextField(null=True)
    waits_for = TextField(null=True)
    reason = TextField(null=True)
    looked_at = DateTimeTZField(default=clock.now)
    decision_id = UUIDField(null=True)

    class Meta:
        table_name = "assessment"
