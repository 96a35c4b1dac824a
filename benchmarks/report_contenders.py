"""Who competes in `benchmarks.report_runs`: the reports, bare COPY, and the figures of one of them in plain SQL."""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

import duckdb
import polars as pl
from psycopg2.extensions import cursor as Cursor

import reports
from app.core import clock
from app.core.database import snapshot_scope
from app.reporting import files
from app.reporting.producing import make
from reports.analysis.vintage_report import AGES, PARTS
from reports.extract import copy, scan, select

BRAND = "qualoan"
JOINED, AGGREGATED, OTHER = "disbursed-loan-report", "vintage-report", "master-report"
DAYS = 730
# (report, contender) -> what is told of it
CONTENDERS = {
    (JOINED, "COPY"): "bare COPY of its SQL",
    (JOINED, "ours"): "the report, decrypted and masked, as Parquet",
    (AGGREGATED, "PostgreSQL"): "its figures in SQL, fetched",
    (
        AGGREGATED,
        "PostgreSQL, counted first",
    ): "the same with what is alike counted first, as the report does",
    (AGGREGATED, "ours"): "the report: COPY, then polars",
    (AGGREGATED, "DuckDB on the extract"): "its figures in SQL from the extracted files",
    (AGGREGATED, "DuckDB, counted first"): "the same with what is alike counted first, as the report does",
    (AGGREGATED, "polars on the extract"): "the report from the extracted files",
}
EXTRACT = (AGGREGATED, "extract")
MEMORY = ((JOINED, "with all files"), (AGGREGATED, "with all files"))

_FIGURES = [
    *("cut", "part", "cohort", "days_since_due"),
    *("loans", "amount", "unpaid_loans", "unpaid_amount", "net_loss_amount"),
]
_KEY = ", ".join(PARTS.values())
_ALIKE = {
    "plain": "SELECT *, 1 AS n, sanctioned_amount AS total FROM loans",
    "counted": f"""SELECT {_KEY}, cohort, least(greatest(unpaid_for, -1), {AGES[-1]}) AS unpaid_for,
      min(age) AS age, count(*) AS n, sum(sanctioned_amount) AS total
      FROM loans GROUP BY {_KEY}, cohort, {len(PARTS) + 2}""",
}
_SQL = """
alike AS ({alike}), ages AS (SELECT * FROM (VALUES {ages}) AS a (days)), cut AS ({cut}), lost AS ({lost}),
figures AS (
  SELECT cut, part, cohort, days, sum(n) AS loans, sum(total) AS amount,
    sum(CASE WHEN unpaid_for >= days THEN n ELSE 0 END) AS unpaid,
    sum(CASE WHEN unpaid_for >= days THEN total ELSE 0 END) AS unpaid_amount
  FROM cut CROSS JOIN ages GROUP BY 1, 2, 3, 4 HAVING min(age) >= days),
gone AS (
  SELECT cut, part, cohort, days, sum(lost) AS lost FROM lost JOIN ages ON after <= days GROUP BY 1, 2, 3, 4)
SELECT cut, part, cohort, days, loans, amount, unpaid, unpaid_amount, coalesce(gone.lost, 0)
FROM figures LEFT JOIN gone USING (cut, part, cohort, days)"""

# how many rows, and a digest of them where there are few
Given = tuple[int, str]


def _cut(table: str) -> str:
    parts = (f"SELECT '{name}', coalesce({column}, ''), x.* FROM {table} x" for name, column in PARTS.items())
    return " UNION ALL ".join([f"SELECT 'all' AS cut, '' AS part, x.* FROM {table} x", *parts])


def _figures(sources: dict[str, str], how: str) -> str:
    """The statement over the sources of the report."""
    given = ", ".join(f"{name} AS ({query})" for name, query in sources.items())
    ages = ", ".join(f"({age})" for age in AGES)
    cuts = {"alike": _ALIKE[how], "ages": ages, "cut": _cut("alike"), "lost": _cut("losses")}
    return f"WITH {given}, {_SQL.format(**cuts)}"


def _told(rows: Sequence[tuple]) -> Given:
    lines = sorted("|".join(map(_plain, row)) for row in rows)
    return len(rows), hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]


def _plain(value: str | int | Decimal) -> str:
    """Numbers as they are written, whatever their type."""
    return value if isinstance(value, str) else f"{Decimal(value).normalize():f}"


def question() -> reports.Question:
    """The book of the last two years."""
    today = clock.today()
    return reports.Question(BRAND, today - timedelta(days=DAYS), today, today)


class Forgets:
    """A file that keeps nothing."""

    def write(self, data: bytes) -> int:
        return len(data)


@contextmanager
def _asking() -> Iterator[Cursor]:
    with snapshot_scope(BRAND) as cursor:
        cursor.execute("SET LOCAL jit TO off")
        yield cursor


def bare_copy(directory: Path) -> Given:
    (source,) = reports.get(JOINED).sources.values()
    with _asking() as cursor:
        query = cursor.mogrify(select(source), question().parameters()).decode()
        cursor.copy_expert(f"COPY ({query}) TO STDOUT", Forgets(), 1 << 20)
        return cursor.rowcount, ""


def joined(directory: Path) -> Given:
    return make(reports.get(JOINED), question(), directory).row_count, ""


def aggregated(directory: Path) -> Given:
    made = make(reports.get(AGGREGATED), question(), directory)
    return _told(pl.read_parquet(made.rows, columns=_FIGURES).rows())


def with_files(name: str, directory: Path) -> Given:
    """All that a worker makes of a report before it is stored."""
    made = make(reports.get(name), question(), directory)
    files.write(made, directory)
    return made.row_count, ""


def in_postgresql(how: str, directory: Path) -> Given:
    sources = {name: select(source) for name, source in reports.get(AGGREGATED).sources.items()}
    with _asking() as cursor:
        cursor.execute(_figures(sources, how), question().parameters())
        return _told(cursor.fetchall())


def extracted(directory: Path) -> dict[str, Path]:
    """The sources of the aggregated report as COPY gives them; made once, before anybody is timed."""
    found = {}
    for name, source in reports.get(AGGREGATED).sources.items():
        found[name] = path = directory.parent / f"{name}.tsv"
        if not path.exists():
            with _asking() as cursor:
                copy(source, question(), cursor, path)
    return found


def extract(directory: Path) -> Given:
    return len(extracted(directory)), ""


_KINDS = {"m": "DECIMAL(14,2)", "i": "BIGINT"}


def in_duckdb(how: str, directory: Path) -> Given:
    options = "auto_detect=false, delim='\\t', header=false, nullstr='\\N', quote=''"
    sources = {}
    for name, path in extracted(directory).items():
        gives = reports.get(AGGREGATED).sources[name].gives
        columns = ", ".join(f"'{c.name}': '{_KINDS.get(c.kind.letter, 'VARCHAR')}'" for c in gives)
        sources[name] = f"SELECT * FROM read_csv('{path}', {options}, columns={{{columns}}})"
    with duckdb.connect(config={"threads": os.cpu_count()}) as database:
        return _told(database.execute(_figures(sources, how)).fetchall())


def in_polars(directory: Path) -> Given:
    report = reports.get(AGGREGATED)
    frames = {
        name: scan(report.sources[name], path, lambda text, place: text)
        for name, path in extracted(directory).items()
    }
    return _told(report.build(frames).select(_FIGURES).collect(engine="streaming").rows())


RUNS: dict[tuple[str, str], Callable[[Path], Given]] = {
    (JOINED, "COPY"): bare_copy,
    (JOINED, "ours"): joined,
    (AGGREGATED, "PostgreSQL"): partial(in_postgresql, "plain"),
    (AGGREGATED, "PostgreSQL, counted first"): partial(in_postgresql, "counted"),
    (AGGREGATED, "ours"): aggregated,
    (AGGREGATED, "DuckDB on the extract"): partial(in_duckdb, "plain"),
    (AGGREGATED, "DuckDB, counted first"): partial(in_duckdb, "counted"),
    (AGGREGATED, "polars on the extract"): in_polars,
    EXTRACT: extract,
    **{(name, "with all files"): partial(with_files, name) for name, _ in MEMORY},
    **{(name, "whole"): partial(with_files, name) for name in (JOINED, OTHER)},
}
