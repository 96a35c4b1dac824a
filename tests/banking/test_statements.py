"""Statements that are sent as files: from the upload to features, or to a status that says why not."""

import io
import re
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
import structlog

from app.banking import service
from app.core import logs
from app.core.database import brand_scope
from app.core.identity import Role
from app.files import storage
from tests.banking.statements import (
    HOLDER,
    Case,
    analysed,
    analysed_by,
    new_case,
    picture,
    recent,
    statement,
)
from tests.pipelines.statement_files import csv_file, pdf, printed_pdf, xlsx_file
from tests.pipelines.statement_json import feed, finbox, scoreme, written
from tests.pipelines.statement_layouts import HDFC, KOTAK, SBI
from tests.platform import BRAND, OTHER_BRAND, Platform


@pytest.fixture
def case(platform: Platform) -> Case:
    return new_case(platform)


def test_it_works(case: Case) -> None:
    sent = case.send(statement("works"))
    assert (sent["status"], sent["duplicate"], sent["progressPercent"]) == ("QUEUED", False, 0)
    case.platform.drain()
    (shown,) = case.app.get(f"/web{case.path}/statements")
    assert (shown["status"], shown["progressPercent"], shown["reason"]) == ("READY", 100, None)
    txns = recent(seed="works")
    assert (shown["accountNumber"], shown["ifsc"], shown["transactionCount"]) == (
        "XXXX4321",
        "HDFC0000123",
        60,
    )
    assert (shown["periodFrom"], shown["periodTo"]) == (txns[0].on.isoformat(), txns[-1].on.isoformat())
    assert shown["closingBalance"] == str(txns[-1].balance)


def test_it_becomes_features_and_the_memos_prefill(case: Case) -> None:
    with brand_scope(BRAND):
        assert service.features(case.loan["id"]) == {}
    shown = case.read(statement("features"))
    bsa = case.bsa()
    assert (bsa["status"], bsa["source"], bsa["id"]) == ("READY", "STATEMENT", shown["reportId"])
    assert shown["report"].endswith(f"{case.path}/bsa")
    with brand_scope(BRAND):
        assert service.features(case.loan["id"])["statement_days"] > 28
        assert "obligations" in service.cam_prefill(case.loan["id"])


def test_staff_send_one_too(case: Case) -> None:
    sent = case.send(statement("staff"), by="staff")
    case.platform.drain()
    assert case.shown(sent["id"])["holderName"] == HOLDER


@pytest.mark.parametrize("make", [csv_file, xlsx_file], ids=["csv", "xlsx"])
def test_sheets_are_read(case: Case, make) -> None:
    assert case.read(make(recent(seed="sheet"), SBI))["transactionCount"] == 60


@pytest.mark.parametrize("shape", [finbox, scoreme])
def test_a_report_as_json_is_read_like_a_statement(case: Case, shape) -> None:
    shown = case.read(written(shape(recent(seed="json"))), name="report.json")
    assert (shown["status"], shown["fileType"], shown["transactionCount"]) == ("READY", "json", 60)
    assert case.bsa()["status"] == "READY"


def test_a_report_as_json_is_held_to_what_holds_for_any_statement(case: Case) -> None:
    other = finbox(recent(seed="json of another"), holder="RAVI SHANKAR PRASAD")
    assert case.read(written(other))["status"] == "OTHER_PERSON"
    assert case.read(written(finbox(recent(10, "short json"))))["status"] == "PERIOD_TOO_SHORT"
    assert case.read(b'{"hello": "world"}')["status"] == "NOT_A_STATEMENT"


def test_two_statements_are_analysed_together(case: Case) -> None:
    txns = recent(80, "two")
    first, second = case.read(pdf(txns[:40], KOTAK)), case.read(pdf(txns[40:], KOTAK))
    assert first["status"] == second["status"] == "READY"
    assert case.bsa()["report"]["period"]["transactions"] == 80


def test_the_password_opens_it_and_is_forgotten(case: Case) -> None:
    shown = case.read(statement("locked", password="s3cret"), password="s3cret")
    assert shown["status"] == "READY"
    query = "SELECT password_enc FROM bank_account_statement WHERE id = %s"
    assert case.platform.sql(query, shown["id"]) == [(None,)]
    jobs = "SELECT count(*) FROM outbox WHERE args::text LIKE '%%s3cret%%'"
    assert case.platform.sql(jobs) == [(0,)]


def test_a_password_is_encrypted_while_it_waits(case: Case) -> None:
    sent = case.send(statement("waits", password="s3cret"), password="s3cret")
    ((kept,),) = case.platform.sql(
        "SELECT password_enc FROM bank_account_statement WHERE id = %s", sent["id"]
    )
    assert re.match(r"d[0-9]+:", kept)
    assert "s3cret" not in str(sent)


def test_what_the_bank_makes_of_the_customers_data_is_tried(case: Case) -> None:
    assert case.read(statement("guessed", password="31011990"))["status"] == "READY"


def test_a_locked_file_is_sent_again_with_its_password(case: Case) -> None:
    data = statement("again", password="s3cret")
    first = case.read(data)
    assert first["status"] == "PASSWORD_NEEDED"
    wrong = case.send(data, password="guess")
    case.platform.drain()
    assert (wrong["id"], case.shown(wrong["id"])["status"]) == (first["id"], "WRONG_PASSWORD")
    case.send(data, password="s3cret")
    case.platform.drain()
    assert case.shown(first["id"])["status"] == "READY"


def test_the_same_file_is_recognised(case: Case) -> None:
    data = statement("same")
    first = case.read(data)
    again = case.send(data, expect=200)
    assert (again["id"], again["duplicate"], again["status"]) == (first["id"], True, "READY")
    assert len(case.app.get(f"/web{case.path}/statements")) == 1


def test_another_customers_file_is_no_evidence(case: Case) -> None:
    data = statement("shared")
    case.read(data)
    assert new_case(case.platform).read(data)["status"] == "DUPLICATE"


def bomb() -> bytes:
    with pikepdf.new() as document:
        page = document.add_blank_page()
        for _ in range(600):
            document.pages.append(page)
        out = io.BytesIO()
        document.save(out)
        return out.getvalue()


def broken() -> bytes:
    txns = recent(seed="broken")
    txns[30] = replace(txns[30], amount=txns[30].amount + 500)
    return pdf(txns, HDFC)


@pytest.mark.parametrize(
    ("make", "status"),
    [
        (picture, "SCANNED"),
        (lambda: statement("cut")[:3_000], "CORRUPT"),
        (bomb, "TOO_LARGE"),
        (
            lambda: printed_pdf([["A letter from your bank, with best regards and no table."]]),
            "NOT_A_STATEMENT",
        ),
        (lambda: statement("other", holder="RAVI SHANKAR PRASAD"), "OTHER_PERSON"),
        (broken, "BALANCE_BROKEN"),
        (lambda: pdf(recent(10, "short"), HDFC), "PERIOD_TOO_SHORT"),
    ],
    ids=["scanned", "truncated", "bomb", "letter", "other person", "broken balance", "short"],
)
def test_what_is_of_no_use_says_why(case: Case, make, status: str) -> None:
    shown = case.read(make())
    assert (shown["status"], shown["progressPercent"], shown["stage"]) == (status, 100, None)
    assert shown["reason"].endswith(".")
    assert case.bsa()["status"] == "NOT_REQUESTED"


def test_a_broken_balance_names_the_first_row(case: Case) -> None:
    row = case.read(broken())["rows"][0]
    txn = recent(seed="broken")[30]
    assert (row["date"], row["balance"]) == (txn.on.isoformat(), str(txn.balance))
    assert row["expectedBalance"] != row["balance"]


def test_another_account_than_the_verified_one(case: Case) -> None:
    person = case.app.person
    with case.platform.working():
        case.app.post("/web/kyc/verify-pan", json={"pan": person["pan"]})
        body = {"accountNumber": person["accountNumber"], "ifsc": person["ifsc"]}
        case.app.post("/web/kyc/bank-account", expect=201, json=body)
    shown = case.read(statement("account", holder=person["name"]))
    assert shown["status"] == "WRONG_ACCOUNT"


@pytest.mark.parametrize(
    "data", [b"", b"\x89PNG\r\n\x1a\n" + bytes(100), b"\x00\x01\x02" * 40], ids=["empty", "png", "bytes"]
)
def test_other_files_are_refused_at_once(case: Case, data: bytes) -> None:
    refused = case.send(data, expect=422)
    assert list(refused["error"]["fields"]) == ["file"]
    assert case.app.get(f"/web{case.path}/statements") == []


def test_a_file_must_be_there(case: Case) -> None:
    refused = case.app.post(f"/web{case.path}/statements", expect=422, data={"password": "x"})
    assert list(refused["error"]["fields"]) == ["file"]


def test_nobody_sees_or_sends_to_another_customers_loan(case: Case) -> None:
    sent = case.send(statement("private"))
    stranger = new_case(case.platform).app
    stranger.get(f"/web{case.path}/statements", expect=404)
    stranger.get(f"/web{case.path}/statements/{sent['id']}", expect=404)
    files = {"file": ("a.pdf", b"%PDF-", "application/pdf")}
    stranger.post(f"/web{case.path}/statements", expect=404, files=files)
    case.platform.staff(brand_id=OTHER_BRAND).get(f"{case.path}/statements", expect=404)


def test_who_may_send(case: Case) -> None:
    files = {"file": ("a.pdf", statement("who"), "application/pdf")}
    case.platform.staff(Role.SANCTION_MANAGER).post(f"{case.path}/statements", expect=403, files=files)
    case.platform.staff(Role.SANCTION_MANAGER).get(f"{case.path}/statements")


def test_what_is_kept_is_encrypted(case: Case) -> None:
    shown = case.read(csv_file(recent(seed="kept"), SBI))
    query = "SELECT s3_key, content_key FROM bank_account_statement WHERE id = %s"
    for key in case.platform.sql(query, shown["id"])[0]:
        assert b"HDFC0000123" not in storage().get(key)


def test_reading_twice_changes_nothing(case: Case) -> None:
    shown = case.read(statement("twice"))
    case.platform.sql("UPDATE outbox SET status = 'PENDING' WHERE job = 'banking.read_statement'")
    case.platform.drain()
    assert case.shown(shown["id"]) == shown
    count = "SELECT count(*) FROM bda_report WHERE loan_id = %s"
    assert case.platform.sql(count, case.loan["id"]) == [(1,)]


def test_every_step_is_in_the_history(case: Case) -> None:
    shown = case.read(statement("history"))
    query = "SELECT to_state FROM state_change WHERE entity_id = %s ORDER BY id"
    assert [row[0] for row in case.platform.sql(query, shown["id"])] == ["QUEUED", "READING", "READY"]


@pytest.mark.parametrize("analyser", ["cart", "finbox", "scoreme"])
def test_the_brands_analyser_is_compared_with_ours(case: Case, analyser: str) -> None:
    with analysed_by(case.platform, analyser):
        shown = analysed(case, case.read(statement(analyser, password="s3cret"), password="s3cret")["id"])
    told = shown["analyser"]
    assert (told["provider"], told["status"], told["reason"]) == (analyser, "READY", None)
    assert told["figures"]
    # the same file, so the balances agree; what a salary is, each decides for itself
    assert not [line for line in told["differences"] if line["figure"] == "closing_balance"]
    query = "SELECT password_enc FROM bank_account_statement WHERE id = %s"
    assert case.platform.sql(query, shown["id"]) == [(None,)]


def test_our_own_analysis_stands_when_the_analyser_fails(case: Case) -> None:
    fault = {"provider": "cart", "fault": "malformed", "operation": "upload"}
    with analysed_by(case.platform, "cart"):
        case.platform.sandbox.call("POST", "/__sandbox__/faults", expect=201, json=fault)
        shown = analysed(case, case.read(statement("fails"))["id"])
    assert (shown["status"], shown["analyser"]["status"]) == ("READY", "FAILED")
    assert "malformed" in shown["analyser"]["reason"]


def test_without_an_analyser_nobody_is_asked(case: Case) -> None:
    assert case.read(statement("own"))["analyser"] == {
        "provider": "own", "status": None, "reason": None, "reference": None, "figures": None, "differences": None
    }  # fmt: skip


def test_a_statement_that_names_nobody_warns(case: Case) -> None:
    assert case.read(written(feed(recent(seed="nobody"))))["warnings"] == [
        "No holder's name was found: whose statement it is cannot be checked."
    ]


def test_a_fault_of_the_reader_is_ours_and_logged_without_the_data(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken_reader = (
        "import pipelines.statements.reading as reading\n"
        "def read_statement(*args, **more): return {}[b'ASHA VERMA 50100000004321']\n"
        "reading.read_statement = read_statement\n"
    )
    (tmp_path / "sitecustomize.py").write_text(broken_reader)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    data = statement("fault")
    before, logged = structlog.get_config(), io.StringIO()
    logs.configure("INFO", logged)
    try:
        shown = case.read(data)
    finally:
        structlog.configure(**before)
    assert (shown["status"], shown["reason"]) == (
        "FAILED",
        "Something went wrong on our side. Send the file again.",
    )
    assert "ReaderFault: KeyError at " in logged.getvalue()
    assert "sitecustomize.py:2 read_statement" in logged.getvalue()
    assert "ASHA" not in logged.getvalue()
    monkeypatch.undo()
    case.send(data)
    case.platform.drain()
    assert case.shown(shown["id"])["status"] == "READY"
