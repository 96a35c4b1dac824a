"""Mails to staff as administrators look for them: the list, dead letters and sending them again."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from peewee import fn

from app.core import audit, clock
from app.core.errors import Conflict
from app.core.http import paginate
from app.messaging.models import PartnerNotification
from app.messaging.staff import mails as to_staff
from app.staff.one_time import LIFE

_SORTABLE = {"createdAt": PartnerNotification.created_at, "sentAt": PartnerNotification.sent_at}
# a mail with a link is of no use once the link has ended
_GOOD_FOR = {purpose.value.lower(): life for purpose, life in LIFE.items()}
_BOUNCED = ("FAILED", "BOUNCED")
_DEAD = (PartnerNotification.status == "FAILED") | fn.COALESCE(PartnerNotification.delivery, "").in_(_BOUNCED)


def page(args: Mapping[str, Any]) -> dict[str, Any]:
    """A page of mails to staff of the brand, newest first."""
    query = PartnerNotification.select()
    wanted = {name: args[name] for name in ("event", "status") if args[name]}
    query = query.filter(**wanted) if wanted else query
    if args["dead"] is not None:
        query = query.where(_DEAD if args["dead"] else ~_DEAD)
    return paginate(query, args, _SORTABLE)


def resend(mail_id: UUID, remark: str) -> PartnerNotification:
    """Try a dead letter again. Raises NotFound, Conflict if it is none, its text is gone, or its link has ended."""
    mail = PartnerNotification.find(mail_id).locked()
    _refuse_useless(mail)
    before = {"status": mail.status, "reason": mail.reason}
    mail.change(status="PENDING", attempts=0, reason=None)
    audit.record(
        "staff_mail.sent_again",
        "partner_user",
        mail.partner_user_id,
        before=before,
        after={"status": "PENDING", "event": mail.event},
        reason=remark,
    )
    to_staff.start(mail)
    return mail


def _refuse_useless(mail: PartnerNotification) -> None:
    if mail.delivery in _BOUNCED:
        raise Conflict("It was sent, and its text is not kept: have it made anew.", code="ERASED")
    if mail.status != "FAILED":
        raise Conflict(f"Only what failed is sent again: this is {mail.status}.", code="NOT_DEAD")
    good_for = _GOOD_FOR.get(mail.event)
    if good_for and clock.now() - mail.created_at > good_for:
        raise Conflict("The link in it has ended: have it made anew.", code="TOO_LATE")
