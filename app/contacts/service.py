"""Whether a customer may be contacted about a debt now. Calls, visits, reminders and messages all ask here."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from peewee import ModelSelect

from app.brands import service as brands
from app.contacts.manners import COUNTED_WITH, WEEK_DAYS, Channel, Policy, Refusal, Rule, refusal
from app.contacts.models import ContactAttempt, NoContact
from app.core import audit, clock, identity
from app.core.database import current_brand, db, insert_rows
from app.core.errors import Conflict, Invalid
from app.customers import service as customers
from app.loans.listing import Days

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest(%s::text[]) AS name"


class ContactRefused(Conflict):
    """A rule forbids the contact: `refusal` says which. That it was wanted is on the audit trail, so this commits."""

    commits = True

    def __init__(self, found: Refusal) -> None:
        until = {"allowed_from": found.until.isoformat()} if found.until else {}
        super().__init__(found.text, code=found.rule.value, **until)
        self.refusal = found


@dataclass(frozen=True)
class Contact:
    """Somebody is to be reached."""

    customer_id: UUID
    channel: str
    loan_id: UUID | None = None


@dataclass
class _Known:
    """What is known of some customers at an instant: their entries on the no-contact list, and who was tried when."""

    at: datetime
    policy: Policy
    entries: dict[UUID, list[NoContact]]
    attempts: dict[UUID, list[tuple[str, datetime]]]

    @classmethod
    def of(cls, customer_ids: Collection[UUID], at: datetime, *, later: bool = False) -> "_Known":
        """`later`: of an instant that is told of afterwards, what was on the list then, and all of its day."""
        entries, attempts = defaultdict(list), defaultdict(list)
        theirs, day = NoContact.customer_id.in_(list(customer_ids)), clock.business_day(at)
        for entry in NoContact.select().where(theirs, *_standing(day, at if later else None)):
            entries[entry.customer_id].append(entry)
        until = clock.start_of(day + timedelta(days=1)) if later else at
        for customer_id, channel, made_at in _attempts(customer_ids, day, until):
            attempts[customer_id].append((channel, made_at))
        return cls(at, _policy(), entries, attempts)

    def refusal(self, customer_id: UUID, channel: Channel) -> Refusal | None:
        together = COUNTED_WITH.get(channel, ())
        made = [made_at for tried, made_at in self.attempts[customer_id] if tried in together]
        return self._listed(customer_id, channel) or refusal(channel, self.at, self.policy, made)

    def _listed(self, customer_id: UUID, channel: Channel) -> Refusal | None:
        mine = [entry for entry in self.entries[customer_id] if channel.value in entry.channels]
        if not mine:
            return None
        # of several the one that lasts longest
        entry = max(mine, key=lambda entry: entry.until_date or date.max)
        until = clock.start_of(entry.until_date + timedelta(days=1)) if entry.until_date else None
        return Refusal(Rule.NO_CONTACT, f"This customer is not to be contacted: {entry.reason}.", until)


def find_refusal(
    customer_id: UUID | str, channel: Channel | str, at: datetime | None = None
) -> Refusal | None:
    """Why the customer may not be contacted at `at` (now); None where they may. Only asks."""
    return find_refusals([Contact(UUID(str(customer_id)), channel)], at)[0]


def find_refusals(wanted: Sequence[Contact], at: datetime | None = None) -> list[Refusal | None]:
    """The same for each of many, as if it was the only one."""
    known = _Known.of({each.customer_id for each in wanted}, at or clock.now())
    return [known.refusal(each.customer_id, Channel(each.channel)) for each in wanted]


def out_of_hours(channel: Channel | str, at: datetime) -> Refusal | None:
    """Why nobody may be contacted at `at`; None where the hour is one for it."""
    return refusal(Channel(channel), at, _policy(), ())


def refuse_hour(customer_id: UUID | str, channel: Channel | str) -> None:
    """Raises ContactRefused where this is no hour for a contact that began, and was counted, before."""
    found = out_of_hours(channel, clock.now())
    if found is not None:
        raise _refused(customer_id, channel, found)


def refuse_contact(customer_id: UUID | str, channel: Channel | str, at: datetime | None = None) -> None:
    """Raises ContactRefused (a Conflict whose code is the rule's name) where the customer may not be contacted at `at`.

    To be asked before anything is written: the refusal commits what stands.
    """
    found = find_refusal(customer_id, channel, at)
    if found is not None:
        raise _refused(customer_id, channel, found)


def attempt(
    customer_id: UUID | str,
    channel: Channel | str,
    *,
    loan_id: UUID | str | None = None,
    at: datetime | None = None,
) -> None:
    """The customer is contacted now: counts it, or raises like `refuse_contact`. Of two at once one counts first."""
    found = begin(customer_id, channel, loan_id=loan_id, at=at)
    if found is not None:
        raise _refused(customer_id, channel, found)


def begin(
    customer_id: UUID | str,
    channel: Channel | str,
    *,
    loan_id: UUID | str | None = None,
    at: datetime | None = None,
) -> Refusal | None:
    """The same for those who wait instead of failing: why the customer may not be contacted, else it is counted."""
    return begin_all([Contact(UUID(str(customer_id)), channel, loan_id)], at)[0]


def begin_all(wanted: Sequence[Contact], at: datetime | None = None) -> list[Refusal | None]:
    """`begin` for each of many, in their order: what is counted first counts for the next."""
    at, who = at or clock.now(), identity.actor().id
    ids = {each.customer_id for each in wanted}
    _lock(ids)
    known, found, made = _Known.of(ids, at), [], []
    for each in wanted:
        channel = Channel(each.channel)
        found.append(known.refusal(each.customer_id, channel))
        if found[-1] is None:
            known.attempts[each.customer_id].append((channel.value, at))
            own = {"customer_id": each.customer_id, "loan_id": each.loan_id, "channel": channel.value}
            made.append(own | {"made_at": at, "made_by": who})
    insert_rows(ContactAttempt, made)
    return found


def record(
    customer_id: UUID | str, channel: Channel | str, *, loan_id: UUID | str | None = None, at: datetime
) -> Rule | None:
    """The customer was contacted at `at`, as is told now: it counts, and the rule that it broke is kept with it.

    All attempts of its day count against it, whichever was told first; of the no-contact list what was on it then.
    """
    customer_id, channel = UUID(str(customer_id)), Channel(channel)
    _lock({customer_id})
    found = _Known.of({customer_id}, at, later=True).refusal(customer_id, channel)
    broke = found and found.rule
    ContactAttempt.create(
        customer_id=customer_id,
        loan_id=loan_id,
        channel=channel.value,
        made_at=at,
        made_by=identity.actor().id,
        broke=broke,
    )
    if broke:
        after = {"channel": channel, "rule": broke, "at": at.isoformat()}
        audit.record("contact.broke_rule", "customer", customer_id, after=after)
    return broke


def breaches(args: Mapping[str, Any]) -> ModelSelect:
    """Contacts that broke a rule, by day in India, rule, channel, customer and who made them."""
    days = Days(args["from_date"], args["to_date"])
    query = ContactAttempt.asked(
        broke=args["rule"],
        channel=args["channel"],
        customer_id=args["customer_id"],
        made_by=args["partner_user_id"],
    )
    return query.where(ContactAttempt.broke.is_null(False), *days.holds(ContactAttempt.made_at))


def _lock(customer_ids: Collection[UUID]) -> None:
    """Nobody else counts them until this transaction ends. All take these locks in the same order."""
    names = sorted(f"contacts|{current_brand()}|{customer_id}" for customer_id in customer_ids)
    db.execute_sql(_LOCK, (names,))


def _refused(customer_id: UUID | str, channel: Channel | str, found: Refusal) -> ContactRefused:
    after = {"channel": str(channel), "rule": found.rule.value}
    audit.record("contact.refused", "customer", UUID(str(customer_id)), after=after)
    return ContactRefused(found)


def _policy() -> Policy:
    return Policy(**brands.settings()["contact_rules"])


def _standing(on: date, known_by: datetime | None = None) -> tuple[Any, ...]:
    lasts = NoContact.until_date.is_null() | (NoContact.until_date >= on)
    stands = NoContact.ended_at.is_null()
    if known_by:
        stands = (stands | (NoContact.ended_at > known_by)) & (NoContact.created_at <= known_by)
    return stands, NoContact.from_date <= on, lasts


def _attempts(customer_ids: Collection[UUID], day: date, until: datetime) -> list[tuple[UUID, str, datetime]]:
    first = clock.start_of(day - timedelta(days=WEEK_DAYS - 1))
    theirs = ContactAttempt.customer_id.in_(list(customer_ids)), ContactAttempt.made_at.between(first, until)
    columns = ContactAttempt.customer_id, ContactAttempt.channel, ContactAttempt.made_at
    return list(ContactAttempt.select(*columns).where(*theirs).tuples())


def standing(customer_id: UUID | str) -> dict[str, Any]:
    """For each channel whether the customer may be contacted on it now, and the list entries that hold."""
    customer = customers.get(customer_id)
    told = zip(Channel, find_refusals([Contact(customer.id, channel) for channel in Channel]), strict=True)
    return {
        "channels": [
            {
                "channel": channel,
                "allowed": found is None,
                "rule": found and found.rule,
                "reason": found and found.text,
                "allowed_from": found and found.until,
            }
            for channel, found in told
        ],
        "no_contact": of_customer(customer.id),
    }


def of_customer(customer_id: UUID | str) -> list[NoContact]:
    """Every entry of the customer on the no-contact list, newest first, those that ended too."""
    return list(NoContact.select().where(NoContact.customer_id == customer_id).order_by(NoContact.id.desc()))


def list_customer(
    customer_id: UUID | str,
    channels: Sequence[str],
    reason: str,
    remark: str,
    from_date: date | None = None,
    until_date: date | None = None,
) -> NoContact:
    """Put a customer on the no-contact list. Raises Invalid if it would end before it begins."""
    customer, begins = customers.get(customer_id), from_date or clock.today()
    if until_date and until_date < begins:
        raise Invalid("It would end before it begins.", field="until_date")
    entry = NoContact.create(
        customer_id=customer.id,
        channels=sorted(set(channels)),
        reason=reason,
        remark=remark,
        from_date=begins,
        until_date=until_date,
        made_by=identity.actor().id,
    )
    after = {"channels": entry.channels, "reason": reason}
    audit.record("contact.listed", "no_contact", entry.id, subject_id=customer.id, after=after, reason=remark)
    return entry


def unlist(entry_id: UUID | str) -> NoContact:
    """End an entry. Raises Conflict if it ended already."""
    entry = NoContact.find(entry_id).locked()
    if entry.ended_at is not None:
        raise Conflict("This entry ended already.", code="ALREADY_ENDED")
    entry.change(ended_at=clock.now(), ended_by=identity.actor().id)
    audit.record("contact.unlisted", "no_contact", entry.id, subject_id=entry.customer_id)
    return entry
