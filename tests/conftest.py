"""Every test runs against real servers: one embedded stack a run, one database a worker, made from a template.

The stack starts in the process that the workers are started from, so they find it in their environment.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, settings

from app.runtime.services import EmbeddedServices, load_secrets
from tests.platform import BRAND, Platform, create_database, running_platform

# how long anything takes is not for tests to say: it depends on the machine, and on what else it does
settings.register_profile("any pace", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any pace")

_TEMPLATE_URL = "LOS_TESTS_SUPERUSER_URL"


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    directory = Path(tempfile.mkdtemp(prefix="los-tests-"))
    services = EmbeddedServices(directory / "servers", durable=False, given={})
    services.__enter__()
    # many people are made and signed in: their passwords cost little here
    environment = services.environment() | {"LOS_PASSWORD_COST": "4"}
    os.environ.update(environment)
    os.environ[_TEMPLATE_URL.removeprefix("LOS_")] = _superuser_url(services, environment["DATABASE_URL"])
    config.add_cleanup(lambda: shutil.rmtree(directory, ignore_errors=True))
    config.add_cleanup(lambda: services.__exit__(None, None, None))
    _prepare_template(environment)


def _superuser_url(services: EmbeddedServices, app_url: str) -> str:
    address = urlsplit(app_url).netloc.rpartition("@")[2]
    return f"postgresql://postgres:{load_secrets(services.directory)['postgres_password']}@{address}/postgres"


def _prepare_template(environment: dict[str, str]) -> None:
    """Migrate and seed the database that each worker copies."""
    from app import connect
    from app.config import Settings
    from app.core.database import db, side_db
    from app.core.migrate import migrate
    from app.seed import seed

    migrate(environment["DATABASE_OWNER_URL"])
    connect(Settings.from_environment(environment))
    seed()
    db.close_all()
    side_db.close_all()


@pytest.fixture(scope="session")
def superuser_url() -> str:
    """The cluster's superuser, for what only tests do: making databases, looking behind row-level security."""
    return os.environ[_TEMPLATE_URL.removeprefix("LOS_")]


@pytest.fixture(scope="session")
def platform(superuser_url: str) -> Iterator[Platform]:
    """The API and the sandbox over HTTP, on a database, a Redis database and a bucket of this worker's own."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    with create_database(superuser_url, f"los_{worker}") as urls, running_platform(urls, worker) as running:
        # customers of all tests fall to the same few people, who must not become full
        running.sql("UPDATE partner_user_brand_role SET capacity = 100000 WHERE brand_id = %s", BRAND)
        yield running
