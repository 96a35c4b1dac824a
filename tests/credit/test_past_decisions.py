"""What a brand has decided is a book: a draft is tried on it, and periods are compared."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from rules.language.files import ROOT
from tests.platform import BRAND, OTHER_BRAND, Platform
from tests.stages import Stages

DAYS = "2000-01-01..2099-12-31"


@pytest.fixture
def los(platform: Platform, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("DATABASE_URL", platform.settings.database_url)
    monkeypatch.chdir(tmp_path)

    def run(command: str, brand: str, *arguments: str) -> Result:
        return CliRunner().invoke(main, ["rules", command, brand, *arguments])

    return run


def draft(brand: str, old: str, new: str) -> None:
    text = (ROOT / "brands" / brand / "bre.yaml").read_text()
    assert old in text
    Path("draft.yaml").write_text(text.replace(old, new))


def test_a_draft_is_tried_on_what_the_brand_decided(platform: Platform, los) -> None:
    approved = Stages(platform).decided("APPROVE")
    rejected = Stages(platform, "OVE").decided("REJECT", amount="20000.00")
    draft(BRAND, "minimum_salary: 35000", "minimum_salary: 900000")
    done = los("backtest", BRAND, "draft.yaml", "--json", "all.json", "--csv", "changed.csv")
    assert done.exit_code == 0, done.output
    told = json.loads(Path("all.json").read_text())
    assert told["book"]["rows"] >= 2
    assert told["total"]["challenger"]["outcomes"]["APPROVE"] == 0
    changed = Path("changed.csv").read_text()
    assert str(approved.id) in changed
    assert str(rejected.id) not in changed


def test_a_brand_is_tried_on_its_own_decisions_alone(platform: Platform, los) -> None:
    mine = Stages(platform).decided("APPROVE")
    draft(OTHER_BRAND, "minimum_salary: 25000", "minimum_salary: 900000")
    Path("changed.csv").write_text("")
    los(
        "backtest", OTHER_BRAND, "draft.yaml", "--csv", "changed.csv"
    )  # of that brand's own loans, if it has any
    assert str(mine.id) not in Path("changed.csv").read_text()


def test_days_without_decisions_are_told(platform: Platform, los) -> None:
    Stages(platform).decided("APPROVE")
    draft(BRAND, "35000", "36000")
    done = los("backtest", BRAND, "draft.yaml", "--until", "2000-01-01")
    assert (done.exit_code, "the book has no rows" in done.output) == (1, True)


def test_what_was_decided_is_compared_with_itself(platform: Platform, los) -> None:
    Stages(platform).decided("APPROVE")
    done = los("drift", BRAND, "--baseline", DAYS, "--current", DAYS)
    assert done.exit_code == 0, done.output
    assert "outcomes: PSI 0.0000, stable" in done.output


def test_a_stored_rule_set_is_named_by_its_hash(platform: Platform, los) -> None:
    stages = Stages(platform).decided("APPROVE")
    decision = stages.staff.get(f"/loans/{stages.id}/decisions")[0]
    done = los("diff", f"{BRAND}/bre@{decision['rulesetHash'][:12]}", f"{BRAND}/bre")
    assert (done.exit_code, done.output) == (0, "They say the same.\n")
    missing = los("diff", f"{BRAND}/bre@{'0' * 12}", f"{BRAND}/bre")
    assert missing.exit_code == 1
    assert "rule set" in missing.output
