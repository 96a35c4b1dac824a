"""What bureau, bank and checks tell of an applicant, as the rules read it."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

from app.seed.book.draw import Draw, Weighted

_TOLD: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("evidence.yaml").read_text(encoding="utf-8"))
ALWAYS: Mapping[str, Any] = _TOLD["always"]


# people who are alike come one after the other
@lru_cache(maxsize=1)
def evidence(story: str, salary: int, score: int | None) -> Mapping[str, Any]:
    """The features that stay as they are of those of whom a story is told."""
    draw = Draw(f"{story}/evidence")
    instalments = _share(draw, salary, "instalments_percent")
    return {
        **dict(_drawn(draw, "checks")),
        **_bureau(draw, score, instalments),
        **dict(_drawn(draw, "statement")),
        "average_salary_3m": salary,
        "average_monthly_balance": _share(draw, salary, "balance_percent"),
        "emi_obligations_monthly": instalments,
    }


def _bureau(draw: Draw, score: int | None, instalments: Decimal) -> dict[str, Any]:
    known = dict(_drawn(draw, "bureau"))
    if score is None:
        return {"bureau_hit": False, "bureau_report_age_days": 0}
    known["unsecured_enquiries_90d"] += known["unsecured_enquiries_30d"]
    known["active_unsecured_loan_count"] += known["active_payday_loan_count"]
    return {
        **known,
        "bureau_hit": True,
        "bureau_score": score,
        "bureau_report_age_days": 0,
        "bureau_emi_obligations": instalments,
        "active_unsecured_outstanding": known["active_unsecured_loan_count"] * draw.randint(40, 400) * 100,
    }


def _drawn(draw: Draw, of: str) -> Iterator[tuple[str, Any]]:
    return ((name, _value(draw, weighted)) for name, weighted in _features(of))


def _share(draw: Draw, salary: int, of: str) -> Decimal:
    """So many percent of the salary, in rupees and paise."""
    return Decimal(salary * _value(draw, _weighted(of)) + draw.randint(-99, 99)).copy_abs() / 100


def _value(draw: Draw, weighted: Weighted[Any]) -> Any:
    one = draw.one_of(weighted)
    return draw.randint(*one) if isinstance(one, list) else one


@cache
def _features(of: str) -> list[tuple[str, Weighted[Any]]]:
    return [(name, Weighted(*told)) for name, told in _TOLD[of].items()]


@cache
def _weighted(of: str) -> Weighted[Any]:
    return Weighted(*_TOLD[of])
