"""The debits of a day in files: made, made anew, given to the bank, and answered by it, over HTTP."""

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from app.core import clock
from app.core.clock import today
from app.core.identity import Role
from app.core.ids import new_id
from app.core.outbox import enqueue
from app.core.share import Share
from app.mandates.models import Mandate
from app.payments.presentations import nach_layout
from app.payments.presentations import service as presentations
from tests.lending import Case, active, at_work
from tests.payments.desk import approve, books_hold, told
from tests.payments.test_payments import received, until
from tests.platform import BRAND, OTHER_BRAND, Platform

DAY = today() + timedelta(days=2)
SPONSOR = {
    "sponsorIfsc": "ICIC0000001",
    "utilityCode": "NACH00000000013149",
    "userName": "QUALOAN",
    "loginId": "ICIC865719",
}


@dataclass
class Desk:
    """Loans whose e-mandates go to the sponsor bank on one day, and who works with its files."""

    platform: Platform
    admin: Any
    good: Case
    poor: Case
    early: Case

    @property
    def cases(self) -> tuple[Case, ...]:
        return self.good, self.poor, self.early

    def files(self, format_: str = "NACH", **asked: Any) -> list[dict[str, Any]]:
        asked |= {"presentOn": DAY.isoformat(), "format": format_}
        return self.admin.get("/presentation-files", params=asked)["items"]

    def make(self) -> dict[str, dict[str, Any]]:
        made = self.admin.post("/presentation-files", json={"presentOn": DAY.isoformat()})
        return {file["format"]: file for file in made}

    def content(self, file: dict[str, Any]) -> bytes:
        data = self.admin.get(f"/presentation-files/{file['id']}/content")
        assert hashlib.sha256(data).hexdigest() == file["checksum"]
        return data

    def send(
        self, *rows: tuple[str, ...], head: str = "Reference,Status,Reason code,Amount"
    ) -> dict[str, Any]:
        data = "\n".join([head, *(",".join(row) for row in rows)]).encode()
        sent = self.admin.post("/presentation-responses", expect=202, files={"file": ("bank.csv", data)})
        self.platform.drain()
        return self.admin.get(f"/presentation-responses/{sent['id']}")

    def rows(self, response: dict[str, Any], **asked: Any) -> list[dict[str, Any]]:
        path = f"/presentation-responses/{response['id']}/rows"
        return self.admin.get(path, params={"sort": "lineNo"} | asked)["items"]


@pytest.fixture(scope="module")
def desk(platform: Platform) -> Iterator[Desk]:
    ((before,),) = platform.sql("SELECT settings FROM brand WHERE id = %s", BRAND)
    write = "UPDATE brand SET settings = %s::jsonb WHERE id = %s"
    by_file = before | {"repayment": before.get("repayment", {}) | {"nach": SPONSOR}}
    platform.sql(write, json.dumps(by_file), BRAND)
    cases = [active(platform, days_ago=28) for _ in range(3)]
    for case in cases:
        allow_debits(case)
    with at_work():  # as the end of the day does, twice
        assert [presentations.plan_due(DAY, Share(only=(cases[0].customer_id,))) for _ in "ab"] == [1, 0]
    for case in cases[1:]:
        body = {"presentOn": DAY.isoformat()}
        case.staff.post(f"/loans/{case.loan_id}/presentations", once=True, expect=201, json=body)
    yield Desk(platform, platform.staff(Role.ADMIN), *cases)
    platform.sql(write, json.dumps(before), BRAND)


def allow_debits(case: Case) -> None:
    umrn = f"HDFC{uuid4().int % 10**16:016d}"
    with at_work():
        Mandate.create(
            loan_id=case.loan_id,
            customer_id=case.customer_id,
            status="ACTIVE",
            provider="razorpay",
            method="emandate",
            umrn=umrn,
            umrn_hash=Mandate.umrn_hash.hash_of(umrn),
            amount_max=Decimal(40_000),
            valid_until=today() + timedelta(days=90),
            open_until=clock.now(),
            provider_request_id=str(new_id()),
            active_at=clock.now(),
        )


def newest(case: Case) -> dict[str, Any]:
    return case.staff.get(f"/loans/{case.loan_id}/presentations")[0]


def reference(case: Case, attempt: int = 1) -> str:
    return f"{case.loan['loanNo'].replace('-', '')}P{attempt}"


def parts(line: str, layout: tuple[nach_layout.Field, ...]) -> dict[str, str]:
    found, start = {}, 0
    for field in layout:
        found[field.name] = line[start : start + field.width]
        start += field.width
    return found


def test_the_files_of_a_day_are_made_once(desk: Desk):
    made = desk.make()
    assert {newest(case)["channel"] for case in desk.cases} == {"FILE"}
    assert (made["NACH"]["status"], made["NACH"]["rows"], made["NACH"]["amount"]) == ("MADE", 3, "78000.00")
    assert made["NACH"]["name"] == f"ACH-DR-ICIC-ICIC865719-{DAY:%d%m%Y}-000001-INP.txt"
    assert [file["id"] for file in desk.make().values()] == [file["id"] for file in made.values()]
    served = desk.admin.get("/presentations/file", params={"presentOn": DAY.isoformat()})
    assert served == desk.content(made["CSV"])
    table = {row["Presentation"]: row for row in csv.DictReader(io.StringIO(served.decode("utf-8-sig")))}
    for case in desk.cases:
        row = table[newest(case)["id"]]
        assert (row["Reference"], row["Gateway"], row["Amount"]) == (reference(case), "nach", "26000.00")
        assert row["UMRN"].startswith("XXXX")


def test_the_file_of_the_bank_has_fixed_records_and_their_sum(desk: Desk):
    head, *lines = desk.content(desk.make()["NACH"]).decode("ascii").splitlines()
    assert {len(line) for line in (head, *lines)} == {306}
    told = parts(head, nach_layout.HEADER)
    assert (told["total_items"], told["total_amount"]) == ("000000003", "0000007800000")
    assert (told["settlement_date"], told["utility_code"]) == (f"{DAY:%d%m%Y}", "NACH00000000013149")
    records = {
        record["reference"].strip(): record for record in (parts(line, nach_layout.RECORD) for line in lines)
    }
    mine = records[reference(desk.good)]
    assert (mine["amount"], mine["ifsc"], mine["holder_name"].strip()) == (
        "0000002600000",
        "HDFC0000053",
        "ASHA VERMA",
    )
    assert mine["account_number"].strip().isdecimal()
    assert len(mine["umrn"].strip()) == 20


def test_a_version_follows_what_changed_and_only_the_newest_goes_to_the_bank(desk: Desk):
    first = desk.make()["NACH"]
    path = f"/presentation-files/{first['id']}/sent"
    assert desk.admin.post(path, expect=409)["error"]["code"] == "NOT_ANNOUNCED"
    with at_work():
        for case in desk.cases:
            enqueue("payments.announce_presentation", presentation_id=newest(case)["id"])
    desk.platform.drain()
    assert desk.make()["NACH"]["id"] == first["id"]  # as much is owed as was planned
    approve(desk.admin, told(desk.early, amount="28000.00"))
    assert desk.admin.post(path, expect=409)["error"]["code"] == "NEWER_VERSION"
    second = desk.make()["NACH"]
    assert (second["version"], second["rows"], second["amount"]) == (2, 2, "52000.00")
    assert newest(desk.early)["status"] == "FAILED"
    assert [file["status"] for file in desk.files(sort="madeAt")] == ["REPLACED", "MADE"]
    assert reference(desk.early).encode() in desk.content(first)  # what was made stays
    assert reference(desk.early).encode() not in desk.content(second)
    path = f"/presentation-files/{second['id']}/sent"
    desk.platform.staff(Role.COLLECTION_EXECUTIVE).post(path, expect=403)
    desk.platform.staff(Role.ADMIN, OTHER_BRAND).post(path, expect=404)
    assert desk.admin.post(path)["status"] == "SENT"
    assert desk.admin.post(path, expect=409)["error"]["code"] == "ILLEGAL_TRANSITION"
    assert [newest(case)["status"] for case in (desk.good, desk.poor)] == ["PRESENTED", "PRESENTED"]
    assert desk.make()["NACH"]["id"] == second["id"]


def test_the_answers_of_the_bank_give_each_debit_its_outcome_once(desk: Desk):
    good, poor = reference(desk.good), reference(desk.poor)
    sent = desk.send(
        (good, "Success", "", "25999.99"),
        (good, "Success", "", "26000.00"),
        (poor, "Returned", "4", "26000.00"),
        ("QUAL999999P1", "Success", "", ""),
        (poor, "who knows", "", ""),
        (poor, "Returned", "97", ""),
    )
    assert (sent["status"], sent["rows"], sent["taken"], sent["refused"]) == ("READ", 6, 2, 4)
    outcomes = [row["outcome"] for row in desk.rows(sent)]
    assert outcomes == ["REFUSED", "TAKEN", "TAKEN", "REFUSED", "REFUSED", "REFUSED"]
    reasons = [row["reason"] for row in desk.rows(sent, outcome="REFUSED")]
    assert reasons[0] == "The amount is 25999.99; 26000.00 was to be debited."
    assert reasons[1:] == [
        "No debit that was announced has this reference.",
        "The status is a word that is not known.",
        "The reason code is none of NACH.",
    ]
    until(desk.good, "COMPLETED")
    (payment,) = received(desk.good)
    assert (payment["provider"], payment["method"], payment["amount"]) == ("nach", "nach", "26000.00")
    returned = desk.poor.staff.get(f"/loans/{desk.poor.loan_id}/presentations")[1]
    assert (returned["status"], returned["code"], returned["action"]) == ("RETURNED", "04", "RETRY")
    assert returned["reason"] == "Balance insufficient"
    assert (newest(desk.poor)["attempt"], newest(desk.poor)["channel"]) == (2, "FILE")
    assert desk.poor.app.get(f"/web/loans/{desk.poor.loan_id}/outstanding")["charges"] == "1180.00"
    again = desk.send((good, "1", "", ""), (poor, "0", "04", ""), (good, "0", "04", ""))
    assert [row["outcome"] for row in desk.rows(again)] == ["UNCHANGED", "UNCHANGED", "REFUSED"]
    assert desk.poor.app.get(f"/web/loans/{desk.poor.loan_id}/outstanding")["charges"] == "1180.00"
    books_hold(*desk.cases)


def test_the_bank_answers_with_its_own_records_as_well(desk: Desk):
    (sent,) = desk.files(status="SENT")
    head, *lines = desk.content(sent).splitlines()
    flags = {reference(desk.good).encode(): b"100", reference(desk.poor).encode(): b"004"}
    told = [line[:153] + flags[line[231:261].strip()] + line[156:] for line in lines]
    data = b"\r\n".join([head, *told])
    upload = {"files": {"file": ("ACH-DR-RES.txt", data)}}
    first = desk.admin.post("/presentation-responses", expect=202, **upload)
    again = desk.admin.post("/presentation-responses", expect=202, **upload)
    desk.platform.drain()
    assert first["id"] == again["id"]
    rows = desk.rows(first)
    assert [(row["outcome"], row["bankReference"]) for row in rows] == [("UNCHANGED", None)] * 2
    assert {row["bankStatus"]: row["code"] for row in rows} == {"PAID": None, "RETURNED": "04"}


def test_what_no_file_took_to_the_bank_is_given_up_after_its_day(desk: Desk):
    waits = newest(desk.poor)
    with at_work():
        enqueue("payments.announce_presentation", presentation_id=waits["id"])
    desk.platform.drain()
    early = desk.send((reference(desk.poor, 2), "Success", "", ""))
    assert desk.rows(early)[0]["reason"] == "It is in no file that was given to the bank."
    yesterday = "UPDATE mandate_presentation SET present_on = current_date - 1 WHERE id = %s"
    desk.platform.sql(yesterday, waits["id"])
    with at_work():
        enqueue("payments.present", presentation_id=waits["id"])
    desk.platform.drain()
    assert newest(desk.poor)["status"] == "FAILED"
    # whatever went wrong between us and the bank: money that came is booked, once
    late = desk.send((reference(desk.poor, 2), "Success", "UTR", ""), head="Reference,Status,Remark,Amount")
    assert late["taken"] == 1
    assert (newest(desk.poor)["status"], len(received(desk.poor))) == ("SUCCESS", 1)
    books_hold(desk.poor)


def test_what_is_no_answer_is_refused_as_a_file(desk: Desk):
    for data in (b"\x00\x01", b"a,b\n1,2\n", b"56" + b" " * 304 + b"\r\n67 nothing\r\n"):
        refused = desk.admin.post("/presentation-responses", expect=422, files={"file": ("x.csv", data)})
        assert refused["error"]["fields"]["file"]
    missing = desk.admin.get("/presentations/file", params={"presentOn": "2001-01-01"}, expect=404)
    assert missing["error"]["code"] == "NOT_FOUND"
