"""Settings for a single command: from outside, from the stack that runs here, or from servers of its own."""

import atexit
import json
import os
import time
from contextlib import ExitStack
from pathlib import Path

from app.core.migrate import migrate
from app.runtime.processes import DirectoryInUse
from app.runtime.services import SERVICES, EmbeddedServices
from app.runtime.stack import ENVIRONMENT_FILE

WAIT_TIMEOUT_S = 30.0
RETRY_INTERVAL_S = 0.5


def var_directory() -> Path:
    """Where stacks keep their data: `var` in the current directory."""
    return Path.cwd() / "var"


def ensure_environment(*, up_to_date: bool = True) -> None:
    """Make os.environ name a PostgreSQL, a Redis and an S3 server that answer.

    What is set stays. The rest comes from the stack running in var/run, or else from servers started there
    for as long as this process lives, their database migrated if `up_to_date`.
    """
    if all(os.environ.get(kind.given_by) for kind in SERVICES):
        return
    directory = var_directory() / "run"
    deadline = time.monotonic() + WAIT_TIMEOUT_S
    while not (_start_own(directory, up_to_date) or _join_running(directory)):
        if time.monotonic() > deadline:
            raise DirectoryInUse(
                f"{directory} is in use by a process that is starting or stopping; try again"
            )
        time.sleep(RETRY_INTERVAL_S)


def _start_own(directory: Path, up_to_date: bool) -> bool:
    running = ExitStack()
    try:
        services = running.enter_context(EmbeddedServices(directory, durable=True, given=os.environ))
    except DirectoryInUse:
        return False
    atexit.register(running.close)
    _adopt(services.environment())
    owner_url = services.environment().get("DATABASE_OWNER_URL")
    if up_to_date and owner_url:
        migrate(owner_url)
    return True


def _join_running(directory: Path) -> bool:
    # Somebody holds the directory, so the file is that of a running stack, or of none that is up yet.
    try:
        _adopt(json.loads((directory / ENVIRONMENT_FILE).read_text()))
    except FileNotFoundError:
        return False
    return True


def _adopt(environment: dict[str, str]) -> None:
    for name, value in environment.items():
        os.environ[name] = os.environ.get(name) or value
