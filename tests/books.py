"""A brand of its own with a planted book: a few hundred loans in every state, for tests that need many."""

import os
from datetime import date
from pathlib import Path
from typing import Any

import rules
from app.brands import service as brands
from app.seed import BRANDS, seed_staff
from app.seed.planted import plant_book
from tests.platform import Platform

MODEL = "qualoan"
BOOK_BRAND = "planted"
BOOK_LOANS = 200


def copy_rules(platform: Platform, brand_id: str) -> Path:
    """The rule files of a brand like MODEL, in the configured folder."""
    folder = Path(platform.settings.rules_directory) / "brands" / brand_id
    folder.mkdir(parents=True, exist_ok=True)
    for path in (Path(rules.__file__).parent / "brands" / MODEL).glob("*.yaml"):
        text = path.read_text(encoding="utf-8").replace(f"brands/{MODEL}/", f"brands/{brand_id}/")
        (folder / path.name).write_text(
            text.replace(f"brand: {MODEL}", f"brand: {brand_id}"), encoding="utf-8"
        )
    return folder


def owner_url(platform: Platform) -> str:
    """The URL of the owner of the tables, in the database of this platform."""
    database = platform.settings.database_url.rpartition("/")[2]
    return f"{os.environ['DATABASE_OWNER_URL'].rpartition('/')[0]}/{database}"


def planted(platform: Platform, brand_id: str = BOOK_BRAND, loans: int = BOOK_LOANS, **more: Any) -> str:
    """The brand with its book and a login a role; made by the first who asks."""
    if not brands.exists(brand_id):
        copy_rules(platform, brand_id)
        brands.create(brand_id, "Planted", BRANDS[MODEL]["settings"])
        seed_staff(brand_id, "Planted")
        plant_book(owner_url(platform), loans, brand_id=brand_id, **more)
    return brand_id


def book_days(until: date) -> dict[str, str]:
    """The days of the last quarter of a book, as a report is asked for them."""
    return {"fromDate": date.fromordinal(until.toordinal() - 91).isoformat(), "toDate": until.isoformat()}
