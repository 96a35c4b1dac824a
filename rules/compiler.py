"""From merged rule files to a rule set that can be decided with, or the list of all that is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter
from types import MappingProxyType
from typing import Any

from rules.engines import evaluator
from rules.engines.sweep import Sweep
from rules.language import cells, grammar
from rules.language.dictionary import Dictionary, read_dictionary
from rules.language.errors import Place, Problem, RulesError, did_you_mean
from rules.language.files import Folder, Library, Merged, fingerprint, merge
from rules.language.kinds import ANY, KindCheck, kind_of
from rules.language.ruleset import (
    EFFECTS,
    ON_MISSING,
    Derivation,
    Row,
    Rule,
    Ruleset,
    Scorecard,
    Step,
    Table,
    Word,
    natural_words,
    words_of,
)
from rules.language.source import Cell, parse
from rules.language.tree import And, Arithmetic, Call, Compare, Literal, Name, Node, Not, Or, names
from rules.language.values import Unknown, Value, absent

RULES_MAX = 500
STYLES = ("", "money", "percent")
GENERAL_REASON = "We are unable to process your request at this time."
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


def compile_ruleset(name: str, library: Library) -> Ruleset:
    """The rule set of the file of this name; RulesError with every problem found."""
    return _Compiler(merge(name, library), library).ruleset()


class _Compiler:
    def __init__(self, merged: Merged, library: Library) -> None:
        self.merged = merged
        self.problems = list(merged.problems)
        self.dictionary = self._dictionary(library)
        self.parameters = self._parameters()
        kinds = {name: feature.kind for name, feature in self.dictionary.items()}
        kinds |= {name: kind_of(value) for name, value in self.parameters.items()}
        self.check = KindCheck(kinds, self.dictionary, self.parameters)
        self.used: set[str] = set()
        self.cell_of: dict[int, Cell] = {}  # where each parsed tree was written

    def ruleset(self) -> Ruleset:
        steps = self._ordered(self._steps())
        for step in steps:
            self._check_step(step)
        rules = tuple(self._rules())
        self._check_unused()
        problems = self.problems + self.check.problems
        if problems:
            raise RulesError(problems)
        return self._finished(steps, rules)

    def _finished(self, steps: tuple[Step, ...], rules: tuple[Rule, ...]) -> Ruleset:
        merged = self.merged
        return Ruleset(
            name=merged.name,
            brand=merged.brand,
            hash=fingerprint(merged.files),
            dictionary=self.dictionary,
            parameters=MappingProxyType(self.parameters),
            steps=steps,
            rules=rules,
            kinds=MappingProxyType(self.check.kinds),
            files=MappingProxyType(dict(merged.files)),
            readers={name: feature.reader() for name, feature in self.dictionary.items()},
            nothing_known={name: absent(name) for name in self.dictionary},
            conditions=Sweep([rule.when for rule in rules], self.parameters, self.dictionary),
            derivations=tuple(evaluator.derivation(step, self.parameters) for step in steps),
        )

    # --- what names stand for -------------------------------------------------------------------

    def _dictionary(self, library: Library) -> Dictionary:
        name = f"{self.merged.dictionary}.yaml"
        text = library.get(name) or Folder().get(name)
        if text is None:
            raise RulesError([Problem(Place(name), "there is no such dictionary", self.merged.dictionary)])
        self.merged.files[name] = text
        return read_dictionary(parse(self.merged.files[name], name))

    def _parameters(self) -> dict[str, Value]:
        parameters = {}
        for name, cell in self.merged.parameters.items():
            value = tuple(item.value for item in cell.items()) if isinstance(cell.value, list) else cell.value
            if value is None or value == () or isinstance(value, dict):
                self._problem(cell.place, "a parameter is a number, a text or a list of them", name)
            elif name in self.dictionary:
                self._problem(cell.place, "this name is already an input", name)
            else:
                parameters[name] = grammar.text_value(value) if isinstance(value, str) else value
        return parameters

    def _problem(self, place: Place, message: str, text: str = "", suggestion: str = "") -> None:
        self.problems.append(Problem(place, message, text, suggestion))

    # --- expressions ----------------------------------------------------------------------------

    def _tree(self, cell: Cell | None, read: Callable[[Cell], Node]) -> Node:
        """The tree of a cell; a cell that cannot be read is a problem and stands as true."""
        if cell is None:
            return Literal(True)
        try:
            tree = oriented(read(cell), self.parameters)
        except grammar.GrammarError as error:
            self._problem(cell.at(error.at), str(error), error.text, error.suggestion)
            tree = Literal(True)
        self.used |= {name.id for name in names(tree)}
        self.cell_of[id(tree)] = cell
        return tree

    def _expression(self, cell: Cell) -> Node:
        return self._tree(cell, _parsed)

    # --- derived values -------------------------------------------------------------------------

    def _steps(self) -> list[Step]:
        steps: list[Step] = [
            Derivation(name, self._expression(cell), (name,), cell.place)
            for name, cell in self.merged.derive.items()
        ]
        steps += [self._table(name, cell) for name, cell in self.merged.tables.items()]
        steps += [self._scorecard(name, cell) for name, cell in self.merged.scorecards.items()]
        return steps

    def _table(self, name: str, cell: Cell) -> Table:
        columns, gives = _texts(cell.get("columns")), _texts(cell.get("gives"))
        hit = _text(cell.get("hit")) or "first"
        if hit not in evaluator.HITS:
            self._problem(cell.place, f"hit is one of {', '.join(evaluator.HITS)}", hit)
        if not gives:
            self._problem(cell.place, "a table gives at least one value", name, "gives: [NAME]")
        self.used |= set(columns)
        rows = cell.get("rows")
        made = [self._row(columns, gives, row) for row in (rows.items() if rows else ())]
        if not made:
            self._problem(cell.place, "a table has rows", name)
        return Table(name, columns, gives, hit, tuple(row for row in made if row), cell.place)

    def _row(self, columns: tuple[str, ...], gives: tuple[str, ...], row: Cell) -> Row | None:
        found, wanted = list(row.items()), len(columns) + len(gives)
        if len(found) != wanted:
            self._problem(row.place, f"this row has {len(found)} cells, the table wants {wanted}")
            return None
        when = [
            self._tree(cell, lambda cell, column=column: cells.condition(column, cell))
            for column, cell in zip(columns, found, strict=False)
        ]
        results = [self._tree(cell, cells.result) for cell in found[len(columns) :]]
        return Row(And(tuple(when)), tuple(results), row.place)

    def _scorecard(self, name: str, cell: Cell) -> Scorecard:
        gives = _text(cell.get("gives"))
        base = cell.get("base")
        points = base.value if base else 0
        if not gives:
            self._problem(cell.place, "a scorecard gives one value", name, "gives: NAME")
        if isinstance(points, bool) or not isinstance(points, int | Decimal):
            self._problem(cell.place, "the base of a scorecard is a number", str(points))
            points = 0
        listed = cell.get("characteristics")
        tables = [self._characteristic(name, item) for item in (listed.items() if listed else ())]
        return Scorecard(name, (gives,), Decimal(points), tuple(tables), cell.place)

    def _characteristic(self, card: str, item: Cell) -> Table:
        of, bins = _text(item.get("of")), item.get("bins")
        if not of or not bins:
            self._problem(
                item.place, "a characteristic says of what, and its bins", card, "- {of: NAME, bins: [...]}"
            )
        self.used.add(of)
        rows = [self._row((of,), ("points",), row) for row in (bins.items() if bins else ())]
        return Table(
            f"{card}.{of}", (of,), ("points",), "first", tuple(row for row in rows if row), item.place
        )

    def _ordered(self, steps: list[Step]) -> tuple[Step, ...]:
        """The steps so that each comes after those it needs."""
        makers: dict[str, Step] = {}
        for step in steps:
            for name in step.gives:
                if name in makers or name in self.check.kinds:
                    self._problem(step.place, "this name is already given elsewhere", name)
                makers[name] = step
        graph = {step.id: {makers[name].id for name in _needs(step) if name in makers} for step in steps}
        by_id = {step.id: step for step in steps}
        try:
            return tuple(by_id[name] for name in TopologicalSorter(graph).static_order())
        except CycleError as error:
            circle = error.args[1][::-1]
            self._problem(by_id[circle[0]].place, "these values need each other", " -> ".join(circle))
            self.check.kinds.update(dict.fromkeys(makers, ANY))
            return ()

    def _check_step(self, step: Step) -> None:
        if isinstance(step, Derivation):
            self.check.kinds[step.id] = self._kind(step.tree)
            return
        tables = step.characteristics if isinstance(step, Scorecard) else (step,)
        for table in tables:
            self._check_table(table)
        if isinstance(step, Scorecard):
            self.check.kinds[step.gives[0]] = "number"

    def _check_table(self, table: Table) -> None:
        for row in table.rows:
            for tree in row.when.items:  # type: ignore[union-attr]
                self.check.condition(tree, self.cell_of[id(tree)])
        for index, name in enumerate(table.gives):
            kinds = {self._kind(row.results[index]) for row in table.rows} - {ANY}
            if len(kinds) > 1:
                self._problem(
                    table.place, f"{name} is of several kinds: {', '.join(sorted(kinds))}", table.id
                )
            kind = kinds.pop() if kinds else ANY
            self.check.kinds.setdefault(name, f"list of {kind}" if table.hit == "collect" else kind)
            if table.hit in ("min", "max", "sum") and kind not in ("number", ANY):
                self._problem(table.place, f'hit "{table.hit}" wants numbers, {name} is a {kind}', table.id)

    def _kind(self, tree: Node) -> str:
        return self.check.expression(tree, self.cell_of[id(tree)])

    # --- rules ----------------------------------------------------------------------------------

    def _rules(self) -> Iterable[Rule]:
        if len(self.merged.rules) > RULES_MAX:
            self._problem(Place(next(iter(self.merged.files))), f"a rule set may have {RULES_MAX} rules")
        for priority, (name, cell) in enumerate(self.merged.rules.items(), 1):
            yield self._rule(name, cell, priority)

    def _rule(self, name: str, cell: Cell, priority: int) -> Rule:
        for key in ("when", "then", "reason"):
            if cell.get(key) is None:
                self._problem(cell.place, f'a rule says "{key}"', name)
        when = self._expression(cell.get("when")) if cell.get("when") else Literal(True)
        if cell.get("when"):
            self.check.condition(when, self.cell_of[id(when)])
        reason = _text(cell.get("reason"))
        words = self._words(cell.get("reason"))
        read = dict.fromkeys([item.id for item in names(when)] + [word.name for word in words if word.name])
        return Rule(
            id=name,
            when=folded(when, self.parameters),
            condition=" ".join(_text(cell.get("when")).split()),
            effect=self._choice(cell, "then", EFFECTS, "refer"),
            on_missing=self._choice(cell, "on_missing", ON_MISSING, "refer"),
            reason=reason,
            words=natural_words(words, self.dictionary, self.parameters),
            customer_reason=_text(cell.get("customer_reason")) or GENERAL_REASON,
            source=_text(cell.get("source")),
            priority=priority,
            names=tuple(item for item in read if item not in self.parameters),
            thresholds=MappingProxyType(
                {item: self.parameters[item] for item in read if item in self.parameters}
            ),
            place=cell.place,
        )

    def _choice(self, rule: Cell, key: str, known: tuple[str, ...], default: str) -> str:
        cell = rule.get(key)
        if cell is None or cell.value in known:
            return cell.value if cell else default
        suggestion = did_you_mean(str(cell.value), known)
        self._problem(cell.place, f'"{key}" is one of {", ".join(known)}', str(cell.value), suggestion)
        return default

    def _words(self, cell: Cell | None) -> list[Word]:
        try:
            found = words_of(_text(cell))
        except ValueError as error:
            self._problem(cell.place, f"the braces of this reason do not match: {error}", _text(cell))
            return []
        for _, name, style in found:
            if name and name not in self.check.kinds:
                self._problem(
                    cell.place, "unknown name in a reason", name, did_you_mean(name, self.check.kinds)
                )
            if style not in STYLES:
                self._problem(
                    cell.place, "a value is shown plain, as money or as percent", f"{{{name}:{style}}}"
                )
        self.used |= {word.name for word in found}
        return found

    def _check_unused(self) -> None:
        """A parameter that nothing uses is a slip, unless its rule was replaced or switched off."""
        left_over = {word for cell in self.merged.superseded for word in _words(cell)}
        for name in self.parameters.keys() - self.used - left_over:
            suggestion = did_you_mean(name, self.used & self.check.kinds.keys())
            self._problem(self.merged.parameters[name].place, "nothing uses this parameter", name, suggestion)


def _words(cell: Cell) -> set[str]:
    if isinstance(cell.value, dict | list):
        inner = cell.value.values() if isinstance(cell.value, dict) else cell.value
        return {word for item in inner for word in _words(item)}
    return set(re.findall(r"\w+", str(cell.value)))


def _parsed(cell: Cell) -> Node:
    value: Any = cell.value
    if isinstance(value, bool | int | Decimal):
        return Literal(value)
    if not isinstance(value, str):
        raise grammar.GrammarError("an expression is wanted here", 0, str(value)[:40])
    return grammar.parse(value)


def _text(cell: Cell | None) -> str:
    return str(cell.value) if cell is not None and isinstance(cell.value, str) else ""


def _texts(cell: Cell | None) -> tuple[str, ...]:
    return tuple(str(item.value) for item in cell.items()) if cell else ()


def _needs(step: Step) -> set[str]:
    if isinstance(step, Derivation):
        return {name.id for name in names(step.tree)}
    tables = step.characteristics if isinstance(step, Scorecard) else (step,)
    trees = [tree for table in tables for row in table.rows for tree in (row.when, *row.results)]
    return {name.id for tree in trees for name in names(tree)}


def oriented(node: Node, parameters: dict[str, Value]) -> Node:
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


def folded(node: Node, parameters: dict[str, Value]) -> Node:
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


def _constant(node: Node, parameters: dict[str, Value]) -> bool:
    return isinstance(node, Literal) or (isinstance(node, Name) and node.id in parameters)
