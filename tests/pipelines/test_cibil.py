import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from pipelines import EvidenceError, read_cibil
from pipelines.bureau.report import ACCOUNTS, ENQUIRIES, HISTORY, IDENTITIES
from tests.pipelines.bureau_reports import account, cibil, enquiry


def test_it_works():
    report = read_cibil(cibil(accounts=[account()]), report_id="pull-1")
    loan = report.accounts.collect().row(0, named=True)
    assert (report.outcome, report.score, report.pulled_on) == ("SCORED", 742, date(2026, 4, 18))
    assert (loan["report_id"], loan["product"], loan["secured"]) == ("pull-1", "PERSONAL_LOAN", False)
    assert (loan["sanctioned"], loan["opened_on"]) == (Decimal("200000.00"), date(2025, 1, 12))


@pytest.mark.parametrize("raw", [cibil(), cibil(accounts=[account()], enquiries=[enquiry("01042026")])])
def test_the_schema_is_the_same_with_and_without_entries(raw: dict[str, Any]):
    report = read_cibil(raw)
    assert report.accounts.collect_schema() == ACCOUNTS
    assert report.history.collect_schema() == HISTORY
    assert report.enquiries.collect_schema() == ENQUIRIES
    assert report.identities.collect_schema() == IDENTITIES


def test_the_payment_history_begins_with_the_newest_month():
    history = read_cibil(cibil(accounts=[account(paymentHistory="000030XXX")])).history.collect()
    assert history.select("month", "status", "days_past_due").rows() == [
        (date(2026, 3, 1), "000", 0),
        (date(2026, 2, 1), "030", 30),
        (date(2026, 1, 1), "XXX", None),
    ]


def test_a_class_of_asset_means_at_least_its_days():
    history = read_cibil(cibil(accounts=[account(paymentHistory="STDSMASUBDBTLSS")])).history.collect()
    assert history["days_past_due"].to_list() == [0, 30, 91, 456, 456]


def test_a_history_in_two_halves_is_one_of_at_most_36_months():
    halves = account(paymentHistory=None, paymentHistory1="000" * 18, paymentHistory2="030" * 20)
    history = read_cibil(cibil(accounts=[halves])).history.collect()
    assert history.height == 36
    assert history["month"].min() == date(2023, 4, 1)


def test_an_account_without_history():
    assert read_cibil(cibil(accounts=[account(paymentHistory="")])).history.collect().is_empty()


@pytest.mark.parametrize(
    ("raw", "outcome"),
    [
        (cibil(score="000-1", subjectReturnCode=0), "NO_HIT"),
        (cibil(score="000-1"), "NO_HIT"),
        (cibil(score=None, subjectReturnCode=0), "NO_HIT"),
        (cibil(score="000-1", enquiries=[enquiry("18042026")]), "NO_HIT"),
        (cibil(score="000-1", enquiries=[enquiry("01032026")]), "THIN_FILE"),
        (cibil(score="000-1", accounts=[account()]), "THIN_FILE"),
        (cibil(score="00005"), "THIN_FILE"),
        (cibil(score="00300"), "SCORED"),
        (cibil(score="00900"), "SCORED"),
    ],
)
def test_no_file_a_thin_file_and_a_score_are_told_apart(raw: dict[str, Any], outcome: str):
    report = read_cibil(raw)
    assert report.outcome == outcome
    assert report.hit is (outcome != "NO_HIT")
    assert (report.score is None) is (outcome != "SCORED")


def test_blank_condition_is_no_condition_and_00_is_a_restructured_loan():
    codes = {"T001": None, "T002": "00", "T003": "02", "T004": 3, "T005": "99"}
    accounts = [account(index, writtenOffAndSettledStatus=code) for index, code in codes.items()]
    conditions = read_cibil(cibil(accounts=accounts)).accounts.collect()["condition"].to_list()
    assert conditions == [None, "RESTRUCTURED", "WRITTEN_OFF", "SETTLED", None]


@pytest.mark.parametrize("code", ["88", None, "", "LOAN"])
def test_an_unlisted_type_is_of_unknown_security(code: str | None):
    row = read_cibil(cibil(accounts=[account(accountType=code)])).accounts.collect().row(0, named=True)
    assert (row["product"], row["secured"], row["revolving"]) == ("OTHER", None, False)


def test_identities():
    identities = read_cibil(cibil()).identities.collect().select("kind", "value").rows()
    assert identities == [
        ("NAME", "MEERA IYER"),
        ("DOB", "03021991"),
        ("PAN", "ABCPI1234K"),
        ("PHONE", "9000000099"),
    ]


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"dateOpened": "2025-01-12"}, "accounts[0].dateOpened"),
        ({"dateReported": "31022026"}, "accounts[0].dateReported"),
        ({"currentBalance": "many"}, "accounts[0].currentBalance"),
        ({"amountOverdue": True}, "accounts[0].amountOverdue"),
        ({"accountType": {"code": "05"}}, "accounts[0].accountType"),
        ({"paymentHistory": "0000"}, "accounts[0].paymentHistory"),
        ({"paymentHistory": "000ZZZ"}, "accounts[0].paymentHistory"),
        ({"paymentStartDate": None}, "accounts[0].paymentStartDate"),
    ],
)
def test_a_malformed_account_names_its_field(fields: dict[str, Any], where: str):
    with pytest.raises(EvidenceError) as refused:
        read_cibil(cibil(accounts=[account(**fields)]))
    assert refused.value.field == where


@pytest.mark.parametrize(
    ("raw", "where"),
    [
        ([], "report"),
        ({}, "consumerCreditData"),
        ({"consumerCreditData": []}, "consumerCreditData"),
        ({"controlData": {"success": False}}, "controlData.success"),
        (cibil(score="00950"), "scores[0].score"),
        (cibil(score="high"), "scores[0].score"),
        (cibil(dateProcessed="tomorrow"), "tuefHeader.dateProcessed"),
        (cibil(dateProcessed="9" * 23), "tuefHeader.dateProcessed"),
        (cibil(enquiries=[enquiry("")]), "enquiries[0].enquiryDate"),
        (cibil(accounts=["T001"]), "accounts"),
    ],
)
def test_what_is_no_report_is_refused(raw: Any, where: str):
    with pytest.raises(EvidenceError) as refused:
        read_cibil(raw)
    assert refused.value.field == where


def test_numbers_survive_json():
    raw = json.loads(json.dumps(cibil(accounts=[account(currentBalance=1156281.5)])))
    assert read_cibil(raw).accounts.collect()["outstanding"].to_list() == [Decimal("1156281.50")]
