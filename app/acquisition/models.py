"""Visits, whose they were, and affiliates."""

from peewee import BooleanField, TextField, UUIDField

from app.core.database import TenantModel
from app.core.fields import money_field


class Affiliate(TenantModel):
    """Who sends us people and is paid for it. Known by `code` in the link, by its utm_source, or by its domain.

    `payout_rate`: rupees a lead (CPL) or a first disbursal (CPA), percent of the amount disbursed (REV_SHARE).
    """

    code = TextField()
    name = TextField()
    utm_source = TextField(null=True)
    domain = TextField(null=True)
    payout_model = TextField()
    payout_rate = money_field()
    is_active = BooleanField(default=True)


class Click(TenantModel):
    """One visit as the page told it: no address and no device, so it is nobody's until they give their phone."""

    channel = TextField()
    affiliate_id = UUIDField(null=True)
    utm_source = TextField(null=True)
    utm_medium = TextField(null=True)
    utm_campaign = TextField(null=True)
    utm_term = TextField(null=True)
    utm_content = TextField(null=True)
    ad_click_id = TextField(null=True)
    platform = TextField(null=True)
    domain = TextField(null=True)
    landing_page = TextField(null=True)
    referrer_host = TextField(null=True)


class CustomerTouch(TenantModel):
    """A visit of a customer. The first made them one."""

    customer_id = UUIDField()
    click_id = UUIDField()
    is_first = BooleanField()
