"""`los rules backtest`, `diff` and `drift`, from files alone."""

import csv
import json
import re
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from app.cli import main
from rules.language.files import ROOT
from tests.rules.applicants import ASHA, BHARAT

DRAFT = (ROOT / "brands/qualoan/bre.yaml").read_text().replace("35000", "70000")
BRE = (
    "SALARY_BELOW_MINIMUM, SALARY_JUST_BELOW_MINIMUM, salary_floor_with_grace: minimum_salary 35000 -> 70000"
)


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "draft.yaml").write_text(DRAFT)

    def run(*arguments: str):
        return CliRunner().invoke(main, ["rules", *arguments])

    return run


@pytest.fixture
def book(tmp_path) -> Path:
    """Forty applications of good Asha and bad Bharat, a day apart, as a CSV file."""
    people = [
        (ASHA if number % 2 else BHARAT)
        | {"application_id": f"A{number}", "decided_on": date(2026, 1, 1) + timedelta(days=number)}
        for number in range(40)
    ]
    texts = [
        {name: None if value is None else str(value) for name, value in person.items()} for person in people
    ]
    pl.DataFrame(texts).write_csv(tmp_path / "book.csv")
    return tmp_path / "book.csv"


def test_a_draft_is_tried_on_a_file(run, book, tmp_path):
    outputs = ("--html", "page.html", "--csv", "changed.csv", "--json", "all.json")
    result = run("backtest", "qualoan", "draft.yaml", "--book", "book.csv", *outputs)
    assert result.exit_code == 0, result.output
    assert "The draft approves 0.0 % of the applications, the champion 50.0 % (-50.0 pts)." in result.output
    assert "0 move in, 20 move out" in result.output
    assert json.loads((tmp_path / "all.json").read_text())["total"]["swapped_out"]["applications"] == 20
    with (tmp_path / "changed.csv").open(encoding="utf-8-sig") as file:
        changed = list(csv.DictReader(file))
    assert {row["challenger_reasons"] for row in changed} == {"SALARY_BELOW_MINIMUM"}
    assert "0 move in, 20 move out" in (tmp_path / "page.html").read_text()


def test_a_folder_is_a_draft_too(run, book, tmp_path):
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy" / "bre.yaml").write_text(DRAFT)
    assert "20 move out" in run("backtest", "qualoan", "policy", "--book", "book.csv").output


def test_a_draft_may_change_a_base(run, book, tmp_path):
    (tmp_path / "policy" / "base").mkdir(parents=True)
    base = (ROOT / "base" / "identity.yaml").read_text().replace("minimum_age: 21", "minimum_age: 40")
    (tmp_path / "policy" / "base" / "identity.yaml").write_text(base)
    assert "20 move out" in run("backtest", "qualoan", "policy", "--book", "book.csv").output


def test_only_the_days_asked_for(run, book):
    days = ("--since", "2026-01-01", "--until", "2026-01-10")
    result = run("backtest", "qualoan", "draft.yaml", "--book", "book.csv", *days)
    assert "5 move out" in result.output


def test_the_segment_may_be_any_column(run, book, tmp_path):
    run(
        *("backtest", "qualoan", "draft.yaml", "--book", "book.csv"),
        *("--segment", "bureau_score", "--json", "all.json"),
    )
    assert set(json.loads((tmp_path / "all.json").read_text())["segments"]) == {"560", "782"}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("draft.yaml", "--book", "none.csv"), "none.csv cannot be read as csv"),
        (("draft.yaml", "--book", "draft.yaml"), "a book is a .parquet, .csv or .tsv file"),
        (("bad.yaml", "--book", "book.csv"), "unknown key: 'ruels'"),
        (("other.yaml", "--book", "book.csv"), "other.yaml is paisapop/bre, not qualoan/bre"),
        (("draft.yaml", "--book", "book.csv", "--segment", "colour"), "the book has no column colour"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(run, book, tmp_path, arguments, told):
    (tmp_path / "bad.yaml").write_text("ruleset: bre\nbrand: qualoan\nruels: []\n")
    (tmp_path / "other.yaml").write_text((ROOT / "brands/paisapop/bre.yaml").read_text())
    result = run("backtest", "qualoan", *arguments)
    assert result.exit_code in (1, 2)
    assert told in result.output
    assert "Traceback" not in result.output


def test_a_diff_tells_what_changed_and_exits_1(run):
    result = run("diff", "qualoan/bre", "draft.yaml")
    assert (result.exit_code, result.output) == (1, f"{BRE}\n")
    (change,) = json.loads(run("diff", "qualoan/bre", "draft.yaml", "--json").output)
    assert change == {"section": "parameters", "id": "minimum_salary", "sentence": BRE}


def test_a_diff_of_the_same_exits_0(run):
    result = run("diff", "qualoan/bre", str(ROOT / "brands/qualoan/bre.yaml"))
    assert (result.exit_code, result.output) == (0, "They say the same.\n")


@pytest.mark.parametrize("reference", ["qualone/bre", "nothing", "../x"])
def test_a_diff_with_nothing_is_told(run, reference):
    result = run("diff", "qualoan/bre", reference)
    assert result.exit_code in (1, 2)
    assert "Error" in result.output


def test_drift_between_two_periods_of_a_file(run, book, tmp_path):
    later = pl.read_csv(book, infer_schema=False).with_columns(bureau_score=pl.lit("900"))
    later.with_columns(decided_on=pl.lit("2026-03-01")).vstack(
        pl.read_csv(book, infer_schema=False).select(later.columns)
    ).write_csv(book)
    periods = ("--baseline", "2026-01-01..2026-02-28", "--current", "2026-03-01..2026-03-31")
    result = run(
        "drift", "qualoan", "--book", "book.csv", *periods, "--html", "page.html", "--json", "all.json"
    )
    assert result.exit_code == 0, result.output
    assert "bureau_score: PSI" in result.output
    assert json.loads((tmp_path / "all.json").read_text())["inputs"][0]["name"] == "bureau_score"


@pytest.mark.parametrize("period", ["2026-01-01", "2026-02-01..2026-01-01", "x..y"])
def test_a_period_is_two_days(run, book, period):
    result = run("drift", "qualoan", "--book", "book.csv", "--baseline", period, "--current", period)
    assert result.exit_code == 2


def test_the_commands_of_the_guide_do_what_it_says(run, book, tmp_path):
    (tmp_path / "draft.yaml").write_text(
        (ROOT / "brands/qualoan/bre.yaml").read_text().replace("35000", "40000")
    )
    guide = (ROOT.parent / "docs" / "backtests.md").read_text(encoding="utf-8")
    examples = re.findall(r"```console\n\$ los rules (.*?)\n(.*?)```", guide, re.DOTALL)
    assert len(examples) == 3
    for command, output in examples:
        result = run(*command.split())
        assert output in result.output
        assert "Error" not in result.output
    made = {"page.html", "changed.csv", "figures.json", "drift.html"}
    assert made <= {path.name for path in tmp_path.iterdir()}
