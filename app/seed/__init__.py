"""The five brands and, outside of production, staff for every role in each. Safe to run again."""

from pathlib import Path

import yaml

from app.brands import service as brands
from app.config import settings
from app.core.identity import STAFF_ROLES, Role
from app.staff import service as staff

BRANDS = {
    brand_id: brand
    for brand_id, brand in yaml.safe_load(
        Path(__file__).with_name("brands.yaml").read_text(encoding="utf-8")
    ).items()
    if not brand_id.startswith("_")
}
DEMO_PASSWORD = "Lending-Demo-1"  # known to everybody, so never seeded in production


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
        _seed_staff()


def _seed_staff() -> None:
    password_hash = staff.hash_password(DEMO_PASSWORD)
    for brand_id, brand in BRANDS.items():
        for role in STAFF_ROLES:
            name = f"{role.value.replace('_', ' ').title()} ({brand['name']})"
            staff.create(email_of(role, brand_id), name, password_hash, [(brand_id, role)])
