"""A brand of a test's own, with settings of its own."""

from typing import Any

from app.core.identity import Role
from app.seed import BRANDS, DEMO_PASSWORD, email_of
from app.staff import service as staff
from tests.admin.test_new_brand import PATH, new_id, wanted
from tests.books import MODEL, copy_rules
from tests.platform import Platform


def new_brand(platform: Platform, **settings: Any) -> str:
    """The id of a brand like MODEL, but for these sections of its settings, with an administrator and an executive."""
    brand_id = new_id()
    copy_rules(platform, brand_id)
    body = wanted(brand_id, settings=BRANDS[MODEL]["settings"] | settings)
    platform.staff(Role.SUPER_ADMIN).call("POST", PATH, expect=201, json=body)
    password_hash = staff.hash_password(DEMO_PASSWORD)
    for role in (Role.ADMIN, Role.CREDIT_EXECUTIVE):
        staff.create(email_of(role, brand_id), role.title(), password_hash, [(brand_id, role)])
    return brand_id
