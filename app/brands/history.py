"""Changing a brand's settings: every change is a version, and none of them is ever altered.

The version in force is the one that `brand.settings_number` names; its content stands in `brand.settings` too. A
version with a higher number waits for its instant: until then nothing else changes, except by a roll-back.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import marshmallow as ma
from peewee import ModelSelect

from app.brands import terms
from app.brands.models import Brand, BrandSettingsVersion
from app.brands.schemas import BrandSettings, patch_of
from app.core import audit, clock, identity
from app.core.database import current_brand
from app.core.errors import Conflict, Invalid, NotFound
from app.core.outbox import enqueue

WAITING, IN_FORCE, PAST = "WAITING", "IN_FORCE", "PAST"
_FIELDS = {field.data_key: field for field in BrandSettings().fields.values()}


def lock() -> None:
    """Nobody else changes the brand's settings until this transaction ends."""
    Brand.select(Brand.id).where(Brand.id == current_brand()).for_update().get()


def change(
    settings: Mapping[str, Any], remark: str, effective_from: datetime | None = None
) -> BrandSettingsVersion:
    """A new version: the settings in force with `settings` (as `patch_of` loads them) in their place.

    Raises Invalid naming the field, Conflict while a version waits.
    """
    brand = _current()
    _refuse_waiting(brand)
    return _add(brand, _merged(brand.settings, settings), remark, effective_from)


def roll_back(version_id: UUID, remark: str) -> BrandSettingsVersion:
    """A new version with the content of an earlier one, in force at once. A version that waits never comes."""
    brand, version = _current(), BrandSettingsVersion.find(version_id)
    if version.number > brand.settings_number:
        raise Conflict("This version is not in force yet.", code="NOT_IN_FORCE_YET")
    return _add(brand, version.settings, remark, None)


def _add(
    brand: Brand, wanted: dict[str, Any], remark: str, effective_from: datetime | None
) -> BrandSettingsVersion:
    wire = _checked(wanted)
    changes = differences(brand.settings, wire)
    if not changes and _latest() == brand.settings_number:
        raise Conflict("Nothing would change.", code="NOTHING_CHANGES")
    if any(change["field"].startswith("loanRules.") for change in changes):
        terms.refuse_beyond_policy(BrandSettings().load(wire)["loan_rules"])
    version = BrandSettingsVersion.create(
        number=_latest() + 1,
        settings=wire,
        changes=changes,
        remark=remark,
        made_by=identity.actor().id,
        effective_from=_instant(effective_from),
    )
    told = {side: {change["field"]: change[side] for change in changes} for side in ("before", "after")}
    audit.record("brand_settings.changed", "brand_settings", version.id, **told, reason=remark)
    if effective_from is None:
        _bring_into_force(version)
    else:
        delay_s = (effective_from - clock.now()).total_seconds()
        enqueue("brands.bring_into_force", delay_s=delay_s, version_id=version.id)
    return version


def bring_into_force(version_id: UUID | str) -> None:
    """Let a version that waited decide from now on, if it still waits."""
    brand, version = _current(), BrandSettingsVersion.find(version_id)
    if version.number > brand.settings_number and version.number == _latest():
        _bring_into_force(version)
        audit.record("brand_settings.in_force", "brand_settings", version.id, reason=version.remark)


def _bring_into_force(version: BrandSettingsVersion) -> None:
    new = {"settings": version.settings, "settings_number": version.number}
    Brand.update(new).where(Brand.id == version.brand_id).execute()


def _current() -> Brand:
    lock()
    return Brand.get_by_id(current_brand())


def _latest() -> int:
    return search().order_by(BrandSettingsVersion.number.desc()).get().number


def _refuse_waiting(brand: Brand) -> None:
    latest = _latest()
    if latest > brand.settings_number:
        waiting = search().where(BrandSettingsVersion.number == latest).get()
        raise Conflict(
            f"Version {latest} comes into force at {waiting.effective_from.isoformat()}; "
            f"roll back to version {brand.settings_number} to drop it.",
            code="SETTINGS_WAITING",
        )


def _instant(effective_from: datetime | None) -> datetime:
    now = clock.now()
    if effective_from is not None and effective_from <= now:
        raise Invalid("This instant has passed; leave it out for now.", field="effective_from")
    return effective_from or now


def _merged(stored: dict[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Stored settings with the fields of a patch in place of theirs; a section keeps what the patch does not name."""
    merged = _wire(stored)
    for name, value in patch_of(BrandSettings)().dump(wanted).items():
        is_section = isinstance(_FIELDS[name], ma.fields.Nested)
        merged[name] = merged[name] | value if is_section else value
    return merged


def _checked(wanted: dict[str, Any]) -> dict[str, Any]:
    """Settings in the form that is stored. Raises Invalid with every fault, naming the first one's field."""
    try:
        return _wire(wanted)
    except ma.ValidationError as error:
        faults = dict(_faults(error.messages, "settings"))
        field, first = next(iter(faults.items()))
        raise Invalid(
            " ".join(first), field=field, code="SETTINGS_INVALID", faults=first, all=faults
        ) from None


def _wire(settings: Mapping[str, Any]) -> dict[str, Any]:
    return BrandSettings().dump(BrandSettings().load(settings))


def _faults(messages: Mapping[str, Any], path: str) -> Iterator[tuple[str, list[str]]]:
    for name, reason in messages.items():
        at = path if name == "_schema" else f"{path}.{name}"
        if isinstance(reason, Mapping):
            yield from _faults(reason, at)
        else:
            yield at, list(reason)


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What differs between two settings in their wire form, by the dotted name of the field."""
    old, new = dict(_leaves(_wire(before))), dict(_leaves(_wire(after)))
    return [
        {"field": field, "before": old.get(field), "after": new.get(field)}
        for field in sorted(old | new)
        if old.get(field) != new.get(field)
    ]


def _leaves(settings: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", value


def search() -> ModelSelect:
    """Every version of the brand's settings."""
    return BrandSettingsVersion.select()


def with_status(versions: list[BrandSettingsVersion]) -> list[BrandSettingsVersion]:
    """The same versions, each with its `status`."""
    in_force = Brand.get_by_id(current_brand()).settings_number
    latest = _latest()
    for version in versions:
        waits = version.number > in_force and version.number == latest
        version.status = IN_FORCE if version.number == in_force else WAITING if waits else PAST
    return versions


def get(version_id: UUID) -> BrandSettingsVersion:
    """One version, with its `status` and its settings as they are read today. Raises NotFound."""
    version = with_status([BrandSettingsVersion.find(version_id)])[0]
    version.settings = BrandSettings().load(version.settings)
    return version


def between(left: int, right: int) -> list[dict[str, Any]]:
    """What differs between two versions by their numbers. Raises NotFound."""
    return differences(_numbered(left).settings, _numbered(right).settings)


def _numbered(number: int) -> BrandSettingsVersion:
    version = BrandSettingsVersion.get_or_none(BrandSettingsVersion.number == number)
    if version is None:
        raise NotFound("version")
    return version
