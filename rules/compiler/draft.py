"""A rule set on its way: the merged files, what their names stand for, and all that is wrong so far."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from rules.compiler.trees import oriented
from rules.language import grammar
from rules.language.dictionary import Dictionary, read_dictionary
from rules.language.errors import Place, Problem, RulesError, did_you_mean
from rules.language.files import Folder, Library, Merged
from rules.language.kinds import KindCheck, kind_of
from rules.language.source import Cell, parse
from rules.language.tree import Literal, Node, names
from rules.language.values import Value


@lru_cache(maxsize=32)
def _read(text: str, name: str) -> Dictionary:
    """A dictionary, read once for all the rule sets that use it."""
    return MappingProxyType(read_dictionary(parse(text, name)))


_NAME = re.compile(r"[A-Za-z]\w{0,79}", re.ASCII)


class Draft:
    """What the parts of the compiler share.

    `used` are the names that something reads; `cell_of` tells where each parsed tree was written, by
    the identity of the tree.
    """

    def __init__(self, merged: Merged, library: Library) -> None:
        self.merged = merged
        self._problems = list(merged.problems)
        self.dictionary = self._dictionary(library)
        self.parameters = self._parameters()
        kinds = {name: feature.kind for name, feature in self.dictionary.items()}
        kinds |= {name: kind_of(value) for name, value in self.parameters.items()}
        self.check = KindCheck(kinds, self.dictionary, self.parameters)
        self.used: set[str] = set()
        self.columns: dict[tuple[str, str], Place] = {}  # where a table names its columns
        self.cell_of: dict[int, Cell] = {}

    @property
    def problems(self) -> list[Problem]:
        return self._problems + self.check.problems

    def problem(self, place: Place, message: str, text: str = "", suggestion: str = "") -> None:
        self._problems.append(Problem(place, message, text, suggestion))

    # --- what names stand for -------------------------------------------------------------------

    def _dictionary(self, library: Library) -> Dictionary:
        name = f"{self.merged.dictionary}.yaml"
        text = library.get(name) or Folder().get(name)
        if text is None:
            place = self.merged.dictionary_at or Place(name)
            raise RulesError([Problem(place, "there is no such dictionary", self.merged.dictionary)])
        self.merged.files[name] = text
        return _read(text, name)

    def _parameters(self) -> dict[str, Value]:
        parameters = {}
        for name, cell in self.merged.parameters.items():
            value = tuple(item.value for item in cell.items()) if isinstance(cell.value, list) else cell.value
            if value is None or value == () or isinstance(value, dict):
                self.problem(cell.place, "a parameter is a number, a text or a list of them", name)
            elif name in self.dictionary:
                self.problem(cell.place, "this name is already an input", name)
            elif self.named(name, cell.place):
                parameters[name] = grammar.text_value(value) if isinstance(value, str) else value
        return parameters

    def named(self, name: str, place: Place) -> bool:
        """Whether expressions can call something by this name."""
        fits = bool(_NAME.fullmatch(name)) and name not in grammar.KEYWORDS
        if not fits:
            self.problem(place, "a name is written like some_name", name)
        return fits

    # --- expressions ----------------------------------------------------------------------------

    def tree(self, cell: Cell, read: Callable[[Cell], Node]) -> Node:
        """The tree of a cell; a cell that cannot be read is a problem and stands as true."""
        try:
            tree = oriented(read(cell), self.parameters)
        except grammar.GrammarError as error:
            self.problem(cell.at(error.at), str(error), error.text, error.suggestion)
            tree = Literal(True)
        self.used |= {name.id for name in names(tree)}
        self.cell_of[id(tree)] = cell
        return tree

    def expression(self, cell: Cell) -> Node:
        return self.tree(cell, _parsed)

    def kind(self, tree: Node) -> str:
        return self.check.expression(tree, self.cell_of[id(tree)])

    def condition(self, tree: Node) -> None:
        """Complain unless the tree is true or false."""
        self.check.condition(tree, self.cell_of[id(tree)])

    # --- keys with a closed form --------------------------------------------------------

    def choice(self, item: Cell, key: str, known: tuple[str, ...], default: str) -> str:
        """The value of a key that says one of `known`."""
        cell = item.get(key)
        if cell is None or cell.value in known:
            return cell.value if cell else default
        suggestion = did_you_mean(cell.shown, known)
        self.problem(cell.place, f'"{key}" is one of {", ".join(known)}', cell.shown, suggestion)
        return default

    def text(self, item: Cell, key: str) -> str:
        """The value of a key that says a text, "" when it is not there."""
        cell = item.get(key)
        if cell and not isinstance(cell.value, str):
            self.problem(cell.place, f'"{key}" is a text', cell.shown, "put it in quotes")
        return text(cell)

    def list(self, item: Cell, key: str) -> list[Cell]:
        """The items of a key that says a list, none when it is not there."""
        cell = item.get(key)
        if cell and not isinstance(cell.value, list):
            self.problem(cell.place, f'"{key}" is a list', cell.shown, f"[{cell.shown}]")
        return list(cell.items()) if cell else []

    def date(self, item: Cell, key: str) -> date | None:
        """The value of a key that says a day."""
        cell = item.get(key)
        value = grammar.text_value(cell.value) if cell and isinstance(cell.value, str) else None
        if cell and not isinstance(value, date):
            self.problem(cell.place, f'"{key}" is a date', cell.shown, "written like 2026-04-01")
            return None
        return value


def _parsed(cell: Cell) -> Node:
    value: Any = cell.value
    if isinstance(value, bool | int | Decimal):
        return Literal(value)
    if not isinstance(value, str):
        raise grammar.GrammarError("an expression is wanted here", 0, cell.shown)
    return grammar.parse(value)


def text(cell: Cell | None) -> str:
    """A cell's text, "" when it is none."""
    return cell.value if cell is not None and isinstance(cell.value, str) else ""
