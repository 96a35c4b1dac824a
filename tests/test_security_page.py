"""What the security pages name is there: every test, every setting, every item once."""

import re
from pathlib import Path

import pytest

from app.config import settings_table

ROOT = Path(__file__).parents[1]
PAGES = ["docs/security.md", "docs/security-asvs.md", "docs/privacy.md"]
ASVS = (ROOT / "docs/security-asvs.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (V[\d., V]+) \| ([^|]+) \| ([^|]+) \|$", ASVS, re.MULTILINE)
# OWASP ASVS 5.0.0: requirements of levels 1 and 2, by chapter
LEVEL_2 = [27, 11, 19, 10, 9, 35, 18, 7, 7, 29, 14, 9, 13, 9, 13, 16, 7]


@pytest.mark.parametrize("page", PAGES)
def test_every_test_that_is_named_exists(page: str) -> None:
    named = set(re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", (ROOT / page).read_text(encoding="utf-8")))
    missing = [
        f"{path}::{function}"
        for path, function in named
        if not (ROOT / path).exists()
        or (function and f"def {function}(" not in (ROOT / path).read_text("utf-8"))
    ]
    assert missing == []


@pytest.mark.parametrize("page", PAGES)
def test_every_setting_that_is_named_exists(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:LOS|DATABASE|REDIS|S3)_[A-Z_0-9]+)`", text))
    assert named <= {name for name, *_ in settings_table()}


def test_every_item_of_asvs_level_2_stands_there_once() -> None:
    items = [item for ids, _, _ in ROWS for item in ids.split(", ")]
    assert len(items) == len(set(items)) == sum(LEVEL_2)
    chapters = [int(item[1:].partition(".")[0]) for item in items]
    assert [chapters.count(number) for number in range(1, 18)] == LEVEL_2


def test_every_item_says_what_covers_it_or_why_nothing_does() -> None:
    for ids, _, cover in ROWS:
        assert "`" in cover or "not covered: " in cover or "not tested" in cover, ids


def test_every_item_of_the_api_top_ten_stands_there() -> None:
    text = (ROOT / "docs/security.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| (API\d+:2023) \|", text, re.MULTILINE) == [f"API{n}:2023" for n in range(1, 11)]
