"""Equifax, CRIF and Experian into the one schema; hostile and half-empty answers of every bureau."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines import (
    EvidenceError,
    bureau_details,
    bureau_features,
    bureau_summary,
    read_cibil,
    read_crif,
    read_equifax,
    read_experian,
)
from pipelines.bureau.report import ACCOUNTS, ENQUIRIES, HISTORY, IDENTITIES
from tests.pipelines.bureau_reports import (
    account,
    cais,
    cibil,
    crif,
    equifax,
    equifax_account,
    experian,
    tradeline,
)

AS_OF = date(2026, 4, 20)
WHOLE = {
    "cibil": (read_cibil, cibil(accounts=[account()])),
    "equifax": (read_equifax, equifax(equifax_account("1", "000", "000", "NEW"))),
    "crif": (read_crif, crif(tradeline())),
    "experian": (read_experian, experian(cais("000"))),
}
every = pytest.mark.parametrize(("read", "raw"), WHOLE.values(), ids=WHOLE)


def days(report: Any) -> list[int | None]:
    return report.history.collect()["days_past_due"].to_list()


def first(report: Any) -> dict[str, Any]:
    return report.accounts.collect().row(0, named=True)


@every
def test_it_works(read: Callable, raw: dict) -> None:
    report = read(raw, report_id="pull-1")
    loan = first(report)
    assert (report.outcome, report.score, report.pulled_on) == ("SCORED", 742, date(2026, 4, 18))
    assert (loan["product"], loan["secured"], loan["ownership"]) == ("PERSONAL_LOAN", False, "INDIVIDUAL")
    assert (loan["sanctioned"], loan["outstanding"]) == (Decimal("200000.00"), Decimal("120000.00"))
    assert loan["opened_on"] == date(2025, 1, 12)
    assert set(days(report)) == {0}


@every
def test_the_schema_is_the_same_for_all(read: Callable, raw: dict) -> None:
    report = read(raw)
    for frame, schema in (
        (report.accounts, ACCOUNTS),
        (report.history, HISTORY),
        (report.enquiries, ENQUIRIES),
        (report.identities, IDENTITIES),
    ):
        assert frame.collect_schema() == schema


@pytest.mark.parametrize("status", ["000", "01+", "30+", "31+", "60+", "90+", "120+", "720+"])
def test_equifax_counts_days_by_the_least_of_a_band(status: str) -> None:
    assert days(read_equifax(equifax(equifax_account("1", status)))) == [int(status.rstrip("+"))]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("STD", 0),
        ("SMA", 30),
        ("SUB", 91),
        ("DBT", 456),
        ("LOSS", 456),
        ("*", None),
        ("WOF", 91),
        ("ZZZ", None),
    ],
)
def test_equifax_statuses(status: str, expected: int | None) -> None:
    assert days(read_equifax(equifax(equifax_account("1", status)))) == [expected]


def test_equifax_months_are_named() -> None:
    report = read_equifax(equifax(equifax_account("1", "30+", "000", "01+", "NEW")))
    months = report.history.collect()["month"].to_list()
    assert months == [date(2026, 3, 1), date(2026, 2, 1), date(2026, 1, 1), date(2025, 12, 1)]


@pytest.mark.parametrize(
    ("fields", "condition"),
    [
        ({"AccountStatus": "Charge Off/Written Off"}, "WRITTEN_OFF"),
        ({"AccountStatus": "Post Write Off Settled"}, "SETTLED"),
        ({"AccountStatus": "Current Account"}, None),
        ({"AccountStatus": "Restructured Loan"}, "RESTRUCTURED"),
    ],
)
def test_equifax_conditions(fields: dict, condition: str | None) -> None:
    assert first(read_equifax(equifax(equifax_account("1", **fields))))["condition"] == condition


def test_equifax_takes_the_condition_from_the_months_where_the_status_is_silent() -> None:
    assert first(read_equifax(equifax(equifax_account("1", "SET", "90+"))))["condition"] == "SETTLED"


def test_an_account_that_is_not_open_was_closed_when_last_reported() -> None:
    assert first(read_equifax(equifax(equifax_account("1", Open="No"))))["closed_on"] == date(2026, 3, 31)


def test_accounts_of_two_lists_with_one_number_stay_apart() -> None:
    raw = equifax(equifax_account("1", "30+"), equifax_account("1", "60+"))
    report = read_equifax(raw)
    assert report.accounts.collect()["account_id"].n_unique() == 2
    assert sorted(days(report)) == [30, 60]


def test_equifax_as_xml_made_json_reads_alike() -> None:
    loan = equifax_account("1", "30+")
    months = loan.pop("History48Months")
    raw = {
        "InquiryResponse": {
            "InquiryResponseHeader": {"Date": "18-04-2026", "ReportOrderNO": 77},
            "ReportData": {
                "ScoreDetails": {"ScoreDetail": {"Value": 742}},
                "AccountDetails": {"Account": loan | {"History48Months": {"Month": months[0]}}},
            },
        }
    }
    report = read_equifax(raw)
    assert (report.score, report.pulled_on, days(report)) == (742, date(2026, 4, 18), [30])


@pytest.mark.parametrize(
    ("raw", "outcome"),
    [
        (equifax(score=None), "NO_HIT"),
        (equifax(score="-1"), "NO_HIT"),
        (equifax(score="0"), "NO_HIT"),
        (equifax(score="5"), "THIN_FILE"),
        (equifax(equifax_account(), score="-1"), "THIN_FILE"),
        ({"CCRResponse": {"CIRReportDataLst": [{"Error": {"ErrorCode": "00", "ErrorDesc": "x"}}]}}, "NO_HIT"),
        ({"Error": {"ErrorCode": "E1", "ErrorDesc": "Consumer not found in bureau"}}, "NO_HIT"),
        ({"InquiryResponse": {"InquiryResponseHeader": {"HitCode": "00"}}}, "NO_HIT"),
    ],
)
def test_equifax_knows_nobody_little_or_enough(raw: dict, outcome: str) -> None:
    assert read_equifax(raw).outcome == outcome


@pytest.mark.parametrize(
    ("raw", "outcome"),
    [
        (crif(score=None), "NO_HIT"),
        (crif(score="", status="NO-HIT"), "NO_HIT"),
        (crif(score="0"), "NO_HIT"),
        (crif(tradeline(), score="0"), "THIN_FILE"),
        (crif(tradeline(), score="300"), "SCORED"),
    ],
)
def test_crif_knows_nobody_little_or_enough(raw: dict, outcome: str) -> None:
    assert read_crif(raw).outcome == outcome


def test_crif_counts_the_worse_of_days_and_class() -> None:
    report = read_crif(
        crif(tradeline("Mar:2026|Feb:2026|Jan:2026|Dec:2025|", "029/STD|XXX/SUB|XXX/XXX|062/SMA|"))
    )
    assert days(report) == [29, 91, None, 62]


def test_crif_amounts_have_commas_and_instalments_a_frequency() -> None:
    loan = first(read_crif(crif(tradeline())))
    assert (loan["emi"], loan["payments_per_year"]) == (Decimal("6000.00"), 12)


@pytest.mark.parametrize(
    ("fields", "condition"),
    [
        ({"WRITTEN-OFF-SETTLED-STATUS": "Written Off"}, "WRITTEN_OFF"),
        ({"ACCOUNT-STATUS": "Settled"}, "SETTLED"),
        ({"WRITTEN-OFF-SETTLED-STATUS": "Not written off"}, None),
    ],
)
def test_crif_conditions(fields: dict, condition: str | None) -> None:
    assert first(read_crif(crif(tradeline(**fields))))["condition"] == condition


def test_security_is_taken_from_the_report_where_the_product_does_not_tell() -> None:
    stated = [
        tradeline(**{"ACCT-TYPE": "MYSTERY LOAN", "SECURITY-STATUS": word})
        for word in ("Secured", "Un-Secured", "")
    ]
    accounts = read_crif(crif(*stated)).accounts.collect()
    assert accounts["secured"].to_list() == [True, False, None]
    assert set(accounts["product"]) == {"OTHER"}


def test_an_experian_profile_begins_with_the_month_before_it_was_reported() -> None:
    history = read_experian(experian(cais("0126?S"))).history.collect()
    assert history["month"].to_list()[0] == date(2026, 3, 1)
    assert history["days_past_due"].to_list() == [0, 30, 60, 180, None, 0]


@every
def test_masked_values_are_unknown(read: Callable, raw: dict) -> None:
    text = json.dumps(raw).replace(": 200000,", ': "200000",')
    for value in ("12012025", "2025-01-12", "12-01-2025", "20250112", "2,00,000", "200000"):
        text = text.replace(f'"{value}"', '"XX-**"')
    loan = first(read(json.loads(text)))
    assert (loan["opened_on"], loan["sanctioned"]) == (None, None)


@pytest.mark.parametrize(
    ("read", "raw", "where"),
    [
        (read_equifax, {}, "CCRResponse"),
        (read_equifax, [], "report"),
        (read_equifax, {"Error": {"ErrorCode": "E0776", "ErrorDesc": "no"}}, "CCRResponse"),
        (read_equifax, equifax(score="950"), "ScoreDetails[0].Value"),
        (read_equifax, equifax(equifax_account("1", DateOpened="soon")), "accounts[0].DateOpened"),
        (read_equifax, equifax(equifax_account("1", Balance="many")), "accounts[0].Balance"),
        (
            read_equifax,
            equifax(equifax_account("1", History48Months=[{"key": "13-26", "PaymentStatus": "000"}])),
            "History48Months[0].key",
        ),
        (read_crif, {}, "CIR-REPORT-FILE"),
        (read_crif, crif(status="FAILURE"), "REQUEST-STATUS"),
        (read_crif, crif(score="high"), "SCORE[0].VALUE"),
        (read_crif, crif(tradeline("Mar:2026|", "000/STD|000/STD|")), "TRADELINES[0].HISTORY.VALUES"),
        (read_crif, crif(tradeline("Smarch:2026|", "000/STD|")), "HISTORY.DATES"),
        (read_experian, {}, "CreditProfileHeader"),
        (read_experian, experian(cais("0Z")), "CAIS_Account_DETAILS[0].Payment_History_Profile"),
    ],
)
def test_what_cannot_be_read_names_its_place(read: Callable, raw: Any, where: str) -> None:
    with pytest.raises(EvidenceError) as refused:
        read(raw)
    assert refused.value.field == where


def test_a_report_that_lists_fewer_accounts_than_it_states_says_so() -> None:
    report = read_equifax(equifax(equifax_account("1", "000"), NoOfAccounts="31"))
    assert report.warnings == ("1 accounts are listed, 31 are stated",)


def test_of_accounts_that_are_stated_and_not_listed_nothing_is_known() -> None:
    known = bureau_features(read_equifax(equifax(NoOfAccounts="31")), AS_OF).values
    assert known["bureau_score"] == 742
    assert not known.keys() & {"active_payday_loan_count", "bureau_overdue_amount", "bureau_emi_obligations"}


def test_the_summary_and_the_details_are_plain() -> None:
    report = read_crif(crif(tradeline(**{"OVERDUE-AMT": "500"}), tradeline(**{"ACCOUNT-STATUS": "Closed"})))
    summary, details = bureau_summary(report, AS_OF), bureau_details(report)
    assert (summary["account_count"], summary["closed_account_count"], summary["overdue"]) == (2, 1, "500.00")
    assert details["accounts"][0]["history"][0] == {
        "month": "2026-03-01",
        "status": "000/STD",
        "days_past_due": 0,
    }
    assert json.loads(json.dumps(details)) == details


# A month as every bureau writes it: the same days past due, whatever the alphabet.
LATE = st.lists(st.integers(0, 899), min_size=1, max_size=36)


@settings(max_examples=20, deadline=None)
@given(LATE)
def test_one_history_in_three_alphabets_is_one_history(late: list[int]) -> None:
    months = [date(2026 + (2 - back) // 12, (2 - back) % 12 + 1, 1) for back in range(len(late))]
    marks = [f"{number:03}" for number in late]
    reports = (
        read_cibil(cibil(accounts=[account(paymentHistory="".join(marks))])),
        read_equifax(
            equifax(
                equifax_account(
                    "1",
                    History48Months=[
                        {"key": f"{month:%m-%y}", "PaymentStatus": "*", "DaysPastDue": str(number)}
                        for month, number in zip(months, late, strict=True)
                    ],
                )
            )
        ),
        read_crif(
            crif(
                tradeline(
                    "".join(f"{month:%b:%Y}|" for month in months), "".join(f"{mark}/STD|" for mark in marks)
                )
            )
        ),
    )
    expected = list(zip(months, late, strict=True))
    for report in reports:
        assert report.history.collect().select("month", "days_past_due").rows() == expected


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.sampled_from(["000", "030", "XXX", "STD", "SMA", "SUB", "DBT", "LSS"]), max_size=60),
    st.data(),
)
def test_a_cibil_history_is_a_mark_a_month_or_refused(marks: list[str], data: st.DataObject) -> None:
    text = "".join(marks)
    history = read_cibil(cibil(accounts=[account(paymentHistory=text)])).history.collect()
    assert history["status"].to_list() == marks[:36]
    if text:
        cut = data.draw(st.integers(1, 2))
        with pytest.raises(EvidenceError):
            read_cibil(cibil(accounts=[account(paymentHistory=text[:-cut])]))


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
    st.sampled_from(["", "XXXX", "0", "-1", "STD", "000", "31122026", "99-99", "Apr:2026|", "1,23,456.78"]),
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)


@every
@settings(max_examples=25, deadline=None)
@given(st.data())
def test_whatever_stands_in_a_report_it_is_read_or_refused(
    read: Callable, raw: dict, data: st.DataObject
) -> None:
    tree = json.loads(json.dumps(raw))
    places = list(_places(tree))
    for parent, key in data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=3)):
        parent[key] = data.draw(ANYTHING)
    try:
        report = read(tree)
    except EvidenceError:
        return
    bureau_features(report, AS_OF)
    json.dumps([bureau_summary(report, AS_OF), bureau_details(report)])


def _places(node: Any) -> Any:
    for key, value in list(node.items() if isinstance(node, dict) else enumerate(node)):
        yield node, key
        if isinstance(value, dict | list):
            yield from _places(value)
