"""The register of breaches of personal data: what happened, whom it affects, and who has to be told by when.

DPDP Act 2023 s. 8(6) and DPDP Rules 2025, rule 7. The affected are told from here; authorities by a person, who notes
it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from peewee import Expression, ModelSelect, fn

from app.core import audit, clock, identity
from app.core.database import insert_rows
from app.core.errors import Conflict, Invalid, NotFound
from app.core.http import paginate
from app.core.ids import new_id
from app.core.numbers import next_number
from app.core.outbox import enqueue
from app.customers import service as customers
from app.messaging import service as messaging
from app.privacy.models import BreachIntimation, BreachPerson, DataBreach
from app.privacy.states import BREACH, CLOSED

# what those whom it affects have a right to know (rule 7(1)), and what the Board is told beside (rule 7(2))
FOR_AFFECTED = ("nature", "extent", "consequences", "measures", "safety", "contact")
FACTS = (*FOR_AFFECTED, "place", "cause", "caused_by", "remedies")
CERT_IN, BOARD, BOARD_REPORT, AFFECTED = "CERT_IN", "BOARD", "BOARD_REPORT", "AFFECTED"
AUTHORITIES = (CERT_IN, BOARD, BOARD_REPORT)
REPORT_WITHIN = timedelta(hours=72)
CHUNK = 500
_SORTABLE = {"awareAt": DataBreach.aware_at, "reportDueAt": DataBreach.report_due_at}


@dataclass(frozen=True)
class Duty:
    """Who has to be told of a breach, within so many hours of our knowing; None: without delay."""

    to: str
    hours: int | None
    basis: str


DUTIES = (
    Duty(CERT_IN, 6, "CERT-In directions of 28 April 2022, (ii)"),
    Duty(BOARD, None, "DPDP Rules 2025, rule 7(2)(a)"),
    Duty(BOARD_REPORT, 72, "DPDP Rules 2025, rule 7(2)(b)"),
    Duty(AFFECTED, None, "DPDP Act 2023 s. 8(6); DPDP Rules 2025, rule 7(1)"),
)


def record(values: Mapping[str, Any]) -> DataBreach:
    """Put a breach into the register. Raises Invalid naming an instant that cannot be."""
    values = {**values, "facts": _facts({}, values["facts"])}
    _refuse_impossible(values)
    due_at = values.pop("report_due_at") or values["aware_at"] + REPORT_WITHIN
    breach = DataBreach.create(
        **values, breach_no=next_number("BR"), status=BREACH.initial, report_due_at=due_at
    )
    BREACH.start(breach)
    audit.record("data_breach.written", "data_breach", breach.id, after=_told(breach))
    return described(breach)


def change(breach_id: UUID, values: Mapping[str, Any]) -> DataBreach:
    """Write down what is known by now. Raises NotFound, Invalid, Conflict once it is closed."""
    breach = _open(breach_id)
    before, values = _told(breach), dict(values)
    if "facts" in values:
        values["facts"] = _facts(breach.facts, values["facts"])
    _refuse_impossible({name: values.get(name, getattr(breach, name)) for name in _INSTANTS})
    breach.change(**values)
    audit.record("data_breach.written", "data_breach", breach.id, before=before, after=_told(breach))
    return described(breach)


_INSTANTS = ("occurred_at", "occurred_until", "aware_at")


def _facts(known: Mapping[str, str], said: Mapping[str, str | None]) -> dict[str, str]:
    return {name: text for name, text in {**known, **said}.items() if text}


def _refuse_impossible(values: Mapping[str, Any]) -> None:
    began, ended, aware = (values[name] for name in _INSTANTS)
    if ended is not None and ended < began:
        raise Invalid("Ends before it begins.", field="occurred_until")
    if not began <= aware <= clock.now():
        raise Invalid("Must be from when it began until now.", field="aware_at")


def _told(breach: DataBreach) -> dict[str, Any]:
    instants = {name: getattr(breach, name) for name in (*_INSTANTS, "report_due_at")}
    told = {name: at and at.isoformat() for name, at in instants.items()}
    return told | {"facts": breach.facts, "data_classes": breach.data_classes}


def _open(breach_id: UUID) -> DataBreach:
    breach = DataBreach.find(breach_id).locked()
    if breach.status == CLOSED:
        raise Conflict("It is closed.", code="CLOSED")
    return breach


def get(breach_id: UUID) -> DataBreach:
    """A breach with what is due and what was done. Raises NotFound."""
    return described(DataBreach.find(breach_id))


def page(args: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the register, the latest first; `overdue`: those where somebody should have been told."""
    query = DataBreach.select()
    if args["status"]:
        query = query.where(DataBreach.status == args["status"])
    if args["overdue"] is not None:
        query = query.where(_overdue() if args["overdue"] else ~_overdue())
    found = paginate(query, args, _SORTABLE, tie=DataBreach.id)
    return found | {"items": [described(breach) for breach in found["items"]]}


def _overdue() -> Expression:
    """What has an hour is late after it."""
    now = clock.now()
    urgent = (DataBreach.aware_at < now - timedelta(hours=6)) & ~_was_told(CERT_IN)
    return urgent | ((DataBreach.report_due_at < now) & ~_was_told(BOARD_REPORT))


def _was_told(to: str) -> Expression:
    told = BreachIntimation.breach_id == DataBreach.id, BreachIntimation.told_to == to
    return fn.EXISTS(BreachIntimation.select(BreachIntimation.id).where(*told))


def described(breach: DataBreach) -> DataBreach:
    """The same with `intimations`, `affected` and `told` people, and `duties` with their instants."""
    mine = BreachIntimation.breach_id == breach.id
    breach.intimations = list(
        BreachIntimation.select().where(mine).order_by(BreachIntimation.told_at, BreachIntimation.id)
    )
    breach.affected, breach.told, last = _counted(breach.id)
    done = {row.told_to: row.told_at for row in reversed(breach.intimations)}
    done[AFFECTED] = last if breach.affected == breach.told else None
    breach.duties = [_duty(breach, duty, done.get(duty.to)) for duty in DUTIES]
    return breach


def _counted(breach_id: UUID) -> tuple[int, int, datetime | None]:
    """How many people it affects, how many were told, and when the last."""
    counts = fn.COUNT(BreachPerson.id), fn.COUNT(BreachPerson.told_at), fn.MAX(BreachPerson.told_at)
    return BreachPerson.select(*counts).where(BreachPerson.breach_id == breach_id).tuples().get()


def _duty(breach: DataBreach, duty: Duty, done_at: datetime | None) -> dict[str, Any]:
    due_at = breach.aware_at + timedelta(hours=duty.hours) if duty.hours else None
    if duty.to == BOARD_REPORT:
        due_at = breach.report_due_at
    late = due_at is not None and (done_at or clock.now()) > due_at
    return {"to": duty.to, "due_at": due_at, "done_at": done_at, "is_late": late, "basis": duty.basis}


def affect(breach_id: UUID, customer_ids: Sequence[UUID], everybody: bool) -> DataBreach:
    """Note whom it affects, each once. Raises NotFound where one does not exist, Conflict once it is closed."""
    breach = _open(breach_id)
    if len(customers.by_ids(set(customer_ids))) < len(set(customer_ids)):
        raise NotFound("customer")
    _note(breach.id, customer_ids)
    after = {"customers": len(set(customer_ids)), "everybody": everybody}
    audit.record("data_breach.affects", "data_breach", breach.id, after=after)
    if everybody:
        enqueue("privacy.affect_everybody", breach_id=breach.id)
    return described(breach)


def _note(breach_id: UUID, customer_ids: Sequence[UUID]) -> None:
    rows = [
        {"id": new_id(), "breach_id": breach_id, "customer_id": customer_id}
        for customer_id in dict.fromkeys(customer_ids)
    ]
    insert_rows(BreachPerson, rows, skip_known=True)


def affect_more(breach_id: UUID) -> bool:
    """Note some of the customers who are not noted yet; whether there may be more."""
    breach = DataBreach.find(breach_id).locked()
    noted = BreachPerson.select(BreachPerson.customer_id).where(BreachPerson.breach_id == breach.id)
    found = customers.unerased_before(clock.now(), noted, None, CHUNK)
    _note(breach.id, found)
    return len(found) == CHUNK


def tell(breach_id: UUID) -> DataBreach:
    """Have everybody whom it affects told who was not. Raises Conflict (FACTS_MISSING) naming what they would miss."""
    breach = _open(breach_id)
    missing = [name for name in FOR_AFFECTED if not breach.facts.get(name)]
    if missing:
        raise Conflict(f"They have a right to know: {', '.join(missing)}.", code="FACTS_MISSING")
    untold = described(breach).affected - breach.told
    audit.record("data_breach.tell_affected", "data_breach", breach.id, after={"customers": untold})
    enqueue("privacy.tell_affected", breach_id=breach.id)
    return breach


def tell_more(breach_id: UUID) -> bool:
    """Tell some of those who were not told yet; whether there may be more. Safe to run twice, also at once."""
    breach = DataBreach.find(breach_id)
    untold = BreachPerson.breach_id == breach.id, BreachPerson.told_at.is_null()
    rows = BreachPerson.select().where(*untold).order_by(BreachPerson.id).limit(CHUNK)
    people = list(rows.for_update("FOR UPDATE SKIP LOCKED"))
    said = {name: breach.facts[name] for name in FOR_AFFECTED}
    said |= {"breach_no": breach.breach_no, "occurred": _span(breach)}
    for person in people:
        messaging.notify(person.customer_id, "data_breach", **said)
        person.change(told_at=clock.now())
    return len(people) == CHUNK


def _span(breach: DataBreach) -> str:
    instants = (breach.occurred_at, breach.occurred_until)
    return " to ".join(f"{at.astimezone(clock.INDIA):%d-%m-%Y %H:%M}" for at in instants if at)


def people(breach_id: UUID, args: Mapping[str, Any]) -> dict[str, Any]:
    """A page of those whom it affects. Raises NotFound."""
    query = BreachPerson.select().where(BreachPerson.breach_id == DataBreach.find(breach_id).id)
    if args["told"] is not None:
        query = query.where(BreachPerson.told_at.is_null(not args["told"]))
    return paginate(query, args, {"createdAt": BreachPerson.created_at}, tie=BreachPerson.id)


def intimate(breach_id: UUID, told_to: str, told_at: datetime, reference: str) -> DataBreach:
    """An authority was told. Raises Invalid for an instant before we knew, or to come."""
    breach = _open(breach_id)
    if not breach.aware_at <= told_at <= clock.now():
        raise Invalid("Must be from when it was known until now.", field="told_at")
    said = {"told_to": told_to, "told_at": told_at, "reference": reference}
    BreachIntimation.create(breach_id=breach.id, told_by=identity.actor().id, **said)
    after = said | {"told_at": told_at.isoformat()}
    audit.record("data_breach.intimated", "data_breach", breach.id, after=after)
    return described(breach)


def move(breach_id: UUID, status: str, remark: str) -> DataBreach:
    """Contain, reopen or close it. Raises Conflict (NOT_TOLD) for closing one of which somebody was not told."""
    breach = described(DataBreach.find(breach_id).locked())
    untold = [duty["to"] for duty in breach.duties if duty["done_at"] is None]
    if not breach.affected:
        untold.remove(AFFECTED)
    if status == CLOSED and untold:
        raise Conflict(f"Not told yet: {', '.join(untold)}.", code="NOT_TOLD")
    return described(BREACH.move(breach, status, remark=remark))


def told_to(customer_id: UUID | str) -> ModelSelect:
    """The breaches that a customer was told of, newest first."""
    theirs = BreachPerson.customer_id == customer_id, BreachPerson.told_at.is_null(False)
    of_theirs = BreachPerson.select(BreachPerson.breach_id).where(*theirs)
    return DataBreach.select().where(DataBreach.id.in_(of_theirs)).order_by(DataBreach.id.desc())
