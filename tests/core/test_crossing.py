"""Wall: no endpoint gives one brand's staff or customers anything of another brand, whatever ids they send.

Two brands are taken equally far. Then every endpoint that takes an id, in its path, query or body, is called with
the other brand's, one at a time beside one's own. The answer is the one for an id that nobody has, and nothing in
the other brand changes. A new endpoint is walked by itself; a new kind of id needs a line in `tests/crossing.py`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
import requests

from app import create_app
from app.core.http import camel
from app.routes import endpoints
from tests.crossing import STATEMENT, Side
from tests.openapi import Document
from tests.platform import Platform

# what a path takes that is no id of anybody's record
WORDS = {
    "ruleset": "bre",
    "kind": "json",
    "report_type": "master-report",
    "name": "x",
    "provider": "cibil",
    "section": "trail",
    "stage": "APPLIED",
    "version": "1",
    "rule_id": "NEW_TO_CREDIT",
}
# names that look like ids and are none of a record: of a call in the log, of a phone, of Facebook's and Google's, of
# the operators' registry and a provider, and the brand that the caller works for
NO_RECORD = {
    ("query", "requestId"),
    ("body", "deviceId"),
    ("query", "campaignId"),
    ("body", "adClickId"),
    ("body", "dltTemplateId"),
    ("body", "brandId"),
    ("body", "providerMessageId"),
}
# the rooms that have runs of their own
ROOMS = ("policies/backtests", "lead-forms", "privacy/requests", "acefone/dialer")
# ids whose description is a plain text
ALSO_IDS = {("query", "left"): "versionId", ("query", "right"): "versionId"}
DIFFERS_ANYWAY = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16}|\d{4}-\d\d-\d\dT[\d:.+]+"
)
# not walked: they end the session that walks, or stand above the brands (tests/admin)
ELSEWHERE = ("/logout", "/partner/admin/")


@dataclass(frozen=True)
class Slot:
    """Where an endpoint takes an id, and of which kind."""

    where: str
    name: str
    kind: str


@dataclass(frozen=True)
class Door:
    """One endpoint with every id that it takes."""

    method: str
    rule: str
    access: str
    slots: tuple[Slot, ...]
    query: dict[str, Any]
    body: tuple[str, dict[str, Any]] | None

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"


@pytest.fixture(scope="module")
def doors(platform: Platform, sides: tuple[Side, Side]) -> list[Door]:
    document = Document(platform.api.call("GET", "/openapi.json"))
    walked = [
        _door(document, e.method, e.path, e.access)
        for e in endpoints(create_app(platform.settings))
        if e.access.startswith(("staff:", "customer")) and not any(part in e.path for part in ELSEWHERE)
    ]
    return [door for door in walked if door.slots]


def _door(document: Document, method: str, rule: str, access: str) -> Door:
    body = document.body(method, rule)
    properties = body[1].get("properties", {}).items() if body else ()
    described = [("query", document.query(method, rule)), ("body", properties)]
    slots = [Slot("path", name, _kind("path", rule, name)) for name in _path_names(rule)]
    slots += [
        Slot(where, name, _kind(where, rule, name))
        for where, fields in described
        for name, schema in fields
        if _is_id(where, name, schema)
    ]
    made = (body[0], document.example(body[1])) if body else None
    return Door(method, rule, access, tuple(slots), document.needed(method, rule), made)


def _path_names(rule: str) -> Iterator[str]:
    for converter, name in re.findall(r"<(?:(\w+):)?(\w+)>", rule):
        if name != "brand_id" and name not in WORDS:
            yield name
        assert name == "brand_id" or name in WORDS or converter == "uuid", f"what is <{name}> of {rule}?"


def _is_id(where: str, name: str, schema: dict[str, Any]) -> bool:
    if (where, name) in NO_RECORD:
        return False
    if (where, name) in ALSO_IDS:
        return schema.get("type") != "integer"
    return "uuid" in (schema.get("format"), schema.get("items", {}).get("format")) or name.endswith("Id")


def _kind(where: str, rule: str, name: str) -> str:
    kind = ALSO_IDS.get((where, name)) or camel(name)
    room = next((room for room in ROOMS if f"/{room}" in rule), "")
    return f"{room} {kind}" if kind in ("runId", "requestId", "callId") and room else kind


def test_every_kind_of_id_is_known(doors: list[Door], sides: tuple[Side, Side]) -> None:
    unknown = {
        f"{door}: {slot.name}" for door in doors for slot in door.slots if slot.kind not in sides[0].ids
    }
    assert unknown == set(), "give each brand one in tests/crossing.py"
    assert len(doors) > 60


def test_staff_of_another_brand(platform: Platform, doors: list[Door], sides: tuple[Side, Side]) -> None:
    mine, other = sides
    _walk(platform, [d for d in doors if d.access.startswith("staff:")], mine, other, mine.staff._headers)


def test_staff_with_the_other_brand_in_path_and_header(
    platform: Platform, doors: list[Door], sides: tuple[Side, Side]
) -> None:
    mine, other = sides
    headers = mine.staff._headers | {"X-Brand-Id": other.brand_id}
    before = everything_of(platform, other.brand_id)
    for door in doors:
        if door.access.startswith("staff:"):
            answer = call(platform, door, other.brand_id, other.ids, headers)
            assert answer.status_code == 404, f"{door} answered {answer.status_code}"
            assert answer.json()["error"]["message"] == "No such brand."
    assert everything_of(platform, other.brand_id) == before


def test_customers_of_another_brand(platform: Platform, doors: list[Door], sides: tuple[Side, Side]) -> None:
    mine, other = sides
    for spoken in ({}, {"X-Brand-Id": other.brand_id}):
        headers = mine.app._headers | spoken
        _walk(platform, [d for d in doors if d.access == "customer"], mine, other, headers)


def test_customers_of_the_same_brand(platform: Platform, doors: list[Door], sides: tuple[Side, Side]) -> None:
    other = sides[0]
    app = platform.customer(brand_id=other.brand_id)
    strangers = Side(other.brand_id, app, other.staff, {kind: str(uuid4()) for kind in other.ids})
    _walk(platform, [d for d in doors if d.access == "customer"], strangers, other, app._headers)


def _walk(platform: Platform, doors: list[Door], mine: Side, other: Side, headers: dict[str, str]) -> None:
    """Send the other side's ids through each door, each beside one's own, and then all at once."""
    before = everything_of(platform, other.brand_id)
    strange = [
        fault
        for door in doors
        for crossed in sorted({(slot.kind,) for slot in door.slots} | {tuple(s.kind for s in door.slots)})
        if (fault := _fault(platform, door, crossed, mine, other, headers))
    ]
    assert strange == [], "\n".join(strange)
    if mine.brand_id != other.brand_id:
        assert everything_of(platform, other.brand_id) == before


def _fault(
    platform: Platform, door: Door, crossed: tuple[str, ...], mine: Side, other: Side, headers: dict[str, str]
) -> str:
    """What an answer tells that it should not; nothing, where it is the one for ids that nobody has."""
    theirs = mine.ids | {kind: other.ids[kind] for kind in crossed}
    nobodys = mine.ids | {kind: str(uuid4()) for kind in crossed}
    answer, same = (call(platform, door, mine.brand_id, ids, headers) for ids in (theirs, nobodys))
    # a filter finds nothing, a list of ids picks nothing
    chosen = [slot for slot in door.slots if slot.kind in crossed]
    selects = all(slot.where == "query" or slot.name.endswith("ds") for slot in chosen)
    refused = answer.status_code in (403, 404) or (selects and answer.status_code in (200, 202))
    if refused and told(answer) == told(same):
        return ""
    return f"{door} {crossed}: {answer.status_code} {answer.text[:200]} instead of {same.text[:200]}"


def told(answer: requests.Response) -> tuple[int, str]:
    """Status and body without ids and instants, which differ between any two calls."""
    return answer.status_code, DIFFERS_ANYWAY.sub("-", answer.text)


def call(
    platform: Platform, door: Door, brand_id: str, ids: dict[str, str], headers: dict[str, str]
) -> requests.Response:
    """Through a door with these ids, in a body that it would take."""
    by_place = {(slot.where, slot.name): ids[slot.kind] for slot in door.slots}
    names = {"brand_id": brand_id, **WORDS} | {
        name: v for (where, name), v in by_place.items() if where == "path"
    }
    path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: names[found[1]], door.rule)
    query = door.query | {name: value for (where, name), value in by_place.items() if where == "query"}
    body = {name: value for (where, name), value in by_place.items() if where == "body"}
    body |= {name: [value] for name, value in body.items() if name.endswith("ds")}
    sent: dict[str, Any] = {}
    if door.body and door.body[0] == "multipart/form-data":
        sent["files"] = {"file": ("statement.csv", STATEMENT, "text/csv")}
    elif door.body:
        sent["json"] = door.body[1] | body
    once = {"Idempotency-Key": str(uuid4()), "If-Match": '"none"'}
    return platform.api._session.request(
        door.method, platform.api.base_url + path, params=query, headers=headers | once, timeout=30, **sent
    )


def everything_of(platform: Platform, brand_id: str) -> dict[str, tuple]:
    """Every row of a brand, table by table, as one sum each."""
    tables = platform.sql(
        """SELECT table_name FROM information_schema.columns
           WHERE column_name = 'brand_id' AND table_schema = 'public'"""
    )
    summed = "SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {} t WHERE brand_id = %s"
    return {name: platform.sql(summed.format(name), brand_id)[0] for (name,) in tables}
