"""Strategies: whole rule files."""

import json
from typing import Any

from hypothesis import strategies as st

from rules.compiler import compile_ruleset
from rules.language.ruleset import Ruleset

# Inputs of every type, with ranges that small and large numbers fit in.
DICTIONARY = """
decision_date: {type: date, meaning: x}
day: {type: date, meaning: x}
count: {type: integer, minimum: 0, maximum: 1000, meaning: x}
signed: {type: integer, minimum: -50, maximum: 50, meaning: x}
amount: {type: money, minimum: 0, maximum: 1000000000, meaning: x}
other_amount: {type: money, minimum: 0, maximum: 200000.005, meaning: x}
balance: {type: money, minimum: -1000000000, maximum: 1000000000, meaning: x}
percent: {type: number, minimum: 0, maximum: 100, meaning: x}
ratio: {type: number, meaning: x}
tier: {type: text, values: [A, B, C], meaning: x}
mode: {type: text, values: [B, C, "\u00e9", "two words"], meaning: x}
flag: {type: boolean, meaning: x}
held: {type: boolean, meaning: x}
"""
INPUTS = {
    "number": ["count", "signed", "amount", "other_amount", "balance", "percent", "ratio"],
    "text": ["tier", "mode"],
    "boolean": ["flag", "held"],
    "date": ["day", "decision_date"],
}
PARAMETERS = {
    "limit": 3,
    "half": 0.5,
    "steps": [1, 2, 2.5, -7],
    "names": ["B", "C"],
    "codes": [*range(0, 60, 3)],
}
USED = "limit > half or count in steps or count in codes or tier in names"  # a parameter has to be used
CONSTANTS = ("0", "1", "2", "5", "100", "600", "0.5", "1_000.01", "0.000001", "1.25", "365", "limit", "half")
TWO = '("B", "C")'
COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")


class Writer:
    """Writes a rule file, one drawn choice after the other; what it has derived, it may name later."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.names = {kind: list(names) for kind, names in INPUTS.items()}
        self.derived: list[str] = []
        self.file: dict[str, Any] = {"ruleset": "bre", "brand": "test", "dictionary": "tiny"}
        self.file |= {"parameters": PARAMETERS, "derive": {"used": USED}, "tables": [], "scorecards": []}
        self.file |= {"rules": [], "offer": []}

    def pick(self, *choices: Any) -> Any:
        return self.draw(st.sampled_from(choices))

    def some(self, most: int, least: int = 1) -> range:
        return range(self.draw(st.integers(least, most)))

    def name(self, kind: str) -> str:
        return self.pick(*reversed(self.names[kind]))

    def give(self, name: str, kind: str) -> None:
        self.derived.append(name)
        self.names.setdefault(kind, []).append(name)

    # --- expressions ---

    def number(self, depth: int = 2) -> str:
        form = self.pick(
            "name", "constant", *("join", "join", "percent", "choose", "round", "count", "days") * (depth > 0)
        )
        match form:
            case "name":
                return self.name("number")
            case "constant":
                return self.pick(*CONSTANTS)
            case "join":
                return f"({self.number(depth - 1)} {self.pick(*'+-*/')} {self.number(depth - 1)})"
            case "percent":
                return f"{self.number(0)} / {self.number(0)} * 100"
            case "choose":
                return f"{self.pick('min', 'max', 'coalesce')}({self.numbers(depth - 1)})"
            case "round":
                return self.pick(
                    f"round_half_up({self.number(depth - 1)}, {self.pick('0', '2', '1', '-2')})",
                    f"floor_to({self.number(depth - 1)}, {self.pick('500', 'limit', 'half', '0', 'count')})",
                )
            case "count":
                return f"{self.pick('count', 'average', 'min')}_positive({self.numbers(depth - 1)})"
        return f"days_between({self.name('date')}, {self.name('date')})"

    def numbers(self, depth: int) -> str:
        return ", ".join(self.number(depth) for _ in self.some(3))

    def text(self) -> str:
        return f"coalesce({self.name('text')}, {self.pick(self.name('text'), quoted(self.pick(*'ABC')))})"

    def date(self) -> str:
        return f"coalesce({self.name('date')}, {self.name('date')})"

    def boolean(self, depth: int = 2) -> str:
        if depth and self.pick(True, False):
            return self.pick(self._joined, self._negated)(depth - 1)
        return self.pick(
            self._simple, self._simple, self._compared, self._ranged, self._listed, self._texts, self._others
        )()

    def _joined(self, depth: int) -> str:
        return f" {self.pick('and', 'or')} ".join(f"({self.boolean(depth)})" for _ in self.some(3, 2))

    def _negated(self, depth: int) -> str:
        return f"not ({self.boolean(depth)})"

    def _simple(self) -> str:
        return f"{self.name('number')} {self.pick(*COMPARISONS)} {self.pick(*CONSTANTS)}"

    def _compared(self) -> str:
        return f"{self.number()} {self.pick(*COMPARISONS)} {self.number()}"

    def _ranged(self) -> str:
        low, high = self.pick(*CONSTANTS), self.pick(*CONSTANTS)
        return self.pick(f"{low} <= {self.number()} < {high}", f"{self.number()} between {low} and {high}")

    def _listed(self) -> str:
        return f"{self.number(1)} {self.pick('in', 'not in')} {self.pick('(0, 1, 2.5)', 'steps', 'codes')}"

    def _texts(self) -> str:
        return self.pick(
            f"tier {self.pick('==', '!=')} {quoted(self.pick(*'ABC'))}",
            f"{self.name('text')} {self.pick('==', '!=')} {self.name('text')}",
            f"{self.name('text')} {self.pick('in', 'not in')} {self.pick('names', TWO)}",
        )

    def _others(self) -> str:
        return self.pick(
            f"{self.name('date')} {self.pick(*COMPARISONS)} {self.name('date')}",
            f"missing({self.pick(*INPUTS['number'], *INPUTS['text'], *INPUTS['boolean'], *INPUTS['date'])})",
            self.name("boolean"),
            self.pick("true", "false", "flag == held", "flag != true"),
        )

    def expression(self, kind: str) -> str:
        return {"number": self.number, "text": self.text, "boolean": self.boolean, "date": self.date}[kind]()

    # --- what files are made of ---

    def derivation(self, at: int) -> None:
        kind = self.pick(*INPUTS)
        self.file["derive"][f"d{at}"] = self.expression(kind)
        self.give(f"d{at}", kind)

    def table(self, at: int) -> None:
        hit = self.pick("first", "first", "collect", "min", "max", "sum")
        kinds = ["number"] if hit in ("min", "max", "sum") else [*INPUTS]
        columns = self.columns("number", "number", "text", "boolean")
        gives = {f"d{at}_{n}": self.pick(*kinds) for n in self.some(2)}
        rows = [
            [*map(self.cell, columns), *(self.result(kind) for kind in gives.values())] for _ in self.some(4)
        ]
        made = {"id": f"T{at}", "hit": hit, "columns": columns, "gives": list(gives), "rows": rows}
        self.file["tables"].append(made)
        for name, kind in gives.items():
            self.give(name, kind if hit != "collect" else "list")

    def scorecard(self, at: int) -> None:
        columns = self.columns("number", "text")
        listed = [
            {"of": of, "bins": [[self.cell(of), self.points()] for _ in self.some(4)]} for of in columns
        ]
        card = {"id": f"S{at}", "gives": f"d{at}", "base": self.pick(-5, 0, 1), "characteristics": listed}
        self.file["scorecards"].append(card)
        self.give(f"d{at}", "number")

    def giving(self, at: int) -> None:
        kind = self.pick(*INPUTS)
        rules: list[dict[str, Any]] = [
            {"id": f"G{at}{n}", "when": self.boolean(), "then": {f"d{at}": self.expression(kind)}}
            for n in self.some(2)
        ]
        if self.pick(True, False):
            rules[0]["otherwise"] = {f"d{at}": self.expression(kind)}
        self.file["rules"] += rules
        self.give(f"d{at}", kind)

    def speaking(self, at: int) -> None:
        rule = {"id": f"R{at}", "when": self.boolean(), "reason": "x"}
        rule["then"] = self.pick("reject", "refer", "approve")
        rule["on_missing"] = self.pick("reject", "refer", "ignore", "ignore")
        days = self.pick({}, {}, {"effective_from": "2024-01-01"}, {"effective_to": "2025-06-30"})
        self.file["rules"].append(rule | days)

    def columns(self, *kinds: str) -> list[str]:
        return [*dict.fromkeys(self.name(self.pick(*kinds)) for _ in self.some(2))]

    def cell(self, column: str) -> str:
        asked = ["any"] if column in self.derived else ["any", "missing"]
        if column in self.names["number"]:
            low, high = self.pick(*CONSTANTS), self.pick(*CONSTANTS)
            asked += [f"{self.pick(*COMPARISONS)} {low}", f"{low} .. {high}", f">= {low} and < {high}"]
            asked += ["1, 2, 2.5", "not 3", "0"]
        else:
            asked += ["B", "C, B", "not B"] if column in self.names["text"] else ["== true", "== false"]
        return self.pick(*asked)

    def result(self, kind: str) -> str:
        form = self.pick("written", "written", "written", "plain", "unknown")
        if form == "plain" and kind == "text":
            return self.pick(*"ABC")
        return "= unknown()" if form == "unknown" else f"= {self.expression(kind)}"

    def points(self) -> Any:
        return self.pick(0, 5, 60, -5, self.result("number"))


def quoted(text: str) -> str:
    return f'"{text}"'


@st.composite
def rule_texts(draw: st.DrawFn) -> str:
    """Whole rule files: derived values, tables of every hit policy, scorecards, rules of every effect, an offer."""
    writer = Writer(draw)
    for at in writer.some(4, 0):
        writer.pick(writer.derivation, writer.table, writer.scorecard, writer.giving)(at)
    for at in writer.some(4):
        writer.speaking(at)
    if terms := [name for name in writer.derived if name not in writer.names.get("list", ())]:
        writer.file["offer"] = [*dict.fromkeys(writer.pick(*terms) for _ in writer.some(3, 0))]
    return json.dumps({key: value for key, value in writer.file.items() if value}, indent=1)


def made_of(text: str) -> Ruleset:
    """The rule set that a generated file says."""
    return compile_ruleset("brands/test/bre.yaml", {"brands/test/bre.yaml": text, "tiny.yaml": DICTIONARY})
