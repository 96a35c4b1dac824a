"""Kinds of values (number, text, boolean, date, list of ...) and the check that likes meet likes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from rules.language.dictionary import Dictionary
from rules.language.errors import Problem, did_you_mean
from rules.language.functions import FUNCTIONS
from rules.language.source import Cell
from rules.language.tree import And, Arithmetic, Call, Compare, Literal, Member, Missing, Name, Node, Not, Or
from rules.language.values import Value

ANY = "any"  # stands for a kind that could not be found out; it is never complained of twice


def kind_of(value: Value) -> str:
    """The kind of a constant."""
    if isinstance(value, tuple):
        kinds = {kind_of(item) for item in value}
        return f"list of {kinds.pop()}" if len(kinds) == 1 else "list of mixed"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | Decimal):
        return "number"
    return "date" if isinstance(value, date) else "text"


class KindCheck:
    """Finds the kind of every expression and collects the problems on the way.

    `kinds` maps every known name to its kind: features, parameters, and derived values so far.
    """

    def __init__(
        self, kinds: dict[str, str], dictionary: Dictionary, parameters: Mapping[str, Value]
    ) -> None:
        self.kinds, self.dictionary, self.parameters = kinds, dictionary, parameters
        self.problems: list[Problem] = []
        self.cell = Cell(None, None)  # type: ignore[arg-type]

    def condition(self, node: Node, cell: Cell) -> None:
        """A rule's `when`: it must be true or false."""
        kind = self.expression(node, cell)
        if kind not in ("boolean", ANY):
            self._problem(node, f"a condition is true or false, this is a {kind}")

    def expression(self, node: Node, cell: Cell) -> str:
        self.cell = cell
        return self._kind(node)

    def _problem(self, node: Node, message: str, text: str = "", suggestion: str = "") -> str:
        told = text or (str(self.cell.value) if self.cell.value is not None else "")
        self.problems.append(Problem(self.cell.at(node.at), message, told, suggestion))
        return ANY

    def _kind(self, node: Node) -> str:
        match node:
            case Literal(value):
                return kind_of(value)
            case Name(name):
                return self._name(node, name)
            case Missing(of):
                return self._missing(of)
            case Not() | And() | Or():
                return self._logic(node)
            case Compare():
                return self._compare(node)
            case Member():
                return self._member(node)
            case Arithmetic(op, left, right):
                return self._operands(node, (left, right), f'"{op}"')
            case Call():
                return self._call(node)
        raise AssertionError(node)

    def _name(self, node: Name, name: str) -> str:
        if name in self.kinds:
            return self.kinds[name]
        suggestion = did_you_mean(name, self.kinds) or 'text values are quoted: "..."'
        return self._problem(node, "unknown name", name, suggestion)

    def _missing(self, of: Name) -> str:
        if of.id not in self.dictionary:
            suggestion = did_you_mean(of.id, self.dictionary)
            self._problem(of, "missing(...) is asked of an input", of.id, suggestion)
        return "boolean"

    def _logic(self, node: Not | And | Or) -> str:
        for item in (node.item,) if isinstance(node, Not) else node.items:
            kind = self._kind(item)
            if kind not in ("boolean", ANY):
                self._problem(item, f'"and", "or" and "not" join conditions, this is a {kind}')
        return "boolean"

    def _compare(self, node: Compare) -> str:
        left, right = self._kind(node.left), self._kind(node.right)
        if ANY in (left, right):
            return "boolean"
        if left != right:
            self._problem(node, f"cannot compare a {left} with a {right}")
        elif node.op not in ("==", "!=") and left not in ("number", "date"):
            self._problem(node, f'"{node.op}" has no meaning for a {left}', suggestion='use "==" or "in"')
        else:
            self._text_values(node.left, node.right)
            self._text_values(node.right, node.left)
        return "boolean"

    def _text_values(self, item: Node, other: Node) -> None:
        """A text input has a declared list of values: anything else can never be met."""
        feature = self.dictionary.get(item.id) if isinstance(item, Name) else None
        told = self._constant(other)
        if not feature or not feature.values or told is None:
            return
        for value in told if isinstance(told, tuple) else (told,):
            if value not in feature.values:
                known = f"{item.id} is one of {', '.join(feature.values)}"
                self._problem(other, f"{item.id} is never this", str(value), known)

    def _constant(self, node: Node) -> Value | None:
        if isinstance(node, Literal):
            return node.value
        return self.parameters.get(node.id) if isinstance(node, Name) else None

    def _member(self, node: Member) -> str:
        item, values = self._kind(node.item), self._kind(node.values)
        if ANY in (item, values):
            return "boolean"
        if not values.startswith("list of"):
            self._problem(node.values, f'"in" wants a list, this is a {values}', suggestion='("A", "B")')
        elif values != f"list of {item}":
            self._problem(node, f"a {item} is never in a {values}")
        else:
            self._text_values(node.item, node.values)
        return "boolean"

    def _operands(self, node: Node, items: tuple[Node, ...], what: str) -> str:
        for item in items:
            kind = self._kind(item)
            if kind not in ("number", ANY):
                self._problem(item, f"{what} reckons with numbers, this is a {kind}")
        return "number"

    def _call(self, node: Call) -> str:
        function = FUNCTIONS.get(node.function)
        if function is None:
            known = did_you_mean(node.function, FUNCTIONS) or f"known: {', '.join(FUNCTIONS)}"
            return self._problem(node, "unknown function", node.function, known)
        if not function.accepts(len(node.arguments)):
            self._problem(node, "wrong number of arguments", node.function, function.signature)
        kinds = [self._kind(argument) for argument in node.arguments]
        for index, kind in enumerate(kinds):
            wanted = function.kind_of(index)
            if ANY not in (kind, wanted) and kind != wanted:
                self._problem(
                    node.arguments[index], f"{node.function} wants a {wanted} here, this is a {kind}"
                )
        return function.gives if function.gives != ANY else self._one_kind(node, kinds)

    def _one_kind(self, node: Call, kinds: list[str]) -> str:
        known = set(kinds) - {ANY}
        if len(known) > 1:
            self._problem(
                node, f"{node.function} joins values of one kind, these are {', '.join(sorted(known))}"
            )
        return known.pop() if known else ANY
