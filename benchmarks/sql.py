"""A rule set in the SQL of DuckDB, for the benchmark that decides a whole book.

DuckDB reckons in doubles, which is its fast path; so quotients are rounded to nine places and multiplied before
they are divided. A decision table stops where it stops with us: at a row that reads a derived value which is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from rules import Ruleset
from rules.language.ruleset import Choice, Derivation, Scorecard, Step, Table, expressions
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

WORD_BITS = 63
PLACES = 9  # of quotients: enough to tell any two amounts apart, few enough to hide what doubles lose


class Sql:
    """A rule set as one query: a subquery for each derived value, then the rules, then what follows."""

    def __init__(self, ruleset: Ruleset, book: Path) -> None:
        self.ruleset, self.spoilt = ruleset, set[str]()
        self.source = f"SELECT * FROM read_parquet('{book}')"
        for step in ruleset.steps:
            columns = ", ".join(f"{value} AS {name}" for name, value in self.derived(step))
            read = {name.id for tree in expressions(step) for name in names(tree)}
            if isinstance(step, Table | Scorecard) or read & self.spoilt:
                self.spoilt |= set(step.gives)  # what is unknown in them was not simply left out
            self.source = f"SELECT *, {columns} FROM ({self.source})"
        rules = ", ".join(f"{self.text(rule.when)} AS r{at}" for at, rule in enumerate(ruleset.rules))
        self.source = f"SELECT *, {rules} FROM ({self.source})"

    def query(self, *, names: bool) -> str:
        columns = [*self.words("hits", "coalesce(r{}, false)"), *self.words("unknown", "(r{} IS NULL)")]
        if names:
            fired = [f"CASE WHEN r{at} THEN '{rule.id}' END" for at, rule in enumerate(self.ruleset.rules)]
            columns.append(f"list_filter([{', '.join(fired)}], lambda x: x IS NOT NULL) AS rules")
        told = f"SELECT *, {self.outcome()} AS outcome, {', '.join(columns)} FROM ({self.source})"
        offer = [
            f"CASE WHEN outcome <> 'REJECT' AND {self.offered()} THEN {name} END AS {name}"
            for name in self.ruleset.offer
        ]
        words = [column.rsplit(" AS ", 1)[1] for column in columns]
        return f'SELECT "row", outcome, {", ".join([*words, *offer])} FROM ({told})'

    def look_up(self) -> str:
        """The names of the fired rules for all distinct bits of a table of decided rows."""
        words = [f"hits_{at}" for at in range(-(-len(self.ruleset.rules) // WORD_BITS))]
        fired = [
            f"CASE WHEN {words[at // WORD_BITS]} & {1 << at % WORD_BITS} <> 0 THEN '{rule.id}' END"
            for at, rule in enumerate(self.ruleset.rules)
        ]
        named = f"list_filter([{', '.join(fired)}], lambda x: x IS NOT NULL) AS rules"
        return f"SELECT *, {named} FROM (SELECT DISTINCT {', '.join(words)} FROM decided)"

    def offered(self) -> str:
        return " AND ".join(f"{name} IS NOT NULL" for name in self.ruleset.offer)

    def outcome(self) -> str:
        rejects, refers = self.speaking("reject"), self.speaking("refer")
        return f"CASE WHEN {rejects} THEN 'REJECT' WHEN {refers} THEN 'REFER' ELSE 'APPROVE' END"

    def speaking(self, effect: str) -> str:
        said = [
            f"coalesce(r{at}, false)" for at, rule in enumerate(self.ruleset.rules) if rule.effect == effect
        ]
        said += [f"r{at} IS NULL" for at, rule in enumerate(self.ruleset.rules) if rule.on_missing == effect]
        return f"({' OR '.join(said)})"

    def words(self, kind: str, flag: str) -> Iterator[str]:
        count = len(self.ruleset.rules)
        for word, start in enumerate(range(0, count, WORD_BITS)):
            bits = [
                f"{flag.format(at)}::BIGINT * {1 << (at - start)}"
                for at in range(start, min(start + WORD_BITS, count))
            ]
            yield f"{' + '.join(bits)} AS {kind}_{word}"

    def derived(self, step: Step) -> Iterator[tuple[str, str]]:
        match step:
            case Derivation():
                yield step.id, self.text(step.tree)
            case Choice():
                cases = [
                    f"WHEN {c} IS NULL THEN NULL WHEN {c} THEN {self.text(v)}"
                    for w, v in step.branches
                    for c in [self.text(w)]
                ]
                yield (
                    step.id,
                    f"CASE {' '.join(cases)} ELSE {self.text(step.otherwise) if step.otherwise else 'NULL'} END",
                )
            case Table():
                for at, name in enumerate(step.gives):
                    yield name, self.lookup(step, at)
            case Scorecard():
                points = [self.lookup(table, 0) for table in step.characteristics]
                yield step.gives[0], " + ".join([str(step.base), *points])

    def lookup(self, table: Table, at: int) -> str:
        if table.hit not in ("first", "unique"):
            raise ValueError(f"no SQL for tables of hit {table.hit}")
        spoilt = self.spoilt & set(table.columns)  # where such a value is unknown, the search stops
        stopped = " OR ".join(f"{name} IS NULL" for name in sorted(spoilt))
        reads = [spoilt & {name.id for name in names(row.when)} for row in table.rows]
        cases = []
        for row, read in zip(table.rows, reads, strict=True):
            when = self.text(row.when)
            if read and not all(reads):  # otherwise no row can match that would have to be stopped
                cases.append(f"WHEN {when} IS NULL AND ({stopped}) THEN NULL")
            cases.append(f"WHEN {when} THEN {self.text(row.results[at])}")
        return f"CASE {' '.join(cases)} END"

    def text(self, node: Node) -> str:
        match node:
            case Literal(value):
                return _sql_constant(value)
            case Name(name):
                return (
                    _sql_constant(self.ruleset.parameters[name]) if name in self.ruleset.parameters else name
                )
            case Missing(of):
                return f"({of.id} IS NULL)"
            case Not(item):
                return f"(NOT {self.text(item)})"
            case And(items) | Or(items):
                join = " AND " if isinstance(node, And) else " OR "
                return f"({join.join(map(self.text, items))})" if items else "true"
            case Compare(op, left, right):
                return f"({self.text(left)} {'=' if op == '==' else '<>' if op == '!=' else op} {self.text(right)})"
            case Arithmetic("*", Arithmetic("/", upper, lower), by):  # 0.55 * 100 is above 55 in doubles
                return self.text(Arithmetic("/", Arithmetic("*", upper, by), lower))
            case Arithmetic("/", left, right) if not self.constant(right):
                return f"round({self.text(left)} / {self.text(right)}, {PLACES})"
            case Arithmetic(op, left, right):
                return f"({self.text(left)} {op} {self.text(right)})"
            case Member(item, values):
                return f"({self.text(item)} IN {self.text(values)})"
            case Call(function, arguments):
                return _sql_call(function, [self.text(argument) for argument in arguments])
        raise AssertionError(node)

    def constant(self, node: Node) -> bool:
        return all(name.id in self.ruleset.parameters for name in names(node))


def _sql_constant(value: Any) -> str:
    if isinstance(value, tuple):
        return f"({', '.join(map(_sql_constant, value))})"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):
        return f"DATE '{value}'"
    return f"'{value}'" if isinstance(value, str) else f"{value}::DOUBLE" if "." in str(value) else str(value)


def _sql_call(function: str, arguments: list[str]) -> str:
    match function, arguments:
        case (("min" | "max"), _):
            known = " AND ".join(f"{argument} IS NOT NULL" for argument in arguments)
            chosen = {"min": "least", "max": "greatest"}[function]
            return f"CASE WHEN {known} THEN {chosen}({', '.join(arguments)}) END"
        case "floor_to", [number, step]:
            return f"(floor({number} / {step}) * {step})"
        case "round_half_up", [number, places]:
            return f"round({number}, {places})"
        case "coalesce", _:
            return f"coalesce({', '.join(arguments)})"
        case "days_between", [start, end]:
            return f"date_diff('day', {start}, {end})"
        case "unknown", _:
            return "NULL"
    raise ValueError(f"no SQL for {function}")
