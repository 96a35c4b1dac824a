"""Drift: how the applicants of one period differ from those of another, under one and the same rule set.

The population stability index of an input is the sum over its bins of (current - baseline) * ln(current /
baseline), shares of 1. Numbers are cut at the deciles of the baseline, each edge belonging to the bin below it;
texts and flags have a bin a value; what is missing and what cannot be read are bins of their own. A share below
FLOOR counts as FLOOR. Below 0.10 is held stable, above 0.25 a reason to act: conventions, and small samples
wander by themselves.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.backtest.books import BookError, described, first_line, reads
from pipelines.backtest.deciding import OUTCOMES, ROW_GROUP_ROWS, reason_flags, said
from pipelines.pages import render
from pipelines.pages.charts import Series
from rules import APPROVE, REJECT, Ruleset
from rules.engines.frame import compute_frame, unreadable
from rules.language.dictionary import NUMERIC, Feature
from rules.language.ruleset import Scorecard

FLOOR = 0.0001
QUANTILES = tuple(step / 10 for step in range(1, 10))
WATCH, ACT = 0.10, 0.25
PERIODS = ("baseline", "current")
MISSING, UNREADABLE = "(missing)", "(unreadable)"
SHOWN_MAX = 6  # inputs whose bins are drawn
_SIDE = "now"


def psi(baseline: Sequence[float], current: Sequence[float]) -> float:
    """The index of two lists of counts or shares over the same bins; 0 when the shares are equal."""
    expected, actual = _shares(baseline), _shares(current)
    return sum((a - e) * math.log(a / e) for e, a in zip(expected, actual, strict=True))


def _shares(numbers: Sequence[float]) -> list[float]:
    total = sum(numbers)
    return [max(number / total, FLOOR) if total else FLOOR for number in numbers]


@dataclass(frozen=True, eq=False)
class Drift:
    """What moved between two periods."""

    figures: Mapping[str, Any] = field(repr=False)

    def as_dict(self) -> dict[str, Any]:
        """As JSON can keep it: `inputs` by falling PSI, `scores`, `outcomes`, `funnel` and `reasons` by day."""
        return dict(self.figures)

    def html(self) -> str:
        """One page with everything that it needs in it."""
        return render("drift.html", **_page(self.figures))


def drift(ruleset: Ruleset, baseline: pl.LazyFrame, current: pl.LazyFrame) -> Drift:
    """Compare two books of applications, decided by the same rules.

    The books are as for a backtest. Raises BookError when one of them has no rows or cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="drift-") as folder:
        frames = {
            name: _stored(ruleset, book, Path(folder) / f"{name}.parquet", name)
            for name, book in zip(PERIODS, (baseline, current), strict=True)
        }
        inputs = [_input(ruleset.dictionary[name], ruleset, frames) for name in _compared(ruleset, frames)]
        scores = [_moved(score, _by_decile, _score_values(score, frames)) for score in scores_of(ruleset)]
        figures = {
            "ruleset": ruleset.label,
            **{name: _period(frame) for name, frame in frames.items()},
            "inputs": sorted(inputs, key=lambda told: (-told["psi"], told["name"])),
            "scores": scores,
            "outcomes": _outcomes(frames),
            "funnel": [day for name, frame in frames.items() for day in _funnel(name, frame)],
            "reasons": [day for name, frame in frames.items() for day in _reasons(name, frame, ruleset)],
        }
    return Drift(figures)


def _stored(ruleset: Ruleset, book: pl.LazyFrame, path: Path, name: str) -> pl.LazyFrame:
    """The decided book on disk: everything below looks at a column at a time."""
    try:
        frame = _scored(described(book, ruleset), ruleset)
        said(frame, _SIDE, ruleset).sink_parquet(path, compression="lz4", row_group_size=ROW_GROUP_ROWS)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise BookError(f"the {name} book cannot be read: {first_line(error)}") from error
    stored = pl.scan_parquet(path)
    if not stored.select(pl.len()).collect().item():
        raise BookError(f"the {name} book has no rows")
    return stored


def _period(frame: pl.LazyFrame) -> dict[str, Any]:
    day = pl.col("decided_on")
    told = frame.select(
        rows=pl.len(), first_day=day.min().dt.to_string("iso"), last_day=day.max().dt.to_string("iso")
    )
    return told.collect(engine="streaming").to_dicts()[0]


# --- inputs ---------------------------------------------------------------------------------------


def _compared(ruleset: Ruleset, frames: Mapping[str, pl.LazyFrame]) -> list[str]:
    """The inputs that the rules read and at least one book has. A date moves with the calendar: not compared."""
    present = {name for frame in frames.values() for name in frame.collect_schema()}
    wanted = reads(ruleset) & present
    return [name for name, feature in ruleset.dictionary.items() if name in wanted and feature.type != "date"]


def _input(feature: Feature, ruleset: Ruleset, frames: Mapping[str, pl.LazyFrame]) -> dict[str, Any]:
    values = {name: frame.select(**_value(feature, ruleset, frame)) for name, frame in frames.items()}
    return _moved(feature.name, _by_decile if feature.type in NUMERIC else _by_level, values)


def _moved(name: str, binning: Any, values: Mapping[str, pl.LazyFrame]) -> dict[str, Any]:
    """The index of one thing; `values` have its `value`, and whether it is `unreadable`."""
    labels, count = binning(values["baseline"])
    counts = {
        period: dict(count(frame).collect(engine="streaming").rows()) for period, frame in values.items()
    }
    return {"name": name} | _told(counts, labels)


def scores_of(ruleset: Ruleset) -> list[str]:
    """What the scorecards of a rule set give."""
    return [name for step in ruleset.steps if isinstance(step, Scorecard) for name in step.gives]


def _scored(frame: pl.LazyFrame, ruleset: Ruleset) -> pl.LazyFrame:
    """The frame with the scores of the rule set, which depend on nothing but the inputs."""
    scores = {f"score:{name}": pl.col(name) for name in scores_of(ruleset)}
    keep = frame.collect_schema().names()
    return compute_frame(ruleset, frame).select(*keep, **scores) if scores else frame


def _score_values(score: str, frames: Mapping[str, pl.LazyFrame]) -> dict[str, pl.LazyFrame]:
    value = {"value": pl.col(f"score:{score}").cast(pl.Float64), "unreadable": pl.lit(False)}
    return {name: frame.select(**value) for name, frame in frames.items()}


def _value(feature: Feature, ruleset: Ruleset, frame: pl.LazyFrame) -> dict[str, pl.Expr]:
    schema = frame.collect_schema()
    if feature.name not in schema:
        return {"value": pl.lit(None, dtype=pl.String), "unreadable": pl.lit(False)}
    dtype = pl.Float64 if feature.type in NUMERIC else pl.String
    value = pl.col(feature.name).cast(dtype, strict=False)
    return {"value": value, "unreadable": unreadable(ruleset, schema)[feature.name]}


Binning = tuple[list[str], Callable[[pl.LazyFrame], pl.LazyFrame]]


def _by_level(_: pl.LazyFrame) -> Binning:
    """A bin for each value, in no order of their own."""
    return [], lambda frame: _counted(frame, pl.col("value").cast(pl.String))


def _by_decile(baseline: pl.LazyFrame) -> Binning:
    """The deciles of the baseline: the labels of the bins in order, and what counts a frame by them.

    Where a tenth or more of the baseline are at its smallest value, what is below it has a bin too.
    """
    usable = pl.col("value").filter(~pl.col("unreadable"))
    cuts = [usable.quantile(q, "lower").alias(str(q)) for q in QUANTILES]
    smallest, *found = baseline.select(usable.min().alias("smallest"), *cuts).collect().row(0)
    edges = sorted({cut for cut in found if cut is not None})
    labels = _labels(edges)
    if edges and edges[0] == smallest:
        edges = [math.nextafter(smallest, -math.inf), *edges]
        labels = [f"below {smallest:.15g}", f"{smallest:.15g}", *labels[1:]]
    return labels, partial(_by_edges, labels=labels, edges=edges)


def _by_edges(frame: pl.LazyFrame, *, labels: list[str], edges: list[float]) -> pl.LazyFrame:
    value = pl.col("value").cast(pl.Float64)
    number = pl.sum_horizontal([pl.lit(0), *(value > edge for edge in edges)])
    bins = [pl.when(number == index).then(pl.lit(label)) for index, label in enumerate(labels)]
    return _counted(frame, pl.when(value.is_not_null()).then(pl.coalesce(bins)))


def _labels(edges: list[float]) -> list[str]:
    told = [f"{edge:.15g}" for edge in edges]
    if not told:
        return ["any"]
    between = [f"{low} .. {high}" for low, high in pairwise(told)]
    return [f"to {told[0]}", *between, f"above {told[-1]}"]


def _counted(frame: pl.LazyFrame, label: pl.Expr) -> pl.LazyFrame:
    named = pl.when(pl.col("unreadable")).then(pl.lit(UNREADABLE)).otherwise(label.fill_null(MISSING))
    return frame.group_by(named.alias("bin")).agg(pl.len().cast(pl.Int64))


def _told(counts: Mapping[str, Mapping[str, int]], labels: Sequence[str]) -> dict[str, Any]:
    """The index, and the share of each bin in both periods: bins in the order of `labels`, then any others."""
    found = {bin_ for period in counts.values() for bin_ in period}
    bins = [*labels, *sorted(found - {*labels}, key=lambda bin_: (bin_ in (MISSING, UNREADABLE), bin_))]
    numbers = {name: [counts[name].get(bin_, 0) for bin_ in bins] for name in PERIODS}
    index = psi(numbers["baseline"], numbers["current"])
    totals = {name: sum(numbers[name]) for name in PERIODS}
    shares = {name: [number / totals[name] for number in numbers[name]] for name in PERIODS}
    return {
        "psi": round(index, 6),
        "state": "act" if index > ACT else "watch" if index >= WATCH else "stable",
        "missing": {name: counts[name].get(MISSING, 0) / totals[name] for name in PERIODS},
        "bins": [
            {"bin": bin_, **{name: round(shares[name][at], 6) for name in PERIODS}}
            for at, bin_ in enumerate(bins)
        ],
    }


# --- decisions ------------------------------------------------------------------------------------

_OUTCOME = f"{_SIDE}_outcome"


def _outcomes(frames: Mapping[str, pl.LazyFrame]) -> dict[str, Any]:
    counts = {
        name: dict(_counted_outcomes(frame).collect(engine="streaming").rows())
        for name, frame in frames.items()
    }
    return _told(counts, OUTCOMES)


def _counted_outcomes(frame: pl.LazyFrame) -> pl.LazyFrame:
    return frame.group_by(pl.col(_OUTCOME).cast(pl.String)).agg(pl.len().cast(pl.Int64))


def _funnel(period: str, frame: pl.LazyFrame) -> list[dict[str, Any]]:
    """Day by day: how many applied, how many were not rejected, how many approved; and approved at the time."""
    outcome = pl.col(_OUTCOME)
    days = frame.group_by(pl.col("decided_on").dt.to_string("iso").alias("day")).agg(
        applications=pl.len(),
        not_rejected=(outcome != REJECT).sum(),
        approved=(outcome == APPROVE).sum(),
        approved_then=(pl.col("outcome") == APPROVE).sum(),
        decided_then=pl.col("outcome").count(),
    )
    told = days.sort("day", nulls_last=True).collect(engine="streaming").to_dicts()
    return [{"period": period, **day, "approval_rate": day["approved"] / day["applications"]} for day in told]


def _reasons(period: str, frame: pl.LazyFrame, ruleset: Ruleset) -> list[dict[str, Any]]:
    """Day by day and rule by rule: how often it is the first reason, and how often among all."""
    first = pl.col(f"{_SIDE}_first")
    pairs = list(enumerate(zip(ruleset.rules, reason_flags(_SIDE, ruleset), strict=True)))
    counts = {f"all:{n}": flag.sum() for n, (_, flag) in pairs} | {
        f"first:{n}": (first == n).sum() for n, _ in pairs
    }
    days = frame.group_by(pl.col("decided_on").dt.to_string("iso").alias("day")).agg(**counts)
    return [
        {"period": period, "day": row["day"], "rule_id": rule.id, "first": row[f"first:{n}"], "all": among}
        for row in days.sort("day", nulls_last=True).collect(engine="streaming").to_dicts()
        for n, (rule, _) in pairs
        if (among := row[f"all:{n}"])
    ]


# --- the page -------------------------------------------------------------------------------------


def _page(told: Mapping[str, Any]) -> dict[str, Any]:
    days = [day for day in told["funnel"] if day["day"]]
    return {
        "told": told,
        "drawn": [_drawing(one) for one in [*told["scores"], *told["inputs"][:SHOWN_MAX]] if one["psi"] > 0],
        "days": [day["day"] for day in days],
        "rates": [
            Series(name, kind, [day["approval_rate"] if day["period"] == name else None for day in days])
            for name, kind in zip(PERIODS, ("before", "after"), strict=True)
        ],
        "reasons": _reason_shares(told),
        "acting": [one["name"] for one in [*told["scores"], *told["inputs"]] if one["state"] == "act"],
    }


def _drawing(one: Mapping[str, Any]) -> dict[str, Any]:
    series = [
        Series(name, kind, [bin_[name] for bin_ in one["bins"]])
        for name, kind in zip(PERIODS, ("before", "after"), strict=True)
    ]
    return {
        "name": one["name"],
        "psi": one["psi"],
        "labels": [b["bin"] for b in one["bins"]],
        "series": series,
    }


def _reason_shares(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each rule's share of applications as the first reason, in both periods; what moved most first."""
    shares: dict[str, dict[str, float]] = {}
    for row in told["reasons"]:
        both = shares.setdefault(row["rule_id"], dict.fromkeys(PERIODS, 0.0))
        both[row["period"]] += row["first"] / told[row["period"]]["rows"]
    listed = [
        {"rule_id": rule, **both, "change": both["current"] - both["baseline"]}
        for rule, both in shares.items()
    ]
    return sorted(listed, key=lambda row: (-abs(row["change"]), row["rule_id"]))
