"""The applications that a draft decides otherwise, one by one."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from pipelines.backtest.deciding import SIDES, reason_flags, word_count
from rules import Ruleset

# A spreadsheet takes a cell that starts with one of these for a formula; the last four are full-width = + - @
_FORMULA = "^[=+\\-@\\t\\r\\n\uff1d\uff0b\uff0d\uff20]"


def changed_cases(rows: pl.LazyFrame, champion: Ruleset, challenger: Ruleset) -> pl.LazyFrame:
    """The rows whose outcome or offer differs; reasons as rule ids, rejects first, joined by "; "."""
    rulesets = dict(zip(SIDES, (champion, challenger), strict=True))
    changed = rows.filter(_differs(champion, challenger))
    for side, ruleset in rulesets.items():
        changed = _with_reasons(changed, side, ruleset)
    return changed.select(
        *("application_id", "decided_on", "segment", "bad"),
        *(f"{side}_outcome" for side in SIDES),
        *(f"{side}_reasons" for side in SIDES),
        *(f"{side}_{name}" for side, ruleset in rulesets.items() for name in ruleset.offer),
    )


def write_changed_cases(changed: pl.LazyFrame, path: Path) -> None:
    """As CSV for spreadsheets: byte order mark, RFC 4180, and text that would run as a formula made harmless."""
    cells = [
        _harmless(pl.col(name)).alias(name) if dtype == pl.String else pl.col(name)
        for name, dtype in changed.collect_schema().items()
    ]
    changed.select(cells).sink_csv(path, include_bom=True, line_terminator="\r\n", null_value="")


def _harmless(value: pl.Expr) -> pl.Expr:
    return pl.when(value.str.contains(_FORMULA)).then(pl.lit("'") + value).otherwise(value)


def _differs(champion: Ruleset, challenger: Ruleset) -> pl.Expr:
    ours, theirs = set(champion.offer), set(challenger.offer)
    both = ours & theirs
    offers = [pl.col(f"champion_{name}").ne_missing(pl.col(f"challenger_{name}")) for name in sorted(both)]
    one = [pl.col(f"champion_{name}").is_not_null() for name in sorted(ours - theirs)]
    one += [pl.col(f"challenger_{name}").is_not_null() for name in sorted(theirs - ours)]
    return pl.any_horizontal(pl.col("champion_outcome") != pl.col("challenger_outcome"), *offers, *one)


def _with_reasons(rows: pl.LazyFrame, side: str, ruleset: Ruleset) -> pl.LazyFrame:
    """The rows with the reasons of a side in words, written out once for each set of reasons that occurs."""
    words = [
        f"{side}_{name}_{word}" for name in ("reasons", "rejects") for word in range(word_count(ruleset))
    ]
    if not words:
        return rows.with_columns(pl.lit("").alias(f"{side}_reasons"))
    flags = zip(reason_flags(side, ruleset), reason_flags(side, ruleset, "rejects"), strict=True)
    split = [(rejects, reason & ~rejects) for reason, rejects in flags]
    ids = [rule.id for rule in ruleset.rules]
    told = [
        pl.when(pair[kind]).then(pl.lit(name))
        for kind in (0, 1)
        for name, pair in zip(ids, split, strict=True)
    ]
    written = pl.concat_str(told, separator="; ", ignore_nulls=True).alias(f"{side}_reasons")
    sets = rows.select(words).unique().with_columns(written)
    return rows.join(sets, on=words, how="left", maintain_order="left")
