"""Customers as lists ask for them."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from peewee import ModelSelect, fn

from app.core import clock
from app.customers import finding
from app.customers.models import Customer
from app.loans import listing as loans

SORTS = {"createdAt": Customer.registered_at, "name": Customer.name}


def matching(search: str | None, city: str | None, source: str | None) -> ModelSelect | None:
    """The ids of customers whom a search finds, in a city, from a source; None where nothing is asked."""
    if not (search or city or source):
        return None
    query = finding.find(search).select(Customer.id)
    if city:
        query = query.where(fn.LOWER(Customer.city) == city.strip().lower())
    return query.where(Customer.utm["source"] == source) if source else query


def on_their_way(first: date, last: date | None, among: ModelSelect | None) -> ModelSelect:
    """Customers who registered on these business days and have not applied for anything yet."""
    query = _registered(first, last).where(
        ~fn.EXISTS(loans.of_whom(Customer.id)), Customer.erased_at.is_null()
    )
    return query.where(Customer.id.in_(among)) if among is not None else query


def counted(query: ModelSelect) -> ModelSelect:
    """One row: `count`, and no `amount`, for people."""
    return query.select(fn.COUNT(Customer.id).alias("count"))


def registered(first: date, last: date) -> ModelSelect:
    """Customers who registered on these business days."""
    return _registered(first, last)


def _registered(first: date, last: date | None) -> ModelSelect:
    query = Customer.select().where(Customer.registered_at >= clock.start_of(first))
    if last is None:
        return query
    return query.where(Customer.registered_at < clock.start_of(last + timedelta(days=1)))


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
