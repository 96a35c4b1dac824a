"""What is given up of a debt: proposed by one, agreed to by others with the authority that the brand's policy asks for.
Of a loan that was written off it is what is lost of it still: part of it is given up by a settlement alone, so that the
customer is asked for less only where something comes in, and all of it by a waiver.

The policy is the rule set `waiver`. Whoever proposed does not agree, nor whoever sanctioned the loan.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from peewee import ModelSelect

import rules
from app.closure import service as closure
from app.collections import claims
from app.collections.claims import Claim
from app.collections.collected import RECOVERED_IN, refuse_others
from app.collections.concessions import instalments as parts_of
from app.collections.concessions import settling
from app.collections.concessions.instalments import Plan
from app.collections.models import Concession
from app.collections.promises import policy
from app.collections.states import CONCESSION, DONE, OFFERED, PROPOSED, REJECTED, move_remarked
from app.core import clock, identity, states
from app.core.errors import Conflict, Forbidden, Invalid
from app.core.identity import Role
from app.core.money import ZERO
from app.ledger import service as ledger
from app.ledger.events import Part
from app.loans import service as loans
from app.payments import service as payments
from app.policies import service as policies

WAIVER, SETTLEMENT, WRITE_OFF = "WAIVER", "SETTLEMENT", "WRITE_OFF"
KINDS = (WAIVER, SETTLEMENT, WRITE_OFF)
MANAGER, HEAD, ADMIN = "COLLECTION_MANAGER", "COLLECTION_HEAD", "ADMIN"

_ADMINS = frozenset({Role.SUPER_ADMIN, Role.ADMIN})
# level -> who may say yes at it
MAY_SIGN: Mapping[str, frozenset[Role]] = {
    MANAGER: _ADMINS | {Role.COLLECTION_MANAGER, Role.COLLECTION_HEAD},
    HEAD: _ADMINS | {Role.COLLECTION_HEAD},
    ADMIN: _ADMINS,
}
# what the policy says -> the levels, each by somebody else
LEVELS: Mapping[str, tuple[str, ...]] = {
    "COLLECTION_MANAGER": (MANAGER,),
    "COLLECTION_HEAD": (HEAD,),
    "COLLECTION_HEAD_AND_ADMIN": (HEAD, ADMIN),
}
_SETTLES = (Part.PRINCIPAL, Part.INTEREST, Part.PENAL, Part.CHARGE)
_HIGHEST = "COLLECTION_HEAD_AND_ADMIN"
_HEIGHT = {name: height for height, name in enumerate(LEVELS)}
_SANCTIONS = ("SANCTION_MANAGER_APPROVED", "APPROVED")


def propose(
    loan_id: UUID | str,
    kind: str,
    reason: str,
    waived: Mapping[str, Decimal] | None = None,
    amount: Decimal | None = None,
    instalments: Plan = (),
) -> Concession:
    """Propose a waiver of `waived` (by part), a settlement for `amount`, in `instalments` or at once, or a write-off.

    What a settlement gives up is what would be owed on its last day. A waiver of what was written off is of all of it,
    also if `waived` does not say so. Raises Invalid for figures that do not fit what is
    owed today, Conflict where one is open already, where nothing is collected, and where the policy rejects it.
    """
    loan = loans.get(loan_id).locked()
    _refuse_closed(loan, kind)
    owed = claims.of(loan, clock.today())
    if waived and kind != WAIVER:
        raise Invalid("Only a waiver has it.", field="waived")
    _check_settlement(kind, amount, instalments, owed)
    at_last = claims.of(loan, instalments[-1].due_on) if instalments else owed
    parts = _given_up(loan, kind, at_last, waived or {}, amount)
    said = _asked(loan, kind, at_last, parts)
    concession = Concession.create(
        loan_id=loan.id,
        customer_id=loan.customer_id,
        kind=kind,
        status=PROPOSED,
        amount=amount,
        instalments=parts_of.stored(instalments),
        waived={part.value: str(value) for part, value in parts.items() if value},
        total_due=owed.total,
        days_past_due=owed.days_past_due,
        authority=_authority(kind, said),
        warnings=[reason.reason for reason in said.reasons],
        ruleset_hash=said.ruleset.hash,
        reason=reason,
        proposed_by=identity.actor().id,
    )
    CONCESSION.start(concession)
    return concession


def _check_settlement(kind: str, amount: Decimal | None, plan: Plan, owed: Claim) -> None:
    if kind != SETTLEMENT:
        for field, told in (("amount", amount), ("instalments", plan)):
            if told:
                raise Invalid("Only a settlement has it.", field=field)
        return
    if amount is None or not 0 < amount < owed.total:
        raise Invalid(f"Above zero and below {owed.total}, which is owed.", field="amount")
    if plan:
        limits = policy()
        parts_of.check(
            plan,
            amount,
            clock.today(),
            parts_max=limits["settlement_instalments_max"],
            days_max=limits["settlement_days_max"],
        )


def _refuse_closed(loan: loans.Loan, kind: str) -> None:
    refuse_others(loan, RECOVERED_IN)
    if (loan.status, kind) == (claims.WRITTEN_OFF, WRITE_OFF):
        raise Conflict("It is written off already.", code="WRITTEN_OFF_ALREADY")
    standing = Concession.status.in_((PROPOSED, OFFERED))
    if Concession.select().where(Concession.loan_id == loan.id, standing).exists():
        raise Conflict("Something is proposed on this loan already.", code="CONCESSION_OPEN")


def _given_up(
    loan: loans.Loan, kind: str, owed: Claim, waived: Mapping[str, Decimal], amount: Decimal | None
) -> dict[Part, Decimal]:
    """How much of each part would be given up. The amount of a settlement is taken for principal first, whatever the
    order in which the ledger books payments: what is lost of it is what the policy looks at."""
    due = owed.parts
    if kind == WRITE_OFF:
        return dict(due)
    if kind == WAIVER:
        return _waived(loan, due, {Part(part): value for part, value in waived.items() if value})
    left, given_up = amount or ZERO, {}
    for part in _SETTLES:
        paid = min(left, due[part])
        left, given_up[part] = left - paid, due[part] - paid
    return given_up


def _waived(loan: loans.Loan, due: Mapping[Part, Decimal], asked: dict[Part, Decimal]) -> dict[Part, Decimal]:
    if loan.status == claims.WRITTEN_OFF:
        everything = {part: value for part, value in due.items() if value}
        if asked not in ({}, everything):
            raise Conflict(
                "It was written off: all that is lost is waived, or less of it by a settlement.",
                field="waived",
                code="ALL_OR_SETTLE",
            )
        return everything
    if not asked:
        raise Invalid("Say what is waived.", field="waived")
    for part, value in asked.items():
        if not 0 < value <= due[part]:
            raise Invalid(f"{due[part]} of {part} is owed.", field="waived", code="MORE_THAN_OUTSTANDING")
    return asked


def _waived_before(loan: loans.Loan) -> dict[Part, Decimal]:
    done = Concession.loan_id == loan.id, Concession.kind == WAIVER, Concession.status == DONE
    waivers = [row.waived for row in Concession.select(Concession.waived).where(*done)]
    return {part: sum((Decimal(waived.get(part.value, 0)) for waived in waivers), ZERO) for part in Part}


def _asked(loan: loans.Loan, kind: str, owed: Claim, parts: Mapping[Part, Decimal]) -> rules.Decision:
    """What the policy says of it and of what was waived of the loan before: nobody's limit grows by asking in parts. It
    knows principal, interest and penal charges: other charges go with the last."""
    before = _waived_before(loan)
    due = {part: value + before[part] for part, value in owed.parts.items()}
    given_up = {part: parts.get(part, ZERO) + before[part] for part in Part}
    said = rules.decide(
        policies.ruleset_for("waiver"),
        {
            "decision_date": clock.today(),
            "request": kind,
            "days_past_due": owed.days_past_due,
            "principal_due": due[Part.PRINCIPAL],
            "interest_due": due[Part.INTEREST],
            "penal_due": due[Part.PENAL] + due[Part.CHARGE],
            "principal_waived": given_up[Part.PRINCIPAL],
            "interest_waived": given_up[Part.INTEREST],
            "penal_waived": given_up[Part.PENAL] + given_up[Part.CHARGE],
        },
    )
    if said.outcome == rules.REJECT:
        raise Conflict("; ".join(reason.reason for reason in said.reasons), code="AGAINST_POLICY")
    return said


def _authority(kind: str, said: rules.Decision) -> str:
    """Whose yes it takes. A write-off takes that of a collection head, whatever a brand's policy says."""
    asked = _HIGHEST if said.outcome == rules.REFER else said.derived["authority"]
    least = HEAD if kind == WRITE_OFF else MANAGER
    return max(asked, least, key=_HEIGHT.__getitem__)


def approve(concession_id: UUID | str) -> Concession:
    """Say yes, at the level that is open. With the last one it happens: a waiver and a write-off at once, a settlement
    once its amount was paid.

    Raises Forbidden for who proposed it or sanctioned the loan, and without the level's authority; Conflict where it is
    decided already, or so much more is owed by now that the policy asks for others.
    """
    found = Concession.find(concession_id)
    # the loan before the concession, as everywhere
    loan = loans.get(found.loan_id).locked()
    concession = found.locked()
    if concession.status != PROPOSED:
        raise Conflict(f"It is {concession.status}.", code="ALREADY_DECIDED")
    _refuse_partial(concession, loan)
    _refuse_outgrown(concession, loan)
    level = _open_level(concession)
    signed = {"by": identity.actor().id, "level": level, "at": clock.now().isoformat()}
    concession.change(approvals=[*concession.approvals, signed])
    if len(concession.approvals) < len(LEVELS[concession.authority]):
        return concession
    decided = {"decided_by": identity.actor().id, "decided_at": clock.now()}
    return _CARRY_OUT[concession.kind](concession, loan, decided)


def _refuse_partial(concession: Concession, loan: loans.Loan) -> None:
    who = identity.actor().id
    if who == concession.proposed_by or who in {signed["by"] for signed in concession.approvals}:
        raise Forbidden("Somebody else has to agree.", code="NEEDS_ANOTHER_PERSON")
    sanctioned = {step.actor_id for step in states.history(loan.id) if step.to_state in _SANCTIONS}
    if who in sanctioned:
        raise Forbidden("Whoever sanctioned the loan does not give it up.", code="SANCTIONED_BY_THEM")


def _refuse_outgrown(concession: Concession, loan: loans.Loan) -> None:
    """What is given up of a debt that has grown may take a higher yes than the one that was asked for."""
    plan = parts_of.read(concession.instalments)
    owed = claims.of(loan, plan[-1].due_on if plan else clock.today())
    waived = {part: Decimal(value) for part, value in concession.waived.items()}
    parts = _given_up(loan, concession.kind, owed, waived, concession.amount)
    said = _asked(loan, concession.kind, owed, parts)
    if _HEIGHT[_authority(concession.kind, said)] > _HEIGHT[concession.authority]:
        raise Conflict("More would be given up by now: propose it again.", code="OUTGROWN")


def _open_level(concession: Concession) -> str:
    level = LEVELS[concession.authority][len(concession.approvals)]
    if not MAY_SIGN[level] & identity.actor().roles:
        raise Forbidden(f"This needs the yes of: {level}.", code=f"NEEDS_{level}")
    return level


def _waive(concession: Concession, loan: loans.Loan, decided: dict[str, Any]) -> Concession:
    for part, value in concession.waived.items():
        ledger.waive(loan, Part(part), Decimal(value), clock.today(), f"{concession.id}:{part}")
    with identity.acting(identity.SYSTEM):
        payments.advance(loan.id)
    return CONCESSION.move(concession, DONE, **decided)


def _write_off(concession: Concession, loan: loans.Loan, decided: dict[str, Any]) -> Concession:
    ledger.write_off(loan, clock.today(), str(concession.id))
    closure.end_in(loan, "WRITE_OFF")
    return CONCESSION.move(concession, DONE, **decided)


_CARRY_OUT = {WAIVER: _waive, SETTLEMENT: settling.offer, WRITE_OFF: _write_off}


def reject(concession_id: UUID | str, remark: str) -> Concession:
    """Say no."""
    decided = {"decided_by": identity.actor().id, "decided_at": clock.now()}
    return move_remarked(CONCESSION, Concession.find(concession_id), REJECTED, remark, **decided)


def search(args: Mapping[str, Any]) -> ModelSelect:
    """Concessions by state, kind and loan."""
    return Concession.asked(**{name: args[name] for name in ("status", "kind", "loan_id")})
