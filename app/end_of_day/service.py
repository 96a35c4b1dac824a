"""How loans stood at the end of days, for others."""

from datetime import date
from uuid import UUID

from peewee import ModelSelect, fn

from app.end_of_day.models import EodStep, LoanDay
from app.loans import service as loans


def newest() -> date | None:
    """The newest day that has a snapshot; None before the first."""
    return EodStep.select(fn.MAX(EodStep.on_date)).where(EodStep.step == "snapshot").scalar()


def of_loan(loan_id: UUID | str) -> ModelSelect:
    """Every day of a loan."""
    return LoanDay.select().where(LoanDay.loan_id == loans.get(loan_id).id)


def steps() -> ModelSelect:
    """What was done at the end of days."""
    return EodStep.select()
