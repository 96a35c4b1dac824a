"""What docs/operators.md says is so."""

import re
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from click.testing import CliRunner

from app.cli import main
from app.core.migrate import migrate
from app.runtime import services
from app.runtime.stack import PHASES

PAGE = (Path(__file__).parents[2] / "docs" / "operators.md").read_text()


def test_settings_are_the_table_of_los_settings() -> None:
    table = CliRunner().invoke(main, ["settings"]).output
    assert table in PAGE, "put the output of `los settings` into docs/operators.md"


def test_every_command_of_the_stack_is_listed() -> None:
    programs = [p for phase in PHASES for p in phase if not p.development_only]
    commands = [" ".join(p.command) for p in programs if p.command[0] == "los"]
    assert commands
    assert not [command for command in commands if f"`{command}`" not in PAGE]


def test_sql_makes_a_database_that_can_be_migrated(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "bootstrap", lambda *arguments, **passwords: None)
    given = {"REDIS_URL": "redis://elsewhere", "S3_ENDPOINT": "http://elsewhere"}
    with services.EmbeddedServices(directory, durable=False, given=given) as running:
        address = running.environment()["DATABASE_URL"].partition("@")[2]
        password = services.load_secrets(running.directory)["postgres_password"]
        run_statements(f"postgresql://postgres:{password}@{address.replace('/los', '/postgres')}")
        assert migrate(f"postgresql://los_owner:change%20me@{address}")
        with closing(psycopg2.connect(f"postgresql://los_app:change%20me%20too@{address}")) as connection:
            assert connection.info.user == "los_app"


def run_statements(url: str) -> None:
    sql = re.search(r"```sql\n(.*?)```", PAGE, re.DOTALL)[1]
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for statement in sql.split(";")[:-1]:
                cursor.execute(statement)
