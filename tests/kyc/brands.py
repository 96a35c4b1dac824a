"""A brand of a test's own, with settings of its own."""

from typing import Any

from app.core.identity import Role
from app.demo.client import Portal
from app.seed import BRANDS, DEMO_PASSWORD
from tests.admin.test_new_brand import MODEL, PATH, new_id, wanted, write_rules
from tests.platform import Platform


def new_brand(platform: Platform, **settings: Any) -> str:
    """The id of a brand like MODEL, but for these sections of its settings."""
    brand_id = new_id()
    write_rules(platform, brand_id)
    body = wanted(brand_id, settings=BRANDS[MODEL]["settings"] | settings)
    platform.staff(Role.SUPER_ADMIN).call("POST", PATH, expect=201, json=body)
    return brand_id


def administrator(platform: Platform, brand_id: str) -> Portal:
    """Its first administrator, signed in."""
    return Portal(platform.api, f"first@{brand_id}.example", DEMO_PASSWORD, brand_id)
