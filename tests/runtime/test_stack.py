import json
import os
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import requests

from app.config import SettingsError
from app.runtime import environment
from app.runtime.processes import DirectoryLock, StackError
from app.runtime.stack import PHASES, Program, Stack, in_free_slot
from tests.runtime.conftest import NO_SERVERS

SANDBOX = next(program for phase in PHASES for program in phase if program.name == "sandbox")


def python(name: str, code: str, *, task: bool = False) -> Program:
    return Program(name, ("python", "-c", code), task=task)


def stack(directory: Path, *phases: tuple[Program, ...], **environment: str) -> Stack:
    return Stack(directory, durable=False, given=NO_SERVERS | environment, phases=phases)


def test_it_works(tmp_path: Path) -> None:
    with stack(tmp_path / "stack", (SANDBOX,)) as running:
        assert requests.get(running.sandbox_url, timeout=5).status_code < 500
        assert running.environment["LOS_SANDBOX_URL"] == running.sandbox_url


def test_nothing_runs_after_the_end(tmp_path: Path) -> None:
    with stack(tmp_path / "stack", (SANDBOX,)):
        family = psutil.Process().children(recursive=True)
        ours = [process for process in family if "app.sandbox:create_app()" in process.cmdline()]
        assert len(ours) == 2  # gunicorn and its worker
    assert psutil.wait_procs(ours, timeout=1)[1] == []


def test_a_phase_waits_for_the_tasks_of_the_one_before(tmp_path: Path) -> None:
    made = tmp_path / "made"
    first = python("first", f"import time; time.sleep(0.3); open({str(made)!r}, 'w')", task=True)
    second = python("second", f"open({str(made)!r})", task=True)
    with stack(tmp_path / "stack", (first,), (second,)):
        assert made.exists()


def test_failing_task_is_named_and_everything_stops(tmp_path: Path) -> None:
    task = python("migrate", "import sys; print('no such table'); sys.exit(1)", task=True)
    server = python("server", "import time; time.sleep(600)")
    with pytest.raises(StackError, match=r"(?s)^migrate ended with 1.*no such table"):
        stack(tmp_path / "stack", (server, task)).__enter__()
    assert not [p for p in psutil.Process().children() if "time.sleep(600)" in " ".join(p.cmdline())]


def test_process_that_ends_by_itself_is_named(tmp_path: Path) -> None:
    server = python("worker", "import time; time.sleep(0.5); print('out of memory'); raise SystemExit(7)")
    with (
        pytest.raises(StackError, match=r"(?s)^worker ended by itself with 7.*out of memory"),
        stack(tmp_path / "stack", (server,)) as running,
    ):
        running.watch()


def test_its_settings_are_published_while_it_runs(tmp_path: Path) -> None:
    path = tmp_path / "stack" / "environment.json"
    with stack(tmp_path / "stack") as running:
        assert path.stat().st_mode & 0o077 == 0
        published = json.loads(path.read_text())
        assert published["LOS_MASTER_KEYS"] == running.environment["LOS_MASTER_KEYS"]
        assert "S3_SECRET_KEY" not in published  # it was given from outside, and stays there
    assert not path.exists()


def test_given_settings_win(tmp_path: Path) -> None:
    with stack(tmp_path / "stack", (SANDBOX,), LOS_SANDBOX_URL="https://sandbox.example") as running:
        assert running.environment["LOS_SANDBOX_URL"] == "https://sandbox.example"


def test_malformed_setting_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="LOS_LOG_LEVEL"):
        stack(tmp_path / "stack", LOS_LOG_LEVEL="LOUD").__enter__()


def test_no_sandbox_in_production(tmp_path: Path) -> None:
    programs = Stack(tmp_path, durable=True, given={"LOS_ENVIRONMENT": "production"})._programs()
    names = {program.name for program in programs}
    assert names == {"migrate", "seed", "api", "worker-default", "worker-data", "scheduler"}


def test_usual_ports_are_for_those_who_ask(tmp_path: Path) -> None:
    asked = Stack(tmp_path / "one", durable=False, given=NO_SERVERS, fixed_ports=True, phases=[[SANDBOX]])
    other = replace(SANDBOX, port_preferred=0)
    with (
        asked,
        Stack(
            tmp_path / "two", durable=False, given=NO_SERVERS, fixed_ports=True, phases=[[other]]
        ) as second,
    ):
        assert asked.sandbox_url != second.sandbox_url


def test_next_free_slot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.runtime.stack.Stack", lambda directory, durable, wipe: stack(directory))
    with (
        in_free_slot(tmp_path / "demo", durable=False) as first,
        in_free_slot(tmp_path / "demo", durable=False) as second,
    ):
        assert [first.directory.name, second.directory.name] == ["demo", "demo-2"]
    with in_free_slot(tmp_path / "demo", durable=False) as third:
        assert third.directory.name == "demo"


@pytest.fixture
def clean_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory is empty, and no setting is there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "environ", {"PATH": os.environ["PATH"]})
    return tmp_path


@pytest.mark.usefixtures("clean_environment")
def test_command_leaves_a_full_environment_alone() -> None:
    os.environ.update(NO_SERVERS)
    environment.ensure_environment()
    assert {name: os.environ[name] for name in NO_SERVERS} == NO_SERVERS
    assert not Path("var").exists()


def test_command_joins_the_running_stack(clean_environment: Path) -> None:
    directory = clean_environment / "var" / "run"
    lock = DirectoryLock(directory)
    lock.acquire()
    directory.mkdir()
    (directory / "environment.json").write_text(json.dumps(NO_SERVERS))
    environment.ensure_environment()
    assert os.environ["DATABASE_URL"] == NO_SERVERS["DATABASE_URL"]
    lock.release()
