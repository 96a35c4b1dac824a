"""What is booked on a whole book at once: one statement each, with the entries that the loan's own bookings would be.

A loan on which something happened on the day or later is left to those bookings: what is told in between moves what
came after it, and only `replay` knows how.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from app.core.database import current_brand, db
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


def accrue(on: date) -> int:
    """Book the interest up to `on` for every loan that bears some; how many entries that made.

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
          WHERE l.closed_at IS NULL AND l.disbursed_at IS NOT NULL AND b.principal > 0 AND i.last < %(on)s
            AND b.interest_charged <> i.booked
        )"""
    return _write(due, Kind.INTEREST, on, "INTEREST_RECEIVABLE", "INTEREST_INCOME")


_DUE = "json_to_recordset(%(rows)s::json) AS d(loan_id uuid, loan_no text, amount numeric)"
_REFERENCE = "d.loan_no || ':penal:' || %(on)s"
# charges of that day, and whether they stand
_BOOKED = """
    SELECT e.loan_id, e.reference, NOT EXISTS (SELECT FROM journal_entry r
      WHERE r.brand_id = e.brand_id AND r.loan_id = e.loan_id AND r.kind = 'REVERSAL'
        AND r.facts ->> 'of_kind' = e.kind AND r.facts ->> 'of_reference' = e.reference)
    FROM journal_entry e
    WHERE e.brand_id = %(brand)s AND e.kind = 'PENAL_CHARGE' AND e.business_date = %(on)s
      AND e.reference LIKE '%%:penal:%%'"""
_LATER = """EXISTS (SELECT FROM journal_entry e WHERE e.brand_id = %(brand)s AND e.loan_id = d.loan_id
    AND (e.business_date > %(on)s OR (e.business_date = %(on)s AND e.kind <> 'INTEREST')))"""
_SINGLY = f"SELECT d.loan_id, d.loan_no, d.amount FROM {_DUE} WHERE {_LATER}"
_TOGETHER = f"""
    WITH due AS MATERIALIZED (
      SELECT gen_random_uuid() AS entry_id, d.loan_id, {_REFERENCE} AS reference, d.amount,
        jsonb_build_object('amount', d.amount::text, 'gst', '0') AS facts
      FROM {_DUE} WHERE NOT {_LATER}
    )"""


def levy_penal(due: Sequence[Mapping[str, Any]], on: date) -> int:
    """Book the penal charges of `on`: each of `due` has loan_id, loan_no and amount. How many were booked.

    What was charged on that day before and is not due any more, because of what was told since, is taken back.
    """
    values = {"on": on, "brand": current_brand()}
    wanted = {UUID(str(one["loan_id"])) for one in due}
    booked = db.execute_sql(_BOOKED, values).fetchall()
    for loan_id, reference, stands in booked:
        if stands and loan_id not in wanted:
            service.reverse(loans.get(loan_id), Kind.PENAL_CHARGE, reference, on, f"{reference}:undone")
    # sorted out here and not by the database, which cannot guess how many there are of either
    known = {loan_id for loan_id, *_ in booked}
    rows = json.dumps([one for one in due if UUID(str(one["loan_id"])) not in known], default=str)
    values["rows"] = rows
    singly = db.execute_sql(_SINGLY, values).fetchall()
    for loan_id, loan_no, amount in singly:
        service.charge(loans.get(loan_id), Kind.PENAL_CHARGE, amount, on, f"{loan_no}:penal:{on}")
    return len(singly) + _write(
        _TOGETHER, Kind.PENAL_CHARGE, on, "PENAL_RECEIVABLE", "PENAL_INCOME", rows=rows
    )


def _write(due: str, kind: Kind, on: date, debit: str, credit: str, **more: str) -> int:
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
