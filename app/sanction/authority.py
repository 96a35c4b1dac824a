"""Who must say yes: the delegation of authority is the brand's policy, the levels and who may sign them are here."""

from collections.abc import Mapping
from typing import Any

import rules
from app.cam import service as cams
from app.core import clock
from app.core.errors import Conflict, Forbidden
from app.core.identity import Role, actor
from app.credit import service as credit
from app.loans import service as loans
from app.policies import service as policies

EXECUTIVE, MANAGER, HEAD, ADMIN = "CREDIT_EXECUTIVE", "SANCTION_MANAGER", "SANCTION_HEAD", "ADMIN"

_ADMINS = frozenset({Role.SUPER_ADMIN, Role.ADMIN})
HEADS = _ADMINS | {Role.SANCTION_HEAD}
MAY_SIGN: Mapping[str, frozenset[Role]] = {
    EXECUTIVE: _ADMINS | {Role.CREDIT_EXECUTIVE},
    MANAGER: HEADS | {Role.SANCTION_MANAGER},
    HEAD: HEADS,
    ADMIN: _ADMINS,
}
# what the policy says -> the levels above the credit executive, each by somebody else
LEVELS: Mapping[str, tuple[str, ...]] = {
    "SANCTION_MANAGER": (MANAGER,),
    "SANCTION_HEAD": (MANAGER, HEAD),
    "SANCTION_HEAD_AND_ADMIN": (MANAGER, HEAD, ADMIN),
}


def policy() -> Mapping[str, Any]:
    """The hours and days of the brand's sanction policy."""
    return rules.compute(policies.ruleset_for("sanction"), {})


def needed(loan: loans.Loan, terms: cams.Terms, deviations: int) -> str:
    """Whose authority a sanction on these terms asks for: a key of LEVELS. Raises Conflict where it is nobody's."""
    decision = credit.latest(loan.id)
    said = rules.decide(
        policies.ruleset_for("sanction"),
        {
            "decision_date": clock.today(),
            "loan_amount": terms.amount,
            "decision_outcome": decision.outcome if decision else None,
            "deviation_count": deviations,
            "risk_tier": credit.risk_tier(decision) if decision else None,
            "loan_share_percent": terms.figures.get("loan_share_percent"),
            "tenure_days": terms.columns["tenure_days"],
            "send_back_count": loan.send_back_count,
        },
    )
    if said.outcome != rules.APPROVE:
        raise Conflict("; ".join(reason.reason for reason in said.reasons), code="NOT_SANCTIONABLE")
    return said.derived["authority"]


def may_send_back(loan: loans.Loan) -> bool:
    """Whether the file may go back once more; else it is decided as it is."""
    facts = {"send_back_count": loan.send_back_count}
    return bool(rules.compute(policies.ruleset_for("sanction"), facts)["may_send_back"])


def level_to_sign(authority: str, signed: set[str], *, final: bool) -> str:
    """The level at which the actor's yes counts now. `final`: the file is beyond the manager.

    Raises Forbidden naming the level that is needed and is not the actor's.
    """
    open_levels = _beyond_manager(authority, signed) if final else [MANAGER]
    for level in open_levels:
        if MAY_SIGN[level] & actor().roles:
            return level
    raise Forbidden(f"This loan needs the yes of: {', '.join(open_levels)}.", code=f"NEEDS_{open_levels[0]}")


def _beyond_manager(authority: str, signed: set[str]) -> list[str]:
    """What is open there. A head who brings the amount down into a manager's authority still signs as head."""
    return [level for level in LEVELS[authority] if level not in {MANAGER, *signed}] or [HEAD]


def is_complete(authority: str, signed: set[str]) -> bool:
    """Whether every level has signed."""
    return set(LEVELS[authority]) <= signed
