"""What reasoning finds in the rules of a file, each with its place, and in what is shipped; and that it ends."""

import pytest

from rules import check, compile_ruleset, faults
from rules.analysis import analyse
from rules.language.files import Folder
from tests.rules.written import FILE, HEAD, found, one, rule

# --- never and always -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "why"),
    [
        ("age_years > 130", "age_years > 130 never holds: age_years is 0 .. 130"),
        ("age_years > 3 and age_years < 4", "age_years > 3 and age_years < 4 never hold together"),
        (
            "not (age_years <= 3 or age_years >= 4)",
            "not (age_years <= 3 or age_years >= 4) never holds: age_years is 0 .. 130",
        ),
        ("age_years == 20.5", "age_years == 20.5 never holds: age_years is 0 .. 130"),
        (
            "average_salary_3m > 3 and average_salary_3m < 3.01",
            "average_salary_3m > 3 and average_salary_3m < 3.01 never hold together",
        ),
        (
            "average_salary_3m * 12 < 0",
            "average_salary_3m * 12 < 0 never holds: average_salary_3m is 0 .. 1000000000",
        ),
        (
            "missing(age_years) and age_years < 21",
            "missing(age_years) and age_years < 21 never hold together",
        ),
        ("bureau_hit and not bureau_hit", "bureau_hit and not bureau_hit never hold together"),
        (
            'city_tier == "A" and city_tier in ("B", "C")',
            'city_tier == "A" and city_tier in ("B", "C") never hold together',
        ),
        (
            "(age_years < 5) == (age_years >= 5)",
            "(age_years < 5) == (age_years >= 5) never holds: age_years is 0 .. 130",
        ),
        (
            "age_years < bureau_score and bureau_score < age_years",
            "age_years < bureau_score and bureau_score < age_years never hold together",
        ),
        (
            "age_years + bureau_score < 1",
            "age_years + bureau_score < 1 never holds: age_years is 0 .. 130, bureau_score is 1 .. 1000",
        ),
        (
            "max(age_years, bureau_score) < 1",
            "max(age_years, bureau_score) < 1 never holds: age_years is 0 .. 130, bureau_score is 1 .. 1000",
        ),
        (
            'decision_date < "2026-01-01" and decision_date > "2026-01-01"',
            'decision_date < "2026-01-01" and decision_date > "2026-01-01" never hold together',
        ),
    ],
)
def test_a_rule_that_can_never_fire_is_found(when, why):
    (problem,) = one(when)
    assert problem.startswith("4:22: ONE can never fire: ")
    assert problem.endswith(f"({why})")


@pytest.mark.parametrize(
    "when",
    [
        "average_salary_3m > 3 and average_salary_3m < 3.02",
        "requested_amount / average_salary_3m > 3 and requested_amount / average_salary_3m < 3.0000000001",
        "age_years < bureau_score and bureau_score < 2 * age_years",
        "missing(age_years) and not missing(bureau_score)",
        "coalesce(bureau_score, 0) < 1",
        "not missing(age_years) and age_years < 21",
    ],
)
def test_what_may_fire_is_left_alone(when):
    assert one(when) == []


@pytest.mark.parametrize(
    ("when", "why"),
    [
        ("age_years >= 0", "age_years is 0 .. 130"),
        ("true", "switch it off, or say when it should not fire"),
        ("age_years < 21 or age_years >= 21", "age_years is 0 .. 130"),
        ('city_tier in ("A", "B", "C")', "city_tier is A or B or C"),
    ],
)
def test_a_rule_that_always_fires_is_found(when, why):
    (problem,) = one(when)
    assert problem == f"4:22: ONE always fires: {when!r} ({why})"


def test_what_is_false_for_the_absent_does_not_always_fire():
    assert one("not missing(age_years) and age_years >= 0") == []


def test_limits_are_those_of_the_brand():
    base = "parameters: {low: 600, high: 650}\nrules:\n" + rule("low <= bureau_score < high")
    assert found("extends: base/all\nparameters: {high: 700}", all=base) == []
    (problem,) = found("extends: base/all\nparameters: {low: 650}", all=base)
    assert problem.startswith("base/all.yaml:4:22: ONE can never fire")
    assert problem.endswith("never hold together; so it is in brands/test/bre.yaml)")


def test_a_parameter_that_is_a_switch_may_be_anything():
    assert one("strict and age_years < 21", "parameters: {strict: false}\n") == []
    assert one('mode == "SOFT" and age_years < 21', "parameters: {mode: HARD}\n") == []


def test_derived_values_are_looked_through():
    derive = "derive: {scored: bureau_hit and not missing(bureau_score), yearly: average_salary_3m * 12}\n"
    assert "ONE can never fire" in one("scored and missing(bureau_score)", derive)[0]
    assert "ONE can never fire" in one("yearly < 120 and average_salary_3m > 10", derive)[0]
    assert one("yearly < 121 and average_salary_3m > 10", derive) == []


def test_what_a_table_or_scorecard_gives_has_a_range():
    table = "tables: [{id: TT, columns: [city_tier], gives: [grade], rows: [[A, X], [any, Y]]}]\n"
    assert "ONE can never fire" in one('grade == "Z"', table)[0]
    bins = "bins: [['< 600', 20], ['>= 600', 5], [missing, unknown]]"
    card = (
        f"scorecards: [{{id: SS, gives: points, base: 1, characteristics: [{{of: bureau_score, {bins}}}]}}]\n"
    )
    assert "ONE can never fire" in one("points > 21", card)[0]
    assert "ONE always fires" in one("points >= 6", card)[0]


# --- shadowed -------------------------------------------------------------------------------------


def beside(first, second):
    return found("rules:\n" + rule(*first, name="AA") + rule(*second, name="BB"))


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (("age_years < 21", "reject"), ("age_years < 18", "reject"), "5:21: BB is shadowed by AA"),
        (("age_years < 21", "reject"), ("age_years < 18", "refer"), "5:21: BB is shadowed by AA"),
        (("age_years < 18", "refer"), ("age_years < 21", "reject"), "4:21: AA is shadowed by BB"),
        (("age_years < 18", "refer"), ("age_years < 18", "refer"), "5:21: BB is shadowed by AA"),
        (("age_years < 18", "refer"), ("not age_years >= 18", "reject"), "4:21: AA is shadowed by BB"),
        (("bureau_hit or age_years < 9"), ("age_years < 8"), "5:21: BB is shadowed by AA"),
    ],
)
def test_a_rule_that_another_covers_is_found(first, second, said):
    first, second = (item if isinstance(item, tuple) else (item,) for item in (first, second))
    (problem,) = beside(first, second)
    assert problem.startswith(said)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("bureau_score < 600", "reject"), ("600 <= bureau_score < 650", "refer")),
        (("bureau_score < 600", "reject"), ("bureau_score < 650", "refer")),
        (("age_years < 18", "reject"), ("age_years < 21", "reject", ", beside: [AA]")),
        (("age_years < 21 and bureau_hit", "reject"), ("age_years < 18", "reject")),
        (("age_years < 21 or missing(age_years)", "refer"), ("age_years < 18", "refer", ", beside: [AA]")),
        (("age_years > 5 and bureau_score >= 1", "reject"), ("age_years > 5", "reject", ", beside: [AA]")),
    ],
)
def test_deliberate_pairs_are_left_alone(first, second):
    assert [problem for problem in beside(first, second) if "BB is" in problem] == []


def test_a_rule_with_days_is_idle_beside_one_without(tmp_path):
    (problem,) = beside(
        ("age_years < 21", "reject"), ("age_years < 21", "reject", ", effective_from: 2026-01-01")
    )
    assert problem.startswith("5:21: BB is shadowed by AA: 'age_years < 21 (from 2026-01-01)'")


def test_a_value_that_an_earlier_rule_always_gives_first():
    text = "rules:\n" + "".join(
        f"  - {{id: {name}, when: {when}, then: {{x: {value}}}}}\n"
        for name, when, value in (("AA", "age_years < 21", 1), ("BB", "age_years < 18", 2), ("CC", "true", 3))
    )
    assert found(text) == ["5:20: BB never gives x: 'age_years < 18' (AA above gives it first)"]


# --- what is shipped, and what is hostile -----------------------------------------------------------


def test_what_is_wrong_in_a_base_is_told_once(tmp_path):
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "all.yaml").write_text("ruleset: bre\nrules:\n" + rule("age_years > 200"))
    for brand in ("one", "two"):
        (tmp_path / "brands" / brand).mkdir(parents=True)
        (tmp_path / "brands" / brand / "bre.yaml").write_text("ruleset: bre\nextends: base/all\n")
    assert len(check(root=tmp_path)) == 1


@pytest.mark.parametrize(
    "when",
    [
        " and ".join(f"(age_years == {n} or bureau_score == {n})" for n in range(40)),
        " or ".join(f"(age_years < {n} and bureau_score > {n})" for n in range(40)),
        "not " * 40 + "bureau_hit",
        " + ".join(["age_years"] * 150) + " > 3",
        " * ".join(["average_salary_3m"] * 80) + " > 3",
    ],
)
def test_analysis_ends_whatever_the_rule_says(when):
    text = HEAD + "rules:\n" + "".join(rule(when, name=f"R{index}") for index in range(5))
    assert analyse(compile_ruleset(FILE, {FILE: text})) is not None


def test_what_is_too_long_to_analyse_says_so():
    parts = " and ".join(f"(age_years != {n} or requested_amount * bureau_score > {n})" for n in range(30))
    assert one(parts)[0].startswith("4:22: ONE has too many cases to analyse")


def test_every_shipped_file_is_sound_and_quickly_looked_through():
    folder = Folder()
    shipped = [name for name in folder if name.startswith("brands/") and not name.endswith("cases.yaml")]
    assert len(shipped) >= 20
    assert [problem for name in shipped for problem in faults(name, folder)] == []
