"""Asking for a bank statement: once a loan, by those who assess credit, with the customer told by SMS."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.core.identity import Role
from tests.banking.aa import Case, any_id, new_case
from tests.platform import OTHER_BRAND, Platform


@pytest.fixture
def case(platform: Platform) -> Case:
    return new_case(platform)


def test_it_works(case: Case) -> None:
    consent = case.ask()
    assert consent["status"] == "PENDING"
    assert consent["redirectUrl"].endswith(consent["consentHandle"])
    assert (consent["userId"], consent["loanId"]) == (case.loan["customerId"], case.loan["id"])


def test_the_customer_gets_the_link(case: Case) -> None:
    consent = case.ask()
    case.platform.drain()
    texts = [message["text"] for message in case.platform.sandbox.messages(case.app.person["phone"])]
    assert any(consent["redirectUrl"] in text for text in texts)


def test_one_that_waits_is_returned_again(case: Case) -> None:
    first = case.ask()
    assert case.ask() == first
    assert len(case.platform.sql("SELECT 1 FROM aa_consent_request WHERE loan_id = %s", case.loan["id"])) == 1


def test_one_that_nobody_answered_in_time_is_replaced(case: Case) -> None:
    first = case.ask()
    case.platform.sql(
        "UPDATE aa_consent_request SET created_at = created_at - interval '25 hours' WHERE id = %s",
        first["id"],
    )
    second = case.ask()
    states = case.platform.sql("SELECT status FROM aa_consent_request WHERE id = %s", first["id"])
    assert second["id"] != first["id"]
    assert states == [("EXPIRED",)]


def test_the_loan_must_be_the_customers(case: Case) -> None:
    other = new_case(case.platform)
    body = {"userId": other.loan["customerId"], "loanId": case.loan["id"]}
    case.platform.staff().post("/aa/consent-request", expect=404, json=body)


def test_an_ended_loan_is_not_assessed(case: Case) -> None:
    case.app.post(f"/web/loans/{case.loan['id']}/cancel")
    assert case.ask(expect=409)["error"]["details"] == {"state": "CANCELLED"}


def test_an_outage_is_told_and_leaves_nothing(case: Case) -> None:
    fault = {"provider": "finduit", "fault": "500", "match": case.app.person["phone"]}
    case.platform.sandbox.call("POST", "/__sandbox__/faults", expect=201, json=fault)
    case.ask(expect=503)
    assert case.ask()["status"] == "PENDING"


@pytest.mark.parametrize("role", [Role.LOAN_EXECUTIVE, Role.COLLECTION_HEAD])
def test_others_may_not_ask(case: Case, role: Role) -> None:
    body = {"userId": case.loan["customerId"], "loanId": case.loan["id"]}
    case.platform.staff(role).post("/aa/consent-request", expect=403, json=body)


def test_the_list_is_filtered_and_paged(case: Case) -> None:
    consent, staff = case.ask(), case.platform.staff()
    mine = {"loanId": case.loan["id"]}
    pending = staff.get("/aa/consent-requests", params=mine | {"status": "PENDING"})
    assert [item["id"] for item in pending["items"]] == [consent["id"]]
    assert pending["pagination"] == {"page": 1, "pageSize": 20, "total": 1, "pages": 1}
    assert staff.get("/aa/consent-requests", params=mine | {"status": "APPROVED"})["items"] == []
    staff.get("/aa/consent-requests", expect=422, params={"status": "GIVEN"})


def test_another_brand_sees_none_of_it(case: Case) -> None:
    case.ask()
    stranger = case.platform.staff(brand_id=OTHER_BRAND)
    assert stranger.get("/aa/consent-requests", params={"loanId": case.loan["id"]})["items"] == []
    stranger.get(f"/loans/{case.loan['id']}/bsa", expect=404)


def test_an_unknown_loan_is_not_found(case: Case) -> None:
    case.platform.staff().get(f"/loans/{any_id()}/bsa", expect=404)


def test_two_requests_at_once_ask_once(case: Case) -> None:
    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(case.ask) for _ in "12"]
    assert len({answer.result()["id"] for answer in answers}) == 1
