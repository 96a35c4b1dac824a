"""From which phone each member of staff calls."""

from typing import Any
from uuid import UUID

from peewee import IntegrityError

from app.brands import service as brands
from app.calls.models import DialerExtension
from app.core import audit, identity
from app.core.database import current_brand, db
from app.core.errors import Conflict, NotFound, Unavailable
from app.providers import ProviderError, client
from app.providers.acefone import User
from app.staff import service as staff
from app.staff import team


def listed() -> list[dict[str, Any]]:
    """Everybody who can call, by name."""
    rows = list(DialerExtension.select())
    names = staff.names({row.partner_user_id for row in rows})
    told = [
        {
            "partner_user_id": row.partner_user_id,
            "name": names[row.partner_user_id],
            "extension": row.extension,
        }
        for row in rows
    ]
    return sorted(told, key=lambda row: row["name"])


def give(user_id: UUID, extension: str) -> dict[str, Any]:
    """Let a member of staff call from a phone. Raises NotFound, Conflict if it is somebody else's."""
    person = team.get(user_id)
    row = _row(user_id)
    try:
        with db.atomic():
            if row:
                row.change(extension=extension)
            else:
                DialerExtension.create(partner_user_id=user_id, extension=extension)
    except IntegrityError:
        raise Conflict(
            "Somebody else calls from this phone.", code="EXTENSION_TAKEN", field="extension"
        ) from None
    audit.record("dialer_extension.given", "partner_user", user_id, after={"extension": extension})
    return {"partner_user_id": user_id, "name": person.name, "extension": extension}


def take(user_id: UUID) -> None:
    """A member of staff calls no more. Raises NotFound if they did not."""
    if not DialerExtension.delete().where(DialerExtension.partner_user_id == user_id).execute():
        raise NotFound("extension")
    audit.record("dialer_extension.taken", "partner_user", user_id)


def of(user_id: UUID) -> str:
    """The phone of a member of staff. Raises Conflict if they have none."""
    row = _row(user_id)
    if row is None:
        raise Conflict("You have no extension: an administrator gives you one.", code="NO_EXTENSION")
    return row.extension


def whose(agent_number: str) -> DialerExtension | None:
    """Who has the phone that the provider names, as "Extension-0602000000001" or in digits alone."""
    digits = "".join(letter for letter in agent_number if letter.isdigit())
    return DialerExtension.get_or_none(DialerExtension.extension == digits) if digits else None


def _row(user_id: UUID) -> DialerExtension | None:
    return DialerExtension.get_or_none(DialerExtension.partner_user_id == user_id)


def at_provider() -> list[User]:
    """Everybody whom the brand's account at the provider knows. Raises Unavailable."""
    try:
        return client("acefone", current_brand()).users()
    except ProviderError as error:
        raise Unavailable(f"The provider does not tell who can call: {error.message}") from error


def config() -> dict[str, Any]:
    """Whether the brand calls, and from which phone the reader does."""
    row = _row(UUID(identity.actor().id))
    return {"is_enabled": brands.is_on("dialer"), "extension": row and row.extension}
