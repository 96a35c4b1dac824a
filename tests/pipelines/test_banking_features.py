from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from pipelines import bank_features
from pipelines.bsa.features import banking_evidence, read_banking
from tests.pipelines.statements import AS_OF, SALARY, THREE_SALARIES, statement


def features(text: str, as_of: date = AS_OF) -> dict[str, Any]:
    return bank_features(statement(text), as_of).collect().row(0, named=True)


def lineage(text: str, name: str, as_of: date = AS_OF) -> set[str]:
    frame = banking_evidence(read_banking(statement(text), as_of)).collect()
    return set(frame.filter(pl.col("feature") == name)["source"])


def test_it_works():
    assert features(THREE_SALARIES) == {
        "statement_id": "s1",
        "statement_days": 81,
        "statement_age_days": 5,
        "salary_credit_count_3m": 3,
        "average_salary_3m": Decimal("61000.00"),
        "salary_variance_percent": Decimal("3.28"),
        "salary_day_spread_days": 0,
        "salary_drained_count_3m": 0,
        "inward_bounce_count_3m": 0,
        "average_monthly_balance": Decimal("100675.31"),
        "payday_credit_count_30d": 1,
        "gambling_debit_share_percent": Decimal("3.19"),
        "cash_deposit_share_percent": Decimal("1.04"),
        "emi_obligations_monthly": Decimal("5000.00"),
        "outward_bounce_count_3m": 0,
        "loan_credit_count_3m": 1,
        "tamper_signal_count": 1,  # three salaries, each of whole thousands
        "balance_dressed": False,
        "circular_credit_share_percent": Decimal("0.00"),
    }


def test_every_value_names_its_transactions():
    assert lineage(THREE_SALARIES, "average_salary_3m") == {"t1", "t4", "t7"}
    assert lineage(THREE_SALARIES, "payday_credit_count_30d") == {"t10"}
    assert lineage(THREE_SALARIES, "gambling_debit_share_percent") == {"t6"}
    assert lineage(THREE_SALARIES, "emi_obligations_monthly") == {"t2", "t5", "t8"}
    assert lineage(THREE_SALARIES, "statement_days") == {"t1", "t11"}


def test_nothing_is_known_without_transactions():
    assert bank_features(statement(THREE_SALARIES).limit(0), AS_OF).collect().is_empty()


def test_no_salary_found_is_zero_and_its_average_unknown():
    row = features("2026-05-01 DR 100 UPI/SWIGGY")
    assert row["salary_credit_count_3m"] == 0
    assert row["average_salary_3m"] is None


def test_a_window_that_the_statement_does_not_reach_is_unknown():
    row = features(THREE_SALARIES, as_of=date(2026, 9, 1))
    assert row["statement_age_days"] == 104
    assert [name for name, value in row.items() if value is not None] == [
        "statement_id",
        "statement_days",
        "statement_age_days",
        "tamper_signal_count",  # of the whole statement, however old
    ]


def test_a_month_of_silence_says_nothing_about_payday_loans():
    row = features(THREE_SALARIES, as_of=date(2026, 6, 20))
    assert row["payday_credit_count_30d"] is None
    assert row["salary_credit_count_3m"] == 2


def test_one_salary_has_no_variance_and_no_spread():
    row = features(f"2026-05-01 CR 60000 {SALARY.format(month='APR')}")
    assert row["average_salary_3m"] == Decimal("60000.00")
    assert (row["salary_variance_percent"], row["salary_day_spread_days"]) == (None, None)


def test_without_credits_there_is_no_cash_share():
    row = features("2026-05-01 DR 100 UPI/DREAM11")
    assert row["cash_deposit_share_percent"] is None
    assert row["gambling_debit_share_percent"] == Decimal("100.00")


def test_shares_leave_out_what_was_given_back():
    row = features("""
        2026-05-01 DR 1000 UPI/DREAM11
        2026-05-05 DR 9000 ACH D- BAJAJ FINANCE LTD-1
        2026-05-05 CR 9000 ACH D- BAJAJ FINANCE LTD-1
        2026-05-06 CR 4000 BY CASH
    """)
    assert row["gambling_debit_share_percent"] == Decimal("100.00")
    assert row["cash_deposit_share_percent"] == Decimal("100.00")


def test_the_day_spread_goes_around_the_end_of_the_month():
    row = features(f"""
        2026-03-30 CR 60000 {SALARY.format(month="MAR")}
        2026-05-01 CR 60000 {SALARY.format(month="APR")}
    """)
    assert row["salary_day_spread_days"] == 2


def test_last_days_of_months_are_the_same_day():
    row = features(f"""
        2026-02-28 CR 60000 {SALARY.format(month="FEB")}
        2026-03-31 CR 60000 {SALARY.format(month="MAR")}
        2026-04-30 CR 60000 {SALARY.format(month="APR")}
    """)
    assert row["salary_day_spread_days"] == 0


def test_transactions_after_the_day_of_the_decision_do_not_exist():
    row = features(THREE_SALARIES, as_of=date(2026, 4, 30))
    assert row["salary_credit_count_3m"] == 2
    assert row["payday_credit_count_30d"] == 0


def test_the_business_day_is_indian():
    late = statement("2026-05-01 CR 100 BY CASH").with_columns(
        pl.col("txn_at") + pl.duration(hours=14, minutes=45)
    )
    row = bank_features(late, date(2026, 5, 1)).collect()
    assert row["statement_age_days"].to_list() == [0]
    later = late.with_columns(pl.col("txn_at") + pl.duration(minutes=20))
    assert bank_features(later, date(2026, 5, 1)).collect().is_empty()
