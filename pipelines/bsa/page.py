"""The bank statement report as a page that a loan executive understands in half a minute.

Five figures on top (salary, instalments, balance, bounces, signs of tampering), charts below them, the lines behind
them last.
"""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from markupsafe import Markup

from pipelines.bsa.report import BsaReport
from pipelines.pages import render
from pipelines.pages.charts import Series, columns, lines
from pipelines.pages.words import day, rupees, whole_rupees

SPENDS_MAX = 12
LATEST = 3  # salaries, as the credit assessment takes them


class Table(NamedTuple):
    """Lines of the report as text."""

    name: str
    head: list[str]
    rows: list[list[str]]


def report_page(report: BsaReport, *, title: str = "Bank statement analysis") -> str:
    """The page. `title` may name the loan."""
    return render(
        "bsa.html",
        title=title,
        period=period(report),
        figures=headline(report),
        drawn=charts(report),
        tables=tables(report),
    )


def period(report: BsaReport) -> str:
    """From when to when, of which accounts."""
    covered = report["period"]
    if not covered:
        return "The statement has no transactions."
    accounts = ", ".join(
        account.get("masked_number") or account.get("account_ref") or "" for account in report["accounts"]
    )
    return (
        f"{day(covered['start'])} to {day(covered['end'])}, {covered['transactions']} transactions, "
        f"account {accounts}; as of {day(report['as_of'])}"
    )


def headline(report: BsaReport) -> list[dict[str, str]]:
    """The five figures that matter: title, value, and what stands behind it."""
    live = [line for line in report["obligations"] if line["live"]]
    owed = sum((Decimal(line["monthly_amount"]) for line in live), Decimal(0))
    average = _average([m["average_balance"] for m in report["months"] if m["average_balance"]])
    tampering = [_words(s["code"]) for s in report["signals"] if s["kind"] == "tamper"]
    closing = report["balances"]["closing"]
    return [
        _salary(report),
        _figure("Instalments a month", whole_rupees(owed), f"{len(live)} lenders are being paid."),
        _figure(
            "Average balance",
            "unknown" if average is None else whole_rupees(average),
            "The statement states no balance." if closing is None else f"{whole_rupees(closing)} at the end",
        ),
        _figure("Bounces", str(len(report["bounces"])), "of mandates and cheques, in the whole statement"),
        _figure("Signs of tampering", str(len(tampering)), ", ".join(tampering) or "nothing found"),
    ]


def _salary(report: BsaReport) -> dict[str, str]:
    if not report["employers"]:
        return _figure("Salary", "none found", "No credit looks like a salary.")
    employer = report["employers"][0]
    latest = _average([salary["amount"] for salary in report["salaries"]][-LATEST:])
    return _figure(
        "Salary",
        whole_rupees(latest or 0),
        f"{employer['employer'] or 'unnamed'}, average of the last three of {employer['count']}, "
        f"about the {employer['pay_day']}.",
    )


def _figure(title: str, value: str, note: str) -> dict[str, str]:
    return {"title": title, "value": value, "note": note}


def _average(amounts: list[str]) -> Decimal | None:
    return sum(map(Decimal, amounts)) / len(amounts) if amounts else None


def charts(report: BsaReport) -> dict[str, Markup]:
    """The balance by day with salary marks, in and out by month, salary and instalments by month."""
    daily = [
        (date.fromisoformat(line["date"]), float(line["balance"])) for line in report["balances"]["daily"]
    ]
    at = {on.isoformat(): index for index, (on, _) in enumerate(daily)}
    marks = {
        at[paid["date"]]: f"{paid['employer'] or 'salary'}: {rupees(paid['amount'])}"
        for paid in report["salaries"]
        if paid["date"] in at
    }
    balance = Series("balance", "after", [value for _, value in daily])
    return {
        "balance": lines("Balance by day", [f"{on:%d %b}" for on, _ in daily], [balance], _at_axis, marks),
        "flows": _by_month(report, "In and out by month", {"credits": "in", "debits": "out"}),
        "obligations": _by_month(
            report, "Salary and instalments by month", {"salary": "salary", "emi": "instalments"}
        ),
    }


def _by_month(report: BsaReport, title: str, names: dict[str, str]) -> Markup:
    months = report["months"]
    series = [
        Series(name, kind, [float(month[key]) for month in months])
        for (key, name), kind in zip(names.items(), ("after", "before"), strict=True)
    ]
    return columns(title, [month["month"] for month in months], series, _at_axis)


def _at_axis(amount: float) -> str:
    return f"{amount / 1e5:.3g} L" if abs(amount) >= 1e5 else f"{amount / 1e3:.3g} k"


def tables(report: BsaReport) -> list[Table]:
    """What stands behind the figures."""
    return [
        Table(
            "What asks for a second look",
            ["signal", "kind", "what it means", "rows"],
            [[_words(s["code"]), s["kind"], s["message"], str(s["count"])] for s in report["signals"]],
        ),
        Table(
            "Salaries",
            ["date", "employer", "amount"],
            [[day(s["date"]), s["employer"] or "", whole_rupees(s["amount"])] for s in report["salaries"]],
        ),
        Table("Obligations", ["lender", "a month", "last paid", "running"], _obligations(report)),
        Table("Bounces", ["date", "payee", "amount", "reason"], _bounces(report)),
        Table(
            "Loans from others",
            ["date", "lender", "amount"],
            [[day(c["date"]), c["lender"] or "", whole_rupees(c["amount"])] for c in report["loan_credits"]],
        ),
        _spends(report),
        Table(
            "Warnings",
            ["warning", "message"],
            [[_words(w["code"]), w["message"]] for w in report["warnings"]],
        ),
    ]


def _obligations(report: BsaReport) -> list[list[str]]:
    return [
        [
            line["lender"],
            whole_rupees(line["monthly_amount"]),
            day(line["last_debit_on"]),
            "yes" if line["live"] else "no",
        ]
        for line in report["obligations"]
    ]


def _bounces(report: BsaReport) -> list[list[str]]:
    return [
        [
            day(line["date"]),
            line["payee"] or "",
            whole_rupees(line["amount"]) if line["amount"] else "",
            _words(line["reason"]),
        ]
        for line in report["bounces"]
    ]


def _spends(report: BsaReport) -> Table:
    """The largest categories, a column a month."""
    months = [month["month"] for month in report["months"]]
    spent = [
        (line["category"], {month["month"]: Decimal(month["amount"]) for month in line["months"]})
        for line in report["spends"]
    ]
    spent.sort(key=lambda line: -sum(line[1].values()))
    rows = [
        [_words(category), *[whole_rupees(by[month]) if month in by else "" for month in months]]
        for category, by in spent[:SPENDS_MAX]
    ]
    return Table("Spending by month", ["category", *months], rows)


def _words(code: str) -> str:
    return code.replace("_", " ").lower()
