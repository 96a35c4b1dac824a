"""Wall: every stored decision comes out the same again, and one that does not is found."""

import json

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from tests.credit.tampering import record_of, tell_otherwise
from tests.platform import Platform
from tests.policies.desk import Desk


@pytest.fixture
def desk(platform: Platform) -> Desk:
    return Desk(platform)


def replay(desk: Desk, monkeypatch: pytest.MonkeyPatch, *options: str) -> Result:
    settings = desk.platform.settings
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    return CliRunner().invoke(main, ["decisions", "replay", "--brand", desk.brand, *options])


def test_nothing_differs_over_versions_and_roll_backs(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.published(50_000)
    desk.decided(40_000)
    second = desk.published(30_000)
    desk.decided(40_000)
    desk.step(desk.checker, second, "roll-back")
    desk.decided(60_000)
    result = replay(desk, monkeypatch)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "3 decisions replayed, 0 differ" in result.stderr


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"inputs": {"requested_amount": "90000.00"}}, "outcome"),
        ({"outcome": "REFER"}, "the row says APPROVE, its record REFER"),
        ({"verdicts": []}, "verdicts.AMOUNT_ABOVE_MAXIMUM"),
        ({"inputs": 5}, "not readable"),
    ],
)
def test_a_record_that_was_tampered_with_is_named(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, change: dict, told: str
) -> None:
    desk.published(50_000)
    kept, tampered = desk.decided(20_000), desk.decided(30_000)
    record = record_of(desk.platform, tampered["id"])
    tell_otherwise(desk.platform, tampered["id"], json.dumps(json.loads(record) | change))
    result = replay(desk, monkeypatch)
    assert result.exit_code == 1
    assert tampered["id"] in result.stdout
    assert told in result.stdout
    assert kept["id"] not in result.stdout


def test_a_record_under_the_hash_of_another_is_found(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.published(50_000)
    kept, tampered = desk.decided(20_000), desk.decided(30_000)
    tell_otherwise(desk.platform, tampered["id"], record_of(desk.platform, kept["id"]), "0" * 64)
    result = replay(desk, monkeypatch)
    assert (result.exit_code, kept["id"] in result.stdout) == (1, False)
    assert f"{tampered['id']}: the record is not that of its hash" in result.stdout


def test_rule_files_that_were_tampered_with_are_found(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    version = desk.published(50_000)
    desk.decided(20_000)
    desk.platform.sql("ALTER TABLE ruleset_text DISABLE TRIGGER never_changed")
    desk.platform.sql(
        "UPDATE ruleset_text SET files = jsonb_set(files, '{features.yaml}', '\"\"') WHERE hash = %s",
        version["rulesetHash"],
    )
    desk.platform.sql("ALTER TABLE ruleset_text ENABLE TRIGGER never_changed")
    from app.policies.service import _compiled

    _compiled.cache_clear()
    result = replay(desk, monkeypatch)
    assert result.exit_code == 1
    assert "cannot be decided again" in result.stdout


def test_since_leaves_out_what_is_older(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.published(50_000)
    desk.decided(20_000)
    assert "0 decisions replayed" in replay(desk, monkeypatch, "--since", "2199-12-31").stderr
    assert "1 decisions replayed" in replay(desk, monkeypatch, "--since", "2020-01-01").stderr


def test_a_record_of_an_older_release_is_no_difference(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.published(50_000)
    decision = desk.decided(20_000)
    record = json.loads(record_of(desk.platform, decision["id"]))
    del record["offer"], record["verdicts"][0]["severity"]
    tell_otherwise(desk.platform, decision["id"], json.dumps(record))
    assert replay(desk, monkeypatch).exit_code == 0


def test_a_brand_that_is_not_there_is_a_mistake_of_the_command(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.brand = "nobody"
    assert replay(desk, monkeypatch).exit_code == 2
