"""Calls as others see them: the history of a customer, a loan or a member of staff, and its figures."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from peewee import Case, ModelSelect, fn

from app.calls import recordings
from app.calls.models import UserCall, UserCallEvent
from app.calls.states import ANSWERED, BUSY, FAILED, MISSED
from app.core import identity
from app.core.errors import Forbidden
from app.core.http import paginate
from app.customers import service as customers
from app.loans import service as loans
from app.loans.listing import Days
from app.providers.acefone import INBOUND, OUTBOUND
from app.staff import service as staff
from app.staff import team
from app.staff.permissions import GRANTS, Permission

SORTS = {
    "createdAt": UserCall.created_at,
    "durationSeconds": fn.COALESCE(UserCall.duration_s, 0),
    "status": UserCall.status,
}


def of_user(user_id: UUID, args: dict[str, Any]) -> dict[str, Any]:
    """One page of the calls to and from a customer. Raises NotFound."""
    return _page(UserCall.customer_id == customers.get(user_id).id, args)


def of_partner(partner_user_id: UUID, args: dict[str, Any]) -> dict[str, Any]:
    """One page of the calls of a member of staff. Raises NotFound, Forbidden for others' where one leads nobody."""
    return _page(_by(partner_user_id), args)


def _by(partner_user_id: UUID) -> Any:
    who = identity.actor()
    if str(partner_user_id) != who.id:
        team.get(partner_user_id)
        if who.roles.isdisjoint(GRANTS[Permission.STAFF_RATE]):
            raise Forbidden("You see your own calls; who leads a team sees those of others.")
    return UserCall.partner_user_id == partner_user_id


def _page(whose: Any, args: dict[str, Any]) -> dict[str, Any]:
    query = UserCall.select().where(whose, *_asked(args))
    found = paginate(query, args, SORTS, tie=UserCall.id)
    return found | {"items": described(found["items"])}


def _asked(args: dict[str, Any]) -> list[Any]:
    asked = Days(args["from_date"], args["to_date"]).holds(UserCall.created_at)
    columns = {"status": UserCall.status, "direction": UserCall.direction, "loan_id": UserCall.loan_id}
    return asked + [columns[name] == args[name] for name in columns if args.get(name) is not None]


def described(calls: Iterable[UserCall]) -> list[dict[str, Any]]:
    """The calls with who called and how far their recordings are, in as many queries however many they are."""
    calls = list(calls)
    names = staff.names({call.partner_user_id for call in calls if call.partner_user_id})
    recorded = recordings.by_call([call.id for call in calls])
    same = (
        "id", "loan_id", "direction", "partner_user_id", "status", "dialled_at", "answered_at", "ended_at",
        "duration_s", "talk_s", "hangup_cause", "failure_reason", "created_at",
    )  # fmt: skip
    return [
        {name: getattr(call, name) for name in same}
        | {
            "user_id": call.customer_id,
            "agent_name": names.get(call.partner_user_id),
            "recording": recorded.get(call.id),
        }
        for call in calls
    ]


def describe(call_id: UUID) -> dict[str, Any]:
    """A call with what the provider told of it, oldest first. Raises NotFound."""
    call = UserCall.find(call_id)
    told = UserCallEvent.select().where(UserCallEvent.user_call_id == call.id).order_by(UserCallEvent.id)
    return described([call])[0] | {"events": list(told)}


def was_dialled(customer_id: UUID, reference: str) -> bool:
    """Whether the customer was rung in the call that `reference` names: its id, or the provider's."""
    named = (UserCall.id.cast("text") == reference) | (UserCall.provider_call_id == reference)
    rung = UserCall.dialled_at.is_null(False)
    return UserCall.select().where(UserCall.customer_id == customer_id, named, rung).exists()


def of_loan(loan_id: UUID) -> ModelSelect:
    """The calls about a loan, and those to its customer about none, newest first."""
    loan = loans.get(loan_id)
    about = (UserCall.loan_id == loan.id) | UserCall.loan_id.is_null()
    return of_customer(loan.customer_id).where(about)


def of_customer(customer_id: UUID) -> ModelSelect:
    """The calls to and from a customer, newest first."""
    return UserCall.select().where(UserCall.customer_id == customer_id).order_by(UserCall.id.desc())


def figures_of_user(user_id: UUID, args: dict[str, Any]) -> dict[str, Any]:
    """How the calls to and from a customer went. Raises NotFound."""
    return _figures(UserCall.customer_id == customers.get(user_id).id, args)


def figures_of_partner(partner_user_id: UUID, args: dict[str, Any]) -> dict[str, Any]:
    """How the calls of a member of staff went. Raises as `of_partner` does."""
    return _figures(_by(partner_user_id), args)


def _figures(whose: Any, args: dict[str, Any]) -> dict[str, Any]:
    """Counts by end, and seconds of talk; the shares are of the calls whose end is known."""
    ends = {name.lower(): _count(UserCall.status == name) for name in (ANSWERED, MISSED, BUSY, FAILED)}
    ways = {name.lower(): _count(UserCall.direction == name) for name in (OUTBOUND, INBOUND)}
    columns = [
        fn.COUNT(UserCall.id).alias("total"),
        *(count.alias(name) for name, count in (ends | ways).items()),
        fn.COUNT(fn.DISTINCT(UserCall.customer_id)).alias("customers"),
        fn.COALESCE(fn.SUM(UserCall.talk_s), 0).alias("talk_seconds"),
        fn.ROUND(fn.AVG(UserCall.talk_s)).alias("average_talk_seconds"),
        fn.MAX(UserCall.created_at).alias("last_call_at"),
    ]
    (told,) = UserCall.select(*columns).where(whose, *_asked(args)).dicts()
    ended = told["answered"] + told["missed"] + told["busy"]
    share = round(100 * told["answered"] / ended) if ended else None
    return told | {"going_on": told["total"] - ended - told["failed"], "answered_percent": share}


def _count(holds: Any) -> Any:
    return fn.COALESCE(fn.SUM(Case(None, [(holds, 1)], 0)), 0)
