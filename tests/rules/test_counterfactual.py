"""What would have to change: every suggestion works, is the smallest, and asks only for what can be asked."""

import json
from decimal import Decimal
from itertools import product

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules import APPROVE, REFER, REJECT, decide, load, what_would_change
from rules.cli import rules as command
from tests.rules.applicants import ASHA, BHARAT, BRANDS, CHITRA, ruleset
from tests.rules.generated import applicants

OWES = ASHA | {"emi_obligations_monthly": 40000, "bureau_emi_obligations": 42000}
TROUBLED = OWES | {
    "active_payday_loan_count": 5,
    "bureau_overdue_amount": "14000.50",
    "requested_tenure_days": 100,
    "requested_amount": 70000,
}


def moved(inputs, brand="qualoan"):
    """The inputs of each suggestion."""
    return [change.inputs for change in what_would_change(load(brand, "bre"), inputs).changes]


def test_a_lower_amount():
    outlook = what_would_change(load("qualoan", "bre"), ASHA | {"requested_amount": 60000})
    assert outlook.decision.outcome == REFER
    assert [change.inputs for change in outlook.changes] == [{"requested_amount": Decimal(36500)}]
    assert outlook.for_staff == ("APPROVE with requested_amount 60000 -> 36500",)
    assert outlook.for_customer == ("Ask for ₹36,500 instead of ₹60,000.",)


@pytest.mark.parametrize(("days", "better"), [(3, 7), (400, 40)])
def test_a_tenure_may_go_either_way(days, better):
    assert moved(ASHA | {"requested_tenure_days": days}) == [{"requested_tenure_days": better}]


def test_two_views_of_one_thing_go_down_together():
    assert moved(OWES) == [
        {"emi_obligations_monthly": Decimal(24000), "bureau_emi_obligations": Decimal(24000)}
    ]


def test_many_troubles_at_once():
    assert moved(TROUBLED) == [
        {
            "requested_amount": Decimal(36500),
            "requested_tenure_days": 40,
            "bureau_overdue_amount": Decimal(1000),
            "active_payday_loan_count": 2,
            "emi_obligations_monthly": Decimal(24000),
            "bureau_emi_obligations": Decimal(24000),
        }
    ]


def test_who_is_approved_needs_no_change():
    outlook = what_would_change(load("qualoan", "bre"), ASHA)
    assert (outlook.changes, outlook.beyond_influence, outlook.for_customer) == ((), (), ())


def test_what_cannot_be_influenced_is_named_to_staff_alone():
    outlook = what_would_change(load("qualoan", "bre"), BHARAT | {"age_years": 18})
    fixed = ["AGE_BELOW_MINIMUM", "BUREAU_SCORE_BELOW_MINIMUM", "BOUNCES_ABOVE_MAXIMUM"]
    assert outlook.changes == ()
    assert [verdict.rule_id for verdict in outlook.beyond_influence] == fixed
    assert outlook.for_staff == (f"No change helps; beyond influence: {', '.join(fixed)}",)
    (told,) = outlook.for_customer
    assert "age" not in told
    assert not any(digit.isdigit() for digit in told)


def test_a_reject_may_become_a_referral():
    inputs = CHITRA | {"requested_tenure_days": 60}
    outlook = what_would_change(load("qualoan", "bre"), inputs)
    assert [(change.outcome, change.inputs) for change in outlook.changes] == [
        (REFER, {"requested_tenure_days": 40})
    ]
    assert [verdict.rule_id for verdict in outlook.beyond_influence] == ["NEW_TO_CREDIT"]


def test_several_ways_are_told_smallest_first(tmp_path):
    made = ruleset(
        tmp_path,
        "ruleset: bre\nrules:\n  - {id: SUM, when: emi_obligations_monthly + requested_amount > 50_000,"
        " then: reject, reason: x}",
    )
    outlook = what_would_change(made, {"emi_obligations_monthly": 20000, "requested_amount": 36000})
    assert [change.inputs for change in outlook.changes] == [
        {"requested_amount": Decimal(30000)},
        {"emi_obligations_monthly": Decimal(14000)},
    ]


def test_a_window_between_two_rules_is_found(tmp_path):
    made = ruleset(
        tmp_path,
        "ruleset: bre\nderive:\n  share: requested_amount / average_salary_3m * 100\nrules:\n"
        "  - {id: HIGH, when: share > 41, then: reject, reason: x}\n"
        "  - {id: LOW, when: share < 40, then: reject, reason: x}",
    )
    outlook = what_would_change(made, {"average_salary_3m": 100_000, "requested_amount": 90_000})
    assert [change.inputs for change in outlook.changes] == [{"requested_amount": Decimal(41000)}]


def test_a_limit_that_a_rule_gives(tmp_path):
    made = ruleset(
        tmp_path,
        "ruleset: bre\nrules:\n"
        "  - {id: BUSY, when: active_payday_loan_count > 1, then: {cap: 10_000}, otherwise: {cap: 20_000}}\n"
        "  - {id: ABOVE, when: requested_amount > cap, then: reject, reason: x}",
    )
    changes = what_would_change(made, {"active_payday_loan_count": 4, "requested_amount": 15_000}).changes
    assert [change.inputs for change in changes] == [
        {"requested_amount": Decimal(10_000)},
        {"active_payday_loan_count": 1},
    ]


@pytest.mark.parametrize("brand", BRANDS)
def test_every_suggestion_keeps_its_promise(brand):
    made = load(brand, "bre")

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(applicants(made), st.booleans())
    def promised(drawn, known):
        features = ASHA | {k: v for k, v in drawn.items() if made.dictionary[k].influence} if known else drawn
        outlook = what_would_change(made, features)
        for change in outlook.changes:
            assert decide(made, features | change.inputs).outcome == change.outcome
            assert (outlook.decision.outcome, change.outcome) in {
                (REJECT, APPROVE),
                (REJECT, REFER),
                (REFER, APPROVE),
            }
            for move in change.moves:
                allowed = {"lower": move.to < move.now, "raise": move.to > move.now, "either": True}
                assert allowed[made.dictionary[move.name].influence]
                assert made.dictionary[move.name].within(move.to) == move.to

    promised()


LIMITS = st.tuples(st.integers(1, 10), st.integers(0, 15), st.integers(5, 19), st.integers(1, 100))


def test_nothing_smaller_would_do(tmp_path):
    """Beside every combination of steps on a small grid: none moves fewer inputs, none moves each of them less."""

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(LIMITS, st.integers(1, 12), st.integers(0, 18))
    def smallest(limits, amount, days):
        most, shortest, longest, product_most = limits
        made = ruleset(
            tmp_path,
            f"ruleset: bre\nrules:\n"
            f"  - {{id: AMOUNT, when: requested_amount > {most * 500}, then: reject, reason: x}}\n"
            f"  - {{id: SHORT, when: requested_tenure_days < {shortest}, then: refer, reason: x}}\n"
            f"  - {{id: LONG, when: requested_tenure_days > {longest}, then: reject, reason: x}}\n"
            f"  - {{id: BOTH, when: requested_amount * requested_tenure_days > {product_most * 500},"
            " then: refer, reason: x}",
        )
        now = {"requested_amount": Decimal(amount * 500), "requested_tenure_days": days}
        grid = product(range(amount + 1), range(20))
        good = [(a, d) for a, d in grid if decide(made, _at(a, d)).outcome == APPROVE]
        changes = [c for c in what_would_change(made, now).changes if c.outcome == APPROVE]
        assert bool(changes) == (bool(good) and (amount, days) not in good)
        for change in changes[:1]:
            to = now | change.inputs
            steps = (int(to["requested_amount"]) // 500, to["requested_tenure_days"])
            for a, d in good:
                assert (a != amount) + (d != days) >= len(change.moves)
                assert (a, d) == steps or not _between(a, steps[0], amount) or not _between(d, steps[1], days)

    smallest()


def _at(amount, days):
    return {"requested_amount": Decimal(amount * 500), "requested_tenure_days": days}


def _between(value, one, other):
    return min(one, other) <= value <= max(one, other)


def test_the_command_prints_it(tmp_path):
    (tmp_path / "in.json").write_text(json.dumps(ASHA | {"requested_amount": 60000}, default=str))
    result = CliRunner().invoke(command, ["explain", "qualoan", str(tmp_path / "in.json")])
    assert result.exit_code == 0
    assert "REFER  qualoan/bre@" in result.output
    assert "What would have to change\n  APPROVE with requested_amount 60000 -> 36500" in result.output
    assert "To the customer\n  Ask for ₹36,500 instead of ₹60,000." in result.output
    as_json = CliRunner().invoke(command, ["explain", "qualoan", str(tmp_path / "in.json"), "--json"])
    (change,) = json.loads(as_json.output)["changes"]
    assert change["moves"] == [{"name": "requested_amount", "now": "60000.00", "to": "36500", "unit": "INR"}]
