"""A finished report as a workbook: typed cells, a header that stays in sight, totals on a sheet of their own."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from reports.charts import Drawn, drawn
from reports.finished import Finished
from reports.kinds import INDIA, Kind

# a sheet has 1,048,576 rows, and the first is the header
XLSX_ROWS_MAX = 1_048_575
_GROUP_ROWS = 20_000
_WIDTH_MAX = 40


class TooManyRows(ValueError):
    """More rows than a sheet holds; the text says how many it may be."""


def write_xlsx(produced: Finished, path: Path) -> None:
    """The workbook. Raises TooManyRows. Text is never a formula, amounts are numbers, days and times are India's."""
    if produced.row_count > XLSX_ROWS_MAX:
        raise TooManyRows(f"A sheet holds at most {XLSX_ROWS_MAX:,} rows. Take CSV or Parquet.")
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        _rows(book, produced)
        _charts(book, produced)
        _totals(book.add_worksheet("Totals"), produced.totals, book.add_format({"bold": True}))


def _rows(book: xlsxwriter.Workbook, produced: Finished) -> None:
    sheet, columns = book.add_worksheet("Report"), produced.report.columns
    head = book.add_format({"bold": True, "bottom": 1})
    sheet.freeze_panes(1, 0)
    for number, column in enumerate(columns):
        sheet.set_column(number, number, min(_WIDTH_MAX, max(11, len(column.name) + 2)))
        sheet.write_string(0, number, column.name, head)
    writers = [_writer(sheet, book, column.kind) for column in columns]
    values = [_value(column.name, column.kind) for column in columns]
    rows = pl.scan_parquet(produced.rows).select(values)
    for first in range(0, produced.row_count, _GROUP_ROWS):
        for row, cells in enumerate(rows.slice(first, _GROUP_ROWS).collect().iter_rows(), first + 1):
            for number, cell in enumerate(cells):
                if cell is not None:
                    writers[number](row, number, cell)
    if produced.row_count:
        sheet.autofilter(0, 0, produced.row_count, len(columns) - 1)


def _value(name: str, kind: Kind) -> pl.Expr:
    """What a cell holds: Excel knows no zones and no exact decimals, and shows fifteen digits of a number."""
    value = pl.col(name)
    if kind.dtype == pl.Datetime("us", "UTC"):
        return value.dt.convert_time_zone(INDIA).dt.replace_time_zone(None)
    return value.cast(pl.Float64) if kind.dtype.is_decimal() else value


def _writer(sheet: Worksheet, book: xlsxwriter.Workbook, kind: Kind) -> Callable[[int, int, Any], Any]:
    form = book.add_format({"num_format": _FORMS[kind.letter]}) if kind.letter in _FORMS else None
    write = getattr(sheet, _WRITERS.get(kind.letter, "write_string"))
    return lambda row, column, cell: write(row, column, cell, form)


_FORMS = {"m": "#,##0.00", "p": "0.00##", "d": "dd-mm-yyyy", "t": "dd-mm-yyyy hh:mm:ss"}
_WRITERS = {
    "i": "write_number",
    "m": "write_number",
    "p": "write_number",
    "d": "write_datetime",
    "t": "write_datetime",
    "b": "write_boolean",
}


_CHART_ROWS = 16  # that a drawing is high


def _charts(book: xlsxwriter.Workbook, produced: Finished) -> None:
    """The drawings on a sheet, their figures on another."""
    if not produced.report.charts:
        return
    sheet, figures = book.add_worksheet("Charts"), book.add_worksheet("Figures of charts")
    row = 0
    for number, chart in enumerate(produced.report.charts):
        told = drawn(chart, pl.scan_parquet(produced.rows))
        if told.labels:
            sheet.insert_chart(number * _CHART_ROWS, 0, _drawing(book, figures, told, row))
        row += len(told.labels) + 2


def _drawing(book: xlsxwriter.Workbook, figures: Worksheet, told: Drawn, row: int) -> Any:
    """A drawing, and its figures from a row on: the names of the series, then a line a label."""
    drawing, last, name = (
        book.add_chart({"type": told.chart.kind}),
        row + len(told.labels),
        figures.get_name(),
    )
    for number, (series, _) in enumerate(told.series, 1):
        figures.write_string(row, number, series)
        drawing.add_series(
            {
                "name": [name, row, number],
                "categories": [name, row + 1, 0, last, 0],
                "values": [name, row + 1, number, last, number],
            }
        )
    # a line after the other: what was written before is gone from memory
    for at, label in enumerate(told.labels):
        figures.write_string(row + 1 + at, 0, label)
        for number, (_, values) in enumerate(told.series, 1):
            if values[at] is not None:
                figures.write_number(row + 1 + at, number, values[at])
    drawing.set_title({"name": told.chart.title})
    drawing.set_size({"width": 900, "height": 300})
    return drawing


def _totals(sheet: Worksheet, totals: Mapping[str, Any], bold: Format) -> None:
    sheet.set_column(0, 1, 28)
    row = 0
    for name, total in totals.items():
        sheet.write_string(row, 0, name, bold)
        parts = (total or {"": None}) if isinstance(total, dict) else {"": total}
        for part, value in parts.items():
            sheet.write_string(row, 1, part)
            _write_total(sheet, row, value)
            row += 1


def _write_total(sheet: Worksheet, row: int, value: Any) -> None:
    try:
        sheet.write_number(row, 2, float(value))
    except (TypeError, ValueError):
        sheet.write_string(row, 2, "" if value is None else str(value))
