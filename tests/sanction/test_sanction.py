"""Who recommends never decides; whose yes a loan needs hangs on its amount, tier and deviations."""

import pytest

from app.core.identity import Role
from tests.platform import Platform
from tests.sanction.files import OK, File, applied, recommended

EXECUTIVE, MANAGER, HEAD, ADMIN = (
    Role.CREDIT_EXECUTIVE,
    Role.SANCTION_MANAGER,
    Role.SANCTION_HEAD,
    Role.ADMIN,
)


@pytest.fixture
def file(platform: Platform) -> File:
    """Within a manager's authority."""
    return recommended(platform)


@pytest.fixture
def weak(platform: Platform) -> File:
    """Of a tier for which a head is needed as well."""
    return recommended(platform, tier="D")


def test_it_works(file: File) -> None:
    loan = file.approve(MANAGER)
    assert loan["status"] == "APPROVED"
    assert (loan["appliedAmount"], loan["creditApprovedAmount"], loan["sanctionedAmount"]) == (
        "20000.00",
        "20000.00",
        "20000.00",
    )
    assert file.steps() == [
        "APPLIED",
        "CREDIT_EXECUTIVE_APPROVED",
        "SANCTION_MANAGER_APPROVED",
        "APPROVED",
    ]


@pytest.mark.parametrize(
    ("amount", "tier", "referrals", "authority"),
    [
        ("20000.00", "B", [], "SANCTION_MANAGER"),
        ("20000.00", "C", ["ONE"], "SANCTION_MANAGER"),
        ("20000.00", "A", ["ONE", "TWO"], "SANCTION_HEAD"),
    ],
)
def test_whose_yes_it_takes_is_policy(
    platform: Platform, amount: str, tier: str, referrals: list[str], authority: str
) -> None:
    file = recommended(platform, *referrals, tier=tier, amount=amount)
    assert file.summary["authority"] == authority


def test_what_nobody_may_sanction_is_refused(platform: Platform) -> None:
    file = recommended(platform, tier="E")
    assert file.approve(HEAD, expect=409)["error"]["code"] == "NOT_SANCTIONABLE"
    assert file.summary["refusal"].startswith("Nobody may sanction")


def test_a_weak_tier_needs_a_head_beside_the_manager(weak: File) -> None:
    assert (weak.summary["authority"], weak.summary["openLevels"]) == (
        "SANCTION_HEAD",
        ["SANCTION_MANAGER", "SANCTION_HEAD"],
    )
    assert weak.approve(MANAGER)["status"] == "SANCTION_MANAGER_APPROVED"
    assert weak.approve(MANAGER, expect=403)["error"]["code"] == "MAKER_IS_CHECKER"
    assert weak.approve(HEAD)["status"] == "APPROVED"


def test_a_head_in_the_managers_place_does_not_follow_themselves(weak: File) -> None:
    assert weak.approve(HEAD)["status"] == "SANCTION_MANAGER_APPROVED"
    assert weak.approve(HEAD, expect=403)["error"]["code"] == "MAKER_IS_CHECKER"
    assert weak.approve(ADMIN)["status"] == "APPROVED"


def test_deviations_are_kept_with_who_agreed(platform: Platform) -> None:
    file = recommended(platform, "ONE", "TWO")
    raised = file.executive.get(f"/loans/{file.id}/deviations")
    assert [(one["source"], one["ruleId"], one["delta"]) for one in raised] == [
        ("BRE", "ONE", "2"),
        ("BRE", "TWO", "2"),
    ]
    assert {(one["justification"], one["approvedBy"]) for one in raised} == {("The employer vouches", None)}
    file.approve(MANAGER)
    file.approve(HEAD)
    agreed = file.executive.get(f"/loans/{file.id}/deviations")
    assert {one["approvedBy"] for one in agreed} == {file.staff(HEAD).user["id"]}
    assert {one["expiresOn"] for one in agreed} == {file.loan["sanctionValidUntil"]}


def test_an_overridden_figure_is_a_deviation(platform: Platform) -> None:
    file = applied(platform).decided()
    file.assessed(overrides=[{"field": "avgSalary", "value": "55000.00", "remark": "A bonus is in it"}])
    file.recommended()
    (deviation,) = file.executive.get(f"/loans/{file.id}/deviations")
    assert (deviation["source"], deviation["reason"], deviation["justification"]) == (
        "OVERRIDE",
        "avgSalary is 55000.00 in the place of 60000.00",
        "A bonus is in it",
    )


def test_a_head_rejects_with_a_reason_of_the_catalogue(file: File) -> None:
    file.post(HEAD, "sanction/reject", expect=422, reasonCode="XX99")
    file.post(HEAD, "sanction/reject", expect=422, reasonCode="CU90")
    loan = file.post(HEAD, "sanction/reject", reasonCode="BU26", remark="No credit history")
    assert loan["status"] == "REJECTED"
    last = file.executive.get(f"/loans/{file.id}/trail")[-1]
    assert (last["actorRole"], last["reasonCode"], last["remark"]) == (
        "SANCTION_HEAD",
        "BU26",
        "No credit history",
    )
    told = file.app.get(f"/web/loans/{file.id}/decision")
    assert told["reasons"] == ["Your credit report does not meet our criteria."]


def test_an_executive_rejects_and_closes_applications(platform: Platform) -> None:
    file = applied(platform)
    assert file.post(EXECUTIVE, "reject", reasonCode="EL14")["status"] == "REJECTED"
    other = applied(platform)
    other.post(EXECUTIVE, "cancel", expect=422, reasonCode="EL14")
    assert other.post(EXECUTIVE, "cancel", reasonCode="CU92")["status"] == "CANCELLED"


def test_the_catalogue_has_words_for_both(platform: Platform) -> None:
    reasons = {one["code"]: one for one in platform.staff().get("/reasons")}
    assert reasons["IN52"]["staff"] == "On a negative list"
    assert "list" not in reasons["IN52"]["customer"]


def test_maker_is_not_checker(file: File) -> None:
    file.post(ADMIN, "sanction/send-back")
    file.decided().post(ADMIN, "recommend")
    for step in ("approve", "send-back"):
        refused = file.post(ADMIN, f"sanction/{step}", expect=403)
        assert refused["error"]["code"] == "MAKER_IS_CHECKER"
    refused = file.post(ADMIN, "sanction/reject", expect=403, reasonCode="BU26")
    assert refused["error"]["code"] == "MAKER_IS_CHECKER"


def test_who_wrote_the_memo_checks_nothing(platform: Platform) -> None:
    file = applied(platform).decided().assessed(ADMIN).recommended()
    assert file.approve(ADMIN, expect=403)["error"]["code"] == "MAKER_IS_CHECKER"


def test_nothing_is_recommended_without_cam_and_decision(platform: Platform) -> None:
    file = applied(platform)
    assert file.post(EXECUTIVE, "recommend", expect=409)["error"]["code"] == "CAM_MISSING"
    assert file.failing() == {"CAM_SAVED", "EVALUATED"}
    file.assessed()
    assert file.post(EXECUTIVE, "recommend", expect=409)["error"]["code"] == "DECISION_MISSING"
    assert file.approve(MANAGER, expect=409)["error"]["code"] == "ILLEGAL_TRANSITION"


def test_every_referral_is_decided_before_a_recommendation(platform: Platform) -> None:
    file = applied(platform).decided("REFER", "A", "ONE").assessed()
    executive, path = file.executive, f"/loans/{file.id}/referrals"
    refused = file.post(EXECUTIVE, "recommend", expect=409)["error"]
    assert (refused["code"], refused["details"]["failed"]) == ("CHECKLIST_FAILED", ["REFERRALS_DECIDED"])
    assert executive.get(path)[0]["accepted"] is None
    executive.send("PUT", f"{path}/NO_SUCH_RULE", expect=404, json=OK | {"accepted": True})
    executive.send("PUT", f"{path}/ONE", json=OK | {"accepted": False})
    assert file.failing() == {"REFERRALS_ACCEPTED"}
    executive.send("PUT", f"{path}/ONE", json=OK | {"accepted": True})
    assert file.post(EXECUTIVE, "recommend")["status"] == "CREDIT_EXECUTIVE_APPROVED"


def test_each_step_may_lower_the_amount_and_only_a_head_raises_it(weak: File) -> None:
    refused = weak.approve(MANAGER, expect=403, amount="20001.00")
    assert refused["error"]["code"] == "RAISE_NEEDS_SANCTION_HEAD"
    assert "amount" in weak.approve(MANAGER, expect=422, amount="1.00")["error"]["fields"]
    assert weak.approve(MANAGER, amount="8000.00")["sanctionedAmount"] is None
    assert weak.approve(HEAD, expect=422, amount="90000.00")["error"]["code"] == "ABOVE_ELIGIBLE"
    loan = weak.approve(HEAD, amount="9000.00")
    assert (loan["creditApprovedAmount"], loan["sanctionedAmount"]) == ("20000.00", "9000.00")
    assert (loan["processingFee"], loan["gstAmount"], loan["netDisbursal"]) == ("900.00", "162.00", "7938.00")


def test_the_rules_run_again_after_a_send_back_and_three_are_enough(file: File) -> None:
    for count in (1, 2, 3):
        back = file.post(MANAGER, "sanction/send-back", remark="Ask for the salary slip")
        assert (back["status"], file.loan["sendBackCount"]) == ("APPLIED", count)
        assert file.failing() == {"EVALUATED"}
        assert file.loan["createdAt"] == back["createdAt"] < back["statusSince"]
        file.decided().recommended()
    assert file.summary["authority"] == "SANCTION_HEAD"
    refused = file.post(MANAGER, "sanction/send-back", expect=409)
    assert refused["error"]["code"] == "SEND_BACKS_SPENT"


def test_a_head_sends_back_to_the_manager_and_the_rules_run_there(weak: File) -> None:
    weak.approve(MANAGER)
    assert weak.post(HEAD, "sanction/send-back")["status"] == "CREDIT_EXECUTIVE_APPROVED"
    assert weak.approve(MANAGER, expect=409)["error"]["details"]["failed"] == ["EVALUATED"]
    weak.decided("APPROVE", "D")
    assert weak.approve(MANAGER)["status"] == "SANCTION_MANAGER_APPROVED"
    weak.post(HEAD, "sanction/send-back")
    # whatever they make of a file without evidence: that they may run is the point
    assert weak.executive.post(f"/loans/{weak.id}/evaluate", expect=201)["loanId"] == weak.id


def test_remarks_stay_on_the_file(file: File) -> None:
    path = f"/loans/{file.id}/remarks"
    file.executive.post(path, expect=201, json={"text": "Salary slip asked for"})
    file.staff(MANAGER).post(path, expect=201, json={"text": "Seen"})
    assert [one["text"] for one in file.executive.get(path)] == ["Seen", "Salary slip asked for"]
