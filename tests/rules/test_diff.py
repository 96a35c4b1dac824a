"""Two rule sets compared: a sentence for each difference, none where both say the same."""

import pytest
from hypothesis import HealthCheck, given, settings

from rules import compile_ruleset, load
from rules.diff import diff
from tests.rules.applicants import BRANDS
from tests.rules.generated_files import made_of, rule_texts

BASE = """
ruleset: bre
parameters:
  minimum_score: 600
  margin: 10
derive:
  foir: emi_obligations_monthly / average_salary_3m * 100
  offered_amount: min(requested_amount, cap)
tables:
  - id: CAP
    hit: first
    columns: [bureau_score]
    gives: [cap, share]
    rows:
      - [">= 750", 100_000, 40]
      - ["600 .. 749", 50_000, 30]
      - [any, 0, 0]
scorecards:
  - id: RISK
    gives: points
    base: 0
    characteristics:
      - of: inward_bounce_count_3m
        bins: [["0", 0], ["> 0", 10]]
      - of: city_tier
        bins: [["A", 0], ["not A", 5]]
rules:
  - id: SCORE_LOW
    when: bureau_score < minimum_score
    then: reject
    reason: "Score {bureau_score}"
    source: Policy 1
  - id: FOIR_HIGH
    when: foir > 50 + margin
    then: refer
    reason: FOIR
  - id: RISKY
    when: points > 20 and share > 0
    then: refer
    reason: risky
offer: [offered_amount]
"""
FOIR = "emi_obligations_monthly / average_salary_3m"
DRAFT = "ruleset: bre\nbrand: test\nextends: base/it\n"


def made(text: str, base: str = BASE):
    return compile_ruleset("brands/test/bre.yaml", {"brands/test/bre.yaml": text, "base/it.yaml": base})


def told(text: str = DRAFT, base: str = BASE) -> list[str]:
    return [str(change) for change in diff(made(DRAFT), made(text, base))]


@pytest.mark.parametrize("brand", BRANDS)
def test_a_rule_set_does_not_differ_from_itself(brand):
    assert diff(load(brand, "bre"), load(brand, "bre")) == []


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(rule_texts(), rule_texts())
def test_only_what_says_the_same_does_not_differ(one, other):
    a, b = made_of(one), made_of(other)
    assert diff(a, a) == []
    assert (diff(a, b) == []) == (one == other)


def test_what_is_written_otherwise_and_says_the_same_is_no_difference():
    text = BASE.replace("ruleset: bre", "ruleset: bre\nbrand: test").replace("100_000", "100000")
    assert (
        told(text.replace("when: bureau_score < minimum_score", "when:   bureau_score <   minimum_score"))
        == []
    )


@pytest.mark.parametrize(
    ("old", "new", "sentences"),
    [
        ("minimum_score: 600", "minimum_score: 620", ["SCORE_LOW: minimum_score 600 -> 620"]),
        ("margin: 10", "margin: 12.50", ["FOIR_HIGH: margin 10 -> 12.5"]),
        (
            "bureau_score < minimum_score",
            "bureau_score <= minimum_score",
            ["SCORE_LOW: condition bureau_score < minimum_score -> bureau_score <= minimum_score"],
        ),
        ("then: reject", "then: refer", ["SCORE_LOW: effect reject -> refer"]),
        (
            "source: Policy 1",
            "on_missing: reject",
            ["SCORE_LOW: when not known not set -> reject", "SCORE_LOW: source Policy 1 -> not set"],
        ),
        ("50_000, 30]", "60_000, 35]", ["CAP: row 2: cap 50000 -> 60000", "CAP: row 2: share 30 -> 35"]),
        ('      - ["600 .. 749", 50_000, 30]\n', "", ["CAP: row 2 removed: 600 .. 749, 50000, 30"]),
        (
            "      - [any, 0, 0]",
            '      - ["550 .. 599", 9_000, 5]\n      - [any, 0, 0]',
            ["CAP: row 3 added: 550 .. 599, 9000, 5"],
        ),
        ('["> 0", 10]', '["> 0", 15]', ["RISK: inward_bounce_count_3m bin 2: points 10 -> 15"]),
        ("base: 0", "base: 5", ["RISK: base 0 -> 5"]),
        ("hit: first", "hit: max", ["CAP: hit policy first -> max"]),
        (
            "* 100",
            "* 101",
            [f"foir: {FOIR} * 100 -> {FOIR} * 101"],
        ),
        (
            "offer: [offered_amount]",
            "offer: [offered_amount, share]",
            ["offer: offered_amount -> offered_amount, share"],
        ),
    ],
)
def test_each_change_is_a_sentence(old, new, sentences):
    assert old in BASE
    assert told(base=BASE.replace(old, new, 1)) == sentences


def test_rules_come_and_go():
    more = "rules:\n  - {id: YOUNG, when: age_years < 21, then: reject, reason: x}\n"
    assert told(DRAFT + more) == ["YOUNG: rule added: reject when age_years < 21"]
    off = told(DRAFT + "switch_off: [FOIR_HIGH]\n")
    assert off == ["FOIR_HIGH: rule switched off: refer when foir > 50 + margin"]
    back = diff(made(DRAFT + more), made(DRAFT))
    assert [str(change) for change in back] == ["YOUNG: rule removed: reject when age_years < 21"]


def test_a_rule_that_moves_is_told():
    head, _, rest = BASE.partition("  - id: SCORE_LOW")
    first, _, after = rest.partition("  - id: FOIR_HIGH")
    second, _, last = after.partition("  - id: RISKY")
    moved = f"{head}  - id: FOIR_HIGH{second}  - id: SCORE_LOW{first}  - id: RISKY{last}"
    (sentence,) = told(base=moved)
    assert sentence in ("FOIR_HIGH: place in the order 2 -> 1", "SCORE_LOW: place in the order 1 -> 2")


def test_a_change_names_its_section_and_what_it_is_of():
    (change,) = diff(made(DRAFT), made(DRAFT, BASE.replace("600\n", "620\n", 1)))
    assert (change.section, change.id) == ("parameters", "minimum_score")
