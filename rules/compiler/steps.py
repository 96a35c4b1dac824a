"""Derived values: expressions, tables, scorecards, and what rules give, in the order of their making."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter

from rules.compiler.draft import Draft, text
from rules.engines import evaluator
from rules.language import cells
from rules.language.errors import did_you_mean
from rules.language.kinds import ANY
from rules.language.ruleset import Choice, Derivation, Row, Scorecard, Step, Table, expressions
from rules.language.source import Cell
from rules.language.tree import And, Node, names


def steps(draft: Draft, choices: list[Choice]) -> tuple[Step, ...]:
    """All steps of the rule set, checked, each after those that it needs. `choices` are what rules give."""
    made = _ordered(draft, [*_derivations(draft), *choices])
    for step in made:
        _check(draft, step)
    return made


def _derivations(draft: Draft) -> Iterator[Step]:
    for name, cell in draft.merged.derive.items():
        draft.named(name, cell.place)
        yield Derivation(name, draft.expression(cell), (name,), cell.place)
    for name, cell in draft.merged.tables.items():
        yield _table(draft, name, cell)
    for name, cell in draft.merged.scorecards.items():
        yield _scorecard(draft, name, cell)


def _table(draft: Draft, name: str, cell: Cell) -> Table:
    columns = _columns(draft, name, draft.list(cell, "columns"))
    gives = tuple(item.shown for item in draft.list(cell, "gives"))
    hit = draft.choice(cell, "hit", evaluator.HITS, "first")
    if not gives:
        draft.problem(cell.place, "a table gives at least one value", name, "gives: [NAME]")
    for given in gives:
        draft.named(given, cell.value["gives"].place)
    rows = [_row(draft, columns, gives, row) for row in draft.list(cell, "rows")]
    if not rows:
        draft.problem(cell.place, "a table has rows", name)
    return Table(name, columns, gives, hit, tuple(row for row in rows if row), cell.place)


def _columns(draft: Draft, table: str, cells: list[Cell]) -> tuple[str, ...]:
    columns = tuple(cell.shown for cell in cells)
    draft.used |= set(columns)
    draft.columns |= {(table, column): cell.place for column, cell in zip(columns, cells, strict=True)}
    return columns


def _row(draft: Draft, columns: tuple[str, ...], gives: tuple[str, ...], row: Cell) -> Row | None:
    found, wanted = list(row.items()), len(columns) + len(gives)
    if len(found) != wanted:
        message = f"this row has {len(found)} cells, the table wants {wanted}"
        draft.problem(row.place, message, _written(found), ", ".join([*columns, *gives]))
        return None
    when = [
        draft.tree(cell, lambda cell, column=column: cells.condition(column, cell))
        for column, cell in zip(columns, found, strict=False)
    ]
    results = [draft.tree(cell, cells.result) for cell in found[len(columns) :]]
    return Row(And(tuple(when)), tuple(results), row.place, _written(found))


def _written(cells: list[Cell]) -> str:
    return ", ".join(cell.shown for cell in cells)


def _scorecard(draft: Draft, name: str, cell: Cell) -> Scorecard:
    gives = text(cell.get("gives"))
    base = cell.get("base")
    points = base.value if base else 0
    if not gives:
        draft.problem(cell.place, "a scorecard gives one value", name, "gives: NAME")
    else:
        draft.named(gives, cell.value["gives"].place)
    if isinstance(points, bool) or not isinstance(points, int | Decimal):
        draft.problem(base.place, "the base of a scorecard is a number", base.shown)
        points = 0
    tables = [_characteristic(draft, name, item) for item in draft.list(cell, "characteristics")]
    return Scorecard(name, (gives,), Decimal(points), tuple(tables), cell.place)


def _characteristic(draft: Draft, card: str, item: Cell) -> Table:
    of, bins = text(item.get("of")), draft.list(item, "bins")
    if not of or not bins:
        draft.problem(
            item.place, "a characteristic says of what, and its bins", card, "- {of: NAME, bins: [...]}"
        )
    name = f"{card}.{of}"
    _columns(draft, name, [item.value["of"]] if of else [])
    rows = [_row(draft, (of,), ("points",), row) for row in bins]
    return Table(name, (of,), ("points",), "first", tuple(row for row in rows if row), item.place)


# --- their order ----------------------------------------------------------------------------------


def _ordered(draft: Draft, made: list[Step]) -> tuple[Step, ...]:
    makers: dict[str, Step] = {}
    for step in made:
        for name in step.gives:
            if name in makers or name in draft.check.kinds:
                draft.problem(step.place, "this name is already given elsewhere", name)
            else:
                makers[name] = step
    graph = {step.id: {makers[name].id for name in _needs(step) if name in makers} for step in made}
    by_id = {step.id: step for step in made}
    try:
        return tuple(by_id[name] for name in TopologicalSorter(graph).static_order())
    except CycleError as error:
        circle = error.args[1][::-1]
        draft.problem(by_id[circle[0]].place, "these values need each other", " -> ".join(circle))
        draft.check.kinds.update(dict.fromkeys(makers, ANY))
        return ()


def _needs(step: Step) -> set[str]:
    """What it reads; a column counts even where every cell of it says `any`."""
    tables = step.characteristics if isinstance(step, Scorecard) else (step,)
    columns = {column for table in tables if isinstance(table, Table) for column in table.columns}
    return columns | {name.id for tree in expressions(step) for name in names(tree)}


# --- their kinds ----------------------------------------------------------------------------------


def _check(draft: Draft, step: Step) -> None:
    match step:
        case Derivation(id=name, tree=tree):
            draft.check.kinds[name] = draft.kind(tree)
        case Choice(id=name):
            results = [
                *(result for _, result in step.branches),
                *([step.otherwise] if step.otherwise else []),
            ]
            draft.check.kinds[name] = _one_kind(draft, step, name, results)
        case Table():
            _check_rows(draft, step)
            _check_gives(draft, step)
        case Scorecard(gives=(name,), characteristics=tables):
            for table in tables:
                _check_points(draft, table)
            draft.check.kinds[name] = "number"


def _check_rows(draft: Draft, table: Table) -> None:
    kinds = draft.check.kinds
    for column in filter(None, table.columns):
        if column not in kinds:
            place = draft.columns[table.id, column]
            draft.problem(place, "unknown name", column, did_you_mean(column, kinds))
            kinds[column] = ANY  # it is complained of once
    for row in table.rows:
        for tree in row.when.items:
            draft.condition(tree)


def _check_gives(draft: Draft, table: Table) -> None:
    for index, name in enumerate(table.gives):
        kind = _one_kind(draft, table, name, [row.results[index] for row in table.rows])
        draft.check.kinds.setdefault(name, f"list of {kind}" if table.hit == "collect" else kind)
        if table.hit in ("min", "max", "sum") and kind not in ("number", ANY):
            draft.problem(table.place, f'hit "{table.hit}" wants numbers, {name} is a {kind}', table.id)


def _check_points(draft: Draft, table: Table) -> None:
    _check_rows(draft, table)
    for row in table.rows:
        kind = draft.kind(row.results[0])
        if kind not in ("number", ANY):
            draft.problem(row.place, f"points are a number, this is a {kind}", row.written)


def _one_kind(draft: Draft, step: Step, name: str, results: list[Node]) -> str:
    kinds = {draft.kind(result) for result in results} - {ANY}
    if len(kinds) > 1:
        draft.problem(step.place, f"{name} is of several kinds: {', '.join(sorted(kinds))}", step.id)
    return kinds.pop() if kinds else ANY
