"""Who should have it: the brand's policy asked of every candidate, and the order that follows.

Functions of their arguments: the same matter, candidates and rule set give the same order.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import rules
from app.allocation.kinds import TABLE, Kind
from app.core.identity import Role
from app.core.money import ZERO
from app.staff.service import Colleague

ELIGIBLE, AWAY, FULL = "ELIGIBLE", "AWAY", "FULL"
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Place:
    """Where a customer lives, or somebody starts from."""

    pincode: str | None = None
    city: str | None = None
    state: str | None = None


@dataclass(frozen=True)
class Matter:
    """What is given out. `last_collector` collected the customer's last loan that was overdue, and was paid."""

    kind: Kind
    customer_id: UUID
    loan_id: UUID | None = None
    amount: Decimal = ZERO
    place: Place = Place()
    language: str | None = None
    bucket: str | None = None
    last_collector: UUID | None = None

    @property
    def role(self) -> Role:
        """Who works on it."""
        return TABLE[self.kind].role

    @property
    def subject_id(self) -> UUID:
        """The loan or, before there is one, the customer."""
        return self.loan_id or self.customer_id


@dataclass(frozen=True)
class Candidate:
    """Somebody with the role, and what they have in hand in it. `rating`: 0 to 1, None where nobody rated them."""

    who: Colleague
    in_hand: int = 0
    amount_in_hand: Decimal = ZERO
    last_allotted_at: datetime | None = None
    rating: Decimal | None = None


@dataclass(frozen=True)
class Scored:
    """What the policy says of a candidate. `standing`: ELIGIBLE, else why not; None where it cannot be told."""

    candidate: Candidate
    standing: str | None
    score: Decimal
    nearness: Decimal
    capacity: Decimal | None
    known: bool

    @property
    def user_id(self) -> UUID:
        return self.candidate.who.id

    @property
    def order(self) -> tuple:
        """Sorts whoever should have it first: by score, least amount in hand, longest without anything new, id."""
        last = self.candidate.last_allotted_at or _NEVER
        return (
            self.standing != ELIGIBLE,
            -self.score,
            self.candidate.amount_in_hand,
            last,
            self.user_id,
        )

    def told(self) -> dict[str, Any]:
        """As it is kept with the allotment."""
        return {
            "partnerUserId": str(self.user_id),
            "standing": self.standing or "UNKNOWN",
            "score": f"{self.score:.6f}",
            "nearness": f"{self.nearness:.2f}",
            "inHand": self.candidate.in_hand,
            "amountInHand": str(self.candidate.amount_in_hand),
            "capacity": None if self.capacity is None else int(self.capacity),
            "rating": None if self.candidate.rating is None else str(self.candidate.rating),
            "known": self.known,
        }


def knows(policy: rules.Ruleset, kind: Kind) -> bool:
    """Whether a rule set was written when there was such a kind."""
    return kind.value in policy.dictionary["kind"].values


def ticket_class(policy: rules.Ruleset, amount: Decimal) -> str | None:
    """The size of a loan, as the policy calls it."""
    return rules.compute(policy, {"amount": amount})["ticket_class"]


def terms(policy: rules.Ruleset, kind: Kind) -> dict[str, Any]:
    """What the policy says of a kind: `when_away`, `when_back`, `counted_days`."""
    said = rules.compute(policy, {"kind": kind.value})
    return {name: said[name] for name in ("when_away", "when_back", "counted_days")}


def rank(policy: rules.Ruleset, matter: Matter, candidates: Iterable[Candidate]) -> list[Scored]:
    """Everybody who was looked at, whoever should have it first; whoever may not have it comes last."""
    size = ticket_class(policy, matter.amount)
    scored = [_scored(policy, matter, size, candidate) for candidate in candidates]
    return sorted(scored, key=lambda one: one.order)


def chosen(ranked: Sequence[Scored]) -> Scored | None:
    """The first, if they may have it."""
    return ranked[0] if ranked and ranked[0].standing == ELIGIBLE else None


def _scored(policy: rules.Ruleset, matter: Matter, size: str | None, candidate: Candidate) -> Scored:
    who, known = candidate.who, candidate.who.id == matter.last_collector
    inputs = {
        "kind": matter.kind.value,
        "amount": matter.amount,
        "presence": "PRESENT" if who.present else AWAY,
        "in_hand": candidate.in_hand,
        "own_capacity": None if TABLE[matter.kind].apart else who.capacity,
        "rating": candidate.rating,
        "proximity": proximity(matter.place, Place(who.pincode, who.city, who.state)),
        "class_match": _class_match(who, matter.bucket, size),
        "language_match": _language_match(who, matter.language),
        "known": "YES_LAST_TIME" if known else "NO",
    }
    said = rules.compute(policy, inputs)
    return Scored(
        candidate=candidate,
        standing=said["standing"],
        score=said["score"] or ZERO,
        nearness=said["nearness"] or ZERO,
        capacity=said["capacity"],
        known=known,
    )


def proximity(customer: Place, mine: Place) -> str | None:
    """How near somebody is, by what is known of both; None where nothing is."""
    if not (customer.pincode or customer.city or customer.state):
        return None
    near = (
        ("SAME_PINCODE", customer.pincode, mine.pincode),
        ("SAME_AREA", (customer.pincode or "")[:3], (mine.pincode or "")[:3]),
        ("SAME_CITY", customer.city, mine.city),
        ("SAME_STATE", customer.state, mine.state),
    )
    return next((name for name, theirs, own in near if theirs and _alike(theirs, own)), "ELSEWHERE")


def _alike(theirs: str, own: str | None) -> bool:
    return own is not None and theirs.strip().casefold() == own.strip().casefold()


def _class_match(who: Colleague, bucket: str | None, size: str | None) -> str | None:
    wanted = [
        (kinds, one) for kinds, one in ((who.buckets, bucket), (who.ticket_classes, size)) if kinds and one
    ]
    if not wanted:
        return None
    return "FITS" if all(one in kinds for kinds, one in wanted) else "OTHER"


def _language_match(who: Colleague, language: str | None) -> str | None:
    if not who.languages or language is None:
        return None
    return "SPOKEN" if language in who.languages else "OTHER"
