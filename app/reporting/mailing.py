"""Reports by mail: a link that ends, never the file, to somebody of the staff.

What is mailed is masked: who opens the link is not asked who they are.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import reports
from app.core import audit, clock, identity, links
from app.core.database import brand_scope
from app.core.errors import Conflict
from app.core.identity import Actor
from app.core.links import Link, LinkRefused
from app.messaging.staff import mails as to_staff
from app.reporting import files, recipients, service
from app.reporting.models import ON_ITS_WAY, READY, ReportMail, ReportRun

LINK_LIFE = timedelta(hours=24)
_AUDIENCE = "report"
PATH = "/report-files"


def mail(run: ReportRun, user_ids: Iterable[UUID], **of: Any) -> list[ReportMail]:
    """Each of them is mailed a link to the run once it is over, in the `format` that is among `of`; now if it is
    already."""
    made = [ReportMail.create(run_id=run.id, partner_user_id=user_id, **of) for user_id in user_ids]
    for one in made:
        files.record("mailed", run, to=str(one.partner_user_id), format=one.format)
    tell(run)
    return [ReportMail.find(one.id) for one in made]


def skip(user_ids: Iterable[UUID], reason: str, **of: Any) -> None:
    """Each of them was to be mailed, and is not: which stays told."""
    for user_id in user_ids:
        _skip(ReportMail.create(partner_user_id=user_id, skipped=reason, **of), reason)


def _skip(one: ReportMail, reason: str) -> None:
    one.change(skipped=reason)
    told = {"to": str(one.partner_user_id), "schedule": one.schedule_id and str(one.schedule_id)}
    audit.record("report.mail_skipped", "report_mail", one.id, after=told, reason=reason)


def tell(run: ReportRun) -> None:
    """Mail whoever waits for this run and may still read it, if it is over; a format that is missing is made first."""
    if run.status in ON_ITS_WAY:
        return
    for one in _waiting(run):
        if run.status != READY:
            _send(one, run, "report_failed", reason=run.reason)
        elif _file_is_there(run, one):
            link = _link(run, one)
            until = link.expires_at.astimezone(clock.INDIA).strftime("%d-%m-%Y %H:%M")
            _send(one, run, "report_ready", rows=f"{run.row_count:,}", url=link.url, until=until)


def tell_not_made(run: ReportRun, format_: str, reason: str) -> None:
    """Mail whoever waits for this format of the run that it could not be made."""
    for one in _waiting(run):
        if one.format == format_:
            _send(one, run, "report_failed", reason=reason)


def _waiting(run: ReportRun) -> Iterator[ReportMail]:
    """Who waits for the run; whoever lost the right meanwhile waits no more."""
    waits = ReportMail.run_id == run.id, ReportMail.sent_at.is_null(), ReportMail.skipped.is_null()
    waiting = list(ReportMail.select().where(*waits))
    readers = recipients.readers() if waiting else {}
    for one in waiting:
        if recipients.may_read(one.partner_user_id, readers):
            yield one
        else:
            _skip(one, recipients.NO_RIGHT)


def _file_is_there(run: ReportRun, one: ReportMail) -> bool:
    """Whether the file can be mailed now. For a report that is too long for the format it is CSV instead."""
    try:
        return service.file_is_ready(run, one.format)
    except Conflict:
        one.change(format="csv")
        return service.file_is_ready(run, one.format)


def _send(one: ReportMail, run: ReportRun, event: str, **told: Any) -> None:
    title = reports.get(run.report_type).title
    days = f"{run.from_date:%d-%m-%Y} to {run.to_date:%d-%m-%Y}"
    to_staff.tell(one.partner_user_id, event, title=title, days=days, **told)
    one.change(sent_at=clock.now())


def _link(run: ReportRun, one: ReportMail) -> Link:
    with identity.acting(Actor(str(one.partner_user_id), frozenset())):
        return links.sign(_AUDIENCE, PATH, run.id, LINK_LIFE, format=one.format)


def follow(token: str) -> tuple[ReportRun, str, Iterator[bytes]]:
    """The run behind a link, the format, and the file. Raises LinkRefused. Call it outside of any scope."""
    claims = links.read(_AUDIENCE, token)
    with brand_scope(claims["brand"]), identity.acting(Actor(claims["by"], frozenset())):
        run = ReportRun.get_or_none(ReportRun.id == claims["sub"])
        if not recipients.may_read(UUID(claims["by"]), recipients.readers()):
            raise LinkRefused("Whoever asked for this report does not read reports here any more.")
        if run is None or run.status != READY or run.unmasked:
            raise LinkRefused("The file is not there any more. Ask for the report again.")
        files.record("downloaded", run, by="link", format=claims["format"])
        return run, claims["format"], service.file(run, claims["format"])
