"""The figures of a memo: the CAM rule set works them out, and the loan core writes the schedule that follows."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import rules
from app.core.errors import Invalid, Unavailable
from app.loans import quotes
from app.loans.schemas import QuoteOut
from pipelines.loans import TermsError
from pipelines.scalars import plain

# the loan's columns, and the figure of each
COLUMNS = {
    "sanctioned_amount": "loan_recommended",
    "processing_fee": "processing_fee",
    "gst_amount": "gst",
    "net_disbursal": "net_disbursal",
    "repayment_amount": "repayment_amount",
}
# what a schedule is; the rest of a quote is its details
SCHEDULE = "schedule"
# the field that a person has to mend
_MENDED_BY = {
    "DISBURSAL_IN_THE_PAST": "disbursal_date",
    "REPAYMENT_DATE_MISSING": "repay_date",
    "REPAYMENT_NOT_AFTER_DISBURSAL": "repay_date",
    "REPAYMENT_TOO_FAR": "repay_date",
    "LOAN_ABOVE_APPLIED": "loan_recommended",
    "SALARY_DATE_IN_THE_FUTURE": "salary_credit_date_1",
}


def decide(ruleset: rules.Ruleset, facts: Mapping[str, Any]) -> rules.Decision:
    """What the rules make of the facts. Raises Invalid naming the rules that refuse, and the field to mend."""
    try:
        decision = rules.decide(ruleset, facts)
    except rules.DecisionRefused as error:
        raise Unavailable(f"It cannot be worked out: {error}", code="DECISION_REFUSED") from error
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
    unknown = [name for name in (*COLUMNS.values(), "tenure_days") if decision.derived[name] is None]
    if unknown:
        raise Invalid("The terms cannot be worked out from this.", code="CAM_INCOMPLETE", unknown=unknown)
    return decision


def told(decision: rules.Decision) -> dict[str, Any]:
    """Every figure as text, the schedule (`repayment_data`), what it comes to (`repayment_details`), and where the
    memo departs from the policy (`departures`, in words `deviations`)."""
    quote = QuoteOut().dump(_quote(decision))
    return plain(
        dict(decision.derived)
        | {
            "apr_percent": quote["aprPercent"],
            "deviations": [said.reason for said in decision.reasons],
            "departures": [said.as_dict() for said in decision.reasons],
            "repayment_data": quote.pop(SCHEDULE),
            "repayment_details": quote,
        }
    )


def _quote(decision: rules.Decision) -> dict[str, Any]:
    terms, parameters = decision.derived, decision.ruleset.parameters
    try:
        return quotes.of_terms(
            terms["loan_recommended"],
            Decimal(decision.inputs["roi_percent_per_day"]),
            _day(decision.inputs["disbursal_date"]),
            _day(terms["repaid_on"]),
            terms["processing_fee"],
            gst_percent=Decimal(parameters["gst_percent"]),
            gst_included=parameters["gst_mode"] == "INCLUSIVE",
        )
    except TermsError:
        raise Invalid("The charges leave nothing to pay out.", code="CAM_INCOMPLETE") from None


def _day(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


def columns(figures: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    """What the figures propose for the loan, as the loan's own columns."""
    return {column: Decimal(figures[name]) for column, name in COLUMNS.items()} | {
        "roi_percent_per_day": Decimal(str(facts["roi_percent_per_day"])),
        "tenure_days": int(figures["tenure_days"]),
        "planned_disbursal_date": _day(facts["disbursal_date"]),
        "due_date": _day(figures["repaid_on"]),
    }
