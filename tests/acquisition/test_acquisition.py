"""From the first click to the customer: visits, attribution, affiliates."""

import secrets
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from app.core.identity import Role
from tests.platform import BRAND, OTHER_BRAND, Platform


def click(platform: Platform, brand_id: str = BRAND, expect: int = 201, **told: Any) -> dict:
    return platform.api.call(
        "POST", "/web/clicks", expect=expect, headers={"X-Brand-Id": brand_id}, json=told
    )


def register(platform: Platform, phone: str, brand_id: str = BRAND, **told: Any) -> None:
    headers, body = {"X-Brand-Id": brand_id}, {"phone": phone, **told}
    platform.api.call("POST", "/web/auth/register", expect=202, headers=headers, json=body)


def phone() -> str:
    return f"9{secrets.randbelow(10**9):09d}"


def attribution(platform: Platform, number: str) -> dict:
    portal = platform.staff()
    found = portal.get("/customers", params={"search": number})["items"][0]
    return portal.get(f"/customers/{found['id']}/attribution")


def code() -> str:
    return f"a{secrets.token_hex(5)}"


def test_it_works(platform: Platform) -> None:
    number = phone()
    visit = click(
        platform,
        utm={"source": "google", "medium": "cpc", "campaign": "diwali", "term": "salary loan"},
        landingPage="https://www.qualoan.example/apply?utm_source=google&phone=9812345670",
        referrer="https://www.google.com/",
    )
    assert visit["channel"] == "PAID"
    register(platform, number, clickId=visit["clickId"])
    first = attribution(platform, number)["first"]
    assert (first["clickId"], first["platform"], first["utmTerm"]) == (
        visit["clickId"],
        "GOOGLE",
        "salary loan",
    )
    # reports know the customer by it
    ((tags,),) = platform.sql(
        "SELECT utm FROM customer WHERE id = (SELECT customer_id FROM customer_touch WHERE click_id = %s)",
        visit["clickId"],
    )
    assert tags == {"source": "google", "medium": "cpc", "campaign": "diwali", "term": "salary loan"}
    # what stands behind the question mark may be anything about anybody
    assert first["landingPage"] == "https://www.qualoan.example/apply"


def test_the_first_visit_stays_first_and_the_last_brings_back(platform: Platform) -> None:
    first, last = click(platform), click(platform, utm={"source": "crm", "medium": "sms"})
    customer = platform.customer(signed_in=False)
    number = customer.person["phone"]
    register(platform, number, clickId=first["clickId"])
    platform.sql("UPDATE otp_verification SET created_at = created_at - interval '1 hour'")
    register(platform, number, clickId=last["clickId"])
    told = attribution(platform, number)
    assert (told["first"]["clickId"], told["last"]["clickId"]) == (first["clickId"], last["clickId"])
    assert [touch["channel"] for touch in told["touches"]] == ["DIRECT", "OWNED"]


def test_tags_without_a_visit_make_one(platform: Platform) -> None:
    number = phone()
    register(platform, number, utm={"source": "newsletter", "medium": "email"})
    assert attribution(platform, number)["first"]["channel"] == "OWNED"


def test_nobody_is_turned_away_for_a_visit_that_is_not_known(platform: Platform) -> None:
    number, elsewhere = phone(), click(platform, OTHER_BRAND)
    register(platform, number, clickId=elsewhere["clickId"])
    assert attribution(platform, number) == {"first": None, "last": None, "touches": []}
    register(platform, phone(), clickId=str(uuid4()))


def test_an_affiliate_is_known_by_its_code_its_source_or_its_domain(platform: Platform) -> None:
    name = code()
    told = {"code": name, "name": "Cash", "payoutModel": "CPA", "payoutRate": "500.00"}
    told |= {"utmSource": f"s{name}", "domain": f"{name}.example"}
    made = platform.staff().post("/affiliates", expect=201, json=told)
    visits = (
        {"affiliate": name},
        {"utm": {"source": f"S{name}", "medium": "cpc"}},
        {"landingPage": f"https://{name}.example/"},
    )
    for visit in visits:
        number, seen = phone(), click(platform, **visit)
        assert seen["channel"] == "AFFILIATE"
        register(platform, number, clickId=seen["clickId"])
        assert attribution(platform, number)["first"]["affiliateId"] == made["id"]


def test_two_affiliates_share_nothing(platform: Platform) -> None:
    portal, name = platform.staff(), code()
    told = {"code": name, "name": "Cash", "payoutModel": "CPL", "payoutRate": "10", "utmSource": f"s{name}"}
    made = portal.post("/affiliates", expect=201, json=told)
    refused = portal.post("/affiliates", expect=409, json=told | {"utmSource": f"t{name}"})
    assert list(refused["error"]["fields"]) == ["code"]
    refused = portal.post("/affiliates", expect=409, json=told | {"code": code()})
    assert list(refused["error"]["fields"]) == ["utmSource"]
    portal.api.call(
        "PATCH",
        portal.path(f"/affiliates/{made['id']}"),
        headers=portal._headers,
        json={"isActive": False},
    )
    portal.post("/affiliates", expect=201, json=told | {"code": code()})
    assert click(platform, affiliate=name)["channel"] == "DIRECT"


def test_only_settings_people_change_affiliates(platform: Platform) -> None:
    executive = platform.staff(Role.LOAN_EXECUTIVE)
    executive.get("/affiliates", params={"search": "cash"})
    executive.post("/affiliates", expect=403, json={})


def test_the_summary_counts_visits_and_customers(platform: Platform) -> None:
    campaign, today = code(), date.today()  # noqa: DTZ011
    for number in (phone(), None, phone()):
        visit = click(platform, utm={"source": "google", "medium": "cpc", "campaign": campaign})
        if number:
            register(platform, number, clickId=visit["clickId"])
    days = {"fromDate": str(today - timedelta(days=1)), "toDate": str(today + timedelta(days=1))}
    rows = platform.staff().get("/acquisition", params=days | {"groupBy": "campaign"})
    assert [row for row in rows if row["key"] == campaign] == [{"key": campaign, "clicks": 3, "customers": 2}]
    platform.staff().get(
        "/acquisition", params={"fromDate": "2026-02-02", "toDate": "2026-02-01"}, expect=422
    )


@pytest.mark.parametrize("told", [{"landingPage": "javascript:alert(1)"}, {"utm": {"source": "x" * 201}}])
def test_a_visit_that_makes_no_sense_is_refused(platform: Platform, told: dict) -> None:
    click(platform, expect=422, **told)
