"""Columns of keyed hashes, each with the columns that it is made of: what finds a record, and can be made anew.

Between a new key and the end of `los keys rehash` a value is found by its hash under every key that there is.
"""

from collections.abc import Callable
from typing import Any

from peewee import Expression, TextField

from app.core.crypto import lookup_hash, lookup_hashes
from app.core.database import TenantModel
from app.core.names import NameHashField, hashes


def lowered(text: str) -> str:
    """An e-mail however its letters are written."""
    return text.strip().lower()


class LookupField(TextField):
    """The hash of what stands in the columns `of`, one after the other; `kind` keeps PANs and phones apart."""

    def __init__(
        self, kind: str, *of: str, clean: Callable[[str], str] = str, null: bool = False, **options: Any
    ) -> None:
        super().__init__(null=null, **options)
        self.kind, self.of, self.clean = kind, of, clean

    def hash_of(self, value: str) -> str:
        """What a value is kept and found by from now on."""
        return lookup_hash(self.kind, self.clean(value))

    def hashes_of(self, value: str) -> list[str]:
        """What it is found by, under each key."""
        return lookup_hashes(self.kind, self.clean(value))

    def is_of(self, value: str) -> Expression:
        """The condition that it is the hash of this value."""
        return self.in_(self.hashes_of(value))

    def made_of(self, record: TenantModel) -> str | None:
        """The hash that a record should have; None where nothing is known to make it of."""
        parts = [getattr(record, name) for name in self.of]
        return self.hash_of("".join(parts)) if all(parts) else None


class NamesLookup:
    """The same for the hashes of a name, in the column `name_hash` beside `name`."""

    of = ("name",)

    @staticmethod
    def made_of(record: TenantModel) -> list[str] | None:
        return hashes(record.name) if record.name else None


Lookup = LookupField | type[NamesLookup]


def lookups(model: type[TenantModel]) -> dict[str, Lookup]:
    """The columns of a table that can be made anew, by the names of their fields."""
    found: dict[str, Lookup] = {}
    for name, field in model._meta.fields.items():
        if isinstance(field, LookupField):
            found[name] = field
        elif isinstance(field, NameHashField):
            found[name] = NamesLookup
    return found
