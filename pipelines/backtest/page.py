"""The page of a backtest, drawn from its figures alone: stored figures give the same page again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from pipelines.backtest.deciding import OUTCOMES, SIDES
from pipelines.backtest.figures import MOVES
from pipelines.pages import render
from pipelines.pages.charts import Series
from pipelines.pages.words import count, percent, points, rupees
from rules import APPROVE, REFER, REJECT

STEPS_MAX = 16
FEW = 100  # below so many known repayments a rate is an anecdote
_TITLES = {"kept": "Kept", "swapped_in": "Moves in", "swapped_out": "Moves out"}


def page(told: Mapping[str, Any]) -> str:
    """The page, from what `Backtest.as_dict` gives."""
    total = told["total"]
    months = [_group(name, figures) for name, figures in told["months"].items()]
    return render(
        "backtest.html",
        told=told,
        headline=headline(total),
        tiles=list(_tiles(total)),
        outcomes=OUTCOMES,
        matrix=_matrix(total),
        moves=[_move(name, total[name]) for name in ("kept", "swapped_out", "swapped_in")],
        caution=_caution(total),
        waterfall=list(_waterfall(total)),
        months=months,
        month_names=[month["name"] for month in months],
        month_series=[
            Series("champion", "before", [month["before"] for month in months]),
            Series("draft", "after", [month["after"] for month in months]),
        ],
        segments=[_group(name, figures) for name, figures in told["segments"].items()],
        has_money=_has_money(total),
        known=total["known"],
        book=list(_book(told["book"])),
    )


def headline(total: Mapping[str, Any]) -> str:
    """The result in two sentences."""
    before, after = (total[side]["approval_rate"] for side in SIDES)
    moved_in, moved_out = (total[move]["applications"] for move in ("swapped_in", "swapped_out"))
    if not moved_in and not moved_out:
        return f"The draft approves the same applications as the champion: {percent(after)} of all."
    change = points(after - before)
    return (
        f"The draft approves {percent(after)} of the applications, the champion {percent(before)} ({change}). "
        f"{count(moved_in)} move in, {count(moved_out)} move out."
    )


def _tiles(total: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    before, after = (total[side] for side in SIDES)
    for title, outcome in (("Approved", APPROVE), ("Referred", REFER), ("Rejected", REJECT)):
        yield _tile(title, *(side["rates"][outcome] for side in (before, after)), percent, points)
    if _has_money(total):
        for title, name in (("Amount of approvals", "amount"), ("Expected revenue", "revenue")):
            amounts = (Decimal(side[name]) for side in (before, after))
            yield _tile(title, *amounts, rupees, _more)
    if total["known"]:
        rates = (side["bad_rate"] for side in (before, after))
        yield _tile("Bad rate of approvals, where known", *rates, percent, points)


def _tile(title: str, before: Any, after: Any, told: Any, difference: Any) -> dict[str, Any]:
    change = None if before is None or after is None else after - before
    shown = {"title": title, "before": told(before), "after": told(after)}
    return shown | {"change": difference(change), "sign": 0}


def _more(change: Decimal) -> str:
    return f"+{rupees(change)}" if change > 0 else rupees(change)


def _has_money(total: Mapping[str, Any]) -> bool:
    return all("amount" in total[side] for side in SIDES)


def _matrix(total: Mapping[str, Any]) -> list[dict[str, Any]]:
    everybody = total["applications"]

    def cell(a: str, b: str) -> dict[str, Any]:
        number = total["matrix"][a][b]
        kind = "in" if b == APPROVE != a else "out" if a == APPROVE != b else ""
        return {"count": number, "share": number / everybody, "kind": kind if number else "zero"}

    return [{"outcome": a, "cells": [cell(a, b) for b in OUTCOMES]} for a in OUTCOMES]


def _move(name: str, figures: Mapping[str, Any]) -> dict[str, Any]:
    """Those who are kept have two offers: the draft's is shown."""
    side = SIDES[1] if MOVES[name][1] else SIDES[0]
    money = figures.get(side, {"amount": None, "revenue": None})
    return {"title": _TITLES[name], **figures, "amount": money["amount"], "revenue": money["revenue"]}


def _caution(total: Mapping[str, Any]) -> str:
    moved, known = total["swapped_in"]["applications"], total["swapped_in"]["known"]
    if not moved:
        return "Nobody moves in, so no repayment has to be guessed."
    if not known:
        return f"How the {count(moved)} who move in would have repaid is not known: none of them was lent to."
    share = f"The repayment of {count(known)} of the {count(moved)} who move in is known"
    return (
        f"{share}: too few to judge by." if known < FEW else f"{share}; these may not be typical of the rest."
    )


def _waterfall(total: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The rules that stop most, in order, then the others together, then who is left."""
    reasons = total["reasons"]
    weight = {
        r["rule_id"]: max(r[side]["first"] for side in SIDES) + abs(r["change"]["first"]) * 9 for r in reasons
    }
    shown = set(sorted(weight, key=weight.get, reverse=True)[:STEPS_MAX])  # type: ignore[arg-type]
    left = [total["applications"]] * 2
    for reason in (r for r in reasons if r["rule_id"] in shown):
        counts = [reason[side]["first"] for side in SIDES]
        step = _step(reason["rule_id"], left, counts, total["applications"])
        yield step | {"among": reason["change"]["all"], "only": reason["challenger"]["only"]}
        left = [a - b for a, b in zip(left, counts, strict=True)]
    others = [r for r in reasons if r["rule_id"] not in shown]
    if others:
        counts = [sum(r[side]["first"] for r in others) for side in SIDES]
        yield _step(f"{len(others)} other rules", left, counts, total["applications"])
        left = [a - b for a, b in zip(left, counts, strict=True)]
    yield _step("Approved", left, left, total["applications"])


def _step(title: str, left: list[int], counts: list[int], everybody: int) -> dict[str, Any]:
    before, after = (
        ((stand - number) / everybody, stand / everybody) for stand, number in zip(left, counts, strict=True)
    )
    return {"title": title, "before": before, "after": after, "counts": counts, "among": None, "only": None}


def _group(name: str, figures: Mapping[str, Any]) -> dict[str, Any]:
    before, after = (figures[side] for side in SIDES)
    told = {
        "name": name,
        "applications": figures["applications"],
        "before": before["approval_rate"],
        "after": after["approval_rate"],
        "change": after["approval_rate"] - before["approval_rate"],
        **{move: figures[move]["applications"] for move in ("swapped_in", "swapped_out")},
        "bad_rates": [figures[move]["bad_rate"] for move in ("kept", "swapped_out", "swapped_in")],
    }
    if _has_money(figures):
        told |= {"amount_before": before["amount"], "amount_after": after["amount"]}
        told["revenue_change"] = Decimal(after["revenue"]) - Decimal(before["revenue"])
    return told


def _book(book: Mapping[str, Any]) -> Iterator[str]:
    """What a reader must know of the data before believing the figures."""
    yield f"{count(book['rows'])} applications; the repayment of {count(book['known'])} is known."
    if book["decided_then"]:
        share = percent(book["differing"] / book["decided_then"])
        yield (
            f"In {count(book['differing'])} of {count(book['decided_then'])} applications ({share}) the outcome "
            "recorded then is not what the champion says now."
        )
    if book["missing_inputs"]:
        yield f"Inputs that the rules read and the book has not: {', '.join(book['missing_inputs'])}."
    for name, number in book["unreadable"].items():
        yield f"{name}: {count(number)} values could not be read, and count as such."
    for name, meant in book["unknown_columns"].items():
        yield f"Column {name} means nothing here and was left out{'; ' + meant if meant else ''}."
