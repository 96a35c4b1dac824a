"""Trees brought into the form that the engines like best; their meaning stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rules.engines import evaluator
from rules.language.tree import And, Arithmetic, Call, Compare, Literal, Name, Node, Not, Or, names
from rules.language.values import Unknown, Value

Parameters = Mapping[str, Value]
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


def oriented(node: Node, parameters: Parameters) -> Node:
    """The same tree with constants on the right of comparisons: "21 <= age" becomes "age >= 21"."""
    match node:
        case Compare(op, left, right, at) if _constant(left, parameters) and not _constant(right, parameters):
            return Compare(_FLIPPED[op], right, left, at)
        case And(items) | Or(items):
            return replace(node, items=tuple(oriented(item, parameters) for item in items))
        case Not(item):
            return replace(node, item=oriented(item, parameters))
        case _:
            return node


def folded(node: Node, parameters: Parameters) -> Node:
    """The same tree with sums of constants worked out, such as a limit and its margin."""
    match node:
        case Compare(_, left, right):
            return replace(node, left=folded(left, parameters), right=folded(right, parameters))
        case And(items) | Or(items):
            return replace(node, items=tuple(folded(item, parameters) for item in items))
        case Not(item):
            return replace(node, item=folded(item, parameters))
        case Arithmetic() | Call() if all(name.id in parameters for name in names(node)):
            value = evaluator.build(node, parameters)({})
            return node if type(value) is Unknown else Literal(value, node.at)
        case _:
            return node


def _constant(node: Node, parameters: Parameters) -> bool:
    return isinstance(node, Literal) or (isinstance(node, Name) and node.id in parameters)
