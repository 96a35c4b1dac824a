"""The policy's own test vectors: boundaries of the decision, and the worked assessment that allows nothing."""

import pytest

from rules import compute, decide, load
from tests.rules.applicants import ASHA, CHITRA, ruleset, without

FLOOR_25_000 = """\
ruleset: bre
brand: test
extends: base/salaried
parameters: {minimum_salary: 25000}
switch_off: [MICROFINANCE_BORROWER]
"""
BANKING = (
    "statement_", "salary_credit", "salary_v", "salary_d", "average", "inward", "outward", "payday_credit", "gambling",
    "cash", "emi", "tamper", "balance_dressed", "circular", "loan_credit",
)  # fmt: skip


@pytest.fixture(scope="module")
def bre():
    return load("qualoan", "bre")


def codes(decision):
    return [verdict.rule.code for verdict in decision.reasons]


def test_all_passes(bre):
    assert (decide(bre, ASHA).outcome, codes(decide(bre, ASHA))) == ("APPROVE", [])


@pytest.mark.parametrize(
    ("change", "outcome", "expected"),
    [
        ({"age_years": 20}, "REJECT", ["EL10"]),
        ({"age_years": 21}, "APPROVE", []),
        ({"bureau_score": 650}, "APPROVE", []),
        ({"bureau_score": 649}, "REFER", ["BU25"]),
        ({"bureau_score": 600}, "REFER", ["BU25"]),
        ({"bureau_score": 599}, "REJECT", ["BU25"]),
        ({"inward_bounce_count_3m": 2}, "APPROVE", []),
        ({"inward_bounce_count_3m": 3}, "REFER", ["BS44"]),
        ({"inward_bounce_count_3m": 4}, "REFER", ["BS44"]),
        ({"inward_bounce_count_3m": 5}, "REJECT", ["BS44"]),
        ({"blacklisted": True}, "REJECT", ["IN52"]),
    ],
)
def test_boundaries(bre, change, outcome, expected):
    decision = decide(bre, ASHA | change)
    assert (decision.outcome, codes(decision)) == (outcome, expected)


def test_two_hard_and_one_soft_come_hard_first_by_priority(bre):
    decision = decide(bre, ASHA | {"salary_mode": "CHEQUE", "bureau_score": 500, "blacklisted": True})
    assert (decision.outcome, codes(decision)) == ("REJECT", ["IN52", "BU25", "EL12"])
    assert [verdict.rule.severity for verdict in decision.reasons] == ["hard", "hard", "soft"]


def test_no_bureau_hit_is_referred_with_a_small_offer_of_tier_d(bre):
    decision = decide(bre, CHITRA | {"average_salary_3m": 150000, "declared_monthly_salary": 150000})
    assert (decision.outcome, codes(decision)) == ("REFER", ["BU26"])
    assert (decision.offer["tier"], decision.offer["offer_limit"]) == ("D", 15000)


def test_a_missing_statement_is_never_an_approval(bre):
    decision = decide(bre, without(ASHA, *[name for name in ASHA if name.startswith(BANKING)]))
    assert decision.outcome == "REFER"
    assert "BS40" in codes(decision)
    assert decision.offer is None


@pytest.mark.parametrize(
    ("salary", "outcome", "expected"),
    [("25000", "APPROVE", []), ("24999", "REFER", ["EL13"]), ("22499", "REJECT", ["EL13"])],
)
def test_a_salary_within_ten_percent_of_the_floor_is_looked_at(tmp_path, salary, outcome, expected):
    import shutil

    from rules.language.files import ROOT

    shutil.copytree(ROOT / "base", tmp_path / "base")
    paid = {"average_salary_3m": salary, "declared_monthly_salary": salary, "requested_amount": 10000}
    decision = decide(ruleset(tmp_path, FLOOR_25_000), ASHA | paid)
    assert (decision.outcome, codes(decision)) == (outcome, expected)


def test_what_went_wrong_in_a_list_is_not_told_to_the_customer(bre):
    assert decide(bre, ASHA | {"blacklisted": True}).customer_reasons == (
        "We are unable to process your request at this time.",
    )


def test_the_same_facts_give_the_same_bytes(bre):
    assert decide(bre, ASHA).as_bytes() == decide(bre, dict(ASHA)).as_bytes()


def test_obligations_of_the_whole_share_leave_nothing(tmp_path):
    """35,000 a month, 14,000 of obligations, a FOIR of 40 %: nothing is eligible (AF50)."""
    import shutil

    from rules.language.files import ROOT

    shutil.copytree(ROOT / "base", tmp_path / "base")
    text = "ruleset: cam\nbrand: test\nextends: base/cam\ntables:\n  - {id: FOIR_GRID, columns: [avg_salary], gives: [grid_foir], rows: [[any, 40]]}\n"  # noqa: E501
    cam = ruleset(tmp_path, text, "cam")
    inputs = {f"salary_amount_{n}": 35000 for n in (1, 2, 3)}
    inputs |= {"obligations": 14000, "loan_applied": 10000, "roi_percent_per_day": 1}
    inputs |= {"disbursal_date": "2026-11-26", "next_pay_date": "2026-12-16"}
    assert (compute(cam, inputs)["capacity"], compute(cam, inputs)["foir_achieved"]) == (0, 40)
    decision = decide(cam, inputs)
    assert (decision.outcome, decision.reasons[0].rule.code) == ("REJECT", "AF50")
