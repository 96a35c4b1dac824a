"""Small statements as text: one transaction a line, in the words of a bank.

    2026-05-01 CR 60000 NEFT CR-HDFC0000001-ACME TECHNOLOGIES PVT LTD-ASHA VERMA-SALARY APR 2026

The running balance follows from an opening balance. Lines of one day are an hour apart, from 09:00 in India.
"""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import polars as pl

from pipelines.frames import TRANSACTIONS

SALARY = "NEFT CR-HDFC0000001-ACME TECHNOLOGIES PVT LTD-ASHA VERMA-SALARY {month}"
OPENING = Decimal(10_000)


def statement(
    text: str,
    *,
    statement_id: str = "s1",
    account_ref: str = "HDFC0000001/XX1234",
    opening: Decimal = OPENING,
) -> pl.LazyFrame:
    """The transactions of a written statement; ids are t1, t2 ... in the order of its lines."""
    balance, seen, rows = opening, Counter[str](), []
    for number, line in enumerate(text.strip().splitlines(), start=1):
        day, side, amount, narration = line.strip().split(maxsplit=3)
        balance += Decimal(amount) if side == "CR" else -Decimal(amount)
        at = datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(hours=3.5 + seen[day])
        seen[day] += 1
        rows.append(
            {
                "statement_id": statement_id,
                "account_ref": account_ref,
                "txn_id": f"t{number}",
                "txn_at": at,
                "value_date": date.fromisoformat(day),
                "side": side,
                "amount": Decimal(amount),
                "balance": balance,
                "mode": "OTHERS",
                "narration": narration,
                "reference": "",
            }
        )
    return pl.LazyFrame(rows, schema=TRANSACTIONS)


THREE_SALARIES = f"""
    2026-03-01 CR 60000 {SALARY.format(month="FEB 2026")}
    2026-03-05 DR  5000 ACH D- BAJAJ FINANCE LTD-1234567
    2026-03-07 DR 15000 UPI/DR/412345678901/RAVI/HOUSE RENT
    2026-04-01 CR 61000 {SALARY.format(month="MAR 2026")}
    2026-04-05 DR  5000 ACH D- BAJAJ FINANCE LTD-1234567
    2026-04-20 DR  1000 UPI/DREAM11
    2026-05-01 CR 62000 {SALARY.format(month="APR 2026")}
    2026-05-05 DR  5000 ACH D- BAJAJ FINANCE LTD-1234567
    2026-05-10 CR  2000 CASH DEPOSIT SELF
    2026-05-18 CR  8000 UPI/CR/412345678901/KREDITBEE
    2026-05-20 DR   300 UPI-SWIGGY-swiggy@icici-ICIC0000001-412345678901-FOOD
"""
AS_OF = date(2026, 5, 25)
