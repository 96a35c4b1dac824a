"""The bank statement report as a page that a loan executive understands in half a minute.

Verdict on top (salary, obligations, balance, bounces, signals), charts below it, the lines behind them last.
One file of HTML with its charts inside; everything from the statement is escaped.
"""

from datetime import date
from decimal import Decimal
from html import escape
from typing import Any

from pipelines.bsa.report import BsaReport
from pipelines.charts import bar_chart, line_chart

SPENDS_MAX = 12
LATEST = 3  # salaries, as the credit assessment takes them


def charts(report: BsaReport) -> dict[str, str]:
    """The charts as SVG: the balance by day with salary marks, in and out by month, obligations by month."""
    days = [(date.fromisoformat(d["date"]), float(d["balance"])) for d in report["balances"]["daily"]]
    salaries = [
        (date.fromisoformat(s["date"]), f"{s['employer']}: {rupees(s['amount'])}") for s in report["salaries"]
    ]
    months = report["months"]
    return {
        "balance": line_chart(days, salaries),
        "flows": bar_chart(
            [month["month"] for month in months],
            {
                "in": [float(month["credits"]) for month in months],
                "out": [float(month["debits"]) for month in months],
            },
        ),
        "obligations": bar_chart(
            [month["month"] for month in months],
            {
                "salary": [float(month["salary"]) for month in months],
                "instalments": [float(month["emi"]) for month in months],
            },
        ),
    }


def headline(report: BsaReport) -> list[dict[str, str]]:
    """The five figures that matter: title, value, and what stands behind it."""
    employer = (report["employers"] or [None])[0]
    latest = _average([salary["amount"] for salary in report["salaries"]][-LATEST:])
    live = [line for line in report["obligations"] if line["live"]]
    owed = sum((Decimal(line["monthly_amount"]) for line in live), Decimal(0))
    months = report["months"]
    average = _average([month["average_balance"] for month in months if month["average_balance"]])
    tampering = [signal for signal in report["signals"] if signal["kind"] == "tamper"]
    return [
        _figure(
            "Salary",
            rupees(latest) if latest is not None else "none found",
            _paid_by(employer) if employer else "No credit looks like a salary.",
        ),
        _figure("Instalments a month", rupees(owed), f"{len(live)} lenders are being paid."),
        _figure("Average balance", rupees(average) if average is not None else "unknown", _closing(report)),
        _figure("Bounces", str(len(report["bounces"])), "of mandates and cheques, in the whole statement"),
        _figure(
            "Signs of tampering",
            str(len(tampering)),
            ", ".join(signal["code"].replace("_", " ").lower() for signal in tampering) or "nothing found",
        ),
    ]


def _paid_by(employer: dict[str, Any]) -> str:
    return (
        f"{employer['employer'] or 'unnamed'}, average of the last three of {employer['count']}, "
        f"about the {employer['pay_day']}."
    )


def report_page(report: BsaReport, *, title: str = "Bank statement analysis") -> str:
    """The page. `title` may name the loan."""
    drawn = charts(report)
    body = [
        f"<h1>{escape(title)}</h1>",
        f"<p class=faint>{escape(period(report))}</p>",
        "<section class=figures>" + "".join(map(_card, headline(report))) + "</section>",
        "<h2>Balance by day <small>dots are salaries</small></h2>" + drawn["balance"],
        "<h2>In and out by month</h2>" + drawn["flows"],
        "<h2>Salary and instalments by month</h2>" + drawn["obligations"],
        *[f"<h2>{escape(name)}</h2>" + _table(head, rows) for name, head, rows in tables(report) if rows],
    ]
    return (
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>{escape(title)}</title>"
        f'<meta name=viewport content="width=device-width"><style>{_STYLE}</style></head>'
        f"<body>{''.join(body)}</body></html>"
    )


Table = tuple[str, list[str], list[list[str]]]


def tables(report: BsaReport) -> list[Table]:
    """What stands behind the figures: (name, column heads, rows of text)."""
    return [
        (
            "What asks for a second look",
            ["signal", "kind", "what it means", "rows"],
            [[s["code"], s["kind"], s["message"], str(s["count"])] for s in report["signals"]],
        ),
        (
            "Salaries",
            ["date", "employer", "amount"],
            [[s["date"], s["employer"] or "", rupees(s["amount"])] for s in report["salaries"]],
        ),
        (
            "Obligations",
            ["lender", "a month", "last paid", "still running"],
            [
                [
                    o["lender"],
                    rupees(o["monthly_amount"]),
                    o["last_debit_on"],
                    "yes" if o["live"] else "no",
                ]
                for o in report["obligations"]
            ],
        ),
        (
            "Bounces",
            ["date", "payee", "amount", "reason"],
            [
                [
                    b["date"],
                    b["payee"] or "",
                    rupees(b["amount"]) if b["amount"] else "",
                    b["reason"].replace("_", " ").lower(),
                ]
                for b in report["bounces"]
            ],
        ),
        (
            "Loans from others",
            ["date", "lender", "amount"],
            [[c["date"], c["lender"] or "", rupees(c["amount"])] for c in report["loan_credits"]],
        ),
        ("Spending by month", *_spends(report)),
        ("Warnings", ["code", "message"], [[w["code"], w["message"]] for w in report["warnings"]]),
    ]


def _spends(report: BsaReport) -> tuple[list[str], list[list[str]]]:
    """The largest categories, a column a month."""
    months = [month["month"] for month in report["months"]]
    lines = [
        (line["category"], {month["month"]: Decimal(month["amount"]) for month in line["months"]})
        for line in report["spends"]
    ]
    lines.sort(key=lambda line: -sum(line[1].values()))
    rows = [
        [
            category.replace("_", " ").lower(),
            *[rupees(spent[month]) if month in spent else "" for month in months],
        ]
        for category, spent in lines[:SPENDS_MAX]
    ]
    return ["category", *months], rows


def rupees(amount: str | Decimal) -> str:
    """₹1,00,000: whole rupees in Indian grouping."""
    digits = f"{abs(Decimal(amount)):.0f}"
    head, tail = digits[:-3], digits[-3:]
    pairs = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)][::-1]
    return f"{'-' if Decimal(amount) < 0 else ''}₹{','.join([*pairs, tail])}"


def _figure(title: str, value: str, note: str) -> dict[str, str]:
    return {"title": title, "value": value, "note": note}


def _average(amounts: list[str]) -> Decimal | None:
    return sum(map(Decimal, amounts)) / len(amounts) if amounts else None


def _closing(report: BsaReport) -> str:
    closing = report["balances"]["closing"]
    return f"{rupees(closing)} at the end" if closing is not None else "The statement states no balance."


def period(report: BsaReport) -> str:
    """From when to when, of which accounts."""
    period = report["period"]
    if not period:
        return "The statement has no transactions."
    accounts = ", ".join(
        account.get("masked_number") or account.get("account_ref") or "" for account in report["accounts"]
    )
    return (
        f"{period['start']} to {period['end']}, {period['transactions']} transactions, account {accounts}; "
        f"as of {report['as_of']}"
    )


def _card(figure: dict[str, Any]) -> str:
    return (
        f"<div><b>{escape(figure['value'])}</b><span>{escape(figure['title'])}</span>"
        f"<small>{escape(figure['note'])}</small></div>"
    )


def _table(head: list[str], rows: list[list[str]]) -> str:
    heads = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    lines = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table>"


_STYLE = """
body{font:14px/1.5 system-ui,sans-serif;color:#1d2733;max-width:980px;margin:24px auto;padding:0 16px}
h1{font-size:22px;margin:0}h2{font-size:15px;margin:26px 0 6px}h2 small,.faint{color:#5b6775;font-weight:400}
.figures{display:flex;flex-wrap:wrap;gap:10px;margin:14px 0}
.figures div{flex:1 1 150px;border:1px solid #dde3ea;border-radius:8px;padding:10px 12px}
.figures b{display:block;font-size:20px}.figures span{display:block}.figures small{color:#5b6775}
svg{width:100%;height:auto;border:1px solid #eef1f4;border-radius:8px}
table{border-collapse:collapse;width:100%;font-size:13px}
th,td{text-align:left;padding:4px 8px;border-bottom:1px solid #eef1f4}th{color:#5b6775;font-weight:600}
@media print{body{margin:0}h2{break-after:avoid}svg,table{break-inside:avoid}}
"""
