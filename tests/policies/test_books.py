"""A backtest on a book that somebody sends: what is taken, what is refused, and that it grounds no approval."""

import io

import polars as pl
import pytest

from app.core.database import brand_scope
from app.files import storage
from app.policies import books
from app.policies.models import PolicyBacktest
from tests.policies.desk import Desk

ROWS = (
    "application_id,decided_on,requested_amount\na,2026-01-10,20000\nb,2026-02-10,45000\nc,2026-03-10,60000\n"
)


def parquet(**columns: list) -> bytes:
    file = io.BytesIO()
    pl.DataFrame(columns).write_parquet(file)
    return file.getvalue()


PARQUET = parquet(application_id=["a", "b", "c"], requested_amount=[20_000.0, 45_000.0, 60_000.0])


@pytest.fixture
def draft(desk: Desk) -> dict:
    desk.published(50_000)
    return desk.draft(30_000)


def test_a_csv_and_a_parquet_file_say_the_same(desk: Desk, draft: dict) -> None:
    runs = [desk.backtested_on(draft, book) for book in (ROWS.encode(), PARQUET)]
    assert [(run["status"], run["decisionCount"]) for run in runs] == [("READY", 3)] * 2
    assert runs[0]["summary"]["total"] == runs[1]["summary"]["total"]
    assert runs[0]["summary"]["total"]["matrix"]["APPROVE"] == {"APPROVE": 1, "REFER": 0, "REJECT": 1}
    csv = desk.call(desk.maker, "GET", f"/backtests/{runs[0]['id']}/files/csv")
    assert csv.body.decode().splitlines()[1].startswith("b,")


def test_the_book_is_forgotten_when_the_run_ends(desk: Desk, draft: dict) -> None:
    run = desk.backtested_on(draft, ROWS.encode())
    with brand_scope(desk.brand):
        key = PolicyBacktest.find(run["id"]).book_key
    assert key.startswith(f"{desk.brand}/")
    assert desk.platform.until(lambda: not storage().exists(key), "the book to be dropped")


def test_it_is_no_ground_for_an_approval(desk: Desk, draft: dict) -> None:
    run = desk.backtested_on(draft, ROWS.encode())
    assert run["bookSha256"]
    assert desk.maker.get(f"/policies/versions/{draft['id']}")["backtestId"] is None
    assert desk.step(desk.maker, draft, "submit", expect=409)["error"]["code"] == "BACKTEST_MISSING"


def test_only_the_days_that_are_asked_for_count(desk: Desk, draft: dict) -> None:
    run = desk.backtested_on(draft, ROWS.encode(), fromDate="2026-02-10", toDate="2026-03-09")
    assert run["decisionCount"] == 1


@pytest.mark.parametrize(
    ("book", "form", "code", "field"),
    [
        (b"", {}, "FILE_EMPTY", "file"),
        (b"PK\x03\x04 a workbook, perhaps", {}, "FILE_TYPE", "file"),
        (PARQUET[:-1], {}, "FILE_TYPE", "file"),
        (PARQUET[:60] + bytes(40) + PARQUET[-8:], {}, "BOOK_UNREADABLE", "file"),
        (b"a,b\n1,2\n", {}, "BOOK_UNREADABLE", "file"),
        (b"requested_amount,\n" + b"x" * books.BYTES_MAX, {}, "FILE_TOO_LARGE", "file"),
        (ROWS.encode(), {"fromDate": "2026-03-01", "toDate": "2026-02-01"}, "INVALID", "fromDate"),
        (PARQUET, {"fromDate": "2026-03-01"}, "BOOK_WITHOUT_DAYS", "fromDate"),
        (PARQUET, {"toDate": "2026-03-01"}, "BOOK_WITHOUT_DAYS", "toDate"),
        (ROWS.encode(), {"toDate": "yesterday"}, "INVALID", "toDate"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_book_is_told_by_its_field(
    desk: Desk, draft: dict, book: bytes, form: dict, code: str, field: str
) -> None:
    error = desk.backtested_on(draft, book, expect=422, **form)
    assert (error["code"], list(error["fields"])) == (code, [field])


def test_columns_that_nobody_reads_are_named_with_what_they_may_mean(desk: Desk, draft: dict) -> None:
    error = desk.backtested_on(draft, b"requested_amonut,colour\n1,red\n", expect=422)
    assert error["message"] == (
        "no column of the book is an input of bre;"
        " it has requested_amonut (did you mean 'requested_amount'?), colour"
    )


def test_many_rows_in_few_bytes_are_too_many(desk: Desk, draft: dict) -> None:
    book = parquet(requested_amount=[1] * (books.ROWS_MAX + 1))
    assert len(book) < books.BYTES_MAX
    assert desk.backtested_on(draft, book, expect=422)["code"] == "FILE_TOO_LARGE"


def test_a_book_that_breaks_off_further_on_fails_the_run_with_a_reason(desk: Desk, draft: dict) -> None:
    book = parquet(requested_amount=list(range(5_000)))
    damaged = book[:20] + bytes(byte ^ 0x5A for byte in book[20:4_000]) + book[4_000:]
    run = desk.backtested_on(draft, damaged)
    assert run["status"] == "FAILED"
    assert "book" in run["reason"]
