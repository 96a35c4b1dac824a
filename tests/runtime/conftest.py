import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from app.runtime.services import EmbeddedServices

# Settings of servers that are not there, for what needs none.
NO_SERVERS = {
    "PATH": os.environ["PATH"],
    "DATABASE_URL": "postgresql://127.0.0.1:1/los",
    "REDIS_URL": "redis://127.0.0.1:1",
    "S3_ENDPOINT": "http://127.0.0.1:1",
    "S3_ACCESS_KEY": "access-key",
    "S3_SECRET_KEY": "secret-key",
}

# Starts servers in a directory, says which, and waits to be killed.
SUPERVISOR = """
import sys, time
from pathlib import Path
from app.runtime.services import EmbeddedServices
with EmbeddedServices(Path(sys.argv[1]), durable=False) as services:
    print(*(child.pid for child in services.children()), flush=True)
    time.sleep(600)
"""

Supervise = Callable[[Path], tuple[subprocess.Popen[str], list[psutil.Process]]]


@contextmanager
def folder() -> Iterator[Path]:
    """A place for servers.

    Not tmp_path: as root, PostgreSQL's own user has to get there, and pytest closes the folder above
    tmp_path to everybody else whenever another run starts.
    """
    with tempfile.TemporaryDirectory(prefix="los-tests-") as path:
        yield Path(path)


@pytest.fixture
def directory() -> Iterator[Path]:
    """The directory of a stack, yet to be made."""
    with folder() as path:
        yield path / "a stack"


@pytest.fixture(scope="module")
def services() -> Iterator[EmbeddedServices]:
    """Servers that the tests of a module share."""
    with folder() as path, EmbeddedServices(path / "a stack", durable=False) as running:
        yield running


@pytest.fixture
def supervise() -> Iterator[Supervise]:
    """Run the servers of a directory under another process; gives that process and its servers."""
    started: list[subprocess.Popen[str]] = []

    def start(directory: Path) -> tuple[subprocess.Popen[str], list[psutil.Process]]:
        command = [sys.executable, "-c", SUPERVISOR, str(directory)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        started.append(process)
        pids = process.stdout.readline().split()
        return process, [psutil.Process(int(pid)) for pid in pids]

    yield start
    for process in started:
        process.kill()
        process.communicate()
