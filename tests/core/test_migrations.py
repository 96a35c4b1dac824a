"""Migrations go forward from an empty database and from every version before, and never change."""

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from shutil import copytree
from uuid import uuid4

import psycopg2
import pytest

from app.core.database import TenantModel
from app.core.migrate import DIRECTORY, MigrationError, migrate
from tests.platform import Platform, create_database

VERSIONS = [path.stem for path in sorted(DIRECTORY.glob("*.sql"))]


@pytest.fixture
def empty(superuser_url: str) -> Iterator[str]:
    """The owner's URL of an empty database."""
    with create_database(superuser_url, f"empty_{uuid4().hex[:8]}", template="template1") as urls:
        # what `bootstrap` grants on a database of its own making
        with (
            closing(psycopg2.connect(urls["SUPERUSER_URL"])) as connection,
            connection,
            connection.cursor() as cursor,
        ):
            cursor.execute("ALTER SCHEMA public OWNER TO los_owner")
        yield urls["DATABASE_OWNER_URL"]


def tables(url: str) -> list[tuple]:
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(
            """SELECT table_name, column_name, data_type, is_nullable, column_default
               FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2"""
        )
        return cursor.fetchall()


def test_from_empty(empty: str) -> None:
    assert migrate(empty) == VERSIONS
    assert migrate(empty) == []


def test_from_every_earlier_version(empty: str, platform: Platform) -> None:
    for version in VERSIONS:
        assert migrate(empty, up_to=version) == [version]
    assert tables(empty) == tables(platform.settings.database_owner_url)


def test_each_has_the_next_number() -> None:
    assert [int(version.partition("_")[0]) for version in VERSIONS] == [*range(1, len(VERSIONS) + 1)]


def test_two_at_once_apply_each_once(empty: str) -> None:
    applied: list[str] = []
    threads = [threading.Thread(target=lambda: applied.extend(migrate(empty))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert applied == VERSIONS


def test_a_changed_migration_is_refused(empty: str, tmp_path: Path) -> None:
    copy = Path(copytree(DIRECTORY, tmp_path / "migrations"))
    migrate(empty, directory=copy)
    first = copy / f"{VERSIONS[0]}.sql"
    first.write_text(first.read_text() + "\n-- changed")
    with pytest.raises(MigrationError, match="was changed"):
        migrate(empty, directory=copy)


def test_a_failing_migration_leaves_nothing_behind(empty: str, tmp_path: Path) -> None:
    copy = Path(copytree(DIRECTORY, tmp_path / "migrations"))
    migrate(empty, directory=copy)
    before = tables(empty)
    (copy / "9999_broken.sql").write_text("CREATE TABLE half (id int); SELECT 1 / 0;")
    with pytest.raises(MigrationError, match="9999_broken: division by zero"):
        migrate(empty, directory=copy)
    assert tables(empty) == before


def all_models(base: type = TenantModel) -> list[type]:
    return [model for sub in base.__subclasses__() for model in (sub, *all_models(sub))]


def test_every_model_has_the_columns_of_its_table(platform: Platform) -> None:
    columns = {(table, column) for table, column, *_ in tables(platform.settings.database_owner_url)}
    declared = {
        (m._meta.table_name, field.column_name) for m in all_models() for field in m._meta.sorted_fields
    }
    assert declared - columns == set()
