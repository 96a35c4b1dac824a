"""The pattern file, read once and turned into polars expressions."""

import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import polars as pl
import yaml

PATTERN_FILE = Path(__file__).with_name("patterns.yaml")

_BETWEEN_WORDS = "[^A-Z0-9]*"
_ANYTHING = "[^A-Z](?:.*[^A-Z])?"


class PatternFileError(ValueError):
    """The pattern file says something that cannot be read; `entry` says where."""

    def __init__(self, entry: str, reason: str) -> None:
        super().__init__(f"{entry}: {reason}")
        self.entry = entry
        self.reason = reason


@dataclass(frozen=True)
class Category:
    """One line of the category table: the transaction is `id` when all stated conditions hold."""

    id: str
    side: str | None = None
    channel: tuple[str, ...] = ()
    name: str | None = None
    any: str | None = None
    none: str | None = None

    def holds(self) -> pl.Expr:
        """Over a frame with text, side, channel and one column per name list."""
        conditions = [pl.lit(True)]
        if self.side:
            conditions.append(pl.col("side") == self.side)
        if self.channel:
            conditions.append(pl.col("channel").is_in(self.channel))
        if self.name:
            conditions.append(pl.col(self.name).is_not_null())
        if self.any:
            conditions.append(pl.col("text").str.contains(self.any))
        if self.none:
            conditions.append(~pl.col("text").str.contains(self.none))
        return pl.all_horizontal(conditions)


@dataclass(frozen=True)
class NameList:
    """Names that identify a party: `find` captures what was written, `names` says whose name that is."""

    find: str
    names: dict[str, str]

    def expression(self) -> pl.Expr:
        """The canonical name found in `text`, or null."""
        written = pl.col("text").str.extract(self.find, 1).str.replace_all(r"[^A-Z0-9]", "")
        return written.replace_strict(self.names, default=None, return_dtype=pl.String)


@dataclass(frozen=True)
class Patterns:
    """The whole file: channels and categories in the order in which they are tried."""

    channels: tuple[tuple[str, str], ...]
    names: dict[str, NameList]
    categories: tuple[Category, ...]
    reasons: tuple[tuple[str, str], ...]
    noise: str
    leading_noise: str
    company: str

    @cached_property
    def channel(self) -> pl.Expr:
        """The first channel whose phrases are in `text`, else OTHER."""
        return _first_of(self.channels, "OTHER")

    @cached_property
    def reason(self) -> pl.Expr:
        """Why `text` says that something bounced, else UNSTATED."""
        return _first_of(self.reasons, "UNSTATED")

    @cached_property
    def category(self) -> pl.Expr:
        """The first category that holds; the file ends with one that always does for each side."""
        return pl.coalesce(*[pl.when(entry.holds()).then(pl.lit(entry.id)) for entry in self.categories])


def _first_of(table: tuple[tuple[str, str], ...], otherwise: str) -> pl.Expr:
    text = pl.col("text").str
    branches = [pl.when(text.contains(find)).then(pl.lit(key)) for key, find in table]
    return pl.coalesce(*branches, pl.lit(otherwise))


@cache
def load_patterns(path: Path = PATTERN_FILE) -> Patterns:
    """Reads a pattern file. Raises PatternFileError naming the entry that is wrong."""
    with path.open(encoding="utf-8") as stream:
        return read_patterns(yaml.safe_load(stream))


def read_patterns(file: dict[str, Any]) -> Patterns:
    """Turns the parsed pattern file into expressions. Raises PatternFileError."""
    words = file.get("words", {})
    names = {key: _name_list(key, entries) for key, entries in file["names"].items()}
    categories = tuple(_category(entry, words, names) for entry in file["categories"])
    for side in ("CR", "DR"):
        if not any(entry == Category(entry.id, side) for entry in categories):
            raise PatternFileError("categories", f"nothing takes every remaining {side}")
    return Patterns(
        channels=tuple((entry["id"], _alternatives(entry["any"], words)) for entry in file["channels"]),
        names=names,
        categories=categories,
        reasons=tuple((key, _alternatives(any_of, words)) for key, any_of in file["reasons"].items()),
        noise=_words(file["noise"]["anywhere"]),
        leading_noise=r"(^|[-/*:|,])[^A-Z]*(?:" + _words(file["noise"]["leading"]) + r"[^A-Z]*)+",
        company=_alternatives(file["company"], words),
    )


def _category(entry: dict[str, Any], words: dict[str, list[str]], names: dict[str, NameList]) -> Category:
    unknown = entry.keys() - {"id", "side", "channel", "name", "any", "none"}
    if unknown:
        raise PatternFileError(f"categories.{entry.get('id')}", f"does not know {sorted(unknown)}")
    if entry.get("name", next(iter(names))) not in names:
        raise PatternFileError(f"categories.{entry['id']}", f"there is no name list {entry['name']}")
    return Category(
        id=entry["id"],
        side=entry.get("side"),
        channel=tuple(entry.get("channel", ())),
        name=entry.get("name"),
        any=_alternatives(entry["any"], words) if "any" in entry else None,
        none=_alternatives(entry["none"], words) if "none" in entry else None,
    )


def _alternatives(phrases: list[str], words: dict[str, list[str]]) -> str:
    return "|".join(_bounded(phrase, _phrase(phrase, words)) for phrase in map(str, phrases))


def _words(words: list[str]) -> str:
    return r"\b(?:" + "|".join(re.escape(word).replace(r"\*", "[A-Z]*") for word in words) + r")\b"


def _phrase(phrase: str, words: dict[str, list[str]]) -> str:
    """The regular expression of a phrase, without its outer boundaries."""
    stretches = phrase.upper().split("...")
    return _ANYTHING.join(
        _BETWEEN_WORDS.join(_token(token, words) for token in stretch.split()) for stretch in stretches
    )


def _token(token: str, words: dict[str, list[str]]) -> str:
    if not token.startswith("<"):
        return re.escape(token).replace(r"\*", "[A-Z0-9]*").replace(r"\#", "[0-9]+")
    name = token.strip("<>").lower()
    if name not in words:
        raise PatternFileError(f"words.{name}", "is used in a phrase but not declared")
    return "(?:" + "|".join(_phrase(word, {}) for word in words[name]) + ")"


def _bounded(phrase: str, find: str) -> str:
    """A phrase starts and ends where its first and last run of letters or digits does."""
    first, last = phrase[0], phrase[-1]
    before = (
        "(?:^|[^A-Z])" if first.isalpha() or first == "<" else "(?:^|[^A-Z0-9])" if first.isdigit() else ""
    )
    after = "(?:[^A-Z]|$)" if last.isalpha() or last == ">" else "(?:[^0-9]|$)" if last.isdigit() else ""
    return f"{before}(?:{find}){after}"


def _name_list(key: str, entries: dict[str, list[str]]) -> NameList:
    phrases = [(name, str(phrase).upper()) for name, listed in entries.items() for phrase in listed]
    for name, phrase in phrases:
        if not _stem(phrase) or re.search(r"[#<]|\*.", phrase):
            raise PatternFileError(
                f"names.{key}.{name}", f"{phrase} may only hold words, and one * at the end"
            )
    return NameList(
        find="(?:^|[^A-Z])(" + "|".join(_written(phrase) for _, phrase in phrases) + ")",
        names={_stem(phrase): name for name, phrase in reversed(phrases)},
    )


def _written(phrase: str) -> str:
    """Finds the fixed part of a name, so that what is captured is the key of the name."""
    find = _phrase(phrase.rstrip("*"), {})
    return find if phrase.endswith("*") else rf"{find}\b"


def _stem(phrase: str) -> str:
    return re.sub("[^A-Z0-9]", "", phrase)
