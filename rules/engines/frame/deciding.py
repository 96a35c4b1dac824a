"""A book decided: outcomes, bits that tell which rules spoke, offers; and a book of derived values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from functools import partial, reduce
from typing import Any

import polars as pl

from rules.engines.decision import APPROVE, REFER, REJECT
from rules.engines.evaluator import worked_out
from rules.engines.frame.book import Book
from rules.engines.frame.columns import NO, any_of
from rules.engines.frame.inputs import singles, supplied
from rules.language.ruleset import Facts, Rule, Ruleset
from rules.language.values import Unknown, absent

WORD_BITS = 63  # rules to a column of bits
_NO_BIT, *_BITS = (pl.lit(bit, dtype=pl.UInt8) for bit in (0, 1, 2, 4, 8, 16, 32, 64, 128))
OUTCOMES = pl.Enum([APPROVE, REFER, REJECT])

Told = dict[str, pl.Expr]
Exactly = Callable[[Facts], tuple[Any, ...]]


def decide_frame(ruleset: Ruleset, frame: pl.LazyFrame) -> pl.LazyFrame:
    """The frame with its decisions, each row as `decide` decides it.

    Inputs are the columns named in the dictionary; one that is not there is unknown in every row, and one
    that is null where its column UNREADABLE is true was supplied and could not be read. Added, in place of
    columns that have these names:

    outcome                     APPROVE, REFER or REJECT
    hits_0, unknown_0, ...      rule number n (from 0) is bit n % 63 of word n // 63; `spoken_rules` names
    reasons_0, ...              the rules of a few words, `named_rules` those of a whole book
    the names of the offer      null where nothing is offered; numbers are doubles, exact to 15 digits

    Nothing is worked out before the frame is collected, and then only what is asked for. For counts,
    aggregate the lazy frame (`.select`, `.group_by`) and collect the result with engine="streaming".
    """
    book = Book(ruleset, frame.collect_schema())
    effects = _effects(book)
    book.stages.append({"_outcome": _outcome(effects)})
    told = {
        "outcome": pl.col("_outcome"),
        **{
            f"{kind}_{at}": pl.col(f"_{kind}_{at}")
            for kind in ("hits", "unknown")
            for at in range(len(effects))
        },
        **{f"reasons_{at}": reject | refer for at, (reject, refer) in enumerate(effects)},
        **_offer(book),
    }
    doubt = any_of(column.doubt for column in (*book.rules, *(book.known[name] for name in ruleset.offer)))
    return _answered(book, frame, told, doubt, partial(_decided, ruleset))


def compute_frame(ruleset: Ruleset, frame: pl.LazyFrame) -> pl.LazyFrame:
    """The frame with every derived value, as `compute` works it out: for rule sets that calculate (CAM).

    What could not be worked out is null; numbers are doubles, exact to 15 digits. Only what is asked for of the
    lazy frame is worked out.
    """
    book = Book(ruleset, frame.collect_schema())
    told = {name: book.told(name) for name in ruleset.derived}
    doubt = any_of(book.known[name].doubt for name in told)
    return _answered(book, frame, told, doubt, partial(_computed, ruleset.derived))


# --- what is told ---------------------------------------------------------------------------------


def _effects(book: Book) -> list[tuple[pl.Expr, pl.Expr]]:
    """For each word of rules, the bits of those that reject and of those that refer."""
    made, rules = [], list(zip(book.ruleset.rules, book.rules, strict=True))
    for at, start in enumerate(range(0, len(rules), WORD_BITS)):
        part = rules[start : start + WORD_BITS]
        spoilt = [column.bad if rule.on_missing == "ignore" else NO for rule, column in part]
        words = {
            f"_hits_{at}": _packed([column.value for _, column in part]),
            f"_unknown_{at}": _packed([column.null for _, column in part]),
            f"_spoilt_{at}": _packed(spoilt),
        }
        book.stages.append(words)
        made.append(
            tuple(_following(effect, [rule for rule, _ in part], words) for effect in ("reject", "refer"))
        )
    return made


_RESULTS = (True, absent("an input"), Unknown("it cannot be read"))  # a rule hits, is unknown, is spoilt


def _following(effect: str, rules: list[Rule], words: Iterable[str]) -> pl.Expr:
    """The bits of the rules that have this effect."""
    found = pl.lit(0, dtype=pl.Int64)
    for word, result in zip(words, _RESULTS, strict=True):
        mask = sum(1 << bit for bit, rule in enumerate(rules) if rule.effect_of(result) == effect)
        found = found | pl.col(word) & mask if mask else found
    return found


def _outcome(effects: list[tuple[pl.Expr, pl.Expr]]) -> pl.Expr:
    rejects, refers = (any_of(pair[effect] != 0 for pair in effects) for effect in (0, 1))
    said = {name: pl.lit(name, dtype=OUTCOMES) for name in (APPROVE, REFER, REJECT)}
    return pl.when(rejects).then(said[REJECT]).when(refers).then(said[REFER]).otherwise(said[APPROVE])


def _packed(flags: list[pl.Expr]) -> pl.Expr:
    """Flags as the bits of a number: eight to a byte, then bytes joined two at a time."""
    bits = [pl.when(flag).then(_BITS[at % 8]).otherwise(_NO_BIT) for at, flag in enumerate(flags)]
    parts = [reduce(pl.Expr.__or__, bits[start : start + 8]) for start in range(0, len(bits), 8)]
    for dtype, width in ((pl.UInt16, 8), (pl.UInt32, 16), (pl.Int64, 32)):
        pairs = [[part.cast(dtype) for part in parts[start : start + 2]] for start in range(0, len(parts), 2)]
        parts = [reduce(lambda low, high: low | high * (1 << width), pair) for pair in pairs]
    return parts[0]


def _offer(book: Book) -> Told:
    """The columns of the offer: all of them or, after a reject and where one is unknown, none."""
    terms = [book.known[name] for name in book.ruleset.offer]
    offered = pl.all_horizontal(pl.col("_outcome") != REJECT, *(~term.null for term in terms))
    return {name: pl.when(offered).then(book.told(name)) for name in book.ruleset.offer}


# --- rows in doubt --------------------------------------------------------------------------------


def _answered(book: Book, frame: pl.LazyFrame, told: Told, doubt: pl.Expr, exactly: Exactly) -> pl.LazyFrame:
    """The frame with what is told, rows in doubt worked out by the evaluator."""
    schema = frame.collect_schema()
    kept = [name for name in schema if name not in told]
    worked = reduce(lambda so_far, stage: so_far.with_columns(**stage), book.stages, frame)
    if doubt is NO or not told:
        return worked.select(*kept, **told)
    answer = pl.Struct(dict(worked.select(**told).collect_schema()))
    asked = pl.struct(
        pl.struct(**told).alias("told"),
        pl.struct(singles(book.ruleset, schema)).alias("row"),
        doubt.alias("doubt"),
    )
    settle = partial(_settled, book.ruleset, exactly)
    settled = asked.map_batches(settle, return_dtype=answer, is_elementwise=True)
    return worked.select(*kept, settled.alias("_told")).unnest("_told")


def _settled(ruleset: Ruleset, exactly: Exactly, batch: pl.Series) -> pl.Series:
    """What is told of a batch, rows in doubt replaced by what the evaluator says."""
    told, doubtful = batch.struct.field("told"), batch.struct.field("doubt").arg_true()
    if not len(doubtful):
        return told
    rows = batch.struct.field("row").gather(doubtful).to_list()
    exact = [exactly(worked_out(ruleset, supplied(row))[0]) for row in rows]
    columns = told.struct.unnest()
    right = pl.DataFrame(exact, schema=columns.schema, orient="row")
    source = pl.Series(range(len(columns)), dtype=pl.UInt32)
    source = source.scatter(doubtful, range(len(columns), len(columns) + len(right)))
    return pl.concat([columns, right])[source].to_struct(told.name)


def _decided(ruleset: Ruleset, facts: Facts) -> tuple[Any, ...]:
    """What `decide_frame` tells of one row."""
    results = ruleset.conditions(facts)
    effects = [rule.effect_of(result) for rule, result in zip(ruleset.rules, results, strict=True)]
    outcome = REJECT if "reject" in effects else REFER if "refer" in effects else APPROVE
    flags = (
        [result is True for result in results],
        [type(result) is Unknown for result in results],
        [effect in ("reject", "refer") for effect in effects],
    )
    terms = _computed(ruleset.offer, facts)
    nothing = outcome == REJECT or None in terms
    return (
        outcome,
        *(word for kind in flags for word in _words(kind)),
        *(None if nothing else term for term in terms),
    )


def _words(flags: list[bool]) -> list[int]:
    """Flags as numbers of WORD_BITS bits."""
    starts = range(0, len(flags), WORD_BITS)
    return [sum(flag << bit for bit, flag in enumerate(flags[start : start + WORD_BITS])) for start in starts]


def _computed(names: Iterable[str], facts: Facts) -> tuple[Any, ...]:
    """Derived values as a frame holds them."""
    return tuple(_held(facts[name]) for name in names)


def _held(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_held(item) for item in value]
    if type(value) is Unknown:
        return None
    return float(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value


# --- names of rules -------------------------------------------------------------------------------


def spoken_rules(ruleset: Ruleset, words: Iterable[int]) -> list[str]:
    """The ids of the rules whose bits are set in the words of `hits_*`, `unknown_*` or `reasons_*`."""
    bits = [(word >> bit) & 1 for word in words for bit in range(WORD_BITS)]
    return [rule.id for rule, bit in zip(ruleset.rules, bits, strict=False) if bit]


def named_rules(ruleset: Ruleset, decided: pl.DataFrame, kind: str = "hits") -> pl.DataFrame:
    """The distinct words of a kind (hits, unknown, reasons) in a decided book, each with its list `rules`.

    Join it to the book by the words to have the names in a column, which is fastest when the lazy join is
    collected with engine="streaming"; as a look-up it is much smaller.
    """
    words = [name for name in decided.columns if name.startswith(f"{kind}_")]
    masks, ids = decided.select(words).unique(maintain_order=True), [rule.id for rule in ruleset.rules]
    names, silent = pl.Series(ids, dtype=pl.Enum(ids)), pl.all_horizontal(pl.col(words) == 0)
    nothing = masks.filter(silent).with_columns(rules=pl.lit([], dtype=pl.List(names.dtype)))
    masks = masks.filter(~silent).with_row_index("_at")
    parts = [part for at, word in enumerate(words) for part in _set_bits(masks, word, at * WORD_BITS)]
    if not parts:
        return nothing
    spoken = pl.concat(parts).sort("_at", maintain_order=True)
    spoken = spoken.with_columns(rules=names[spoken["rules"]])
    lists = spoken.group_by("_at", maintain_order=True).agg("rules")
    return pl.concat([nothing, masks.drop("_at").with_columns(lists["rules"])])


def _set_bits(masks: pl.DataFrame, word: str, first: int) -> Iterator[pl.DataFrame]:
    """The rules of a word that spoke: of every mask its lowest bit, then the next, until none has any left."""
    left = masks.select("_at", _bits=word).filter(pl.col("_bits") != 0)
    bits = pl.col("_bits")
    while len(left):
        yield left.select("_at", rules=(bits.bitwise_trailing_zeros() + first).cast(pl.UInt32))
        left = left.with_columns(bits & (bits - 1)).filter(bits != 0)
