"""Staff offer other terms within the memo; the customer reads their key facts and answers in the app."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from app.core.clock import today
from app.core.identity import Role
from tests.platform import Platform
from tests.sanction.files import File, applied, recommended

EXECUTIVE, MANAGER = Role.CREDIT_EXECUTIVE, Role.SANCTION_MANAGER
TERMS = {"amount": "12000.00", "tenureDays": 14}


@pytest.fixture
def file(platform: Platform) -> File:
    return applied(platform).decided().assessed()


def _in_days(days: int) -> str:
    return f"{today() + timedelta(days=days)}"


def offered(file: File, role: Role = EXECUTIVE, **terms: Any) -> dict[str, Any]:
    file.post(role, "offers", expect=201, **(TERMS | terms))
    return file.app.get(f"/web/loans/{file.id}/offer")


def answer(file: File, word: str, offer: dict[str, Any], expect: int = 200) -> dict[str, Any]:
    body = {"offerId": offer["id"]}
    return file.app.post(f"/web/loans/{file.id}/offer/{word}", expect=expect, json=body)


def test_an_accepted_offer_is_what_is_sanctioned(file: File) -> None:
    offer = offered(file)
    assert (offer["amount"], offer["tenureDays"], offer["status"]) == ("12000.00", 14, "PROPOSED")
    facts = {fact["title"]: fact["value"] for fact in offer["keyFacts"]}
    assert facts["Annual percentage rate"] == f"{offer['terms']['aprPercent']} %"
    assert file.failing() == {"NO_OPEN_OFFER"}
    assert answer(file, "accept", offer)["status"] == "ACCEPTED"
    other = file.post(EXECUTIVE, "recommend", expect=409, amount="11000.00")
    assert other["error"]["code"] == "OFFER_ACCEPTED"
    file.recommended()
    loan = file.approve(MANAGER)
    assert (loan["sanctionedAmount"], loan["tenureDays"]) == ("12000.00", 14)
    assert loan["repaymentAmount"] == offer["terms"]["repaymentAmount"]


def test_a_declined_offer_ends_the_application(file: File) -> None:
    assert answer(file, "decline", offered(file))["status"] == "DECLINED"
    assert (file.loan["status"], file.steps()[-1]) == ("CANCELLED", "CANCELLED")


def test_only_the_offer_that_was_shown_is_accepted(file: File) -> None:
    first, second = offered(file), offered(file, amount="11000.00")
    assert answer(file, "accept", first, expect=409)["error"]["code"] == "ILLEGAL_TRANSITION"
    answer(file, "accept", {"id": str(uuid4())}, expect=404)
    assert answer(file, "accept", second)["amount"] == "11000.00"


def test_an_offer_is_overtaken_by_a_new_memo(file: File) -> None:
    offer = offered(file)
    file.save_cam(obligations="100.00")
    assert answer(file, "accept", offer, expect=409)["error"]["code"] == "OFFER_OVERTAKEN"


def test_an_offer_ends_by_itself(platform: Platform, file: File) -> None:
    offer = offered(file)
    platform.sql("UPDATE loan_offer SET valid_until = %s WHERE id = %s", "2026-01-01", offer["id"])
    assert answer(file, "accept", offer, expect=409)["error"]["code"] == "OFFER_EXPIRED"
    file.expire()
    assert file.app.get(f"/web/loans/{file.id}/offer")["status"] == "EXPIRED"


@pytest.mark.parametrize(
    ("terms", "status", "field"),
    [
        ({"amount": "20500.00"}, 422, "loanRecommended"),
        ({"amount": "1.00"}, 422, "amount"),
        ({"tenureDays": 400}, 422, "tenureDays"),
    ],
)
def test_an_offer_stays_within_memo_and_brand(
    file: File, terms: dict[str, Any], status: int, field: str
) -> None:
    assert field in file.post(EXECUTIVE, "offers", expect=status, **(TERMS | terms))["error"]["fields"]


def test_who_works_on_the_file_makes_the_offer(platform: Platform) -> None:
    file = recommended(platform)
    file.post(EXECUTIVE, "offers", expect=403, **TERMS)
    answer(file, "accept", offered(file, MANAGER))
    assert file.approve(MANAGER)["sanctionedAmount"] == "12000.00"


def test_a_file_rests_until_a_day_and_is_taken_up_where_it_was(platform: Platform) -> None:
    file = recommended(platform)
    assert "until" in file.post(MANAGER, "hold", expect=422, until=f"{today()}")["error"]["fields"]
    file.post(EXECUTIVE, "hold", expect=403, until=_in_days(5))
    held = file.post(MANAGER, "hold", until=_in_days(5))
    assert (held["status"], file.loan["heldFrom"]) == ("HOLD", "CREDIT_EXECUTIVE_APPROVED")
    assert file.approve(MANAGER, expect=409)["error"]["code"] == "ILLEGAL_TRANSITION"
    assert file.post(MANAGER, "resume")["status"] == "CREDIT_EXECUTIVE_APPROVED"
    assert file.post(MANAGER, "resume", expect=409)["error"]["code"] == "NOT_ON_HOLD"


def test_a_hold_ends_by_itself(platform: Platform) -> None:
    file = recommended(platform)
    file.post(MANAGER, "hold", until=_in_days(5))
    platform.sql("UPDATE loan SET held_until = %s WHERE id = %s", today(), file.id)
    file.expire()
    assert file.loan["status"] == "CREDIT_EXECUTIVE_APPROVED"
    assert file.approve(MANAGER)["status"] == "APPROVED"


def test_a_sanction_runs_out_and_is_taken_up_again_after_an_evaluation(platform: Platform) -> None:
    file = recommended(platform)
    file.approve(MANAGER)
    platform.sql("UPDATE loan SET sanction_valid_until = %s WHERE id = %s", "2026-01-01", file.id)
    file.expire()
    assert file.loan["status"] == "CANCELLED"
    file.post(MANAGER, "reactivate", expect=403)
    again = file.post(Role.SANCTION_HEAD, "reactivate")
    assert (again["status"], again["sanctionedAmount"]) == ("APPLIED", None)
    assert file.failing() == {"EVALUATED"}
    file.decided().recommended()
    assert file.approve(MANAGER)["status"] == "APPROVED"


def test_a_withdrawn_application_is_not_taken_up_again(platform: Platform, file: File) -> None:
    offer = offered(file)
    file.app.post(f"/web/loans/{file.id}/cancel")
    assert answer(file, "accept", offer, expect=409)["error"]["code"] == "CONFLICT"
    refused = file.post(Role.SANCTION_HEAD, "reactivate", expect=409)
    assert refused["error"]["code"] == "NOT_REACTIVABLE"


def test_a_rejection_cools_off_and_may_be_taken_up_again(platform: Platform) -> None:
    file = recommended(platform)
    file.post(MANAGER, "sanction/reject", reasonCode="AF50")
    body = {"amount": "10000.00", "tenureDays": 20, "purpose": "MEDICAL"}
    refused = file.app.post("/web/loans", once=True, expect=409, json=body)["error"]
    assert (refused["code"], refused["details"]["applyFrom"]) == ("COOLING_OFF", _in_days(15))
    assert file.post(Role.SANCTION_HEAD, "reactivate")["status"] == "APPLIED"
