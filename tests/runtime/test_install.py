import shutil
import subprocess
import sys
import sysconfig
from collections import namedtuple
from pathlib import Path

import pytest

from app.runtime import install
from app.runtime.install import SetupError


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder with the inputs, and `pip` replaced by a note of what it was asked."""
    for name in install.INPUTS:
        (tmp_path / name).write_text(f"{name} of today\n")
    (tmp_path / "var").mkdir()
    monkeypatch.setattr(install, "ROOT", tmp_path)
    monkeypatch.setattr(install, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(install, "STAMP", tmp_path / ".venv" / "setup-stamp")
    monkeypatch.setattr(install, "LOG", tmp_path / "var" / "setup.log")
    return tmp_path


@pytest.fixture
def commands(project: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    seen: list[list[str]] = []

    def run(command: list[str], log: object) -> None:
        (project / ".venv").mkdir(exist_ok=True)
        seen.append(command)

    monkeypatch.setattr(install, "_run", run)
    return seen


def test_this_machine_has_what_it_takes() -> None:
    install.preflight()


def test_first_time_makes_everything(commands: list[list[str]]) -> None:
    install.main()
    assert [command[2] for command in commands] == ["venv", "pip", "pip", "pip"]


def test_second_time_does_nothing(commands: list[list[str]]) -> None:
    install.main()
    commands.clear()
    install.main()
    assert commands == []


def test_changed_pins_are_installed_into_the_same_environment(
    project: Path, commands: list[list[str]]
) -> None:
    install.main()
    commands.clear()
    (project / "constraints.txt").write_text("another pin\n")
    install.main()
    assert [command[2] for command in commands] == ["pip", "pip", "pip"]


def test_another_interpreter_means_starting_over(
    commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    install.main()
    commands.clear()
    monkeypatch.setattr(install, "VERSION", "3.99")
    install.main()
    assert [command[2] for command in commands] == ["venv", "pip", "pip", "pip"]


def test_interrupted_installation_is_done_again(
    commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(command: list[str], log: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(install, "_run", interrupted)
        with pytest.raises(KeyboardInterrupt):
            install.main()
    install.main()
    assert [command[2] for command in commands] == ["venv", "pip", "pip", "pip"]


def test_failing_pip_shows_the_end_of_its_log(project: Path) -> None:
    command = ["sh", "-c", "echo a reason; exit 1"]
    with open(install.LOG, "w") as log, pytest.raises(SetupError, match=r"(?s)all of it is in .*a reason$"):
        install._run(command, log)


def test_missing_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "no-such-compiler -O2")
    with pytest.raises(
        SetupError, match=r"^no C compiler .no-such-compiler -O2 not found.; on Debian: apt install gcc"
    ):
        install.preflight()


def test_compiler_of_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "clang")
    assert install.compiler() == "clang"


def test_no_compiler_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert install.compiler() is None


def test_missing_headers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sysconfig, "get_path", lambda name: "/no/such/include")
    with pytest.raises(SetupError, match=r"^no Python headers ./no/such/include/Python.h."):
        install.preflight()


def test_missing_venv_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(
        SetupError, match=r"^Python has no venv and ensurepip; on Debian: apt install python3"
    ):
        install.preflight()


def test_full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**12, 10**12 - 10**9, 10**9))
    with pytest.raises(SetupError, match=r"^the disk is too full: 1.0 GB free in .*, 1.5 GB needed$"):
        install.preflight()


def make_setup(python: str, path: Path) -> str:
    """The first line of what `make setup` says with an interpreter that does not fit."""
    done = subprocess.run(
        ["make", "-s", "setup", f"PYTHON={python}"],
        cwd=install.ROOT,
        env={"PATH": f"{path}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode
    return done.stderr.splitlines()[0]


def test_missing_interpreter(tmp_path: Path) -> None:
    line = make_setup("no-such-python", tmp_path)
    assert line == "setup: cannot run no-such-python; name an interpreter: make setup PYTHON=python3.12"


def test_old_interpreter(tmp_path: Path) -> None:
    old = tmp_path / "old-python"
    pretend = "import sys; sys.version_info = (3, 10, 13); exec(sys.argv[1])"
    old.write_text(f"#!/bin/sh\nexec '{sys.executable}' -c '{pretend}' \"$2\"\n")
    old.chmod(0o755)
    line = make_setup("old-python", tmp_path)
    assert line == "setup: old-python is Python 3.10; 3.11, 3.12 or 3.13 is needed"
