"""`los up` as people use it: the whole stack, from another terminal and to the last process."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import requests

START_TIMEOUT_S = 90
STOP_TIMEOUT_S = 30


def los(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "app.cli", *arguments]


class Running:
    """A `los up` in a directory of its own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        # `-m app.cli` finds the package through the installation; no setting comes from outside
        self.environment = {"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            los("up"),
            cwd=directory,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.settings = self._wait()
        self.family = psutil.Process(self.process.pid).children(recursive=True)

    def _wait(self) -> dict[str, str]:
        path = self.directory / "var" / "run" / "environment.json"
        deadline = time.monotonic() + START_TIMEOUT_S
        while not path.exists():
            assert self.process.poll() is None, self.process.communicate()[0]
            assert time.monotonic() < deadline, "los up took too long"
            time.sleep(0.1)
        return json.loads(path.read_text())

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Another command, in the same directory."""
        return subprocess.run(
            los(*arguments),
            cwd=self.directory,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def end(self, number: signal.Signals) -> str:
        """Send a signal; what it printed once it has ended."""
        self.process.send_signal(number)
        return self.process.communicate(timeout=STOP_TIMEOUT_S)[0]

    def left_behind(self, timeout_s: float) -> list[psutil.Process]:
        """The processes of the stack that still run."""
        return psutil.wait_procs(self.family, timeout=timeout_s)[1]


@pytest.fixture
def up(directory: Path) -> Iterator[Running]:
    directory.mkdir()
    running = Running(directory)
    yield running
    running.process.kill()
    running.process.communicate()
    running.left_behind(STOP_TIMEOUT_S)


def test_it_works_and_ctrl_c_stops_everything(up: Running) -> None:
    assert requests.get(f"{up.settings['LOS_PUBLIC_URL']}/ready", timeout=5).json()["status"] == "ok"
    assert requests.get(f"{up.settings['LOS_PUBLIC_URL']}/docs", timeout=5).status_code == 200
    assert up.command("migrate").stdout == "nothing to apply\n"
    assert "in use by process" in up.command("up").stderr
    printed = up.end(signal.SIGINT)
    assert up.process.returncode == 0, printed
    assert up.left_behind(0) == []
    assert up.settings["LOS_PUBLIC_URL"] in printed
    assert up.settings["S3_ENDPOINT"] in printed
    assert "COLLECTION_HEAD" in printed
    assert "Traceback" not in printed


def test_killed_supervisor_leaves_nothing_behind(up: Running) -> None:
    assert len(up.family) > 10
    up.end(signal.SIGKILL)
    assert up.left_behind(STOP_TIMEOUT_S) == []
