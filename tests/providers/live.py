"""A sandbox over real HTTP, and a listener where its webhooks arrive."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeVar

from app.config import Settings
from app.config.providers import ProviderSettings
from app.providers.base import ProviderClient
from app.providers.breaker import Breakers
from app.providers.pace import Paces
from app.providers.wire import CallRecord
from app.sandbox import create_app
from app.sandbox.server import Server

BRAND = "qualoan"
WAIT_S = 5.0
C = TypeVar("C", bound=ProviderClient)


@dataclass(frozen=True, eq=False)
class Received:
    """One webhook exactly as it arrived."""

    path: str
    headers: Message
    body: bytes


class Listener:
    """Stands where the API stands: answers 200 and keeps what comes."""

    def __init__(self) -> None:
        self._arrived = threading.Condition()
        self._received: list[Received] = []
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                listener._keep(Received(self.path, self.headers, body))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def next(self, *words: str) -> Received:
        """The oldest webhook, not handed out yet, with all these words in its body; waits for it."""
        with self._arrived:
            if not self._arrived.wait_for(lambda: self._find(words), WAIT_S):
                raise TimeoutError(f"no webhook with {words}")
            found = self._find(words)
            self._received.remove(found)
            return found

    def _keep(self, received: Received) -> None:
        with self._arrived:
            self._received.append(received)
            self._arrived.notify_all()

    def _find(self, words: tuple[str, ...]) -> Received | None:
        matching = (r for r in self._received if all(word.encode() in r.body for word in words))
        return next(matching, None)

    @contextmanager
    def serving(self) -> Iterator["Listener"]:
        thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox, its listener, and the records of calls that clients made to it."""

    url: str
    listener: Listener
    records: list[CallRecord]

    def client(self, kind: type[C], **credentials: str) -> C:
        """A client of this sandbox with the default credentials, some of them replaced."""
        settings = ProviderSettings(
            f"{self.url}/{kind.provider}", default_credentials(kind.provider) | credentials
        )
        return kind(
            settings,
            BRAND,
            record=self.records.append,
            breakers=Breakers(),
            paces=Paces(),
            sleep=lambda s: None,
        )


def default_credentials(provider: str) -> dict[str, str]:
    """What the service signs in with when nothing is configured."""
    elsewhere = dict.fromkeys(
        ("database_url", "redis_url", "s3_endpoint", "s3_access_key", "s3_secret_key"), ""
    )
    return dict(Settings(**elsewhere).provider(provider, BRAND).credentials)


@contextmanager
def running_sandbox() -> Iterator[Sandbox]:
    with (
        Listener().serving() as listener,
        Server(create_app(listener.url, delay_s=0.0, timeout_s=1.0)) as server,
    ):
        yield Sandbox(server.url, listener, [])
