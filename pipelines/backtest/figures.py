"""The figures of a backtest, out of counts: every number of the page is a sum over one small cube."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import polars as pl

from pipelines.backtest.deciding import MONEY, OUTCOMES, SIDES, earns, reason_flags
from rules import APPROVE, REFER, Ruleset

SEGMENTS_MAX = 30
OTHERS = "(others)"
NOT_STATED = "(not stated)"
SLICES = ("segment", "month")
_OUTCOMES = tuple(f"{side}_outcome" for side in SIDES)
_KEYS = (*SLICES, *_OUTCOMES, *(f"{side}_{name}" for side in SIDES for name in ("first", "only")))
_SUMS = ("applications", "known", "bad", *(f"{side}_{name}" for side in SIDES for name in MONEY))
# Where an application moves: from what the champion says to what the challenger says.
_RANK = {"reject": 0, "refer": 1}
MOVES = {"swapped_in": (False, True), "swapped_out": (True, False), "kept": (True, True)}


def sliced(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The rows with their month, and their segment if it is one of the largest SEGMENTS_MAX."""
    segment = pl.col("segment").fill_null(NOT_STATED)
    counts = rows.group_by(segment).len().sort("len", "segment", descending=[True, False])
    largest = counts.head(SEGMENTS_MAX).collect(engine="streaming").get_column("segment")
    return rows.with_columns(
        segment=pl.when(segment.is_in(largest.implode())).then(segment).otherwise(pl.lit(OTHERS)),
        month=pl.col("decided_on").dt.strftime("%Y-%m").fill_null(NOT_STATED),
    )


def cube(rows: pl.LazyFrame) -> pl.LazyFrame:
    """How many applications, known and bad repayments and paise there are for each combination of _KEYS."""
    money = [f"{side}_{name}" for side in SIDES for name in MONEY]
    return rows.group_by(_KEYS).agg(
        pl.len().alias("applications"),
        pl.col("bad").count().alias("known"),
        pl.col("bad").sum().alias("bad"),
        *(pl.col(name).sum() for name in money),
    )


def reason_counts(rows: pl.LazyFrame, rulesets: Mapping[str, Ruleset]) -> pl.LazyFrame:
    """How often each rule is among the reasons, by segment and month; columns `<side>:<rule id>`."""
    counts = {
        f"{side}:{rule.id}": flag.sum()
        for side, ruleset in rulesets.items()
        for rule, flag in zip(ruleset.rules, reason_flags(side, ruleset), strict=True)
    }
    return rows.group_by(SLICES).agg(**counts)


def figures(part: pl.DataFrame, counts: pl.DataFrame, rulesets: Mapping[str, Ruleset]) -> dict[str, Any]:
    """The figures of a slice: its rows of the cube, and of the reason counts."""
    has_offer = {side: earns(ruleset) for side, ruleset in rulesets.items()}
    groups = {_pair(row): row for row in part.group_by(_OUTCOMES).agg(pl.col(_SUMS).sum()).to_dicts()}
    return {
        "applications": int(part["applications"].sum()),
        "known": int(part["known"].sum()),
        "matrix": {
            a: {b: int(groups.get((a, b), {}).get("applications", 0)) for b in OUTCOMES} for a in OUTCOMES
        },
        **{side: _side(groups, index, side, has_offer[side]) for index, side in enumerate(SIDES)},
        **{move: _move(groups, wanted, has_offer) for move, wanted in MOVES.items()},
        "reasons": _reasons(part, counts, rulesets),
    }


def _pair(row: Mapping[str, Any]) -> tuple[str, str]:
    return tuple(row[name] for name in _OUTCOMES)  # type: ignore[return-value]


def _side(groups: Mapping, index: int, side: str, has_offer: bool) -> dict[str, Any]:
    """What one side says: counts and rates of outcomes, the money of its approvals, how these repaid."""
    total = _total(groups.values(), "applications")
    by_outcome = {o: [row for pair, row in groups.items() if pair[index] == o] for o in OUTCOMES}
    counts = {outcome: _total(rows, "applications") for outcome, rows in by_outcome.items()}
    approved = by_outcome[APPROVE]
    told = {
        "outcomes": counts,
        "rates": {outcome: _rate(count, total) for outcome, count in counts.items()},
        "approval_rate": _rate(counts[APPROVE], total),
        **_repaid(approved),
    }
    if has_offer:
        told |= _money(approved, side) | {
            "referred_amount": _rupees(_total(by_outcome[REFER], f"{side}_amount"))
        }
    return told


def _move(groups: Mapping, wanted: tuple[bool, bool], has_offer: Mapping[str, bool]) -> dict[str, Any]:
    """The applications that go one way, what each side offers them, and how they repaid."""
    rows = [row for pair, row in groups.items() if tuple(said == APPROVE for said in pair) == wanted]
    offers = {
        side: _money(rows, side)
        for side, approved in zip(SIDES, wanted, strict=True)
        if approved and has_offer[side]
    }
    return {"applications": _total(rows, "applications"), **_repaid(rows), **offers}


def _repaid(rows: Iterable[Mapping]) -> dict[str, Any]:
    rows = list(rows)
    known, bad = _total(rows, "known"), _total(rows, "bad")
    return {"known": known, "bad": bad, "bad_rate": _rate(bad, known)}


def _money(rows: Iterable[Mapping], side: str) -> dict[str, str]:
    """Rupees as text: interest and fee are what is earned if every offer is taken and repaid on its due date."""
    rows = list(rows)
    amount, interest, fee = (_total(rows, f"{side}_{name}") for name in MONEY)
    return {
        "amount": _rupees(amount),
        "interest": _rupees(interest),
        "fee": _rupees(fee),
        "revenue": _rupees(interest + fee),
    }


def _total(rows: Iterable[Mapping], name: str) -> int:
    return sum(int(row[name]) for row in rows)


def _rupees(paise: int) -> str:
    return format(Decimal(paise).scaleb(-2), ".2f")


def _rate(part: int, whole: int) -> float | None:
    """A share of 1, to six places; None of nothing."""
    return round(part / whole, 6) if whole else None


# --- reasons --------------------------------------------------------------------------------------


def _reasons(
    part: pl.DataFrame, counts: pl.DataFrame, rulesets: Mapping[str, Ruleset]
) -> list[dict[str, Any]]:
    """Each rule that is a reason somewhere: how often first, among all, and alone; rejects first, by priority."""
    found = {side: _attributed(part, counts, side, ruleset) for side, ruleset in rulesets.items()}
    none = {"first": 0, "all": 0, "only": 0}
    told = []
    for rule_id, effect in ordered_rules(rulesets):
        sides = {side: found[side].get(rule_id, none) for side in SIDES}
        if any(any(numbers.values()) for numbers in sides.values()):
            change = {name: sides[SIDES[1]][name] - sides[SIDES[0]][name] for name in none}
            told.append({"rule_id": rule_id, "effect": effect, **sides, "change": change})
    return told


def _attributed(
    part: pl.DataFrame, counts: pl.DataFrame, side: str, ruleset: Ruleset
) -> dict[str, dict[str, int]]:
    first, only = f"{side}_first", f"{side}_only"
    by_first = dict(part.group_by(first).agg(pl.col("applications").sum()).rows())
    alone = dict(part.filter(pl.col(only)).group_by(first).agg(pl.col("applications").sum()).rows())
    among = counts.select(f"{side}:{rule.id}" for rule in ruleset.rules).sum().rows()[0]
    return {
        rule.id: {"first": by_first.get(n, 0), "all": int(among[n] or 0), "only": alone.get(n, 0)}
        for n, rule in enumerate(ruleset.rules)
    }


def ordered_rules(rulesets: Mapping[str, Ruleset]) -> list[tuple[str, str]]:
    """The rules of both sides with their effects, in the order in which reasons are told."""
    rules = {rule.id: rule for side in SIDES for rule in rulesets[side].rules}
    told = sorted(rules.values(), key=lambda rule: (_RANK.get(rule.effect, 2), rule.priority, rule.id))
    return [(rule.id, rule.effect) for rule in told]
