"""YAML read with positions: every value knows the file, line and column where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from rules.language.errors import Place, Problem, RulesError

SIZE_MAX = 1_000_000
DEPTH_MAX = 20
DIGITS_MAX = 40
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_INTEGER = re.compile(r"[-+]?\d[\d_]*", re.ASCII)
_DECIMAL = re.compile(r"[-+]?\d[\d_]*\.\d+", re.ASCII)
_DECIMAL_OR_INTEGER = re.compile(r"[-+]?\d[\d_]*(\.\d+)?", re.ASCII)
_QUOTED = ("'", '"', "|", ">")  # the two loaders spell "plain" differently
# tabs and ends of lines are text; what turns the direction of writing makes a rule read like another one
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069]")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(frozen=True, slots=True)
class Cell:
    """A YAML value and its place: a scalar, a list of cells, or a dict of cells.

    Numbers are int or Decimal, never float. `keys` are the places of a dict's keys.
    """

    value: Any
    place: Place
    keys: dict[str, Place] = field(default_factory=dict)
    exact: bool = True  # one line of plain text, so that an offset into it is a column

    def at(self, offset: int) -> Place:
        """The place of an offset into this cell's text."""
        return self.place.shifted(offset) if self.exact else self.place

    @property
    def shown(self) -> str:
        """What stands here, as a message quotes it."""
        if isinstance(self.value, dict | list):
            return "a list"
        if self.value is None or isinstance(self.value, bool):
            return {None: "null", True: "true", False: "false"}[self.value]
        return str(self.value)[:60]

    def get(self, key: str) -> Cell | None:
        return self.value.get(key) if isinstance(self.value, dict) else None

    def items(self) -> Iterator[Cell]:
        return iter(self.value if isinstance(self.value, list) else ())


def text_of(path: Path, shown_as: str) -> str:
    """The text of a rule file; RulesError when it cannot be read or is too large."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RulesError([Problem(Place(shown_as), f"cannot read the file: {error}")]) from error
    if len(text) > SIZE_MAX:
        raise RulesError([Problem(Place(shown_as), f"a rule file may have {SIZE_MAX:,} characters")])
    return text


def parse(text: str, file: str) -> Cell:
    """The content of a YAML text reported as `file`; RulesError for bad YAML, repeated keys, aliases, odd letters."""
    if len(text) > SIZE_MAX:
        raise RulesError([Problem(Place(file), f"a rule file may have {SIZE_MAX:,} characters")])
    try:
        _refuse_tricks(text, file)
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        raise RulesError([_yaml_problem(error, file, text)]) from error
    except UnicodeError as error:
        raise RulesError([Problem(Place(file), f"this text is no UTF-8: {error}")]) from error
    if node is None:
        raise RulesError([Problem(Place(file), "the file is empty")])
    problems = _odd(text, file)
    cell = _cell(node, file, problems)
    if problems:
        raise RulesError(problems)
    return cell


def _odd(text: str, file: str) -> list[Problem]:
    """What stands in the text, comments too, and is no text; escapes are looked at where they are read."""
    lines = enumerate(text.splitlines(), 1)
    found = ((number, _NO_TEXT.search(line)) for number, line in lines)
    return [_no_text(Place(file, number, odd.start() + 1)) for number, odd in found if odd]


def _no_text(place: Place) -> Problem:
    return Problem(place, "a character that is not text", suggestion="leave it out")


def _refuse_tricks(text: str, file: str) -> None:
    """Aliases and tags hide what a rule says; nested without end they exhaust the memory."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        told = None
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent):
            told = ("YAML aliases are not allowed", f"*{event.anchor}", "write it out")
        elif getattr(event, "tag", None):
            told = ("YAML tags are not allowed", event.tag, "leave it out")
        elif depth > DEPTH_MAX:
            told = (f"more than {DEPTH_MAX} levels of nesting", "", "")
        if told:
            raise RulesError([Problem(_place(event.start_mark, file), *told)])


def _yaml_problem(error: yaml.YAMLError, file: str, text: str) -> Problem:
    mark = getattr(error, "problem_mark", None)
    place = _place(mark, file) if mark else Place(file)
    message = " ".join(
        part for part in (getattr(error, "context", None), getattr(error, "problem", None)) if part
    )
    lines = text.splitlines()[place.line - 1 : place.line] if mark else []
    told = f"not readable as YAML: {message or error}"
    return Problem(place, told, "".join(lines).strip()[:60], "check quotes and indentation")


def _place(mark: yaml.Mark, file: str) -> Place:
    return Place(file, mark.line + 1, mark.column + 1)


def _cell(node: yaml.Node, file: str, problems: list[Problem]) -> Cell:
    place = _place(node.start_mark, file)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, place, problems)
    if isinstance(node, yaml.SequenceNode):
        return Cell([_cell(item, file, problems) for item in node.value], place)
    if node.style == '"' and _NO_TEXT.search(node.value):
        problems.append(_no_text(place))
    one_line = node.start_mark.line == node.end_mark.line
    quoted = node.style in ("'", '"')
    if (
        node.style not in _QUOTED
        and len(node.value) > DIGITS_MAX
        and _DECIMAL_OR_INTEGER.fullmatch(node.value)
    ):
        problems.append(Problem(place, f"a number may have {DIGITS_MAX} digits", f"{node.value[:20]}..."))
        return Cell(0, place)
    return Cell(
        _scalar(node), place.shifted(1) if quoted else place, exact=one_line and node.style not in ("|", ">")
    )


def _mapping(node: yaml.MappingNode, place: Place, problems: list[Problem]) -> Cell:
    cells: dict[str, Cell] = {}
    keys: dict[str, Place] = {}
    for key_node, value_node in node.value:
        key, key_place = str(key_node.value), _place(key_node.start_mark, place.file)
        if key in cells:
            problems.append(Problem(key_place, f"this key is already on line {keys[key].line}", key))
        cells[key], keys[key] = _cell(value_node, place.file, problems), key_place
    return Cell(cells, place, keys)


def _scalar(node: yaml.ScalarNode) -> str | int | Decimal | bool | None:
    text = node.value
    if node.style in _QUOTED:
        return text
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    digits = text.replace("_", "")
    if _INTEGER.fullmatch(text):
        return int(digits)
    return Decimal(digits) if _DECIMAL.fullmatch(text) else text
