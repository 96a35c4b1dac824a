"""Providers are tested over real HTTP: against the sandbox, or against a server that plays a script."""

import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from app.providers.base import ProviderClient
from tests.providers.live import Sandbox, running_sandbox


@pytest.fixture(scope="session")
def _running_sandbox() -> Iterator[Sandbox]:
    with running_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(_running_sandbox: Sandbox) -> Sandbox:
    """The sandbox of the session, without faults, and with a fresh list of records."""
    requests.delete(f"{_running_sandbox.url}/__sandbox__/faults", timeout=5)
    return replace(_running_sandbox, records=[])


@pytest.fixture
def fault(sandbox: Sandbox):
    """fault("digitap", "500", times=2): what goes wrong next in the sandbox."""

    def set_fault(provider: str, kind: str, **more: object) -> None:
        body = {"provider": provider, "fault": kind, **more}
        requests.post(f"{sandbox.url}/__sandbox__/faults", json=body, timeout=5).raise_for_status()

    return set_fault


def hasty(client: ProviderClient, timeout_s: float = 0.2) -> ProviderClient:
    """The same client with less patience, so that a test of a timeout is short."""
    client.operations = {
        name: replace(operation, timeout_s=timeout_s) for name, operation in client.operations.items()
    }
    return client


@dataclass
class Scripted:
    """One answer of the upstream: after wait_s, sent in pieces with pause_s between them."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    wait_s: float = 0.0
    pieces: int = 1
    pause_s: float = 0.0


class Upstream:
    """A provider that plays a script, then answers {} for ever; keeps what it received."""

    def __init__(self) -> None:
        self.script: deque[Scripted] = deque()
        self.received: list[tuple[str, str, dict[str, str], bytes]] = []
        upstream = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                upstream.received.append((self.command, self.path, dict(self.headers), body))
                self.play(upstream.script.popleft() if upstream.script else Scripted())

            do_GET = do_POST

            def play(self, scripted: Scripted) -> None:
                time.sleep(scripted.wait_s)
                try:
                    self.send_pieces(scripted)
                except ConnectionError:
                    self.close_connection = True

            def send_pieces(self, scripted: Scripted) -> None:
                self.send_response(scripted.status)
                for name, value in ({"Content-Length": str(len(scripted.body))} | scripted.headers).items():
                    self.send_header(name, value)
                self.end_headers()
                size = max(1, -(-len(scripted.body) // scripted.pieces))
                for start in range(0, len(scripted.body), size):
                    self.wfile.write(scripted.body[start : start + size])
                    time.sleep(scripted.pause_s)

            def log_message(self, *args: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def plays(self, *answers: Scripted) -> None:
        self.script.extend(answers)


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    upstream = Upstream()
    thread = threading.Thread(target=upstream.server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield upstream
    upstream.server.shutdown()
    thread.join()
    upstream.server.server_close()
