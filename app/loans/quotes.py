"""What a loan would cost, told before anybody applies."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from app.brands import service as brands
from app.brands.products import BULLET, STEPS
from app.core import clock
from app.core.errors import Conflict, Invalid
from app.loans.service import within
from pipelines.loans import (
    EXACT,
    PAISA,
    BrokenPeriod,
    Charge,
    Conventions,
    DayCount,
    Frequency,
    Moratorium,
    PayableTo,
    Quote,
    Rate,
    Request,
    Rounding,
    TermsError,
    Treatment,
    due_dates,
    kfs_rows,
)
from pipelines.loans import quote as worked_out

DAYS_AHEAD_MAX = 60
FIRST_DUE_DAYS_MAX = 120
# Whole rupees on exact interest, the day of disbursal not counted: as the CAM works a loan out and the ledger books it.
HOUSE = Conventions(interest=EXACT)


def quote(
    amount: Decimal,
    tenure_days: int | None,
    instalments: int | None,
    disbursal_date: date | None,
    first_due_date: date | None,
) -> dict[str, Any]:
    """Schedule, charges, net amount, APR and key facts of a loan under the brand's product, by the policy in force.

    The rate is the product's, at most what the policy allows; a decision may lower it. Raises Invalid naming the field
    that makes no loan, Conflict where the brand has no credit policy.
    """
    settings, policy = brands.settings(), brands.policy()
    if policy is None:
        raise Conflict("This brand has no credit policy yet.", code="POLICY_MISSING")
    product, limits = settings["loan_product"], settings["loan_rules"]
    within("amount", amount, limits["amount_min"], limits["amount_max"])
    start = disbursal_date or clock.today()
    if not 0 <= (start - clock.today()).days <= DAYS_AHEAD_MAX:
        raise Invalid(f"A day from today to {DAYS_AHEAD_MAX} days on.", field="disbursal_date")
    if product["type"] == BULLET:
        rate = min(product["rate_percent_per_day"], policy["roi_percent_per_day_max"])
        request, conventions = _bullet(amount, rate, start, tenure_days, limits), HOUSE
    else:
        request = _instalments(amount, start, instalments, first_due_date, product)
        conventions = _conventions(product)
    try:
        return _told(worked_out(request, conventions, _charges(product, policy)))
    except TermsError as error:
        raise Invalid(f"No loan can be made of this: {error}.", field="amount", code="NO_SUCH_LOAN") from None


def of_terms(
    amount: Decimal,
    rate_percent_per_day: Decimal,
    disbursed_on: date,
    due_on: date,
    processing_fee: Decimal,
    *,
    gst_percent: Decimal,
    gst_included: bool,
) -> dict[str, Any]:
    """The same of a loan of one repayment whose terms are agreed. Raises TermsError where they make no loan."""
    request = Request(amount, Rate(rate_percent_per_day, "DAY"), disbursed_on, (due_on,))
    fee = Charge("Processing fee", flat=processing_fee, gst_percent=gst_percent, gst_included=gst_included)
    return _told(worked_out(request, HOUSE, [fee]))


def _bullet(
    amount: Decimal, rate: Decimal, start: date, tenure_days: int | None, limits: dict[str, Any]
) -> Request:
    if tenure_days is None:
        raise Invalid("This brand lends by days.", field="tenure_days")
    within("tenure_days", tenure_days, limits["tenure_days_min"], limits["tenure_days_max"])
    return Request(amount, Rate(rate, "DAY"), start, (start + timedelta(days=tenure_days),))


def _instalments(
    amount: Decimal, start: date, count: int | None, first: date | None, product: dict[str, Any]
) -> Request:
    if count is None:
        raise Invalid("This brand lends by instalments.", field="instalments")
    within("instalments", count, product["instalments_min"], product["instalments_max"])
    frequency = Frequency(product["frequency"])
    if first is None:
        # the same day of later months, or weeks on
        dues = due_dates(start, count + 1, frequency)[1:]
    elif start < first <= start + timedelta(days=FIRST_DUE_DAYS_MAX):
        dues = due_dates(first, count, frequency)
    else:
        told = f"A day after the disbursal, at most {FIRST_DUE_DAYS_MAX} days on."
        raise Invalid(told, field="first_due_date")
    return Request(amount, Rate(product["rate_percent_per_year"]), start, tuple(dues), is_bullet=False)


def _conventions(product: dict[str, Any]) -> Conventions:
    return Conventions(
        day_count=DayCount(product["day_count"]),
        frequency=Frequency(product["frequency"]),
        instalment=Rounding(STEPS[product["instalment_step"]], product["instalment_mode"]),
        interest=Rounding(STEPS.get(product["interest_step"])),
        broken_period=BrokenPeriod(product["broken_period"]),
        moratorium=Moratorium(product["moratorium"]),
        moratorium_periods=product["moratorium_periods"],
        disbursal_day_counts=product["disbursal_day_counts"],
    )


def _charges(product: dict[str, Any], policy: dict[str, Any]) -> list[Charge]:
    """The processing fee of the policy, and what the product has beside it."""
    fee = Charge(
        "Processing fee",
        percent=policy["processing_fee_percent"],
        gst_percent=policy["gst_percent"],
        gst_included=policy["gst_mode"] == "INCLUSIVE",
        treatment=_treatment(product),
    )
    more = [
        Charge(
            charge["name"],
            charge["percent"],
            charge["flat"],
            charge["gst_percent"],
            charge["gst_included"],
            PayableTo(charge["payable_to"]),
            Treatment(charge["treatment"]),
            PAISA,
        )
        for charge in product["charges"]
    ]
    return [fee, *more]


def _treatment(product: dict[str, Any]) -> Treatment:
    """The policy has the fee of a loan of one repayment kept back."""
    return Treatment.DEDUCTED if product["type"] == BULLET else Treatment(product["fee_treatment"])


def _told(made: Quote) -> dict[str, Any]:
    request, schedule = made.request, made.schedule.shown()
    return {
        "amount": request.amount,
        "principal": schedule.principal,
        "rate_percent": request.rate.percent,
        "rate_per": request.rate.per,
        "disbursal_date": request.disbursed_on,
        "due_date": schedule.rows[-1].due_date,
        "tenure_days": (schedule.rows[-1].due_date - request.disbursed_on).days,
        "schedule": [vars(row) | {"closing": row.closing} for row in schedule.rows],
        "charges": [
            vars(line.charge) | {"base": line.base, "gst": line.gst, "total": line.total}
            for line in made.charges
        ],
        "gst": made.gst,
        "charges_total": made.charges_total,
        "upfront_interest": schedule.upfront_interest,
        "interest": made.schedule.interest,
        "net_disbursal": made.net_disbursal,
        "repayment_amount": made.schedule.repayment,
        "apr_percent": made.apr_percent,
        "key_facts": kfs_rows(made),
    }
