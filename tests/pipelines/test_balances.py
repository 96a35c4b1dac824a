from datetime import date
from decimal import Decimal

import polars as pl

from pipelines.bsa import read_banking
from pipelines.bsa.balances import average_balance
from tests.pipelines.statements import AS_OF, statement

TEXT = """
    2026-05-01 CR 500 BY CASH
    2026-05-01 DR 200 UPI/SWIGGY
    2026-05-04 DR 300 UPI/SWIGGY
"""


def closings(frame: pl.LazyFrame) -> list[Decimal]:
    return read_banking(frame, AS_OF).day_balances.collect()["closing"].to_list()


def broken(frame: pl.LazyFrame) -> list[date]:
    return read_banking(frame, AS_OF).day_balances.collect().filter("broken")["txn_on"].to_list()


def test_it_works():
    assert closings(statement(TEXT)) == [Decimal("10300.00"), Decimal("10000.00")]
    assert broken(statement(TEXT)) == []


def test_the_closing_balance_does_not_need_the_order_of_the_day():
    newest_first = statement(TEXT).with_columns(pl.col("txn_at").dt.truncate("1d")).reverse()
    assert closings(newest_first) == [Decimal("10300.00"), Decimal("10000.00")]
    assert broken(newest_first) == []


def test_a_day_that_ends_where_it_began_keeps_yesterdays_balance():
    text = "2026-05-01 CR 500 BY CASH\n2026-05-02 DR 200 UPI/A\n2026-05-02 CR 200 UPI/B"
    shuffled = statement(text).with_columns(pl.col("txn_at").dt.truncate("1d")).reverse()
    assert closings(shuffled) == [Decimal("10500.00"), Decimal("10500.00")]


def test_days_without_transactions_carry_the_balance():
    days = read_banking(statement(TEXT), AS_OF).end_of_day.collect()
    assert days["balance"].to_list() == [Decimal(10300), Decimal(10300), Decimal(10300), Decimal(10000)]


def test_an_edited_amount_breaks_the_day():
    edited = statement(TEXT).with_columns(
        amount=pl.when(pl.col("txn_id") == "t2")
        .then(pl.lit(Decimal("20.00")))
        .otherwise("amount")
        .cast(pl.Decimal(14, 2))
    )
    assert broken(edited) == [date(2026, 5, 1)]


def test_a_removed_transaction_breaks_the_next_day():
    assert broken(statement(TEXT).filter(pl.col("txn_id") != "t2")) == [date(2026, 5, 4)]


def test_a_balance_never_stated_cannot_be_broken():
    unknown = statement(TEXT).with_columns(balance=pl.lit(None, pl.Decimal(14, 2)))
    assert broken(unknown) == []
    assert closings(unknown) == [None, None]


def test_accounts_are_reconciled_apart_and_averaged_together():
    first = statement(TEXT)
    second = statement("2026-05-02 CR 90 BY CASH", account_ref="other", opening=Decimal(10))
    banking = read_banking(pl.concat([first, second]), AS_OF)
    assert banking.day_balances.collect()["broken"].any() is False
    assert average_balance(banking.end_of_day).collect()["average_balance"].to_list() == [Decimal("10325.00")]
