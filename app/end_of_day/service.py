"""How loans stood at the end of days, for others."""

from collections.abc import Collection
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


def of_loans(loan_ids: Collection[UUID]) -> dict[UUID, LoanDay]:
    """How these loans stood at the end of the newest day, those that owed something."""
    rows = LoanDay.select().where(LoanDay.on_date == newest(), LoanDay.loan_id.in_(list(loan_ids)))
    return {row.loan_id: row for row in rows}


def steps() -> ModelSelect:
    """What was done at the end of days."""
    return EodStep.select()
