"""Staff confirm whom and which other phone a customer names; what is named anew is confirmed anew."""

from app.core.identity import Role
from app.customers import references
from tests.lending import at_work
from tests.platform import Platform

HOW = {"remark": "Met at the office"}
NAMED = {"references": [{"name": "Ravi Rao", "relation": "FRIEND", "phone": "9812340000"}]}


def test_references_and_the_other_phone_are_confirmed(platform: Platform) -> None:
    app, staff = platform.customer(), platform.staff(Role.CREDIT_EXECUTIVE)
    customer = f"/customers/{app.get('/web/me')['id']}"
    staff.post(f"{customer}/alternate-phone/confirm", expect=409, json=HOW)
    app.put("/web/profile/references", json=NAMED)
    app.patch("/web/profile", json={"alternatePhone": "9812340001"})
    (reference,) = staff.get(f"{customer}/references")
    assert reference["confirmedAt"] is None
    path = f"{customer}/references/{reference['id']}/confirm"
    staff.post(path, expect=422, json={})
    first = staff.post(path, json=HOW)
    assert (first["confirmedBy"], staff.post(path, json=HOW)) == (staff.user["id"], first)
    assert staff.post(f"{customer}/alternate-phone/confirm", json=HOW)["alternatePhoneConfirmedAt"]
    assert confirmed(customer) == 1
    app.put("/web/profile/references", json=NAMED)
    app.patch("/web/profile", json={"alternatePhone": "9812340002"})
    assert confirmed(customer) == 0
    assert staff.get(customer)["alternatePhoneConfirmedAt"] is None


def confirmed(customer: str) -> int:
    with at_work():
        return references.confirmed_count(customer.rpartition("/")[2])
