"""Reports that are mailed again and again: made, changed, paused, and asked for when they are due."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from peewee import IntegrityError, ModelSelect

import reports
from app.brands import service as brands
from app.core import audit, clock, identity
from app.core.database import db
from app.core.errors import Conflict, DomainError, Invalid
from app.core.identity import Role
from app.reporting import cadence, mailing, recipients, service
from app.reporting.models import ReportMail, ReportRun, ReportSchedule
from app.staff import service as staff

# of every brand, to the roles that its settings name
STANDING = {
    "report_type": "daily-marketing-mis-report",
    "format": "xlsx",
    "days": "YESTERDAY",
    "is_standing": True,
    "partner_user_id": None,
}
_DAY_OF = tuple(filter(None, cadence.NEEDS.values()))
_TOLD = "report_type format days group_by options cadence weekday month_day hour"


def find() -> ModelSelect:
    """Every schedule of this brand."""
    return ReportSchedule.select()


def told(schedules: Iterable[ReportSchedule]) -> list[ReportSchedule]:
    """The schedules with their `people`, whom of them a mail would reach (`reads`), and what became of it the last time
    (`last_run`, `last_mails`)."""
    found, readers = list(schedules), recipients.readers()
    mails = _last_mails(found)
    runs = {
        run.id: run
        for run in ReportRun.select().where(ReportRun.id.in_([mail.run_id for mail in mails if mail.run_id]))
    }
    mailed = {mail.partner_user_id for mail in mails}
    listed = {one.id: _whom(one) for one in found}
    names = staff.names(mailed.union(*listed.values()))
    for mail in mails:
        mail.name = names[mail.partner_user_id]
    for one in found:
        one.people = [
            {"partner_user_id": user, "name": names[user], "reads": recipients.may_read(user, readers)}
            for user in listed[one.id]
        ]
        one.last_mails = [mail for mail in mails if mail.schedule_id == one.id]
        one.last_run = next((runs[mail.run_id] for mail in one.last_mails if mail.run_id), None)
    return found


def _last_mails(schedules: list[ReportSchedule]) -> list[ReportMail]:
    last = {one.id: one.last_day for one in schedules}
    mails = ReportMail.select().where(
        ReportMail.schedule_id.in_(list(last)), ReportMail.day.in_(list(set(last.values()) - {None}))
    )
    return [mail for mail in mails.order_by(ReportMail.id) if mail.day == last[mail.schedule_id]]


def add(asked: Mapping[str, Any]) -> ReportSchedule:
    """Some of the staff, or whoever acts, get a report again and again. Raises Invalid for what there is not to be had,
    and Conflict if whoever acts has made the same already."""
    whom = recipients.named(asked["recipients"])
    made = ReportSchedule(**{**asked, "recipients": whom}, partner_user_id=identity.actor().id)
    _fit(made)
    made.next_at = cadence.next_after(made, clock.now())
    try:
        with db.atomic():
            made = ReportSchedule.create(**made.__data__)
    except IntegrityError:
        raise _made_already() from None
    audit.record("report.scheduled", "report_schedule", made.id, after=_described(made))
    return made


def change(schedule_id: UUID | str, wanted: dict[str, Any]) -> ReportSchedule:
    """Change what a schedule mails, when or to whom; `paused` rests it, and lets it go on. Raises NotFound, Invalid,
    and Conflict for the one of the brand's settings."""
    schedule = _own(schedule_id)
    before, due_before = _described(schedule), _timing(schedule)
    paused = wanted.pop("paused", schedule.next_at is None)
    if "recipients" in wanted:
        wanted["recipients"] = recipients.named(wanted["recipients"])
    if wanted.get("cadence", schedule.cadence) != schedule.cadence:
        wanted = {**dict.fromkeys(_DAY_OF), **wanted}
    wanted["options"] = schedule.options | wanted.get("options", {})
    for name, value in wanted.items():
        setattr(schedule, name, value)
    _fit(schedule)
    if paused or schedule.next_at is None or _timing(schedule) != due_before:
        schedule.next_at = None if paused else _next(schedule)
    try:
        with db.atomic():
            schedule.change(**{name: getattr(schedule, name) for name in (*wanted, "next_at")})
    except IntegrityError:
        raise _made_already() from None
    audit.record(
        "report.rescheduled", "report_schedule", schedule.id, before=before, after=_described(schedule)
    )
    return schedule


def end(schedule_id: UUID | str) -> None:
    """It is mailed no more. Raises NotFound, and Conflict for the one of the brand's settings."""
    schedule = _own(schedule_id)
    schedule.delete_instance()
    audit.record("report.unscheduled", "report_schedule", schedule.id, before=_described(schedule))


def _own(schedule_id: UUID | str) -> ReportSchedule:
    schedule = ReportSchedule.find(schedule_id).locked()
    if schedule.is_standing:
        words = "It is of the brand's settings, and is changed there: reports.dailyMis."
        raise Conflict(words, code="SCHEDULED_BY_SETTINGS")
    return schedule


def _timing(schedule: ReportSchedule) -> tuple[Any, ...]:
    return tuple(getattr(schedule, name) for name in ("cadence", "hour", *_DAY_OF))


def _fit(schedule: ReportSchedule) -> None:
    """Keep of its choices what would not hold anyway. Raises Invalid for a report, a choice or a day that is none."""
    try:
        report = reports.get(schedule.report_type)
    except reports.UnknownReport as error:
        raise Invalid(str(error), field="report_type") from None
    if words := report.group_problem(schedule.group_by):
        raise Invalid(words, field="group_by")
    chosen = {name: value for name, value in schedule.options.items() if value is not None}
    if wrong := report.option_problem(chosen):
        raise Invalid(wrong[1], field=wrong[0])
    schedule.options = report.unusual(chosen)
    needed = cadence.NEEDS[schedule.cadence]
    for name in _DAY_OF:
        given = getattr(schedule, name) is not None
        if given != (name == needed):
            words = f"It is for another cadence than {schedule.cadence}." if given else "It is needed."
            raise Invalid(words, field=name)


def _made_already() -> Conflict:
    return Conflict("You have this report of these days mailed already.", code="SCHEDULED_ALREADY")


def _described(schedule: ReportSchedule) -> dict[str, Any]:
    more = {"recipients": [str(user) for user in schedule.recipients], "paused": schedule.next_at is None}
    return {name: getattr(schedule, name) for name in _TOLD.split()} | more


def _next(schedule: ReportSchedule) -> datetime:
    """When it is due, not again on a day on which it was mailed."""
    now = clock.now()
    mailed_until = clock.start_of(schedule.last_day + timedelta(days=1)) if schedule.last_day else now
    return cadence.next_after(schedule, max(now, mailed_until - timedelta(microseconds=1)))


def mail_due() -> None:
    """Ask for what is due, for those who may still run reports. What nobody was there to ask for at its hour is asked
    for now: once, however often it was due meanwhile."""
    _keep_standing()
    now = clock.now()
    due = ReportSchedule.select().where(ReportSchedule.next_at <= now)
    for schedule in list(due.for_update("FOR UPDATE SKIP LOCKED")):
        _mail(schedule, clock.business_day(cadence.latest(schedule, now)))
        schedule.change(next_at=cadence.next_after(schedule, now))


def _mail(schedule: ReportSchedule, day: date) -> None:
    readers = recipients.readers()
    may = {user: recipients.may_read(user, readers) for user in _whom(schedule)}
    of = {"format": schedule.format, "schedule_id": schedule.id, "day": day}
    schedule.change(last_day=day)
    mailing.skip([user for user, reads in may.items() if not reads], recipients.NO_RIGHT, **of)
    if reached := [user for user, reads in may.items() if reads]:
        days = cadence.DAYS[schedule.days](day)
        try:
            run = service.ask(
                schedule.report_type, *days, group_by=schedule.group_by, options=schedule.options
            )
        except DomainError as error:  # a report or a choice that is no more
            mailing.skip(reached, error.message, **of)
        else:
            mailing.mail(run, reached, **of)


def _whom(schedule: ReportSchedule) -> list[UUID]:
    """Whom it is mailed to; the standing one to whoever works in the roles that the settings name."""
    if not schedule.is_standing:
        return schedule.recipients
    roles = brands.settings()["reports"]["daily_mis"]["roles"]
    return sorted({user_id for role in roles for user_id in staff.working(Role(role))})


def _keep_standing() -> None:
    """The schedule that every brand has, as its settings say today."""
    wanted = brands.settings()["reports"]["daily_mis"]
    schedule = ReportSchedule.get_or_none(ReportSchedule.is_standing)
    if schedule is None:
        with suppress(IntegrityError), db.atomic():  # another worker was faster
            ReportSchedule.create(**STANDING, hour=wanted["hour"], next_at=None)
        schedule = ReportSchedule.get(ReportSchedule.is_standing)
    as_it_stands = schedule.hour, schedule.next_at is not None
    if as_it_stands != (wanted["hour"], bool(wanted["roles"])):
        schedule.hour = wanted["hour"]
        schedule.change(hour=schedule.hour, next_at=_next(schedule) if wanted["roles"] else None)
