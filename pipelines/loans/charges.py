"""What a loan costs beside interest: fees, insurance, stamp duty, and the tax on them."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import StrEnum

from pipelines.loans.conventions import DIGITS, PAISA, RUPEE, Rounding

ZERO = Decimal(0)


class PayableTo(StrEnum):
    """Who gets it: the lender, or somebody else through the lender. A Key Facts Statement tells the two apart."""

    LENDER = "LENDER"
    THIRD_PARTY = "THIRD_PARTY"


class Treatment(StrEnum):
    """Kept back from the disbursal, or lent on top of what was asked for."""

    DEDUCTED = "DEDUCTED"
    FINANCED = "FINANCED"


@dataclass(frozen=True)
class Charge:
    """A share of the amount, a flat amount, or both, rounded. `gst_included`: the tax is inside of it."""

    name: str
    percent: Decimal = ZERO
    flat: Decimal = ZERO
    gst_percent: Decimal = ZERO
    gst_included: bool = False
    payable_to: PayableTo = PayableTo.LENDER
    treatment: Treatment = Treatment.DEDUCTED
    rounding: Rounding = RUPEE


@dataclass(frozen=True)
class ChargeLine:
    """A charge on one loan: `base` without tax, `gst` on it."""

    charge: Charge
    base: Decimal
    gst: Decimal

    @property
    def total(self) -> Decimal:
        return self.base + self.gst


def charge_lines(charges: Iterable[Charge], amount: Decimal) -> tuple[ChargeLine, ...]:
    """What each charge comes to on an amount."""
    with localcontext(prec=DIGITS):
        return tuple(_line(charge, amount) for charge in charges)


def _line(charge: Charge, amount: Decimal) -> ChargeLine:
    charged = charge.rounding(amount * charge.percent / 100 + charge.flat)
    if charge.gst_included:
        gst = PAISA(charged * charge.gst_percent / (100 + charge.gst_percent))
        return ChargeLine(charge, charged - gst, gst)
    return ChargeLine(charge, charged, charge.rounding(charged * charge.gst_percent / 100))


def total_of(lines: Iterable[ChargeLine], kind: Treatment | PayableTo) -> Decimal:
    """Tax included, of one treatment or for one payee."""
    return sum(
        (line.total for line in lines if kind in (line.charge.treatment, line.charge.payable_to)), ZERO
    )
