"""What is booked on a whole book at once: one statement each, with the entries that the loan's own bookings would be.

A loan whose debt was paid or given up in part on the day or later is left to those bookings: what is told in between
moves what came after it, and only `replay` knows how.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.core.database import current_brand, db
from app.core.money import ZERO
from app.core.share import Share
from app.ledger import service
from app.ledger.events import Kind
from app.loans import service as loans
from reports.balance import balance

# the ids are made with the rows, so that nothing has to be joined: the database cannot guess how many there are
_ENTRIES = """
    , entry AS (
      INSERT INTO journal_entry (brand_id, id, loan_id, kind, business_date, reference, facts)
      SELECT %(brand)s, entry_id, loan_id, %(kind)s, %(on)s, reference, facts FROM due
      RETURNING id
    ), line AS (
      INSERT INTO journal_line (brand_id, id, entry_id, account, debit, credit)
      SELECT %(brand)s, gen_random_uuid(), d.entry_id, a.account, greatest(a.amount, 0), greatest(-a.amount, 0)
      FROM due d CROSS JOIN LATERAL (VALUES (%(debit)s, d.amount), (%(credit)s, -d.amount)) a(account, amount)
    )
    SELECT count(*) FROM entry"""


def accrue(on: date, share: Share) -> int:
    """Book the interest up to `on` for every loan of the share that bears some; how many entries that made.

    What is booked up to a day or later is left as it is.
    """
    due = f"""
        WITH due AS MATERIALIZED (
          SELECT gen_random_uuid() AS entry_id, l.id AS loan_id, l.loan_no || ':' || %(on)s AS reference,
            '{{}}'::jsonb AS facts,
            b.interest_charged - i.booked AS amount
          FROM loan l CROSS JOIN LATERAL ({balance("%(on)s::date")}) b
          CROSS JOIN LATERAL (
            SELECT coalesce(sum(j.credit - j.debit), 0) AS booked, max(e.business_date) AS last
            FROM journal_entry e
            LEFT JOIN journal_line j ON j.brand_id = e.brand_id AND j.entry_id = e.id AND j.account = 'INTEREST_INCOME'
            WHERE e.brand_id = l.brand_id AND e.loan_id = l.id) i
          WHERE {share.sql("l.customer_id")} AND l.closed_at IS NULL AND l.disbursed_at IS NOT NULL
            AND b.principal > 0 AND i.last < %(on)s
            AND b.interest_charged <> i.booked
        )"""
    return _write(due, Kind.INTEREST, on, "INTEREST_RECEIVABLE", "INTEREST_INCOME", **share.values)


_DUE = "json_to_recordset(%(rows)s::json) AS d(loan_id uuid, reference text, amount numeric)"
# charges of that day, and what took them back
_BOOKED = """
    SELECT e.loan_id, e.reference, (e.facts ->> 'amount')::numeric, (
      SELECT r.reference FROM journal_entry r
      WHERE r.brand_id = e.brand_id AND r.loan_id = e.loan_id AND r.kind = 'REVERSAL'
        AND r.facts ->> 'of_kind' = e.kind AND r.facts ->> 'of_reference' = e.reference LIMIT 1)
    FROM loan l JOIN journal_entry e ON e.brand_id = l.brand_id AND e.loan_id = l.id AND e.business_date = %(on)s
    WHERE {among} AND l.disbursed_at IS NOT NULL AND e.kind = 'PENAL_CHARGE' AND e.reference LIKE '%%:penal:%%'
    ORDER BY e.loan_id, e.reference"""
# what moves money between the parts of a debt; a charge that bears no interest leaves the rest where it is
_MOVED_SINCE = """EXISTS (SELECT FROM journal_entry e WHERE e.brand_id = %(brand)s AND e.loan_id = d.loan_id
    AND e.business_date >= %(on)s
    AND e.kind NOT IN ('DISBURSAL', 'INTEREST', 'PENAL_CHARGE', 'BOUNCE_CHARGE', 'FORECLOSURE_CHARGE'))"""
_SINGLY = f"SELECT d.loan_id, d.reference, d.amount FROM {_DUE} WHERE {_MOVED_SINCE}"
_TOGETHER = f"""
    WITH due AS MATERIALIZED (
      SELECT gen_random_uuid() AS entry_id, d.loan_id, d.reference, d.amount,
        jsonb_build_object('amount', d.amount::text, 'gst', '0') AS facts
      FROM {_DUE} WHERE NOT {_MOVED_SINCE}
    )"""


@dataclass
class _Charged:
    """The penal charges of a loan on a day: `stands` may be one of them, and was of `amount`."""

    count: int = 0
    amount: Decimal = ZERO
    stands: str | None = None
    by_people: bool = False  # taken back by somebody: they know why

    def add(self, reference: str, amount: Decimal, reversal: str | None) -> None:
        self.count += 1
        if reversal is None:
            self.amount, self.stands = amount, reference
        self.by_people = self.by_people or reversal not in (None, f"{reference}:undone")


def levy_penal(due: Sequence[Mapping[str, Any]], on: date, share: Share) -> int:
    """Book the penal charges of `on` in a share: each of `due` has loan_id, loan_no and amount. How many were booked.

    What was charged on that day before and is not due any more, or not as much, because of what was told since, is
    taken back.
    """
    wanted = {UUID(str(one["loan_id"])): one for one in due}
    known = _charged(on, share)
    for loan_id, charged in known.items():
        if charged.stands and not charged.by_people and charged.amount != _amount(wanted.get(loan_id)):
            undone = f"{charged.stands}:undone"
            service.reverse(loans.get(loan_id), Kind.PENAL_CHARGE, charged.stands, on, undone)
            charged.amount, charged.stands = ZERO, None
    rows = [
        {
            "loan_id": loan_id,
            "reference": _reference(one["loan_no"], on, known.get(loan_id)),
            "amount": one["amount"],
        }
        for loan_id, one in wanted.items()
        if loan_id not in known or not (known[loan_id].stands or known[loan_id].by_people)
    ]
    return _levy(rows, on) if rows else 0


def _charged(on: date, share: Share) -> dict[UUID, _Charged]:
    found: dict[UUID, _Charged] = defaultdict(_Charged)
    query = _BOOKED.format(among=share.sql("l.customer_id"))
    for loan_id, *told in db.execute_sql(query, {"on": on, **share.values}).fetchall():
        found[loan_id].add(*told)
    return dict(found)


def _amount(one: Mapping[str, Any] | None) -> Decimal:
    return one["amount"] if one else ZERO


def _reference(loan_no: str, on: date, charged: _Charged | None) -> str:
    again = f":{charged.count + 1}" if charged else ""
    return f"{loan_no}:penal:{on}{again}"


def _levy(due: Sequence[Mapping[str, Any]], on: date) -> int:
    values = {"on": on, "brand": current_brand(), "rows": json.dumps(due, default=str)}
    singly = db.execute_sql(_SINGLY, values).fetchall()
    for loan_id, reference, amount in singly:
        service.charge(loans.get(loan_id), Kind.PENAL_CHARGE, amount, on, reference)
    rows = values["rows"]
    return len(singly) + _write(
        _TOGETHER, Kind.PENAL_CHARGE, on, "PENAL_RECEIVABLE", "PENAL_INCOME", rows=rows
    )


def _write(due: str, kind: Kind, on: date, debit: str, credit: str, **more: Any) -> int:
    """The balanced entries of what a query calls `due`."""
    values = {
        "brand": current_brand(),
        "kind": kind.value,
        "on": on,
        "debit": debit,
        "credit": credit,
        **more,
    }
    return db.execute_sql(due + _ENTRIES, values).fetchone()[0]
