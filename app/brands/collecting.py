"""How a brand collects: what may be promised, how long a settlement stands, how soon a complaint is answered."""

import marshmallow as ma

from app.brands.repayment import DueReminder
from app.core.http import Schema

# days before an instalment of a settlement -> channel
_REMINDERS = {3: "SMS", 0: "SMS"}


def _number(default: int, minimum: int, maximum: int, meaning: str) -> ma.fields.Integer:
    return ma.fields.Integer(
        load_default=default,
        validate=ma.validate.Range(min=minimum, max=maximum),
        metadata={"description": meaning},
    )


class CollectionPolicy(Schema):
    """Days are of the calendar."""

    promise_days_max = _number(7, 1, 31, "how far ahead a promise to pay may be")
    promise_renewals_max = _number(3, 0, 20, "how many promises may be broken before no more is taken")
    promise_kept_percent = _number(95, 50, 100, "how much of it has to come in for a promise to be kept")
    settlement_instalments_max = _number(3, 1, 12, "in how many instalments a settlement may be paid")
    settlement_days_max = _number(
        90, 1, 90, "until its last instalment; what takes longer is a restructuring (RBI)"
    )
    settlement_grace_days = _number(3, 0, 15, "how late an instalment may come before the settlement lapses")
    settlement_reminders = ma.fields.List(
        ma.fields.Nested(DueReminder),
        load_default=lambda: [
            {"days_before": days, "channel": channel} for days, channel in _REMINDERS.items()
        ],
        validate=ma.validate.Length(max=20),
        metadata={"description": "of an instalment of a settlement; what has come in is not asked for"},
    )
    legal_notice_from_days = _number(60, 1, 365, "days past due from which on a legal notice may be sent")
    legal_notice_answer_days = _number(15, 7, 60, "within which a legal notice asks for payment")
    settlement_days = _number(7, 1, 90, "how long a settlement that was agreed to may be paid")
    complaint_escalate_days = _number(10, 1, 30, "until a complaint that nobody answered goes to the heads")
    complaint_days = _number(30, 1, 30, "until a complaint is answered; RBI allows 30")
