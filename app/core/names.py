"""Names that are sealed are found by keyed hashes of their words and of how these begin.

``Asha Verma`` has the hashes of ash, asha, ver, verm, verma; they stand in an array beside the ciphertext. They are
bound to the brand, so that equal names of two brands do not look equal. Decision 0014 says what they tell.
"""

import re
import unicodedata
from functools import lru_cache, reduce
from operator import and_
from typing import Any

from peewee import Expression, TextField, Value
from playhouse.postgres_ext import ArrayField

from app.config import settings
from app.core.crypto import hashed, lookup_hashes
from app.core.database import current_brand

BEGINNING_CHARS_MIN = 3
# what comes after is not compared: it bounds how many hashes a name has
WORD_CHARS_MAX, WORDS_MAX = 12, 12
_HASH_CHARS = 12
_BETWEEN = re.compile(r"[\s.,;:'\"`\u2019()/_-]+")


class NameHashField(ArrayField):
    """The hashes of a name that the column before it has sealed."""

    def __init__(self) -> None:
        super().__init__(TextField, index=False, default=list)


def tidy(name: str | None) -> str | None:
    """The name with one space between words; None for none."""
    return " ".join(name.split()) or None if name else None


def words(text: str) -> list[str]:
    """The words of a name or of a search, as they are compared."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return [word[:WORD_CHARS_MAX] for word in _BETWEEN.split(plain) if word][:WORDS_MAX]


def hashes(name: str | None, brand_id: str | None = None) -> list[str]:
    """What a name of this brand is found by, each once and in an order that tells nothing."""
    brand_id, key = brand_id or current_brand(), settings().lookup_keys[0]
    return sorted({found for word in words(name or "") for found in _of_word(key, brand_id, word)})


def as_array(name: str, brand_id: str) -> str:
    """The same as PostgreSQL writes an array, for COPY."""
    return f"{{{','.join(hashes(name, brand_id))}}}"


def sealed_with_hashes(name: str | None) -> dict[str, Any]:
    """`name` and `name_hash` of a record, which are always written together."""
    return {"name": tidy(name), "name_hash": hashes(name)}


def has_words(field: ArrayField, text: str) -> Expression | Value:
    """The condition that a name has every word of `text`, or one that begins so; short words are found whole."""
    asked = [
        field.contains_any(*map(_short, lookup_hashes("name", f"{current_brand()}|{word}")))
        for word in words(text)
    ]
    return reduce(and_, asked) if asked else Value(False)


@lru_cache(10_000)
def _of_word(key: bytes, brand_id: str, word: str) -> tuple[str, ...]:
    # most names are made of a few thousand words
    beginnings = [word[:length] for length in range(BEGINNING_CHARS_MIN, len(word))]
    return tuple(_short(hashed(key, "name", f"{brand_id}|{part}")) for part in (word, *beginnings))


def _short(found: str) -> str:
    return found[:_HASH_CHARS]
