"""What rules may say besides their condition: severity, days of effect, values for others, the offer."""

import json
from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules import RulesError, decide
from rules.engines.frame import decide_frame, spoken_rules
from tests.rules.applicants import ruleset
from tests.rules.generated import applicants, conditions

HEAD = "ruleset: bre\nbrand: test\n"


def said(made, features):
    return [verdict.rule_id for verdict in decide(made, features).reasons]


def problems(folder, text):
    with pytest.raises(RulesError) as caught:
        ruleset(folder, HEAD + text)
    return [str(problem).removeprefix("brands/test/bre.yaml:") for problem in caught.value.problems]


# --- severity and code ----------------------------------------------------------------------------

SPOKEN = (
    HEAD
    + """\
rules:
  - {id: HARD, when: age_years < 18, then: reject, reason: x, code: EL10}
  - {id: SOFT, when: age_years < 19, then: refer, reason: x}
  - {id: INFO, when: age_years < 20, then: approve, reason: x}
  - {id: TOLD, when: age_years < 21, then: refer, reason: x, severity: hard}
  - {id: GIVES, when: age_years < 22, then: {young: true}}
"""
)


def test_every_rule_has_a_severity_and_may_have_a_code(tmp_path):
    verdicts = decide(ruleset(tmp_path, SPOKEN), {"age_years": 17}).as_dict()["verdicts"]
    told = [(verdict["rule_id"], verdict["severity"], verdict["code"]) for verdict in verdicts]
    assert told == [
        ("HARD", "hard", "EL10"),
        ("SOFT", "soft", ""),
        ("INFO", "info", ""),
        ("TOLD", "hard", ""),
        ("GIVES", "info", ""),
    ]


# --- days of effect -------------------------------------------------------------------------------

DATED = (
    HEAD
    + """\
rules:
  - id: SPRING
    when: age_years < 25
    effective_from: 2026-03-01
    effective_to: 2026-05-31
    then: reject
    reason: young
"""
)


@pytest.mark.parametrize(
    ("day", "outcome"),
    [
        ("2026-02-28", "APPROVE"),
        ("2026-03-01", "REJECT"),
        (date(2026, 5, 31), "REJECT"),
        ("2026-06-01", "APPROVE"),
        (None, "REFER"),
        ("yesterday", "REFER"),
    ],
)
def test_a_rule_speaks_on_its_days_only_and_a_missing_day_refers(tmp_path, day, outcome):
    decision = decide(ruleset(tmp_path, DATED), {"age_years": 20, "decision_date": day})
    assert decision.outcome == outcome
    assert decision.verdicts[0].as_dict()["condition"] == "age_years < 25 (from 2026-03-01 to 2026-05-31)"


def test_the_day_does_not_matter_where_the_condition_fails_anyway(tmp_path):
    assert decide(ruleset(tmp_path, DATED), {"age_years": 30}).outcome == "APPROVE"


# --- values given by rules ------------------------------------------------------------------------

GIVING = (
    HEAD
    + """\
rules:
  - {id: BIG, when: requested_amount > 50000, then: {share: 20, note: '"big"'}}
  - {id: POOR, when: bureau_score < 650, then: {share: 30}, otherwise: {share: age_years + 10}}
  - {id: CAP, when: average_salary_3m * share / 100 < requested_amount, then: refer, reason: "{share}"}
"""
)


@pytest.mark.parametrize(
    ("features", "share"),
    [
        ({"requested_amount": 60000, "bureau_score": 600}, 20),
        ({"requested_amount": 50000, "bureau_score": 600}, 30),
        ({"requested_amount": 50000, "bureau_score": 700, "age_years": 30}, 40),
        ({"requested_amount": 60000}, 20),
        ({"bureau_score": 600}, None),
        ({"requested_amount": 50000}, None),
        ({"requested_amount": 50000, "bureau_score": 700}, None),
    ],
)
def test_the_first_rule_that_hits_gives_the_value(tmp_path, features, share):
    assert decide(ruleset(tmp_path, GIVING), features).derived["share"] == share


def test_who_reads_a_value_that_is_not_known_is_not_evaluated(tmp_path):
    decision = decide(ruleset(tmp_path, GIVING), {"average_salary_3m": 30000, "requested_amount": 40000})
    assert [(verdict.rule_id, verdict.verdict) for verdict in decision.reasons] == [("CAP", "NOT_EVALUATED")]
    assert decision.derived["note"] is None


def test_a_rule_that_gives_is_seen_in_the_verdicts_and_decides_nothing(tmp_path):
    decision = decide(ruleset(tmp_path, GIVING), {"requested_amount": 60000, "average_salary_3m": 900000})
    verdict = decision.verdicts[0]
    assert (verdict.verdict, verdict.effect, verdict.reason) == ("HIT", "", "share is 20, note is big")
    assert verdict.values == {"requested_amount": 60000, "share": 20, "note": "big"}
    assert decision.outcome == "APPROVE"


def test_values_may_feed_rules_that_give_values(tmp_path):
    text = """\
rules:
  - {id: LAST, when: tier == "A", then: {limit: 100}, otherwise: {limit: 50}}
  - {id: TIER, when: good, then: {tier: '"A"'}, otherwise: {tier: '"B"'}}
  - {id: GOOD, when: bureau_score >= 750, then: {good: true}, otherwise: {good: false}}
"""
    made = ruleset(tmp_path, HEAD + text)
    assert decide(made, {"bureau_score": 760}).derived == {"good": True, "tier": "A", "limit": 100}
    assert decide(made, {"bureau_score": 740}).derived == {"good": False, "tier": "B", "limit": 50}


def test_a_brand_replaces_a_rule_that_gives(tmp_path):
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "giving.yaml").write_text(GIVING)
    text = "extends: base/giving\nrules: [{id: BIG, when: requested_amount > 9, then: {share: 5, note: '\"x\"'}}]"
    made = ruleset(tmp_path, HEAD + text)
    assert decide(made, {"requested_amount": 10}).derived == {"share": 5, "note": "x"}


# --- the offer ------------------------------------------------------------------------------------

OFFER = (
    HEAD
    + """\
offer: [amount, tier]
derive: {amount: "floor_to(requested_amount, 500)"}
rules:
  - {id: TIER, when: bureau_score >= 700, then: {tier: '"A"'}, otherwise: {tier: '"B"'}}
  - {id: YOUNG, when: age_years < 21, then: reject, reason: young}
  - {id: OLD, when: age_years > 60, then: refer, reason: old}
"""
)
KNOWN = {"requested_amount": "10250.50", "bureau_score": 720, "age_years": 30}


@pytest.mark.parametrize(
    ("change", "offer"),
    [
        ({}, {"amount": Decimal(10000), "tier": "A"}),
        ({"age_years": 61}, {"amount": Decimal(10000), "tier": "A"}),
        ({"age_years": 20}, None),
        ({"bureau_score": None}, None),
        ({"requested_amount": "a lot"}, None),
    ],
)
def test_an_offer_is_made_unless_rejected_or_not_known(tmp_path, change, offer):
    decision = decide(ruleset(tmp_path, OFFER), KNOWN | change)
    assert decision.offer == offer
    assert decision.as_dict()["offer"] == (offer and {"amount": "10000", "tier": "A"})


def test_a_rule_set_without_an_offer_makes_none(tmp_path):
    assert decide(ruleset(tmp_path, DATED), KNOWN).offer is None


def test_the_last_offer_list_counts(tmp_path):
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "offer.yaml").write_text(OFFER)
    assert ruleset(tmp_path, HEAD + "extends: base/offer").offer == ("amount", "tier")
    assert ruleset(tmp_path, HEAD + "extends: base/offer\noffer: [tier]").offer == ("tier",)


def test_a_base_met_twice_does_not_undo_what_was_overridden(tmp_path):
    (tmp_path / "base").mkdir()
    for name, text in (
        ("root", "parameters: {age: 21}\nrules: [{id: AGE, when: age_years < age, then: reject, reason: x}]"),
        ("one", "extends: base/root\nparameters: {age: 25}"),
        ("two", "extends: base/root"),
    ):
        (tmp_path / "base" / f"{name}.yaml").write_text(f"ruleset: bre\n{text}\n")
    made = ruleset(tmp_path, HEAD + "extends: [base/one, base/two]")
    assert made.parameters["age"] == 25


# --- overriding -----------------------------------------------------------------------------------

SHARED = """\
ruleset: bre
parameters: {step: 500, extra: 1}
derive: {share: 40 + extra, amount: "floor_to(requested_amount, step)"}
tables: [{id: GRADE, columns: [city_tier], gives: [grade], rows: [[A, 1], [any, 2]]}]
scorecards: [{id: RISK, gives: points, characteristics: [{of: age_years, bins: [["< 25", 5], [any, 0]]}]}]
rules: [{id: ALL, when: share + grade + points > 100, then: refer, reason: x}]
"""


@pytest.mark.parametrize(
    ("text", "derived"),
    [
        ("", {"share": 41, "amount": 1000, "grade": 2, "points": 0}),
        ("derive: {share: 30}", {"share": 30, "amount": 1000, "grade": 2, "points": 0}),
        (
            "tables: [{id: GRADE, columns: [age_years], gives: [grade], rows: [[any, 9]]}]",
            {"share": 41, "amount": 1000, "grade": 9, "points": 0},
        ),
        (
            "switch_off: [share, RISK]\n"
            "tables: [{id: SHARE, columns: [city_tier], gives: [share, points], rows: [[any, 10, 1]]}]",
            {"share": 10, "amount": 1000, "grade": 2, "points": 1},
        ),
        ("switch_off: [amount]", {"share": 41, "grade": 2, "points": 0}),
        (
            "switch_off: [share, ALL]\nrules: [{id: SHARE, when: age_years > 1, then: {share: 7}}]",
            {"share": 7, "amount": 1000, "grade": 2, "points": 0},
        ),
    ],
)
def test_a_brand_overrides_and_switches_off_whatever_a_base_says(tmp_path, text, derived):
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "shared.yaml").write_text(SHARED)
    made = ruleset(tmp_path, HEAD + "extends: base/shared\n" + text)
    assert decide(made, {"requested_amount": 1100, "age_years": 30, "city_tier": "B"}).derived == derived


def test_what_a_file_says_itself_is_not_switched_off(tmp_path):
    assert problems(tmp_path, "derive: {x: 1}\nswitch_off: [x]") == [
        "4:14: no base has this to switch off: 'x'"
    ]


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("@ refer, reason: x, severity: harsh}]", "\"severity\" is one of hard, soft, info: 'harsh'"),
        (
            "@ refer, reason: x, effective_from: soon}]",
            "\"effective_from\" is a date: 'soon' (written like 2026-04-01)",
        ),
        ("@ refer, reason: x, effective_from: 2026-02-30}]", "\"effective_from\" is a date: '2026-02-30'"),
        (
            "@ refer, reason: x, effective_from: 2026-02-03, effective_to: 2026-02-02}]",
            "the end is before the start: '2026-02-02'",
        ),
        ("@ {}}]", "\"then\" gives at least one value: 'AA'"),
        ("@ [x]}]", '"then" is one of reject, refer, approve'),
        ("@ {x: 1}, on_missing: refer}]", "a rule that gives values cannot say this: 'on_missing'"),
        ("@ {x: 1}, otherwise: {y: 1}}]", '"otherwise" gives what "then" does not give: \'y\''),
        ("@ {x: 1}, otherwise: refer}]", "\"otherwise\" gives values: 'refer' ({name: expression})"),
        ("@ {x: 1}, otherwise: {x: '\"a\"'}}]", "x is of several kinds: number, text: 'x'"),
        ("@ {x: nope}}]", "unknown name: 'nope'"),
        ("@ {age_years: 5}}]", "this name is already given elsewhere: 'age_years'"),
        ("@ {between: 5}}]", "a name is written like some_name: 'between'"),
        (
            "rules: [{id: AA, when: y > 1, then: {x: 5}}, {id: BB, when: x > 1, then: {y: 1}}]",
            "these values need each other: 'x -> y -> x'",
        ),
        (
            "@ {x: 1}, otherwise: {x: 2}}, {id: BB, when: true, then: {x: 1}, otherwise: {x: 2}}]",
            "AA says already what this is \"otherwise\": 'x'",
        ),
        (
            "derive: {offered: 1}\noffer: [offred]",
            "an offer is made of derived values: 'offred' (did you mean 'offered'?)",
        ),
        ("offer: [age_years]", "an offer is made of derived values: 'age_years'"),
        ("derive: {one: 1}\noffer: [one, one]", "the offer has this already: 'one'"),
        ("@ refer, reason: 5}]", "\"reason\" is a text: '5' (put it in quotes)"),
    ],
)
def test_it_refuses(tmp_path, text, told):
    text = text.replace("@ ", "rules: [{id: AA, when: true, then: ")
    assert told in "\n".join(problems(tmp_path, text))


def test_effective_days_want_a_date_among_the_inputs(tmp_path):
    (tmp_path / "own.yaml").write_text("age: {type: integer, meaning: x}\n")
    text = (
        "dictionary: own\nrules: [{id: AA, when: age > 1, then: refer, reason: x, effective_to: 2026-01-01}]"
    )
    assert problems(tmp_path, text) == ["4:57: effective days want a date among the inputs: 'decision_date'"]


# --- all engines alike ----------------------------------------------------------------------------


def giving_texts():
    """Rule files whose rules give values to each other, on some days, and refer upon them."""
    rule = st.tuples(conditions(), st.sampled_from(["", ", otherwise: {NAME: age_years}"]), st.booleans())

    def text(rules, last):
        lines = [HEAD, "offer: [x]", "rules:"]
        for index, (when, otherwise, dated) in enumerate(rules):
            name = "x" if index % 2 else "y"
            more = otherwise.replace("NAME", name) if index < 2 else ""
            more += ", effective_from: 2025-01-01" if dated else ""
            lines.append(f"  - {{id: G{index}, when: '{when}', then: {{{name}: bureau_score * 2}}{more}}}")
        lines.append("  - {id: FIX, when: 'true', then: {x: 1, y: 2}}")
        lines.append(f"  - {{id: READ, when: 'x > y or ({last})', then: reject, reason: x}}")
        return "\n".join(lines)

    return st.builds(text, st.lists(rule, max_size=4), conditions())


FRAME = {"integer": pl.Int64, "text": pl.String, "boolean": pl.Boolean, "date": pl.Date}


def test_all_engines_agree_on_rules_that_give_values(tmp_path):
    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    @given(giving_texts(), st.data())
    def agree(text, data):
        made = ruleset(tmp_path, text)
        people = data.draw(st.lists(applicants(made, junk=False), min_size=1, max_size=6))
        schema = {
            name: FRAME.get(feature.type, pl.Decimal(20, 6)) for name, feature in made.dictionary.items()
        }
        frame = pl.DataFrame([{n: p.get(n) for n in schema} for p in people], schema=schema)
        told = decide_frame(made, frame.lazy()).collect()
        for row in told.iter_rows(named=True):
            decision = decide(
                made, {name: row[name] for name in schema}
            )  # the other two engines; a disagreement raises
            hits = [verdict.rule_id for verdict in decision.verdicts if verdict.verdict == "HIT"]
            assert (row["outcome"], spoken_rules(made, [row["hits_0"]])) == (decision.outcome, hits)
            again = decide(made, json.loads(decision.as_bytes())["inputs"])
            assert again.as_bytes() == decision.as_bytes()

    agree()
