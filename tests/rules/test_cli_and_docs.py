"""The commands, and the examples of the guide for rule authors."""

import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from rules import RulesError, compute, decide, faults
from rules.cli import rules as command
from rules.language.files import ROOT, Folder
from tests.rules.applicants import ASHA, BHARAT, CHITRA, ruleset

GUIDE = (ROOT.parent / "docs" / "rules.md").read_text(encoding="utf-8")
BRE, GIVING, OFFER, *_ = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)


@pytest.fixture
def run(tmp_path):
    def run(*arguments, features=None):
        if features is not None:
            (tmp_path / "in.json").write_text(json.dumps(features, default=str))
            arguments = (*arguments, str(tmp_path / "in.json"))
        return CliRunner().invoke(command, [str(argument) for argument in arguments])

    return run


@pytest.mark.parametrize(("features", "code"), [(ASHA, 0), (CHITRA, 3), (BHARAT, 4)])
def test_decide_tells_the_outcome_by_its_exit_code(run, features, code):
    result = run("decide", "qualoan", features=features)
    assert result.exit_code == code


def test_decide_prints_reason_value_and_threshold(run):
    output = run("decide", "qualoan", features=BHARAT).output
    assert "reject   BUREAU_SCORE_BELOW_MINIMUM: Bureau score 560 is below the minimum of 600" in output
    assert "saw   scored=yes, bureau_score=560" in output
    assert "limit minimum_bureau_score=600" in output


def test_decide_prints_the_decision_as_json(run):
    assert json.loads(run("decide", "qualoan", "--json", features=CHITRA).output)["reasons"] == [
        "NEW_TO_CREDIT"
    ]


@pytest.mark.parametrize("text", ["[1]", "{", "5", "[" * 100_000], ids=range(4))
def test_decide_refuses_what_is_no_object(run, tmp_path, text):
    (tmp_path / "x.json").write_text(text)
    result = run("decide", "qualoan", tmp_path / "x.json")
    assert result.exit_code == 1
    assert "JSON" in result.output


def test_show_names_every_rule(run):
    output = run("show", "paisapop").output
    assert "SMALL_CITY_LOW_SALARY" in output
    assert "BUREAU_VINTAGE_SHORT" not in output


def test_an_unknown_brand_is_told(run):
    result = run("show", "qualone")
    assert (result.exit_code, "did you mean 'qualoan bre'" in result.output) == (1, True)


def test_check_passes_what_is_shipped(run):
    assert run("check").output == "All rule files are sound.\n"


def test_check_fails_on_a_bad_file(run, tmp_path):
    bad = tmp_path / "bad.yaml"
    bad.write_text("ruleset: bre\nruels: []\n")
    result = run("check", bad)
    assert result.exit_code == 1
    assert f"{bad}:2:1: unknown key: 'ruels' (did you mean 'rules'?)" in result.output


@pytest.mark.parametrize("command_name", ["check", "show", "decide"])
def test_every_command_has_help(run, command_name):
    assert len(run(command_name, "--help").output) > 150


# --- docs/rules.md -------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path) -> Path:
    shutil.copytree(ROOT / "base", tmp_path / "base")
    return tmp_path


def test_the_guides_first_example_fails_as_it_says(folder):
    with pytest.raises(RulesError) as caught:
        ruleset(folder, BRE)
    assert str(caught.value) in GUIDE


def test_the_guides_first_example_works_once_mended(folder):
    made = ruleset(folder, BRE.replace("minimum_age: 23 ", "big_loan: 20000\n  minimum_age: 23 "))
    decision = decide(made, ASHA | {"age_years": 22, "employment_tenure_months": 8})
    assert [verdict.reason for verdict in decision.reasons] == [
        "Age 22 is below the minimum of 23",
        "Requested ₹25,000 with only 8 months at the employer",
    ]


def test_the_guides_rule_that_gives_a_value_works(folder):
    made = ruleset(folder, GIVING)
    asked = {"requested_amount": 30000, "completed_loan_count": 3}
    assert decide(made, asked | {"last_loan_days_past_due": 0}).offer == {"limit": 75000}
    refused = decide(made, asked | {"last_loan_days_past_due": 1})
    assert [verdict.reason for verdict in refused.reasons] == ["Requested ₹30,000 is above ₹25,000"]
    assert refused.offer == {"limit": 25000}


def test_the_guides_table_and_scorecard_work(folder):
    offer = ruleset(folder, OFFER, "offer")
    inputs = {
        "inward_bounce_count_3m": 1,
        "city_tier": "A",
        "average_salary_3m": 50000,
        "requested_amount": 30000,
    }
    given = compute(offer, inputs | {"bureau_score": 760})
    assert (given["points"], given["share"], given["offered"]) == (10, 40, 20000)
    assert compute(offer, inputs | {"bureau_score": 700})["offered"] == 12500
    assert compute(offer, inputs)["offered"] == 5000


@pytest.mark.parametrize(
    "text", [BRE.replace("minimum_age: 23 ", "big_loan: 50000\n  minimum_age: 23 "), GIVING, OFFER]
)
def test_the_guides_examples_are_sound(folder, text):
    assert faults("own.yaml", {**Folder(folder), "own.yaml": text}) == []
