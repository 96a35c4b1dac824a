"""Offline payouts go to the bank in files, and files of the bank say what became of payouts."""

import csv
import io
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import python_calamine
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from app.core.clock import today
from app.core.identity import Role
from app.core.spreadsheet import csv_file, xlsx_file
from app.core.tables_in import FileProblem
from app.disbursement import bank_files, bank_reading, service
from app.disbursement.models import BankFile
from app.ledger import service as ledger
from tests.lending import Case, approved, at_work
from tests.platform import Platform

HEADER = [
    "Reference No.",
    "Amount",
    "Beneficiary Account Number",
    "Status",
    "UTR No",
    "Payment Date",
    "Reason",
]


def released(platform: Platform, channel: str = "OFFLINE", **terms: Any) -> Case:
    case = approved(platform, **terms)
    with at_work(role=Role.ADMIN):
        order = service.propose(case.loan_id, rail="NEFT", channel=channel, bank_account_id=None, remark=None)
    with at_work(role=Role.SUPER_ADMIN):
        service.release(case.loan_id, order.id)
    return case


def batch(case: Case) -> dict[str, Any]:
    return case.staff.post("/payout-batches", expect=201)


def downloaded(case: Case, made: dict[str, Any], kind: str = "PAYOUT", as_format: str = "CSV") -> list[dict]:
    data = case.staff.get(f"/payout-batches/{made['id']}/file", params={"kind": kind, "format": as_format})
    if as_format == "CSV":
        return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    header, *rows = (
        python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    )
    return [dict(zip(header, row, strict=True)) for row in rows]


def payout_of(case: Case) -> dict[str, Any]:
    return case.staff.get(f"/loans/{case.loan_id}/payouts")[0]


def account_of(case: Case) -> str:
    with at_work():
        payout = service.of_loan(case.loan_id)[0]
        return service.beneficiary(payout).account_number


def row(case: Case, status: str = "SUCCESS", **other: str) -> list[str]:
    payout = payout_of(case)
    utr = f"N{payout['id'].replace('-', '')[-15:]}" if status == "SUCCESS" else ""
    told = {
        "reference": payout["reference"], "amount": payout["amount"], "account": account_of(case), "status": status,
        "utr": utr, "date": today().isoformat(), "reason": "",
    } | other  # fmt: skip
    return list(told.values())


def send(case: Case, *rows: list[str], data: bytes | None = None, expect: int = 202) -> dict[str, Any]:
    data = data if data is not None else csv_file(HEADER, rows)
    sent = case.staff.post("/bank-files", expect=expect, files={"file": ("bank.csv", data)})
    if expect != 202:
        return sent
    case.platform.drain()
    return case.staff.get(f"/bank-files/{sent['id']}")


def outcomes(report: dict[str, Any]) -> list[str]:
    return [one["outcome"] for one in report["rows"]]


def test_it_works(platform: Platform):
    case = released(platform)
    made = batch(case)
    assert payout_of(case)["status"] == "PROCESSING"
    (line,) = [line for line in downloaded(case, made) if line["Reference"] == payout_of(case)["reference"]]
    assert (line["Amount"], line["Mode"], line["Beneficiary account number"]) == (
        "17640.00",
        "NEFT",
        account_of(case),
    )
    report = send(case, row(case))
    assert (report["status"], outcomes(report)) == ("READ", ["SETTLED"])
    assert case.loan["status"] == "ACTIVE"
    assert payout_of(case)["utr"] == report["rows"][0]["utr"]


def test_a_workbook_goes_out_and_comes_in(platform: Platform):
    case = released(platform)
    made = batch(case)
    names = {line["Beneficiary account number"] for line in downloaded(case, made, "BENEFICIARY", "XLSX")}
    assert account_of(case) in names
    assert outcomes(send(case, data=xlsx_file(HEADER, [row(case)]))) == ["SETTLED"]


def test_the_same_file_twice_is_one(platform: Platform):
    case = released(platform)
    batch(case)
    rows = [row(case)]
    assert send(case, *rows) == send(case, *rows)
    assert [entry["kind"] for entry in case.ledger()["entries"]] == ["DISBURSAL"]


def test_the_same_file_twice_at_once_is_one(platform: Platform, monkeypatch: pytest.MonkeyPatch):
    data = csv_file(HEADER, [[f"R-{uuid4()}", "1.00", "12345678901234", "SUCCESS", "N1", "", ""]])
    with at_work(role=Role.ADMIN):
        first = bank_files.upload("bank.csv", data)
    # whoever looks does not see the other one yet
    monkeypatch.setattr(BankFile, "get_or_none", lambda *_: None)
    with at_work(role=Role.ADMIN):
        assert bank_files.upload("bank.csv", data) == first


def test_a_row_that_comes_again_in_another_file_changes_nothing(platform: Platform):
    case = released(platform)
    batch(case)
    assert outcomes(send(case, row(case), row(case))) == ["SETTLED", "UNCHANGED"]
    assert outcomes(send(case, row(case, reason="once more"))) == ["UNCHANGED"]


def test_a_batch_takes_each_payout_once(platform: Platform):
    case = released(platform)
    batch(case)
    assert case.staff.post("/payout-batches", expect=409)["error"]["code"] == "NOTHING_WAITS"


# What a row says wrong, and a word of the reason.
ODD = {
    "unknown reference": ({"reference": "QUA-L-999999-D9"}, "No payout"),
    "another amount": ({"amount": "17640.01"}, "amount"),
    "another account": ({"account": "12345678907890"}, "another account"),
    "another masked account": ({"account": "XXXX1111"}, "another account"),
    "no UTR": ({"utr": ""}, "UTR"),
    "an unknown status": ({"status": "MAYBE"}, "status"),
    "no amount": ({"amount": "lots"}, "amount"),
    "an account as Excel rounds it": ({"account": "5.01E+13"}, "account"),
}


@pytest.mark.parametrize("name", ODD)
def test_what_does_not_fit_waits_for_a_person(platform: Platform, name: str):
    case = released(platform)
    batch(case)
    wrong, word = ODD[name]
    (told,) = send(case, row(case, **wrong))["rows"]
    assert (told["outcome"], word in told["reason"]) == ("EXCEPTION", True), told
    assert payout_of(case)["status"] == "PROCESSING"
    open_ones = case.staff.get("/bank-files/exceptions")["items"]
    assert told["id"] in {one["id"] for one in open_ones}
    path, body = f"/bank-files/exceptions/{told['id']}/resolve", {"resolution": "The bank corrected its file"}
    assert case.staff.post(path, json=body)["resolvedBy"] == case.staff.user["id"]
    case.staff.post(path, expect=409, json=body)
    assert outcomes(send(case, row(case))) == ["SETTLED"]


def test_a_failure_gives_the_loan_back(platform: Platform):
    case = released(platform)
    batch(case)
    assert outcomes(send(case, row(case, "Rejected", reason="Account closed"))) == ["FAILED"]
    assert (case.loan["status"], payout_of(case)["failureReason"]) == ("APPROVED", "Account closed")


def test_money_that_had_failed_and_arrived_waits_for_a_person(platform: Platform):
    case = released(platform)
    batch(case)
    send(case, row(case, "FAILED"))
    assert outcomes(send(case, row(case))) == ["EXCEPTION"]
    assert case.loan["status"] == "APPROVED"


def test_a_return_after_a_success_reverses_the_books(platform: Platform):
    case = released(platform)
    batch(case)
    send(case, row(case))
    assert outcomes(send(case, row(case, "RETURNED", reason="Account frozen"))) == ["REVERSED"]
    assert (case.loan["status"], case.outstanding) == ("APPROVED", 0)
    with at_work():
        assert ledger.differences(case.loan_id) == {}


def test_a_file_ends_what_a_gateway_leaves_open(platform: Platform):
    case = released(platform, channel="ONLINE")
    match = {"provider": "razorpay", "fault": "500", "match": payout_of(case)["reference"], "times": 9}
    case.app.sandbox.call("POST", "/__sandbox__/faults", json=match, expect=201)
    assert outcomes(send(case, row(case, account="XXXXXX7890"))) == ["SETTLED"]
    assert case.loan["status"] == "ACTIVE"


def test_what_is_no_list_of_payouts_is_refused(platform: Platform):
    case = released(platform)
    for data in (b"", b"PK\x03\x04 no workbook", b"a,b,c\n1,2,3\n", bytes(range(256))):
        refused = send(case, data=data, expect=422)
        assert (refused["error"]["code"], list(refused["error"]["fields"])) == ("NOT_A_BANK_FILE", ["file"])


@pytest.mark.parametrize("role", [Role.SANCTION_HEAD, Role.COLLECTION_HEAD])
def test_only_loan_ops_sees_bank_files(platform: Platform, role: Role):
    platform.staff(role).get("/bank-files", expect=403)
    platform.staff(role).post("/payout-batches", expect=403)


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_whatever_bytes_are_rows_or_a_problem(data: bytes):
    head = b"reference,amount,account,status\n"
    for sent in (data, head + data):
        try:
            bank_reading.rows(sent)
        except FileProblem:
            continue


def workbook(*sheets: list[tuple[str, str]]) -> bytes:
    """A workbook of texts, each under the name of its cell."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        for cells in sheets:
            sheet = book.add_worksheet()
            for place, text in cells:
                sheet.write_string(place, text)
    return out.getvalue()


PAID = [
    ("A1", "Reference"), ("B1", "Amount"), ("C1", "Account"), ("D1", "Status"),
    ("A2", "R"), ("B2", "5.00"), ("C2", "12345"), ("D2", "paid"),
]  # fmt: skip


def test_the_table_is_the_one_sheet_that_has_it():
    (read,) = bank_reading.rows(workbook([("A1", "Notes"), ("A2", "R")], PAID, [("A2", "R")]))
    assert (read.line_no, read.reference, read.fault) == (2, "R", None)
    with pytest.raises(FileProblem, match="2 sheets"):
        bank_reading.rows(workbook(PAID, PAID))


def test_what_nobody_sees_is_no_part_of_a_cell():
    # a workbook spells the controls so, and numbers copied on Windows bring marks of direction along
    (read,) = bank_reading.rows(workbook([(place, f"\u202a{text}\u202c\0") for place, text in PAID]))
    assert (read.reference, read.amount, read.fault) == ("R", Decimal("5.00"), None)


def test_a_workbook_of_a_lost_cell_is_refused_and_brings_nothing_down():
    with pytest.raises(FileProblem, match="larger"):
        bank_reading.rows(workbook([*PAID, ("XFD1048576", "lost")]))


@given(st.decimals("0.01", "999999", places=2))
def test_an_amount_reads_as_it_was_written(amount: Decimal):
    written = (f"{amount}", f"Rs. {amount:,}", f"INR {amount}")
    for text in written:
        (read,) = bank_reading.rows(
            csv_file(["reference", "amount", "account", "status"], [["R", text, "12345", "paid"]])
        )
        assert read.amount == amount
