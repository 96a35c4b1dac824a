import os
import socket
import sys
from pathlib import Path

import psutil
import pytest

from app.runtime.processes import (
    Child,
    DirectoryInUse,
    DirectoryLock,
    StackError,
    free_listener,
    free_port,
    stop_all,
)

STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
print(grandchild.pid, flush=True)
time.sleep(600)
"""


def python(code: str, tmp_path: Path, name: str = "task") -> Child:
    return Child(name, [sys.executable, "-c", code], tmp_path / f"{name}.log")


def test_task_that_ends_well(tmp_path: Path) -> None:
    child = python("print('hello')", tmp_path)
    child.wait(10)
    assert child.log.read_text() == "hello\n"


def test_task_that_fails_is_named_with_the_end_of_its_log(tmp_path: Path) -> None:
    child = python("import sys; print('a reason'); sys.exit(3)", tmp_path)
    with pytest.raises(StackError, match=r"(?s)^task ended with 3; its log.*a reason$"):
        child.wait(10)


def test_task_that_takes_too_long(tmp_path: Path) -> None:
    child = python("import time; time.sleep(600)", tmp_path)
    with pytest.raises(StackError, match="did not end in 0 s"):
        child.wait(0.2)
    child.stop()


def test_server_that_is_never_ready(tmp_path: Path) -> None:
    child = python("import time; time.sleep(600)", tmp_path)

    def probe() -> None:
        raise ConnectionRefusedError

    with pytest.raises(StackError, match="was not ready after"):
        child.wait_until(probe, (OSError,), 0.2)
    child.stop()


def test_log_of_the_run_before_is_kept(tmp_path: Path) -> None:
    for number in (1, 2):
        python(f"print({number})", tmp_path).wait(10)
    assert (tmp_path / "task.log").read_text() == "2\n"
    assert (tmp_path / "task.log.1").read_text() == "1\n"


def test_stubborn_child_is_killed_with_its_own(tmp_path: Path) -> None:
    child = python(STUBBORN, tmp_path)

    def grandchild() -> psutil.Process:
        return psutil.Process(int(child.log.read_text()))

    child.wait_until(grandchild, (ValueError,), 10)
    family = [grandchild(), psutil.Process(child.pid)]
    child.stop(timeout_s=0.2)
    assert psutil.wait_procs(family, timeout=5)[1] == []


def test_all_stop(tmp_path: Path) -> None:
    children = [python("import time; time.sleep(600)", tmp_path, name) for name in ("one", "two")]
    stop_all(children)
    assert all(child.exit_code is not None for child in children)


def test_preferred_port_is_taken_when_it_is_free() -> None:
    port = free_port()
    assert free_port(port) == port


def test_another_port_when_the_preferred_one_is_not_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        assert free_port(taken) != taken
        with free_listener(taken) as listener:
            assert listener.getsockname()[1] != taken


def test_lock_is_held_once(tmp_path: Path) -> None:
    first, second = DirectoryLock(tmp_path / "stack"), DirectoryLock(tmp_path / "stack")
    first.acquire()
    with pytest.raises(DirectoryInUse, match=f"in use by process {os.getpid()}"):
        second.acquire()
    first.release()
    second.acquire()
    second.release()


def test_lock_lasts_as_long_as_a_child_that_holds_it(tmp_path: Path) -> None:
    lock = DirectoryLock(tmp_path / "stack")
    lock.acquire()
    command = [sys.executable, "-c", "import time; time.sleep(600)"]
    child = Child("holder", command, tmp_path / "holder.log", descriptors=[lock.descriptor])
    lock.release()
    other = DirectoryLock(tmp_path / "stack")
    with pytest.raises(DirectoryInUse):
        other.acquire(leftovers_timeout_s=0)
    child.stop()
    other.acquire()
    other.release()
