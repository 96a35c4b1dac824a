"""Lists by stage: which loans, whose, and what a row shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from peewee import ModelSelect

from app.allocation import lists as allotments
from app.brands import service as brands
from app.core import clock, identity, tally
from app.core.errors import Forbidden, Invalid
from app.core.http import camel, paginate
from app.core.identity import Role
from app.customers import listing as customers
from app.customers.service import Customer
from app.dashboards import stages
from app.dashboards.stages import ONBOARDING_DAYS, Scope, Stage
from app.loans import listing as loans
from app.loans.listing import Days, Span, Wanted
from app.loans.service import Loan


@dataclass(frozen=True)
class Whose:
    """Queries of ids that a loan, or a customer, must be among, each of them; none for all."""

    loans: tuple[ModelSelect, ...] = ()
    customers: tuple[ModelSelect, ...] = ()

    def narrowed(self, given: allotments.Given) -> "Whose":
        """Of these what somebody was given."""
        return Whose((*self.loans, given.loans), (*self.customers, given.customers))

    def tally(self, today: date) -> tuple[str, Sequence[Any]]:
        """What a statement of `at_once` brings along, so that figures are of these: nothing for all."""
        if not self.loans:
            return "", ()
        registered = min(today.replace(day=1), today - timedelta(days=ONBOARDING_DAYS))
        return tally.of(self.loans, self.customers, since=today.replace(day=1), registered=registered)


EVERYBODYS = Whose()
EXECUTIVES = frozenset({Role.LOAN_EXECUTIVE, Role.CREDIT_EXECUTIVE, Role.COLLECTION_EXECUTIVE})
_ALL = EXECUTIVES | {Role.SANCTION_MANAGER, Role.SANCTION_HEAD}
# whose loans are those of somebody's team
TEAMS: dict[Role, frozenset[Role]] = {
    Role.SUPER_ADMIN: _ALL,
    Role.ADMIN: _ALL,
    Role.LOAN_EXECUTIVE: frozenset({Role.LOAN_EXECUTIVE}),
    Role.CREDIT_EXECUTIVE: frozenset({Role.CREDIT_EXECUTIVE}),
    Role.SANCTION_MANAGER: frozenset({Role.CREDIT_EXECUTIVE}),
    Role.SANCTION_HEAD: frozenset({Role.CREDIT_EXECUTIVE, Role.SANCTION_MANAGER}),
    Role.COLLECTION_EXECUTIVE: frozenset({Role.COLLECTION_EXECUTIVE}),
    Role.COLLECTION_MANAGER: frozenset({Role.COLLECTION_EXECUTIVE}),
    Role.COLLECTION_HEAD: frozenset({Role.COLLECTION_EXECUTIVE}),
}


def count(stage: Stage, today: date) -> ModelSelect:
    """One row: the `count` of what is in a stage and, of loans, the `amount`; of the tally that the statement reads."""
    if not stage.statuses:
        return customers.newcomers(today - timedelta(days=ONBOARDING_DAYS))
    return loans.counted(_wanted(stage, {}, EVERYBODYS, today))


def page(name: str, args: dict[str, Any]) -> dict[str, Any]:
    """One page of a stage. Raises NotFound, Forbidden, Invalid naming the filter or sort that it does not have."""
    stage, today = stages.get(name), clock.today()
    asked = given(args)
    check(stage, asked, args["sort"])
    args, theirs = args | {"sort": args["sort"] or stage.sort}, whose(asked.get("scope"))
    if "executive_id" in asked:
        theirs = theirs.narrowed(allotments.given_to(asked["executive_id"]))
    # how many there are of a whole stage is kept
    total = None if theirs.loans or asked.keys() - {"scope"} else count(stage, today).scalar()
    if not stage.statuses:
        found = paginate(_newcomers(asked, theirs, today), args, customers.SORTS, total=total)
        return found | {"items": [_person(customer) for customer in found["items"]]}
    query = loans.find(_wanted(stage, asked, theirs, today))
    sorts = {sort: loans.SORTS[sort] for sort in stage.sorts}
    found = paginate(query, args, sorts, tie=Loan.id, total=total)
    return found | {"items": _rows(found["items"], today)}


def audience(stage: Stage, asked: dict[str, Any]) -> list[tuple[UUID, UUID | None]]:
    """Everybody on a list, as whoever acts sees it and the filters narrow it: customer and loan, newer loans last."""
    theirs, today = whose(asked.get("scope")), clock.today()
    if "executive_id" in asked:
        theirs = theirs.narrowed(allotments.given_to(asked["executive_id"]))
    if not stage.statuses:
        return [(person.id, None) for person in _newcomers(asked, theirs, today).select(Customer.id)]
    found = loans.find(_wanted(stage, asked, theirs, today))
    return list(found.select(Loan.customer_id, Loan.id).order_by(Loan.id).tuples())


def given(args: dict[str, Any]) -> dict[str, Any]:
    """The filters that somebody asks for, without the paging."""
    return {
        name: value
        for name, value in args.items()
        if value is not None and name not in ("page", "page_size", "sort")
    }


def check(stage: Stage, asked: dict[str, Any], sort: str | None) -> None:
    """Raises Invalid naming the filter or the sort that the stage does not have."""
    for name in asked:
        if camel(name) not in stage.filters:
            raise Invalid(
                f"{stage.name} is not filtered by it, but by {', '.join(stage.filters)}.", field=name
            )
    if "status" in asked and asked["status"] not in stage.statuses:
        raise Invalid(f"In {stage.name} are {', '.join(stage.statuses)}.", field="status")
    if sort and sort.removeprefix("-") not in stage.sorts:
        raise Invalid(f"Sort by one of {', '.join(stage.sorts)}.", field="sort")


def whose(scope: Scope | None) -> Whose:
    """What the reader asks for.

    Raises Forbidden where the brand lets executives see what is theirs alone, and somebody asks for more.
    """
    who, narrow = identity.actor(), own_only()
    scope = scope or (Scope.MINE if narrow else Scope.ALL)
    if narrow and scope != Scope.MINE:
        raise Forbidden("Executives of this brand see the loans that are theirs.", code="OWN_WORK_ONLY")
    if scope == Scope.MINE:
        return EVERYBODYS.narrowed(allotments.given_to(UUID(who.id)))
    if scope == Scope.TEAM:
        team = frozenset().union(*(TEAMS[role] for role in who.roles))
        return EVERYBODYS.narrowed(allotments.given_in(team))
    return EVERYBODYS


def own_only() -> bool:
    """Whether the reader sees what is theirs alone."""
    return brands.is_on("own_work_only") and identity.actor().roles <= EXECUTIVES


def _wanted(stage: Stage, asked: dict[str, Any], theirs: Whose, today: date) -> Wanted:
    due, low, high = stage.due(today), asked.get("due_from"), asked.get("due_to")
    return Wanted(
        statuses=(asked["status"],) if "status" in asked else stage.statuses,
        signed=stage.signed,
        due=Span(
            max(filter(None, (due.low, low)), default=None), min(filter(None, (due.high, high)), default=None)
        ),
        applied=Days(asked.get("from_date"), asked.get("to_date")),
        amount=Span(asked.get("amount_min"), asked.get("amount_max")),
        tenure_days=Span(asked.get("tenure_min"), asked.get("tenure_max")),
        since=Days(_ago(today, asked.get("age_max_days")), _ago(today, asked.get("age_min_days"))),
        customers=_matching(asked),
        ids=theirs.loans,
    )


def _ago(today: date, days: int | None) -> date | None:
    return None if days is None else today - timedelta(days=days)


def _matching(asked: dict[str, Any]) -> ModelSelect | None:
    return customers.matching(asked.get("search"), asked.get("city"), asked.get("source"))


def _newcomers(asked: dict[str, Any], theirs: Whose, today: date) -> ModelSelect:
    first, matching = today - timedelta(days=ONBOARDING_DAYS), _matching(asked)
    among = theirs.customers if matching is None else (*theirs.customers, matching)
    return customers.on_their_way(max(first, asked.get("from_date", first)), asked.get("to_date"), among)


def _rows(found: list[Loan], today: date) -> list[dict[str, Any]]:
    """The loans with what other domains know of them, in as many queries however many they are."""
    ids = [loan.id for loan in found]
    people = customers.briefly({loan.customer_id for loan in found})
    executives = allotments.executives_of(ids)
    return [
        _person(people[loan.customer_id]) | _loan(loan, today) | {"executives": executives.get(loan.id, [])}
        for loan in found
    ]


def _person(customer: Customer) -> dict[str, Any]:
    return {
        "customer_id": customer.id,
        "customer_no": customer.customer_no,
        "customer_name": customer.name,
        "phone": customer.phone,
        "city": customer.city or None,
        "source": customer.utm.get("source"),
        "created_at": customer.registered_at,
    }


def _loan(loan: Loan, today: date) -> dict[str, Any]:
    same = (
        "loan_no", "status", "agreement_status", "outstanding_amount", "due_date", "disbursed_at", "closed_at",
        "created_at",
    )  # fmt: skip
    return {name: getattr(loan, name) for name in same} | {
        "loan_id": loan.id,
        "amount": loan.applied_amount if loan.sanctioned_amount is None else loan.sanctioned_amount,
        "tenure_days": loan.tenure_days or loan.applied_tenure_days,
        "days_past_due": loans.days_past_due(loan, today),
        "stage_since": loan.status_since,
        "age_days": (today - clock.business_day(loan.status_since)).days,
    }
