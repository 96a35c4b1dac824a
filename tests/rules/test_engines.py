"""Two engines, one meaning; and the known faults of durable-rules, each survived by the harness."""

import gc
import resource
import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal, localcontext

import durable_rules_engine as durable
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules import DecisionRefused, EngineDisagreement, EngineFault, RulesError, decide, load
from rules.engines import durable_engine
from tests.rules.applicants import ASHA, BHARAT, BRANDS, CHITRA, one_rule, ruleset
from tests.rules.generated import applicants
from tests.rules.generated_files import made_of, rule_texts

QUICK = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("brand", BRANDS)
@pytest.mark.parametrize("name", ["bre", "cam", "offer"])
def test_the_engines_agree_on_every_shipped_file(brand, name):
    made = load(brand, name)

    @QUICK
    @given(applicants(made))
    def agree(features):
        decision = decide(made, features)  # a disagreement raises
        assert (
            decide(made, decision.as_dict()["inputs"]).as_dict()["verdicts"] == decision.as_dict()["verdicts"]
        )

    agree()


@pytest.mark.parametrize("brand", BRANDS)
def test_the_engines_agree_where_everything_is_known(brand):
    made = load(brand, "bre")

    @QUICK
    @given(applicants(made, absent=False, junk=False))
    def agree(features):
        decide(made, features)

    agree()


def test_the_engines_agree_on_generated_rule_sets():
    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
    @given(rule_texts(), st.data())
    def agree(text, data):
        made = made_of(text)
        for _ in range(4):
            decide(made, data.draw(applicants(made)))

    agree()


def many_rules(folder, count, when="age_years > {index}"):
    rules = [
        f"  - {{id: R{index}, when: '{when.format(index=index)}', then: refer, reason: x}}"
        for index in range(count)
    ]
    return ruleset(folder, "ruleset: bre\nbrand: test\nrules:\n" + "\n".join(rules))


@pytest.mark.parametrize("count", [1, 60, 61, 64, 65, 66, 130, 201, 500])
def test_any_number_of_rules_may_fire(tmp_path, count):
    made = many_rules(tmp_path, count, "age_years >= 0 or bureau_score > {index}")
    assert len(decide(made, {"age_years": 30}).reasons) == count
    assert len(decide(made, {}).reasons) == count


def test_conditions_that_could_overflow_durables_stack_are_not_put_side_by_side(tmp_path):
    made = many_rules(tmp_path, 65)
    assert len(decide(made, {"age_years": 120}).reasons) == 65
    assert durable_engine._registration(made).whole is None


@pytest.mark.parametrize(
    ("when", "features", "hit"),
    [
        ("completed_loan_count == 1", {"completed_loan_count": 1}, True),
        ("completed_loan_count == 1", {"completed_loan_count": 5}, False),
        ("blacklisted == false", {"blacklisted": False}, True),
        ("blacklisted == false or blacklisted", {"blacklisted": True}, True),
        ("blacklisted != true", {"blacklisted": True}, False),
        ("(age_years < 21) == blacklisted", {"age_years": 20, "blacklisted": True}, True),
        (
            "(age_years < bureau_score) == true and age_years < bureau_score",
            {"age_years": 20, "bureau_score": 600},
            True,
        ),
    ],
)
def test_ones_and_truths_are_not_mixed_up(tmp_path, when, features, hit):
    assert bool(decide(one_rule(tmp_path, when), features).reasons) is hit


def test_no_rule_firing_is_an_answer(tmp_path):
    assert decide(one_rule(tmp_path, "age_years < 21"), {"age_years": 30}).outcome == "APPROVE"


def test_a_rule_set_without_rules_approves(tmp_path):
    assert decide(ruleset(tmp_path, "ruleset: bre\nbrand: test\nparameters: {}"), {}).outcome == "APPROVE"


@pytest.mark.parametrize("tiny", [1e-05, "0.00001", Decimal("1E-5"), 5e-324])
def test_numbers_that_json_writes_with_an_exponent(tmp_path, tiny):
    made = one_rule(tmp_path, "gambling_debit_share_percent > 0")
    hit = Decimal(str(tiny)) >= Decimal("0.0000005")
    assert bool(decide(made, {"gambling_debit_share_percent": tiny}).reasons) is hit


def test_numbers_that_a_double_cannot_tell_apart(tmp_path):
    made = one_rule(tmp_path, "average_salary_3m * 1_000_000_000_000 > 999_999_999_999_999_999_999")
    assert decide(made, {"average_salary_3m": "999999999.99"}).reasons == ()
    assert decide(made, {"average_salary_3m": "1000000000.00"}).reasons != ()


def test_division_by_zero_refers(tmp_path):
    decision = decide(
        one_rule(tmp_path, "requested_amount / age_years > 1"), {"requested_amount": 1, "age_years": 0}
    )
    assert [verdict.reason for verdict in decision.reasons] == ["Not evaluated: division by zero"]


def test_the_callers_decimal_settings_change_nothing():
    made = load("qualoan", "bre")
    usual = decide(made, BHARAT).as_bytes()
    with localcontext(prec=3):
        assert decide(made, BHARAT).as_bytes() == usual


def test_the_same_facts_again_and_again():
    made = load("qualoan", "bre")
    usual = decide(made, BHARAT).said
    assert all(decide(made, BHARAT).said == usual for _ in range(2 * durable_engine.STATE_USES + 1))


def test_eight_threads():
    made, people = load("qualoan", "bre"), (ASHA, BHARAT, CHITRA)
    expected = [decide(made, person).as_bytes() for person in people]

    def work(worker):
        return all(
            decide(made, people[turn % 3]).as_bytes() == expected[turn % 3]
            for turn in range(worker, worker + 60)
        )

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))


def test_reload_under_load(tmp_path):
    """While files change, every decision is by one rule set or the other, never a mixture."""
    texts = [
        f"ruleset: bre\nrules: [{{id: ONE, when: age_years < {limit}, then: refer, reason: below}}]"
        for limit in (21, 40)
    ]
    made = [ruleset(tmp_path, text) for text in texts]
    stop = threading.Event()

    def decide_on():
        while not stop.is_set():
            assert decide(made[0], {"age_years": 30}).outcome == "APPROVE"
            assert decide(made[1], {"age_years": 30}).outcome == "REFER"

    with ThreadPoolExecutor(4) as pool:
        running = [pool.submit(decide_on) for _ in range(3)]
        for turn in range(60):
            assert ruleset(tmp_path, texts[turn % 2]).hash == made[turn % 2].hash
        stop.set()
        for each in running:
            each.result()


def test_old_rule_sets_are_freed(tmp_path):
    for limit in range(100):
        made = one_rule(tmp_path, f"age_years < {limit}")
        assert bool(decide(made, {"age_years": 50}).reasons) is (limit > 50)
    assert durable_engine.registered() <= durable_engine.REGISTERED_MAX
    first = one_rule(tmp_path, "age_years < 0")
    assert decide(first, {"age_years": 100}).outcome == "APPROVE"


def test_memory_stays_flat():
    made = load("qualoan", "bre")
    for turn in range(3000):
        if turn == 1000:
            gc.collect()
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        decide(made, (ASHA, BHARAT, CHITRA)[turn % 3])
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 4_000  # kB; a leaked state is 455


def test_a_disagreement_refuses_the_decision(monkeypatch):
    made = load("qualoan", "bre")
    monkeypatch.setattr(durable_engine, "match", lambda *_: (1, 0))
    with pytest.raises(EngineDisagreement, match=made.rule_ids[0]):
        decide(made, ASHA)


def test_a_silent_or_broken_engine_refuses_the_decision(monkeypatch):
    made = load("qualoan", "bre")
    decide(made, ASHA)
    with monkeypatch.context() as broken:
        broken.setattr(durable, "start_action_for_state", lambda *_: None)
        with pytest.raises(EngineFault, match="did not fire"):
            decide(made, ASHA)
    assert decide(made, ASHA).outcome == "APPROVE"
    with monkeypatch.context() as broken:
        broken.setattr(durable, "assert_fact", lambda *_: 1 / 0)
        with pytest.raises(DecisionRefused):
            decide(made, ASHA)
    assert decide(made, ASHA).outcome == "APPROVE"


def test_a_condition_too_long_for_durable_is_decided_all_the_same(tmp_path):
    parts = " or ".join(
        f"(age_years == {index} and bureau_score > {index} and inward_bounce_count_3m < {index})"
        for index in range(12)
    )
    made = one_rule(tmp_path, parts)
    assert decide(made, {"age_years": 5, "bureau_score": 600, "inward_bounce_count_3m": 1}).reasons != ()
    assert decide(made, {"age_years": 5, "bureau_score": 600, "inward_bounce_count_3m": 9}).reasons == ()
    assert decide(made, {"age_years": 5}).verdicts[0].verdict == "NOT_EVALUATED"


def test_a_forked_child_decides():
    import multiprocessing

    made = load("qualoan", "bre")
    decide(made, ASHA)
    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()
    child = context.Process(target=lambda: queue.put(decide(made, BHARAT).outcome))
    child.start()
    child.join(20)
    assert queue.get() == "REJECT"


def test_an_unknown_brand_is_told():
    with pytest.raises(RulesError, match="did you mean 'qualoan bre'"):
        load("qualaon", "bre")
    with pytest.raises(RulesError):
        load("../base", "salaried")
