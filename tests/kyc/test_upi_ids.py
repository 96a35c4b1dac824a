"""A UPI id counts once its bank has it under the customer's own name."""

import pytest

from app.core.identity import Role
from app.demo.client import CustomerApp
from tests.kyc.test_bank_account import with_pan
from tests.platform import Platform


@pytest.fixture(scope="module")
def app(platform: Platform) -> CustomerApp:
    return with_pan(platform)


def own(app: CustomerApp) -> str:
    return f"{app.person['phone']}@okaxis"


@pytest.mark.parametrize("brand_id", ["qualoan", "fastsalary"])
def test_ones_own_is_verified_and_asked_for_once(platform: Platform, brand_id: str) -> None:
    app = with_pan(platform, brand_id=brand_id)
    given = app.post("/web/kyc/upi-id", expect=201, json={"vpa": f" {own(app).upper()} "})
    assert (given["verified"], given["vpa"]) == (True, f"{own(app)[0]}***@okaxis")
    again = app.post("/web/kyc/upi-id", expect=201, json={"vpa": own(app)})
    assert again["id"] == given["id"]
    stored = platform.sql("SELECT vpa_enc, holder_name_enc FROM user_vpa WHERE id = %s", given["id"])[0]
    assert own(app) not in stored[0]
    known = platform.staff(Role.CREDIT_EXECUTIVE, brand_id).get(f"/customers/{app.get('/web/me')['id']}/kyc")
    assert known["upiIds"][0]["nameMatchPercent"] == 100
    checks = [one for one in known["attempts"] if one["kind"] == "VPA"]
    assert [one["status"] for one in checks] == ["VERIFIED"]


@pytest.mark.parametrize(
    ("vpa", "words"),
    [("asha", "name@handle"), ("asha@", "name@handle"), ("a sha@okaxis", "name@handle")],
)
def test_what_is_none_is_refused_at_the_edge(app: CustomerApp, vpa: str, words: str) -> None:
    answer = app.post("/web/kyc/upi-id", expect=422, json={"vpa": vpa})
    assert words in answer["error"]["fields"]["vpa"][0]


def test_somebody_elses_and_nobodys_are_refused_and_kept_as_attempts(
    platform: Platform, app: CustomerApp
) -> None:
    customer_id = app.get("/web/me")["id"]
    for vpa in (f"{app.person['phone']}@other", "nobody@okaxis"):
        answer = app.post("/web/kyc/upi-id", expect=422, json={"vpa": vpa})
        assert (answer["error"]["code"], list(answer["error"]["fields"])) == ("KYC_REJECTED", ["vpa"])
    staff = platform.staff(Role.ADMIN)
    staff.post(f"/customers/{customer_id}/kyc/upi-id", expect=201, json={"vpa": own(app)})
    known = staff.get(f"/customers/{customer_id}/kyc")
    assert [one["status"] for one in known["attempts"] if one["kind"] == "VPA"] == [
        "REJECTED",
        "REJECTED",
        "VERIFIED",
    ]
    assert [one["verified"] for one in known["upiIds"]] == [True, False]
