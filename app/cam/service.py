"""The CAM: three salary credits and the obligations in, FOIR, eligible loan and terms out, by the CAM rule set."""

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from peewee import fn

import rules
from app.banking import service as banking
from app.brands import service as brands
from app.cam.models import CamCalculator
from app.core import audit, clock, identity
from app.core.errors import Conflict, Invalid
from app.customers import service as customers
from app.loans import service as loans
from app.policies import service as policies
from pipelines.bsa import pay_day, repay_date

RULESET = "cam"
EDITABLE = ("APPLIED",)
SUNDAY = 6


def save(loan_id: UUID, entered: dict[str, Any]) -> CamCalculator:
    """Work the CAM out and keep it as the next version.

    Raises Conflict once the loan has left the credit executive, Invalid naming what does not fit: dates out of
    order, or a recommended loan above what was applied for.
    """
    loan = loans.get(loan_id)
    if loan.status not in EDITABLE:
        raise Conflict(f"The loan is {loan.status}; its CAM is closed.", state=loan.status)
    tenure_days = _tenure_days(entered["disbursal_date"], entered["repay_date"])
    decision = rules.decide(
        policies.ruleset_for(RULESET, loan.customer_id), _inputs(loan, entered, tenure_days)
    )
    _refuse(decision)
    cam = CamCalculator.create(
        loan_id=loan.id,
        customer_id=loan.customer_id,
        partner_user_id=identity.actor().id,
        version=_versions(loan.id) + 1,
        inputs=_plain({**entered, "tenure": tenure_days, "loan_applied": loan.applied_amount}),
        computed=_plain(
            dict(decision.derived) | {"deviations": [reason.reason for reason in decision.reasons]}
        ),
        ruleset_hash=policies.keep(decision.ruleset),
        remark=entered.get("remark"),
    )
    audit.record("cam.saved", "loan", loan.id, after={"version": cam.version, **cam.computed})
    return cam


def _tenure_days(disbursal: date, repay: date) -> int:
    if disbursal < clock.today():
        raise Invalid("The disbursal date is in the past.", field="disbursal_date")
    if repay <= disbursal:
        raise Invalid("The repayment date must come after the disbursal date.", field="repay_date")
    return (repay - disbursal).days


def _inputs(loan: loans.Loan, entered: dict[str, Any], tenure_days: int) -> dict[str, Any]:
    tiers = brands.settings()["city_tiers"]
    today = clock.today()
    known = customers.facts(loan.customer_id, today, tiers)
    return {
        "decision_date": today,
        **{f"salary_amount_{n}": entered.get(f"salary_amount_{n}") for n in (1, 2, 3)},
        "city_tier": known.get("city_tier"),
        "obligations": entered["obligations"],
        "loan_applied": loan.applied_amount,
        "loan_proposed": entered.get("loan_recommended"),
        "roi_percent_per_day": entered["roi"],
        "tenure_days": tenure_days,
        "processing_fee_percent": entered.get("processing_fee_percent"),
    }


def _refuse(decision: rules.Decision) -> None:
    rejects = [reason for reason in decision.reasons if reason.effect == "reject"]
    if rejects:
        raise Invalid(
            "; ".join(reason.reason for reason in rejects),
            code="CAM_REFUSED",
            rules=[reason.rule_id for reason in rejects],
        )


def _versions(loan_id: UUID) -> int:
    return CamCalculator.select(fn.COUNT(CamCalculator.id)).where(CamCalculator.loan_id == loan_id).scalar()


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return json.loads(json.dumps(values, default=str))


def latest(loan_id: UUID) -> CamCalculator | None:
    """The CAM of a loan: its newest version."""
    mine = CamCalculator.loan_id == loan_id
    return CamCalculator.select().where(mine).order_by(CamCalculator.version.desc()).first()


def required(loan_id: UUID) -> CamCalculator:
    """The CAM of a loan. Raises Conflict when none was saved."""
    cam = latest(loan_id)
    if cam is None:
        raise Conflict("Save the CAM first.", code="CAM_MISSING")
    return cam


def terms(cam: CamCalculator) -> dict[str, Any]:
    """What the CAM proposes for the loan, as the loan's own columns."""
    computed = {name: Decimal(cam.computed[name]) for name in _TERMS.values()}
    return {column: computed[name] for column, name in _TERMS.items()} | {
        "roi_percent_per_day": Decimal(str(cam.inputs["roi"])),
        "tenure_days": cam.inputs["tenure"],
        "planned_disbursal_date": date.fromisoformat(cam.inputs["disbursal_date"]),
        "due_date": date.fromisoformat(cam.inputs["repay_date"]),
    }


def _suggested_dates(known: dict[str, Any]) -> dict[str, Any]:
    """Paid out today and repaid on the first pay day within the tenures of the brand, Sundays left out.

    Nothing where the statement shows no salary, or no pay day fits: then a person decides.
    """
    credited = [known.get(f"salary_credit_date_{n}") for n in (1, 2, 3)]
    paid_on = [date.fromisoformat(day) for day in credited if day]
    if not paid_on:
        return {}
    allowed, today = brands.settings()["loan_rules"], clock.today()
    shortest, longest = allowed["tenure_days_min"], allowed["tenure_days_max"]
    window = [today + timedelta(days=days) for days in range(longest + 1)]
    repaid_on = repay_date(
        pay_day(paid_on),
        disbursed_on=today,
        tenure_days_min=shortest,
        tenure_days_max=longest,
        closed_days={day for day in window if day.weekday() == SUNDAY},
    )
    if repaid_on is None:
        return {}
    return {
        "disbursal_date": today.isoformat(),
        "repay_date": repaid_on.isoformat(),
        "tenure": (repaid_on - today).days,
    }


_TERMS = {
    "sanctioned_amount": "loan_recommended",
    "processing_fee": "processing_fee",
    "gst_amount": "gst",
    "net_disbursal": "net_disbursal",
    "repayment_amount": "repayment_amount",
}


def describe(loan_id: UUID) -> dict[str, Any]:
    """The saved CAM, or where there is none what the bank statement suggests to start from."""
    loan = loans.get(loan_id)
    cam = latest(loan.id)
    if cam is None:
        known = banking.cam_prefill(loan.id)
        return {
            "loan_id": loan.id,
            "version": 0,
            "loan_applied": loan.applied_amount,
            **known,
            **_suggested_dates(known),
        }
    identity_columns = {
        name: getattr(cam, name) for name in ("loan_id", "version", "partner_user_id", "created_at")
    }
    return {**cam.inputs, **cam.computed, **identity_columns}
