"""Calls to customers: of who assesses an application, and of who collects a loan that is overdue."""

from datetime import datetime, time, timedelta

from app.core.clock import INDIA, business_day
from app.seed.book.applying import Application
from app.seed.book.contacting import note, visit
from app.seed.book.draw import Weighted

_ENDS = Weighted(("ANSWERED", 46), ("MISSED", 38), ("BUSY", 11), ("FAILED", 5))
# how many of the applications are called about, and how many calls an overdue loan gets a week, at most six weeks
_ASSESSED, _A_WEEK, _WEEKS_MAX = 0.4, 2, 6
# nobody is called earlier or later than this in India
_FROM_HOUR, _HOURS = 9, 9


def call(loan: Application) -> None:
    """The calls about a loan, up to the end of the book."""
    draw = loan.desk.draw
    if draw.random() < _ASSESSED:
        _call(loan, loan.officer, _at(loan, loan.applied_at + timedelta(days=1)))
    if loan.overdue_at:
        ends_at = loan.closed_at or loan.desk.now
        weeks = min(_WEEKS_MAX, (ends_at - loan.overdue_at).days / 7)
        for day in sorted(draw.uniform(0, weeks * 7) for _ in range(round(weeks * _A_WEEK))):
            at = max(loan.overdue_at, _at(loan, loan.overdue_at + timedelta(days=day)))
            _call(loan, loan.collector, at)
        visit(loan)


def _at(loan: Application, day: datetime) -> datetime:
    start = datetime.combine(business_day(day), time(_FROM_HOUR), INDIA)
    return start + timedelta(seconds=loan.desk.draw.randrange(_HOURS * 3_600))


def _call(loan: Application, by: str, at: datetime) -> None:
    draw, end = loan.desk.draw, loan.desk.draw.one_of(_ENDS)
    rang_s, talk_s = draw.randint(4, 40), draw.randint(15, 420)
    if by == "system" or at + timedelta(seconds=rang_s + talk_s) > loan.desk.now:
        return
    answered_at = at + timedelta(seconds=rang_s) if end == "ANSWERED" else None
    talked_s = talk_s if answered_at else 0
    call_id = loan.desk.id(at)
    extension = str(100 + loan.desk.people.index(by))
    loan.desk.rows.add(
        "user_call", call_id, loan.person.id, loan.id, by, extension, end, f"seeded-{call_id}", at, answered_at,
        at + timedelta(seconds=rang_s + talked_s), rang_s + talked_s, talked_s, at,
    )  # fmt: skip
    if by == loan.collector and loan.overdue_at and at >= loan.overdue_at:
        note(loan, call_id, at + timedelta(seconds=rang_s + talked_s), answered=end == "ANSWERED")
