"""What differs between two rule sets, in sentences that a credit officer reads.

    BUREAU_SCORE_BELOW_MINIMUM: minimum_bureau_score 600 -> 620
    OFFER row 2: cap_amount 75000 -> 60000

The files are compared as they were written, bases included: what is the same after extending is the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Any

from rules.language.files import Merged, merge
from rules.language.ruleset import Ruleset
from rules.language.source import Cell

ARROW = " -> "
_SECTIONS = {"rules": "rule", "tables": "table", "scorecards": "scorecard", "derive": "derived value"}
_WORDS = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: of which section ("parameters", "rules", "tables", ...), of what, and told in words."""

    section: str
    id: str
    sentence: str

    def __str__(self) -> str:
        return self.sentence


def diff(a: Ruleset, b: Ruleset) -> list[Change]:
    """What was changed to make `b` of `a`, parameters first; empty when both say the same."""
    before, after = _merged(a), _merged(b)
    return [
        *_parameters(before, after),
        *(change for section in _SECTIONS for change in _section(section, before, after)),
        *_offer(a, b),
        *_inputs(a, b),
    ]


def _merged(ruleset: Ruleset) -> Merged:
    return merge(next(iter(ruleset.files)), ruleset.files)  # a rule set is made of its own file first


# --- parameters -----------------------------------------------------------------------------------


def _parameters(before: Merged, after: Merged) -> Iterator[Change]:
    for name in _all_keys(before.parameters, after.parameters):
        old, new = (_shown(merged.parameters.get(name)) for merged in (before, after))
        if old == new:
            continue
        users = ", ".join(dict.fromkeys([*_users(name, before), *_users(name, after)])) or "nothing"
        yield Change("parameters", name, f"{users}: {name} {old}{ARROW}{new}")


def _users(parameter: str, merged: Merged) -> Iterator[str]:
    """The ids of what uses a parameter."""
    for section in _SECTIONS:
        for name, cell in getattr(merged, section).items():
            if parameter in _WORDS.findall(_shown(cell)):
                yield name


# --- rules, tables, scorecards, derived values ----------------------------------------------------


def _section(section: str, before: Merged, after: Merged) -> Iterator[Change]:
    old, new = getattr(before, section), getattr(after, section)
    kind = _SECTIONS[section]
    for name in _all_keys(old, new):
        if name not in new:
            off = "switched off" if section == "rules" and name in _switched_off(after) else "removed"
            yield Change(section, name, f"{name}: {kind} {off}{_gist(old[name])}")
        elif name not in old:
            yield Change(section, name, f"{name}: {kind} added{_gist(new[name])}")
        else:
            for sentence in _changed(old[name], new[name]):
                yield Change(section, name, f"{name}: {sentence}")
    yield from _moved(section, list(old), list(new))


def _moved(section: str, old: list[str], new: list[str]) -> Iterator[Change]:
    """Rules that stand in another order: reasons are told in the order of the file."""
    if section != "rules":
        return
    kept_old, kept_new = [n for n in old if n in new], [n for n in new if n in old]
    blocks = SequenceMatcher(None, kept_old, kept_new, autojunk=False).get_matching_blocks()
    steady = {name for block in blocks for name in kept_old[block.a : block.a + block.size]}
    for name in kept_new:
        if name not in steady:
            places = f"{kept_old.index(name) + 1}{ARROW}{kept_new.index(name) + 1}"
            yield Change(section, name, f"{name}: place in the order {places}")


def _switched_off(merged: Merged) -> set[str]:
    return {str(cell.get("id").value) for cell in merged.superseded if cell.get("id")}


def _gist(cell: Cell) -> str:
    """What an item says, in a few words."""
    if not isinstance(cell.value, dict):
        return f": {_shown(cell)}"
    when, then = cell.get("when"), cell.get("then")
    return f": {_shown(then)} when {_shown(when)}" if when else ""


def _changed(old: Cell, new: Cell) -> Iterator[str]:
    """The differences of two items of the same id, key by key."""
    if not (isinstance(old.value, dict) and isinstance(new.value, dict)):
        if _shown(old) != _shown(new):
            yield f"{_shown(old)}{ARROW}{_shown(new)}"
        return
    for key in _all_keys(old.value, new.value):
        compare = _BY_KEY.get(key, _plainly)
        yield from compare(key, old, new)


def _plainly(key: str, old: Cell, new: Cell) -> Iterator[str]:
    before, after = (_shown(cell.get(key)) for cell in (old, new))
    if before != after:
        yield f"{_TITLES.get(key, key)} {before}{ARROW}{after}"


# --- rows and bins --------------------------------------------------------------------------------


def _rows(key: str, old: Cell, new: Cell) -> Iterator[str]:
    titles = [_shown(cell) for part in ("columns", "gives") for cell in _items(new.get(part))]
    yield from _lines("row", titles, old.get(key), new.get(key))


def _characteristics(key: str, old: Cell, new: Cell) -> Iterator[str]:
    before, after = ({_shown(c.get("of")): c for c in _items(cell.get(key))} for cell in (old, new))
    for name in _all_keys(before, after):
        if name not in after or name not in before:
            yield f"characteristic {name} {'removed' if name in before else 'added'}"
        else:
            titles = [name, "points"]
            bins = (side[name].get("bins") for side in (before, after))
            yield from (f"{name} {sentence}" for sentence in _lines("bin", titles, *bins))


def _lines(kind: str, titles: list[str], old: Cell | None, new: Cell | None) -> Iterator[str]:
    """Rows that were changed cell by cell, taken away, or put in; numbered from 1 as they stand."""
    before, after = ([tuple(map(_shown, _items(row))) for row in _items(cell)] for cell in (old, new))
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, a_from, a_to, b_from, b_to in matcher.get_opcodes():
        if tag == "equal":
            continue
        paired = min(a_to - a_from, b_to - b_from)
        for step in range(paired):
            yield from _cells(kind, b_from + step, titles, before[a_from + step], after[b_from + step])
        for number in range(a_from + paired, a_to):
            yield f"{kind} {number + 1} removed: {', '.join(before[number])}"
        for number in range(b_from + paired, b_to):
            yield f"{kind} {number + 1} added: {', '.join(after[number])}"


def _cells(
    kind: str, number: int, titles: list[str], old: tuple[str, ...], new: tuple[str, ...]
) -> Iterator[str]:
    if len(old) != len(new) or len(new) != len(titles):
        yield f"{kind} {number + 1}: {', '.join(old)}{ARROW}{', '.join(new)}"
        return
    for title, before, after in zip(titles, old, new, strict=True):
        if before != after:
            yield f"{kind} {number + 1}: {title} {before}{ARROW}{after}"


_BY_KEY = {"rows": _rows, "characteristics": _characteristics}
_TITLES = {
    "when": "condition",
    "then": "effect",
    "on_missing": "when not known",
    "customer_reason": "reason for the customer",
    "hit": "hit policy",
    "gives": "results",
}


# --- the rest -------------------------------------------------------------------------------------


def _offer(a: Ruleset, b: Ruleset) -> Iterator[Change]:
    if a.offer != b.offer:
        yield Change("offer", "offer", f"offer: {_listed(a.offer)}{ARROW}{_listed(b.offer)}")


def _inputs(a: Ruleset, b: Ruleset) -> Iterator[Change]:
    for name in _all_keys(a.dictionary, b.dictionary):
        old, new = a.dictionary.get(name), b.dictionary.get(name)
        if old != new:
            what = "removed" if new is None else "added" if old is None else "declared otherwise"
            yield Change("inputs", name, f"{name}: input {what}")


def _all_keys(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys([*new, *old]))


def _items(cell: Cell | None) -> list[Cell]:
    return list(cell.items()) if cell is not None else []


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "none"


def _shown(cell: Cell | None) -> str:
    """A cell as it is written: spaces folded, numbers without grouping."""
    if cell is None:
        return "not set"
    value = cell.value
    if isinstance(value, dict):
        return "; ".join(f"{key} {_shown(item)}" for key, item in value.items())
    if isinstance(value, list):
        return "[" + ", ".join(_shown(item) for item in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return " ".join(str(value).split()) if value is not None else "empty"
