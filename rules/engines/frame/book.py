"""A rule set over a frame: a column for every input, derived value and rule."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from functools import cached_property, reduce

import polars as pl

from rules.engines.frame import functions, numbers, reckoning, tables
from rules.engines.frame.columns import NO, YES, Column, joined, negated, varies
from rules.engines.frame.inputs import TEXT, CodeBook, Schema, read, unknown
from rules.engines.frame.numbers import Number
from rules.language.ruleset import Choice, Derivation, Ruleset, Scorecard, Step, Table
from rules.language.tree import And, Arithmetic, Call, Compare, Literal, Member, Missing, Name, Node, Not, Or
from rules.language.values import Value

_LISTED_MAX = 16  # a longer list is looked up, not compared item by item
_ARITHMETIC = {"+": reckoning.plus, "-": reckoning.minus, "*": reckoning.times, "/": reckoning.over}


class Book:
    """The columns of a rule set over a frame of this schema.

    `stages` are to be added to the frame one after the other: each is worked out and kept before the next,
    otherwise every rule would carry the whole tree of what it is derived from.
    """

    def __init__(self, ruleset: Ruleset, schema: Schema) -> None:
        self.ruleset, self.codes = ruleset, CodeBook()
        self.stages: list[dict[str, pl.Expr]] = []
        self.known: dict[str, Column] = {}
        self.keep({name: read(feature, schema, self.codes) for name, feature in ruleset.dictionary.items()})
        for step in ruleset.steps:
            self.keep(self._derived(step))

    @cached_property
    def rules(self) -> list[Column]:
        """The condition of every rule."""
        return self.keep({f"rule {rule.id}": self.column(rule.when) for rule in self.ruleset.rules})

    def keep(self, columns: dict[str, Column]) -> list[Column]:
        """Work these out in a stage of their own; from then on they are plain columns."""
        stage: dict[str, pl.Expr] = {}
        for name, column in columns.items():
            parts = {field.name: getattr(column, field.name) for field in fields(column)}
            parts = {part: value for part, value in parts.items() if varies(value)}
            stage |= {f"_{part}:{name}": value for part, value in parts.items()}
            self.known[name] = replace(column, **{part: pl.col(f"_{part}:{name}") for part in parts})
        self.stages.append(stage)
        return [self.known[name] for name in columns]

    def told(self, name: str) -> pl.Expr:
        """A derived value as it is handed out."""
        column = self.known[name]
        if isinstance(column, Number):
            return reckoning.as_double(column)
        return self.codes.words(column.value) if self.ruleset.kinds[name] == "text" else column.value

    # --- derived values ---------------------------------------------------------------------------

    def _derived(self, step: Step) -> dict[str, Column]:
        if isinstance(step, Derivation):
            return {step.id: self.column(step.tree)}
        if isinstance(step, Choice):
            return {step.id: self._choice(step)}
        if isinstance(step, Scorecard):
            points = self.keep({table.id: self._table(table)[0] for table in step.characteristics})
            return {step.gives[0]: reduce(reckoning.plus, points, numbers.constant(step.base))}
        return dict(zip(step.gives, self._table(step), strict=True))

    def _choice(self, step: Choice) -> Column:
        whens = self.keep(
            {f"{step.id}?{at}": self.column(when) for at, (when, _) in enumerate(step.branches)}
        )
        results = [self.column(result) for _, result in step.branches]
        otherwise = self.column(step.otherwise) if step.otherwise else None
        return tables.first_of(list(zip(whens, results, strict=True)), otherwise)

    def _table(self, table: Table) -> list[Column]:
        rows = self.keep(
            {f"{table.id}[{index}]": self.column(row.when) for index, row in enumerate(table.rows)}
        )
        gives = list(zip(*(row.results for row in table.rows), strict=True)) or [()] * len(table.gives)
        return [self._given(table, rows, name, trees) for name, trees in zip(table.gives, gives, strict=True)]

    def _given(self, table: Table, rows: list[Column], name: str, trees: tuple[Node, ...]) -> Column:
        if not rows:
            return replace(unknown(self.ruleset.kinds[name]), bad=YES)
        results = [self.column(tree) for tree in trees]
        if table.hit == "collect":
            results = [self._of_kind(self.ruleset.kinds[name], result) for result in results]
        return tables.HITS[table.hit](rows, results)

    def _of_kind(self, kind: str, result: Column) -> Column:
        """A result as a list holds it; what is unknown on purpose is of no kind by itself."""
        if kind == "list of number":
            return result
        value = self.codes.words(result.value) if kind == "list of text" else result.value
        return Column(value, bad=result.bad, doubt=result.doubt)

    # --- expressions ------------------------------------------------------------------------------

    def column(self, node: Node) -> Column:
        match node:
            case Literal(value):
                return self._constant(value)
            case Name(name) if name in self.ruleset.parameters:
                return self._constant(self.ruleset.parameters[name])
            case Name(name):
                return self.known[name]
            case Missing(of):
                return functions.missing(self.known[of.id])
            case Not(item):
                return negated(self.column(item))
            case And(items) | Or(items):
                return joined([self.column(item) for item in items], decisive=isinstance(node, Or))
            case Compare(op, left, right):
                return functions.compared(op, self.column(left), self.column(right))
            case Member(item, values):
                return self._member(self.column(item), values)
            case Arithmetic(op, left, right):
                return _ARITHMETIC[op](self.column(left), self.column(right))
            case Call(function, arguments):
                return functions.FUNCTIONS[function]([self.column(argument) for argument in arguments])
        raise AssertionError(node)

    def _constant(self, value: Value) -> Column:
        if isinstance(value, bool):
            return Column(YES if value else NO)
        if isinstance(value, str):
            return Column(pl.lit(self.codes[value], dtype=TEXT))
        return Column(pl.lit(value)) if isinstance(value, date) else numbers.constant(value)

    def _member(self, item: Column, values: Node) -> Column:
        listed = values.value if isinstance(values, Literal) else self.ruleset.parameters[values.id]
        if len(listed) <= _LISTED_MAX or (isinstance(item, Number) and not item.looked_up):
            constants = [self._constant(value) for value in listed]
            return joined([functions.compared("==", item, one) for one in constants], decisive=True)
        if isinstance(item, Number):
            keys = item.units_of(listed)
        else:
            keys = [self.codes[value] if isinstance(value, str) else value for value in listed]
        return Column(item.value.is_in(keys), item.bad, item.doubt)
