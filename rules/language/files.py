"""Rule files on disk, their shape, and how one extends another.

extends      the base file or files; what is said here overrides what they say
parameters   a value of the same name replaces the base's
derive, tables, scorecards, rules
             an item of the same name or id replaces the base's, in its place; others are added after
offer        the derived values that make the offer; the list replaces the base's
switch_off   what the bases say and does not apply here: ids of rules, tables and scorecards, names of derived values
"""

from __future__ import annotations

import hashlib
import re
from collections import ChainMap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from rules.language.errors import Place, Problem, RulesError, did_you_mean
from rules.language.source import Cell, parse, text_of

ROOT = Path(__file__).parents[1]
EXTENDS_DEPTH_MAX = 8
BASES_MAX = 20

SECTIONS = {
    "ruleset": str,
    "brand": str,
    "description": str,
    "dictionary": str,
    "extends": (str, list),
    "parameters": dict,
    "derive": dict,
    "tables": list,
    "scorecards": list,
    "rules": list,
    "offer": list,
    "switch_off": list,
}
_ID = re.compile(r"[A-Z][A-Z0-9_]{1,79}", re.ASCII)
RULE_KEYS = {
    *("id", "when", "then", "otherwise", "on_missing", "reason", "customer_reason", "source"),
    *("severity", "code", "effective_from", "effective_to", "beside"),
}
TABLE_KEYS = {"id", "columns", "gives", "hit", "rows", "source"}
SCORECARD_KEYS = {"id", "gives", "base", "characteristics", "source"}
LISTED = {"tables": TABLE_KEYS, "scorecards": SCORECARD_KEYS, "rules": RULE_KEYS}
_KIND_NAMES = {
    str: "a text",
    dict: "a list of name: value",
    list: "a list",
    (str, list): "a file or a list of files",
}


@dataclass
class Merged:
    """A rule file with everything it extends, later words winning."""

    name: str = ""
    brand: str = ""
    dictionary: str = "features"
    dictionary_at: Place | None = None
    parameters: dict[str, Cell] = field(default_factory=dict)
    derive: dict[str, Cell] = field(default_factory=dict)
    tables: dict[str, Cell] = field(default_factory=dict)
    scorecards: dict[str, Cell] = field(default_factory=dict)
    rules: dict[str, Cell] = field(default_factory=dict)
    offer: tuple[Cell, ...] = ()
    superseded: list[Cell] = field(default_factory=list)  # rules replaced or switched off
    files: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


# Rule files by name ("brands/qualoan/bre.yaml"), wherever they are kept: a folder, a stored version, a draft.
Library = Mapping[str, str]


class Folder(Library):
    """The rule files below a folder, each read when it is asked for; nothing outside the folder is seen."""

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root.resolve()

    def __getitem__(self, name: str) -> str:
        path = self._path(name)
        if path is None:
            raise KeyError(name)
        return text_of(path, name)

    def _path(self, name: str) -> Path | None:
        try:
            path = (self.root / name).resolve()
            return path if path.is_relative_to(self.root) and path.is_file() else None
        except (OSError, ValueError):  # longer than a name of a file may be, or with characters that none has
            return None

    def __iter__(self) -> Iterator[str]:
        return (str(path.relative_to(self.root)) for path in sorted(self.root.rglob("*.yaml")))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def folders(*roots: Path) -> Library:
    """The rule files of several folders; where two have a file of one name, that of the first counts."""
    return ChainMap(*[Folder(root) for root in roots])  # type: ignore[arg-type]


def fingerprint(files: Mapping[str, str]) -> str:
    """SHA-256 over the names and texts of the files that make a rule set."""
    digest = hashlib.sha256()
    for name, text in sorted(files.items()):
        for part in (name.encode(), text.encode()):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def merge(name: str, library: Library) -> Merged:
    """The rule file of this name with its bases; the faults found so far are in `.problems`."""
    merged = Merged()
    _merge_file(name, library, merged, ())
    return merged


def _merge_file(name: str, library: Library, merged: Merged, above: tuple[str, ...]) -> None:
    merged.files[name] = library[name]
    content = parse(merged.files[name], name)
    if not isinstance(content.value, dict):
        raise RulesError([Problem(content.place, "a rule file is a list of sections: ruleset, rules, ...")])
    merged.problems += _shape_problems(content)
    _merge_bases(content, library, merged, (*above, name))
    for section in ("name", "brand", "dictionary"):
        cell = content.get("ruleset" if section == "name" else section)
        if cell and isinstance(cell.value, str):
            setattr(merged, section, cell.value)
            merged.dictionary_at = cell.place if section == "dictionary" else merged.dictionary_at
    _merge_sections(content, merged)


def _merge_bases(content: Cell, library: Library, merged: Merged, chain: tuple[str, ...]) -> None:
    extends = content.get("extends")
    if not extends or not isinstance(extends.value, str | list):
        return
    bases = list(extends.items()) if isinstance(extends.value, list) else [extends]
    if len(bases) > BASES_MAX:
        merged.problems.append(Problem(extends.place, f"a file extends at most {BASES_MAX} others"))
    for cell in bases[:BASES_MAX]:
        problem = _base_problem(cell, library, chain)
        if problem:
            merged.problems.append(problem)
        elif f"{cell.value}.yaml" not in merged.files:  # met twice, a base counts where it is named first
            _merge_file(f"{cell.value}.yaml", library, merged, chain)


def _base_problem(cell: Cell, library: Library, chain: tuple[str, ...]) -> Problem | None:
    told = cell.shown
    base = PurePosixPath(f"{told}.yaml")
    if base.is_absolute() or ".." in base.parts:
        return Problem(cell.place, "a base is inside the rules folder", told)
    if str(base) in chain or len(chain) >= EXTENDS_DEPTH_MAX:
        return Problem(cell.place, "a file cannot extend itself, directly or through others", told)
    if str(base) not in library:
        known = [name.removesuffix(".yaml") for name in library if name.startswith("base/")]
        return Problem(cell.place, "there is no such base file", told, did_you_mean(told, known))
    return None


def _merge_sections(content: Cell, merged: Merged) -> None:
    _switch_off(content.get("switch_off"), merged)
    for section in ("parameters", "derive"):
        cell = content.get(section)
        if cell and isinstance(cell.value, dict):
            merged.superseded += [merged.derive[name] for name in cell.value if name in merged.derive]
            getattr(merged, section).update(cell.value)
    for section, allowed in LISTED.items():
        items, problems = _identified(content.get(section), allowed)
        known = getattr(merged, section)
        merged.superseded += [known[name] for name in items if name in known]
        known.update(items)
        merged.problems += problems
    if content.get("offer"):
        merged.offer = tuple(content.value["offer"].items())


def _identified(section: Cell | None, allowed: set[str]) -> tuple[dict[str, Cell], list[Problem]]:
    """The items of a section by id, and what is wrong with their outer shape."""
    items: dict[str, Cell] = {}
    problems: list[Problem] = []
    for cell in section.items() if section else ():
        identity = cell.get("id")
        if identity is None or not isinstance(identity.value, str):
            problems.append(
                Problem(cell.place, "every item here starts with an id", cell.shown, "- id: SOME_NAME")
            )
            continue
        if not _ID.fullmatch(identity.value):
            problems.append(Problem(identity.place, "an id is written like SOME_NAME", identity.value))
        if identity.value in items:
            problems.append(Problem(identity.place, "this id is used twice in one file", identity.value))
        problems += _unknown_keys(cell, allowed)
        items[identity.value] = cell
    return items, problems


def _unknown_keys(cell: Cell, allowed: set[str]) -> list[Problem]:
    return [
        Problem(
            place, "unknown key", key, did_you_mean(key, allowed) or f"known: {', '.join(sorted(allowed))}"
        )
        for key, place in cell.keys.items()
        if key not in allowed
    ]


def _switch_off(section: Cell | None, merged: Merged) -> None:
    known: tuple[dict[str, Cell], ...] = (merged.rules, merged.tables, merged.scorecards, merged.derive)
    for cell in section.items() if section else ():
        name = cell.shown
        found = [items for items in known if name in items]
        merged.superseded += [items.pop(name) for items in found]
        if not found:
            suggestion = did_you_mean(name, (name for items in known for name in items))
            problem = Problem(cell.place, "no base has this to switch off", name, suggestion)
            merged.problems.append(problem)


def _shape_problems(content: Cell) -> list[Problem]:
    problems = _unknown_keys(content, set(SECTIONS))
    if "ruleset" not in content.value:
        problems.append(Problem(content.place, "a rule file names its rule set", suggestion="ruleset: bre"))
    for section, kind in SECTIONS.items():
        cell = content.get(section)
        if cell is not None and not isinstance(cell.value, kind):
            problems.append(Problem(cell.place, f'"{section}" is {_KIND_NAMES[kind]}', cell.shown))
    return problems


def ruleset_file(brand_id: str, name: str, library: Library) -> str:
    """The file name of a brand's rule set. RulesError when there is none or the name is no plain word."""
    file = f"brands/{brand_id}/{name}.yaml"
    if not all(part.replace("_", "").isalnum() for part in (brand_id, name)) or file not in library:
        brands = [PurePosixPath(known) for known in library if known.startswith("brands/")]
        known = [f"{path.parent.name} {path.stem}" for path in brands]
        suggestion = did_you_mean(f"{brand_id} {name}", known) or f"known: {', '.join(known)}"
        problem = Problem(Place(file), "there is no such rule set", f"{brand_id} {name}", suggestion)
        raise RulesError([problem])
    return file


def brand_rulesets(library: Library) -> list[tuple[str, str]]:
    """Every (brand, name of a rule set) that stands for itself; a file that another one extends is a part of that."""
    files = [name for name in library if name.startswith("brands/") and not name.endswith("/cases.yaml")]
    parts = {part for file in files for part in merge(file, library).files if part != file}
    paths = [PurePosixPath(file) for file in files if file not in parts]
    return [(path.parent.name, path.stem) for path in paths]
