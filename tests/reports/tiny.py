"""A small report of every kind of column, and rows for it."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from reports import masks
from reports.base import Column, Report, Source, Total
from reports.kinds import DATE, FLAG, INSTANT, INTEGER, MONEY, PERCENT, RATE, TEXT
from reports.produce import Produced, shape, totals
from reports.totals import count, mean, sums, weighted_rate

COLUMNS = (
    Column("loan_no", TEXT, "number", "l.loan_no"),
    Column("mobile", TEXT, "phone", "c.phone", masks.PHONE),
    Column("amount", MONEY, "amount", "l.amount"),
    Column("roi_pct", RATE, "rate", "l.roi"),
    Column("fee_pct", PERCENT, "fee", formula=pl.col("amount") / 1000),
    Column("tenure_days", INTEGER, "days", "l.tenure"),
    Column("due_date", DATE, "due", "l.due_date"),
    Column("disbursed_at", INSTANT, "credit", "l.disbursed_at"),
    Column("verified", FLAG, "verified", "l.verified"),
    Column("priority", TEXT, "no source yet"),
)
GIVES = tuple(column for column in COLUMNS if column.sql)
SQL = """SELECT 'L-1' AS loan_no, '9000000001' AS mobile, 30000 AS amount, 0.75 AS roi_pct, 30 AS tenure_days,
    DATE '2026-06-30' AS due_date, TIMESTAMPTZ '2026-05-31 20:00+00' AS disbursed_at, true AS verified"""

REPORT = Report(
    name="tiny-report",
    title="Tiny",
    family="user and loan",
    grain="one row",
    filtered_on="nothing",
    order="as given",
    columns=COLUMNS,
    sources={"rows": Source(SQL, GIVES)},
    totals=(
        count(),
        *sums("amount"),
        mean("average_ticket", "amount"),
        weighted_rate("average_roi_pct", "roi_pct", "amount"),
        Total("count_by_verified", pl.len(), by="verified"),
    ),
)

ROW: dict[str, Any] = {
    "loan_no": "L-1",
    "mobile": "9812345610",
    "amount": Decimal("30000.00"),
    "roi_pct": Decimal("0.7500"),
    "tenure_days": 30,
    "due_date": date(2026, 6, 30),
    "disbursed_at": datetime(2026, 5, 31, 20, 0, tzinfo=UTC),
    "verified": True,
}
NOTHING: dict[str, Any] = dict.fromkeys(ROW)


def produced(rows: Iterable[dict[str, Any]], directory: Path, *, unmasked: bool = False) -> Produced:
    """The tiny report of these rows."""
    frame = pl.DataFrame(list(rows), schema={column.name: column.kind.dtype for column in GIVES})
    path = directory / "rows.parquet"
    shape(REPORT, {"rows": frame.lazy()}, unmasked=unmasked).sink_parquet(path)
    return Produced(REPORT, path, frame.height, totals(REPORT, pl.scan_parquet(path)), datetime.now(UTC))
