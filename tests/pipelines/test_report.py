import json
from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from pipelines import AccountEvidence, AccountProfile, EvidenceError, Holder, analyse_statement
from tests.pipelines.statements import AS_OF, THREE_SALARIES, statement

PROFILE = AccountProfile(
    account_ref="HDFC0000001/XX1234",
    masked_number="XX1234",
    ifsc="HDFC0000001",
    account_type="SAVINGS",
    holders=(Holder("ASHA VERMA"),),
    current_balance=Decimal("101700.00"),
)
EVIDENCE = AccountEvidence(PROFILE, statement(THREE_SALARIES))


@pytest.fixture(scope="module")
def analysis():
    return analyse_statement([EVIDENCE], as_of=AS_OF, statement_id="app-1")


def test_it_works(analysis):
    assert analysis.report["period"] == {
        "start": "2026-03-01",
        "end": "2026-05-20",
        "days": 81,
        "transactions": 11,
    }
    assert analysis.features.values["salary_credit_count_3m"] == 3
    assert analysis.lineage["salary_credit_count_3m"] == ["t1", "t4", "t7"]


def test_the_report_is_json_with_money_as_strings(analysis):
    assert json.loads(json.dumps(analysis.report)) == analysis.report
    assert analysis.report["months"][0]["salary"] == "60000.00"


def test_the_account(analysis):
    (account,) = analysis.report["accounts"]
    assert (account["masked_number"], account["holders"]) == ("XX1234", ["ASHA VERMA"])
    assert account["current_balance"] == "101700.00"


def test_a_month(analysis):
    april = analysis.report["months"][1]
    assert (april["month"], april["credits"], april["debits"], april["emi"]) == (
        "2026-04", "61000.00", "6000.00", "5000.00",
    )  # fmt: skip
    assert (april["minimum_balance"], april["balance_on_5"]) == ("105000.00", "106000.00")


def test_salaries_obligations_and_loans(analysis):
    assert analysis.report["salaries"][-1] == {
        "date": "2026-05-01",
        "amount": "62000.00",
        "employer": "ACME TECHNOLOGIES PVT LTD",
        "txn_ids": ["t7"],
    }
    (loan,) = analysis.report["obligations"]
    assert (loan["lender"], loan["monthly_amount"], loan["live"]) == ("Bajaj Finance", "5000.00", True)
    assert [month["month"] for month in loan["months"]] == ["2026-03", "2026-04", "2026-05"]
    assert analysis.report["loan_credits"][0]["lender"] == "KreditBee"


def test_categories_add_up_to_the_statement(analysis):
    total = sum(Decimal(line["amount"]) for line in analysis.report["categories"])
    assert total == analysis.transactions["amount"].sum()


def test_the_daily_balances(analysis):
    assert len(analysis.report["balances"]["daily"]) == 81
    assert analysis.report["balances"]["closing"] == analysis.report["balances"]["daily"][-1]["balance"]


def test_a_bounce_shows_its_lender_and_all_its_rows():
    text = """
        2026-05-05 DR 5000 ACH D- HDB FINANCIAL SERVICES-778
        2026-05-05 CR 5000 ACH D- HDB FINANCIAL SERVICES-778
        2026-05-06 DR  590 ACH D RETURN CHARGES
    """
    report = analyse_statement([AccountEvidence(PROFILE, statement(text))], as_of=AS_OF).report
    assert report["bounces"] == [
        {
            "date": "2026-05-05",
            "evidence": "MANDATE_RETURN",
            "amount": "5000.00",
            "payee": "HDB Financial",
            "reason": "UNSTATED",
            "txn_ids": ["t2", "t3"],
        }
    ]


def test_a_broken_running_balance_is_a_warning():
    tampered = statement(THREE_SALARIES).filter(pl.col("txn_id") != "t3")
    report = analyse_statement([AccountEvidence(PROFILE, tampered)], as_of=AS_OF).report
    assert [(warning["code"], warning["date"]) for warning in report["warnings"]] == [
        ("BALANCE_BROKEN", "2026-04-01")
    ]


def test_missing_balances_are_a_warning():
    blank = statement(THREE_SALARIES).with_columns(balance=pl.lit(None, pl.Decimal(14, 2)))
    analysis = analyse_statement([AccountEvidence(PROFILE, blank)], as_of=AS_OF)
    assert [warning["code"] for warning in analysis.report["warnings"]] == ["BALANCE_MISSING"]
    assert "average_monthly_balance" not in analysis.features.values


@pytest.mark.parametrize("evidence", [[], [AccountEvidence(PROFILE, statement(THREE_SALARIES).limit(0))]])
def test_no_transactions_say_so_and_nothing_else(evidence):
    analysis = analyse_statement(evidence, as_of=AS_OF)
    assert (analysis.report["period"], analysis.report["months"]) == (None, [])
    assert analysis.report["warnings"][0]["code"] == "NO_TRANSACTIONS"
    assert analysis.features.values == analysis.features.lineage == {}


def test_malformed_evidence_is_refused():
    with pytest.raises(EvidenceError):
        analyse_statement(["<Account"], as_of=date(2026, 5, 1))


def test_a_cheque_that_was_paid_in_and_came_back_says_why():
    text = "2026-05-04 CR 9000 BY CLG 123456 SBI\n2026-05-06 DR 9000 RETURNED:123456:FUNDS INSUFFICIENT"
    (line,) = analyse_statement([AccountEvidence(PROFILE, statement(text))], as_of=AS_OF).report[
        "outward_bounces"
    ]
    assert (line["date"], line["amount"], line["reason"]) == ("2026-05-06", "9000.00", "INSUFFICIENT_FUNDS")
