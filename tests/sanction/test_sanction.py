"""Who recommends never decides; referrals and large loans need a head."""

import pytest

from app.core.identity import Role
from tests.platform import BRAND, Platform
from tests.stages import Stages

OK = {"remark": "Approved"}


@pytest.fixture
def referred(platform: Platform) -> Stages:
    return Stages(platform, "NTC").recommended("REFER", amount="10000.00", tenure_days=24)


def test_it_works(platform: Platform) -> None:
    stages = Stages(platform).recommended()
    loan = platform.staff(Role.SANCTION_MANAGER).post(f"/loans/{stages.id}/sanction/approve", json=OK)
    assert loan["status"] == "APPROVED"
    assert loan["sanctionedAmount"] == "22500.00"
    steps = [s["toState"] for s in stages.staff.get(f"/loans/{stages.id}/trail") if s["entity"] == "loan"]
    assert steps == ["APPLIED", "CREDIT_EXECUTIVE_APPROVED", "SANCTION_MANAGER_APPROVED", "APPROVED"]


def test_a_referral_needs_a_head(platform: Platform, referred: Stages) -> None:
    path = f"/loans/{referred.id}/sanction/approve"
    refused = platform.staff(Role.SANCTION_MANAGER).post(path, expect=403, json=OK)
    assert refused["error"]["code"] == "NEEDS_SANCTION_HEAD"
    assert platform.staff(Role.SANCTION_HEAD).post(path, json=OK)["status"] == "APPROVED"


def test_a_head_rejects_with_a_remark(platform: Platform, referred: Stages) -> None:
    body = {"reasonCode": "BU26", "remark": "No credit history"}
    loan = platform.staff(Role.SANCTION_HEAD).post(f"/loans/{referred.id}/sanction/reject", json=body)
    assert loan["status"] == "REJECTED"
    last = referred.staff.get(f"/loans/{referred.id}/trail")[-1]
    assert (last["actorRole"], last["reasonCode"], last["remark"]) == (
        "SANCTION_HEAD",
        "BU26",
        "No credit history",
    )


def test_maker_is_not_checker(platform: Platform) -> None:
    stages = Stages(platform).recommended()
    admin = platform.staff(Role.ADMIN, BRAND)
    admin.post(f"/loans/{stages.id}/sanction/send-back", json=OK)
    admin.post(f"/loans/{stages.id}/recommend", json=OK)
    refused = admin.post(f"/loans/{stages.id}/sanction/approve", expect=403, json=OK)
    assert refused["error"]["code"] == "MAKER_IS_CHECKER"


def test_nothing_is_recommended_without_cam_and_decision(platform: Platform) -> None:
    stages = Stages(platform).applied()
    refused = stages.staff.post(f"/loans/{stages.id}/recommend", expect=409, json=OK)
    assert refused["error"]["code"] == "CAM_MISSING"
