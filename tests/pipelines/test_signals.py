from datetime import date, timedelta

import polars as pl
import pytest

from pipelines.bsa.features import banking_values, read_banking
from pipelines.bsa.signals import SIGNALS, signal_rows
from tests.pipelines.statements import AS_OF, SALARY, THREE_SALARIES, statement


def found(text: str, **options) -> dict[str, set[str]]:
    """Which transactions each signal shows."""
    frame = signal_rows(read_banking(statement(text, **options), AS_OF).evidence).collect()
    return {code: set(rows["txn_id"]) for (code,), rows in frame.group_by("code")}


def values(text: str, **options) -> dict:
    return banking_values(read_banking(statement(text, **options), AS_OF)).collect().row(0, named=True)


def test_an_honest_statement_shows_nothing_of_tampering():
    kinds = {signal.code: signal.kind for signal in SIGNALS}
    assert {kinds[code] for code in found(THREE_SALARIES.replace("61000", "61250"))} <= {"strain"}
    assert values(THREE_SALARIES.replace("61000", "61250"))["tamper_signal_count"] == 0


SHOWN = [
    ("RTGS_BELOW_MINIMUM", "2026-05-03 CR 150000 RTGS-SBINR12026-RAVI TRADERS", {"t1"}),
    ("CASH_MACHINE_ODD_AMOUNT", "2026-05-03 DR 1234 ATW-512345XXXXXX1234-S1ANPU12-PUNE", {"t1"}),
    ("CHEQUE_ON_HOLIDAY", "2026-05-03 CR 9000 BY CLG 123456 SBI", {"t1"}),  # a Sunday
    ("SALARIES_ALL_ROUND", THREE_SALARIES, {"t1", "t4", "t7"}),
    ("PENALTY_CHARGED", "2026-05-03 DR 590 MIN BAL CHARGES APR 26", {"t1"}),
    ("BELOW_ZERO", "2026-05-03 DR 12000 UPI/DR/412345678901/RAVI", {"t1"}),
    ("CASH_ABOVE_SALARY", f"2026-05-01 CR 30000 {SALARY.format(month='APR')}\n2026-05-09 CR 40000 BY CASH", {"t2"}),
    ("CIRCULAR", "2026-05-03 CR 50000 IMPS-41-RAVI\n2026-05-06 DR 50000 IMPS-42-RAVI", {"t1", "t2"}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "text", "rows"), SHOWN, ids=[line[0] for line in SHOWN])
def test_a_signal_names_its_rows(code, text, rows):
    assert found(text)[code] == rows


def test_rtgs_of_two_lakh_is_in_order():
    assert "RTGS_BELOW_MINIMUM" not in found("2026-05-03 CR 200000 RTGS-SBINR12026-RAVI TRADERS")


def test_a_balance_that_does_not_follow():
    frame = statement(THREE_SALARIES).collect()
    altered = frame.with_columns(
        balance=pl.when(pl.col("txn_id") == "t7").then(pl.col("balance") + 500).otherwise("balance")
    )
    rows = signal_rows(read_banking(altered.lazy(), AS_OF).evidence).collect()
    assert "t7" in set(rows.filter(pl.col("code") == "BALANCE_BROKEN")["txn_id"])


def test_a_balance_lifted_shortly_before():
    quiet = "\n".join(
        f"{date(2026, 2, 20) + timedelta(days=n)} {'DR' if n % 2 else 'CR'} 2000 UPI/DR/1/RAVI"
        for n in range(60)
    )
    lifted = f"{quiet}\n2026-05-18 CR 90000 IMPS-412345678901-OM STORES"
    assert found(lifted, opening=5000)["WINDOW_DRESSING"] == {"t61"}
    assert values(lifted, opening=5000)["balance_dressed"] is True
    assert "WINDOW_DRESSING" not in found(quiet, opening=5000)


def test_salaries_that_are_gone_in_three_days():
    text = "\n".join(
        f"2026-0{m}-01 CR 60100 {SALARY.format(month='X')}\n2026-0{m}-02 DR 69000 IMPS-41-RAVI\n"
        f"2026-0{m}-09 CR 9000 IMPS-42-OM"
        for m in (3, 4, 5)
    )
    assert found(text)["SALARY_DRAINED"] == {"t1", "t4", "t7"}
    assert values(text)["salary_drained_count_3m"] == 3


def test_codes_are_told_apart():
    assert len({signal.code for signal in SIGNALS}) == len(SIGNALS)
