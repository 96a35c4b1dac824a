from datetime import date
from decimal import Decimal

import pytest

from pipelines.bsa import read_banking
from tests.pipelines.statements import AS_OF, SALARY, statement

COMPANY = "NEFT CR-ICIC0000001-BLUE KITE PVT LTD-ASHA-12345"


def salaries(text: str) -> list[tuple[str, Decimal, str | None]]:
    frame = read_banking(statement(text), AS_OF).salaries.collect()
    return [
        (str(day), amount, employer)
        for day, amount, employer in frame.select("paid_on", "amount", "employer").rows()
    ]


def days(text: str) -> list[str]:
    return [day for day, _, _ in salaries(text)]


def test_it_works():
    text = f"2026-05-01 CR 60000 {SALARY.format(month='APR 2026')}"
    assert salaries(text) == [("2026-05-01", Decimal("60000.00"), "ACME TECHNOLOGIES PVT LTD")]


def test_a_salary_without_the_word_by_recurrence():
    text = f"""
        2026-03-02 CR 45000 {COMPANY}
        2026-04-01 CR 45500 {COMPANY}
        2026-05-01 CR 44000 {COMPANY}
    """
    assert days(text) == ["2026-03-02", "2026-04-01", "2026-05-01"]


@pytest.mark.parametrize(
    "text",
    [
        f"2026-03-02 CR 45000 {COMPANY}\n2026-04-01 CR 45500 {COMPANY}",
        f"2026-03-02 CR 45000 {COMPANY}\n2026-03-20 CR 45500 {COMPANY}\n2026-05-01 CR 44000 {COMPANY}",
        f"2026-03-02 CR 45000 {COMPANY}\n2026-04-01 CR 9000 {COMPANY}\n2026-05-01 CR 44000 {COMPANY}",
    ],
    ids=["twice", "irregular days", "irregular amounts"],
)
def test_what_does_not_recur_is_no_salary(text: str):
    assert salaries(text) == []


def test_regular_money_from_a_person_is_no_salary():
    person = "NEFT CR-ICIC0000001-RAVI KUMAR-ASHA-12345"
    text = "\n".join(f"2026-0{month}-02 CR 20000 {person}" for month in (3, 4, 5))
    assert salaries(text) == []


def test_an_employer_once_known_needs_no_word():
    text = f"""
        2026-04-01 CR 60000 {SALARY.format(month="MAR")}
        2026-05-04 CR 60000 NEFT CR-HDFC0000001-ACME TECHNOLOGIES PVT LT-ASHA VERMA
    """
    assert days(text) == ["2026-04-01", "2026-05-04"]


def test_parts_within_a_week_are_one_salary():
    text = f"""
        2026-05-01 CR 40000 {SALARY.format(month="APR")}
        2026-05-04 CR 20000 {SALARY.format(month="APR")}
    """
    assert salaries(text)[0][:2] == ("2026-05-01", Decimal("60000.00"))


def test_two_salaries_in_one_calendar_month_are_two():
    text = f"""
        2026-05-01 CR 60000 {SALARY.format(month="APR")}
        2026-05-25 CR 60000 {SALARY.format(month="MAY")}
    """
    assert len(salaries(text)) == 2


def test_an_incentive_is_not_another_salary():
    text = f"""
        2026-04-01 CR 60000 {SALARY.format(month="MAR")}
        2026-04-15 CR  5000 {SALARY.format(month="INCENTIVE")}
        2026-05-01 CR 60000 {SALARY.format(month="APR")}
    """
    assert days(text) == ["2026-04-01", "2026-05-01"]


def test_a_loan_of_a_salary_lender_is_no_salary():
    assert salaries("2026-05-01 CR 10000 NEFT CR-YESB0000001-EARLYSALARY SERVICES PVT LTD-ASHA") == []


def test_a_salary_paid_by_the_applicant_is_no_salary():
    assert salaries("2026-05-01 DR 10000 INF/INFT/012345678901/SALARY FOR MAY/RAMESH") == []


def test_the_features_keep_the_parts_as_lineage():
    text = f"""
        2026-05-01 CR 40000 {SALARY.format(month="APR")}
        2026-05-04 CR 20000 {SALARY.format(month="APR")}
    """
    frame = read_banking(statement(text), date(2026, 5, 25)).salaries.collect()
    assert frame["txn_ids"].to_list() == [["t1", "t2"]]
