"""Reports that are mailed to whom, when, and what became of it: to the staff who read reports, and to nobody else."""

import re
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
import requests

from app.core import clock
from app.core.database import brand_scope
from app.core.identity import Role
from app.reporting import cadence, jobs, schedules
from reports import REPORTS
from tests.books import planted
from tests.hours import set_clock
from tests.platform import OTHER_BRAND, Platform
from tests.reporting.conftest import INDIA, Desk

NAME = "disbursed-loan-report"
MIS = "daily-marketing-mis-report"
LINK = re.compile(r"http\S+/report-files/\S+")
_ACTIVE = "UPDATE partner_user SET is_active = %s WHERE id = %s"


@pytest.fixture(scope="module")
def desk(platform: Platform) -> Desk:
    return Desk(platform, platform.staff(Role.ADMIN, planted(platform)))


@pytest.fixture(scope="module")
def head(desk: Desk) -> Desk:
    """A colleague who reads reports too."""
    return Desk(desk.platform, desk.platform.staff(Role.COLLECTION_HEAD, desk.portal.brand_id))


def make(desk: Desk, **asked: object) -> dict:
    return desk.portal.post(
        "/report-schedules", expect=201, json={"reportType": NAME, "format": "csv", **asked}
    )


def look_after(desk: Desk, schedule: dict) -> dict:
    """What happens every half hour, with a schedule that is due now; the schedule after it."""
    desk.platform.sql("UPDATE report_schedule SET next_at = now() WHERE id = %s", schedule["id"])
    for _ in range(2):
        with brand_scope(desk.portal.brand_id):
            jobs.look_after()
        desk.platform.drain()
    return next(one for one in listed(desk) if one["id"] == schedule["id"])


def listed(desk: Desk) -> list[dict]:
    return desk.portal.get("/report-schedules", params={"pageSize": 100})["items"]


def end(desk: Desk, schedule: dict) -> None:
    desk.portal.send("DELETE", f"/report-schedules/{schedule['id']}", expect=204)


def patch(desk: Desk, schedule: dict, expect: int = 200, **changed: object) -> dict:
    return desk.portal.send("PATCH", f"/report-schedules/{schedule['id']}", expect=expect, json=changed)


def inbox(desk: Desk, title: str) -> list[dict]:
    sent = desk.platform.sandbox.messages(desk.portal.user["email"])
    return [mail for mail in sent if mail["subject"].startswith(title)]


def test_each_recipient_is_mailed_once_and_the_outcome_is_told(desk: Desk, head: Desk) -> None:
    both = [desk.portal.user["id"], head.portal.user["id"]]
    asked = {"reportType": "active-loans-by-due-date-report", "days": "LAST_WEEK", "hour": 0, "order": "asc"}
    schedule = make(desk, **asked, recipientIds=both)
    assert (schedule["options"], schedule["last"], schedule["paused"]) == ({"order": "asc"}, None, False)
    assert [(one["partnerUserId"], one["reads"]) for one in schedule["recipients"]] == [
        (who, True) for who in both
    ]
    title = REPORTS["active-loans-by-due-date-report"].title
    before = [len(inbox(each, title)) for each in (desk, head)]
    told = look_after(desk, schedule)
    assert [len(inbox(each, title)) for each in (desk, head)] == [count + 1 for count in before]
    run, today = told["last"]["run"], datetime.now(INDIA).date()
    monday, sunday = cadence.DAYS["LAST_WEEK"](today)
    assert (run["fromDate"], run["toDate"]) == (monday.isoformat(), sunday.isoformat())
    assert (run["status"], run["options"]) == ("READY", {"order": "asc"})
    assert [(mail["partnerUserId"], mail["skipped"]) for mail in told["last"]["mails"]] == [
        (w, None) for w in both
    ]
    assert all(mail["sentAt"] and mail["name"] for mail in told["last"]["mails"])
    tomorrow = (today + timedelta(days=1)).isoformat()
    assert (
        datetime.fromisoformat(told["nextAt"]).astimezone(INDIA).isoformat() == f"{tomorrow}T00:00:00+05:30"
    )
    end(desk, schedule)
    desk.portal.send("DELETE", f"/report-schedules/{schedule['id']}", expect=404)


def test_who_loses_the_right_is_skipped_and_that_is_told(desk: Desk, head: Desk) -> None:
    schedule = make(desk, hour=0, recipientIds=[desk.portal.user["id"], head.portal.user["id"]])
    alone = make(head, hour=0)
    title, (gone, left) = REPORTS[NAME].title, (head.portal.user["id"], desk.portal.user["id"])
    before = len(inbox(head, title))
    head.portal.post(f"/report/{NAME}/email", expect=202, json=head.days(format="csv"))
    desk.platform.drain()
    url = LINK.search(inbox(head, title)[0]["text"]).group()
    assert requests.get(url, timeout=20).status_code == 200
    waits = head.portal.post(f"/report/{NAME}/email", expect=202, json=head.days(refresh=True))
    desk.platform.sql(_ACTIVE, False, gone)
    try:
        assert requests.get(url, timeout=20).status_code == 403
        told = look_after(desk, schedule)
        skipped = {mail["partnerUserId"]: mail["skipped"] for mail in told["last"]["mails"]}
        assert skipped == {left: None, gone: "No longer reads reports of this brand."}
        assert {one["partnerUserId"]: one["reads"] for one in told["recipients"]} == {left: True, gone: False}
        nobody = look_after(desk, alone)
        assert (nobody["last"]["run"], nobody["last"]["mails"][0]["skipped"]) == (None, skipped[gone])
        assert len(inbox(head, title)) == before + 1
        ((why,),) = desk.platform.sql(
            "SELECT skipped FROM report_mail WHERE id = %s", waits["mails"][0]["id"]
        )
        assert why == skipped[gone]
        fields = desk.portal.post(
            f"/report/{NAME}/email", expect=404, json=desk.days(recipientIds=[left, gone])
        )["error"]["fields"]
        assert gone in fields["recipientIds"][0]
    finally:
        desk.platform.sql(_ACTIVE, True, gone)
    told = desk.platform.sql("SELECT count(*) FROM audit_event WHERE action = 'report.mail_skipped'")
    assert told[0][0] >= 3
    for each in (schedule, alone):
        end(desk, each)


def test_a_mail_may_name_its_recipients(desk: Desk, head: Desk) -> None:
    readers = {one["partnerUserId"] for one in desk.portal.get("/report-recipients")}
    both = [head.portal.user["id"], desk.portal.user["id"]]
    assert readers >= set(both)
    title = REPORTS[NAME].title
    before = [len(inbox(each, title)) for each in (desk, head)]
    asked = head.days(format="csv", recipientIds=[*both, both[0]])
    made = head.portal.post(f"/report/{NAME}/email", expect=202, json=asked)
    assert [mail["partnerUserId"] for mail in made["mails"]] == both
    desk.platform.drain()
    assert [len(inbox(each, title)) for each in (desk, head)] == [count + 1 for count in before]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"hour": 24}, "hour"),
        ({"hour": -1}, "hour"),
        ({"hour": "seven"}, "hour"),
        ({"hour": 7.5}, "hour"),
        ({"days": "TOMORROW"}, "days"),
        ({"format": "pdf"}, "format"),
        ({"cron": "* * * * *"}, "cron"),
        ({"to": "somebody@else.example"}, "to"),
        ({"recipientIds": ["somebody@else.example"]}, "recipientIds"),
        ({"recipientIds": []}, "recipientIds"),
        ({"reportType": "master"}, "reportType"),
        ({"cadence": "HOURLY"}, "cadence"),
        ({"cadence": "WEEKLY"}, "weekday"),
        ({"cadence": "WEEKLY", "weekday": "Monday"}, "weekday"),
        ({"cadence": "MONTHLY", "monthDay": 32}, "monthDay"),
        ({"cadence": "MONTHLY"}, "monthDay"),
        ({"weekday": "MON"}, "weekday"),
        ({"order": "asc"}, "order"),
        ({"groupBy": "source"}, "groupBy"),
    ],
)
def test_a_schedule_that_cannot_be_kept_names_the_field(desk: Desk, more: dict, field: str) -> None:
    error = desk.portal.post("/report-schedules", json={"reportType": NAME} | more, expect=422)["error"]
    assert list(error["fields"]) == [field]


def test_strangers_and_staff_without_the_right_are_no_recipients(desk: Desk) -> None:
    colleague = desk.platform.staff(Role.CREDIT_EXECUTIVE, desk.portal.brand_id)
    elsewhere = desk.platform.staff(Role.ADMIN, OTHER_BRAND)
    for who in (colleague.user["id"], elsewhere.user["id"], str(uuid4())):
        to = {"recipientIds": [who, desk.portal.user["id"]]}
        error = desk.portal.post("/report-schedules", expect=404, json={"reportType": NAME} | to)["error"]
        assert (error["code"], list(error["fields"])) == ("UNKNOWN_RECIPIENT", ["recipientIds"])
        desk.portal.post(f"/report/{NAME}/email", expect=404, json=desk.days(**to))


def test_a_schedule_is_changed_rests_and_goes_on(desk: Desk) -> None:
    schedule = make(desk, reportType="funnel-report", hour=7, days="LAST_MONTH")
    asked = {"reportType": "funnel-report", "days": "LAST_MONTH"}
    again = desk.portal.post("/report-schedules", expect=409, json=asked)["error"]
    assert again["code"] == "SCHEDULED_ALREADY"
    weekly = patch(desk, schedule, cadence="WEEKLY", weekday="SUN", groupBy="source", hour=23)
    due = datetime.fromisoformat(weekly["nextAt"]).astimezone(INDIA)
    assert (due.weekday(), due.hour, weekly["groupBy"], weekly["days"]) == (6, 23, "source", "LAST_MONTH")
    monthly = patch(desk, schedule, cadence="MONTHLY", monthDay=31)
    assert (monthly["weekday"], monthly["monthDay"], monthly["hour"]) == (None, 31, 23)
    patch(desk, schedule, expect=422, weekday="SUN")
    patch(desk, schedule, expect=422, reportType=MIS)
    rests = patch(desk, schedule, paused=True)
    assert (rests["paused"], rests["nextAt"]) == (True, None)
    assert patch(desk, schedule, cadence="DAILY")["nextAt"] is None
    with brand_scope(desk.portal.brand_id):
        schedules.mail_due()
    assert next(one for one in listed(desk) if one["id"] == schedule["id"])["last"] is None
    assert patch(desk, schedule, paused=False)["nextAt"] > clock.now().isoformat()
    end(desk, schedule)


def test_a_missed_hour_is_made_up_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The service was away from the evening of the third until the sixth, five in the morning."""
    with brand_scope(desk.portal.brand_id):
        schedules.mail_due()
    schedule = make(desk, reportType="lead-total-report", hour=7, days="YESTERDAY")
    path = "SELECT from_date FROM report_mail m JOIN report_run r ON r.id = m.run_id WHERE schedule_id = %s ORDER BY 1"
    day = date(2026, 3, 3)
    seven = clock.start_of(day) + timedelta(hours=7)
    desk.platform.sql("UPDATE report_schedule SET next_at = %s WHERE id = %s", seven, schedule["id"])
    for hours in (0, 70, 71, 72):
        set_clock(monkeypatch, seven + timedelta(hours=hours), schedules)
        with brand_scope(desk.portal.brand_id):
            schedules.mail_due()
    asked = [found for (found,) in desk.platform.sql(path, schedule["id"])]
    assert asked == [date(2026, 3, day) for day in (2, 4, 5)]
    desk.platform.drain()
    end(desk, schedule)


def test_a_choice_that_is_no_more_is_told_and_holds_up_nobody(desk: Desk) -> None:
    odd, good = make(desk, hour=0, days="LAST_WEEK"), make(desk, hour=0, days="LAST_MONTH")
    change = """UPDATE report_schedule SET options = '{"gone": "x"}', next_at = now() WHERE id = %s"""
    desk.platform.sql(change, odd["id"])
    assert look_after(desk, good)["last"]["run"]["status"] == "READY"
    last = next(one for one in listed(desk) if one["id"] == odd["id"])["last"]
    assert (last["run"], last["mails"][0]["skipped"]) == (None, "This report has no such choice.")
    for each in (odd, good):
        end(desk, each)


def test_the_daily_mis_of_a_brand_goes_to_the_roles_of_its_settings(platform: Platform) -> None:
    desk = Desk(platform, platform.staff(Role.ADMIN, OTHER_BRAND))
    with brand_scope(OTHER_BRAND):
        jobs.look_after()
    (standing,) = (one for one in listed(desk) if one["standing"])
    assert (standing["reportType"], standing["hour"], standing["paused"]) == (MIS, 7, False)
    assert desk.portal.user["id"] in {one["partnerUserId"] for one in standing["recipients"]}
    told = look_after(desk, standing)
    (mail, *_) = inbox(desk, REPORTS[MIS].title)
    # the last time it was due is today or, before seven, yesterday
    day = date.fromisoformat(told["last"]["day"]) - timedelta(days=1)
    assert f"{day:%d-%m-%Y}" in mail["subject"]
    assert told["last"]["run"]["rowCount"] is not None
    patch(desk, standing, expect=409, hour=9)
    desk.portal.send("DELETE", f"/report-schedules/{standing['id']}", expect=409)
    set_ = "UPDATE brand SET settings = jsonb_set(settings, '{reports}', %s::jsonb) WHERE id = %s"
    try:
        platform.sql(set_, '{"dailyMis": {"roles": [], "hour": 9}}', OTHER_BRAND)
        with brand_scope(OTHER_BRAND):
            jobs.look_after()
        (standing,) = (one for one in listed(desk) if one["standing"])
        assert (standing["hour"], standing["paused"], standing["recipients"]) == (9, True, [])
    finally:
        platform.sql("UPDATE brand SET settings = settings - 'reports' WHERE id = %s", OTHER_BRAND)
