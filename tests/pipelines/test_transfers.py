from datetime import date

import polars as pl

from pipelines.bsa.features import banking_values, read_banking
from tests.pipelines.statements import AS_OF, statement

OTHER = "ICIC0000002/XX9876"


def banking(*accounts: pl.LazyFrame, holder: str = ""):
    holders = pl.LazyFrame({"statement_id": ["s1"], "name": [holder]})
    return read_banking(pl.concat(accounts), AS_OF, holders=holders)


def own(found) -> list[str]:
    rows = found.transactions.filter(pl.col("category") == "OWN_TRANSFER").collect()
    return sorted(rows["account_ref"] + " " + rows["txn_id"])


SALARIED = "2026-05-01 CR 60000 NEFT CR-HDFC0000001-ACME LTD-SALARY\n2026-05-03 DR 20000 NEFT-SAVINGS-XX"
SECOND = "2026-05-04 CR 20000 NEFT-HDFC-XX"


def test_it_works():
    found = banking(statement(SALARIED), statement(SECOND, account_ref=OTHER))
    assert own(found) == ["HDFC0000001/XX1234 t2", f"{OTHER} t1"]


def test_it_is_no_income_and_no_spending():
    found = banking(
        statement(SALARIED), statement(SECOND + "\n2026-05-05 CR 20000 BY CASH", account_ref=OTHER)
    )
    values = banking_values(found).collect().row(0, named=True)
    assert str(values["cash_deposit_share_percent"]) == "25.00"  # 20,000 of 80,000: the transfer is left out


def test_a_credit_is_used_once():
    twice = "2026-05-03 DR 20000 NEFT-SAVINGS-A\n2026-05-03 DR 20000 NEFT-SAVINGS-B"
    assert len(own(banking(statement(twice), statement(SECOND, account_ref=OTHER)))) == 2


def test_amounts_that_meet_by_chance_are_left_alone():
    small = (
        statement("2026-05-03 DR 40 UPI/DR/1/TEA"),
        statement("2026-05-03 CR 40 UPI/CR/2/RAVI", account_ref=OTHER),
    )
    late = (
        statement("2026-05-03 DR 9000 IMPS-1-RAVI"),
        statement("2026-05-09 CR 9000 IMPS-2-OM", account_ref=OTHER),
    )
    emi = statement("2026-05-03 DR 9000 ACH D- BAJAJ FINANCE-1"), statement(SECOND, account_ref=OTHER)
    assert [own(banking(*pair)) for pair in (small, late, emi)] == [[], [], []]


def test_the_holders_name_is_oneself():
    text = "2026-05-03 DR 9000 IMPS-412345678901-ASHA VERMA-ICIC-XX9876\n2026-05-03 DR 9000 IMPS-412345678902-RAVI"
    assert own(banking(statement(text), holder="Asha Verma")) == ["HDFC0000001/XX1234 t1"]
    assert own(banking(statement(text))) == []


def test_money_that_comes_back():
    text = """
        2026-05-03 CR 50000 IMPS-412345678901-RAVI TRADERS
        2026-05-06 DR 49000 NEFT DR-ICIC0000001-RAVI TRADERS-1
        2026-05-07 CR 50000 IMPS-412345678901-OM STORES
        2026-05-08 DR  9000 IMPS-412345678901-OM STORES
        2026-04-01 CR 50000 IMPS-412345678901-LATE LTD
        2026-05-09 DR 50000 IMPS-412345678901-LATE LTD
    """
    lines = banking(statement("\n".join(sorted(text.strip().splitlines(), key=str.strip)))).circles.collect()
    assert lines.select("party", "ends_on").rows() == [("RAVI TRADERS", date(2026, 5, 6))]
    assert lines["txn_ids"].to_list() == [["t2", "t3"]]
