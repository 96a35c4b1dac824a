"""Where somebody may be found: written down with its source, masked, revealed for a reason, and verified once."""

from app.core.identity import Role
from app.loans import service as loans
from tests.lending import active, at_work
from tests.platform import Platform

BUREAU = {"source": "BUREAU"}


def test_what_was_found_is_seen_in_full_for_a_reason_alone(platform: Platform):
    case, executive = active(platform, days_ago=35), platform.staff(Role.COLLECTION_EXECUTIVE)
    path = f"/loans/{case.loan_id}/skip-traces"
    for wrong in ({"kind": "PHONE", "value": "abcdef"}, {"kind": "EMAIL", "value": "nobody"}):
        assert "value" in executive.post(path, expect=422, json=BUREAU | wrong)["error"]["fields"]
    made = executive.post(path, expect=201, json=BUREAU | {"kind": "PHONE", "value": "9876501234"})
    home = {"kind": "ADDRESS", "value": "12 MG Road, Bengaluru"}
    executive.post(path, expect=201, json=BUREAU | home)
    assert made["value"] == "XXXXXX1234"
    listed = executive.get(path)
    assert [one["kind"] for one in listed["items"]] == ["ADDRESS", "PHONE"]
    assert "9876501234" not in str(listed)
    assert executive.get(f"{path}?kind=PHONE&status=UNVERIFIED")["pagination"]["total"] == 1
    one = f"/skip-traces/{made['id']}"
    executive.post(f"{one}/reveal", expect=422, json={})
    shown = executive.post(f"{one}/reveal", json={"reason": "To ask whether it is theirs"})
    assert shown["value"] == "9876501234"
    seen = """SELECT actor_id, reason FROM audit_event WHERE action = 'personal_data.revealed' AND entity_id = %s"""
    assert platform.sql(seen, str(case.customer_id)) == [
        (executive.user["id"], "To ask whether it is theirs")
    ]
    for role in (Role.LOAN_EXECUTIVE, Role.CREDIT_EXECUTIVE):
        platform.staff(role).get(path, expect=403)
        platform.staff(role).post(f"{one}/reveal", expect=403, json={"reason": "To look at it"})
    right = executive.post(f"{one}/verify", json={"right": True})
    assert (right["status"], right["verifiedBy"]) == ("RIGHT", executive.user["id"])
    assert right["verifiedAt"]
    executive.post(f"{one}/verify", expect=409, json={"right": False})
    with at_work():
        loans.move(case.loan_id, "PAID")
    found, why = BUREAU | home, {"reason": "Out of curiosity"}
    for door, told in ((path, found), (f"{one}/reveal", why)):
        assert executive.post(door, expect=409, json=told)["error"]["code"] == "NOTHING_TO_COLLECT"
