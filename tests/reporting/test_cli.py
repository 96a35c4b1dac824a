"""`los reports` from the command line."""

from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from app.cli import main
from reports import REPORTS
from tests.platform import BRAND, Platform
from tests.reporting.conftest import INDIA


def los(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["reports", *arguments], catch_exceptions=False)


def run(name: str, *more: str, brand: str = BRAND) -> Result:
    today = datetime.now(INDIA).date().isoformat()
    return los("run", name, "--brand", brand, "--from", today, "--to", today, *more)


def test_list():
    lines = los("list").output.splitlines()
    assert [line.split()[0] for line in lines] == list(REPORTS)


def test_show():
    assert "| pan | s | Permanent account number (masked as pan) |" in los("show", "master-report").output


def test_an_unknown_name():
    result = los("show", "nothing")
    assert result.exit_code == 2
    assert "There are: master-report" in result.output


def test_run_writes_a_file(platform: Platform, tmp_path: Path):
    platform.customer()
    result = run("master-report", "--format", "parquet", "--out", str(tmp_path / "master.parquet"))
    assert result.exit_code == 0, result.output
    frame = pl.read_parquet(tmp_path / "master.parquet")
    assert frame.schema["lead_created_at"] == pl.Datetime("us", "UTC")
    assert f"master-report: {frame.height} rows" in result.output
    exported = platform.sql(
        "SELECT after ->> 'rows', reason FROM audit_event WHERE action = 'report.exported'"
    )
    assert exported[-1] == (str(frame.height), "command line")


def test_run_writes_to_standard_output(platform: Platform):
    assert run("collection-loan-report").stdout.startswith("\ufeffcustomer_id,source,loan_no,")


@pytest.mark.parametrize(
    "more", [("--to", "2000-01-01"), ("--from", "June"), ("--format", "xml"), ("--group-by", "x")]
)
def test_what_cannot_be_asked_for(platform: Platform, more):
    assert run("master-report", *more).exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show", "master"), "Did you mean master-report?"),
        (("run", "nothing"), "No report is called 'nothing'. There are:"),
        (("run", "master-report"), "Missing option '--brand'"),
        (("list", "more"), "unexpected extra argument"),
        (("runn",), "No such command 'runn'"),
    ],
)
def test_what_is_misspelt_is_told(arguments: tuple[str, ...], words: str):
    result = los(*arguments)
    assert (result.exit_code, words in result.output) == (2, True), result.output


@pytest.mark.parametrize("command", [(), ("list",), ("show",), ("run",), ("docs",)])
def test_help(command: tuple[str, ...]):
    result = los(*command, "--help")
    assert (result.exit_code, "Usage: " in result.output) == (0, True)


def test_where_nothing_can_be_written_nothing_is_made(platform: Platform, tmp_path: Path):
    for out, words in ((tmp_path / "none" / "x.csv", "There is no folder"), (tmp_path, "is a directory")):
        result = run("master-report", "--out", str(out))
        assert (result.exit_code, words in result.output) == (2, True), result.output


def test_a_brand_that_is_not_there(platform: Platform):
    result = run("master-report", brand="nobrand")
    assert (result.exit_code, "There is no brand 'nobrand'" in result.output) == (2, True)
