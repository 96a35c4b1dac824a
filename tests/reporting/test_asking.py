"""Asking for a report over HTTP."""

import csv
from datetime import datetime, timedelta

import pytest

from app.core.identity import Role
from reports import REPORTS
from tests.platform import BRAND, OTHER_BRAND
from tests.reporting.conftest import INDIA, Desk
from tests.stages import Stages

NAMES = list(REPORTS)


def test_it_works(admin: Desk):
    run = admin.ask("master-report", refresh="true")
    assert (run["status"], run["progressPercent"], run["rowCount"]) == ("QUEUED", 0, None)
    admin.platform.drain()
    done = admin.portal.call("GET", run["href"])
    assert (done["status"], done["progressPercent"], done["reason"]) == ("READY", 100, None)
    page = admin.portal.call("GET", done["rowsHref"])
    assert page["meta"]["rowCount"] == done["rowCount"] == page["pagination"]["total"]
    assert admin.portal.call("GET", done["csvHref"]).startswith(b"\xef\xbb\xbfcustomer_id,lead_created_at,")


def test_the_reports_there_are(admin: Desk):
    listed = admin.portal.get("/reports")
    assert [report["reportType"] for report in listed] == NAMES
    assert listed[0]["columns"][0] == {
        "name": "customerId",
        "header": "customer_id",
        "type": "text",
        "meaning": "Number of the customer",
        "masked": False,
        "empty": False,
    }


def test_an_unknown_report_names_those_there_are(admin: Desk):
    error = admin.ask("no-such-report", expect=404)["error"]
    assert (error["code"], error["details"]["reports"]) == ("UNKNOWN_REPORT", NAMES)


def day(offset: int) -> str:
    return (datetime.now(INDIA).date() + timedelta(days=offset)).isoformat()


@pytest.mark.parametrize(
    ("params", "fields"),
    [
        ({}, "fromDate toDate"),
        ({"fromDate": day(0)}, "toDate"),
        ({"fromDate": "01-06-2026", "toDate": day(0)}, "fromDate"),
        ({"fromDate": "2026-02-30", "toDate": day(0)}, "fromDate"),
        ({"fromDate": day(0), "toDate": day(-1)}, "fromDate"),
        ({"fromDate": day(0), "toDate": day(1)}, "toDate"),
        ({"fromDate": day(-92), "toDate": day(0)}, "toDate"),
        ({"fromDate": day(0), "toDate": day(0), "pageSize": 501}, "pageSize"),
        ({"fromDate": day(0), "toDate": day(0), "nonsense": 1}, "nonsense"),
    ],
)
def test_a_question_that_is_not_right_names_the_field(admin: Desk, params, fields):
    error = admin.portal.get("/report/master-report", params=params, expect=422)["error"]
    assert list(error["fields"]) == fields.split()


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.SUPER_ADMIN, 200),
        (Role.ADMIN, 200),
        (Role.COLLECTION_MANAGER, 200),
        (Role.COLLECTION_HEAD, 200),
        (Role.COLLECTION_EXECUTIVE, 403),
        (Role.CREDIT_EXECUTIVE, 403),
        (Role.SANCTION_HEAD, 403),
        (Role.LOAN_EXECUTIVE, 403),
    ],
)
def test_the_roles_of_the_matrix(platform, role, status):
    platform.staff(role).get("/reports", expect=status)


def test_the_same_question_is_answered_from_what_is_there(admin: Desk):
    run = admin.produced("disbursed-loan-report")
    again = admin.ask("disbursed-loan-report", expect=200)
    assert again["meta"]["runId"] == run["runId"]
    assert admin.portal.get("/report/disbursed-loan-report/csv", params=admin.days())


def test_a_run_on_its_way_is_joined(admin: Desk):
    first = admin.ask("collection-loan-report", refresh="true")
    assert admin.ask("collection-loan-report")["runId"] == first["runId"]
    admin.portal.get("/report/collection-loan-report/download", params=admin.days(), expect=202)
    admin.platform.drain()


def test_refresh_asks_anew(admin: Desk):
    run = admin.produced("master-report")
    assert admin.ask("master-report", refresh="true")["runId"] != run["runId"]
    admin.platform.drain()


def test_an_old_answer_is_not_given_again(admin: Desk):
    run = admin.produced("master-report")
    aged = "UPDATE report_run SET as_of = now() - interval '61 s', fingerprint = 'other' WHERE id = %s"
    admin.platform.sql(aged, run["runId"])
    assert admin.ask("master-report")["runId"] != run["runId"]
    admin.platform.drain()


def test_a_failed_run_says_why_and_is_not_given_again(admin: Desk):
    run = admin.produced("master-report")
    admin.platform.sql(
        "UPDATE report_run SET status = 'FAILED', reason = 'It rained.' WHERE id = %s", run["runId"]
    )
    error = admin.portal.get("/report/master-report", params={"runId": run["runId"]}, expect=409)["error"]
    assert (error["code"], "It rained." in error["message"]) == ("REPORT_FAILED", True)
    assert admin.ask("master-report")["runId"] != run["runId"]
    admin.platform.drain()


def test_a_run_belongs_to_its_report(admin: Desk):
    run = admin.produced("master-report")
    admin.portal.get("/report/collection-loan-report/csv", params={"runId": run["runId"]}, expect=404)


def test_another_brand_sees_no_run(admin: Desk):
    run = admin.produced("master-report")
    stranger = admin.platform.staff(Role.ADMIN, OTHER_BRAND)
    stranger.get(f"/report-runs/{run['runId']}", expect=404)
    stranger.get("/report/master-report/csv", params={"runId": run["runId"]}, expect=404)
    stranger.call("GET", f"/partner/brand/{BRAND}/report-runs", expect=404)


def test_the_history_lists_newest_first(admin: Desk):
    run = admin.produced("collection-loan-report")
    assert admin.portal.get("/report-runs")["items"][0]["runId"] == run["runId"]


def test_personal_data_needs_a_right(admin: Desk, collector: Desk):
    collector.ask("master-report", unmasked="true", expect=403)
    run = admin.produced("master-report", unmasked="true")
    assert run["unmasked"]
    collector.portal.get(f"/report-runs/{run['runId']}", expect=403)
    collector.portal.get("/report/master-report/csv", params={"runId": run["runId"]}, expect=403)


def test_an_unmasked_run_does_not_answer_a_masked_question(admin: Desk, collector: Desk):
    admin.produced("master-report")
    unmasked = admin.produced("master-report", unmasked="true")
    assert collector.ask("master-report", expect=200)["meta"]["runId"] != unmasked["runId"]


def test_every_run_and_download_is_in_the_audit_trail(admin: Desk):
    run = admin.produced("master-report")
    admin.portal.get("/report/master-report", params={"runId": run["runId"], "page": 1})
    admin.portal.get("/report/master-report/csv", params={"runId": run["runId"]})
    events = admin.platform.sql(
        "SELECT action, actor_role, after ->> 'report_type', ip IS NOT NULL FROM audit_event"
        " WHERE entity_id = %s ORDER BY created_at",
        run["runId"],
    )
    assert events == [
        ("report.requested", "ADMIN", "master-report", True),
        ("report.produced", "SYSTEM", "master-report", False),
        ("report.viewed", "ADMIN", "master-report", True),
        ("report.downloaded", "ADMIN", "master-report", True),
    ]


def test_the_rows_of_one_group(admin: Desk, closed: Stages):
    name = "internal-marketing-analysis-report"
    every, chosen = (admin.produced(name, **more) for more in ({}, {"groupBy": "campaign"}))
    assert {row["groupBy"] for row in admin.rows_of(chosen)} == {"campaign"}
    assert 0 < chosen["rowCount"] < every["rowCount"]
    assert chosen["totals"] == every["totals"]
    finer = admin.rows_of(admin.produced(name, groupBy="device_by_day"))
    today = {(row["groupKey"], row["period"], row["leads"]) for row in finer}
    assert "device_by_day" not in {row["groupBy"] for row in admin.rows_of(every)}
    assert today == {(key, admin.days()["fromDate"], leads) for key, _, leads in today}
    assert sum(leads for _, _, leads in today) == every["totals"]["leads"]
    assert (chosen["groupBy"], admin.ask(name, 200, groupBy="campaign")["meta"]["groupBy"]) == (
        "campaign",
    ) * 2


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("internal-marketing-analysis-report", "It can be grouped by: source, campaign"),
        ("master-report", "This report has no groups to choose."),
    ],
)
def test_a_group_that_there_is_not(admin: Desk, name: str, words: str):
    error = admin.ask(name, 422, groupBy="nothing")["error"]
    assert error["fields"]["groupBy"][0].startswith(words)


def test_what_was_chosen_is_a_question_of_its_own(admin: Desk):
    name = "non-disbursed-loan-report"
    usual, unsigned = (admin.produced(name, **more) for more in ({}, {"agreementStatus": "UNSIGNED"}))
    assert (usual["options"], unsigned["options"]) == ({}, {"agreementStatus": "UNSIGNED"})
    page = admin.ask(name, 200, agreementStatus="UNSIGNED")
    assert (page["meta"]["runId"], page["meta"]["options"]) == (unsigned["runId"], unsigned["options"])
    # what holds anyway is no choice
    assert admin.ask(name, 200, agreementStatus="SIGNED")["meta"]["runId"] == usual["runId"]
    (told,) = [report for report in admin.portal.get("/reports") if report["reportType"] == name]
    assert list(told["options"]["agreementStatus"]) == ["SIGNED", "UNSIGNED", "ANY"]


@pytest.mark.parametrize(
    ("name", "option", "words"),
    [
        ("cic-report", {"range": "all"}, "It can be: book, disbursed."),
        ("disbursed-loan-report", {"range": "disbursed"}, "This report has no such choice."),
    ],
)
def test_what_cannot_be_chosen(admin: Desk, name: str, option: dict[str, str], words: str):
    error = admin.ask(name, 422, **option)["error"]
    assert error["fields"] == {next(iter(option)): [words]}


def test_a_row_of_totals_ends_a_csv_if_asked_for(admin: Desk, closed: Stages):
    run = admin.produced("disbursed-loan-report")
    asked = {"runId": run["runId"]}
    usual, more = (
        admin.portal.get("/report/disbursed-loan-report/csv", params=asked | told)
        for told in ({}, {"totals": "1"})
    )
    assert more.startswith(usual)
    (row,) = csv.reader([more[len(usual) :].decode()])
    cells = dict(zip(usual.decode("utf-8-sig").split("\r\n")[0].split(","), row, strict=True))
    assert (cells["customer_id"], cells["sanctioned_amount"]) == ("TOTAL", run["totals"]["sanctionedAmount"])
    assert {cells[name] for name in ("pan", "disbursed_date", "roi_pct")} == {""}
    admin.ask("disbursed-loan-report", 422, totals="1")
