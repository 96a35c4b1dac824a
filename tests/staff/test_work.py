"""What work somebody is fit for is set where they are managed."""

from uuid import uuid4

import pytest

from app.core.identity import Role
from tests.platform import Platform
from tests.staff.people import somebody

PROFILE = {
    "pincode": "560001",
    "city": "Bengaluru",
    "state": "Karnataka",
    "languages": ["kn", "hi"],
    "work": [
        {
            "role": "COLLECTION_EXECUTIVE",
            "capacity": 40,
            "buckets": ["DPD_31_60", "DPD_61_90"],
            "ticketClasses": ["SMALL"],
            "reportsTo": None,
        }
    ],
}


def test_it_is_set_and_shown_and_audited(platform: Platform) -> None:
    person, admin = somebody(platform, Role.COLLECTION_EXECUTIVE), platform.staff(Role.SUPER_ADMIN)
    admin.send("PATCH", f"/staff/{person.id}", json=PROFILE)
    shown = admin.get(f"/staff/{person.id}")
    assert {name: shown[name] for name in PROFILE} == PROFILE
    told = platform.sql(
        "SELECT before->>'capacity', after->>'capacity' FROM audit_event "
        "WHERE action = 'staff.work_set' AND entity_id = %s",
        person.id,
    )
    assert told == [(None, "40")]


def test_the_rest_stays_as_it_is(platform: Platform) -> None:
    person, admin = somebody(platform, Role.COLLECTION_EXECUTIVE), platform.staff(Role.SUPER_ADMIN)
    admin.send("PATCH", f"/staff/{person.id}", json=PROFILE)
    admin.send("PATCH", f"/staff/{person.id}", json={"city": None})
    assert admin.get(f"/staff/{person.id}")["work"] == PROFILE["work"]


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"state": "Kerala", "pincode": "560001"}, 422, "state"),
        ({"state": "Atlantis"}, 422, "state"),
        ({"languages": ["klingon"]}, 422, "languages"),
        ({"work": [{"role": "COLLECTION_EXECUTIVE", "capacity": -1}]}, 422, "work"),
        ({"work": [{"role": "COLLECTION_EXECUTIVE", "buckets": ["LATE"]}]}, 422, "work"),
        ({"work": [{"role": "CREDIT_EXECUTIVE"}]}, 409, "work"),
    ],
)
def test_what_makes_no_sense_is_refused(platform: Platform, changes: dict, status: int, field: str) -> None:
    person = somebody(platform, Role.COLLECTION_EXECUTIVE)
    answer = platform.staff(Role.SUPER_ADMIN).send(
        "PATCH", f"/staff/{person.id}", expect=status, json=changes
    )
    assert field in answer["error"]["fields"]


def test_who_reports_to_whom_is_set_within_the_brand_and_in_no_circle(platform: Platform) -> None:
    one, lead = (somebody(platform, Role.COLLECTION_EXECUTIVE) for _ in range(2))
    admin = platform.staff(Role.SUPER_ADMIN)

    def report(to: str, who: str = one.id, expect: int = 200) -> dict:
        work = [{"role": "COLLECTION_EXECUTIVE", "reportsTo": to}]
        return admin.send("PATCH", f"/staff/{who}", expect=expect, json={"work": work})

    assert report(lead.id)["work"][0]["reportsTo"] == lead.id
    for to, who, code in (
        (one.id, one.id, "MANAGER_BELOW"),
        (one.id, lead.id, "MANAGER_BELOW"),
        (str(uuid4()), one.id, "MANAGER_UNKNOWN"),
    ):
        refused = report(to, who, expect=422)["error"]
        assert (refused["code"], list(refused["fields"])) == (code, ["work"])
