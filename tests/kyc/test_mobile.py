"""A phone leads to a PAN and to an address; a no is an answer, and a silence is not."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.demo.client import CustomerApp
from app.kyc.addresses import match_percent
from tests.kyc.test_bank_account import with_pan
from tests.kyc.test_facts import facts
from tests.kyc.test_pan import attempts, calls
from tests.platform import Platform, new_pan


def verify(app: CustomerApp, expect: int = 200) -> Any:
    return app.post("/web/kyc/verify-mobile", expect=expect)


def test_it_works(platform: Platform) -> None:
    app = with_pan(platform)
    app.confirm_aadhaar()
    assert [(c["kind"], c["status"]) for c in verify(app)] == [
        ("MOBILE_TO_PAN", "VERIFIED"),
        ("MOBILE_TO_ADDRESS", "VERIFIED"),
    ]
    known = facts(app)
    assert known["mobile_pan_matches"] is True
    assert (known["mobile_name_match_percent"], known["mobile_address_match_percent"] > 80) == (100, True)


def test_the_pan_comes_first(platform: Platform) -> None:
    assert verify(platform.customer(), 409)["error"]["code"] == "PAN_FIRST"


def test_another_pan_behind_the_phone_is_an_answer_that_keeps_nothing_of_it(platform: Platform) -> None:
    app = platform.customer()
    app.post("/web/kyc/verify-pan", json={"pan": app.person["pan"]})
    other = new_pan("GOO")
    platform.sandbox.call(
        "POST", "/__sandbox__/personas", expect=201, json={"pan": other, "phone": app.person["phone"]}
    )
    assert verify(app)[0]["status"] == "REJECTED"
    assert facts(app)["mobile_pan_matches"] is False
    # it is weighed by itself, and is no failed attempt
    assert facts(app)["rejected_kyc_check_count_30d"] == 0


def test_a_phone_that_nobody_knows_is_an_answer_too(platform: Platform) -> None:
    app = with_pan(platform)
    platform.sandbox.call(
        "POST",
        "/__sandbox__/personas",
        expect=201,
        json={"pan": new_pan("XXX"), "phone": app.person["phone"]},
    )
    assert [c["status"] for c in verify(app)] == ["REJECTED", "REJECTED"]
    assert "mobile_pan_matches" not in facts(app)
    step = next(s for s in app.get("/web/onboarding")["steps"] if s["step"] == "MOBILE")
    assert step["done"]


def test_an_answer_is_not_paid_for_again_and_a_silence_asks_only_what_is_missing(platform: Platform) -> None:
    app = with_pan(platform)
    fault = {"provider": "digitap", "operation": "mobile_address", "fault": "malformed"}
    before = calls(platform, "mobile_prefill")
    platform.sandbox.call(
        "POST", "/__sandbox__/faults", expect=201, json=fault | {"match": app.person["phone"]}
    )
    verify(app, 503)
    verify(app)
    verify(app)
    assert calls(platform, "mobile_prefill") == before + 1
    assert attempts(platform, app.get("/web/me")["id"])[1:] == [
        ("MOBILE_TO_PAN", "VERIFIED"),
        ("MOBILE_TO_ADDRESS", "PENDING"),
        ("MOBILE_TO_ADDRESS", "VERIFIED"),
    ]


HOME = {
    "house": "Flat 12",
    "street": "Baner Road",
    "town": "Pune",
    "state": "Maharashtra",
    "pincode": "411045",
}


@pytest.mark.parametrize(
    ("other", "percent"),
    [
        (HOME, 100),
        ({"text": "flat no 12, BANER RD", "city": "PUNE", "state": "maharashtra", "pincode": "411045"}, 100),
        (HOME | {"pincode": "411001"}, 75),
        (HOME | {"pincode": "110001"}, 50),
        ({"pincode": "411045"}, 100),
        ({"text": "MG Road", "city": "Kochi", "state": "Kerala", "pincode": "682016"}, 0),
        ({"country": "India"}, None),
    ],
)
def test_addresses_are_compared_by_what_both_say(other: dict[str, str], percent: int | None) -> None:
    assert match_percent(HOME, other) == percent


ADDRESSES = st.dictionaries(
    st.sampled_from(["text", "house", "street", "town", "state", "pincode"]), st.text(max_size=20)
)


@given(ADDRESSES, ADDRESSES)
def test_the_order_of_addresses_does_not_matter_and_none_is_better_than_the_same(
    one: dict[str, str], other: dict[str, str]
) -> None:
    assert match_percent(one, other) == match_percent(other, one)
    assert match_percent(one, other) is None or 0 <= match_percent(one, other) <= 100
    assert match_percent(one, one) in (None, 100)
