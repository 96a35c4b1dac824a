"""Thousands of bank statements through the whole analysis, against the same logic in pandas and a bare scan.

    python benchmarks/bsa.py [--statements N]

Ours: a Parquet file of 600 transactions a statement, read, cleaned, tagged (channel, category, party), paired,
and turned into every banking feature, in batches of 1,000 statements. Bare scan: polars reads the same bytes and
counts them. pandas: the same patterns through `Series.str`, and the features that need the least (days, average
balance, payday credits, shares), on a sample; per transaction, since its time grows with the rows. The features
of the sample are asserted equal on both sides.

Each runs in a process of its own, whose peak memory is printed.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl

sys.path.insert(0, str(Path(__file__).parent.parent))

from pipelines import bank_features
from pipelines.bsa.normalise import clean_text, counterparty
from pipelines.bsa.patterns import Patterns, load_patterns
from pipelines.frames import TRANSACTIONS

TRANSACTIONS_EACH = 600
BATCH = 1_000
SAMPLE = 60
DISTINCT = 500
AS_OF = date(2026, 6, 30)
NARRATIONS = (
    ("DR", "UPI/DR/{n12}/{p}/SBIN/{p}@okaxis/pay"),
    ("DR", "UPI-SWIGGY-SWIGGY@ICICI-ICIC0DC0099-{n12}-FOOD"),
    ("CR", "UPI/CR/{n12}/{p}/HDFC/sent"),
    ("DR", "IMPS-{n12}-{p}-HDFC-XXXXXXX{n4}-RENT"),
    ("DR", "POS 512345XXXXXX{n4} DMART PUNE"),
    ("DR", "ATW-512345XXXXXX{n4}-S1ANPU{n4}-PUNE"),
    ("DR", "ACH D- BAJAJ FINANCE LTD-{n10}"),
    ("CR", "NEFT CR-ICIC0000{n4}-{p}-{n10}"),
    ("DR", "BIL/ONL/{n10}/AIRTEL/{n8}"),
    ("CR", "BY CASH DEPOSIT-BNA/{n8}"),
    ("DR", "CC 512345XXXXXX{n4} AUTOPAY SI-TAD"),
    ("CR", "UPI/CR/{n12}/KREDITBEE/loan"),
    ("DR", "UPI/DREAM11/{n12}"),
    ("DR", ".ACH DEBIT RETURN CHARGES {n10}"),
)
PEOPLE = ("RAHUL NAIR", "SALIM KHAN", "EMILY DSOUZA", "ANITA DESAI", "SURESH BABU", "MEENA IYER")


# --- the book ------------------------------------------------------------------------------------------


def statement(number: int, draw: random.Random) -> list[tuple]:
    """Half a year of one account, salary on the first."""
    start, balance, rows = datetime(2026, 1, 1, 4, tzinfo=UTC), 50_000_00, []
    for index in range(TRANSACTIONS_EACH):
        at = start + timedelta(minutes=index * 180 * 24 * 60 // TRANSACTIONS_EACH)
        side, shape = draw.choice(NARRATIONS)
        amount = draw.randrange(50_00, 3_000_00)
        if index % 100 == 0:
            side, shape, amount = (
                "CR",
                "NEFT CR-HDFC0000001-ACME TECHNOLOGIES PVT LTD-SALARY",
                60_000_00 + number,
            )
        balance += amount if side == "CR" else -amount
        digits = {f"n{size}": draw.randrange(10**size) for size in (4, 8, 10, 12)}
        rows.append(
            (
                str(number),
                f"{number}-{index}",
                at,
                side,
                amount,
                balance,
                shape.format(p=draw.choice(PEOPLE), **digits),
            )
        )
    return rows


def write_book(path: Path, statements: int) -> None:
    """Distinct statements, repeated under other ids until there are enough."""
    draw = random.Random(7)
    rows = [row for number in range(min(DISTINCT, statements)) for row in statement(number, draw)]
    names = ("statement_id", "txn_id", "txn_at", "side", "amount", "balance", "narration")
    paise = pl.lit(100).cast(pl.Decimal(38, 2))
    base = pl.DataFrame(rows, schema=names, orient="row").with_columns(
        (pl.col(name).cast(pl.Decimal(38, 2)) / paise).cast(pl.Decimal(14, 2))
        for name in ("amount", "balance")
    )
    base = (
        base.with_columns(
            account_ref=pl.lit("A"),
            mode=pl.lit(""),
            reference=pl.lit(""),
            value_date=pl.col("txn_at").dt.date(),
        )
        .select(list(TRANSACTIONS))
        .cast(TRANSACTIONS)
    )
    copies = [base.with_columns(pl.col("statement_id") + f"-{n}") for n in range(-(-statements // DISTINCT))]
    pl.concat(copies).head(statements * TRANSACTIONS_EACH).write_parquet(
        path, row_group_size=BATCH * TRANSACTIONS_EACH
    )


# --- the three ways -------------------------------------------------------------------------------------


def ours(path: Path) -> int:
    """Every feature of every statement; the number of statements."""
    rows = pl.scan_parquet(path)
    total = rows.select(pl.len()).collect().item()
    size = BATCH * TRANSACTIONS_EACH
    return sum(
        bank_features(rows.slice(start, size), AS_OF).collect().height for start in range(0, total, size)
    )


def bare(path: Path) -> int:
    """All columns read, nothing made of them."""
    return pl.scan_parquet(path).select(pl.all().hash().sum()).collect(engine="streaming").height


def in_pandas(path: Path) -> int:
    sample = pl.read_parquet(path, n_rows=SAMPLE * TRANSACTIONS_EACH)
    features = pandas_features(sample, load_patterns())
    check(sample, features)
    return len(features)


WAYS = {"ours": ours, "bare scan": bare, "pandas": in_pandas}


# --- the same logic in pandas ---------------------------------------------------------------------------


def pandas_features(sample: pl.DataFrame, patterns: Patterns):
    """Tagging by the same patterns, then the simplest of the features, a row a statement."""
    import pandas as pd

    frame = pd.DataFrame(
        sample.select("statement_id", "txn_at", "side", "narration").to_dict(as_series=False)
    )
    frame["amount"] = sample["amount"].cast(pl.Float64).to_numpy()
    frame["balance"] = sample["balance"].cast(pl.Float64).to_numpy()
    frame["day"] = (
        pd.to_datetime(frame["txn_at"]).dt.tz_convert("Asia/Kolkata").dt.normalize().dt.tz_localize(None)
    )
    frame["text"] = frame["narration"].str.upper().str.replace(r"[\s_]+", " ", regex=True).str.strip()
    tag_in_pandas(frame, patterns)
    last = pd.Timestamp(AS_OF)
    window = frame[frame["day"] >= pd.Timestamp(2026, 3, 30)]
    debits, credits = window[window["side"] == "DR"], window[window["side"] == "CR"]
    by = "statement_id"
    gambled = debits[debits["category"] == "GAMBLING"].groupby(by)["amount"].sum()
    cash = credits[credits["category"] == "CASH_DEPOSIT"].groupby(by)["amount"].sum()
    payday = frame[
        (frame["category"] == "PAYDAY_LOAN_CREDIT") & (frame["day"] >= last - pd.Timedelta(days=30))
    ]
    closing = frame.groupby([by, "day"])["balance"].last().reset_index()
    return pd.DataFrame(
        {
            "statement_days": frame.groupby(by)["day"].agg(lambda day: (day.max() - day.min()).days + 1),
            "gambling": gambled / debits.groupby(by)["amount"].sum() * 100,
            "cash": cash / credits.groupby(by)["amount"].sum() * 100,
            "payday_credit_count_30d": payday.groupby(by).size(),
            "balance": closing[closing["day"] >= pd.Timestamp(2026, 3, 30)].groupby(by)["balance"].mean(),
        }
    ).fillna(0)


def tag_in_pandas(frame, patterns: Patterns) -> None:
    """channel, party names, category and counterparty: first match wins, as in the pattern file."""
    text = frame["text"]
    frame["channel"] = "OTHER"
    open_rows = text.index
    for channel, find in patterns.channels:
        hit = text.loc[open_rows].str.contains(re.compile(find))
        frame.loc[open_rows[hit], "channel"] = channel
        open_rows = open_rows[~hit]
    for key, names in patterns.names.items():
        written = text.str.extract(re.compile(names.find), expand=False).str.replace(
            "[^A-Z0-9]", "", regex=True
        )
        frame[key] = written.map(names.names)
    frame["category"], open_rows = None, text.index
    for entry in patterns.categories:
        rows = frame.loc[open_rows]
        hit = rows["side"].eq(entry.side) if entry.side else rows["side"].notna()
        hit &= rows["channel"].isin(entry.channel) if entry.channel else True
        hit &= rows[entry.name].notna() if entry.name else True
        hit &= rows["text"].str.contains(re.compile(entry.any)) if entry.any else True
        hit &= ~rows["text"].str.contains(re.compile(entry.none)) if entry.none else True
        frame.loc[open_rows[hit], "category"] = entry.id
        open_rows = open_rows[~hit]
    party = text.str.replace(r"[A-Z0-9.]+@[A-Z0-9]*", "", regex=True)
    for find in (r"\b(?:[A-Z]*[0-9][A-Z0-9]*|X{2,})\b", patterns.noise):
        party = party.str.replace(find, "", regex=True)
    party = party.str.replace(patterns.leading_noise, r"\1", regex=True)
    frame["counterparty"] = party.str.extract(r"(?:^|[-/*:|,])[^A-Z]*([A-Z][A-Z .&']{2,})", expand=False)


def check(sample: pl.DataFrame, theirs) -> None:
    """What pandas made is what we make of the same rows."""
    mine = bank_features(sample.lazy(), AS_OF).collect().sort("statement_id")
    tagged = sample.with_columns(text=clean_text(pl.col("narration"))).with_columns(
        counterparty=counterparty(load_patterns())
    )
    if tagged["counterparty"].is_null().all():
        raise AssertionError("no counterparty was found")
    theirs = theirs.sort_index()
    pairs = (
        ("statement_days", "statement_days", 0),
        ("payday_credit_count_30d", "payday_credit_count_30d", 0),
        ("gambling_debit_share_percent", "gambling", 0.01),
        ("cash_deposit_share_percent", "cash", 0.01),
    )
    for ours_name, theirs_name, tolerance in pairs:
        for one, other in zip(mine[ours_name].to_list(), theirs[theirs_name], strict=True):
            if abs(float(one) - float(other)) > tolerance:
                raise AssertionError(f"{ours_name}: ours {one}, pandas {other}")


# --- measuring --------------------------------------------------------------------------------------------


def measured(way: str, path: Path) -> dict[str, float]:
    """Seconds and peak megabytes of one way, in a process of its own."""
    command = [sys.executable, __file__, "--way", way, "--book", str(path)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def run_way(way: str, path: Path) -> None:
    started = time.perf_counter()
    WAYS[way](path)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak_mb": peak}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--statements", type=int, default=1_000)
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--book", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.way:
        run_way(arguments.way, arguments.book)
    else:
        compare(arguments.statements)


def compare(statements: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "book.parquet")
        write_book(path, statements)
        rows = statements * TRANSACTIONS_EACH
        size = path.stat().st_size / 1e6
        print(f"{statements:,} statements, {rows:,} transactions, {size:.0f} MB of Parquet")
        report(rows, {way: measured(way, path) for way in WAYS})


def report(rows: int, found: dict[str, dict[str, float]]) -> None:
    each = {way: figures["seconds"] / rows for way, figures in found.items()}
    each["pandas"] = found["pandas"]["seconds"] / min(rows, SAMPLE * TRANSACTIONS_EACH)
    for way, figures in found.items():
        note = f" (a sample of {SAMPLE} statements)" if way == "pandas" else ""
        told = f"{figures['seconds']:8.1f} s  {each[way] * 1e6:8.2f} us a transaction  {figures['peak_mb']:6.0f} MB"
        print(f"  {told}  {way}{note}")
    print(f"ratio {each['pandas'] / each['ours']:.1f}  pandas / ours, per transaction")
    print(f"ratio {each['ours'] / each['bare scan']:.1f}  ours / bare scan of the same bytes")


if __name__ == "__main__":
    main()
