"""Why a decision came out as it did: for staff with every value and where it is from, for customers in plain words."""

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import rules
from app.bureau.names import COMPANIES, Company
from app.core.errors import Unavailable
from app.credit.models import CreditDecision
from app.loans import service as loans
from app.loans.service import Loan
from app.policies import service as policies
from rules.counterfactual import Outlook, what_would_change
from rules.describing import inputs_behind
from rules.language.values import shown

PRINCIPAL_REASONS_MAX = 4
BUREAU = "bureau_report:"
GENERAL_REASON = "We are unable to process your request at this time."
VERBS = {"APPROVE": "Approved", "REFER": "Referred to a person", "REJECT": "Rejected"}
# how far a customer is told that their application is; every other state of a loan is beyond the decision
STANDING = {
    "APPLIED": "UNDER_REVIEW",
    "HOLD": "UNDER_REVIEW",
    "CREDIT_EXECUTIVE_APPROVED": "UNDER_REVIEW",
    "SANCTION_MANAGER_APPROVED": "UNDER_REVIEW",
    "REJECTED": "DECLINED",
    "CANCELLED": "WITHDRAWN",
}


def explain(decision: CreditDecision) -> dict[str, Any]:
    """For staff: the outcome in words, and of each reason its value, threshold and the source of every datum.

    `what_would_change` has the smallest changes that would have helped, each decided on before it is told.
    """
    record, ruleset = json.loads(decision.record), _ruleset(decision)
    verdicts = {verdict["rule_id"]: verdict for verdict in record["verdicts"]}
    reasons = [verdicts[rule_id] for rule_id in record["reasons"]]
    return {
        "decision": decision,
        "summary": _summary(decision, reasons),
        "explained": [
            {
                "rule_id": verdict["rule_id"],
                "reason": verdict["reason"],
                "data": [_datum(name, record, decision, ruleset) for name in _behind(ruleset, verdict)],
                "thresholds": verdict["thresholds"],
            }
            for verdict in reasons
        ],
        "data": [_datum(name, record, decision, ruleset) for name in record["inputs"]],
        "what_would_change": _outlook(ruleset, record).as_dict(),
    }


def _behind(ruleset: rules.Ruleset, verdict: dict[str, Any]) -> list[str]:
    """What a rule read, and then what that was worked out of."""
    read = list(verdict["values"])
    return read + sorted(inputs_behind(ruleset, read) - set(read))


def _ruleset(decision: CreditDecision) -> rules.Ruleset:
    return policies.compiled(decision.ruleset_name, decision.ruleset_hash)


def _summary(decision: CreditDecision, reasons: list[dict[str, Any]]) -> str:
    told = "; ".join(reason["reason"] for reason in reasons) or "no rule speaks against it"
    return f"{VERBS[decision.outcome]}: {told}."


def _datum(
    name: str, record: dict[str, Any], decision: CreditDecision, ruleset: rules.Ruleset
) -> dict[str, Any]:
    """One input or derived value: what it is, and which record of ours said it."""
    feature = ruleset.dictionary.get(name)
    value = record["inputs"].get(name, record["derived"].get(name))
    style = "money" if feature and feature.type == "money" else ""
    return {
        "name": name,
        "value": value,
        "shown": shown(_readable(value, style), style),
        "unit": feature.unit if feature else "",
        "meaning": feature.meaning if feature else "worked out by the rules",
        "source": feature.source if feature else "rules",
        "origin": decision.lineage.get(name),
    }


def _readable(value: Any, style: str) -> Any:
    if isinstance(value, dict):
        return None  # what could not be read
    return Decimal(value) if style and value is not None else value


def _outlook(ruleset: rules.Ruleset, record: dict[str, Any]) -> Outlook:
    try:
        return what_would_change(ruleset, record["inputs"])
    except rules.DecisionRefused as error:
        raise Unavailable(f"It cannot be explained: {error}", code="DECISION_REFUSED") from error


def for_customer(loan: Loan, decision: CreditDecision) -> dict[str, Any]:
    """For the customer: how it stands; when declined the principal reasons, and what would help.

    No values, no thresholds, no rule. What a person decided has the words of its code in the catalogue, and what
    waits for a person has no reason yet.
    """
    status = STANDING.get(loan.status, "ACCEPTED")
    told = {"loan_id": loan.id, "status": status, "decided_at": decision.created_at, "reasons": []}
    if status != "DECLINED":
        return told
    if decision.outcome != rules.REJECT:
        return told | {"reasons": [loans.told_reason(loan.id) or GENERAL_REASON]}
    record, ruleset = json.loads(decision.record), _ruleset(decision)
    return told | {
        "reasons": record["customer_reasons"][:PRINCIPAL_REASONS_MAX],
        "bureau": _bureau(record, decision, ruleset),
        "what_would_help": list(_outlook(ruleset, record).for_customer),
    }


def _bureau(
    record: dict[str, Any], decision: CreditDecision, ruleset: rules.Ruleset
) -> dict[str, str] | None:
    """Whose credit report a principal reason rests on, and the right to a copy of it."""
    verdicts = [v for v in record["verdicts"] if v["rule_id"] in record["reasons"]]
    read = inputs_behind(ruleset, (name for verdict in verdicts for name in verdict["values"]))
    company = _company(decision.lineage.get(name) for name in sorted(read))
    if company is None:
        return None
    return {
        "name": company.name,
        "notice": f"This decision used your credit report from {company.name}. You may ask them for one full report a "
        "year free of charge, and to correct what is wrong in it.",
        "free_report_url": company.free_report_url,
    }


def _company(origins: Iterable[dict[str, str] | None]) -> Company | None:
    sources = [origin["source"] for origin in origins if origin]
    bureau = next((source.removeprefix(BUREAU) for source in sources if source.startswith(BUREAU)), None)
    return COMPANIES.get(bureau) if bureau else None
