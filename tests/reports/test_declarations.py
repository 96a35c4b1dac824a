"""Every declaration is complete, documented, and can be asked for."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

import reports
from reports.base import SPAN_DAYS_MAX, Report
from reports.columns import DICTIONARY, shared
from reports.docs import document
from reports.facts import FACTS
from reports.kinds import KINDS
from reports.produce import finisher, shape

EVERY = pytest.mark.parametrize("report", reports.REPORTS.values(), ids=list(reports.REPORTS))
# those that show the rows of their source as they are
LISTS = [report for report in reports.REPORTS.values() if report.is_join]
TODAY = date(2026, 6, 30)


# of the description of the platform, in its order; then those of analysts
NAMES = [
    "master-report",
    "disbursed-loan-report",
    "non-disbursed-loan-report",
    "disburse-non-disburse-report",
    "active-loans-by-due-date-report",
    "completed-loan-with-no-repet-report",
    "loan-close-report",
    "outstanding-data-report",
    "reject-report",
    "total-approve-sanction-report",
    "affiliate-report",
    "login-sessions-report",
    "master-collection-report",
    "collection-loan-report",
    "collection-due-report",
    "collection-loan-report-by-approved-date",
    "collection-allocation-executive-report",
    "credit-executive-allocation-report",
    "collection-remarks-report",
    "total-recovery-report",
    "field-visit-report",
    "marketing-report",
    "internal-marketing-report",
    "internal-marketing-analysis-report",
    "daily-marketing-mis-report",
    "lead-total-report",
    "cic-report",
    "equifax-credit-report",
    "transunion-report",
    "vintage-report",
    "roll-rate-report",
    "collection-efficiency-report",
    "funnel-report",
    "campaign-roi-report",
    "reject-waterfall-report",
]


def test_the_names_are_those_of_the_platform():
    assert list(reports.REPORTS) == NAMES


@EVERY
def test_column_names_are_unique(report: Report):
    names = [column.name for column in report.columns]
    assert len(names) == len(set(names))


@EVERY
def test_every_column_says_what_it_means(report: Report):
    assert all(len(column.meaning) > 4 and column.kind in KINDS for column in report.columns)


@pytest.mark.parametrize("report", LISTS, ids=[report.name for report in LISTS])
def test_the_sources_give_what_the_columns_are_made_of(report: Report):
    given = {column.name for source in report.sources.values() for column in source.gives}
    wanted = {root for column in report.columns for root in column.value().meta.root_names()}
    assert wanted == given


@EVERY
def test_an_empty_book_makes_an_empty_report_of_the_declared_types(report: Report):
    frames = {
        name: pl.LazyFrame(schema={column.name: column.kind.dtype for column in source.gives})
        for name, source in report.sources.items()
    }
    expected = {column.name: column.kind.dtype for column in report.columns}
    assert dict(shape(report, frames).collect_schema()) == expected


@EVERY
def test_personal_data_that_is_decrypted_is_masked(report: Report):
    # names are shown to every role, as in the lists
    open_on_purpose = {"dob", "customer_name", "aadhaar_name", "beneficiary_name"}
    sealed = {c.name for source in report.sources.values() for c in source.gives if c.sealed}
    shown = {c.name for c in report.columns if c.name in sealed and c.mask is None}
    assert shown <= open_on_purpose


@EVERY
def test_no_column_can_hold_an_aadhaar_number_or_a_religion(report: Report):
    assert not [c.name for c in report.columns if c.name in ("aadhaar", "aadhaar_number", "religion")]


def test_the_two_full_bureau_files_differ_in_what_they_call_things_and_in_two_columns():
    equifax, transunion = (
        [column.name for column in reports.get(name).columns]
        for name in ("equifax-credit-report", "transunion-report")
    )
    names = {
        "address_1": "address_line_1",
        "address_2": "address_line_2",
        "written_off_settled_status": "credit_facility_status",
    }
    own = equifax.index("errors")
    assert own == 70
    assert transunion[:own] == [names.get(name, name) for name in equifax[:own]]
    assert transunion[own:] == ["ckyc", "nrega_card_number", *equifax[own:]]


def test_a_formula_is_made_of_columns_that_sql_gives():
    formulas = [column.formula for column in DICTIONARY.values() if column.formula is not None]
    roots = {name for formula in formulas for name in formula.meta.root_names()}
    assert all(DICTIONARY[name].sql for name in roots)


_VALUES = {"s": "{}", "e": "A", "j": "{}", "i": 2, "m": Decimal(3), "p": Decimal(4), "d": TODAY, "b": True}


@pytest.mark.parametrize("report", LISTS, ids=lambda report: report.name)
def test_a_row_of_a_join_is_made_of_no_other_row(report):
    (source,) = report.sources.values()
    schema = {column.name: column.kind.dtype for column in source.gives}
    rows = [{c.name: _VALUES.get(c.kind.letter) for c in source.gives}, dict.fromkeys(schema)]
    one, other = (pl.LazyFrame([row], schema=schema) for row in rows)
    finish = finisher(report)
    parts = [finish(part).collect() for part in (one, other)]
    assert finish(pl.concat([one, other])).collect().equals(pl.concat(parts))


@EVERY
def test_sql_asks_for_no_more_than_can_be_chosen(report: Report):
    question = reports.Question("qualoan", TODAY, TODAY, TODAY)
    asked = {name for source in report.sources.values() for name in re.findall(r"%\((\w+)\)s", source.sql)}
    assert asked <= set(report.parameters(question))
    assert {option.name for option in report.options} <= asked


def test_columns_speak_of_facts_and_tables_that_exist():
    known = {"l", "c", "t", "a", "p", "o", "v", "u", "b", *FACTS}
    named = {name for c in DICTIONARY.values() for name in re.findall(r"\b([a-z_]+)\.[a-z_]+", c.sql or "")}
    assert named <= known


def test_a_column_under_another_name_has_the_same_value_type_and_mask():
    (mobile,) = shared("phone=mobile")
    assert (mobile.name, mobile.kind, mobile.mask) == (
        "phone",
        DICTIONARY["mobile"].kind,
        DICTIONARY["mobile"].mask,
    )
    assert mobile.value().meta.root_names() == ["mobile"]


def test_an_unknown_report_is_told_which_there_are():
    with pytest.raises(reports.UnknownReport, match=r"'no-report'.*master-report, disbursed-loan-report"):
        reports.get("no-report")


@pytest.mark.parametrize(
    ("from_date", "to_date", "field"),
    [
        (date(2026, 6, 2), date(2026, 6, 1), "from_date"),
        (date(2026, 6, 1), date(2026, 7, 1), "to_date"),
        (date(2026, 3, 30), TODAY, "to_date"),
        (date(2026, 3, 31), TODAY, None),
        (TODAY, TODAY, None),
    ],
)
def test_dates_that_cannot_be_asked_for(from_date, to_date, field):
    problem = reports.get("master-report").problem(from_date, to_date, TODAY)
    assert (problem and problem[0]) == field


def test_the_longest_range_is_whole_days():
    assert (TODAY - date(2026, 3, 31)).days + 1 == SPAN_DAYS_MAX


def test_days_are_those_of_india():
    parameters = reports.Question("qualoan", date(2026, 6, 1), date(2026, 6, 1), TODAY).parameters()
    assert parameters["from_at"].isoformat() == "2026-05-31T18:30:00+00:00"
    assert parameters["until_at"].isoformat() == "2026-06-01T18:30:00+00:00"


def test_the_documentation_is_current():
    page = Path(__file__).parents[2] / "docs" / "reports.md"
    assert page.read_text(encoding="utf-8") == document(reports.REPORTS.values()), "run: los reports docs"
