"""A breach of personal data is on record, and everybody who has to be told is, by when the law says."""

from datetime import timedelta
from typing import Any

import pytest

from app.core.clock import now
from app.core.identity import Role
from app.demo.client import CustomerApp, Portal
from tests.platform import Platform

FACTS = {
    "nature": "A list of customers was sent to a wrong address.",
    "extent": "Names and phones of two customers.",
    "consequences": "Calls by strangers.",
    "measures": "The receiver deleted it.",
    "safety": "Tell nobody your codes.",
}
PATH = "/privacy/breaches"


@pytest.fixture(scope="module")
def admin(platform: Platform) -> Portal:
    return platform.staff()


@pytest.fixture(scope="module")
def people(platform: Platform) -> tuple[CustomerApp, CustomerApp]:
    return platform.customer(consents=()), platform.customer(consents=())


def hours_ago(hours: int) -> str:
    return (now() - timedelta(hours=hours)).isoformat()


def recorded(admin: Portal, expect: int = 201, **changes: Any) -> Any:
    told = {"dataClasses": ["identity"], "facts": FACTS, "occurredAt": hours_ago(9), "awareAt": hours_ago(7)}
    return admin.post(PATH, expect=expect, json=told | changes)


def duties(breach: dict[str, Any]) -> dict[str, tuple[bool, bool]]:
    """By whom: whether it is done, and whether it is late."""
    return {duty["to"]: (duty["doneAt"] is not None, duty["isLate"]) for duty in breach["duties"]}


@pytest.mark.parametrize(
    "when", ["2000-01-01T00:00:00+16:00", "0001-01-01T00:00:00+10:00", "2000-01-01T00:00:00"]
)
def test_an_instant_that_is_none_is_named(admin: Portal, when: str) -> None:
    assert "awareAt" in recorded(admin, 422, awareAt=when)["error"]["fields"]


def test_a_breach_from_the_first_hour_to_its_end(
    platform: Platform, admin: Portal, people: tuple[CustomerApp, CustomerApp]
) -> None:
    breach = recorded(admin)
    path, (one, other) = f"{PATH}/{breach['id']}", people
    assert duties(breach) == {
        "CERT_IN": (False, True),
        "BOARD": (False, False),
        "BOARD_REPORT": (False, False),
        "AFFECTED": (False, False),
    }
    assert breach["id"] in [b["id"] for b in admin.get(f"{PATH}?overdue=true&pageSize=100")["items"]]
    ids = {"customerIds": [app.get("/web/me")["id"] for app in people]}
    assert admin.post(f"{path}/people", json=ids)["affected"] == 2
    assert admin.post(f"{path}/people", json=ids)["affected"] == 2, "each once"
    missing = admin.post(f"{path}/tell-affected", expect=409)["error"]
    assert (missing["code"], "contact" in missing["message"]) == ("FACTS_MISSING", True)
    admin.send("PATCH", path, json={"facts": {"contact": "privacy@brand.example"}})
    for _ in range(2):
        admin.post(f"{path}/tell-affected", expect=202)
        platform.drain()
    texts = [m for m in platform.sandbox.messages(one.person["phone"]) if breach["breachNo"] in str(m)]
    assert len(texts) == 1, "told once"
    assert one.get("/web/privacy/breaches")[0]["facts"]["safety"] == FACTS["safety"]
    assert "cause" not in other.get("/web/privacy/breaches")[0]["facts"]
    assert platform.customer(consents=()).get("/web/privacy/breaches") == []
    closing = {"status": "CLOSED", "remark": "Everybody knows"}
    assert admin.post(f"{path}/move", expect=409, json=closing)["error"]["code"] == "NOT_TOLD"
    for to in ("CERT_IN", "BOARD", "BOARD_REPORT"):
        told = {"toldTo": to, "toldAt": now().isoformat(), "reference": f"{to}/1"}
        breach = admin.post(f"{path}/intimations", expect=201, json=told)
    assert duties(breach)["CERT_IN"] == (True, True)
    assert duties(breach)["AFFECTED"] == (True, False)
    assert admin.post(f"{path}/move", json=closing)["status"] == "CLOSED"
    admin.send("PATCH", path, expect=409, json={"dataClasses": ["messages"]})
    audited = admin.get(f"/audit?entityId={breach['id']}&pageSize=50")["items"]
    assert {"data_breach.recorded", "data_breach.intimated", "data_breach.closed"} <= {
        event["action"] for event in audited
    }


def test_everybody_is_noted_by_a_job(platform: Platform, admin: Portal, people: tuple) -> None:
    breach = recorded(admin)
    path = f"{PATH}/{breach['id']}"
    admin.post(f"{path}/people", json={"everybody": True})
    platform.drain()
    (customers,) = platform.sql(
        "SELECT count(*) FROM customer WHERE brand_id = 'qualoan' AND erased_at IS NULL"
    )
    assert 2 <= admin.get(path)["affected"] <= customers[0]
    assert admin.get(f"{path}/people?told=true")["pagination"]["total"] == 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"awareAt": hours_ago(-1)}, "awareAt"),
        ({"occurredAt": hours_ago(1)}, "awareAt"),
        ({"occurredUntil": hours_ago(10)}, "occurredUntil"),
        ({"dataClasses": ["secrets"]}, "dataClasses"),
        ({"facts": {"nature": ""}}, "facts"),
    ],
)
def test_what_cannot_be_is_named(admin: Portal, changes: dict[str, Any], field: str) -> None:
    fields = recorded(admin, expect=422, **changes)["error"]["fields"]
    assert field in str(list(fields))


def test_it_is_for_who_handles_privacy(platform: Platform) -> None:
    recorded(platform.staff(Role.CREDIT_EXECUTIVE), expect=403)
