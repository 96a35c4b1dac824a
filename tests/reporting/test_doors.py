"""Reports through the public door: which page in which order, part of a file, and who may not."""

import csv
import io
import zipfile
from datetime import datetime, timedelta

import pytest

from app.core.identity import Role
from reports import REPORTS
from reports.write import camel
from tests.books import book_days, planted
from tests.platform import OTHER_BRAND, Platform
from tests.reporting.conftest import INDIA, Desk

NAME = "disbursed-loan-report"
REPORT = REPORTS[NAME]


@pytest.fixture(scope="module")
def desk(platform: Platform) -> Desk:
    return Desk(platform, platform.staff(Role.ADMIN, planted(platform)))


@pytest.fixture(scope="module")
def run(desk: Desk) -> dict:
    days = book_days(datetime.now(INDIA).date())
    asked = desk.portal.get(f"/report/{NAME}", params=days | {"refresh": "true"}, expect=202)
    desk.platform.drain()
    return desk.portal.get(f"/report-runs/{asked['runId']}")


def page(desk: Desk, run: dict, expect: int = 200, **more: object) -> dict:
    return desk.portal.get(f"/report/{NAME}", params={"runId": run["runId"], **more}, expect=expect)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"page": 0}, "page"),
        ({"page": -1}, "page"),
        ({"page": 10**30}, "page"),
        ({"page": "two"}, "page"),
        ({"pageSize": 0}, "pageSize"),
        ({"pageSize": -1}, "pageSize"),
        ({"pageSize": 10**9}, "pageSize"),
        ({"sort": "nothing"}, "sort"),
        ({"sort": "loan_no"}, "sort"),
        ({"sort": "--loanNo"}, "sort"),
        ({"where": "status"}, "where"),
        ({"where": "nothing:ACTIVE"}, "where"),
        ({"filter": "status:ACTIVE"}, "filter"),
        ({"runId": "no-id"}, "runId"),
    ],
)
def test_a_page_that_cannot_be_given_names_the_field(desk: Desk, run: dict, more: dict, field: str) -> None:
    error = page(desk, run, 422, **more)["error"]
    assert list(error["fields"]) == [field]


def test_pages_are_in_the_order_that_is_asked_for(desk: Desk, run: dict) -> None:
    every = desk.rows_of(run)
    for column in REPORT.columns:
        name = camel(column.name)
        found = page(desk, run, sort=f"-{name}", pageSize=500)["rows"]
        assert sorted(map(str, found)) == sorted(map(str, every))
        told = [row[name] for row in found if row[name] is not None]
        number = column.kind.letter in "imp"
        assert told == sorted(told, key=float if number else None, reverse=True), name
        # what says nothing comes last
        assert all(row[name] is None for row in found[len(told) :])
    some = [page(desk, run, sort="sanctionedAmount", pageSize=4, page=n)["rows"] for n in (1, 2)]
    assert [*some[0], *some[1]] == page(desk, run, sort="sanctionedAmount", pageSize=8)["rows"]


def test_pages_show_only_the_rows_that_are_asked_for(desk: Desk, run: dict) -> None:
    every = desk.rows_of(run)
    first = every[0]
    told = page(
        desk, run, where=[f"status:{first['status']}", f"freshRepeat:{first['freshRepeat']}"], pageSize=500
    )
    alike = [row for row in every if all(row[name] == first[name] for name in ("status", "freshRepeat"))]
    assert told["rows"] == alike
    assert (told["pagination"]["total"], told["meta"]["rowCount"]) == (len(alike), len(every))
    # a masked column is compared as it is shown
    assert page(desk, run, where=f"mobile:{first['mobile']}")["rows"]
    assert page(desk, run, where="loanNo:none")["rows"] == []
    assert page(desk, run, page=1_000_000, sort="loanNo")["rows"] == []


def test_a_file_is_sent_in_part(desk: Desk, run: dict) -> None:
    path = f"/partner/brand/{desk.portal.brand_id}/report/{NAME}/csv?runId={run['runId']}"
    whole = desk.fetch(path)
    size = len(whole.content)
    assert (whole.headers["Content-Length"], whole.headers["Accept-Ranges"]) == (str(size), "bytes")
    for asked, start, end in (("bytes=10-99", 10, 100), ("bytes=-5", size - 5, size), ("bytes=9-", 9, size)):
        part = desk.fetch(path, headers={"Range": asked, "If-Range": whole.headers["ETag"]})
        assert (part.status_code, part.content) == (206, whole.content[start:end])
        assert part.headers["Content-Range"] == f"bytes {start}-{end - 1}/{size}"
    beyond = desk.fetch(path, headers={"Range": f"bytes={size}-"})
    assert (beyond.status_code, beyond.json()["error"]["code"]) == (416, "REQUESTED_RANGE_NOT_SATISFIABLE")
    assert desk.fetch(path, headers={"Range": "bytes=0-1", "If-Range": '"other"'}).content == whole.content
    head = desk.fetch(path, "HEAD")
    told = ("Content-Length", "Content-Type", "Content-Disposition")
    assert (head.status_code, head.content) == (200, b"")
    assert [head.headers[name] for name in told] == [whole.headers[name] for name in told]


def test_csv_ends_with_totals_if_they_are_asked_for(desk: Desk, run: dict) -> None:
    asked = {"runId": run["runId"], "totals": "1"}
    text = desk.portal.get(f"/report/{NAME}/csv", params=asked).decode("utf-8-sig")
    header, *lines, last = csv.reader(io.StringIO(text, newline=""))
    line = dict(zip(header, last, strict=True))
    assert (len(lines), last[0]) == (run["rowCount"], "TOTAL")
    assert line["sanctioned_amount"] == run["totals"]["sanctionedAmount"]
    assert (line["customer_name"], line["pan"]) == ("", "")
    desk.portal.get(f"/report/{NAME}/csv", params=asked | {"format": "csv"}, expect=422)


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("masterreport", "master-report"),
        ("Master_Report", "master-report"),
        ("dsbursed-loan", "disbursed-loan-report"),
    ],
)
def test_an_unknown_report_is_told_what_is_called_alike(desk: Desk, name: str, near: str) -> None:
    for path in (f"/report/{name}", f"/report/{name}/csv", f"/report/{name}/download"):
        error = desk.portal.get(path, params=desk.days(), expect=404)["error"]
        assert error["details"]["near"][0] == near
    error = desk.portal.post(f"/report/{name}/email", json=desk.days(), expect=404)["error"]
    assert f"Did you mean {near}" in error["message"]


MAY = (Role.SUPER_ADMIN, Role.ADMIN, Role.COLLECTION_MANAGER, Role.COLLECTION_HEAD)
MAY_NOT = (
    Role.LOAN_EXECUTIVE,
    Role.CREDIT_EXECUTIVE,
    Role.SANCTION_MANAGER,
    Role.SANCTION_HEAD,
    Role.COLLECTION_EXECUTIVE,
)


@pytest.mark.parametrize("role", MAY_NOT)
def test_who_may_not_gets_no_report_in_any_way(platform: Platform, role: Role) -> None:
    portal, days = platform.staff(role), {"fromDate": "2026-01-01", "toDate": "2026-01-01"}
    for name in REPORTS:
        portal.post(f"/report/{name}/email", json=days, expect=403)
    for path in (
        "/reports",
        f"/report/{NAME}",
        "/report-runs",
        "/report-schedules",
        f"/report/{NAME}/csv",
        f"/report/{NAME}/download",
    ):
        portal.get(path, params=days, expect=403)
    portal.post("/report-schedules", json={"reportType": NAME}, expect=403)


@pytest.mark.parametrize("role", MAY)
def test_who_may_is_mailed_a_report_of_their_brand_alone(platform: Platform, role: Role) -> None:
    portal = platform.staff(role)
    told = portal.post(f"/report/{NAME}/email", json=Desk(platform, portal).days(), expect=202)
    assert told["run"]["unmasked"] is False
    portal.call("POST", f"/partner/brand/{OTHER_BRAND}/report/{NAME}/email", json={}, expect=404)
    path = f"/report-runs/{told['run']['runId']}"
    platform.staff(role, OTHER_BRAND).get(path, expect=404)


@pytest.mark.parametrize(
    "more",
    [
        {"fromDate": "2026-01-02", "toDate": "2026-01-01"},
        {"fromDate": "2026-01-01", "toDate": "2999-01-01"},
        {"fromDate": "2026-01-01", "toDate": "2026-12-31"},
        {"toDate": "2026-01-01"},
        {"fromDate": "1", "toDate": "2026-01-01"},
        {"fromDate": "2026-01-01", "toDate": "2026-01-01", "format": "pdf"},
        {"fromDate": "2026-01-01", "toDate": "2026-01-01", "groupBy": "x"},
        {"fromDate": "2026-01-01", "toDate": "2026-01-01", "to": "somebody@else.example"},
    ],
)
def test_a_mail_that_cannot_be_sent_is_refused_before_it_is_made(desk: Desk, more: dict) -> None:
    assert desk.portal.post(f"/report/{NAME}/email", json=more, expect=422)["error"]["fields"]


def test_days_begin_and_end_in_india(desk: Desk) -> None:
    """The last millisecond of a day is of that day, the first of the next is not."""
    day = datetime.now(INDIA).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=400)
    instants = [
        day - timedelta(milliseconds=1),
        day,
        day + timedelta(days=1, milliseconds=-1),
        day + timedelta(days=1),
    ]
    numbers = desk.platform.sql(
        "UPDATE customer c SET created_at = v.at FROM (SELECT id, (%s::timestamptz[])[row_number() OVER (ORDER BY id)]"
        " AS at FROM (SELECT id FROM customer WHERE brand_id = %s ORDER BY id LIMIT 4) q) v WHERE c.id = v.id"
        " RETURNING c.customer_no, c.created_at",
        instants,
        desk.portal.brand_id,
    )
    days = {"fromDate": day.date().isoformat(), "toDate": day.date().isoformat()}
    with desk.platform.set(report_rows_at_once=1_000):
        rows = desk.portal.get("/report/master-report", params=days)["rows"]
    assert {row["customerId"] for row in rows} == {number for number, at in numbers if at in instants[1:3]}


def test_text_that_a_spreadsheet_would_run_is_text_in_every_format(desk: Desk, run: dict) -> None:
    evil = '=HYPERLINK("http://x.example","<script>alert(1)</script>")'
    brand_id, before = desk.portal.brand_id, "UPDATE loan SET purpose = %s || purpose WHERE brand_id = %s"
    after = "UPDATE loan SET purpose = substr(purpose, %s) WHERE brand_id = %s"
    desk.platform.sql(before, evil, brand_id)
    asked = desk.portal.get(
        f"/report/{NAME}",
        params={"fromDate": run["fromDate"], "toDate": run["toDate"], "refresh": "true"},
        expect=202,
    )
    desk.platform.drain()
    desk.platform.sql(after, len(evil) + 1, brand_id)
    hrefs = desk.portal.get(f"/report-runs/{asked['runId']}")["fileHrefs"]
    purposes = {row["purpose"] for row in desk.fetch(hrefs["json"]).json()["rows"]}
    assert all(purpose.startswith(evil) for purpose in purposes)
    lines = csv.DictReader(io.StringIO(desk.fetch(hrefs["csv"]).content.decode("utf-8-sig"), newline=""))
    assert {line["purpose"] for line in lines} == {f"'{purpose}" for purpose in purposes}
    desk.fetch(hrefs["html"])
    desk.platform.drain()
    shown = desk.fetch(hrefs["html"]).text
    assert "<script>alert" not in shown
    assert "&#39;=HYPERLINK(" in shown
    assert b"<f>" not in _sheet(desk.fetch(hrefs["xlsx"]).content)


def _sheet(book: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        return archive.read("xl/worksheets/sheet1.xml")
