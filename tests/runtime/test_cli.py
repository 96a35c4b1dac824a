import json
import re
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from app.cli import KNOWN_ERRORS, MOUNTED, main
from app.config import SettingsError
from tests.platform import Platform
from tests.runtime.conftest import NO_SERVERS

COMMANDS = {
    "allocate",
    "up",
    "migrate",
    "seed",
    "worker",
    "scheduler",
    "eod",
    "openapi",
    "routes",
    "settings",
    "brands",
    "audit",
    "bsa",
    "decisions",
    "demo",
    "keys",
    "portal",
    "privacy",
    "loans",
    "reports",
    "rules",
}


def los(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as people do, with no servers to reach."""
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        env=NO_SERVERS | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_help_lists_every_command() -> None:
    listing = CliRunner().invoke(main, ["--help"]).output.partition("Commands:")[2]
    assert set(re.findall(r"^  (\w+)", listing, re.MULTILINE)) == COMMANDS


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_help(command: str) -> None:
    result = CliRunner().invoke(main, [command, "--help"])
    assert result.exit_code == 0, result.output
    assert f"Usage: main {command}" in result.output


@pytest.mark.parametrize("command", sorted(MOUNTED))
def test_mounted_commands_are_there(command: str) -> None:
    assert isinstance(main.get_command(click.Context(main), command), click.Command)


def test_help_imports_nothing_heavy() -> None:
    code = "import sys, app.cli as c; c.main(['--help'], standalone_mode=False); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"polars", "durable"} & set(done.stdout.split())


def test_unknown_setting_is_named_in_one_line() -> None:
    done = los("worker", LOS_LOG_LEVLE="INFO")
    assert done.returncode == 2
    assert done.stderr == "los: setting LOS_LOG_LEVLE: is not a setting; did you mean LOS_LOG_LEVEL?\n"


def test_missing_setting_is_named_in_one_line() -> None:
    done = los("scheduler", REDIS_URL="")
    assert done.returncode == 2
    assert done.stderr.startswith("los: setting REDIS_URL: is not set")
    assert done.stderr.count("\n") == 1


def test_owner_is_needed_to_migrate_a_database_from_outside() -> None:
    done = los("migrate")
    assert done.returncode == 2
    assert done.stderr.startswith("los: setting DATABASE_OWNER_URL: is not set")


def test_unreachable_database_is_no_traceback() -> None:
    done = los("migrate", DATABASE_OWNER_URL="postgresql://127.0.0.1:1/los")
    assert done.returncode == 1
    assert done.stderr.startswith("los: ")
    assert "Connection refused" in done.stderr
    assert "Traceback" not in done.stderr


def test_unknown_queue_is_named() -> None:
    done = los("worker", "no-such-queue")
    assert done.returncode == 2
    assert done.stderr.startswith("los: unknown queue no-such-queue")


def test_openapi_needs_no_server() -> None:
    document = json.loads(los("openapi").stdout)
    assert document["openapi"].startswith("3.")
    assert "/web/auth/register" in document["paths"]


@pytest.mark.parametrize("command", [["rules", "doc"], ["loans", "states"]])
def test_a_file_that_cannot_be_written_is_named_in_one_line(command: list[str]) -> None:
    result = CliRunner().invoke(main, [*command, "--write", "/no/such/page.md"])
    assert result.exit_code == 1
    assert result.output.startswith("los: ")
    assert "/no/such/page.md" in result.output


@pytest.mark.parametrize("brand", ["nobrand", ""])
@pytest.mark.parametrize("command", [["audit", "verify"], ["privacy", "retain", "--dry-run"]])
def test_a_brand_that_nobody_has_is_refused(platform: Platform, command: list[str], brand: str) -> None:
    result = CliRunner().invoke(main, [*command, "--brand", brand])
    assert (result.exit_code, f"There is no brand {brand!r}." in result.output) == (2, True), result.output


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "2200-01-01", "31-03-2026", "2026-02-30"])
def test_a_day_is_one_of_the_calendar(day: str):
    result = CliRunner().invoke(main, ["eod", "--date", day])
    assert (result.exit_code, "Invalid value for '--date'" in result.output) == (2, True), result.output


def test_errors_that_nobody_foresaw_keep_their_traceback() -> None:
    @main.command("broken")
    def broken() -> None:
        raise ZeroDivisionError

    try:
        assert isinstance(CliRunner().invoke(main, ["broken"]).exception, ZeroDivisionError)
    finally:
        del main.commands["broken"]


def test_known_errors_exist() -> None:
    """A renamed error class would fall out of the table without a sound."""
    assert f"{SettingsError.__module__}.{SettingsError.__qualname__}" in KNOWN_ERRORS
    for name in KNOWN_ERRORS:
        module, _, attribute = name.rpartition(".")
        kind = getattr(__import__(module, fromlist=[attribute]), attribute)
        assert f"{kind.__module__}.{kind.__qualname__}" == name
