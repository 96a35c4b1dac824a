"""Brands: the one that this transaction runs under, and its settings."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from peewee import ModelSelect

from app.brands import terms
from app.brands.features import FEATURES
from app.brands.models import Brand, BrandSettingsVersion
from app.brands.schemas import BrandSettings
from app.core import clock, identity
from app.core.database import brand_scope, current_brand, db, read_one, role_scope
from app.core.errors import Conflict, NotFound
from app.core.http import camel, paginate


def current() -> Brand:
    """The brand of this transaction. Raises NotFound if there is none of that name."""
    brand = read_one(Brand, {"id": current_brand()})
    if brand is None:
        raise NotFound("brand")
    return brand


def settings() -> dict[str, Any]:
    """The brand's settings: snake_case keys, money as Decimal. They are read once for all: nobody changes them."""
    return _read(current())


def _read(brand: Brand) -> dict[str, Any]:
    return _parsed(json.dumps(brand.settings, sort_keys=True))


@lru_cache(maxsize=256)
def _parsed(wire: str) -> dict[str, Any]:
    """Reading settings takes milliseconds, and most requests ask for them more than once."""
    return BrandSettings().load(json.loads(wire))


def policy() -> dict[str, Any] | None:
    """The terms of the credit policy in force; None where the brand has no rule set for them."""
    return terms.of_policy()


def is_on(feature: str) -> bool:
    """Whether the brand has a feature of `app.brands.features` on."""
    return settings()["features"][feature]


def require(feature: str) -> None:
    """Raises Conflict if the brand has a feature off."""
    if not is_on(feature):
        raise Conflict("This brand does not offer that.", code="FEATURE_OFF", feature=camel(feature))


def features() -> list[dict[str, Any]]:
    """Every switch there is, and how it stands in this brand."""
    stands = settings()["features"]
    return [
        {"name": camel(name), "meaning": f.meaning, "default": f.default, "on": stands[name]}
        for name, f in FEATURES.items()
    ]


def describe() -> dict[str, Any]:
    """What the portal and the app read at start."""
    brand = current()
    return {
        "id": brand.id,
        "name": brand.name,
        "version": brand.settings_number,
        "settings": _read(brand),
        "policy": policy(),
    }


def create(brand_id: str, name: str, settings: Mapping[str, Any]) -> None:
    """Make a brand from settings in their wire form. Raises marshmallow's ValidationError, or Conflict."""
    with brand_scope(brand_id):
        make(name, BrandSettings().load(settings))


def make(name: str, settings: Mapping[str, Any]) -> None:
    """Make the brand that this transaction runs under. Raises Conflict if there is one, Invalid beyond its policy."""
    terms.refuse_beyond_policy(settings["loan_rules"])
    brand = {"id": current_brand(), "name": name, "settings": BrandSettings().dump(settings)}
    if not list(Brand.insert(brand).on_conflict_ignore().returning(Brand.id).execute()):
        raise _taken(current_brand())
    BrandSettingsVersion.create(
        number=1,
        settings=brand["settings"],
        changes=[],
        remark="The brand was made",
        made_by=identity.actor().id,
        effective_from=clock.now(),
    )


def refuse_taken(brand_id: str) -> None:
    """Raises Conflict if there is a brand of that id; asked outside of any scope."""
    if exists(brand_id):
        raise _taken(brand_id)


def _taken(brand_id: str) -> Conflict:
    return Conflict(f"There is a brand {brand_id} already.", code="BRAND_EXISTS", field="id")


def exists(brand_id: str) -> bool:
    """Whether `brand_id` is a brand; asked outside of any scope."""
    with brand_scope(brand_id):
        return db.execute_sql("SELECT 1 FROM brand WHERE id = %s", (brand_id,)).fetchone() is not None


def page(args: Mapping[str, Any]) -> dict[str, Any]:
    """A page of brands without their settings, by a part of their id or name; asked as los_admin."""
    query, text = _brands(), args["search"]
    if text:
        query = query.where(Brand.id.contains(text) | Brand.name.contains(text))
    return paginate(query, args, {"createdAt": Brand.created_at, "id": Brand.id, "name": Brand.name})


def named(brand_id: str) -> list[Brand]:
    """The brand of an id without its settings, if there is one; asked as los_admin."""
    return list(_brands().where(Brand.id == brand_id))


def _brands() -> ModelSelect:
    return Brand.select(Brand.id, Brand.name, Brand.settings_number, Brand.created_at)


def origins() -> dict[str, list[str]]:
    """The web origins of each brand's app and portal; asked outside of any scope."""
    with role_scope("los_identity"):
        return {
            brand.id: brand.settings.get("origins", []) for brand in Brand.select(Brand.id, Brand.settings)
        }
