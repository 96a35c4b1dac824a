"""What a report is: a declaration. Everything that is the same for all of them is done once, elsewhere.

docs/how-to-report.md shows how to add one; the file to copy from is
reports/user_loan/disbursed_loan_report.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import polars as pl

from reports.charts import Chart
from reports.kinds import INDIA, Kind
from reports.masks import Mask

SPAN_DAYS_MAX = 92
Family = Literal["user and loan", "collection", "marketing", "bureau", "analysis"]


@dataclass(frozen=True)
class Column:
    """One column: of a report, or one that its SQL gives for formulas.

    sql: the expression that gives it. sealed: what SQL gives is ciphertext, of this table and column. formula:
    worked out in the frame from other columns instead. A column with neither has no source yet and is null in
    every row.
    """

    name: str
    kind: Kind
    meaning: str
    sql: str | None = None
    mask: Mask | None = None
    sealed: str | None = None
    formula: pl.Expr | None = field(default=None, compare=False)

    @property
    def empty(self) -> bool:
        """Whether nothing fills this column yet."""
        return self.sql is None and self.formula is None

    def renamed(self, name: str) -> "Column":
        """The same value under the name that a report uses for it."""
        if self.empty or name == self.name:
            return replace(self, name=name)
        formula = pl.col(self.name) if self.formula is None else self.formula
        return replace(self, name=name, sql=None, sealed=None, formula=formula)

    def value(self) -> pl.Expr:
        """The expression that gives the column of a report, in its type."""
        if self.empty:
            return pl.lit(None, dtype=self.kind.dtype).alias(self.name)
        given = pl.col(self.name) if self.formula is None else self.formula
        return given.cast(self.kind.dtype).alias(self.name)


@dataclass(frozen=True)
class Source:
    """One SELECT and the columns it gives. Its parameters (`%(from_date)s`) are `Report.parameters`.

    reads: the tables behind the views that it names.
    """

    sql: str
    gives: tuple[Column, ...]
    reads: tuple[str, ...] = ()


@dataclass(frozen=True)
class Total:
    """A number over the whole report; `by` makes it one number for each value of a column, or of what is worked out of
    columns; `share` each in percent of that of the whole."""

    name: str
    value: pl.Expr = field(compare=False)
    by: str | pl.Expr | None = field(default=None, compare=False)
    share: bool = False


@dataclass(frozen=True)
class Listing:
    """What is told beside the totals: few rows of a name and an amount that are not rows of the report. `sql` reads
    only tables that the sources read."""

    name: str
    meaning: str
    sql: str


def _only(frames: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    (frame,) = frames.values()
    return frame


@dataclass(frozen=True)
class Grouping:
    """What whoever asks may have the rows grouped by: the values of a column. Without a choice all are there but the
    `finer`, whose rows are many and only for who chooses them."""

    column: str
    values: tuple[str, ...]
    finer: tuple[str, ...] = ()

    @property
    def choices(self) -> tuple[str, ...]:
        """All that may be chosen."""
        return self.values + self.finer

    def chosen(self, group_by: str | None) -> pl.Expr:
        """The rows that are shown for a choice, or without one."""
        return pl.col(self.column).is_in([group_by] if group_by else self.values)


@dataclass(frozen=True)
class Option:
    """What whoever asks may choose beside the days. SQL names it as a parameter, `%(range)s`; what it is compared with
    is settled before the query is planned. `values`: what each gives; the first holds without a choice."""

    name: str
    values: Mapping[str, str]

    @property
    def default(self) -> str:
        """What holds without a choice."""
        return next(iter(self.values))


@dataclass(frozen=True, kw_only=True)
class Report:
    """A report. `filtered_on`: what the date range applies to. `build` joins or aggregates the sources."""

    name: str
    title: str
    family: Family
    grain: str
    filtered_on: str
    order: str
    columns: tuple[Column, ...]
    sources: Mapping[str, Source]
    totals: tuple[Total, ...]
    build: Callable[[Mapping[str, pl.LazyFrame]], pl.LazyFrame] = _only
    listings: tuple[Listing, ...] = ()
    charts: tuple[Chart, ...] = ()
    grouping: Grouping | None = None
    options: tuple[Option, ...] = ()
    days_ahead_max: int = 0
    span_days_max: int = SPAN_DAYS_MAX

    @property
    def is_join(self) -> bool:
        """Whether each row is made of one row of its only source."""
        return self.build is _only

    def problem(self, from_date: date, to_date: date, today: date) -> tuple[str, str] | None:
        """Why these dates cannot be asked for: the field and a sentence; None when they can."""
        last = today + timedelta(days=self.days_ahead_max)
        if from_date > to_date:
            return "from_date", f"The first day {from_date} is after the last day {to_date}."
        if to_date > last:
            return "to_date", f"The last day must not be after {last}."
        if (to_date - from_date).days >= self.span_days_max:
            return "to_date", f"At most {self.span_days_max} days at once."
        return None

    def group_problem(self, group_by: str | None) -> str | None:
        """Why the rows cannot be grouped by this; None when they can, and when nothing was chosen."""
        known = self.grouping.choices if self.grouping else ()
        if group_by is None or group_by in known:
            return None
        return (
            f"It can be grouped by: {', '.join(known)}." if known else "This report has no groups to choose."
        )

    def option_problem(self, options: Mapping[str, str]) -> tuple[str, str] | None:
        """Why this cannot be chosen: the field and a sentence; None when it can."""
        known = {option.name: option.values for option in self.options}
        for name, value in options.items():
            if name not in known:
                return name, "This report has no such choice."
            if value not in known[name]:
                return name, f"It can be: {', '.join(known[name])}."
        return None

    def unusual(self, options: Mapping[str, str]) -> dict[str, str]:
        """Of what was chosen, that which would not hold anyway."""
        usual = {option.name: option.default for option in self.options}
        return {name: value for name, value in options.items() if usual[name] != value}

    def parameters(self, question: "Question") -> dict[str, Any]:
        """What its SQL may name."""
        chosen = {option.name: question.options.get(option.name, option.default) for option in self.options}
        return chosen | question.parameters()


@dataclass(frozen=True)
class Question:
    """Whose book, and which days in India (both included). `today` is the business day of the run; `group_by` what its
    rows are grouped by, all of `Grouping.values` if it is None; `options` what was chosen, by name."""

    brand_id: str
    from_date: date
    to_date: date
    today: date
    group_by: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)

    def parameters(self) -> dict[str, Any]:
        """What any SQL may name. Instants bound the days as [from_at, until_at)."""
        return {
            "brand_id": self.brand_id,
            "from_date": self.from_date,
            "to_date": self.to_date,
            "from_at": _midnight(self.from_date),
            "until_at": _midnight(self.to_date + timedelta(days=1)),
            "today": self.today,
        }


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(INDIA)).astimezone(UTC)
