"""Strategies: inputs for a dictionary (right, wrong and absent ones), conditions, and whole rule sets."""

import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from random import Random
from typing import Any

import polars as pl
from hypothesis import strategies as st

from rules.compiler import compile_ruleset
from rules.language.dictionary import Feature
from rules.language.ruleset import Ruleset, expressions
from rules.language.tree import Compare, Literal, Member, Name, children

JUNK = st.sampled_from(
    ["", "junk", "550", "1e5", " 1", "∞", float("nan"), float("inf"), 10**40, [], {}, True, -1, "2026-02-30"]
)


def constants(ruleset: Ruleset) -> dict[str, list[Any]]:
    """The constants that each name is compared with in a rule set: its edges."""
    found: dict[str, list[Any]] = {}
    stack = [rule.when for rule in ruleset.rules]
    stack += [tree for step in ruleset.steps for tree in expressions(step)]
    while stack:
        node = stack.pop()
        stack += children(node)
        if isinstance(node, Compare | Member):
            left, right = children(node)
            value = (
                right.value
                if isinstance(right, Literal)
                else ruleset.parameters.get(getattr(right, "id", ""))
            )
            if isinstance(left, Name) and value is not None:
                found.setdefault(left.id, []).extend(value if isinstance(value, tuple) else [value])
    return found


def value_of(feature: Feature, edges: list[Any]) -> st.SearchStrategy:
    """Values of a feature: anything in its range, and often one at or beside an edge."""
    if feature.type == "boolean":
        return st.booleans()
    if feature.type == "text":
        return st.sampled_from(feature.values)
    if feature.type == "date":
        return st.dates(date(2020, 1, 1), date(2030, 1, 1))
    if feature.type == "integer":
        near = [edge + step for edge in edges for step in (-1, 0, 1)]
        low = int(feature.minimum)
        anything = st.integers(low, int(min(feature.maximum, max(low, 0) + 5000)))
        return st.sampled_from(near) | anything if near else anything
    near = [Decimal(edge) + Decimal(step) for edge in edges for step in ("-0.01", "0", "0.01")]
    anything = st.decimals(max(feature.minimum, 0), min(feature.maximum, 200_000), places=2)
    return st.sampled_from(near) | anything if near else anything


def applicants(
    ruleset: Ruleset, *, absent: bool = True, junk: bool = True
) -> st.SearchStrategy[dict[str, Any]]:
    """Inputs for a rule set, some absent and some that cannot be read."""
    edges = constants(ruleset)
    fields = {}
    for name, feature in ruleset.dictionary.items():
        value = value_of(feature, edges.get(name, []))
        fields[name] = st.one_of(value, value, value, value, JUNK) if junk else value
    return st.fixed_dictionaries({}, optional=fields) if absent else st.fixed_dictionaries(fields)


NUMBERS = (
    "age_years",
    "bureau_score",
    "inward_bounce_count_3m",
    "average_salary_3m",
    "salary_variance_percent",
)
COMPARED = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
SMALL = st.integers(0, 5).map(str) | st.sampled_from(["600", "0.5", "1_000.01"])


def _numbers() -> st.SearchStrategy[str]:
    plain = st.sampled_from(NUMBERS) | SMALL
    return (
        plain
        | st.builds("({} {} {})".format, plain, st.sampled_from("+-*/"), plain)
        | st.builds("{}({}, {})".format, st.sampled_from(["min", "max", "coalesce"]), plain, plain)
    )


ATOMS = st.one_of(
    st.builds("{} {} {}".format, _numbers(), COMPARED, _numbers()),
    st.builds("{} {} {}".format, st.sampled_from(NUMBERS), COMPARED, SMALL),
    st.builds("{} <= {} < {}".format, SMALL, st.sampled_from(NUMBERS), SMALL),
    st.builds("{} between {} and {}".format, st.sampled_from(NUMBERS), SMALL, SMALL),
    st.sampled_from(
        [
            "bureau_hit",
            "blacklisted",
            "true",
            'city_tier == "A"',
            'city_tier in ("A", "C")',
            'city_tier not in ("B", "C")',
            "missing(bureau_score)",
            "missing(bureau_hit)",
            "age_years in (1, 2, 3)",
        ]
    ),
)


def conditions() -> st.SearchStrategy[str]:
    """Conditions of the grammar over a handful of the shared inputs."""
    return joined(ATOMS, 8)


def joined(atoms: st.SearchStrategy[str], leaves: int) -> st.SearchStrategy[str]:
    """Conditions made of others by `and`, `or` and `not`."""
    return st.recursive(
        atoms,
        lambda inner: st.one_of(
            st.builds("not ({})".format, inner),
            st.lists(inner, min_size=2, max_size=4).map(lambda items: "(" + " and ".join(items) + ")"),
            st.lists(inner, min_size=2, max_size=4).map(lambda items: "(" + " or ".join(items) + ")"),
        ),
        max_leaves=leaves,
    )


# --- whole rule files -----------------------------------------------------------------------------

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


# --- whole books ----------------------------------------------------------------------------------

# The types that the column of an input may have, the usual one first and most often; some never fit.
FORMS: dict[str, list[Any]] = {
    "integer": [pl.Int64, pl.Int64, pl.Int64, pl.Int16, pl.UInt64, pl.Float64, pl.String],
    "money": [pl.Float64, pl.Float64, pl.Int64, pl.Decimal(20, 3), pl.Float32, pl.String, pl.Boolean],
    "number": [pl.Float64, pl.Float64, pl.Int64, pl.Decimal(30, 8), pl.Float32, pl.String, pl.Boolean],
    "text": [pl.String, pl.String, pl.String, pl.Categorical, pl.Int64],
    "boolean": [pl.Boolean, pl.Boolean, pl.Boolean, pl.String],
    "date": [pl.Date, pl.Date, pl.Date, pl.String, pl.Datetime],
}
ODD: dict[Any, list[Any]] = {
    pl.Float64: [
        float("nan"),
        float("inf"),
        -1e300,
        -0.0,
        0.005,
        -0.005,
        2.675,
        1.0049999999,
        0.1 + 0.2,
        1e-7,
    ],
    pl.Float32: [0.1, 33.335, float("nan")],
    pl.Int64: [-1, 0, 10**13, -(2**63), 2**63 - 1],
    pl.Int16: [-1, 0, 32767],
    pl.UInt64: [0, 2**64 - 1],
    pl.Decimal: [Decimal("0.005"), Decimal("-0.005"), Decimal("2.675"), Decimal("200000.005"), Decimal(-1)],
    pl.String: [
        "",
        "junk",
        "b",
        "\u00e9",
        "1e5",
        " 1",
        "-0.005",
        "0012.50",
        "\u0661",
        "999999999999999.123456789012",
    ],
    pl.Datetime: [datetime.fromisoformat("2024-05-01")],
}
DATES = ["2024-01-01", "2025-06-30", "2026-02-30", "2026-W05-3", "20260101", "0000-01-01", "9999-12-31"]


@st.composite
def books(draw: st.DrawFn, ruleset: Ruleset, rows: int = 16) -> pl.DataFrame:
    """A frame of inputs: columns of the right and of wrong types or none at all, with values that can and
    cannot be read, mixed at random from a few of each."""
    mix, edges = Random(draw(st.integers(0, 2**32))), constants(ruleset)
    columns = {"row": pl.Series(range(rows))}
    for name, feature in ruleset.dictionary.items():
        dtype = draw(st.sampled_from([*FORMS[feature.type], None]))
        if dtype is not None:
            pool = draw(
                st.lists(st.none() | _held(feature, dtype, edges.get(name, [])), min_size=1, max_size=5)
            )
            columns[name] = pl.Series(mix.choices(pool, k=rows), dtype=dtype)
    return pl.DataFrame(columns)


def _held(feature: Feature, dtype: Any, edges: list[Any]) -> st.SearchStrategy:
    """Values that a column of this type may hold for an input."""
    value = value_of(feature, edges)
    odd = DATES if feature.type == "date" and dtype == pl.String else ODD.get(dtype.base_type(), [])
    fits = _FITS.get(dtype.base_type())
    told = value.map(fits) if fits and feature.type not in _NEVER.get(dtype, ()) else st.nothing()
    return told | told | st.sampled_from(odd) if odd else told


def _whole(low: int, high: int) -> Callable[[Any], int]:
    return lambda value: max(low, min(high, int(value)))


_FITS: dict[Any, Callable[[Any], Any]] = {
    pl.Int64: _whole(-(2**63), 2**63 - 1),
    pl.Int16: _whole(-(2**15), 2**15 - 1),
    pl.UInt64: _whole(0, 2**64 - 1),
    pl.Float64: float,
    pl.Float32: float,
    pl.Decimal: Decimal,
    pl.String: str,
    pl.Categorical: str,
    pl.Boolean: bool,
    pl.Date: lambda value: value,
}
_NEVER = {pl.Int64: ("text",)}


# What is usual for an input; any other number is mostly 0.
USUAL: dict[str, tuple[float, float]] = {
    "age_years": (23, 50),
    "average_monthly_balance": (4_000, 40_000),
    "bureau_score": (640, 860),
    "bureau_vintage_months": (12, 90),
    "days_since_last_rejection": (40, 900),
    "employment_tenure_months": (6, 90),
    "roi_percent_per_day": (0.5, 1.2),
    "salary_credit_count_3m": (3, 3),
    "salary_day_spread_days": (0, 3),
    "salary_variance_percent": (0, 12),
    "statement_age_days": (0, 10),
    "statement_days": (85, 180),
}
USUAL_ENDS = {
    "salary": (30_000, 110_000),
    "match": (85, 100),
    "tenure": (10, 38),
    "loan_applied": (5_000, 60_000),
}
USUAL_ENDS |= {
    "loan_proposed": (5_000, 60_000),
    "requested_amount": (5_000, 60_000),
    "obligations": (0, 20_000),
    "fee": (5, 12),
}


def realistic_book(ruleset: Ruleset, rows: int, *, unknown: float = 0.02, seed: int = 0) -> pl.DataFrame:
    """A large book of plausible applicants: round and odd amounts, one value in fifteen unusual, some unknown."""
    draw, row = Random(seed), pl.int_range(rows)
    columns = {}
    for at, (name, feature) in enumerate(ruleset.dictionary.items()):
        pool = [None if draw.random() < unknown else _plausible(feature, draw) for _ in range(997)]
        values = pl.Series(name, pool, dtype=FORMS[feature.type][0])
        columns[name] = pl.lit(values).gather(row.hash(seed * 1000 + at) % len(pool))
    return pl.select(row.alias("row"), **columns)


def _plausible(feature: Feature, draw: Random) -> Any:
    unusual = draw.random() < 1 / 15
    if feature.type == "boolean":
        return unusual is (feature.name == "blacklisted")
    if feature.type == "text":
        return draw.choice(feature.values) if unusual else feature.values[0]
    if feature.type == "date":
        return date(2026, 1, draw.randint(1, 28))
    ends = next((told for word, told in USUAL_ENDS.items() if word in feature.name), (0, 0))
    low, high = USUAL.get(feature.name, ends)
    number = draw.uniform(low / 2, high * 2 + 6) if unusual else draw.uniform(low, high)
    if feature.type == "integer":
        number = round(number)
    elif draw.random() < 0.6 and number > 1000:
        number = float(round(number / 500) * 500)
    else:
        number = round(number, 2)
    return max(type(number)(feature.minimum), min(type(number)(feature.maximum), number))
