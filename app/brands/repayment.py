"""How a brand takes its repayments."""

from decimal import Decimal
from typing import Any

import marshmallow as ma

from app.core.http import Bounded, Schema

# `app.ledger.events.Part`
CHANNELS = ("SMS", "WHATSAPP", "EMAIL")
PARTS = ("INTEREST", "PRINCIPAL", "PENAL", "CHARGE")


def _number(default: int, lowest: int, highest: int, meaning: str) -> ma.fields.Integer:
    return ma.fields.Integer(
        load_default=default,
        validate=ma.validate.Range(min=lowest, max=highest),
        metadata={"description": meaning},
    )


def _code(pattern: str, meaning: str, example: str, **kwargs: Any) -> ma.fields.String:
    return ma.fields.String(
        required="load_default" not in kwargs,
        validate=ma.validate.Regexp(rf"{pattern}\Z"),
        metadata={"description": meaning, "example": example},
        **kwargs,
    )


class DueReminder(Schema):
    """A reminder of what is due, so many days before; 0 is the day itself."""

    days_before = ma.fields.Integer(required=True, validate=ma.validate.Range(min=0, max=30))
    channel = ma.fields.String(required=True, validate=ma.validate.OneOf(CHANNELS))


class NachFile(Schema):
    """How the bank that sponsors the brand at NACH knows it. Where this is set, e-mandates are debited by the file of
    the day instead of by the gateway: its bank must be the one under whose utility code they are registered."""

    sponsor_ifsc = _code(r"[A-Z]{4}0[A-Z0-9]{6}", "the branch of the sponsor bank", "ICIC0000001")
    utility_code = _code(r"[A-Z0-9]{1,18}", "the user number that NPCI gave", "NACH00000000013149")
    user_name = _code(r"[A-Z0-9][A-Z0-9 ]{0,39}", "as the customer's bank shows it", "QUALOAN")
    login_id = _code(r"[A-Z0-9]{1,20}", "of the brand at the bank, in the names of files", "ICIC865719")
    account_number = _code(r"[A-Z0-9]{0,35}", "where the bank credits what was debited", "", load_default="")


# days before -> channel, as lenders of short loans do
_USUAL = {7: "EMAIL", 5: "SMS", 3: "SMS", 1: "SMS", 0: "SMS"}


class RepaymentPolicy(Schema):
    """A loan keeps the `allocation` and `foreclosurePercent` that its brand has when its payout is ordered, and the
    rule set `charges`: what a returned debit costs, and a day past due."""

    allocation = ma.fields.List(
        ma.fields.String(validate=ma.validate.OneOf(PARTS)),
        load_default=lambda: list(PARTS),
        metadata={"description": "the order in which a payment settles what is owed; each of the parts once"},
    )
    foreclosure_percent = Bounded(
        "0",
        "10",
        load_default=Decimal(0),
        metadata={"description": "of the principal outstanding, beside its tax; say so in the KFS"},
    )
    suspense_alone_max = Bounded(
        "0",
        "10000",
        load_default=Decimal(0),
        metadata={
            "description": "up to which amount one person alone places what is in suspense, or gives it back"
        },
    )
    presentations_max = _number(3, 1, 10, "debits of a mandate for one loan, the first one included")
    present_again_days = _number(3, 1, 30, "from a return for want of money to the next debit")

    nach = ma.fields.Nested(
        NachFile,
        load_default=None,
        allow_none=True,
        metadata={"description": "e-mandates are debited by file"},
    )

    due_reminders = ma.fields.List(
        ma.fields.Nested(DueReminder),
        load_default=lambda: [{"days_before": days, "channel": channel} for days, channel in _USUAL.items()],
        validate=ma.validate.Length(max=20),
        metadata={"description": "who has paid by then is not reminded"},
    )
    due_reminder_hour = _number(10, 8, 18, "of India, when they are sent")

    @ma.validates("allocation")
    def _names_each_once(self, allocation: list[str], data_key: str) -> None:
        if sorted(allocation) != sorted(PARTS):
            raise ma.ValidationError(f"Names each of {', '.join(PARTS)} once.")
