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
from pipelines.loans import TermsError, bullet_apr_percent

RULESET = "cam"
EDITABLE = ("APPLIED",)
SUNDAY = 6


def save(loan_id: UUID, entered: dict[str, Any]) -> CamCalculator:
    """Work the CAM out and keep it as the next version.

    Raises Conflict once the loan has left the credit executive, Invalid naming the rules that refuse it and the
    field to mend: dates out of order, or a recommended loan above what was applied for.
    """
    loan = loans.get(loan_id)
    if loan.status not in EDITABLE:
        raise Conflict(f"The loan is {loan.status}; its CAM is closed.", state=loan.status)
    decision = rules.decide(policies.ruleset_for(RULESET, loan.customer_id), _inputs(loan, entered))
    _refuse(decision)
    cam = CamCalculator.create(
        loan_id=loan.id,
        customer_id=loan.customer_id,
        partner_user_id=identity.actor().id,
        version=_versions(loan.id) + 1,
        inputs=_plain({**entered, "loan_applied": loan.applied_amount, **_dates(decision)}),
        computed=_plain(
            dict(decision.derived)
            | {
                "apr_percent": _apr_percent(decision),
                "deviations": [said.reason for said in decision.reasons],
            }
        ),
        ruleset_hash=policies.keep(decision.ruleset),
        remark=entered.get("remark"),
    )
    audit.record("cam.saved", "loan", loan.id, after={"version": cam.version, **cam.computed})
    return cam


def _inputs(loan: loans.Loan, entered: dict[str, Any]) -> dict[str, Any]:
    tiers = brands.settings()["city_tiers"]
    today = clock.today()
    known = customers.facts(loan.customer_id, today, tiers)
    return {
        "decision_date": today,
        **{name: entered.get(name) for name in _ENTERED},
        "city_tier": known.get("city_tier"),
        "loan_applied": loan.applied_amount,
        "loan_proposed": entered.get("loan_recommended"),
        "roi_percent_per_day": entered["roi"],
    }


_ENTERED = (
    *(f"salary_amount_{n}" for n in (1, 2, 3)),
    "obligations",
    "next_pay_date",
    "disbursal_date",
    "repay_date",
    "processing_fee_percent",
)


def _dates(decision: rules.Decision) -> dict[str, Any]:
    """The repayment date and the tenure, which the rules take from the next pay date where no date was entered."""
    return {"repay_date": decision.derived["repaid_on"], "tenure": decision.derived["tenure_days"]}


def _apr_percent(decision: rules.Decision) -> Decimal:
    terms = decision.derived
    try:
        return bullet_apr_percent(terms["net_disbursal"], terms["repayment_amount"], terms["tenure_days"])
    except TermsError:
        raise Invalid("The charges leave nothing to pay out.", code="CAM_INCOMPLETE") from None


def _refuse(decision: rules.Decision) -> None:
    rejects = [reason for reason in decision.reasons if reason.effect == "reject"]
    if rejects:
        raise Invalid(
            "; ".join(reason.reason for reason in rejects),
            code="CAM_REFUSED",
            field=next(
                (_MENDED_BY[reason.rule_id] for reason in rejects if reason.rule_id in _MENDED_BY), None
            ),
            rules=[reason.rule_id for reason in rejects],
        )
    unknown = [name for name in (*_TERMS.values(), "tenure_days") if decision.derived[name] is None]
    if unknown:
        raise Invalid("The terms cannot be worked out from this.", code="CAM_INCOMPLETE", unknown=unknown)


# the field that a person has to mend
_MENDED_BY = {
    "DISBURSAL_IN_THE_PAST": "disbursal_date",
    "REPAYMENT_DATE_MISSING": "repay_date",
    "REPAYMENT_NOT_AFTER_DISBURSAL": "repay_date",
    "REPAYMENT_TOO_FAR": "repay_date",
    "LOAN_ABOVE_APPLIED": "loan_recommended",
}


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
