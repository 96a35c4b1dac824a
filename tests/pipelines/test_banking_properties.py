"""What must not change the features, tried on statements that hypothesis makes."""

from datetime import date, timedelta
from decimal import Decimal

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines import bank_features
from tests.pipelines.statements import AS_OF, SALARY, THREE_SALARIES, statement

NARRATIONS = (
    ("CR", SALARY.format(month="MAY 2026")),
    ("CR", "NEFT CR-ICIC0000001-BLUE KITE PVT LTD-ASHA-1"),
    ("CR", "ACH D- BAJAJ FINANCE LTD-1"),
    ("CR", "UPI/CR/412345678901/KREDITBEE"),
    ("CR", "BY CASH"),
    ("DR", "ACH D- BAJAJ FINANCE LTD-1"),
    ("DR", "ACH D RETURN CHARGES"),
    ("DR", "UPI/DREAM11"),
    ("DR", "UPI/SWIGGY"),
)
LINE = st.tuples(st.integers(0, 100), st.sampled_from(NARRATIONS), st.integers(1, 60_000))
STATEMENTS = st.lists(LINE, min_size=1, max_size=25)

few = settings(max_examples=6, deadline=None)


def written(lines: list[tuple[int, tuple[str, str], int]], **options: str) -> pl.LazyFrame:
    days = sorted((AS_OF - timedelta(days=ago), side, amount, text) for ago, (side, text), amount in lines)
    return statement(
        "\n".join(f"{day} {side} {amount} {text}" for day, side, amount, text in days), **options
    )


def features(frame: pl.LazyFrame, as_of: date = AS_OF) -> pl.DataFrame:
    return bank_features(frame, as_of).collect().sort("statement_id")


@few
@given(STATEMENTS, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(lines, random):
    frame = written(lines).collect()
    order = list(range(frame.height))
    random.shuffle(order)
    assert features(frame[order].lazy()).equals(features(frame.lazy()))


@few
@given(STATEMENTS, st.randoms(use_true_random=False))
def test_neither_does_the_order_within_a_day_without_times(lines, random):
    frame = written(lines).with_columns(pl.col("txn_at").dt.truncate("1d")).collect()
    order = list(range(frame.height))
    random.shuffle(order)
    balance = "average_monthly_balance"
    assert features(frame[order].lazy()).drop(balance).equals(features(frame.lazy()).drop(balance))


@few
@given(STATEMENTS, st.data())
def test_a_statement_delivered_in_overlapping_parts_is_one_statement(lines, data):
    frame = written(lines).collect()
    cut = data.draw(st.integers(0, frame.height))
    overlap = data.draw(st.integers(0, cut))
    parts = pl.concat([frame[cut - overlap :], frame[:cut]])
    assert features(parts.lazy()).equals(features(frame.lazy()))


@few
@given(STATEMENTS, STATEMENTS)
def test_two_statements_in_one_frame_are_two_statements(one, other):
    first, second = written(one, statement_id="a"), written(other, statement_id="b")
    apart = pl.concat([features(first), features(second)])
    assert features(pl.concat([second, first])).equals(apart)


@few
@given(STATEMENTS, st.integers(1, 80), st.integers(1, 99))
def test_a_small_purchase_does_not_change_the_salary(lines, ago, amount):
    salary = [
        "salary_credit_count_3m",
        "average_salary_3m",
        "salary_variance_percent",
        "salary_day_spread_days",
    ]
    bought = [*lines, (ago, ("DR", "UPI/412345678901/CHAI POINT"), amount)]
    covered = [(0, ("DR", "UPI/SWIGGY"), 1)]
    before, after = features(written(lines + covered)), features(written(bought + covered))
    assert before.select(salary).equals(after.select(salary))


@few
@given(st.lists(st.integers(1, 10**9), min_size=2, max_size=40))
def test_the_average_balance_is_exact(paise):
    """One credit a day: every closing balance counts once."""
    start = AS_OF - timedelta(days=len(paise) - 1)
    amounts = [Decimal(number) / 100 for number in paise]
    lines = [f"{start + timedelta(days=n)} CR {amount:f} BY CASH" for n, amount in enumerate(amounts)]
    closing = [Decimal(10_000) + sum(amounts[: n + 1]) for n in range(len(amounts))]
    expected = (sum(closing) / len(closing)).quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")
    assert features(statement("\n".join(lines)))["average_monthly_balance"].item() == expected


def test_a_repeated_run_gives_the_same_bytes():
    first, second = (features(statement(THREE_SALARIES)).write_json() for _ in range(2))
    assert first == second
