"""The expression tree that the grammar builds and that every engine reads.

`at` is the offset of the piece in its expression text, for error messages; trees that differ in
nothing else are equal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from rules.language.values import Value


@dataclass(frozen=True, slots=True)
class Literal:
    value: Value
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A feature, a parameter or a derived value."""

    id: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Missing:
    """missing(x): nobody supplied x."""

    of: Name
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    item: Node
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class And:
    items: tuple[Node, ...]
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Or:
    items: tuple[Node, ...]
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Compare:
    """left op right, op being one of < <= > >= == !=."""

    op: str
    left: Node
    right: Node
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Member:
    """item in (values): `values` is a list of literals or the name of a list parameter."""

    item: Node
    values: Literal | Name
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """left op right, op being one of + - * /."""

    op: str
    left: Node
    right: Node
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    function: str
    arguments: tuple[Node, ...]
    at: int = field(default=0, compare=False)


Node = Literal | Name | Missing | Not | And | Or | Compare | Member | Arithmetic | Call


def children(node: Node) -> tuple[Node, ...]:
    """The pieces directly below a node."""
    match node:
        case And(items) | Or(items):
            return items
        case Not(item) | Missing(item):
            return (item,)
        case Compare(_, left, right) | Arithmetic(_, left, right) | Member(left, right):
            return (left, right)
        case Call(_, arguments):
            return arguments
        case _:
            return ()


def names(node: Node) -> Iterator[Name]:
    """Every name in the tree, from left to right."""
    if isinstance(node, Name):
        yield node
    for child in children(node):
        yield from names(child)
