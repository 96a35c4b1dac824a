"""The language: what can be written, and what is said to those who slip."""

from decimal import Decimal

import pytest

from rules import NotSound, RulesError, compile_ruleset, compute, decide
from rules.language.grammar import GrammarError, parse
from rules.language.tree import And, Arithmetic, Compare, Literal, Member, Missing, Name, Not, Or
from tests.rules.applicants import ASHA, one_rule, ruleset

AGE, SCORE = Name("age"), Name("score")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("age < 21", Compare("<", AGE, Literal(21))),
        ("age < 1_00_000.50", Compare("<", AGE, Literal(Decimal("100000.50")))),
        ("age < 21 and not score", And((Compare("<", AGE, Literal(21)), Not(SCORE)))),
        ("age or score and age", Or((AGE, And((SCORE, AGE))))),
        ("not age == score", Not(Compare("==", AGE, SCORE))),
        ("1 <= age <= 2", And((Compare("<=", Literal(1), AGE), Compare("<=", AGE, Literal(2))))),
        ("age between 1 and 2", And((Compare(">=", AGE, Literal(1)), Compare("<=", AGE, Literal(2))))),
        ("age in (\"A\", 'B')", Member(AGE, Literal(("A", "B")))),
        ("age not in [1, -2]", Not(Member(AGE, Literal((1, -2))))),
        ("age in LIST", Member(AGE, Name("LIST"))),
        ("missing(age)", Missing(AGE)),
        ("1 + 2 * 3", Arithmetic("+", Literal(1), Arithmetic("*", Literal(2), Literal(3)))),
        ("(1 + 2) * 3", Arithmetic("*", Arithmetic("+", Literal(1), Literal(2)), Literal(3))),
        ("5 - 2 - 1", Arithmetic("-", Arithmetic("-", Literal(5), Literal(2)), Literal(1))),
        ("-age", Arithmetic("-", Literal(0), AGE)),
        ("true", Literal(True)),
    ],
)
def test_it_reads(text, tree):
    assert parse(text) == tree


@pytest.mark.parametrize(
    ("text", "at", "offending"),
    [
        ("age = 21", 4, "="),
        ("age < ", 6, "end of the expression"),
        ("age < 21)", 8, ")"),
        ("age << 21", 5, "<"),
        ("(age < 21", 9, "end of the expression"),
        ('name == "open', 8, '"open'),
        ("__import__('os')", 0, "__import__('os')"),
        ("age.real", 3, ".real"),
        ("lambda: 1", 6, ":"),
        ("age if age else 1", 4, "if"),
        ("x ** 2", 3, "*"),
        ("1e5 > age", 0, "1e5"),
        ("age in 5", 7, "in"),
        ("missing(1)", 0, "missing"),
        ("a and", 5, "end of the expression"),
        ("age < 21 or or age", 12, "or"),
        ("(" * 60 + "1" + ")" * 60, 40, "("),
    ],
)
def test_it_says_where_it_stops_making_sense(text, at, offending):
    with pytest.raises(GrammarError) as caught:
        parse(text)
    assert (caught.value.at, caught.value.text) == (at, offending)


def problems(folder, text):
    with pytest.raises(RulesError) as caught:
        ruleset(folder, text)
    return [str(problem).removeprefix("brands/test/bre.yaml:") for problem in caught.value.problems]


def test_every_problem_is_told_at_once_with_its_place(tmp_path):
    text = """\
ruleset: bre
brand: test
parameters:
  minimum_age: 21
  minimun_salary: 5
rules:
  - id: A_RULE
    when: agee_years < minimum_age
    then: rejct
    reason: "Age {age_yeas} is low"
  - id: B_RULE
    when: age_years < "old" or bureau_hit > 3
    thn: refer
    reason: x
"""
    assert problems(tmp_path, text) == [
        "5:19: nothing uses this parameter: 'minimun_salary' (did you mean 'minimum_age'?)",
        "8:11: unknown name: 'agee_years' (did you mean 'age_years'?)",
        "9:11: \"then\" is one of reject, refer, approve: 'rejct' (did you mean 'reject'?)",
        "10:14: unknown name in a reason: 'age_yeas' (did you mean 'age_years'?)",
        "11:5: a rule says \"then\": 'B_RULE'",
        "12:21: cannot compare a number with a text: 'age_years < \"old\" or bureau_hit > 3'",
        "12:43: cannot compare a boolean with a number: 'age_years < \"old\" or bureau_hit > 3'",
        "13:5: unknown key: 'thn' (did you mean 'then'?)",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "1:1: the file is empty"),
        ("ruleset: bre\nrules: [", "not readable as YAML"),
        ("ruleset: bre\nruleset: b", "2:1: this key is already on line 1: 'ruleset'"),
        ("ruleset: bre\nruels: []", "2:1: unknown key: 'ruels' (did you mean 'rules'?)"),
        ("ruleset: bre\nextends: base/salried", "2:10: there is no such base file"),
        ("ruleset: bre\nextends: ../../etc/passwd", "2:10: a base is inside the rules folder"),
        ("ruleset: bre\nextends: brands/test/bre", "2:10: a file cannot extend itself"),
        ("ruleset: bre\nswitch_off: [A_RULE]", "2:14: no base has this to switch off: 'A_RULE'"),
        ("ruleset: bre\nderive: {a: b + 1, b: a + 1}", "these values need each other: 'a -> b -> a'"),
        ("ruleset: bre\nderive: {age_years: 1}", "this name is already given elsewhere"),
        ("ruleset: bre\nderive: {a: nope(1)}", "2:13: unknown function: 'nope'"),
        ("ruleset: bre\nderive: {a: 'max(bureau_hit)'}", "max wants a number here, this is a boolean"),
        (
            "ruleset: bre\nderive: {a: days_between(1)}",
            "wrong number of arguments: 'days_between' (days_between(date, date))",
        ),
        ("ruleset: &a bre\nbrand: *a", "2:8: YAML aliases are not allowed"),
        (
            "ruleset: bre\nrules: [{id: lower, when: true, then: refer, reason: x}]",
            "an id is written like SOME_NAME",
        ),
        (
            "ruleset: bre\nrules: [{id: ONE, when: 'pan_status == \"GOOD\"', then: refer, reason: x}]",
            "pan_status is one of VALID, INVALID",
        ),
        (
            "ruleset: bre\nrules: [{id: ONE, when: age_years, then: refer, reason: x}]",
            "a condition is true or false, this is a number",
        ),
        (
            "ruleset: bre\ntables: [{id: TT, columns: [age_years], gives: [x], rows: [['>= 1']]}]",
            "this row has 1 cells, the table wants 2",
        ),
        (
            "ruleset: bre\ntables: [{id: TT, columns: [age_years], gives: [x], rows: [['>= ?', 1]]}]",
            "cannot read this: '?'",
        ),
    ],
)
def test_it_refuses(tmp_path, text, said):
    assert said in "\n".join(problems(tmp_path, text))


def test_a_malformed_file_never_replaces_a_good_one(tmp_path):
    good = one_rule(tmp_path, "age_years < 21")
    with pytest.raises(NotSound) as caught:
        one_rule(tmp_path, "age_years <")
    assert caught.value.last_good is good
    assert one_rule(tmp_path, "age_years < 22").hash != good.hash
    assert one_rule(tmp_path, "age_years < 21").hash == good.hash


def test_a_brand_overrides_replaces_adds_and_switches_off(tmp_path):
    base = """\
ruleset: bre
parameters: {minimum_age: 21}
rules:
  - {id: AGE, when: age_years < minimum_age, then: reject, reason: young}
  - {id: CITY, when: city_tier == "C", then: reject, reason: far}
  - {id: PAN, when: pan_status != "VALID", then: reject, reason: pan}
"""
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "all.yaml").write_text(base)
    brand = """\
ruleset: bre
brand: test
extends: base/all
parameters: {minimum_age: 25}
switch_off: [PAN]
rules:
  - {id: CITY, when: city_tier == "C", then: refer, reason: far}
  - {id: HIT, when: not bureau_hit, then: refer, reason: unknown}
"""
    made = ruleset(tmp_path, brand)
    assert [(rule.id, rule.effect) for rule in made.rules] == [
        ("AGE", "reject"),
        ("CITY", "refer"),
        ("HIT", "refer"),
    ]
    decision = decide(made, {"age_years": 24, "city_tier": "C", "bureau_hit": True})
    assert [verdict.rule_id for verdict in decision.reasons] == ["AGE", "CITY"]


TABLE = """\
ruleset: bre
brand: test
tables:
  - id: OFFER
    hit: {hit}
    columns: [bureau_score, city_tier]
    gives: [share, label]
    rows:
      - [">= 750", any, 60, top]
      - ["600 .. 749", "A, B", "= 20 + 20", good]
      - ["600 .. 749", not A, 30, fair]
      - [missing, any, 10, unseen]
"""


def looked_up(tmp_path, hit, **features):
    return dict(compute(ruleset(tmp_path, TABLE.format(hit=hit)), features))


def test_a_table_gives_its_first_matching_row(tmp_path):
    assert looked_up(tmp_path, "first", bureau_score=750, city_tier="C") == {"share": 60, "label": "top"}
    assert looked_up(tmp_path, "first", bureau_score=749, city_tier="A") == {"share": 40, "label": "good"}
    assert looked_up(tmp_path, "first", bureau_score=600, city_tier="C") == {"share": 30, "label": "fair"}
    assert looked_up(tmp_path, "first", city_tier="A") == {"share": 10, "label": "unseen"}
    assert looked_up(tmp_path, "first") == {"share": 10, "label": "unseen"}


def test_a_table_without_a_matching_row_gives_nothing(tmp_path):
    assert looked_up(tmp_path, "first", bureau_score=599, city_tier="A") == {"share": None, "label": None}
    assert looked_up(tmp_path, "first", bureau_score="junk", city_tier="A") == {"share": None, "label": None}


def test_a_table_collects(tmp_path):
    found = looked_up(tmp_path, "collect", bureau_score=700, city_tier="B")
    assert found == {"share": (40, 30), "label": ("good", "fair")}


@pytest.mark.parametrize(("hit", "share"), [("min", 30), ("max", 40), ("sum", 70)])
def test_a_table_takes_the_least_most_or_sum(tmp_path, hit, share):
    text = TABLE.format(hit=hit).replace(", label]", "]").replace(", top]", "]").replace(", good]", "]")
    text = text.replace(", fair]", "]").replace(", unseen]", "]")
    assert compute(ruleset(tmp_path, text), {"bureau_score": 700, "city_tier": "B"})["share"] == share


@pytest.mark.parametrize(
    ("when", "features", "verdict"),
    [
        ("age_years < 21 or bureau_score < 600", {"age_years": 20}, "HIT"),
        ("age_years < 21 or bureau_score < 600", {"age_years": 30}, "NOT_EVALUATED"),
        ("age_years < 21 and bureau_score < 600", {"age_years": 30}, "NO_HIT"),
        ("age_years < 21 and bureau_score < 600", {"age_years": 20}, "NOT_EVALUATED"),
        ("not (age_years < 21 and bureau_score < 600)", {"age_years": 30}, "HIT"),
        ("missing(bureau_score)", {}, "HIT"),
        ("missing(bureau_score)", {"bureau_score": "junk"}, "NOT_EVALUATED"),
        ("coalesce(bureau_score, 0) < 600", {}, "HIT"),
        ("coalesce(bureau_score, 0) < 600", {"bureau_score": "junk"}, "NOT_EVALUATED"),
        (
            "requested_amount / (age_years - 20) > 1",
            {"requested_amount": 5, "age_years": 20},
            "NOT_EVALUATED",
        ),
        ("requested_amount * 3 == 0.3", {"requested_amount": "0.1"}, "HIT"),
        ("max(age_years, bureau_score) > 600", {"age_years": 30}, "NOT_EVALUATED"),
        ("min(age_years, 25) == 25", {"age_years": 30}, "HIT"),
        ("count_positive(age_years, bureau_score) == 1", {"age_years": 30}, "HIT"),
    ],
)
def test_what_is_unknown_stays_unknown(tmp_path, when, features, verdict):
    assert decide(one_rule(tmp_path, f"'{when}'"), features).verdicts[0].verdict == verdict


@pytest.mark.parametrize(
    ("policy", "outcome"), [("refer", "REFER"), ("reject", "REJECT"), ("ignore", "APPROVE")]
)
def test_each_rule_says_what_follows_when_it_cannot_be_evaluated(tmp_path, policy, outcome):
    rule = f"{{id: ONE, when: age_years < 21, then: reject, on_missing: {policy}, reason: x}}"
    assert decide(ruleset(tmp_path, f"ruleset: bre\nrules: [{rule}]"), {}).outcome == outcome


def test_a_scorecard_adds_its_points(tmp_path):
    text = """\
ruleset: bre
scorecards:
  - id: RISK
    gives: points
    base: 5
    characteristics:
      - {of: bureau_score, bins: [["< 600", 25], [">= 600", 0], [missing, 10]]}
      - {of: inward_bounce_count_3m, bins: [["0", 0], ["> 0", 1.5]]}
"""
    made = ruleset(tmp_path, text)
    assert compute(made, {"bureau_score": 599, "inward_bounce_count_3m": 1})["points"] == Decimal("31.5")
    assert compute(made, {"inward_bounce_count_3m": 0})["points"] == 15
    assert compute(made, {"bureau_score": 599})["points"] is None


def test_an_offer_is_made_and_the_new_to_credit_get_a_small_one():
    from rules import load

    offer = load("qualoan", "offer")
    assert compute(offer, ASHA)["tier"] == "A"
    assert compute(offer, ASHA)["offered_amount"] == 20500
    new = {
        name: value
        for name, value in ASHA.items()
        if name not in ("bureau_score", "active_payday_loan_count")
    }
    assert compute(offer, new)["tier"] == "D"


def test_a_column_that_looks_at_nothing_still_has_to_be_known_first():
    text = """
ruleset: bre
brand: test
scorecards:
  - {id: CARD, gives: card_points, characteristics: [{of: band, bins: [[any, 4]]}]}
tables:
  - {id: BAND, columns: [bureau_score], gives: [band], rows: [[any, 5]]}
rules:
  - {id: ONLY_RULE, when: card_points > 3, then: reject, reason: x}
"""
    assert compile_ruleset("bre.yaml", {"bre.yaml": text}).derived == ("band", "card_points")
