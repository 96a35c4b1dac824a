"""The main job: three customers through the whole platform, exactly as `make demo` acts it out."""

import re
from pathlib import Path

import pytest

from app.demo import main
from tests.platform import Platform

README = Path(__file__).parents[1] / "README.md"
STEP = re.compile(r"  (.{46}) +\d+ ms")


def told(text: str) -> list[str]:
    """The chapters and steps of a telling, without ids and times, and how many steps it counted."""
    lines = (STEP.match(line) or re.match(r"(\d\. .+|\d+ steps)", line) for line in text.splitlines())
    return [line[1].strip() for line in lines if line]


def test_it_works_and_the_readme_shows_it(
    platform: Platform, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with platform.working():
        code = main(platform.api.base_url, platform.sandbox.base_url, tmp_path)
    printed = capsys.readouterr().out
    assert code == 0, printed
    assert len(list((tmp_path / "artefacts").iterdir())) >= 8
    assert told(README.read_text(encoding="utf-8")) == told(printed)
