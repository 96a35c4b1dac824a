"""How much of durable's matching stack a set of conditions can need.

durable walks its conditions as a tree, from what a condition says first to what it says last, on a
stack of 64 places. When the stack overflows it answers with error 303, and the state that it leaves
behind can end the process. So we build the same tree and count, before anything is asked: how many
conditions can match side by side at most, given how many operands a fact has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

STACK_MAX = 60  # of 64
CHILDREN_MAX = 400  # of 512 places in a node's table, which must never be full
MEETINGS_MAX = 100  # of 128
Condition = Mapping[str, Any]

HOLDS: dict[str, Callable[[int, int], bool]] = {
    "$lt": lambda place, limit: place < limit,
    "$lte": lambda place, limit: place <= limit,
    "$gt": lambda place, limit: place > limit,
    "$gte": lambda place, limit: place >= limit,
    "$neq": lambda place, limit: place != limit,
    "==": lambda place, limit: place == limit,
}


def comparison(condition: Condition) -> tuple[str, str, int] | None:
    """A single comparison as (operator, key, place); None for a group."""
    ((op, inner),) = condition.items()
    if op in ("$and", "$or"):
        return None
    if op not in HOLDS:
        return "==", op, inner
    ((key, place),) = inner.items()
    return op, key, place


@dataclass
class Node:
    """A node of durable's tree: what is compared next, and where the branches of an `or` meet again."""

    children: dict[tuple[str, str, int], Node] = field(default_factory=dict)
    meetings: list[Node] = field(default_factory=list)

    def height(self) -> int:
        """The most places of the stack in use while this node's subtree is walked."""
        beside = sum(self.side_by_side().values()) + len(self.meetings)
        below = [child.height() for child in (*self.children.values(), *self.meetings)]
        return max(1, beside - 1 + max(below, default=1))

    def side_by_side(self) -> dict[str, int]:
        """For each operand, how many of the comparisons right below can match at once."""
        by_operand: dict[str, list[tuple[str, str, int]]] = {}
        for told in self.children:
            by_operand.setdefault(told[1].removeprefix("u_"), []).append(told)
        return {operand: _most(compared) for operand, compared in by_operand.items()}

    def fits(self) -> bool:
        """Whether the tables of this node and of all below it can hold what hangs on them."""
        below = (*self.children.values(), *self.meetings)
        room_here = len(self.children) <= CHILDREN_MAX and len(self.meetings) <= MEETINGS_MAX
        return room_here and all(node.fits() for node in below)


def _most(compared: list[tuple[str, str, int]]) -> int:
    """How many of the comparisons of one operand can hold at the same place."""
    known = [(op, place) for op, key, place in compared if not key.startswith("u_")]
    places = range(max((place for _, place in known), default=0) + 2)
    return max([1, *(sum(HOLDS[op](place, limit) for op, limit in known) for place in places)])


def tree(conditions: Iterable[Condition]) -> Node:
    """The tree that durable makes of these conditions."""
    root = Node()
    for condition in conditions:
        _add(root, condition)
    return root


def _add(parent: Node, condition: Condition) -> Node:
    told = comparison(condition)
    if told:
        return parent.children.setdefault(told, Node())
    if "$and" in condition:
        for item in condition["$and"]:
            parent = _add(parent, item)
        return parent
    meeting = Node()
    for item in condition["$or"]:
        _add(parent, item).meetings.append(meeting)
    return meeting


def operands_max(root: Node) -> int:
    """How many operands a fact may have so that the stack holds, whichever they are; 0 if none may."""
    if not root.fits():
        return 0
    below = max((child.height() for child in root.children.values()), default=1)
    left, operands = STACK_MAX + 1 - below - len(root.meetings), 0
    for width in sorted(root.side_by_side().values(), reverse=True):
        left -= width
        if left < 0:
            break
        operands += 1
    return operands
