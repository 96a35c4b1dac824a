"""What docs/operators.md says is so."""

import re
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from app.config import settings_table
from app.core.migrate import migrate
from app.runtime import services
from app.runtime.stack import PHASES

PAGE = (Path(__file__).parents[2] / "docs" / "operators.md").read_text()


@pytest.mark.parametrize("row", settings_table(), ids=lambda row: row[0])
def test_every_setting_is_listed(row: tuple[str, str, str]) -> None:
    name, meaning, default = row
    assert f"| `{name}` | {meaning} | {default or 'none'} |" in PAGE


def test_no_other_setting_is_listed() -> None:
    listed = re.findall(r"^\| `([A-Z0-9_]+)` \|", PAGE, re.MULTILINE)
    assert listed == [name for name, _, _ in settings_table()]


def test_every_command_of_the_stack_is_listed() -> None:
    programs = [p for phase in PHASES for p in phase if not p.development_only]
    commands = [" ".join(p.command) for p in programs if p.command[0] == "los"]
    assert commands
    assert not [command for command in commands if f"`{command}`" not in PAGE]


def test_sql_makes_a_database_that_can_be_migrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "bootstrap", lambda *arguments, **passwords: None)
    given = {"REDIS_URL": "redis://elsewhere", "S3_ENDPOINT": "http://elsewhere"}
    with services.EmbeddedServices(tmp_path / "stack", durable=False, given=given) as running:
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
