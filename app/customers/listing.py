"""Customers as lists ask for them."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from peewee import SQL, ModelSelect, fn

from app.core import clock
from app.core.tally import kept
from app.customers import finding
from app.customers.models import Customer
from app.loans import listing as loans

SORTS = {"createdAt": Customer.registered_at, "customerNo": Customer.customer_no}


def matching(search: str | None, city: str | None, source: str | None) -> ModelSelect | None:
    """The ids of customers whom a search finds, in a city, from a source; None where nothing is asked."""
    if not (search or city or source):
        return None
    query = finding.find(search).select(Customer.id)
    if city:
        query = query.where(fn.LOWER(Customer.city) == city.strip().lower())
    return query.where(Customer.utm["source"] == source) if source else query


def registered(first: date, last: date | None, among: Collection[ModelSelect] = ()) -> ModelSelect:
    """Customers who registered on these business days, whose id is among those of each of the queries."""
    then = Customer.registered_at >= clock.start_of(first)
    query = Customer.select().where(then, *(Customer.id.in_(ids) for ids in among))
    if last is None:
        return query
    return query.where(Customer.registered_at < clock.start_of(last + timedelta(days=1)))


def on_their_way(first: date, last: date | None, among: Collection[ModelSelect] = ()) -> ModelSelect:
    """Of the `registered` those who have not applied for anything yet."""
    has_applied = fn.EXISTS(loans.of_whom(Customer.id))
    return registered(first, last, among).where(~has_applied, Customer.erased_at.is_null())


def newcomers(first: date) -> ModelSelect:
    """One row as `counted`: who registered since `first` and has not applied for anything yet, of those whom the tally
    that the statement reads is of."""
    return kept("customer.newcomer", low=first, measure=None)


def counted(query: ModelSelect) -> ModelSelect:
    """One row: `count`, and no `amount`, for people."""
    # of rows and not of ids, which the index by days lacks
    return query.select(fn.COUNT(SQL("*")).alias("count"))


def briefly(customer_ids: Collection[UUID]) -> dict[UUID, Customer]:
    """What a list shows of each of these customers."""
    columns: tuple[Any, ...] = (
        Customer.id,
        Customer.brand_id,
        Customer.customer_no,
        Customer.name,
        Customer.phone,
        Customer.city,
        Customer.utm,
        Customer.registered_at,
    )
    rows = Customer.select(*columns).where(Customer.id.in_(list(customer_ids)))
    return {row.id: row for row in rows}
