"""Our figures beside an analyser's: what differs by more than the two may mean differently."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pipelines.statements.vendors import Figures

AMOUNT_TOLERANCE_PERCENT = 5


def our_figures(report: Mapping[str, Any], features: Mapping[str, Any]) -> Figures:
    """The same figures out of our own report (`BsaReport`) and features; money may be text."""
    closing = {
        line["month"]: Decimal(line["closing_balance"])
        for line in report["months"]
        if line["closing_balance"]
    }
    return Figures(
        salary_average=_decimal(features.get("average_salary_3m")),
        emi_monthly=_decimal(features.get("emi_obligations_monthly")),
        bounce_count=len(report["bounces"]),
        average_balance=_decimal(features.get("average_monthly_balance")),
        closing_balances=closing,
    )


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def differences(ours: Figures, theirs: Figures) -> list[dict[str, Any]]:
    """`[{"figure", "month"?, "ours", "theirs", "difference"}]`; what one side does not state is not compared.
    Closing balances must agree to the paisa, counts exactly, averages within AMOUNT_TOLERANCE_PERCENT."""
    found = []
    for figure in ("salary_average", "emi_monthly", "average_balance"):
        mine, other = getattr(ours, figure), getattr(theirs, figure)
        if (
            mine is not None
            and other is not None
            and 100 * abs(mine - other) > AMOUNT_TOLERANCE_PERCENT * max(mine, other)
        ):
            found.append(_line(figure, mine, other))
    if None not in (ours.bounce_count, theirs.bounce_count) and ours.bounce_count != theirs.bounce_count:
        found.append(_line("bounce_count", ours.bounce_count, theirs.bounce_count))
    for month in sorted(ours.closing_balances.keys() & theirs.closing_balances.keys()):
        mine, other = ours.closing_balances[month], theirs.closing_balances[month]
        if mine != other:
            found.append(_line("closing_balance", mine, other) | {"month": month})
    return found


def _line(figure: str, ours: Decimal | int, theirs: Decimal | int) -> dict[str, Any]:
    return {"figure": figure, "ours": str(ours), "theirs": str(theirs), "difference": str(theirs - ours)}
