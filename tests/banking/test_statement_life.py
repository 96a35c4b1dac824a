"""Statements that the brand's analyser reads where we cannot, answers that never come, and the end of the data."""

import pytest

from app.core.database import brand_scope
from app.customers import service as customers
from app.files import storage
from app.loans import service as loans
from tests.banking.statements import (
    HOLDER,
    Case,
    analysed,
    analysed_by,
    new_case,
    picture,
    recent,
    run,
    statement,
)
from tests.pipelines.statement_files import pdf, printed_pdf
from tests.pipelines.statement_layouts import KOTAK
from tests.platform import BRAND, Platform

HOURS_AGO = "UPDATE bank_account_statement SET analyser_asked_at = now() - interval '2 hours' WHERE id = %s"


@pytest.fixture
def case(platform: Platform) -> Case:
    return new_case(platform)


def unreadable() -> bytes:
    """A statement with rows that cannot be read, without a balance that would tell what they were."""
    rows = [
        f"{txn.on:%d/%m/%Y},{txn.narration},{txn.amount if number % 5 else 'smudged'},{txn.side}"
        for number, txn in enumerate(recent(seed="unreadable"))
    ]
    head = ["HDFC BANK LIMITED", f"Customer Name : {HOLDER}", "Account Number : 50100000004321"]
    return "\n".join([*head, "Date,Narration,Amount,Dr/Cr", *rows]).encode()


def test_finboxs_transactions_stand_in_for_a_scanned_statement(case: Case) -> None:
    with analysed_by(case.platform, "finbox"):
        shown = analysed(case, case.send(picture())["id"])
    assert (shown["status"], shown["readBy"], shown["ownStatus"]) == ("READY", "finbox", "SCANNED")
    assert (shown["reason"], shown["progressPercent"], shown["holderName"]) == (None, 100, HOLDER)
    assert shown["transactionCount"] > 100
    assert case.bsa()["report"]["period"]["transactions"] == shown["transactionCount"]
    (own,) = case.app.get(f"/web{case.path}/statements")
    assert (own["status"], own["readBy"]) == ("READY", "finbox")


def test_while_the_analyser_is_asked_the_statement_is_being_read(case: Case) -> None:
    fault = {"provider": "finbox", "fault": "500", "operation": "create_session", "times": 4}
    with analysed_by(case.platform, "finbox"):
        case.platform.sandbox.call("POST", "/__sandbox__/faults", expect=201, json=fault)
        shown = case.read(picture())
        case.platform.sandbox.call("DELETE", "/__sandbox__/faults", expect=204)
        assert (shown["status"], shown["stage"], shown["ownStatus"]) == ("READING", "asking", "SCANNED")
        # reading it again asks nobody else
        case.platform.sql("UPDATE outbox SET status = 'PENDING' WHERE job = 'banking.read_statement'")
        assert analysed(case, shown["id"])["status"] == "READY"
    asked = (
        "SELECT count(*) FROM outbox WHERE job = 'banking.submit_statement' AND args ->> 'statement_id' = %s"
    )
    assert case.platform.sql(asked, shown["id"]) == [(1,)]


def rename(case: Case, name: str) -> None:
    with brand_scope(BRAND):
        customers.get(loans.get(case.loan["id"]).customer_id).change(name=name)


def test_what_the_analyser_reads_is_held_to_the_same_checks(case: Case) -> None:
    person = case.app.person
    with case.platform.working():
        case.app.post("/web/kyc/verify-pan", json={"pan": person["pan"]})
        body = {"accountNumber": person["accountNumber"], "ifsc": person["ifsc"]}
        case.app.post("/web/kyc/bank-account", expect=201, json=body)
    rename(case, "BHARAT SINGH")  # whose account is another one
    with analysed_by(case.platform, "finbox"):
        shown = analysed(case, case.send(picture())["id"])
    assert (shown["status"], shown["analyser"]["status"]) == ("WRONG_ACCOUNT", "READY")


def test_a_picture_that_nobody_can_read_stays_one(case: Case) -> None:
    rename(case, "NOBODY KNOWN")
    with analysed_by(case.platform, "finbox"):
        shown = analysed(case, case.send(picture())["id"])
    assert (shown["status"], shown["readBy"], shown["analyser"]["status"]) == ("SCANNED", "own", "FAILED")
    assert "finbox was asked as well, in vain: PDF_IS_IMAGE" in shown["reason"]


def test_figures_without_transactions_are_no_statement(case: Case) -> None:
    with analysed_by(case.platform, "cart"):
        shown = analysed(case, case.send(unreadable(), name="statement.csv")["id"])
    assert (shown["status"], shown["readBy"], shown["ownStatus"]) == (
        "UNREADABLE_ROWS",
        "own",
        "UNREADABLE_ROWS",
    )
    assert shown["reason"].endswith(
        "cart read it and gave figures without transactions: they are shown, not analysed."
    )
    assert (shown["analyser"]["status"], shown["analyser"]["differences"]) == ("READY", [])
    assert shown["analyser"]["figures"]
    assert shown["rows"]
    assert case.bsa()["status"] == "NOT_REQUESTED"


def test_an_analyser_that_cannot_read_it_either_leaves_our_reason(case: Case) -> None:
    letter = printed_pdf([["A letter from your bank, with best regards and no table."]])
    with analysed_by(case.platform, "scoreme"):
        shown = analysed(case, case.send(letter)["id"])
    assert (shown["status"], shown["readBy"]) == ("NOT_A_STATEMENT", "own")
    assert shown["reason"].startswith("No table of transactions was found in the file. scoreme ")


@pytest.mark.parametrize("make", [lambda: statement("never"), picture], ids=["read by us", "scanned"])
def test_an_answer_that_never_comes_is_given_up(case: Case, make) -> None:
    with analysed_by(case.platform, "finbox"):
        sent = case.send(make())
        case.platform.drain()
        case.platform.sql(HOURS_AGO, sent["id"])
        shown = analysed(case, sent["id"])
    told = shown["analyser"]
    assert (told["status"], told["reason"]) == ("TIMED_OUT", "finbox gave no report within 1 h.")
    if make is picture:
        assert shown["status"] == "SCANNED"
        assert shown["reason"].endswith(told["reason"])
    else:
        assert (shown["status"], shown["reason"]) == ("READY", None)


def test_an_analyser_that_is_never_reached_is_given_up(case: Case) -> None:
    fault = {"provider": "finbox", "fault": "500", "operation": "create_session", "times": 50}
    with analysed_by(case.platform, "finbox"):
        case.platform.sandbox.call("POST", "/__sandbox__/faults", expect=201, json=fault)
        shown = case.read(picture())
        case.platform.sql(HOURS_AGO, shown["id"])
        run(case, "banking.end_consents")
        shown = case.shown(shown["id"])
        case.platform.sandbox.call("DELETE", "/__sandbox__/faults", expect=204)
    assert (shown["status"], shown["analyser"]["status"]) == ("SCANNED", "TIMED_OUT")


def test_a_statement_goes_when_its_time_has_passed(case: Case) -> None:
    with analysed_by(case.platform, "finbox"):
        shown = analysed(case, case.read(statement("gone"))["id"])
    later = case.read(pdf(recent(40, "stays"), KOTAK))
    query = "SELECT s3_key, content_key, analyser_key FROM bank_account_statement WHERE id = %s"
    (keys,) = case.platform.sql(query, shown["id"])
    assert all(storage().exists(key) for key in keys)
    run(case, "banking.end_consents")
    assert case.shown(shown["id"]) == shown
    passed = "UPDATE {} SET delete_after = now() - interval '1 minute' WHERE {} = %s"
    case.platform.sql(passed.format("bank_account_statement", "id"), shown["id"])
    case.platform.sql(passed.format("bda_report", "loan_id"), case.loan["id"])
    run(case, "banking.end_consents")
    gone = case.shown(shown["id"])
    assert (gone["status"], gone["reason"]) == ("DELETED", "The data was deleted: its time has passed.")
    assert [gone[name] for name in ("holderName", "accountNumber", "closingBalance")] == [None] * 3
    assert not any(storage().exists(key) for key in keys)
    events = "SELECT after FROM audit_event WHERE entity_id = %s AND action = 'bank_data.deleted'"
    ((told,),) = case.platform.sql(events, shown["id"])
    assert (sorted(told["objects"]), told["why"]) == (sorted(keys), "DATA_LIFE")
    # what it was analysed with is gone as well; the other statement is not, and can be analysed again
    assert case.bsa()["status"] == "DELETED"
    assert case.shown(later["id"])["status"] == "READY"
    assert case.read(pdf(recent(45, "after"), KOTAK))["status"] == "READY"
    assert case.bsa()["report"]["period"]["transactions"] == 85


def test_a_brand_says_how_long_statements_are_kept(case: Case) -> None:
    kept = "round(extract(epoch FROM delete_after - created_at) / 86400)"
    days = f"SELECT {kept} FROM bank_account_statement WHERE id = %s"
    assert case.platform.sql(days, case.send(statement("kept long"))["id"]) == [(365,)]
    change = "UPDATE brand SET settings = settings {} WHERE id = %s"
    case.platform.sql(change.format('|| \'{"bankData": {"statementDaysKept": 90}}\''), BRAND)
    try:
        assert case.platform.sql(days, case.send(statement("kept short"))["id"]) == [(90,)]
    finally:
        case.platform.sql(change.format("- 'bankData'"), BRAND)
