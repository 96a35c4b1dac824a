"""The five brands and, outside of production, staff for every role and prices of providers. Safe to run again."""

from datetime import date
from pathlib import Path
from typing import Any

import yaml

from app.brands import service as brands
from app.config import settings
from app.core.database import brand_scope
from app.core.identity import STAFF_ROLES, Role
from app.provider_calls import service as provider_calls
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
