"""The texts that customers are shown, as files: `texts/<version>.<language>.yaml`, the newest version counts."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from app.consents.purposes import PURPOSES

FOLDER = Path(__file__).parent / "texts"
LANGUAGES = ("en", "hi")


@dataclass(frozen=True)
class Text:
    """One text as a customer of one brand reads it. `hash`: SHA-256 of title and body, in hex."""

    purpose: str
    version: str
    language: str
    title: str
    body: str

    @property
    def hash(self) -> str:
        return hashlib.sha256(f"{self.title}\n\n{self.body}".encode()).hexdigest()


@cache
def files() -> dict[tuple[str, str], dict[str, Any]]:
    """Every file, by (version, language)."""
    named = (path.name.split(".") for path in sorted(FOLDER.glob("*.yaml")))
    return {
        (version, language): yaml.safe_load((FOLDER / f"{version}.{language}.yaml").read_text("utf-8"))
        for version, language, _ in named
    }


def text(purpose: str, version: str, language: str, names: Mapping[str, str]) -> Text | None:
    """The text of a purpose in one version, with the brand's `names` in it."""
    file = files().get((version, language), {})
    if purpose not in file:
        return None
    written = file[purpose]
    body = f"{written['text']}\n\n{file['_end']}".format(**names)
    return Text(purpose, version, language, written["title"].format(**names), body)


def newest(language: str, names: Mapping[str, str]) -> list[Text]:
    """The present text of every purpose."""
    versions = sorted((v for v, of in files() if of == language), reverse=True)
    found = (next(filter(None, (text(p, v, language, names) for v in versions)), None) for p in PURPOSES)
    return [one for one in found if one]
