"""The banks that are known by name (banks.yaml)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

import yaml

ANY = "*"
_FIELD = re.compile(r"\{(?P<name>\w+)(?::(?P<cut>-?\d+|%[^|}]+))?(?:\|(?P<change>\w+))?\}")


@dataclass(frozen=True)
class Bank:
    """A bank: what it calls itself, how its IFSCs begin, how it locks its PDFs."""

    code: str
    names: tuple[str, ...]
    ifsc: tuple[str, ...]
    passwords: tuple[str, ...]


@cache
def banks() -> dict[str, Bank]:
    """Every bank of the table by its code."""
    table = yaml.safe_load(files("pipelines.statements").joinpath("banks.yaml").read_text("utf-8"))
    return {
        code: Bank(code, *(tuple(entry.get(key, ())) for key in ("names", "ifsc", "passwords")))
        for code, entry in table.items()
    }


def bank_of_ifsc(ifsc: str) -> str | None:
    """The code of the bank whose IFSC it is; the four letters themselves where the bank is not in the table."""
    prefix = ifsc[:4].upper()
    return next((bank.code for bank in banks().values() if prefix in bank.ifsc), prefix or None)


def bank_named_in(text: str) -> str | None:
    """The bank whose name stands first in a text; of two at one place the longer name."""
    lowered = " ".join(text.lower().split())
    found = [
        (lowered.find(name.lower()), -len(name), bank.code)
        for bank in banks().values()
        for name in bank.names
        if name.lower() in lowered
    ]
    return min(found)[2] if found else None


def password_candidates(known: Mapping[str, str | date | None]) -> list[str]:
    """What a bank may have locked this customer's statement with, without repeats; unknown parts are left out."""
    templates = [template for bank in banks().values() for template in bank.passwords]
    made = (_filled(template, known) for template in [*banks()[ANY].passwords, *templates])
    return list(dict.fromkeys(password for password in made if password))


def _filled(template: str, known: Mapping[str, str | date | None]) -> str | None:
    if any(not known.get(field["name"]) for field in _FIELD.finditer(template)):
        return None
    return _FIELD.sub(lambda field: _part(known[field["name"]], field["cut"], field["change"]), template)


def _part(value: str | date | None, cut: str | None, change: str | None) -> str:
    if isinstance(value, date):
        return value.strftime(cut or "%d%m%Y")
    text = re.sub(r"\s", "", str(value))
    if cut:
        text = text[int(cut) :] if cut.startswith("-") else text[: int(cut)]
    return getattr(text, change)() if change in ("upper", "lower") else text
