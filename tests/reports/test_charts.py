"""Charts of reports: what they show, in a workbook and on a page."""

import zipfile
from dataclasses import replace

import polars as pl
import pytest
import python_calamine

from reports import REPORTS
from reports.charts import SERIES_MAX, Chart, drawn
from reports.pages import write_html
from reports.sheets import write_xlsx
from tests.reports.tiny import NOTHING, REPORT, ROW, produced

COLUMNS = Chart(title="<b>Amounts</b>", x="loan_no", y=("amount", "tenure_days"))


def test_a_column_is_a_series_and_rows_of_a_label_add_up() -> None:
    rows = pl.LazyFrame({"x": ["a", "b", "a", None], "y": [1, 2, 3, None], "z": [None, None, None, 5]})
    told = drawn(Chart(title="t", x="x", y=("y", "z")), rows)
    assert told.labels == ["a", "b", ""]
    assert told.series == [("y", [4.0, 2.0, None]), ("z", [None, None, 5.0])]


def test_the_values_of_a_column_are_series_the_newest_alone() -> None:
    cohorts = [f"2026-{n:02d}" for n in range(1, SERIES_MAX + 3)]
    rows = pl.LazyFrame({"day": [0] * len(cohorts), "cohort": cohorts, "pct": range(len(cohorts))})
    told = drawn(Chart(title="t", kind="line", x="day", y=("pct",), by="cohort"), rows)
    assert [name for name, _ in told.series] == cohorts[2:]
    assert told.series[0] == (cohorts[2], [2.0])


@pytest.fixture
def made(tmp_path):
    finished = produced([{**ROW, "loan_no": "=1+1"}, {**ROW, "loan_no": "<script>"}, NOTHING], tmp_path)
    charts = (COLUMNS, replace(COLUMNS, kind="line", only=pl.col("loan_no") == "none"))
    return replace(finished, report=replace(REPORT, charts=charts))


def test_a_workbook_has_them_with_their_figures(made, tmp_path) -> None:
    write_xlsx(made, tmp_path / "out.xlsx")
    book = python_calamine.CalamineWorkbook.from_path(str(tmp_path / "out.xlsx"))
    assert book.sheet_names == ["Report", "Charts", "Figures of charts", "Totals"]
    figures = book.get_sheet_by_name("Figures of charts").to_python()
    assert figures[1] == ["=1+1", 30000.0, 30.0]
    with zipfile.ZipFile(tmp_path / "out.xlsx") as parts:
        names = [name for name in parts.namelist() if name.startswith("xl/charts/chart")]
        assert len(names) == 1  # of no rows no drawing is made
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist() if "worksheets" in name)


def test_a_page_escapes_what_people_typed(made, tmp_path) -> None:
    write_html(made, tmp_path / "out.html")
    page = (tmp_path / "out.html").read_text()
    assert "<svg" in page
    assert "&lt;script&gt;" in page
    assert "<script>" not in page
    assert "<b>Amounts" not in page


def test_every_declared_chart_names_columns_of_its_report() -> None:
    declared = [report for report in REPORTS.values() if report.charts]
    assert len(declared) >= 6
    for report in declared:
        names = {column.name for column in report.columns}
        for chart in report.charts:
            assert {chart.x, *chart.y, *([chart.by] if chart.by else [])} <= names
            assert chart.by is None or len(chart.y) == 1
