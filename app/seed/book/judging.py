"""What the brand's own rules say. What is told alike is decided once."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import rules
from app.seed.book.lives import Band


@dataclass(frozen=True)
class Offer:
    """What a decision offers at most, and its prices."""

    amount: Decimal
    limit: Decimal
    tenure_days: int
    band: Band


@dataclass(frozen=True)
class Said:
    """A decision: the rules that reject and those that refer, what is offered, and its record."""

    outcome: str
    rejects: tuple[str, ...]
    refers: tuple[str, ...]
    offer: Offer | None
    record: str
    record_hash: str


class Judge:
    """A rule set, and what it said so far."""

    def __init__(self, ruleset: rules.Ruleset) -> None:
        self.ruleset = ruleset
        self._said: dict[tuple, Said] = {}

    def decide(self, told: Mapping[str, Any]) -> Said:
        """The decision on what is told of an application."""
        key = tuple(told.items())
        if key not in self._said:
            self._said[key] = _said(rules.decide(self.ruleset, told))
        return self._said[key]


def _said(decision: rules.Decision) -> Said:
    record = decision.as_bytes()
    by_effect: dict[str, list[str]] = {"reject": [], "refer": []}
    for reason in decision.reasons:
        by_effect[reason.effect].append(reason.rule_id)
    return Said(
        decision.outcome,
        tuple(by_effect["reject"]),
        tuple(by_effect["refer"]),
        _offer(decision.offer) if decision.offer else None,
        record.decode(),
        hashlib.sha256(record).hexdigest(),
    )


def _offer(terms: Mapping[str, Any]) -> Offer:
    return Offer(
        terms["offered_amount"],
        terms["offer_limit"],
        terms["offered_tenure_days"],
        Band(
            terms["tier"],
            Decimal(terms["roi_percent_per_day"]),
            Decimal(terms["processing_fee_percent"]),
        ),
    )
