"""Each known fault of durable-rules 2.0.28: the library alone, in a process of its own, and the harness beside it."""

import multiprocessing
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from rules import NOT_EVALUATED, EngineDisagreement, RulesError, decide, load
from rules.engines import durable_engine
from rules.engines.sweep import Sweep
from tests.rules.applicants import ASHA, BHARAT, BRANDS, CHITRA, one_rule, ruleset

PEOPLE = (ASHA, BHARAT, CHITRA)
PROBE = """
import json
import durable_rules_engine as d
def rules(*conditions):
    return d.create_ruleset("p", json.dumps({f"r{i}": {"all": [{"m": c}]} for i, c in enumerate(conditions)}))
def ask(handle, sid="1", **fact):
    return d.assert_fact(handle, json.dumps(fact | {"sid": sid, "id": "1"}))
above = lambda count: [{"$gt": {"x": i}} for i in range(count)]
"""
HANGS = "it does not return"


def raw(code, seconds):
    """What durable-rules by itself answers: what was printed, the error at the end, or that it hangs."""
    try:
        ended = subprocess.run(
            [sys.executable, "-c", PROBE + code], capture_output=True, text=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return HANGS
    if ended.returncode < 0:
        return signal.Signals(-ended.returncode).name
    return ended.stdout.strip() or ended.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("print(ask(rules(*above(64)), x=99))", "(0, 1)"),
        ("ask(rules(*above(65)), x=99)", "error code: 303"),
        ("rules(*above(513))", HANGS),
        ("ask(rules(*above(1)), **{f'k{i}': 1 for i in range(254)})", "error code: 302"),
        ("ask(rules(*above(1)), x=1e-05)", "error code: 204"),
        ("ask(rules(*above(1)), x=1e16)", "error code: 204"),
        ("ask(rules(*above(1)), x=1e21)", "error code: 204"),
        ("print(ask(rules(*above(1)), x=0))", "(1, 1)"),  # no rule fires: the host raises
        ("h = rules(*above(1)); ask(h, x=1); print(ask(h, x=1))", "(2, 1)"),  # seen before: the host raises
        ("h = rules(*above(1))\nfor i in range(1100): ask(h, sid=str(i), x=1)", "MemoryError"),
        (
            "ask(rules({'$gt': {'x': {'$div': {'$l': {'$m': 'y'}, '$r': {'$m': 'z'}}}}}), x=1, y=1, z=0)",
            "SIGFPE",
        ),
        ("print(ask(rules({'$lt': {'x': 600}}), x='550'))", "(0, 1)"),  # text is below a number
        ("print(ask(rules({'$lt': {'x': 600}}), x=True))", "(0, 1)"),
        ("print(ask(rules({'$gt': {'x': 9007199254740992.0}}), x=9007199254740993.0))", "(1, 1)"),
    ],
)
def test_the_library_alone(code, answer):
    assert answer in raw(code, seconds=2 if answer is HANGS else 30)


def rules_that_fire(folder, count):
    rules = [
        f"  - {{id: R{index}, when: 'age_years >= 0 or bureau_score > {index}', then: refer, reason: x}}"
        for index in range(count)
    ]
    return ruleset(folder, "ruleset: bre\nbrand: test\nrules:\n" + "\n".join(rules))


def test_three_hundred_rules_fire_at_once(tmp_path):
    made = rules_that_fire(tmp_path, 300)
    assert len(decide(made, {"age_years": 30}).reasons) == 300
    assert set(decide(made, {}).said.values()) == {NOT_EVALUATED}


def test_more_rules_than_durable_can_hold_are_a_problem_of_the_file(tmp_path):
    with pytest.raises(RulesError, match="a rule set may have 500 rules"):
        rules_that_fire(tmp_path, 513)


def test_more_inputs_than_durable_can_hold(tmp_path):
    names = [f"input_{index}" for index in range(300)]
    features = [f"{name}: {{type: integer, meaning: A number, source: test}}" for name in names]
    (tmp_path / "many.yaml").write_text("\n".join(features))
    rules = [f"  - {{id: R{i}, when: {name} > 5, then: refer, reason: x}}" for i, name in enumerate(names)]
    made = ruleset(tmp_path, "ruleset: bre\nbrand: test\ndictionary: many\nrules:\n" + "\n".join(rules))
    assert len(decide(made, dict.fromkeys(names, 9)).reasons) == 300
    assert decide(made, dict.fromkeys(names, 1)).outcome == "APPROVE"
    assert set(decide(made, {}).said.values()) == {NOT_EVALUATED}


@pytest.mark.parametrize(
    ("number", "hit"),
    [
        (1e-05, True),
        (1e16, None),
        (1e21, None),
        ("1e5", None),
        (float("inf"), None),
        (10**40, None),
        (-1, None),
    ],
)
def test_numbers_that_json_writes_with_an_exponent(tmp_path, number, hit):
    """A number is what it says, or unreadable, and then a person looks at it; never another number."""
    made = one_rule(tmp_path, "cash_deposit_share_percent > 0")
    (verdict,) = decide(made, {"cash_deposit_share_percent": number}).reasons
    assert verdict.verdict == ("HIT" if hit else "NOT_EVALUATED")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (599, "HIT"),
        (600, "NO_HIT"),
        (None, "NOT_EVALUATED"),
        ("550", "NOT_EVALUATED"),
        ("", "NOT_EVALUATED"),
        ("पाँच सौ", "NOT_EVALUATED"),
        ("५५०", "NOT_EVALUATED"),
        (True, "NOT_EVALUATED"),
        (550.0, "NOT_EVALUATED"),
        (Decimal(550), "NOT_EVALUATED"),
        (float("nan"), "NOT_EVALUATED"),
        (float("-inf"), "NOT_EVALUATED"),
        (Decimal("NaN"), "NOT_EVALUATED"),
        (0, "NOT_EVALUATED"),
        (-550, "NOT_EVALUATED"),
        (10**30, "NOT_EVALUATED"),
        ([550], "NOT_EVALUATED"),
        ({"score": 550}, "NOT_EVALUATED"),
        (b"550", "NOT_EVALUATED"),
    ],
)
def test_what_a_value_means(tmp_path, value, said):
    """A score is a whole number from 1 to 1000. Whatever else comes decides nothing, and is referred."""
    decision = decide(one_rule(tmp_path, "bureau_score < 600"), {"bureau_score": value})
    assert decision.said == {"ONE": said}
    assert decision.outcome == ("APPROVE" if said == "NO_HIT" else "REFER")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("4999.99", "HIT"),
        (4999, "HIT"),
        (4999.99, "HIT"),
        (Decimal("-0.00"), "HIT"),
        (-5, "HIT"),
        (Decimal("5000.00"), "NO_HIT"),
        (Decimal("4999.995"), "NO_HIT"),  # paise are rounded half up
        (Decimal("NaN"), "NOT_EVALUATED"),
        (Decimal("sNaN"), "NOT_EVALUATED"),
        (Decimal("Infinity"), "NOT_EVALUATED"),
        (Decimal("1E+30"), "NOT_EVALUATED"),
        ("4,999", "NOT_EVALUATED"),
        ("", "NOT_EVALUATED"),
        (False, "NOT_EVALUATED"),
    ],
)
def test_what_an_amount_means(tmp_path, value, said):
    decision = decide(
        one_rule(tmp_path, "average_monthly_balance < 5000"), {"average_monthly_balance": value}
    )
    assert decision.said == {"ONE": said}


def test_division_by_zero_is_a_referral(tmp_path):
    made = one_rule(tmp_path, "requested_amount / completed_loan_count > 1")
    assert decide(made, {"requested_amount": 1, "completed_loan_count": 0}).said == {"ONE": "NOT_EVALUATED"}


def test_true_and_one_are_not_mixed_up_by_what_is_remembered(tmp_path):
    made = one_rule(tmp_path, "completed_loan_count == 1")
    for value, said in ((1, "HIT"), (True, "NOT_EVALUATED"), (1.0, "NOT_EVALUATED"), (1, "HIT")):
        assert decide(made, {"completed_loan_count": value}).said == {"ONE": said}


def test_five_thousand_decisions_in_one_process():
    made = load("qualoan", "bre")
    expected = [decide(made, person).said for person in PEOPLE]
    assert all(decide(made, PEOPLE[turn % 3]).said == expected[turn % 3] for turn in range(5000))


def test_eight_threads_on_several_rule_sets():
    made = [load(brand, "bre") for brand in BRANDS]
    expected = {(each.hash, i): decide(each, person).said for each in made for i, person in enumerate(PEOPLE)}

    def work(worker):
        turns = [(made[turn % 5], turn % 3) for turn in range(worker, worker + 100)]
        return all(decide(each, PEOPLE[i]).said == expected[each.hash, i] for each, i in turns)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))


def test_the_ids_of_the_facts_of_one_state_never_collide():
    """durable takes two facts for one when the 32-bit FNV hash of their ids is the same."""
    assert (
        len({_fnv(str(use)) for use in range(1, durable_engine.STATE_USES + 1)}) == durable_engine.STATE_USES
    )


def _fnv(text):
    found = 0x811C9DC5
    for byte in text.encode():
        found = ((found ^ byte) * 16777619) & 0xFFFFFFFF
    return found


@pytest.mark.filterwarnings(
    "ignore:.*fork:DeprecationWarning"
)  # from Python 3.12: that is what is tried here
def test_children_and_parent_decide_while_threads_are_at_work():
    made, stop = load("qualoan", "bre"), threading.Event()

    def busy():
        while not stop.is_set():
            assert decide(made, BHARAT).outcome == "REJECT"

    thread = threading.Thread(target=busy)
    thread.start()
    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()
    children = [
        context.Process(target=lambda i=i: queue.put((i, decide(made, PEOPLE[i]).outcome))) for i in range(3)
    ]
    try:
        for child in children:
            child.start()
        for child in children:
            child.join(60)
        assert sorted(queue.get() for _ in children) == [(0, "APPROVE"), (1, "REJECT"), (2, "REFER")]
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize("engine", ["durable", "ours"])
def test_engines_that_differ_on_one_rule_refuse(monkeypatch, engine):
    made = load("qualoan", "bre")
    bit = 1 << made.rule_ids.index("OPEN_LOAN")
    of, name = (durable_engine, "match") if engine == "durable" else (Sweep, "bits")
    asked = getattr(of, name)

    def slipped(*given):
        hits, unknown = asked(*given)
        return hits ^ bit, unknown

    monkeypatch.setattr(of, name, slipped)
    for person in PEOPLE:
        with pytest.raises(EngineDisagreement, match=r"the engines differ on OPEN_LOAN$"):
            decide(made, person)
