"""The languages of our documents: the words of each are a file, the same in shape for all."""

import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).with_name("words")
LANGUAGES = ("en", "hi")
DEFAULT = "en"
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@cache
def words(language: str) -> dict[str, Any]:
    """What our documents say in a language: `words/<language>.yaml`."""
    return yaml.safe_load((FOLDER / f"{language}.yaml").read_text("utf-8"))


def chosen(preferred: str | None, offered: list[str]) -> str:
    """The customer's language where the brand offers it, else the brand's first."""
    return preferred if preferred in offered else offered[0]


def long_date(day: date, language: str = DEFAULT) -> str:
    """8 April 2026."""
    return f"{day.day} {words(language)['months'][day.month - 1]} {day.year}"


def key_fact(text: str, language: str) -> str:
    """A title or value of `pipelines.loans.kfs_rows`, which speaks English, in a language; dates written out.

    A name that the brand chose (a charge of its own) stays as it is.
    """
    if _ISO_DATE.fullmatch(text):
        return long_date(date.fromisoformat(text), language)
    for pattern, translated in _phrases(language):
        found = pattern.fullmatch(text)
        if found:
            return translated.format(*(key_fact(part, language) for part in found.groups()))
    return text


@cache
def _phrases(language: str) -> list[tuple[re.Pattern[str], str]]:
    """Those without a gap first, as they say more."""
    known = words(language).get("key_fact_words", {})
    return [
        (re.compile(re.escape(phrase).replace(r"\{\}", "(.+)")), translated)
        for phrase, translated in sorted(known.items(), key=lambda pair: "{}" in pair[0])
    ]
