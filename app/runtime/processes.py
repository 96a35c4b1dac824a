"""Child processes: started in the foreground, logged, waited for, and never left behind."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

LEASH = str(Path(__file__).with_name("leash.py"))
LOG_LINES_SHOWN = 12
POLL_INTERVAL_S = 0.05
STOP_TIMEOUT_S = 10.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StackError(Exception):
    """A part of the stack cannot run. The text is one line, then the end of a log if there is one."""


class DirectoryInUse(StackError):
    """Another process runs on this directory."""


class DirectoryLock:
    """A lock on a directory that ends with the last process holding it, however that process ends.

    A child that is given `descriptor` holds it too: a directory stays locked until the servers that
    write in it have stopped, even when the process that started them was killed.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.parent.mkdir(parents=True, exist_ok=True)
        # beside the directory, which may be wiped
        self._file = open(directory.with_name(f"{directory.name}.lock"), "a+")  # noqa: SIM115
        self.descriptor = self._file.fileno()

    def acquire(self, leftovers_timeout_s: float = 20) -> None:
        """Take the lock. Servers left behind by a process that was killed get time to stop.

        Raises DirectoryInUse, at once when the process that took the lock is alive.
        """
        deadline = time.monotonic() + leftovers_timeout_s
        while not self._try():
            holder = self._holder()
            if psutil.pid_exists(holder) or time.monotonic() > deadline:
                raise DirectoryInUse(f"{self._directory} is in use by process {holder}")
            time.sleep(POLL_INTERVAL_S)
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def _try(self) -> bool:
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _holder(self) -> int:
        self._file.seek(0)
        return int(self._file.read() or 0)

    def release(self) -> None:
        """Let go. Closing, not unlocking, so that children which still run keep it."""
        self._file.close()


@contextmanager
def undisturbed() -> Iterator[None]:
    """Ignore requests to stop while stopping: a second Ctrl-C must not leave a half."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def free_port(preferred: int = 0) -> int:
    """A port of 127.0.0.1 that nobody listens on now: `preferred` if it is one."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return probe.getsockname()[1]
    raise StackError("no free port on 127.0.0.1")


def free_listener(preferred: int = 0) -> socket.socket:
    """A socket listening on 127.0.0.1, to be handed to a child: its port cannot be taken in between."""
    for port in (preferred, 0):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
            listener.listen(512)
        except OSError:
            listener.close()
            continue
        return listener
    raise StackError("no free port on 127.0.0.1")


class Child:
    """One process of ours, its output in a log file. Start it from a thread that stays: it ends with that."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        *,
        environment: Mapping[str, str] | None = None,
        user: str = "",
        stop_signal: signal.Signals = signal.SIGTERM,
        descriptors: Sequence[int] = (),
    ) -> None:
        self.name = name
        self.log = log
        self._stop_signal = stop_signal
        self._asked = False
        log.parent.mkdir(parents=True, exist_ok=True)
        if log.exists():
            log.replace(log.with_suffix(".log.1"))
        leash = [sys.executable, "-I", "-S", LEASH, str(int(stop_signal)), str(os.getpid()), user]
        with open(log, "wb") as output:
            self._process = subprocess.Popen(
                [*leash, *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                pass_fds=descriptors,
                # Ctrl-C in the terminal reaches the supervisor alone, which stops the others in order.
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative when a signal ended it."""
        return self._process.poll()

    def failure(self, what: str) -> StackError:
        """An error naming this process and showing the end of its log."""
        lines = self.log.read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:]
        return StackError("\n    ".join([f"{self.name} {what}; its log, {self.log}, ends:", *lines]))

    def wait_until(
        self, probe: Callable[[], object], ignored: tuple[type[Exception], ...], timeout_s: float
    ) -> None:
        """Wait until `probe` raises none of `ignored`; StackError when it ends or time is up first."""
        deadline = time.monotonic() + timeout_s
        while self.exit_code is None:
            try:
                probe()
                return
            except ignored:
                if time.monotonic() > deadline:
                    raise self.failure(f"was not ready after {timeout_s:.0f} s") from None
            time.sleep(POLL_INTERVAL_S)
        raise self.failure(f"ended with {self.exit_code} while starting")

    def wait(self, timeout_s: float) -> None:
        """Wait for a task to end well. StackError when it does not."""
        try:
            if self._process.wait(timeout_s):
                raise self.failure(f"ended with {self.exit_code}")
        except subprocess.TimeoutExpired:
            raise self.failure(f"did not end in {timeout_s:.0f} s") from None

    def ask_to_stop(self) -> None:
        """Send the signal for an orderly end, once: many programs take a second one for haste."""
        if self.exit_code is None and not self._asked:
            self._process.send_signal(self._stop_signal)
        self._asked = True

    def stop(self, timeout_s: float = STOP_TIMEOUT_S) -> None:
        """End it and whatever it started: asked first, killed after `timeout_s`."""
        self.ask_to_stop()
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            _kill_tree(self.pid)
            self._process.wait()


def stop_all(children: Sequence[Child]) -> None:
    """Ask all of them to stop at once, then see each one end, the last started first."""
    for child in reversed(children):
        child.ask_to_stop()
    for child in reversed(children):
        child.stop()


def _kill_tree(pid: int) -> None:
    try:
        root = psutil.Process(pid)
        family = [*root.children(recursive=True), root]
    except psutil.NoSuchProcess:
        return
    for process in family:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
