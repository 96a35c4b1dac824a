"""Both rule sets over one book, in one lazy pass: what each says, why, and what it offers."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

import polars as pl

from pipelines.backtest.books import ABOUT
from rules import APPROVE, REFER, REJECT, Ruleset
from rules.engines.frame import decide_frame

SIDES = ("champion", "challenger")
OUTCOMES = (APPROVE, REFER, REJECT)
OUTCOME = pl.Enum(OUTCOMES)
ROW_GROUP_ROWS = 100_000  # what a file is written and read by: the memory that a pass takes
WORD_BITS = 63  # rules to a column of bits of decide_frame
# The offer's names that money is worked out from.
AMOUNT, TENURE, RATE, FEE = (
    "offered_amount",
    "offered_tenure_days",
    "roi_percent_per_day",
    "processing_fee_percent",
)
EARNS = frozenset((AMOUNT, TENURE, RATE, FEE))
MONEY = ("amount", "interest", "fee")
_PAISE, _MILLIONTHS = 100, 1_000_000


def decided(champion: Ruleset, challenger: Ruleset, book: pl.LazyFrame) -> pl.LazyFrame:
    """One row an application: the columns of ABOUT, and for each side, with its name in front,

    `_outcome`; `_first` and `_only`, the first reason as the number of its rule and whether it is the only one;
    `_reasons_<n>`, all reasons as bits; each name of the offer; and MONEY in paise.
    """
    frame = book
    for side, ruleset in zip(SIDES, (champion, challenger), strict=True):
        frame = said(frame, side, ruleset)
    return frame.select(*ABOUT, pl.col(f"^({'|'.join(SIDES)})_.*$"))


def said(book: pl.LazyFrame, side: str, ruleset: Ruleset) -> pl.LazyFrame:
    """The book with what one rule set says, its columns named after `side`."""
    # what was decided then has the name that the engine gives to what it decides now
    aside = {f"about:{name}": pl.col(name) for name in ABOUT}
    keep = [name for name in book.collect_schema() if name not in ABOUT]
    decided_now = decide_frame(ruleset, book.select(*keep, **aside))
    back = [pl.col(f"about:{name}").alias(name) for name in ABOUT]
    return decided_now.select(*keep, *back, **_told(side, ruleset))


def word_count(ruleset: Ruleset) -> int:
    """How many columns of bits the rules of a rule set take."""
    return -(-len(ruleset.rules) // WORD_BITS)


def _told(side: str, ruleset: Ruleset) -> dict[str, pl.Expr]:
    words = range(word_count(ruleset))
    reasons = [pl.col(f"reasons_{word}") for word in words]
    rejects, refers = _by_effect(ruleset)
    count = pl.sum_horizontal([pl.lit(0), *(word.bitwise_count_ones() for word in reasons)])
    told = {
        "outcome": pl.col("outcome").cast(OUTCOME),
        "first": pl.coalesce(_lowest_bit(rejects), _lowest_bit(refers)).cast(pl.Int16),
        "only": count == 1,
        **{f"reasons_{word}": reasons[word] for word in words},
        **{f"rejects_{word}": rejects[word] for word in words},
        **{name: pl.col(name) for name in ruleset.offer},
        **_money(ruleset),
    }
    return {f"{side}_{name}": expression for name, expression in told.items()}


def _by_effect(ruleset: Ruleset) -> tuple[list[pl.Expr], list[pl.Expr]]:
    """The reasons that reject, and those that refer, as words of bits."""
    rejects, refers = [], []
    for word in range(word_count(ruleset)):
        hits, unknown, reasons = (pl.col(f"{name}_{word}") for name in ("hits", "unknown", "reasons"))
        hard = _bits(ruleset, word, lambda rule: rule.effect == "reject")
        closed = _bits(ruleset, word, lambda rule: rule.on_missing == "reject")
        rejects.append((hits & hard) | (unknown & closed))
        refers.append(reasons & ~rejects[-1])
    return rejects, refers


def reason_flags(side: str, ruleset: Ruleset, name: str = "reasons") -> list[pl.Expr]:
    """For each rule in order: whether it is among the reasons of a side (or its "rejects")."""
    return [
        (pl.col(f"{side}_{name}_{number // WORD_BITS}") & (1 << number % WORD_BITS)) != 0
        for number in range(len(ruleset.rules))
    ]


def earns(ruleset: Ruleset) -> bool:
    """Whether the offer says what it earns."""
    return set(ruleset.offer) >= EARNS


def _bits(ruleset: Ruleset, word: int, wanted: Callable) -> pl.Expr:
    rules = ruleset.rules[word * WORD_BITS : (word + 1) * WORD_BITS]
    return pl.lit(sum(wanted(rule) << bit for bit, rule in enumerate(rules)), dtype=pl.Int64)


def _lowest_bit(words: list[pl.Expr]) -> pl.Expr:
    """The number of the first rule whose bit is set; null when none is."""

    def before(later: pl.Expr, numbered: tuple[int, pl.Expr]) -> pl.Expr:
        index, word = numbered
        return pl.when(word != 0).then(word.bitwise_trailing_zeros() + index * WORD_BITS).otherwise(later)

    return reduce(before, reversed(list(enumerate(words))), pl.lit(None, dtype=pl.UInt32))


def _money(ruleset: Ruleset) -> dict[str, pl.Expr]:
    """Amount, interest over the whole tenure, and processing fee of an offer, each to the paisa, half up."""
    if not earns(ruleset):
        return dict.fromkeys(MONEY, pl.lit(None, dtype=pl.Int64))
    amount, tenure = _scaled(AMOUNT, _PAISE), _scaled(TENURE, 1)
    percent = 100 * _MILLIONTHS
    return {
        "amount": amount.cast(pl.Int64),
        "interest": _half_up(amount * _scaled(RATE, _MILLIONTHS) * tenure, percent),
        "fee": _half_up(amount * _scaled(FEE, _MILLIONTHS), percent),
    }


def _scaled(name: str, units: int) -> pl.Expr:
    """A number as a whole number of its smallest units; 128 bits, so that no product overflows."""
    return (pl.col(name).cast(pl.Float64) * units).round().cast(pl.Int128)


def _half_up(product: pl.Expr, divisor: int) -> pl.Expr:
    return ((product + divisor // 2) // divisor).cast(pl.Int64)
