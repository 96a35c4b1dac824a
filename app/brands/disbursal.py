"""What a brand asks for before it pays out, and how a loan can be given back in the days of cooling-off."""

import marshmallow as ma

from app.core.http import Schema

HOLIDAYS_MAX = 100
RAILS = ("IMPS", "NEFT", "UPI")


def _days(default: int) -> ma.fields.Integer:
    return ma.fields.Integer(load_default=default, validate=ma.validate.Range(min=1, max=365))


class DisbursalPolicy(Schema):
    """Days are of the calendar. A holiday is a day on which nothing is paid out."""

    sanction_valid_days = _days(30)
    kfs_valid_days = ma.fields.Integer(
        load_default=7,
        validate=ma.validate.Range(min=1, max=365),
        metadata={"description": "from the signature under the Key Facts Statement to the payout"},
    )
    rails = ma.fields.List(
        ma.fields.String(validate=ma.validate.OneOf(RAILS)),
        load_default=lambda: list(RAILS),
        validate=ma.validate.Length(min=1, max=len(RAILS)),
        metadata={
            "description": "the ways by which the brand pays out; UPI goes to a UPI id of the customer"
        },
    )
    references_confirmed = ma.fields.Integer(
        load_default=0,
        validate=ma.validate.Range(min=0, max=5),
        metadata={"description": "how many references have to be confirmed by staff"},
    )
    alternate_phone_confirmed = ma.fields.Boolean(
        load_default=False, metadata={"description": "whether another phone has to be, by staff"}
    )
    pays_on_sundays = ma.fields.Boolean(load_default=True)
    holidays = ma.fields.List(
        ma.fields.Date(), load_default=list, validate=ma.validate.Length(max=HOLIDAYS_MAX)
    )
    cooling_off_keeps_fee = ma.fields.Boolean(
        load_default=False,
        metadata={
            "description": "who gives the loan back does not get the processing fee back; say so in the KFS"
        },
    )
