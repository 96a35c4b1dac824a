"""Cases: what ships passes and touches everything; a wrong threshold or a malformed case is told where it stands."""

import json
import re
from collections import ChainMap

import pytest
from click.testing import CliRunner

from rules import RulesError, run_cases
from rules.cli import rules as command
from rules.document import policies_page
from rules.language.files import ROOT, Folder, brand_rulesets
from tests.rules.applicants import BRANDS

SHIPPED = brand_rulesets(Folder())


@pytest.mark.parametrize(("brand", "name"), SHIPPED)
def test_every_shipped_case_passes_and_nothing_is_untouched(brand, name):
    report = run_cases(Folder(), brand, name)
    assert [str(failure) for failure in report.failures] == []
    assert [spot.what for spot in report.coverage.untouched] == []
    assert report.passed


def test_every_brand_has_many_cases_of_its_policy():
    for brand in BRANDS:
        assert len(run_cases(Folder(), brand, "bre").results) > 150


@pytest.mark.parametrize(
    ("file", "text", "mutant", "case"),
    [
        ("brands/qualoan/bre.yaml", "minimum_salary: 35000", "minimum_salary: 34999.99", "SALARY 34999.99"),
        ("brands/qualoan/bre.yaml", "maximum_age: 60", "maximum_age: 61", "AGE 61"),
        ("base/offer.yaml", "preferred_bureau_score: 650", "preferred_bureau_score: 651", "SCORE 650"),
        ("base/offer.yaml", "[B, 35,", "[B, 36,", "TIER_B"),
        (
            "base/bureau.yaml",
            "tolerated_overdue_amount: 1000",
            "tolerated_overdue_amount: 1001",
            "OVERDUE 1000.01",
        ),
        ("base/banking.yaml", "maximum_bounces: 4", "maximum_bounces: 5", "BOUNCES 5"),
        (
            "base/internal.yaml",
            "rejection_cooling_days: 15",
            "rejection_cooling_days: 16",
            "DAYS_SINCE_REJECTION 15",
        ),
        ("base/repeat.yaml", "ladder_late_percent: 80", "ladder_late_percent: 79", "REPEAT_LATE"),
        ("base/exposure.yaml", "when: foir_percent >", "when: foir_percent >=", "OBLIGATIONS 36000"),
        ("base/geography.yaml", "then: refer", "then: reject", "PINCODE_WATCHED"),
    ],
)
def test_a_case_fails_when_a_threshold_moves(file, text, mutant, case):
    folder = Folder()
    assert text in folder[file]
    report = run_cases(ChainMap({file: folder[file].replace(text, mutant, 1)}, folder), "qualoan", "bre")
    assert case in [failure.case.id for failure in report.failures]
    assert not report.passed


def test_a_failure_tells_what_differed():
    folder, file = Folder(), "base/banking.yaml"
    library = ChainMap({file: folder[file].replace("maximum_bounces: 4", "maximum_bounces: 5")}, folder)
    report = run_cases(library, "qualoan", "bre").as_dict()
    assert [failure["differences"] for failure in report["failures"] if failure["id"] == "BOUNCES 5"] == [
        [
            {"what": "outcome", "expected": "REJECT", "actual": "REFER"},
            {"what": "reasons", "expected": ["BOUNCES_ABOVE_MAXIMUM"], "actual": ["BOUNCES_HIGH"]},
        ]
    ]


# --- a small library of its own ------------------------------------------------------------------

BRE = """\
ruleset: bre
brand: test
parameters: {limit: 10}
tables:
  - id: SIZE
    columns: [requested_amount]
    gives: [size]
    rows: [["> 100", BIG], [any, SMALL]]
scorecards:
  - {id: CARD, gives: points, characteristics: [{of: age_years, bins: [["< 30", 5], [">= 30", 1]]}]}
derive: {half: requested_amount / 2}
offer: [half]
rules:
  - {id: TOO_YOUNG, when: age_years < limit, then: reject, reason: young, code: EL10}
  - {id: BIG_OLD, when: size == "BIG" and points == 1, then: refer, reason: big}
"""


def library(cases):
    return ChainMap({"brands/test/bre.yaml": BRE, "brands/test/cases.yaml": cases}, Folder())


def test_coverage_names_what_no_case_touches():
    cases = "cases: [{id: ONE, ruleset: bre, with: {age_years: 20, requested_amount: 50}, expect: {outcome: APPROVE}}]"
    coverage = run_cases(library(cases), "test", "bre").coverage
    assert [spot.what for spot in coverage.untouched] == [
        "TOO_YOUNG hits",
        "BIG_OLD hits",
        "SIZE row 1",
        "CARD.age_years row 2",
    ]
    assert (coverage.spots, coverage.percent) == (8, 50)


def test_expectations_of_codes_offer_and_derived_values():
    cases = """\
applicants:
  child: {age_years: 9, requested_amount: 101}
cases:
  - {id: ONE, ruleset: bre, given: child, expect: {outcome: REJECT, codes: [EL10], offer: none, derived: {size: BIG}}}
  - {id: TWO, ruleset: bre, given: child, with: {age_years: 40}, expect: {outcome: REFER, offer: {half: 50.50}}}
  - id: SIX
    ruleset: bre
    given: child
    with: {age_years: 40, requested_amount: null}
    expect: {outcome: APPROVE, derived: {half: unknown}}
  - {id: OFF, ruleset: bre, given: child, with: {age_years: 40}, expect: {outcome: REFER, offer: {half: 51}}}
"""
    results = run_cases(library(cases), "test", "bre").results
    assert [result.passed for result in results] == [True, True, True, False]
    assert [str(difference) for difference in results[3].differences] == ["half 50.50, expected 51"]


def test_without_a_case_nothing_is_proven():
    report = run_cases(library("applicants: {}\n"), "test", "bre")
    assert (report.passed, report.coverage.percent) == (False, 0)


@pytest.mark.parametrize(
    ("cases", "told"),
    [
        ("- one\n", "1:1: a case file is a list of sections"),
        ("cases:\n  - {ruleset: bre}\n", "2:5: every case starts with an id"),
        ("casses: []\n", "1:1: unknown key: 'casses' (did you mean 'cases'?)"),
        ("cases:\n  - {id: A, expect: {outcome: REJECT}}\n", "2:5: a case says of which rule set it is"),
        ("cases:\n  - {id: A, ruleset: bre}\n", "2:5: a case says what to expect"),
        ("cases:\n  - {id: A, ruleset: bre, expect: {outcome: NO}}\n", "2:45: the outcome is one of"),
        ("cases:\n  - {id: A, ruleset: bre, expect: {}}\n", "2:35: the outcome is one of"),
        (
            "cases:\n  - {id: A, ruleset: bre, with: {age_year: 3}, expect: {outcome: REJECT}}\n",
            "2:34: there is no such input: 'age_year' (did you mean 'age_years'?)",
        ),
        (
            "cases:\n  - {id: A, ruleset: bre, given: asha, expect: {outcome: REJECT}}\n",
            "2:34: there is no such applicant: 'asha'",
        ),
        (
            "cases:\n  - {id: A, ruleset: bre, expect: {outcome: REJECT, reasons: [TOO_YUNG]}}\n",
            "2:63: there is no such rule: 'TOO_YUNG' (did you mean 'TOO_YOUNG'?)",
        ),
        (
            "cases:\n  - {id: A, ruleset: bre, expect: {outcome: REJECT, offer: {haf: 1}}}\n",
            "2:61: there is no such part of the offer: 'haf'",
        ),
        (
            "edges:\n  - {id: A, ruleset: bre, of: age_years, rows: [[9]]}\n",
            "2:49: a row says value, outcome and reasons",
        ),
        ("edges:\n  - {id: A, ruleset: bre, of: age, rows: []}\n", "2:31: there is no such input: 'age'"),
        ("cases: [{id: A, ruleset: bre, expect: {outcome: REJECT}}, {id: A}]\n", "this id is already on line 1"),
        ("extends: base/nothing\n", "1:10: there is no such file to extend: 'base/nothing'"),
        ("extends: brands/test/cases\n", "1:10: there is no such file to extend"),
        ("switch_off: [A]\n", "1:14: no case to switch off: 'A'"),
        ("applicants: [1]\n", "1:13: this is a list of name: inputs"),
        (
            "applicants: {a: {given: a}}\ncases: [{id: A, ruleset: bre, given: a, expect: {outcome: REFER}}]\n",
            "1:25: there is no such applicant",
        ),
        ("cases: [1, 2]\n", "1:9: every case starts with an id"),
        (
            "cases:\n  - {id: A, ruleset: bre, with: [1], expect: {outcome: REFER}}\n",
            "2:33: this is a list of input: value",
        ),
        ("applicants: {\n", "not readable as YAML"),
    ],
)  # fmt: skip
def test_a_malformed_case_file_is_told_with_its_place(cases, told):
    with pytest.raises(RulesError) as caught:
        run_cases(library(cases), "test", "bre")
    assert told in str(caught.value)
    assert str(caught.value).startswith("brands/test/cases.yaml:")


def test_a_brand_without_cases_is_told():
    with pytest.raises(RulesError, match="there are no cases"):
        run_cases(ChainMap({"brands/test/bre.yaml": BRE}, Folder()), "test", "bre")


# --- los rules test ------------------------------------------------------------------------------


def run(*arguments):
    return CliRunner().invoke(command, ["test", *arguments])


def test_the_command_tells_cases_and_coverage():
    result = run("paisapop", "bre", "--min-coverage", "100")
    assert (result.exit_code, result.output.splitlines()) == (
        0,
        [f"paisapop bre: {len(run_cases(Folder(), 'paisapop', 'bre').results)} cases pass, 100.0 % touched"],
    )


def test_the_command_gives_json():
    (report,) = json.loads(run("qualoan", "bre", "--json").output)
    assert (report["passed"], report["coverage"]["untouched"]) == (True, [])


def test_an_unknown_brand_is_told():
    result = run("qualone")
    assert (result.exit_code, "did you mean 'qualoan bre'" in result.output) == (1, True)


# --- the guide and the page of policies ----------------------------------------------------------


def test_the_guides_cases_pass():
    guide = (ROOT.parent / "docs" / "rules.md").read_text(encoding="utf-8")
    cases = next(text for text in re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL) if "applicants:" in text)
    report = run_cases(ChainMap({"brands/qualoan/cases.yaml": cases}, Folder()), "qualoan", "bre")
    told = {result.case.id: result.passed for result in report.results}
    assert told["GRADUATE_IS_LOOKED_AT"]
    assert (told["AGE 60"], told["AGE 61"]) == (True, True)


def test_the_page_of_policies_is_current():
    page = (ROOT.parent / "docs" / "policies.md").read_text(encoding="utf-8")
    assert page == policies_page(Folder()), "run: los rules doc --write docs/policies.md"
