"""What customers say of themselves: where they live, for whom they work, who knows them."""

from typing import Any

import pytest

from app.customers.places import STATES, states_of
from tests.platform import Platform

ADDRESS = {
    "house": "12",
    "street": "MG Road",
    "town": "Bengaluru",
    "state": "Karnataka",
    "pincode": "560001",
    "residence": "RENTED",
}
EMPLOYER = {"employerName": "ACME TECHNOLOGIES", "designation": "Engineer", "salaryDay": 1}
OFFICE = {"house": "Tower 2", "town": "Pune", "state": "Maharashtra", "pincode": "411045"}
FAMILY = {
    "fatherName": "MOHAN RAO",
    "motherName": "SITA RAO",
    "spouseName": "RAVI NAIR",
    "maritalStatus": "MARRIED",
    "homePhone": "80 2345 6789",
    "permanentResidence": "OWNED",
}
REFERENCES = [
    {"name": "Ravi Rao", "relation": "FRIEND", "phone": "9812345670"},
    {"name": "Usha Rao", "relation": "SIBLING", "phone": "9812345671"},
]


def test_an_address_is_kept_and_shown_to_staff_without_the_door(platform: Platform) -> None:
    app = platform.customer()
    told = app.put("/web/profile/address", json=ADDRESS)["currentAddress"]
    assert (told["house"], told["residence"]) == ("12", "RENTED")
    seen = platform.staff().get(f"/customers/{app.get('/web/me')['id']}")["currentAddress"]
    assert seen == {name: ADDRESS[name] for name in ("town", "state", "pincode", "residence")}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"pincode": "010001"}, "pincode"),
        ({"pincode": "290001"}, "pincode"),
        ({"pincode": "56000"}, "pincode"),
        ({"pincode": "682016"}, "state"),
        ({"state": "Atlantis"}, "state"),
        ({"house": ""}, "house"),
        ({"residence": "CASTLE"}, "residence"),
    ],
)
def test_an_address_that_cannot_be_is_refused_by_field(
    platform: Platform, wrong: dict[str, str], field: str
) -> None:
    refused = platform.customer().put("/web/profile/address", expect=422, json=ADDRESS | wrong)
    assert list(refused["error"]["fields"]) == [field]


@pytest.mark.parametrize(
    ("pincode", "state"),
    [
        ("110001", "Delhi"),
        ("160017", "Chandigarh"),
        ("403001", "Goa"),
        ("605001", "Puducherry"),
        ("744101", "Andaman and Nicobar Islands"),
        ("799001", "Tripura"),
        ("834001", "Jharkhand"),
    ],
)
def test_a_pincode_lies_in_its_state(pincode: str, state: str) -> None:
    assert state in states_of(pincode)


def test_there_are_28_states_and_8_union_territories() -> None:
    assert len(STATES) == 28 + 8


def test_an_employer_is_kept_as_declared(platform: Platform) -> None:
    told = platform.customer().put("/web/profile/employer", json=EMPLOYER | {"officeEmail": "a@acme.example"})
    assert (told["employerName"], told["officeEmail"], told["salaryDay"]) == (
        "ACME TECHNOLOGIES",
        "a@acme.example",
        1,
    )


def test_family_and_workplace_may_be_told(platform: Platform) -> None:
    app = platform.customer()
    told = app.patch("/web/profile", json=FAMILY)
    assert {name: told[name] for name in FAMILY} == FAMILY | {"homePhone": "80xxxxxx89"}
    work = {"employerAddress": OFFICE, "officePhone": "2026000123", "officeExtension": "204"}
    app.put("/web/profile/employer", json=EMPLOYER | work)
    told = app.put("/web/profile/address", json=ADDRESS | {"residingSince": "2021-04-01"})
    assert told["currentAddress"]["residingSince"] == "2021-04-01"
    assert (told["employerAddress"]["house"], told["officeExtension"]) == ("Tower 2", "204")
    staff, customer_id = platform.staff(), told["id"]
    seen = staff.get(f"/customers/{customer_id}")
    assert seen["employerAddress"] == {name: OFFICE[name] for name in ("town", "state", "pincode")}
    assert (seen["motherName"], seen["officePhone"]) == ("***", "20xxxxxx23")
    wanted = {"fields": ["employerAddress", "motherName", "officePhone"], "reason": "Field visit planned"}
    shown = staff.post(f"/customers/{customer_id}/reveal", json=wanted)
    assert (shown["employerAddress"]["house"], shown["motherName"]) == ("Tower 2", "SITA RAO")
    (events,) = platform.sql(
        "SELECT string_agg(after::text, '') FROM audit_event WHERE subject_id = %s", customer_id
    )
    assert not any(one in events[0] for one in ("MOHAN", "SITA", "RAVI", "Tower", "2026000123", "8023456789"))


@pytest.mark.parametrize(
    ("path", "told", "field"),
    [
        ("/web/profile", {"maritalStatus": "ENGAGED"}, "maritalStatus"),
        ("/web/profile", {"maritalStatus": "SINGLE", "spouseName": "RAVI NAIR"}, "spouseName"),
        ("/web/profile", {"fatherName": "X"}, "fatherName"),
        ("/web/profile", {"homePhone": "080 2345"}, "homePhone"),
        ("/web/profile/employer", EMPLOYER | {"officeExtension": "12-b"}, "officeExtension"),
        (
            "/web/profile/employer",
            EMPLOYER | {"employerAddress": OFFICE | {"state": "Kerala"}},
            "employerAddress",
        ),
        ("/web/profile/address", ADDRESS | {"residingSince": "2999-01-01"}, "residingSince"),
    ],
)
def test_family_and_workplace_that_cannot_be_are_refused_by_field(
    platform: Platform, path: str, told: dict[str, Any], field: str
) -> None:
    app = platform.customer()
    refused = (app.patch if path == "/web/profile" else app.put)(path, expect=422, json=told)
    assert [name.partition(".")[0] for name in refused["error"]["fields"]] == [field]


def test_what_was_declared_is_revealed_to_those_who_may(platform: Platform) -> None:
    app = platform.customer()
    app.put("/web/profile/address", json=ADDRESS)
    app.patch("/web/profile", json={"alternatePhone": "98123 45699"})
    wanted = {"fields": ["currentAddress", "alternatePhone"], "reason": "Field visit planned"}
    told = platform.staff().post(f"/customers/{app.get('/web/me')['id']}/reveal", json=wanted)
    assert (told["currentAddress"]["house"], told["alternatePhone"]) == ("12", "9812345699")


def named(*phones: str) -> dict[str, Any]:
    return {"references": [{"name": "Ravi Rao", "relation": "FRIEND", "phone": phone} for phone in phones]}


def test_references_replace_those_before_and_their_phones_are_masked(platform: Platform) -> None:
    app = platform.customer()
    app.put("/web/profile/references", json=named("9812345670", "9812345671"))
    app.put("/web/profile/references", json=named("9812345672"))
    for seen in (
        app.get("/web/profile/references"),
        platform.staff().get(f"/customers/{app.get('/web/me')['id']}/references"),
    ):
        told = [{name: one[name] for name in ("name", "relation", "phone")} for one in seen]
        assert told == [{"name": "Ravi Rao", "relation": "FRIEND", "phone": "98xxxxxx72"}]


def test_nobody_is_a_reference_twice(platform: Platform) -> None:
    refused = platform.customer().put(
        "/web/profile/references", expect=422, json=named("9812345670", "98123 45670")
    )
    assert list(refused["error"]["fields"]) == ["references"]


def test_ones_own_phone_is_no_reference(platform: Platform) -> None:
    app = platform.customer()
    refused = app.put("/web/profile/references", expect=422, json=named(app.person["phone"]))
    assert refused["error"]["code"] == "OWN_PHONE"


def test_another_phone_is_another_one(platform: Platform) -> None:
    app = platform.customer()
    app.put("/web/profile/references", json=named("9812345670"))
    for phone, code in ((app.person["phone"], "OWN_PHONE"), ("9812345670", "REFERENCE_PHONE")):
        refused = app.patch("/web/profile", expect=422, json={"alternatePhone": phone})
        assert refused["error"]["code"] == code


PASSPORT = {"kind": "PASSPORT", "number": "m 1234567", "issuedOn": "2020-01-31", "expiresOn": "2030-01-30"}


def test_papers_may_be_told_and_replace_those_before(platform: Platform) -> None:
    app = platform.customer()
    path, customer_id = "/web/profile/identity-papers", app.get("/web/me")["id"]
    app.put(path, json={"papers": [{"kind": "CKYC", "number": "50012345678901"}]})
    licence = {"kind": "DRIVING_LICENCE", "number": "DL-04 2011 0012345"}
    app.put(path, json={"papers": [PASSPORT, licence]})
    nothing = {"issuedOn": None, "expiresOn": None}
    for seen in (app.get(path), platform.staff().get(f"/customers/{customer_id}/identity-papers")):
        assert seen == [licence | nothing | {"number": "XXXX2345"}, PASSPORT | {"number": "***"}]
    assert app.put(path, json={"papers": []}) == []


@pytest.mark.parametrize(
    "papers",
    [
        [PASSPORT | {"number": "Q1234567"}],
        [PASSPORT | {"kind": "LIBRARY_CARD"}],
        [PASSPORT | {"issuedOn": "2999-01-01", "expiresOn": None}],
        [PASSPORT | {"expiresOn": "2020-01-31"}],
        [PASSPORT, PASSPORT],
    ],
)
def test_papers_that_cannot_be_are_refused_by_field(platform: Platform, papers: list) -> None:
    refused = platform.customer().put("/web/profile/identity-papers", expect=422, json={"papers": papers})
    assert list(refused["error"]["fields"]) == ["papers"]
