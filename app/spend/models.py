"""What was spent."""

from peewee import DateField, TextField
from playhouse.postgres_ext import DateTimeTZField

from app.core.database import TenantModel
from app.core.fields import money_field


class MarketingSpend(TenantModel):
    """Rupees that a day of advertising cost at a source, for one campaign or, without one, for the source as a whole.

    Both are spelt as `utm_source` and `utm_campaign` of its links are: so reports find whom it brought.
    """

    day = DateField()
    source = TextField()
    campaign = TextField(null=True)
    amount = money_field()
    entered_by = TextField()
    entered_at = DateTimeTZField()
