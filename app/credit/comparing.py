"""Champion and challenger beside each other: every decision of an experiment, made by both sides."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from app.core.database import db
from app.core.money import rupees
from app.loans import service as loans
from app.policies import experiments
from app.policies.service import CHALLENGER, CHAMPION

OUTCOMES = ("APPROVE", "REFER", "REJECT")
SIDES = (CHAMPION, CHALLENGER)
REASONS_MAX = 50

# One row for each side of each decision: who said it to the customer, and who in the shadow.
_QUERY = """
SELECT d.id, d.loan_id, d.side, true AS served, d.outcome, t.record::jsonb -> 'reasons',
       t.record::jsonb -> 'offer' ->> 'offered_amount'
FROM decision d JOIN decision_text t ON t.brand_id = d.brand_id AND t.hash = d.record_hash
WHERE d.experiment_id = %(experiment)s
UNION ALL
SELECT s.decision_id, d.loan_id, s.side, false, s.outcome, s.record::jsonb -> 'reasons',
       s.record::jsonb -> 'offer' ->> 'offered_amount'
FROM shadow_decision s JOIN decision d ON d.brand_id = s.brand_id AND d.id = s.decision_id
WHERE s.experiment_id = %(experiment)s
"""


class Said(NamedTuple):
    """What one side said of one application. `outcome` is None where the shadow failed."""

    decision_id: UUID
    loan_id: UUID
    side: str
    served: bool
    outcome: str | None
    reasons: list[str] | None
    offered: str | None


def compare(experiment_id: UUID) -> dict[str, Any]:
    """Outcomes, reasons, offers and repayment of each side, and who moves between them.

    Figures are over the decisions that both sides made. `bad_rate` is over loans of which it is known, among
    those that the side would approve: of a shadow's own approvals nothing is known but what the champion lent.
    """
    experiment = experiments.get(experiment_id)
    rows = [Said(*row) for row in db.execute_sql(_QUERY, {"experiment": str(experiment.id)}).fetchall()]
    said = {side: {row.decision_id: row for row in rows if row.side == side} for side in SIDES}
    both = [id_ for id_ in said[CHAMPION] if _decided(said[CHAMPION][id_], said[CHALLENGER].get(id_))]
    pairs = [(said[CHAMPION][id_], said[CHALLENGER][id_]) for id_ in both]
    bad = dict(loans.known_outcomes())
    return {
        "experiment": experiment,
        "decisions": len({row.decision_id for row in rows}),
        "compared": len(pairs),
        "failures": sum(row.outcome is None for row in rows),
        "served": Counter(row.side for row in rows if row.served),
        "swaps": _matrix(pairs),
        "champion": _side((a for a, _ in pairs), bad),
        "challenger": _side((b for _, b in pairs), bad),
    }


def _decided(champion: Said, challenger: Said | None) -> bool:
    return challenger is not None and None not in (champion.outcome, challenger.outcome)


def _matrix(pairs: list[tuple[Said, Said]]) -> dict[str, dict[str, int]]:
    """From what the champion says to what the challenger says."""
    counts = Counter((a.outcome, b.outcome) for a, b in pairs)
    return {a: {b: counts[a, b] for b in OUTCOMES} for a in OUTCOMES}


def _side(rows: Iterable[Said], bad: dict[UUID, bool]) -> dict[str, Any]:
    rows = list(rows)
    outcomes = Counter(row.outcome for row in rows)
    approved = [row for row in rows if row.outcome == "APPROVE"]
    offers = [Decimal(row.offered) for row in approved if row.offered is not None]
    known = [bad[row.loan_id] for row in approved if row.loan_id in bad]
    return {
        "outcomes": {outcome: outcomes[outcome] for outcome in OUTCOMES},
        "approval_rate": _rate(len(approved), len(rows)),
        "reasons": dict(Counter(r for row in rows for r in row.reasons or ()).most_common(REASONS_MAX)),
        "offer_count": len(offers),
        "offered_amount": sum(offers, Decimal(0)),
        "offered_amount_average": rupees(sum(offers) / len(offers)) if offers else None,
        "repayment_known": len(known),
        "bad": sum(known),
        "bad_rate": _rate(sum(known), len(known)),
    }


def _rate(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
