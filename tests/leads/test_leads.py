"""Leads through the portal: a file in, matched to customers, listed, exported, deleted."""

import csv
import io
import secrets
from typing import Any

import pytest

from app.core.identity import Role
from app.leads import intake
from tests.platform import BRAND, OTHER_BRAND, Platform, new_pan

HEADER = "id,created_time,campaign_id,campaign_name,is_organic,full_name,phone_number,email,monthly_salary"


def phone() -> str:
    return f"9{secrets.randbelow(10**9):09d}"


def line(
    number: str, *, name: str = "Asha Rao", email: str = "", organic: str = "false", campaign: str = "c:1"
) -> str:
    return f"l:1,2026-11-01T10:20:30+05:30,{campaign},Salary now,{organic},{name},{number},{email},35000"


def file_of(*lines: str) -> bytes:
    return "\n".join([HEADER, *lines]).encode()


@pytest.fixture
def portal(platform: Platform) -> Any:
    return platform.staff(Role.LOAN_EXECUTIVE)


def upload(platform: Platform, portal: Any, data: bytes, name: str = "leads.csv") -> dict:
    run = portal.post("/lead-forms/upload", expect=202, files={"file": (name, data, "text/csv")})
    platform.drain()
    return portal.get(f"/lead-forms/runs/{run['id']}")


def leads_of(portal: Any, run: dict, **filters: Any) -> list[dict]:
    params = {"runId": run["id"], "sort": "lineNo", "pageSize": 100} | filters
    return portal.get("/lead-forms", params=params)["items"]


def test_it_works(platform: Platform, portal: Any) -> None:
    customer = platform.customer()
    run = upload(platform, portal, file_of(line(customer.person["phone"]), line(phone(), name="Bharat")))
    assert (run["status"], run["rowsTotal"], run["pending"], run["progressPercent"]) == ("READY", 2, 2, 100)
    sync = portal.post(
        "/lead-forms/sync", expect=202, json={"leadIds": [x["id"] for x in leads_of(portal, run)]}
    )
    platform.drain()
    sync = portal.get(f"/lead-forms/runs/{sync['id']}")
    assert (sync["status"], sync["processed"], sync["failed"]) == ("READY", 1, 1)
    matched, unmatched = leads_of(portal, run)
    assert (matched["status"], matched["customerId"]) == ("PROCESSED", customer.get("/web/me")["id"])
    assert (unmatched["status"], unmatched["message"]) == (
        "FAILED",
        "No customer has registered with this phone.",
    )


def test_a_bad_row_is_told_by_line_and_the_rest_goes_on(platform: Platform, portal: Any) -> None:
    run = upload(platform, portal, file_of(line(phone()), line("12"), "one,two", line(phone())))
    assert (run["pending"], run["failed"]) == (2, 2)
    told = [lead["message"] for lead in leads_of(portal, run, status="FAILED")]
    assert told == [
        "line 3: phone: not an Indian mobile number",
        "line 4: 2 fields where the header has 9",
    ]


def test_the_same_phone_or_email_is_a_duplicate_in_the_file_and_after_it(
    platform: Platform, portal: Any
) -> None:
    number, email = phone(), f"a{phone()}@example.com"
    first = upload(
        platform, portal, file_of(line(number, email=email), line(number), line(phone(), email=email.upper()))
    )
    assert (first["pending"], first["duplicates"]) == (1, 2)
    kept, same_phone, same_email = leads_of(portal, first)
    assert same_phone["message"] == "line 3: the same phone as line 2 of the same file"
    assert "the same e-mail as line 2" in same_email["message"]
    assert same_phone["duplicateOfId"] == same_email["duplicateOfId"] == kept["id"]
    again = upload(platform, portal, file_of(line(number)))
    assert again["duplicates"] == 1
    assert "the same phone as a lead of" in leads_of(portal, again)[0]["message"]


def test_another_brand_has_its_own_leads(platform: Platform, portal: Any) -> None:
    number = phone()
    here = upload(platform, portal, file_of(line(number)))
    there_portal = platform.staff(Role.LOAN_EXECUTIVE, OTHER_BRAND)
    there = upload(platform, there_portal, file_of(line(number)))
    assert there["pending"] == 1
    there_portal.get(f"/lead-forms/runs/{here['id']}", expect=404)
    there_portal.get(f"/lead-forms/{leads_of(portal, here)[0]['id']}", expect=404)


def test_a_list_may_be_larger_than_other_files(platform: Platform, portal: Any) -> None:
    padding = "x" * 9_000
    rows = [line(phone(), name=padding) for _ in range(platform.settings.upload_bytes_max // 9_000 + 1)]
    assert upload(platform, portal, file_of(*rows))["pending"] == len(rows)


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"", "empty"), (b"name\nA\n", "No column holds a phone"), (b"PK\x03\x04", "workbook")],
)
def test_a_file_that_is_no_list_of_leads_is_refused_by_name(portal: Any, data: bytes, said: str) -> None:
    refused = portal.post("/lead-forms/upload", expect=422, files={"file": ("x.csv", data, "text/csv")})
    assert said in refused["error"]["fields"]["file"][0]


def test_personal_data_is_masked_in_lists_and_sealed_at_rest(platform: Platform, portal: Any) -> None:
    number = phone()
    run = upload(platform, portal, file_of(line(number, email=f"e{number}@example.com")))
    lead = portal.get(f"/lead-forms/{leads_of(portal, run)[0]['id']}")
    assert number not in str(lead)
    assert lead["responses"] == {"monthly_salary": "35000"}
    rows = platform.sql("SELECT * FROM lead_form WHERE run_id = %s", run["id"])
    assert number not in str(rows)
    assert platform.sql("SELECT file_key FROM lead_run WHERE id = %s", run["id"]) == [(None,)]


def test_the_list_is_searched_by_phone_name_and_campaign(platform: Platform, portal: Any) -> None:
    number, campaign = phone(), f"c{phone()}"
    run = upload(platform, portal, file_of(line(number, name="Chitra", campaign=campaign), line(phone())))
    for filters in ({"search": number}, {"search": "Chit"}, {"campaignId": campaign}):
        assert [lead["name"] for lead in leads_of(portal, run, **filters)] == ["Chitra"]
    assert leads_of(portal, run, search=phone()) == []
    portal.get("/lead-forms", params={"fromDate": "2026-02-02", "toDate": "2026-02-01"}, expect=422)


def test_the_cards_count_organic_and_paid_apart(platform: Platform, portal: Any) -> None:
    number = phone()
    run = upload(
        platform, portal, file_of(line(number), line(number), line(phone(), organic="true"), line("1"))
    )
    cards = portal.get("/lead-forms/stats", params={"runId": run["id"]})
    assert {key: cards[key] for key in ("total", "pending", "processed", "failed", "duplicates")} == {
        "total": 4, "pending": 2, "processed": 0, "failed": 1, "duplicates": 1,
    }  # fmt: skip
    assert (cards["organic"]["total"], cards["paid"]["total"]) == (1, 3)


def test_the_export_is_masked_and_runs_no_formula(platform: Platform, portal: Any) -> None:
    number = phone()
    run = upload(platform, portal, file_of(line(number, name="=HYPERLINK(1)")))
    text = portal.get("/lead-forms/export", params={"runId": run["id"]}).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["Name"] == "'=HYPERLINK(1)"
    assert number not in text
    portal.get("/lead-forms/export", params={"runId": run["id"], "unmasked": True}, expect=403)
    clear = platform.staff().get("/lead-forms/export", params={"runId": run["id"], "unmasked": True})
    assert number in clear.decode()


def test_deleting_names_what_is_not_there(platform: Platform, portal: Any) -> None:
    run = upload(platform, portal, file_of(line(phone()), line(phone())))
    first, second = (lead["id"] for lead in leads_of(portal, run))
    missing = "01890000-0000-7000-8000-000000000000"
    admin = platform.staff()
    answer = admin.call("DELETE", admin.path("/lead-forms/bulk"), json={"ids": [first, missing]})
    assert answer == {"deleted": 1, "notFound": [missing]}
    assert [lead["id"] for lead in leads_of(portal, run)] == [second]


def test_who_failed_is_tried_again_once_the_customer_is_there(platform: Platform, portal: Any) -> None:
    customer = platform.customer(new_pan("GOO"), signed_in=False)
    run = upload(platform, portal, file_of(line(customer.person["phone"])))
    (lead,) = leads_of(portal, run)
    portal.post("/lead-forms/sync", expect=202, json={"leadIds": [lead["id"]]})
    platform.drain()
    assert leads_of(portal, run)[0]["status"] == "FAILED"
    with platform.working():
        customer.sign_in()
    portal.post("/lead-forms/sync", expect=202, json={"leadIds": [lead["id"]], "retryFailed": True})
    platform.drain()
    assert leads_of(portal, run)[0]["status"] == "PROCESSED"


def test_a_reading_that_broke_off_goes_on_where_it_was(
    platform: Platform, portal: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "BATCH_ROWS", 2)
    data = file_of(*(line(phone()) for _ in range(7)))
    asked = portal.post("/lead-forms/upload", expect=202, files={"file": ("leads.csv", data, "text/csv")})
    take_in, calls = intake._take_in, []

    def dies_after_two(*args: Any) -> None:
        calls.append(args)
        if len(calls) > 2:
            raise KeyboardInterrupt
        take_in(*args)

    monkeypatch.setattr(intake, "_take_in", dies_after_two)
    with pytest.raises(KeyboardInterrupt):
        intake.read(BRAND, asked["id"])
    assert portal.get(f"/lead-forms/runs/{asked['id']}")["rowsDone"] == 4
    monkeypatch.setattr(intake, "_take_in", take_in)
    intake.read(BRAND, asked["id"])
    intake.read(BRAND, asked["id"])
    run = portal.get(f"/lead-forms/runs/{asked['id']}")
    assert (run["status"], run["rowsDone"], run["pending"]) == ("READY", 7, 7)
    assert len(leads_of(portal, run)) == 7
