"""Reports by mail: a link that ends, never the file, to somebody of the staff; once, or every day.

What is mailed is masked: who opens the link is not asked who they are.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from peewee import IntegrityError, ModelSelect

import reports
from app.admin import service as admin
from app.core import audit, clock, identity, links
from app.core.database import brand_scope, db
from app.core.errors import Conflict, Invalid
from app.core.identity import Actor
from app.core.links import Link, LinkRefused
from app.messaging.staff import mails as to_staff
from app.reporting import files, service
from app.reporting.models import ON_ITS_WAY, READY, ReportMail, ReportRun, ReportSchedule
from app.staff import service as staff
from app.staff.permissions import GRANTS, Permission

LINK_LIFE = timedelta(hours=24)
_AUDIENCE = "report"
PATH = "/report-files"

# the days of a scheduled report, told from the day on which it is mailed
DAYS: dict[str, Callable[[date], tuple[date, date]]] = {
    "YESTERDAY": lambda today: (today - timedelta(days=1), today - timedelta(days=1)),
    "LAST_7_DAYS": lambda today: (today - timedelta(days=7), today - timedelta(days=1)),
    # on the first of a month all of the month before
    "MONTH_TO_DATE": lambda today: (
        (today - timedelta(days=1)).replace(day=1),
        today - timedelta(days=1),
    ),
}


def mail(run: ReportRun, user_id: UUID | str, format_: str, **of: Any) -> ReportMail:
    """Somebody is mailed a link to the run once it is over; now if it is already."""
    made = ReportMail.create(run_id=run.id, partner_user_id=user_id, format=format_, **of)
    files.record("mailed", run, to=str(user_id), format=format_)
    tell(run)
    return ReportMail.find(made.id)


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


def _waiting(run: ReportRun) -> list[ReportMail]:
    waiting = ReportMail.select().where(ReportMail.run_id == run.id, ReportMail.sent_at.is_null())
    return [one for one in list(waiting) if _may_read(one.partner_user_id)]


def _may_read(user_id: UUID) -> bool:
    """Whether somebody runs reports of this brand now: by a role in it, or a Super Admin by an open scope."""
    roles = GRANTS[Permission.REPORTS_RUN]
    return any(user_id in staff.working(role) for role in roles) or admin.is_at_work(user_id)


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
        if not _may_read(UUID(claims["by"])):
            raise LinkRefused("Whoever asked for this report does not read reports here any more.")
        if run is None or run.status != READY or run.unmasked:
            raise LinkRefused("The file is not there any more. Ask for the report again.")
        files.record("downloaded", run, by="link", format=claims["format"])
        return run, claims["format"], service.file(run, claims["format"])


def schedules() -> ModelSelect:
    """What is mailed every day in this brand."""
    return ReportSchedule.select()


def _is_due(schedule: ReportSchedule, today: date) -> bool:
    """Whether its hour has come today, unless that was before there was the schedule."""
    due_at = clock.start_of(today) + timedelta(hours=schedule.hour)
    return schedule.created_at < due_at <= clock.now()


def add_schedule(report_type: str, format_: str, days: str, hour: int) -> ReportSchedule:
    """Whoever acts gets the report every day at this hour of India. Raises Invalid for a report that there is not, and
    Conflict if they do already."""
    try:
        reports.get(report_type)
    except reports.UnknownReport as error:
        raise Invalid(str(error), field="report_type") from None
    asked = {"report_type": report_type, "format": format_, "days": days, "hour": hour}
    try:
        with db.atomic():
            made = ReportSchedule.create(**asked, partner_user_id=identity.actor().id)
    except IntegrityError:
        raise Conflict("You get this report of these days already.", code="SCHEDULED_ALREADY") from None
    audit.record("report.scheduled", "report_schedule", made.id, after=asked)
    return made


def end_schedule(schedule_id: UUID | str) -> None:
    """It is mailed no more. Raises NotFound."""
    found = ReportSchedule.find(schedule_id)
    told = {"report_type": found.report_type, "days": found.days, "to": str(found.partner_user_id)}
    found.delete_instance()
    audit.record("report.unscheduled", "report_schedule", found.id, before=told)


def mail_due() -> None:
    """Ask for what is scheduled and whose hour has come, for those who may still run reports. What was asked for today
    is not again; what nobody was there to ask for at its hour is asked for now."""
    today = clock.today()
    mailed = {row.schedule_id for row in ReportMail.select().where(ReportMail.day == today)}
    for schedule in list(schedules()):
        if schedule.id not in mailed and _is_due(schedule, today) and _may_read(schedule.partner_user_id):
            from_date, to_date = DAYS[schedule.days](today)
            run = service.ask(schedule.report_type, from_date, to_date)
            mail(run, schedule.partner_user_id, schedule.format, schedule_id=schedule.id, day=today)
