"""The five brands and, outside of production, staff for every role and prices of providers. Safe to run again."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from app.brands import service as brands
from app.config import settings
from app.core import clock
from app.core.database import brand_scope
from app.core.errors import Conflict, Invalid, NotFound
from app.core.identity import STAFF_ROLES, Role
from app.provider_calls import service as provider_calls
from app.seed.book import Shape, plant
from app.staff import service as staff


def _read(name: str) -> dict[str, Any]:
    return yaml.safe_load(Path(__file__).with_name(name).read_text(encoding="utf-8"))


BRANDS = {brand_id: brand for brand_id, brand in _read("brands.yaml").items() if not brand_id.startswith("_")}
PRICES_FROM = date(2020, 1, 1)
# known to everybody, so never seeded in production
DEMO_PASSWORD = "Lending-Demo-1"
DEMO_AUTHENTICATOR = "LENDINGDEMOAUTHENTICATORSEED2345"


def email_of(role: Role, brand_id: str) -> str:
    """The e-mail of the demonstration user with `role` in a brand."""
    return f"{role.value.lower().replace('_', '.')}@{brand_id}.example"


# (role, e-mail, password) of the first brand, as `los up` shows them
DEMO_LOGINS = [(role.value, email_of(role, next(iter(BRANDS))), DEMO_PASSWORD) for role in STAFF_ROLES]


def seed() -> None:
    """Make what is missing."""
    for brand_id, brand in BRANDS.items():
        if not brands.exists(brand_id):
            brands.create(brand_id, brand["name"], brand["settings"])
    if settings().environment != "production":
        password_hash = staff.hash_password(DEMO_PASSWORD)
        for brand_id, brand in BRANDS.items():
            seed_staff(brand_id, brand["name"], password_hash)
        _seed_prices()


def seed_staff(brand_id: str, brand_name: str, password_hash: str | None = None) -> None:
    """A login a role. Whoever is there keeps their password."""
    password_hash = password_hash or staff.hash_password(DEMO_PASSWORD)
    for role in STAFF_ROLES:
        name = f"{role.value.replace('_', ' ').title()} ({brand_name})"
        seed = DEMO_AUTHENTICATOR if role in staff.SECOND_FACTOR_ROLES else None
        staff.create(email_of(role, brand_id), name, password_hash, [(brand_id, role)], seed)


def _seed_prices() -> None:
    for brand_id in BRANDS:
        with brand_scope(brand_id):
            provider_calls.seed_prices(_read("prices.yaml"), PRICES_FROM)


_TEAMS = (Role.CREDIT_EXECUTIVE, Role.COLLECTION_EXECUTIVE)
_LOANS_A_DESK, _DESKS_MAX = 2_000, 8


def plant_book(
    owner_url: str,
    loans: int,
    number: int = 1,
    *,
    brand_id: str | None = None,
    until: date | None = None,
    payments: float = 1.4,
    tell: Callable[[str], None] = lambda text: None,
) -> None:
    """A book of `loans` loans that ends with the day `until`, and the executives who work on so many.

    Raises Conflict in production: the people in it do not exist, and their phones may be somebody's.
    """
    if settings().environment == "production":
        raise Conflict("A made-up book is not for production.", code="NOT_IN_PRODUCTION")
    brand_id = brand_id or next(iter(BRANDS))
    if not brands.exists(brand_id):
        raise NotFound(f"brand {brand_id}")
    until = min(until or clock.today(), clock.today())
    try:
        shape = Shape(loans, number, payments=payments)
    except ValueError as error:
        raise Invalid(str(error)) from None
    _seed_teams(brand_id, min(_DESKS_MAX, 1 + loans // _LOANS_A_DESK))
    plant(owner_url, brand_id, shape, until, tell)


def _seed_teams(brand_id: str, size: int) -> None:
    password_hash = staff.hash_password(DEMO_PASSWORD)
    for role in _TEAMS:
        for n in range(2, size + 1):
            email = email_of(role, brand_id).replace("@", f".{n}@")
            name = f"{role.value.replace('_', ' ').title()} {n}"
            staff.create(email, name, password_hash, [(brand_id, role)])
