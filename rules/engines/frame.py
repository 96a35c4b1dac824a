"""Whole books at once: the rules as polars expressions, with the meaning that `decide` has.

polars reckons in doubles, decisions are made in decimals. So every number carries how large the numbers
were that it was made of, and a comparison too close to call in doubles makes its row *doubtful*; so does
whatever polars cannot say. Doubtful rows, commonly none or a few in a thousand, are worked out by the exact
evaluator. All others are decided in polars, and no doubt means no difference.

An unknown is a null; `bad` beside it tells one that may not be ignored from plain absence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import reduce
from typing import Any

import polars as pl

from rules.engines.decision import APPROVE, REFER, REJECT
from rules.engines.evaluator import worked_out
from rules.language.dictionary import NUMERIC, Feature
from rules.language.ruleset import SINGLE_HITS, Choice, Derivation, Rule, Ruleset, Step, Table
from rules.language.tree import And, Arithmetic, Call, Compare, Literal, Member, Missing, Name, Node, Not, Or
from rules.language.values import Unknown, Value

WORD_BITS = 63  # rules to a column of bits
CLOSE = 1e-9  # far above the error of doubles (1e-16 a step), far below any money
NO, YES = pl.lit(False), pl.lit(True)
UNREADABLE = "unreadable:{}"  # a column beside an input: true where what was supplied cannot be read
_NUMBER_TEXT = r"^-?\d{1,15}(\.\d{1,12})?$"


@dataclass(frozen=True, slots=True)
class Column:
    """A value for every row: null where unknown, `bad` where that may not be ignored.

    `scale` is the size of the numbers that went into a computed number; None for one taken as it is.
    """

    value: pl.Expr
    bad: pl.Expr = NO
    doubt: pl.Expr = NO
    scale: pl.Expr | None = None

    @property
    def size(self) -> pl.Expr:
        return self.scale if self.scale is not None else self.value.abs()

    @property
    def unusable(self) -> pl.Expr:
        return self.value.is_null() & self.bad


def decide_frame(ruleset: Ruleset, frame: pl.LazyFrame) -> pl.LazyFrame:
    """The frame with its decisions: `outcome`, and bits that tell which rules spoke.

    Inputs are the columns named in the dictionary; one that is not there is unknown in every row, and one
    that is null where its column UNREADABLE is true was supplied and could not be read. Rule
    number n (from 0) is bit n % 63 of the columns `hits_<n // 63>`, `unknown_<n // 63>` and
    `reasons_<n // 63>` (it rejects or refers); `spoken_rules` names them.
    """
    columns = _Columns(ruleset, dict(frame.collect_schema()))
    told = columns.told()
    inputs = [
        column
        for name in ruleset.dictionary
        for column in (name, UNREADABLE.format(name))
        if column in columns.schema
    ]

    def settle(batch: pl.DataFrame) -> pl.DataFrame:
        return _settled(ruleset, batch, inputs, list(told))

    worked = reduce(lambda so_far, stage: so_far.with_columns(**stage), columns.stages, frame)
    decided = worked.select(*columns.schema, _doubt=columns.doubt(), **told)
    schema = {**columns.schema, **{name: pl.String if name == "outcome" else pl.Int64 for name in told}}
    return decided.map_batches(settle, schema=schema, streamable=True)


def spoken_rules(ruleset: Ruleset, words: Iterable[int]) -> list[str]:
    """The ids of the rules whose bits are set in the words of `hits_*`, `unknown_*` or `reasons_*`."""
    bits = [(word >> bit) & 1 for word in words for bit in range(WORD_BITS)]
    return [rule.id for rule, bit in zip(ruleset.rules, bits, strict=False) if bit]


def _settled(ruleset: Ruleset, batch: pl.DataFrame, inputs: list[str], told: list[str]) -> pl.DataFrame:
    """The batch with its doubtful rows worked out exactly."""
    doubtful = batch.get_column("_doubt").arg_true()
    batch = batch.drop("_doubt")
    if not len(doubtful):
        return batch
    exact = [_exactly(ruleset, row) for row in batch[doubtful].select(inputs).iter_rows(named=True)]
    schema = {name: batch.schema[name] for name in told}
    right = pl.DataFrame(exact, schema=schema, orient="row")
    return batch.with_columns(
        batch.get_column(name).scatter(doubtful, right.get_column(name)) for name in told
    )


def _exactly(ruleset: Ruleset, row: dict[str, Any]) -> tuple[Any, ...]:
    """One row by the evaluator: the outcome, then the words of `hits_*`, `unknown_*` and `reasons_*`."""
    facts, _ = worked_out(ruleset, _supplied(row))
    results = ruleset.conditions(facts)
    effects = [rule.effect_of(result) for rule, result in zip(ruleset.rules, results, strict=True)]
    outcome = REJECT if "reject" in effects else REFER if "refer" in effects else APPROVE
    hits = _words([result is True for result in results])
    unknown = _words([type(result) is Unknown for result in results])
    return (outcome, *hits, *unknown, *_words([effect in ("reject", "refer") for effect in effects]))


def _supplied(row: dict[str, Any]) -> dict[str, Any]:
    """The inputs of a row as `decide` takes them."""
    spoilt = {
        name: {"unreadable": f"{name} cannot be read"} for name in row if row.get(UNREADABLE.format(name))
    }
    return row | spoilt


def _words(flags: list[bool]) -> list[int]:
    """Flags as numbers of WORD_BITS bits."""
    starts = range(0, len(flags), WORD_BITS)
    return [sum(flag << bit for bit, flag in enumerate(flags[start : start + WORD_BITS])) for start in starts]


class _Columns:
    """The columns of a rule set over a frame: inputs, derived values, rules."""

    def __init__(self, ruleset: Ruleset, schema: Mapping[str, pl.DataType]) -> None:
        self.ruleset, self.schema = ruleset, schema
        self.known: dict[str, Column] = {
            name: _constant(value)
            for name, value in ruleset.parameters.items()
            if not isinstance(value, tuple)
        }
        # Each stage is worked out and kept before the next: otherwise every rule would carry, and polars
        # would have to take apart again, the whole tree of what it is derived from.
        self.stages: list[dict[str, pl.Expr]] = []
        self._keep({name: self._input(feature) for name, feature in ruleset.dictionary.items()})
        for step in ruleset.steps:
            self._keep(self._derived(step))
        rules = {rule.id: self.column(rule.when) for rule in ruleset.rules}
        self._keep(rules)
        self.rules = [self.known[rule.id] for rule in ruleset.rules]

    def told(self) -> dict[str, pl.Expr]:
        """The expressions of the result columns."""
        hits = [column.value.fill_null(False) for column in self.rules]
        unknown = [column.value.is_null() for column in self.rules]
        pairs = list(zip(self.ruleset.rules, self.rules, strict=True))
        rejects, refers = (
            [_follows(rule, column, effect) for rule, column in pairs] for effect in ("reject", "refer")
        )
        outcome = (
            pl.when(_any(rejects))
            .then(pl.lit(REJECT))
            .when(_any(refers))
            .then(pl.lit(REFER))
            .otherwise(pl.lit(APPROVE))
        )
        reasons = [reject | refer for reject, refer in zip(rejects, refers, strict=True)]
        told = {"hits": hits, "unknown": unknown, "reasons": reasons}
        return {"outcome": outcome} | {
            k: v for name, flags in told.items() for k, v in _bits(name, flags).items()
        }

    def doubt(self) -> pl.Expr:
        """Whether any comparison of a row was too close to call."""
        return _any(column.doubt for column in self.rules).fill_null(True)

    def _keep(self, columns: dict[str, Column]) -> None:
        """Work these out in a stage of their own; from then on they are plain columns."""
        stage: dict[str, pl.Expr] = {}
        for name, column in columns.items():
            parts = {"value": column.value, "bad": column.bad, "doubt": column.doubt, "scale": column.scale}
            told = {part: f"_{part}:{name}" for part, expression in parts.items() if expression is not None}
            stage |= {told[part]: expression for part, expression in parts.items() if expression is not None}
            self.known[name] = Column(**{part: pl.col(column_name) for part, column_name in told.items()})
        self.stages.append(stage)

    # --- inputs and derived values --------------------------------------------------------------

    def _input(self, feature: Feature) -> Column:
        if feature.name not in self.schema:
            return Column(pl.lit(None, dtype=_DTYPES[feature.kind]))
        value, doubt = _read(feature, pl.col(feature.name), self.schema[feature.name])
        return Column(value, bad=_unreadable(feature, value, self.schema), doubt=doubt)

    def _derived(self, step: Step) -> dict[str, Column]:
        if isinstance(step, Derivation):
            return {step.id: self.column(step.tree)}
        if isinstance(step, Choice):
            return {step.id: self._choice(step)}
        if isinstance(step, Table):
            return dict(zip(step.gives, self._table(step), strict=True))
        points = [self._table(table)[0] for table in step.characteristics]
        return {step.gives[0]: reduce(_plus, points, _constant(step.base))}

    def _choice(self, step: Choice) -> Column:
        """What rules give, the last rule first in the making."""
        given = self.column(step.otherwise) if step.otherwise else _NOWHERE
        for when, result in reversed(step.branches):
            hit, mine = self.column(when), self.column(result)
            # An unknown condition stops the search, absent or not; so it is as grave as it is there.
            given = _looked_up(hit, mine, given, stop=hit.value.is_null(), stopped_bad=hit.bad)
        return given

    def _table(self, table: Table) -> list[Column]:
        """What a table gives, its last row first in the making."""
        if table.hit not in SINGLE_HITS:  # left to the exact evaluator
            return [replace(_NOWHERE, doubt=YES) for _ in table.gives]
        self._keep({f"{table.id}[{index}]": self.column(row.when) for index, row in enumerate(table.rows)})
        given = [_NOWHERE for _ in table.gives]
        for index, row in reversed(list(enumerate(table.rows))):
            when = self.known[f"{table.id}[{index}]"]
            pairs = zip(row.results, given, strict=True)
            given = [_looked_up(when, self.column(result), below) for result, below in pairs]
        return given

    # --- expressions ----------------------------------------------------------------------------

    def column(self, node: Node) -> Column:
        match node:
            case Literal(value):
                return _constant(value)
            case Name(name):
                return self.known[name]
            case Missing(of):
                column = self.known[of.id]
                missing = pl.when(column.unusable).then(None).otherwise(column.value.is_null())
                return Column(missing, column.bad, column.doubt)
            case Not(item):
                column = self.column(item)
                return replace(column, value=~column.value)
            case And(items) | Or(items):
                join = pl.all_horizontal if isinstance(node, And) else pl.any_horizontal
                return _joined(join, [self.column(item) for item in items])
            case Compare(op, left, right):
                return _compared(op, self.column(left), self.column(right))
            case Member(item, values):
                return self._member(self.column(item), values)
            case Arithmetic(op, left, right):
                return _RECKON[op](self.column(left), self.column(right))
            case Call(function, arguments):
                return _called(function, [self.column(argument) for argument in arguments])
        raise AssertionError(node)

    def _member(self, item: Column, values: Node) -> Column:
        listed = values.value if isinstance(values, Literal) else self.ruleset.parameters[values.id]  # type: ignore[union-attr]
        return _joined(pl.any_horizontal, [_compared("==", item, _constant(value)) for value in listed])


_DTYPES = {"number": pl.Float64, "text": pl.String, "boolean": pl.Boolean, "date": pl.Date}


def _constant(value: Value) -> Column:
    return Column(pl.lit(float(value) if isinstance(value, Decimal) else value))


_NOWHERE = Column(pl.lit(None), bad=YES)


def _any(flags: Iterable[pl.Expr]) -> pl.Expr:
    return pl.any_horizontal(NO, *flags)


def _follows(rule: Rule, column: Column, effect: str) -> pl.Expr:
    """Whether the rule has this effect."""
    hit = column.value.fill_null(False) if rule.effect == effect else NO
    if rule.on_missing == effect:
        return hit | column.value.is_null()
    return hit | column.unusable if (rule.on_missing, effect) == ("ignore", "refer") else hit


def _bits(name: str, flags: list[pl.Expr]) -> dict[str, pl.Expr]:
    made = {}
    for start in range(0, len(flags), WORD_BITS):
        part = [flag.cast(pl.Int64) * (1 << bit) for bit, flag in enumerate(flags[start : start + WORD_BITS])]
        made[f"{name}_{start // WORD_BITS}"] = pl.sum_horizontal(part)
    return made


# --- inputs ---------------------------------------------------------------------------------------


def _read(feature: Feature, raw: pl.Expr, dtype: pl.DataType) -> tuple[pl.Expr, pl.Expr]:
    """An input column as rules compare it, null where it cannot be read; and where that is doubtful."""
    if feature.type in NUMERIC:
        return _read_number(feature, raw, dtype)
    nothing = pl.lit(None, dtype=_DTYPES[feature.kind])
    if feature.type == "text" and dtype in (pl.String, pl.Categorical, pl.Enum):
        text = raw.cast(pl.String)
        return pl.when(text.is_in(feature.values)).then(text), NO
    if feature.type == "date" and dtype == pl.String:
        return raw.str.to_date("%Y-%m-%d", strict=False), raw.is_not_null()
    fits = {"boolean": pl.Boolean, "date": pl.Date}.get(feature.type) == dtype
    return (raw, NO) if fits else (nothing, NO)


def unreadable(ruleset: Ruleset, schema: Mapping[str, pl.DataType]) -> dict[str, pl.Expr]:
    """For each input that is a column: where it holds something that the input cannot be."""
    columns = [feature for name, feature in ruleset.dictionary.items() if name in schema]
    read = {
        feature.name: _read(feature, pl.col(feature.name), schema[feature.name])[0] for feature in columns
    }
    return {feature.name: _unreadable(feature, read[feature.name], schema) for feature in columns}


def _unreadable(feature: Feature, value: pl.Expr, schema: Mapping[str, pl.DataType]) -> pl.Expr:
    bad = pl.col(feature.name).is_not_null() & value.is_null()
    marker = UNREADABLE.format(feature.name)
    return bad | pl.col(marker).fill_null(False) if marker in schema else bad


def _read_number(feature: Feature, raw: pl.Expr, dtype: pl.DataType) -> tuple[pl.Expr, pl.Expr]:
    places = NUMERIC[feature.type]
    whole = dtype.is_integer()
    if not whole and (places == 0 or not (dtype.is_numeric() or dtype == pl.String)):
        return pl.lit(None, dtype=pl.Float64), NO
    number = raw
    if dtype == pl.String:
        number = pl.when(raw.str.contains(_NUMBER_TEXT)).then(raw).cast(pl.Float64, strict=False)
    number = number.cast(pl.Float64)
    low, high = float(feature.minimum), float(feature.maximum)
    inside = pl.when(number.is_finite() & number.is_between(low, high)).then(number)
    if whole:
        return inside, NO
    units = inside * 10.0**places
    # Halves are where a double and its decimal text may round apart; so is anything beyond 15 digits.
    odd = ((units - units.floor()) - 0.5).abs() < 1e-3
    beyond = (units.abs() > 1e14) | (((number - low).abs() < 1e-6) | ((number - high).abs() < 1e-6)) & (
        number != inside.round(places)
    )
    return units.round() / 10.0**places, (odd | beyond).fill_null(False)


# --- combining ------------------------------------------------------------------------------------


def _unknowns(parts: Iterable[Column]) -> tuple[pl.Expr, pl.Expr]:
    """Whether some part is unusable, and whether some part is doubtful."""
    parts = list(parts)
    return _any(part.unusable for part in parts), _any(part.doubt for part in parts)


def _joined(join: Callable[..., pl.Expr], parts: list[Column]) -> Column:
    """Three-valued `and` or `or`, which is what polars does with nulls."""
    bad, doubt = _unknowns(parts)
    return Column(join(*(part.value for part in parts)), bad, doubt)


def _compared(op: str, left: Column, right: Column) -> Column:
    bad, doubt = _unknowns((left, right))
    compared = {
        "<": left.value < right.value,
        "<=": left.value <= right.value,
        ">": left.value > right.value,
        ">=": left.value >= right.value,
        "==": left.value == right.value,
        "!=": left.value != right.value,
    }[op]
    if left.scale is not None or right.scale is not None:
        close = (left.value - right.value).abs() <= CLOSE * pl.max_horizontal(left.size, right.size)
        doubt = doubt | close.fill_null(False)
    return Column(compared, bad, doubt)


def _looked_up(
    when: Column,
    result: Column,
    below: Column,
    stop: pl.Expr | None = None,
    stopped_bad: pl.Expr = YES,
) -> Column:
    """A table row above the rest of its table; `stop` is where nothing below it counts."""
    hit, stop = when.value.fill_null(False), when.unusable if stop is None else stop

    def chosen(mine: pl.Expr, otherwise: pl.Expr, stopped: pl.Expr) -> pl.Expr:
        return pl.when(hit).then(mine).when(stop).then(stopped).otherwise(otherwise)

    scale = None
    if result.scale is not None or below.scale is not None:
        scale = chosen(result.size, below.size, pl.lit(0.0)) if below is not _NOWHERE else result.size
    return Column(
        chosen(result.value, below.value, pl.lit(None)),
        chosen(result.bad, below.bad, stopped_bad),
        when.doubt | chosen(result.doubt, below.doubt, NO),
        scale,
    )


def _reckoned(left: Column, right: Column, value: pl.Expr, scale: pl.Expr, risky: pl.Expr = NO) -> Column:
    bad, doubt = _unknowns((left, right))
    failed = left.value.is_not_null() & right.value.is_not_null() & value.is_null()
    return Column(
        value, bad | failed, doubt | risky.fill_null(False) | (scale > 1e30).fill_null(False), scale
    )


def _plus(left: Column, right: Column) -> Column:
    return _reckoned(left, right, left.value + right.value, left.size + right.size)


def _minus(left: Column, right: Column) -> Column:
    return _reckoned(left, right, left.value - right.value, left.size + right.size)


def _times(left: Column, right: Column) -> Column:
    return _reckoned(left, right, left.value * right.value, left.size * right.size)


def _over(left: Column, right: Column) -> Column:
    """A division; by zero is unknown, by something that is almost zero is doubtful."""
    divisor = right.value.cast(pl.Float64)
    value = pl.when(divisor != 0).then(left.value / divisor)
    scale = left.size / divisor.abs() * pl.max_horizontal(pl.lit(1.0), right.size / divisor.abs())
    risky = divisor.abs() <= CLOSE * right.size if right.scale is not None else NO
    return _reckoned(left, right, value, pl.when(divisor != 0).then(scale).otherwise(0.0), risky)


_RECKON: dict[str, Callable[[Column, Column], Column]] = {"+": _plus, "-": _minus, "*": _times, "/": _over}


def _called(function: str, arguments: list[Column]) -> Column:
    if function == "coalesce":
        return reduce(lambda below, first: _first(first, below), reversed(arguments[:-1]), arguments[-1])
    if function in ("min", "max"):
        return _extreme(pl.min_horizontal if function == "min" else pl.max_horizontal, arguments)
    if function == "days_between":
        bad, doubt = _unknowns(arguments)
        start, end = (argument.value for argument in arguments)
        return Column((end - start).dt.total_days(), bad, doubt)
    if function == "unknown":
        return _NOWHERE
    # The rest rounds or chooses: the exact evaluator does it.
    return Column(pl.lit(None, dtype=pl.Float64), doubt=YES)


def _first(first: Column, below: Column) -> Column:
    """coalesce: the first unless it is absent; one that is there but unusable is not passed over."""
    take = first.value.is_not_null() | first.bad
    scaled = first.scale is not None or below.scale is not None
    return Column(
        pl.when(take).then(first.value).otherwise(below.value),
        pl.when(take).then(first.bad).otherwise(below.bad),
        first.doubt | below.doubt,
        pl.when(take).then(first.size).otherwise(below.size) if scaled else None,
    )


def _extreme(choose: Callable[..., pl.Expr], arguments: list[Column]) -> Column:
    bad, doubt = _unknowns(arguments)
    known = pl.all_horizontal(argument.value.is_not_null() for argument in arguments)
    value = pl.when(known).then(choose(*(argument.value for argument in arguments)))
    scaled = any(argument.scale is not None for argument in arguments)
    return Column(value, bad, doubt, pl.max_horizontal(a.size for a in arguments) if scaled else None)
