"""What a statement fills into the credit assessment memo, and the pay dates that follow from it."""

from datetime import date
from decimal import Decimal
from typing import Any

from pipelines.bsa.pay_days import next_pay_date, pay_day
from pipelines.bsa.report import BsaReport

_SALARIES = 3


def cam_prefill(report: BsaReport) -> dict[str, Any]:
    """The memo's fields that the statement knows; what it does not know is None.

    salary_credit_date1..3 (date) and salary_amount1..3 (Decimal), 1 the latest; obligations (Decimal, live
    EMIs a month; None without transactions); next_pay_date (the first pay day after the report's as_of).
    """
    as_of = date.fromisoformat(report["as_of"])
    latest = sorted(report["salaries"], key=lambda salary: salary["date"], reverse=True)[:_SALARIES]
    paid_on = [date.fromisoformat(salary["date"]) for salary in latest]
    amounts = [Decimal(salary["amount"]) for salary in latest]
    blanks = [None] * (_SALARIES - len(latest))
    return {
        **{f"salary_credit_date{n}": day for n, day in enumerate(paid_on + blanks, start=1)},
        **{f"salary_amount{n}": amount for n, amount in enumerate(amounts + blanks, start=1)},
        "obligations": _obligations(report),
        "next_pay_date": next_pay_date(pay_day(paid_on), after=as_of) if paid_on else None,
    }


def _obligations(report: BsaReport) -> Decimal | None:
    if report["period"] is None:
        return None
    live = [Decimal(line["monthly_amount"]) for line in report["obligations"] if line["live"]]
    return sum(live, Decimal("0.00"))
