"""Every report over HTTP: mailed, read by the page, and downloaded in every format, all saying the same."""

import csv
import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import polars as pl
import pytest
import python_calamine
import requests

from app.core.identity import Role
from reports import REPORTS, Report
from reports.kinds import Kind
from reports.pages import ROWS_MAX
from reports.write import FORMATS as KNOWN
from reports.write import camel
from tests.books import book_days
from tests.platform import Platform
from tests.reporting.conftest import INDIA, Desk
from tests.reporting.recounted import BRAND, make_book

# fewer would say little; of campaigns that are paid for, and of loans that fall due ahead and are given out, are few
ROWS_MIN = 3
FEW = {"affiliate-report", "collection-allocation-executive-report"}
FORMATS = ("csv", "json", "parquet", "xlsx", "html")
EVERY = pytest.mark.parametrize("name", REPORTS)
_LINK = re.compile(r"http\S+/report-files/\S+")


@dataclass(frozen=True)
class Walked:
    """All reports of a quarter of a book: the last or, of what falls due, up to the last day that may be asked for.
    Runs as they were mailed, then their files by format."""

    desk: Desk
    runs: dict[str, dict[str, Any]]
    mails: dict[str, dict[str, Any]]
    files: dict[tuple[str, str], requests.Response]

    def rows(self, name: str) -> list[dict[str, Any]]:
        """As JSON has them."""
        return self.files[name, "json"].json()["rows"]

    def book(self, name: str) -> python_calamine.CalamineWorkbook:
        """The workbook."""
        return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(self.files[name, "xlsx"].content))


@pytest.fixture(scope="module")
def walked(platform: Platform) -> Walked:
    """One drain for what is mailed, one for the formats that are made when somebody asks for them."""
    make_book(platform)
    desk = Desk(platform, platform.staff(Role.ADMIN, BRAND))
    today = datetime.now(INDIA).date()
    days = {name: book_days(today + timedelta(days=known.days_ahead_max)) for name, known in REPORTS.items()}
    asked = {
        name: desk.portal.post(f"/report/{name}/email", expect=202, json={**days[name], "refresh": True})
        for name in REPORTS
    }
    platform.drain()
    runs = {name: desk.portal.get(f"/report-runs/{told['run']['runId']}") for name, told in asked.items()}
    inbox = platform.sandbox.messages(desk.portal.user["email"])
    mails = {name: _mail_of(inbox, report) for name, report in REPORTS.items()}
    for run in runs.values():
        desk.fetch(run["fileHrefs"]["html"])
    platform.drain()
    files = {
        (name, format_): desk.fetch(run["fileHrefs"][format_])
        for name, run in runs.items()
        for format_ in FORMATS
    }
    return Walked(desk, runs, mails, files)


def _mail_of(inbox: list[dict[str, Any]], report: Report) -> dict[str, Any]:
    return next(mail for mail in inbox if mail["subject"].startswith(f"{report.title}, "))


def test_none_is_compared_empty(walked: Walked) -> None:
    rows = {name: run["rowCount"] for name, run in walked.runs.items()}
    assert [name for name, count in rows.items() if not count] == []
    assert {name for name, count in rows.items() if count < ROWS_MIN} <= FEW


@EVERY
def test_it_is_mailed_as_a_link_that_ends(walked: Walked, name: str) -> None:
    run, mail, file = walked.runs[name], walked.mails[name], walked.files[name, "xlsx"]
    assert (run["status"], run["unmasked"], run["reason"]) == ("READY", False, None)
    assert f"{run['rowCount']:,} rows" in mail["text"]
    assert "The link ends on" in mail["text"]
    answer = requests.get(_LINK.search(mail["text"]).group(), timeout=30)
    assert (answer.status_code, answer.content) == (200, file.content)
    assert answer.headers["Content-Disposition"] == file.headers["Content-Disposition"]


@EVERY
def test_its_files_are_named_and_typed(walked: Walked, name: str) -> None:
    run = walked.runs[name]
    for format_ in FORMATS:
        answer, known = walked.files[name, format_], KNOWN[format_]
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, known.content_type)
        file = f"{name}_{walked.desk.portal.brand_id}_{run['fromDate']}_{run['toDate']}.{known.extension}"
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{file}"'


@EVERY
def test_its_formats_say_the_same(walked: Walked, name: str) -> None:
    report, rows = REPORTS[name], walked.rows(name)
    text = walked.files[name, "csv"].content.decode("utf-8-sig")
    header, *lines = csv.reader(io.StringIO(text, newline=""))
    frame = pl.read_parquet(io.BytesIO(walked.files[name, "parquet"].content))
    sheet_header, *sheet = walked.book(name).get_sheet_by_name("Report").to_python()
    assert dict(frame.schema) == {column.name: column.kind.dtype for column in report.columns}
    assert header == sheet_header == frame.columns
    assert len(rows) == len(lines) == frame.height == len(sheet) == walked.runs[name]["rowCount"]
    for at, column in enumerate(report.columns):
        told = [_FROM_JSON[column.kind.letter](row[camel(column.name)]) for row in rows]
        read = {
            "csv": [_from_csv(column.kind, line[at]) for line in lines],
            "xlsx": [_from_sheet(column.kind, line[at]) for line in sheet],
            "parquet": [_from_frame(value) for value in frame[column.name]],
        }
        for format_, values in read.items():
            assert all(map(_are_alike, told, values)), (format_, column.name)


@EVERY
def test_its_totals_are_those_of_its_rows_in_every_format(walked: Walked, name: str) -> None:
    report, run, told = REPORTS[name], walked.runs[name], walked.files[name, "json"].json()["meta"]
    assert (told["rowCount"], told["totals"]) == (run["rowCount"], run["totals"])
    grouped = report.grouping is not None  # the totals are those of the whole
    for total in () if grouped else report.totals:
        if total.by is None and total.value.meta.eq(pl.col(total.name).sum()):
            values = [Decimal(row[camel(total.name)] or 0) for row in walked.rows(name)]
            assert Decimal(run["totals"][camel(total.name)]) == sum(values), total.name
    sheet, page = _totals_of_sheet(walked.book(name)), _Page.of(walked.files[name, "html"].text)
    for key, total in run["totals"].items():
        parts = (total or {"": None}) if isinstance(total, dict) else {"": total}
        assert sheet[key] == {part: _number(value) for part, value in parts.items()}
        if total != {}:
            assert {"-" if value is None else str(value) for value in parts.values()} <= page.tiles, key


@EVERY
def test_its_header_stays_in_sight_and_its_charts_are_drawn(walked: Walked, name: str) -> None:
    charts = len(REPORTS[name].charts)
    with zipfile.ZipFile(io.BytesIO(walked.files[name, "xlsx"].content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        drawn = [entry for entry in book.namelist() if entry.startswith("xl/charts/chart")]
    assert re.search(r'<pane ySplit="1"[^>]*state="frozen"', sheet)
    page = walked.files[name, "html"].text
    drawings = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(drawings) == len(drawn) == charts
    assert all(len(ElementTree.fromstring(drawing)) for drawing in drawings)
    header, *lines = csv.reader(
        io.StringIO(walked.files[name, "csv"].content.decode("utf-8-sig"), newline="")
    )
    read = _Page.of(page)
    assert read.head == [name.replace("_", " ") for name in header]
    assert read.rows == lines[:ROWS_MAX]


class _Page(HTMLParser):
    """What stands in the cells and tiles of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.head: list[str] = []
        self.rows: list[list[str]] = []
        self.tiles: set[str] = set()
        self._in, self._held = "", ""

    @classmethod
    def of(cls, text: str) -> "_Page":
        page = cls()
        page.feed(text)
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        self._in, self._held = tag, ""

    def handle_data(self, data: str) -> None:
        self._held += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "th":
            self.head.append(self._held)
        elif tag == "td":
            self.rows[-1].append(self._held)
        elif tag == "b":
            self.tiles.add(self._held)
        elif tag == "thead":
            self.rows.clear()


def _totals_of_sheet(book: python_calamine.CalamineWorkbook) -> dict[str, Any]:
    """As a run tells them: one number, or numbers by part."""
    found: dict[str, dict[str, Any]] = {}
    name = ""
    for line in book.get_sheet_by_name("Totals").to_python():
        name = line[0] or name
        found.setdefault(camel(name), {})[str(line[1])] = line[2] if len(line) > 2 else ""
    return found


def _number(value: Any) -> Any:
    """An amount, or a day, or nothing."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return value or ""


def _from_csv(kind: Kind, cell: str) -> Any:
    return _FROM_CSV[kind.letter](kind, cell) if cell else None


def _from_sheet(kind: Kind, cell: Any) -> Any:
    if cell == "":
        return None
    if kind.letter in "mp":
        return Decimal(repr(float(cell)))
    return str(cell) if kind.letter in "sej" else cell


def _from_frame(value: Any) -> Any:
    return (
        value.astimezone(INDIA).replace(tzinfo=None) if isinstance(value, datetime) else value or _kept(value)
    )


def _kept(value: Any) -> Any:
    return None if value == "" else value


def _are_alike(told: Any, read: Any) -> bool:
    """Sheets and CSV know no parts of a second."""
    if isinstance(told, datetime) and isinstance(read, date):
        instant = read if isinstance(read, datetime) else datetime.combine(read, datetime.min.time())
        return abs(told - instant) <= timedelta(seconds=1)
    return told == read


def _text(value: str | None) -> str | None:
    return value or None


def _if_any(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else read(value)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(INDIA).replace(tzinfo=None)


_FROM_JSON: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys("sej", _text),
    **dict.fromkeys("mp", _if_any(Decimal)),
    **dict.fromkeys("ib", _if_any(lambda value: value)),
    "d": _if_any(date.fromisoformat),
    "t": _if_any(_instant),
}
_FROM_CSV: dict[str, Callable[[Kind, str], Any]] = {
    **dict.fromkeys("sej", lambda kind, cell: cell[1:] if cell[:1] == "'" else cell),
    **dict.fromkeys("mp", lambda kind, cell: Decimal(cell)),
    "i": lambda kind, cell: int(cell),
    "b": lambda kind, cell: cell == "Y",
    "d": lambda kind, cell: date(*map(int, re.findall(r"(\d\d)-?(\d\d)-?(\d{4})", cell)[0][::-1])),
    "t": lambda kind, cell: datetime.fromisoformat(re.sub(r"(\d\d)-(\d\d)-(\d{4}) ", r"\3-\2-\1T", cell)),
}
