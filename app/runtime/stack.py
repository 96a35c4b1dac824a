"""The whole stack on one machine: the servers, the sandbox, the API, the workers and the scheduler.

What runs is the table PHASES; the supervisor (the process that opens a `Stack`) starts it, watches it
and stops it. On a cluster each line of the table is a deployment of its own, see docs/operators.md.
"""

import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from socket import socket
from typing import NoReturn, Self

import requests

from app.config import Settings
from app.runtime.processes import (
    Child,
    DirectoryInUse,
    StackError,
    free_listener,
    stop_all,
    undisturbed,
)
from app.runtime.services import EmbeddedServices, executable, write_private

READY_TIMEOUT_S = 90.0
TASK_TIMEOUT_S = 120.0
WATCH_INTERVAL_S = 0.2
SLOTS_MAX = 20
ENVIRONMENT_FILE = "environment.json"


@dataclass(frozen=True)
class Program:
    """One process of ours. `address_setting`: it listens, and that setting tells the others where."""

    name: str
    command: tuple[str, ...]
    address_setting: str = ""
    port_preferred: int = 0
    task: bool = False  # runs to its end, and has to end well
    development_only: bool = False


# No --preload: it would fork workers from a process in which polars may have started its threads, and
# polars hangs in such a child. Sandbox state is in memory, hence its one worker.
GUNICORN = (
    "gunicorn",
    "--worker-class=gthread",
    "--no-control-socket",
    "--graceful-timeout=8",
    "--log-level=warning",
    # the Account Aggregator's keys are spelt with underscores, and such headers are dropped unless named
    "--forwarder-headers=SCRIPT_NAME,PATH_INFO,CLIENT_API_KEY,AA_API_KEY",
)

# A phase starts when the tasks of the one before have ended.
PHASES: tuple[tuple[Program, ...], ...] = (
    (
        Program("migrate", ("los", "migrate"), task=True),
        Program(
            "sandbox",
            (*GUNICORN, "--workers=1", "--threads=16", "app.sandbox:create_app()"),
            "LOS_SANDBOX_URL",
            port_preferred=4003,
            development_only=True,
        ),
    ),
    (
        Program("seed", ("los", "seed"), task=True),
        Program(
            "api",
            (*GUNICORN, "--workers=2", "--threads=12", "wsgi:app"),
            "LOS_PUBLIC_URL",
            port_preferred=4002,
        ),
        Program("worker-default", ("los", "worker", "default", "bulk")),
        Program("worker-data", ("los", "worker", "pipelines", "reports")),
        Program("scheduler", ("los", "scheduler")),
    ),
)


class Stack:
    """Everything, running while the context is open.

    directory: data, logs and secrets. durable: commits survive a power cut. wipe: start from nothing.
    fixed_ports: take the usual ports when they are free (for people who come back to an address).
    Settings already in `given` are kept; servers named there are not started here.
    Raises SettingsError, or StackError naming the process that did not start, with the end of its log.
    """

    def __init__(
        self,
        directory: Path,
        *,
        durable: bool,
        wipe: bool = False,
        fixed_ports: bool = False,
        given: Mapping[str, str] = os.environ,
        phases: Sequence[Sequence[Program]] = PHASES,
    ) -> None:
        self.directory = directory.resolve()
        self._given = {name: value for name, value in given.items() if value}
        self._fixed_ports = fixed_ports
        self._phases = [[program for program in phase if self._wanted(program)] for phase in phases]
        self._services = EmbeddedServices(directory, durable=durable, given=given, wipe=wipe)
        self._children: list[Child] = []
        self._cleanup = ExitStack()
        self._sockets: dict[str, socket] = {}
        self.environment: dict[str, str] = {}

    def __enter__(self) -> Self:
        with ExitStack() as cleanup:
            cleanup.enter_context(self._services)
            cleanup.callback(self._close_sockets)
            self._open_sockets()
            self._set_environment()
            cleanup.callback(self._stop)
            for phase in self._phases:
                self._run_phase(phase)
            self._wait_until_serving()
            self._publish()
            self._cleanup = cleanup.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._cleanup.close()

    @property
    def api_url(self) -> str:
        """Where the API answers, on this machine."""
        return self._address("api") or ""

    @property
    def sandbox_url(self) -> str | None:
        """Where the provider sandbox answers, if it runs."""
        return self._address("sandbox")

    def check(self) -> None:
        """Raise StackError when a process has ended by itself."""
        for child in (*self._services.children(), *self._children):
            if child.exit_code is not None:
                raise child.failure(f"ended by itself with {child.exit_code}")

    def watch(self) -> NoReturn:
        """Stay until a process ends by itself, and raise StackError naming it."""
        while True:
            self.check()
            time.sleep(WATCH_INTERVAL_S)

    def _wanted(self, program: Program) -> bool:
        return not (program.development_only and self._given.get("LOS_ENVIRONMENT") == "production")

    def _open_sockets(self) -> None:
        # Made here and inherited, so nobody can take a port before its program is up.
        for program in self._programs():
            if program.address_setting:
                port_preferred = program.port_preferred if self._fixed_ports else 0
                self._sockets[program.name] = free_listener(port_preferred)

    def _close_sockets(self) -> None:
        for listener in self._sockets.values():
            listener.close()
        self._sockets.clear()

    def _programs(self) -> list[Program]:
        return [program for phase in self._phases for program in phase]

    def _address(self, name: str) -> str | None:
        listener = self._sockets.get(name)
        return f"http://127.0.0.1:{listener.getsockname()[1]}" if listener else None

    def _set_environment(self) -> None:
        addresses = {p.address_setting: self._address(p.name) for p in self._programs() if p.address_setting}
        own = addresses | self._services.environment() | {"SANDBOX_CALLBACK_URL": self.api_url}
        # What is set outside wins: a public name in front of the API, for instance.
        self.environment = own | self._given
        self.environment["NO_PROXY"] = f"127.0.0.1,{self._given.get('NO_PROXY', '')}"
        Settings.from_environment(self.environment)

    def _run_phase(self, phase: Sequence[Program]) -> None:
        children = [(program, self._launch(program)) for program in phase]
        for program, child in children:
            if program.task:
                child.wait(TASK_TIMEOUT_S)
                self._children.remove(child)

    def _launch(self, program: Program) -> Child:
        name, *arguments = program.command
        listener = self._sockets.get(program.name)
        child = Child(
            program.name,
            [executable(name), *arguments, *([f"--bind=fd://{listener.fileno()}"] if listener else [])],
            self.directory / "logs" / f"{program.name}.log",
            environment=self.environment,
            descriptors=[listener.fileno()] if listener else [],
        )
        self._children.append(child)
        return child

    def _wait_until_serving(self) -> None:
        with requests.Session() as session:
            session.trust_env = False  # no proxy on the way to ourselves
            for child in self._children:
                if url := self._address(child.name):
                    child.wait_until(partial(session.get, url, timeout=5), (OSError,), READY_TIMEOUT_S)
        self.check()

    def _publish(self) -> None:
        known = {key: value for key, value in self.environment.items() if key not in self._given}
        write_private(self.directory / ENVIRONMENT_FILE, json.dumps(known, indent=1))

    def _stop(self) -> None:
        (self.directory / ENVIRONMENT_FILE).unlink(missing_ok=True)
        with undisturbed():
            stop_all(self._children)
        self._children.clear()


@contextmanager
def in_free_slot(base: Path, *, durable: bool) -> Iterator[Stack]:
    """An empty stack in `base`, or in base-2, base-3 ... when other copies run there."""
    with ExitStack() as running:
        yield _first_free(running, base, durable)


def _first_free(running: ExitStack, base: Path, durable: bool) -> Stack:
    for number in range(1, SLOTS_MAX + 1):
        directory = base if number == 1 else base.with_name(f"{base.name}-{number}")
        try:
            return running.enter_context(Stack(directory, durable=durable, wipe=True))
        except DirectoryInUse:
            continue
    raise StackError(f"{base} and the {SLOTS_MAX - 1} places beside it are all in use")
