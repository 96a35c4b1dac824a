"""Pieces of SQL and of formulas that several columns use."""

import polars as pl

from rules.reasons import in_words

# an earlier loan of the customer was paid out before this one was applied for
REPEAT = "book.first_disbursed_at < l.created_at"
# the day as of which a report speaks of an account: the last that was asked for
REPORTED_ON = "%(to_date)s"
# the business day of the run
TODAY = "%(today)s"


def day(instant: str) -> str:
    """The day in India of an instant."""
    return f"({instant} AT TIME ZONE 'Asia/Kolkata')::date"


def closed_on(loan: str = "l") -> str:
    """The day on which the last of a loan was paid, whenever that was told and the loan closed, else on which it ended;
    null while it runs."""
    return f"coalesce({loan}.repaid_on, {day(f'{loan}.closed_at')})"


def ended_on(loan: str = "l") -> str:
    """The day from which nothing runs of a loan: on which it was closed, or repaid where its certificates are not made
    yet; null while it runs."""
    return f"coalesce({day(f'{loan}.closed_at')}, {loan}.repaid_on)"


def cam(part: str, name: str) -> str:
    """A value of the latest CAM, as text: of its `inputs` or of what it `computed`."""
    return f"(cam.{part} ->> '{name}')"


def unpaid_after_due(loan: str, days: int) -> str:
    """Whether something was owed on a loan at the end of the day so many days after its due date; else false, also
    while that day has not ended."""
    unpaid = f"coalesce({closed_on(loan)} > {loan}.due_date + {days}, true)"
    return f"({loan}.due_date + {days} < {TODAY} AND {unpaid})"


def person(text: str) -> str:
    """The staff p whose id a text holds. Those that hold no id ('system', a provider) are shorter than one."""
    return f"LEFT JOIN partner_user p ON p.id = CASE WHEN length({text}) = 36 THEN {text}::uuid END"


def name_of(text: str) -> str:
    """The name of the staff whose id a text holds, as a value."""
    return f"(SELECT u.name FROM partner_user u WHERE u.id = CASE WHEN length({text}) = 36 THEN {text}::uuid END)"


def reasons(codes: pl.Expr) -> pl.Expr:
    """Codes of reasons and ids of rules, each with its words: ``EM15: Too short with the employer; ...``."""
    return codes.map_batches(_reasons, pl.String(), is_elementwise=True)


def _reasons(codes: pl.Series) -> pl.Series:
    """Few are noted for many: each text is put in words once."""
    told = {text: in_words(text) for text in codes.drop_nulls().unique()}
    return pl.Series(codes.name, [told.get(text) for text in codes], dtype=pl.String)
