"""The credit team publishes from the command line, as itself."""

from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from app.core.identity import Role
from app.demo.client import Authenticator
from app.seed import DEMO_AUTHENTICATOR, DEMO_PASSWORD, email_of
from tests.policies.desk import Desk


@pytest.fixture
def los(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> "Cli":
    for name, value in (
        ("DATABASE_URL", desk.platform.settings.database_url),
        ("S3_BUCKET", desk.platform.settings.s3_bucket),
        ("STAFF_PASSWORD", DEMO_PASSWORD),
    ):
        monkeypatch.setenv(name, value)
    return Cli(desk)


class Cli:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def __call__(self, command: str, *arguments: object, role: Role = Role.CREDIT_EXECUTIVE) -> Result:
        who = ["--as", email_of(role, self.desk.brand)]
        # as if half a minute had passed, for a code works once
        self.desk.platform.sql("UPDATE partner_user SET second_factor_step = 0 WHERE email = %s", who[1])
        code = {"STAFF_CODE": Authenticator(DEMO_AUTHENTICATOR).code()}
        command_line = ["rules", command, self.desk.brand, *map(str, arguments), *who]
        return CliRunner().invoke(main, command_line, env=code)


def written(desk: Desk, directory: Path, maximum: int = 50_000) -> Path:
    for name, text in desk.files(maximum).items():
        (directory / Path(name).name).write_text(text)
    return directory


def test_from_a_folder_to_what_is_in_force(desk: Desk, los: Cli, tmp_path: Path) -> None:
    done = los("publish", written(desk, tmp_path), "--remark", "First policy")
    assert done.exit_code == 0, done.output
    assert "2 cases pass" in done.output
    version_id = done.output.strip().rpartition(" ")[2]
    assert desk.maker.get(f"/policies/versions/{version_id}")["status"] == "SUBMITTED"
    approved = los("approve", version_id, "--remark", "Fine", role=Role.SANCTION_HEAD)
    assert "APPROVED from" in approved.output
    assert desk.in_force()["version"]["id"] == version_id
    assert f"*    1  APPROVED     {version_id}" in los("versions").output


def test_files_of_other_rule_sets_may_lie_beside(desk: Desk, los: Cli, tmp_path: Path) -> None:
    (written(desk, tmp_path) / "cam.yaml").write_text("ruleset: cam\n")
    assert los("publish", tmp_path, "--remark", "x").exit_code == 0


def test_the_maker_cannot_approve_here_either(desk: Desk, los: Cli, tmp_path: Path) -> None:
    done = los("publish", written(desk, tmp_path), "--remark", "x", role=Role.ADMIN)
    version_id = done.output.strip().rpartition(" ")[2]
    refused = los("approve", version_id, "--remark", "y", role=Role.ADMIN)
    assert refused.exit_code == 1
    assert "cannot approve" in refused.stderr


def test_a_wrong_password_acts_for_nobody(
    desk: Desk, los: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAFF_PASSWORD", "guessed")
    refused = los("publish", written(desk, tmp_path), "--remark", "x")
    assert refused.exit_code == 1
    assert "password is not right" in refused.stderr
    assert desk.maker.get("/policies/bre/versions")["items"] == []


def test_whoever_may_not_is_refused(desk: Desk, los: Cli, tmp_path: Path) -> None:
    refused = los("publish", written(desk, tmp_path), "--remark", "x", role=Role.COLLECTION_HEAD)
    assert refused.exit_code == 1
    assert "policy:draft" in refused.stderr


def test_problems_are_told_a_line_each(desk: Desk, los: Cli, tmp_path: Path) -> None:
    written(desk, tmp_path)
    rules = tmp_path / "bre.yaml"
    rules.write_text(rules.read_text().replace("requested_amount >", "requested_amont >"))
    refused = los("publish", tmp_path, "--remark", "x")
    assert refused.exit_code == 1
    assert f"brands/{desk.brand}/bre.yaml:10:" in refused.stderr


def test_failing_cases_are_not_drafted(desk: Desk, los: Cli, tmp_path: Path) -> None:
    refused = los("publish", written(desk, tmp_path, maximum=1_000), "--remark", "x")
    assert refused.exit_code == 1
    assert "SMALL" in refused.stderr
    assert desk.maker.get("/policies/bre/versions")["items"] == []


def test_rolling_back(desk: Desk, los: Cli) -> None:
    desk.published(50_000)
    second = desk.published(30_000)
    done = los("roll-back", second["id"], "--remark", "Too strict", role=Role.SANCTION_HEAD)
    assert done.output.strip() == "bre: version 1 in force"
    assert los("roll-back", uuid4(), "--remark", "x", role=Role.SANCTION_HEAD).exit_code == 1
