"""The platform as tests meet it: served over HTTP, with the outbox relayed and the jobs run on demand."""

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from itertools import count
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import psycopg2
import redis
from rq import Queue
from werkzeug.serving import WSGIRequestHandler, make_server

from app import create_app
from app.config import Settings, use
from app.consents import service as consents
from app.core.database import brand_scope
from app.core.identity import Actor, Role, acting
from app.core.limits import RATE_LIMITS
from app.core.relay import relay_once
from app.core.worker import WORKERS
from app.demo.client import CustomerApp, Http, Portal, Sandbox
from app.sandbox import create_app as create_sandbox
from app.sandbox.server import Server
from app.seed import DEMO_PASSWORD, email_of
from storage import Storage

T = TypeVar("T")
TEXT_VERSION = "2026-01"  # of the texts of consents
BRAND, OTHER_BRAND = "qualoan", "paisapop"
PATIENCE_S = 20
_PANS = count()


class _Handler(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Quiet."""

    def make_environ(self) -> dict[str, Any]:
        # ReBIT's `aa_api_key` is spelt with underscores: werkzeug leaves such headers out
        spelt = {f"HTTP_{name.upper()}": value for name, value in self.headers.items() if "_" in name}
        return spelt | super().make_environ()


@dataclass(frozen=True, eq=False)
class Platform:
    """A running platform."""

    settings: Settings
    api: Http
    sandbox: Sandbox
    redis: redis.Redis
    superuser_url: str

    def staff(self, role: Role = Role.ADMIN, brand_id: str = BRAND) -> Portal:
        """Somebody with `role`, signed in."""
        return _signed_in(self, role, brand_id)

    def customer(
        self,
        pan: str | None = None,
        brand_id: str = BRAND,
        *,
        signed_in: bool = True,
        consents: Sequence[str] = ("KYC", "AA", "BSA"),
    ) -> CustomerApp:
        """A customer; without a PAN a new good salaried person whom no other test knows."""
        person = self.sandbox.person(pan or new_pan("GOO"))
        app = CustomerApp(self.api, self.sandbox, brand_id, person)
        if signed_in:
            with self.working():
                customer_id = app.sign_in()["id"]
            _consent(customer_id, brand_id, consents)
        return app

    def drain(self) -> None:
        """Relay what is due and run every job, until nothing is due."""
        queues = [Queue(name, connection=self.redis) for name in WORKERS]
        while relay_once(self.redis):
            # what a worker does with a job, without its birth, heartbeats and burial for every few of them
            while taken := Queue.dequeue_any(queues, None, connection=self.redis):
                taken[0].perform()

    def until(self, look: Callable[[], T | None], what: str) -> T:
        """Drain until `look` finds something."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            self.drain()
            found = look()
            if found:
                return found
            time.sleep(0.02)
        raise TimeoutError(f"waited in vain for {what}")

    @contextmanager
    def working(self) -> Iterator[None]:
        """Jobs run in the background while the block lasts, those of its end too."""
        stop = threading.Event()

        def work() -> None:
            while not stop.is_set():
                self.drain()
                stop.wait(0.02)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
            self.drain()

    @contextmanager
    def set(self, **changes: object) -> Iterator[None]:
        """The API under other settings while the block lasts."""
        use(replace(self.settings, **changes))
        try:
            yield
        finally:
            use(self.settings)

    def sql(self, statement: str, *values: object) -> list[tuple]:
        """Ask the database as its superuser, whom row-level security does not hold."""
        with (
            closing(psycopg2.connect(self.superuser_url)) as connection,
            connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []


def _consent(customer_id: str, brand_id: str, purposes: Sequence[str]) -> None:
    with acting(Actor(customer_id, frozenset({Role.CUSTOMER}))), brand_scope(brand_id):
        for purpose in purposes:
            consents.give(customer_id, purpose, TEXT_VERSION)


@cache
def _signed_in(platform: Platform, role: Role, brand_id: str) -> Portal:
    return Portal(platform.api, email_of(role, brand_id), DEMO_PASSWORD, brand_id)


def new_pan(persona: str) -> str:
    """A PAN nobody had before, of a persona by its first three letters (see `app.sandbox.personas`).

    Counted, not drawn: among some thousand drawn ones two would be alike now and then."""
    rest, digits = divmod(next(_PANS), 9_999)
    first, last = divmod(rest, 26)
    return f"{persona}P{chr(ord('A') + first)}{1 + digits:04d}{chr(ord('A') + last)}"


@contextmanager
def create_database(superuser_url: str, name: str, template: str = "los") -> Iterator[dict[str, str]]:
    """A database like `template` while the block lasts. Yields the URLs of its roles."""
    with closing(psycopg2.connect(superuser_url)) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" OWNER los_owner')
        try:
            yield {
                "DATABASE_URL": _on(os.environ["DATABASE_URL"], name),
                "DATABASE_OWNER_URL": _on(os.environ["DATABASE_OWNER_URL"], name),
                "SUPERUSER_URL": _on(superuser_url, name),
            }
        finally:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _on(url: str, database: str) -> str:
    return f"{url.rpartition('/')[0]}/{database}"


@contextmanager
def running_platform(urls: dict[str, str], worker: str) -> Iterator[Platform]:
    """Serve the API and the sandbox from threads of this process."""
    number = int(worker.removeprefix("gw")) + 1 if worker.startswith("gw") else 0
    rules_directory = TemporaryDirectory(prefix="los-rules-")
    environment = os.environ | urls | {"REDIS_URL": f"{os.environ['REDIS_URL'].rstrip('/')}/{number}"}
    environment |= {
        "S3_BUCKET": f"los-{worker}",
        "LOS_RULES_DIRECTORY": rules_directory.name,
        "LOS_LOG_LEVEL": "ERROR",
        # who signs in again waits for nothing here; the tests of sign-in set what they are about
        "LOS_OTP_RESEND_S": "0",
        # workers make reports; the tests of what is made at once set it
        "LOS_REPORT_ROWS_AT_ONCE": "0",
        # and nothing is told that was counted before
        "LOS_FIGURES_KEPT_S": "0",
        # somebody signed in once serves all tests
        "LOS_ACCESS_TOKEN_MINUTES": "120",
    }
    environment |= {f"LOS_LIMIT_{limit.name.upper()}": "1000000/minute" for limit in RATE_LIMITS}
    environment.pop("SUPERUSER_URL")
    listener = make_server("127.0.0.1", 0, _not_yet, threaded=True, request_handler=_Handler)
    api_url = f"http://127.0.0.1:{listener.server_port}"
    sandbox_app = create_sandbox(api_url, delay_s=0.01, timeout_s=1.0)
    with rules_directory, closing(listener.socket), Server(sandbox_app) as sandbox:
        settings = replace(
            Settings.from_environment(environment), sandbox_url=sandbox.url, public_url=api_url
        )
        _make_bucket(settings)
        listener.app = create_app(settings)
        thread = threading.Thread(target=listener.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        connection = redis.Redis.from_url(settings.redis_url)
        connection.flushdb()
        yield Platform(settings, Http(api_url), Sandbox(sandbox.url), connection, urls["SUPERUSER_URL"])
        listener.shutdown()
        thread.join()


def _not_yet(environ: dict[str, Any], start_response: Callable) -> list[bytes]:
    start_response("503 Service Unavailable", [])
    return []


def _make_bucket(settings: Settings) -> None:
    keys = (settings.s3_endpoint, settings.s3_access_key, settings.s3_secret_key)
    Storage(*keys, bucket=settings.s3_bucket, region=settings.s3_region).ensure_bucket()
