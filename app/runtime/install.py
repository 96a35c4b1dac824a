"""Make `.venv` with the pinned dependencies: what `make setup` runs, with nothing but the standard library.

It does nothing when the environment is there and fits. Two at once wait for each other.
"""

import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
VERSION = sysconfig.get_python_version()
STAMP = VENV / "setup-stamp"
LOG = ROOT / "var" / "setup.log"
INPUTS = ("setup.cfg", "constraints.txt", "pyproject.toml")
DISK_FREE_BYTES_MIN = 1_500_000_000
LOG_LINES_SHOWN = 20

# durable-rules asks for a function that Python 3.13 no longer has; this one does the same on every version.
COMPILER_FLAG = "-DPyEval_CallObject=PyObject_CallObject"

# Builds use the pinned build tools, not whatever is newest on the day. No cache for durable-rules: it may
# hold one that was built without the flag.
PIP_STEPS = (
    ("setuptools", "wheel"),
    ("--no-build-isolation", "--no-cache-dir", "durable-rules"),
    ("--no-build-isolation", "--editable", ".[dev]"),
)


class SetupError(Exception):
    """Something the machine lacks. The text is the one line to print."""


def compiler() -> str | None:
    """The C compiler to use: CC if it is set, else what Python was built with, else a usual name."""
    if os.environ.get("CC"):
        return os.environ["CC"]
    names = (sysconfig.get_config_var("CC") or "cc", "cc", "gcc", "clang")
    return next((name for name in names if shutil.which(name.split()[0])), None)


def _check_venv() -> str | None:
    if importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip"):
        return None
    return f"Python has no venv and ensurepip; on Debian: apt install python{VERSION}-venv"


def _check_compiler() -> str | None:
    found = compiler()
    if found and shutil.which(found.split()[0]):
        return None
    return f"no C compiler ({found or 'cc, gcc, clang'} not found); on Debian: apt install gcc libc6-dev"


def _check_headers() -> str | None:
    header = Path(sysconfig.get_path("include"), "Python.h")
    if header.exists():
        return None
    return f"no Python headers ({header}); on Debian: apt install python{VERSION}-dev"


def _check_disk() -> str | None:
    free = shutil.disk_usage(ROOT).free
    if free >= DISK_FREE_BYTES_MIN:
        return None
    return (
        f"the disk is too full: {free / 1e9:.1f} GB free in {ROOT}, {DISK_FREE_BYTES_MIN / 1e9:.1f} GB needed"
    )


def _check_writable() -> str | None:
    return None if os.access(ROOT, os.W_OK) else f"cannot write in {ROOT}"


CHECKS: tuple[Callable[[], str | None], ...] = (
    _check_writable,
    _check_venv,
    _check_compiler,
    _check_headers,
    _check_disk,
)


def preflight() -> None:
    """Raise SetupError, one line, for the first thing that the machine lacks."""
    for check in CHECKS:
        if problem := check():
            raise SetupError(problem)


def wanted_stamp() -> dict[str, str]:
    """What the environment is made from. `base` differing means making it again from nothing."""
    content = hashlib.sha256(b"".join((ROOT / name).read_bytes() for name in INPUTS))
    return {"base": f"Python {VERSION} in {ROOT}", "inputs": content.hexdigest()}


def found_stamp() -> dict[str, str]:
    """What the environment was made from; empty when there is none or it was left half made."""
    try:
        return json.loads(STAMP.read_text())
    except (FileNotFoundError, ValueError):
        return {}


@contextmanager
def only_one() -> Iterator[None]:
    """Hold the lock that makes a second `make` wait for the first."""
    (ROOT / "var").mkdir(exist_ok=True)
    with open(ROOT / "var" / "setup.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("setup: waiting for another make to finish it ...", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def install(wanted: dict[str, str]) -> None:
    """Make or bring up to date `.venv`, quietly; its output goes to var/setup.log."""
    fresh = found_stamp().get("base") != wanted["base"]
    STAMP.unlink(missing_ok=True)
    python = str(VENV / "bin" / "python")
    pip = [python, "-m", "pip", "install", "--disable-pip-version-check", "--constraint", "constraints.txt"]
    with open(LOG, "w") as log:
        if fresh:
            shutil.rmtree(VENV, ignore_errors=True)
            # Not sys.executable: that may be the .venv just removed.
            _run([sys._base_executable, "-m", "venv", str(VENV)], log)
        for arguments in PIP_STEPS:
            _run([*pip, *arguments], log)
    STAMP.write_text(json.dumps(wanted))


def _run(command: list[str], log: IO[str]) -> None:
    environment = {**os.environ, "CC": f"{compiler()} {COMPILER_FLAG}"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT, check=False
    )
    if done.returncode:
        log.flush()
        tail = "\n".join(LOG.read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:])
        raise SetupError(f"{command[2]} failed; all of it is in {LOG}, its end:\n{tail}")


def main() -> None:
    """Check the machine and install, if there is anything to do."""
    wanted = wanted_stamp()
    if found_stamp() == wanted:
        return
    preflight()
    with only_one():
        if found_stamp() != wanted:
            print(
                f"setup: making .venv with Python {sysconfig.get_python_version()}; a minute or two ...",
                flush=True,
            )
            install(wanted)
            print("setup: done")


if __name__ == "__main__":
    try:
        main()
    except (SetupError, OSError) as error:
        sys.exit(f"setup: {error}")
