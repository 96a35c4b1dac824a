"""Whom a report may be mailed to: who works in this brand and runs reports in it, and nobody else."""

from collections.abc import Iterable
from uuid import UUID

from app.admin import service as admin
from app.core import identity
from app.core.errors import DomainError, NotFound
from app.staff import service as staff
from app.staff.permissions import GRANTS, Permission

RECIPIENTS_MAX = 50
ROLES = GRANTS[Permission.REPORTS_RUN]
NO_RIGHT = "No longer reads reports of this brand."


class UnknownRecipient(NotFound):
    """Nobody of the staff who run reports in this brand."""

    code = "UNKNOWN_RECIPIENT"

    def __init__(self, user_ids: list[str]) -> None:
        words = f"Nobody of the staff who run reports here: {', '.join(user_ids)}."
        DomainError.__init__(self, words, field="recipient_ids")


def readers() -> dict[UUID, str]:
    """Whoever works here and runs reports, and their names."""
    return staff.names({user_id for role in ROLES for user_id in staff.working(role)})


def may_read(user_id: UUID, known: Iterable[UUID]) -> bool:
    """Whether somebody runs reports of this brand now: as one of the `known` readers, or a Super Admin by an open
    scope."""
    return user_id in known or admin.is_at_work(user_id)


def named(user_ids: Iterable[UUID] | None) -> list[UUID]:
    """Those who were named, each once; whoever acts if nobody was. Raises UnknownRecipient."""
    me = UUID(identity.actor().id)
    wanted = list(dict.fromkeys(user_ids or [me]))
    if strangers := set(wanted) - {me} - set(readers()):
        raise UnknownRecipient(sorted(map(str, strangers)))
    return wanted
