"""Who said yes to a file so far, and that nobody says it twice."""

from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID

from peewee import IntegrityError

from app.cam import service as cams
from app.core import clock, identity
from app.core.database import db
from app.core.errors import Forbidden
from app.sanction import referrals
from app.sanction.models import SanctionApproval


def standing(loan_id: UUID) -> list[SanctionApproval]:
    """The approvals that count now, oldest first."""
    return list(_standing(loan_id).order_by(SanctionApproval.id))


def _standing(loan_id: UUID) -> object:
    return SanctionApproval.select().where(
        SanctionApproval.loan_id == loan_id, SanctionApproval.superseded_at.is_null()
    )


def sign(loan_id: UUID, level: str, amount: Decimal, remark: str) -> None:
    """Put the actor's yes on the file. Raises Forbidden if they have said yes at another level."""
    try:
        with db.atomic():
            SanctionApproval.create(
                loan_id=loan_id,
                level=level,
                approved_by=identity.actor().id,
                amount=amount,
                remark=remark,
            )
    except IntegrityError:
        raise _twice() from None


def supersede(loan_id: UUID, levels: Iterable[str]) -> None:
    """The yes of these levels counts no more."""
    mine = SanctionApproval.loan_id == loan_id, SanctionApproval.level.in_(list(levels))
    SanctionApproval.update(superseded_at=clock.now()).where(
        *mine, SanctionApproval.superseded_at.is_null()
    ).execute()


def refuse_maker(loan_id: UUID) -> None:
    """Raises Forbidden if the actor had a hand in what they are about to check: the memo, what was said to referrals,
    or a yes at another level."""
    cam = cams.latest(loan_id)
    makers = {approval.approved_by for approval in standing(loan_id)}
    makers |= referrals.deciders(loan_id)
    if cam is not None:
        makers.add(str(cam.partner_user_id))
    if identity.actor().id in makers:
        raise _twice()


def _twice() -> Forbidden:
    return Forbidden(
        "Whoever worked on a file or approved it cannot check it as well.", code="MAKER_IS_CHECKER"
    )
