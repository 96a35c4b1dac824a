"""The independent evaluator: a tree becomes nested closures over the facts of one application.

Facts map every name to a value or an Unknown. Conditions follow three-valued logic: `and` is false
as soon as one side is false, `or` is true as soon as one side is true, whatever is unknown; else
one unknown makes the whole unknown.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from rules.language.functions import FUNCTIONS, Function
from rules.language.ruleset import (
    SINGLE_HITS,
    Choice,
    Derivation,
    Facts,
    Ruleset,
    Scorecard,
    Step,
    Table,
    Test,
)
from rules.language.tree import (
    And,
    Arithmetic,
    Call,
    Compare,
    Literal,
    Member,
    Missing,
    Name,
    Node,
    Not,
    Or,
    names,
)
from rules.language.values import ARITHMETIC, Unknown, Value, total

COMPARE = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
_RECKON = {
    "+": ARITHMETIC.add,
    "-": ARITHMETIC.subtract,
    "*": ARITHMETIC.multiply,
    "/": ARITHMETIC.divide,
}


def worked_out(ruleset: Ruleset, features: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The facts (inputs in exact form, then derived values; what is not known is an Unknown), and the
    names that the dictionary does not know."""
    facts, ignored = ruleset.intake(features)
    for derive in ruleset.derivations:
        derive(facts)
    return facts, ignored


def build(node: Node, parameters: Mapping[str, Value]) -> Test:
    """The closure that works out `node`: facts -> value or Unknown."""
    test = _built(node, parameters)
    depends = any(name.id not in parameters for name in names(node))
    return test if depends else _constant(test({}))


def _built(node: Node, parameters: Mapping[str, Value]) -> Test:
    match node:
        case Name(name) if name in parameters:
            return _constant(parameters[name])
        case Literal(value):
            return _constant(value)
        case Name(name):
            return operator.itemgetter(name)
        case Missing(of):
            return partial(_missing, of.id)
        case Not(item):
            return _not(build(item, parameters))
        case And(items) | Or(items):
            return _joined(isinstance(node, Or), tuple(build(item, parameters) for item in items))
        case Compare():
            return _compare(node, parameters)
        case Member(item, values):
            return partial(_member, build(item, parameters), frozenset(build(values, parameters)({})))
        case Arithmetic(op, left, right):
            return _reckon(op, build(left, parameters), build(right, parameters))
        case Call(function, arguments):
            return _call(FUNCTIONS[function], tuple(build(argument, parameters) for argument in arguments))
    raise AssertionError(node)


def _constant(value: Value) -> Test:
    return lambda facts: value


def constant_of(node: Node, parameters: Mapping[str, Value]) -> Value | None:
    """The value of a literal or parameter; None for anything that depends on the facts."""
    if isinstance(node, Literal):
        return node.value
    return parameters.get(node.id) if isinstance(node, Name) else None


def _compare(node: Compare, parameters: Mapping[str, Value]) -> Test:
    compare, left, right = COMPARE[node.op], build(node.left, parameters), build(node.right, parameters)
    return lambda facts: compare(left(facts), right(facts))


def _missing(name: str, facts: Facts) -> Any:
    value = facts[name]
    if type(value) is not Unknown:
        return False
    return True if value.absent else value


def _not(item: Test) -> Test:
    return lambda facts: item(facts) ^ True


def _joined(decisive: bool, items: tuple[Test, ...]) -> Test:
    """`and` (decided by one False) or `or` (decided by one True)."""
    join = operator.or_ if decisive else operator.and_

    def run(facts: Facts) -> Any:
        result: Any = not decisive
        for item in items:
            result = join(result, item(facts))
            if result is decisive:
                break
        return result

    return run


def _member(item: Test, values: frozenset, facts: Facts) -> Any:
    value = item(facts)
    return value if type(value) is Unknown else value in values


def _reckon(op: str, left: Test, right: Test) -> Test:
    reckon = _RECKON[op]

    def run(facts: Facts) -> Any:
        one, other = left(facts), right(facts)
        if type(one) is Unknown:
            return one.combine(other)
        if type(other) is Unknown:
            return other
        try:
            return reckon(one, other)
        except ArithmeticError:
            return Unknown("division by zero" if other == 0 else f"{one} {op} {other} is too large")

    return run


def _call(function: Function, arguments: tuple[Test, ...]) -> Test:
    if function.name == "coalesce":
        return partial(_coalesce, arguments)

    def run(facts: Facts) -> Any:
        values = [argument(facts) for argument in arguments]
        unknown = _gravest(values)
        if unknown is not None and not (function.skips and unknown.absent):
            return unknown
        try:
            return function.run(*(value for value in values if type(value) is not Unknown))
        except ArithmeticError:
            return Unknown(f"{function.name} cannot be worked out")

    return run


def _gravest(values: list[Any]) -> Unknown | None:
    unknown = None
    for value in values:
        if type(value) is Unknown:
            unknown = value if unknown is None else unknown.combine(value)
    return unknown


def _coalesce(arguments: tuple[Test, ...], facts: Facts) -> Any:
    """The first that is not absent: a value that is there but unreadable is not passed over."""
    value: Any = None
    for argument in arguments:
        value = argument(facts)
        if type(value) is not Unknown or not value.absent:
            return value
    return value


# --- derived values: each step writes what it gives into the facts ------------------------------


def derivation(step: Step, parameters: Mapping[str, Value]) -> Callable[[dict[str, Any]], None]:
    """The closure that works out a step and adds its values to the facts."""
    if isinstance(step, Derivation):
        return partial(_derive, step.id, build(step.tree, parameters))
    if isinstance(step, Choice):
        branches = [(build(when, parameters), build(result, parameters)) for when, result in step.branches]
        return partial(_derive_choice, step, branches, step.otherwise and build(step.otherwise, parameters))
    if isinstance(step, Table):
        return partial(_derive_table, step, _rows(step, parameters))
    tables = tuple((table, _rows(table, parameters)) for table in step.characteristics)
    return partial(_derive_score, step, tables)


def _derive(name: str, test: Test, facts: dict[str, Any]) -> None:
    facts[name] = test(facts)


def _derive_choice(
    step: Choice, branches: list[tuple[Test, Test]], otherwise: Test | None, facts: dict[str, Any]
) -> None:
    """A branch that cannot be evaluated stops the search: nobody knows whether it was the one."""
    for when, result in branches:
        match = when(facts)
        if match is not False:
            facts[step.id] = result(facts) if match is True else match
            return
    facts[step.id] = otherwise(facts) if otherwise else Unknown(f"no rule gives {step.id}")


Rows = tuple[tuple[Test, tuple[Test, ...]], ...]


def _rows(table: Table, parameters: Mapping[str, Value]) -> Rows:
    return tuple(
        (build(row.when, parameters), tuple(build(result, parameters) for result in row.results))
        for row in table.rows
    )


def _derive_table(table: Table, rows: Rows, facts: dict[str, Any]) -> None:
    facts.update(zip(table.gives, _looked_up(table, rows, facts), strict=True))


def _looked_up(table: Table, rows: Rows, facts: Facts) -> tuple[Any, ...]:
    """What a table gives. A row does not match an absent value unless it says `missing` or `any`."""
    found = []
    for when, results in rows:
        match = when(facts)
        if type(match) is Unknown:
            if not match.absent:
                return (match,) * len(table.gives)
        elif match:
            found.append(tuple(result(facts) for result in results))
            if table.hit in SINGLE_HITS:
                break
    if not found:
        return (Unknown(f"no row of table {table.id} matches"),) * len(table.gives)
    return (
        found[0]
        if table.hit in SINGLE_HITS
        else tuple(_COLLECT[table.hit](list(c)) for c in zip(*found, strict=True))
    )


def _known(combine: Callable[[list[Any]], Any], values: list[Any]) -> Any:
    unknown = _gravest(values)
    return combine(values) if unknown is None else unknown


_COLLECT = {
    name: partial(_known, way)
    for name, way in (("collect", tuple), ("min", min), ("max", max), ("sum", total))
}
HITS = (*SINGLE_HITS, *_COLLECT)


def _derive_score(card: Scorecard, tables: tuple[tuple[Table, Rows], ...], facts: dict[str, Any]) -> None:
    points = [_looked_up(table, rows, facts)[0] for table, rows in tables]
    facts[card.gives[0]] = _known(total, [card.base, *points])
