"""Decisions on the shipped rule files: three people, the aggregation, and that nothing passes silently."""

import json
from decimal import Decimal

import pytest

from rules import HIT, NOT_EVALUATED, decide, load
from tests.rules.applicants import ASHA, BHARAT, BRANDS, CHITRA, without


@pytest.fixture(scope="module")
def bre():
    return load("qualoan", "bre")


def reasons(ruleset, features):
    return [verdict.rule_id for verdict in decide(ruleset, features).reasons]


def test_it_works(bre):
    decision = decide(bre, ASHA)
    assert decision.outcome == "APPROVE"
    assert decision.reasons == ()
    assert len(decision.verdicts) == len(bre.rules) > 45


def test_bharat_is_rejected_for_each_of_his_reasons(bre):
    decision = decide(bre, BHARAT)
    assert decision.outcome == "REJECT"
    assert [verdict.reason for verdict in decision.reasons] == [
        "Bureau score 560 is below the minimum of 600",
        "Overdue amount ₹14,000 is above the maximum of ₹5,000",
        "5 payday loans are running, above the maximum of 3",
        "5 bounces in three months, above the maximum of 4",
        "Obligations of ₹42,000 are 68.81% of salary, above 50% by more than 10 points",
    ]


def test_chitra_is_referred_only_for_being_new_to_credit(bre):
    decision = decide(bre, CHITRA)
    assert decision.outcome == "REFER"
    assert [verdict.rule_id for verdict in decision.reasons] == ["NEW_TO_CREDIT"]


def test_a_verdict_keeps_values_and_thresholds(bre):
    verdict = decide(bre, BHARAT).reasons[0]
    assert verdict.verdict == HIT
    assert verdict.values == {"scored": True, "bureau_score": 560}
    assert verdict.thresholds == {"minimum_bureau_score": 600}
    assert verdict.customer_reason == "Your credit report does not meet our criteria."


def test_rejects_come_before_referrals(bre):
    mixed = ASHA | {"salary_mode": "CHEQUE", "bureau_score": 500, "age_years": 20}
    assert reasons(bre, mixed) == ["AGE_BELOW_MINIMUM", "BUREAU_SCORE_BELOW_MINIMUM", "SALARY_PAID_BY_CHEQUE"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"age_years": 20}, ["AGE_BELOW_MINIMUM"]),
        ({"age_years": 21}, []),
        ({"bureau_score": 650}, []),
        ({"bureau_score": 649}, ["BUREAU_SCORE_LOW"]),
        ({"bureau_score": 600}, ["BUREAU_SCORE_LOW"]),
        ({"bureau_score": 599}, ["BUREAU_SCORE_BELOW_MINIMUM"]),
        ({"inward_bounce_count_3m": 2}, []),
        ({"inward_bounce_count_3m": 3}, ["BOUNCES_HIGH"]),
        ({"inward_bounce_count_3m": 4}, ["BOUNCES_HIGH"]),
        ({"inward_bounce_count_3m": 5}, ["BOUNCES_ABOVE_MAXIMUM"]),
        (
            {"average_salary_3m": "34999.99", "requested_amount": 15000, "declared_monthly_salary": 35000},
            ["SALARY_JUST_BELOW_MINIMUM"],
        ),
        (
            {"average_salary_3m": "31499.99", "requested_amount": 15000, "declared_monthly_salary": 35000},
            ["SALARY_BELOW_MINIMUM"],
        ),
        ({"blacklisted": True}, ["BLACKLISTED"]),
        ({"days_since_last_rejection": 14}, ["REJECTED_RECENTLY"]),
        ({"days_since_last_rejection": 15}, []),
        (
            {"completed_loan_count": 2, "last_loan_days_past_due": 16, "last_loan_amount": 40000},
            ["LAST_LOAN_LATE"],
        ),
        (
            {"completed_loan_count": 2, "last_loan_days_past_due": 31, "last_loan_amount": 40000},
            ["LAST_LOAN_VERY_LATE"],
        ),
        (
            {"completed_loan_count": 2},
            ["REPEAT_CUSTOMER_UNKNOWN", "REQUEST_ABOVE_LADDER", "OFFER_BELOW_PRODUCT"],
        ),
    ],
)
def test_bands_and_their_edges(bre, change, expected):
    assert reasons(bre, ASHA | change) == expected


def test_the_customer_is_never_told_of_the_negative_list(bre):
    decision = decide(bre, ASHA | {"blacklisted": True})
    assert decision.customer_reasons == ("We are unable to process your request at this time.",)


def test_a_missing_statement_refers(bre):
    banking = (
        "statement",
        "salary_credit",
        "average",
        "salary_v",
        "salary_d",
        "inward",
        "payday",
        "gambling",
        "cash",
        "emi",
    )
    decision = decide(bre, without(ASHA, *[name for name in ASHA if name.startswith(banking)]))
    assert decision.outcome == "REFER"
    assert {verdict.verdict for verdict in decision.reasons} == {NOT_EVALUATED}
    assert "Not evaluated: statement_days is missing" in [verdict.reason for verdict in decision.reasons]


def test_nothing_known_is_never_approved():
    for brand in BRANDS:
        assert decide(load(brand, "bre"), {}).outcome == "REFER"


# Their rules ignore absence, or a scorecard has points for it.
MAY_BE_UNKNOWN = {
    "declared_monthly_salary",
    "bureau_emi_obligations",
    "gender_matches",
    "employer_name_match_percent",
    "device_customer_count_30d",
    "decision_date",
}
# What the rules of a brand do not need.
UNUSED = {brand: {"salary_drained_count_3m"} for brand in BRANDS if brand != "salary4sure"}
UNUSED["paisapop"].add("bureau_vintage_months")


@pytest.mark.parametrize("brand", BRANDS)
@pytest.mark.parametrize("name", sorted(ASHA))
def test_no_single_unknown_input_passes_silently(brand, name):
    """Losing any one input of a clean applicant either refers, or no rule needed it to be known."""
    ruleset = load(brand, "bre")
    decision = decide(ruleset, without(ASHA, name))
    if name in MAY_BE_UNKNOWN | UNUSED.get(brand, set()):
        assert decision.outcome == "APPROVE"
    else:
        assert decision.outcome == ("REJECT" if (brand, name) == ("fastsalary", "bureau_score") else "REFER")


@pytest.mark.parametrize(
    "bad", ["550", True, None, float("nan"), float("inf"), 10**400, -1, "", "∞", "\ud800", [], {}, object()]
)
def test_a_value_that_cannot_be_read_refers(bre, bad):
    decision = decide(bre, ASHA | {"bureau_score": bad})
    assert decision.outcome == "REFER"
    assert json.loads(decision.as_bytes())["outcome"] == "REFER"


def test_unreadable_is_not_ignored_where_absence_is(bre):
    assert decide(bre, ASHA | {"declared_monthly_salary": None}).outcome == "APPROVE"
    decision = decide(bre, ASHA | {"declared_monthly_salary": "a lot"})
    assert [verdict.reason for verdict in decision.reasons] == [
        "Not evaluated: declared_monthly_salary is no money: 'a lot'"
    ]


@pytest.mark.parametrize(
    "features", [ASHA, BHARAT, CHITRA, {}, ASHA | {"bureau_score": float("nan"), "unknown_thing": 1}]
)
@pytest.mark.parametrize("brand", BRANDS)
def test_replay_gives_the_same_bytes(brand, features):
    ruleset = load(brand, "bre")
    decision = decide(ruleset, features)
    again = decide(ruleset, json.loads(decision.as_bytes())["inputs"])
    assert again.as_dict() == decision.as_dict() | {"ignored_inputs": []}
    assert decide(ruleset, features).as_bytes() == decision.as_bytes()


def test_equal_inputs_in_other_forms_give_the_same_bytes(bre):
    forms = (25000, "25000", "25000.00", Decimal("2.5E+4"), 25000.0)
    assert len({decide(bre, ASHA | {"requested_amount": form}).as_bytes() for form in forms}) == 1


def test_names_that_the_dictionary_does_not_know_are_told(bre):
    assert decide(bre, ASHA | {"burau_score": 1}).ignored_inputs == ("burau_score",)


def test_brands_differ():
    outcomes = {
        brand: decide(
            load(brand, "bre"),
            CHITRA
            | {"average_salary_3m": 33000, "declared_monthly_salary": 33000, "requested_amount": 14000},
        ).outcome
        for brand in BRANDS
    }
    hashes = {load(brand, "bre").hash for brand in BRANDS}
    assert len(hashes) == len(BRANDS)
    assert outcomes["paisapop"] == "REFER"
    strict = decide(load("salarybolt", "bre"), ASHA | {"bureau_score": 640})
    lenient = decide(load("paisapop", "bre"), ASHA | {"bureau_score": 640})
    assert (strict.outcome, lenient.outcome) == ("REJECT", "APPROVE")


def test_what_a_caller_does_with_a_decision_that_is_written_out_changes_no_other(bre):
    usual, given = decide(bre, ASHA).as_bytes(), decide(bre, ASHA).as_dict()
    for verdict in given["verdicts"]:
        verdict["thresholds"].clear()
        verdict["values"].clear()
        verdict.clear()
    assert decide(bre, ASHA).as_bytes() == usual


def test_a_verdict_alone_is_written_as_in_its_decision(bre):
    decision = decide(bre, without(CHITRA, "age_years") | {"bureau_score": 560})
    assert [verdict.as_dict() for verdict in decision.verdicts] == decision.as_dict()["verdicts"]
    assert {verdict.verdict for verdict in decision.verdicts} == {"HIT", "NO_HIT", "NOT_EVALUATED"}
