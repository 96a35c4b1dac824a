"""How a brand takes its repayments."""

import marshmallow as ma

from app.core.http import Schema

# `app.ledger.events.Part`
PARTS = ("INTEREST", "PRINCIPAL", "PENAL", "CHARGE")


class RepaymentPolicy(Schema):
    """A loan keeps the `allocation` that its brand has on the day of its disbursal."""

    allocation = ma.fields.List(
        ma.fields.String(validate=ma.validate.OneOf(PARTS)),
        load_default=lambda: list(PARTS),
        metadata={"description": "the order in which a payment settles what is owed; each of the parts once"},
    )

    @ma.validates("allocation")
    def _names_each_once(self, allocation: list[str], data_key: str) -> None:
        if sorted(allocation) != sorted(PARTS):
            raise ma.ValidationError(f"Names each of {', '.join(PARTS)} once.")
