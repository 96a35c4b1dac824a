"""The CAM: three salary credits and the obligations in, FOIR, eligible loan and terms out, by the CAM rule set."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.banking import service as banking
from app.brands import service as brands
from app.cam import figures, overrides
from app.cam.models import CamCalculator
from app.core import audit, clock, identity
from app.core.errors import Conflict, Invalid, NotFound
from app.customers import service as customers
from app.loans import service as loans
from app.policies import service as policies
from pipelines.bsa import pay_day, repay_date
from pipelines.scalars import plain

RULESET = "cam"
EDITABLE = ("APPLIED",)
SUNDAY = 6
VERSION_DIGITS_MAX = 7
# what a client may send along of the server's own figures, and the figure each must equal
CHECKED = {
    "avg_salary": "avg_salary",
    "salary_variance": "salary_variance",
    "eligible_foir": "eligible_foir",
    "foir_achieved": "foir_achieved",
    "proposed_foir": "proposed_foir",
    "eligible_loan": "eligible_loan",
    "tenure": "tenure_days",
}


def save(loan_id: UUID, entered: dict[str, Any]) -> CamCalculator:
    """Work the CAM out and keep it as the next version.

    Raises Conflict once the loan has left the credit executive or somebody saved since `entered["version"]` was
    read; Forbidden for an override that is not the actor's right; Invalid naming the rules that refuse it and the
    field to mend, or a figure that was sent and is not what the server works out.
    """
    loan = loans.get(loan_id).locked()
    if loan.status not in EDITABLE:
        raise Conflict(f"The loan is {loan.status}; its CAM is closed.", state=loan.status)
    before = latest(loan.id)
    _refuse_stale(before, entered.pop("version"))
    sent = {name: entered.pop(name) for name in (*CHECKED, "loan_applied") if name in entered}
    overriding = overrides.facts(entered["overrides"])
    ruleset = policies.ruleset_for(RULESET, loan.customer_id)
    decision = figures.decide(ruleset, _facts(loan, entered) | overriding)
    computed = figures.told(decision)
    _refuse_differing(sent, computed | {"loan_applied": loan.applied_amount})
    cam = CamCalculator.create(
        loan_id=loan.id,
        customer_id=loan.customer_id,
        partner_user_id=identity.actor().id,
        version=before.version + 1 if before else 1,
        inputs=plain(
            entered
            | {
                "loan_applied": loan.applied_amount,
                "repay_date": computed["repaid_on"],
                "tenure": int(computed["tenure_days"]),
                "overrides": overrides.told(entered["overrides"], decision),
            }
        ),
        computed=computed,
        facts=plain(decision.as_dict()["inputs"]),
        ruleset_hash=policies.keep(decision.ruleset),
        remark=entered.get("remark"),
    )
    audit.record("cam.saved", "loan", loan.id, after={"version": cam.version, **_audited(cam)})
    return cam


def _audited(cam: CamCalculator) -> dict[str, Any]:
    kept = {name: value for name, value in cam.computed.items() if not isinstance(value, dict | list)}
    return kept | {"deviations": cam.computed["deviations"], "overrides": cam.inputs["overrides"]}


def _facts(loan: loans.Loan, entered: dict[str, Any]) -> dict[str, Any]:
    today, tiers = clock.today(), brands.settings()["city_tiers"]
    return {
        "decision_date": today,
        **{name: entered.get(name) for name in _ENTERED},
        **{f"salary_date_{n}": entered.get(f"salary_credit_date_{n}") for n in (1, 2, 3)},
        "city_tier": customers.facts(loan.customer_id, today, tiers).get("city_tier"),
        "loan_applied": loan.applied_amount,
        "loan_proposed": entered.get("loan_recommended"),
        "roi_percent_per_day": entered["roi"],
    }


_ENTERED = (
    *(f"salary_amount_{n}" for n in (1, 2, 3)),
    "actual_salary",
    "obligations",
    "next_pay_date",
    "disbursal_date",
    "repay_date",
)


def _refuse_stale(before: CamCalculator | None, version: int | None) -> None:
    now_at = before.version if before else 0
    if version is not None and version != now_at:
        raise Conflict(
            f"The CAM is at version {now_at} by now.", code="CAM_CHANGED", version=now_at, field="version"
        )


def _refuse_differing(sent: dict[str, Any], computed: dict[str, Any]) -> None:
    for name, value in sent.items():
        figure = computed[CHECKED.get(name, name)]
        if value is not None and (figure is None or Decimal(str(value)) != Decimal(str(figure))):
            raise Invalid(f"The server works out {figure}.", field=name, code="CAM_DIFFERS")


def _of(loan_id: UUID) -> Any:
    mine = CamCalculator.loan_id == loan_id
    return CamCalculator.select().where(mine).order_by(CamCalculator.version.desc())


def latest(loan_id: UUID) -> CamCalculator | None:
    """The CAM of a loan: its newest version."""
    return _of(loan_id).first()


def required(loan_id: UUID) -> CamCalculator:
    """The CAM of a loan. Raises Conflict when none was saved."""
    cam = latest(loan_id)
    if cam is None:
        raise Conflict("Save the CAM first.", code="CAM_MISSING")
    return cam


@dataclass(frozen=True)
class Terms:
    """What a loan may be given on. `columns` are the loan's own, `figures` the memo's as text."""

    columns: dict[str, Any]
    figures: dict[str, Any]

    @property
    def amount(self) -> Decimal:
        return self.columns["sanctioned_amount"]

    @property
    def eligible(self) -> Decimal:
        return Decimal(self.figures["eligible_loan"])

    @property
    def departures(self) -> list[dict[str, Any]]:
        """Each rule that the memo departs from: its id, code, reason, the values it saw and its thresholds."""
        return self.figures.get("departures", [])


def terms(cam: CamCalculator, amount: Decimal | None = None, tenure_days: int | None = None) -> Terms:
    """The terms of the CAM; with another amount or tenure as the same rules work them out from the same facts.

    Raises Invalid where the rules refuse those.
    """
    if amount is None and tenure_days is None:
        return Terms(figures.columns(cam.computed, _basics(cam)), cam.computed)
    if not cam.facts:
        raise Conflict("The CAM is of an older kind: save it again.", code="CAM_OUTDATED")
    facts = {**cam.facts, "loan_proposed": amount or Decimal(cam.computed["loan_recommended"])}
    if tenure_days:
        paid_out_on = date.fromisoformat(cam.facts["disbursal_date"])
        facts["repay_date"] = paid_out_on + timedelta(days=tenure_days)
    changed = figures.told(figures.decide(policies.compiled(RULESET, cam.ruleset_hash), facts))
    return Terms(figures.columns(changed, facts), changed)


def _basics(cam: CamCalculator) -> dict[str, Any]:
    return {"roi_percent_per_day": cam.inputs["roi"], "disbursal_date": cam.inputs["disbursal_date"]}


def describe(loan_id: UUID) -> dict[str, Any]:
    """The saved CAM, or where there is none what the bank statement suggests to start from."""
    loan = loans.get(loan_id)
    cam = latest(loan.id)
    return (_saved(cam) if cam else _suggested(loan)) | {"overridable": overrides.rights()}


def versions(loan_id: UUID) -> list[dict[str, Any]]:
    """Every version of a loan's CAM, newest first. Raises NotFound without the loan."""
    return [_saved(cam) for cam in _of(loans.get(loan_id).id)]


def version(loan_id: UUID, number: int | str) -> dict[str, Any]:
    """One version. Raises NotFound."""
    mine, text = _of(loans.get(loan_id).id), str(number)
    is_number = text.isdecimal() and len(text) <= VERSION_DIGITS_MAX
    cam = mine.where(CamCalculator.version == int(text)).first() if is_number else None
    if cam is None:
        raise NotFound("version of the CAM")
    return _saved(cam)


def _saved(cam: CamCalculator) -> dict[str, Any]:
    columns = ("loan_id", "version", "partner_user_id", "created_at")
    return {**cam.inputs, **cam.computed, **{name: getattr(cam, name) for name in columns}}


def _suggested(loan: loans.Loan) -> dict[str, Any]:
    known = banking.cam_prefill(loan.id)
    return {
        "loan_id": loan.id,
        "version": 0,
        "loan_applied": loan.applied_amount,
        **known,
        **_suggested_dates(known),
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
