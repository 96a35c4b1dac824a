import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from app.runtime.services import EmbeddedServices

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


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServices]:
    with EmbeddedServices(tmp_path_factory.mktemp("runtime") / "a stack", durable=False) as running:
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
