"""Providers in the portal: how they are, what was asked of them, what it cost."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from app.core import clock
from app.core.identity import Role
from app.providers.recording import record_call
from app.providers.wire import CallRecord
from tests.platform import BRAND, OTHER_BRAND, Platform

PATH = "/providers"


def made(
    outcome: str = "ok",
    provider: str = "scoreme",
    operation: str = "report",
    duration_ms: int = 120,
    brand_id: str = BRAND,
) -> None:
    """A call, as a client records it. Nothing else in the tests asks ScoreMe on behalf of this brand."""
    status = 200 if outcome == "ok" else None
    body = {"pan": "XXXXXX234A"}
    record_call(
        CallRecord(
            brand_id, provider, operation, "/x", status, duration_ms, 1, outcome, body, body, outcome == "ok"
        )
    )


def of(platform: Platform, provider: str) -> dict:
    listed = platform.staff().get(PATH)
    return next(each for each in listed if each["provider"] == provider)


def cost_today(platform: Platform, provider: str) -> dict:
    today = clock.today().isoformat()
    params = {"fromDate": today, "toDate": today, "provider": provider}
    rows = platform.staff().get(f"{PATH}/costs", params=params)
    return rows[0] if rows else {"calls": 0, "billed": 0, "costPaise": "0.00"}


def test_every_provider_that_the_brand_chose_is_there(platform: Platform):
    serves = {each["provider"]: each["serves"] for each in platform.staff().get(PATH)}
    assert serves["digitap"] == ["account_validation", "kyc"]
    assert serves["razorpay"] == ["payments", "payouts", "upi_validation"]
    assert {"finduit", "cibil", "signzy", "msg91", "sendgrid"} <= set(serves)
    assert "cart_aa" not in serves


def test_a_setting_that_names_an_aggregator_is_shown_under_its_client(platform: Platform):
    listed = platform.staff(brand_id="fastsalary").get(PATH)
    assert "account_aggregator" in next(e["serves"] for e in listed if e["provider"] == "cart_aa")


def test_a_call_for_many_costs_its_price_for_each(platform: Platform):
    path = f"/{uuid4()}"
    for units in (1, 3):
        told = (BRAND, "finbox", "upload", path, 200, 1, 1, "ok", {}, {})
        record_call(CallRecord(*told, is_billable=True, units=units))
    paid = platform.sql("SELECT cost_paise FROM provider_call WHERE path = %s ORDER BY created_at", path)
    assert paid == [(Decimal(1800),), (Decimal(5400),)]


def test_calls_of_the_last_minutes_tell_errors_and_latency(platform: Platform):
    for duration_ms in (100, 200, 300, 4000):
        made(provider="crif", operation="consumer_pull", duration_ms=duration_ms)
    made("unavailable", provider="crif", operation="consumer_pull", duration_ms=9000)
    made("circuit_open", provider="crif", operation="consumer_pull", duration_ms=0)
    recent = of(platform, "crif")["recent"]
    assert (recent["calls"], recent["failures"], recent["errorRate"]) == (6, 2, 0.3333)
    assert (recent["p50Ms"], recent["p95Ms"]) == (300, 9000)


def test_a_refusal_is_no_failure(platform: Platform):
    made("rejected", provider="equifax", operation="consumer_pull")
    told = of(platform, "equifax")
    assert told["recent"]["errorRate"] == 0
    assert told["lastFailureAt"] is None


def test_the_last_success_and_failure_are_told(platform: Platform):
    made("malformed", provider="finbox", operation="progress")
    made(provider="finbox", operation="progress")
    told = of(platform, "finbox")
    assert told["lastFailureAt"] < told["lastSuccessAt"]
    assert told["circuit"] == {"state": "CLOSED", "failures": 0, "openForS": 0.0}


def test_a_billed_call_costs_what_the_price_list_says(platform: Platform):
    before = cost_today(platform, "scoreme")
    made(operation="upload")
    made("unavailable", operation="upload")
    made(operation="report")
    after = cost_today(platform, "scoreme")
    assert after["calls"] - before["calls"] == 3
    assert after["billed"] - before["billed"] == 1
    assert float(after["costPaise"]) - float(before["costPaise"]) == 1600


def test_a_real_call_is_priced_and_its_cost_stays(platform: Platform):
    platform.customer()
    page = platform.staff().get(f"{PATH}/calls", params={"provider": "msg91", "outcome": "ok"})
    assert {call["costPaise"] for call in page["items"]} == {"18.00"}


def test_a_price_holds_from_its_day_on(platform: Platform):
    today, path = clock.today(), PATH
    portal = platform.staff(brand_id=OTHER_BRAND)
    price = {"provider": "cart", "operation": "upload", "paise": "11.50"}
    portal.post(f"{path}/prices", expect=201, json=price | {"validFrom": today.isoformat()})
    later = (today + timedelta(days=1)).isoformat()
    portal.post(f"{path}/prices", expect=201, json=price | {"paise": "99.00", "validFrom": later})
    made(provider="cart", operation="upload", brand_id=OTHER_BRAND)
    call = portal.get(f"{path}/calls", params={"provider": "cart"})["items"][0]
    assert call["costPaise"] == "11.50"
    listed = [p["paise"] for p in portal.get(f"{path}/prices") if p["provider"] == "cart"]
    assert listed == ["1500.00", "11.50", "99.00"]


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"operation": "nothing"}, 422, "operation"),
        ({"provider": "nobody"}, 422, "provider"),
        ({"validFrom": "2020-02-02"}, 422, "validFrom"),
        ({"paise": "-1"}, 422, "paise"),
        ({"paise": "10000001"}, 422, "paise"),
    ],
)
def test_a_price_that_makes_no_sense_is_refused(platform: Platform, change, status, field):
    price = {"provider": "crif", "operation": "consumer_pull", "paise": "1.00", "validFrom": "2099-01-01"}
    error = platform.staff().post(f"{PATH}/prices", expect=status, json=price | change)
    assert field in error["error"]["fields"]


def test_a_price_is_never_changed(platform: Platform):
    price = {"provider": "crif", "operation": "consumer_pull", "paise": "1.00", "validFrom": "2099-01-01"}
    platform.staff().post(f"{PATH}/prices", expect=201, json=price)
    platform.staff().post(f"{PATH}/prices", expect=409, json=price | {"paise": "2.00"})


def test_calls_are_found_by_what_they_were(platform: Platform):
    made("unavailable", operation="upload")
    today = clock.today().isoformat()
    wanted = {"provider": "scoreme", "operation": "upload", "outcome": "unavailable", "fromDate": today}
    page = platform.staff().get(f"{PATH}/calls", params=wanted | {"toDate": today})
    assert page["pagination"]["total"] >= 1
    assert {(c["provider"], c["operation"], c["outcome"]) for c in page["items"]} == {
        ("scoreme", "upload", "unavailable")
    }
    yesterday = (clock.today() - timedelta(days=1)).isoformat()
    page = platform.staff().get(
        f"{PATH}/calls", params=wanted | {"fromDate": "2020-01-01", "toDate": yesterday}
    )
    assert page["items"] == []


def test_a_call_is_shown_with_masked_bodies(platform: Platform):
    app = platform.customer()
    app.post("/web/kyc/verify-pan", json={"pan": app.person["pan"]})
    wanted = {"provider": "digitap", "operation": "pan_details", "pageSize": 1}
    newest = platform.staff().get(f"{PATH}/calls", params=wanted)["items"][0]
    detail = platform.staff().get(f"{PATH}/calls/{newest['id']}")
    assert detail["request"]["pan"].startswith("XXXXXX")
    assert app.person["pan"] not in str(detail)


def test_only_those_who_run_the_settings_see_them(platform: Platform):
    platform.staff(Role.SANCTION_HEAD).get(PATH, expect=403)


def test_a_range_of_days_that_is_none_is_refused(platform: Platform):
    params = {"fromDate": "2026-05-02", "toDate": "2026-05-01"}
    platform.staff().get(f"{PATH}/costs", expect=422, params=params)
