"""What is booked on a whole book at once: one statement each, with the entries that the loan's own bookings would be.

A loan on which something happened on the day or later is left to those bookings: what is told in between moves what
came after it, and only `replay` knows how.
"""

from datetime import date

from app.core.database import current_brand, db
from app.ledger import service
from app.ledger.events import Kind
from app.loans import service as loans
from reports.balance import balance

_ENTRIES = """
    , entry AS (
      INSERT INTO journal_entry (brand_id, id, loan_id, kind, business_date, reference, facts)
      SELECT %(brand)s, gen_random_uuid(), loan_id, %(kind)s, %(on)s, reference, facts FROM due
      RETURNING id, loan_id
    ), line AS (
      INSERT INTO journal_line (brand_id, id, entry_id, account, debit, credit)
      SELECT %(brand)s, gen_random_uuid(), e.id, a.account, greatest(a.amount, 0), greatest(-a.amount, 0)
      FROM entry e JOIN due d USING (loan_id)
      CROSS JOIN LATERAL (VALUES (%(debit)s, d.amount), (%(credit)s, -d.amount)) a(account, amount)
    )
    SELECT count(*) FROM entry"""


def accrue(on: date) -> int:
    """Book the interest up to `on` for every loan that bears some; how many entries that made.

    What is booked up to a day or later is left as it is.
    """
    due = f"""
        WITH due AS MATERIALIZED (
          SELECT l.id AS loan_id, l.loan_no || ':' || %(on)s AS reference, '{{}}'::jsonb AS facts,
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
# charges of that day that are not due any more, and were not taken back
_UNDUE = f"""
    SELECT e.loan_id, e.reference FROM journal_entry e
    WHERE e.brand_id = %(brand)s AND e.kind = 'PENAL_CHARGE' AND e.business_date = %(on)s
      AND e.reference LIKE '%%:penal:%%' AND NOT EXISTS (SELECT FROM {_DUE} WHERE d.loan_id = e.loan_id)
      AND NOT EXISTS (SELECT FROM journal_entry r WHERE r.brand_id = e.brand_id AND r.loan_id = e.loan_id
        AND r.kind = 'REVERSAL' AND r.facts ->> 'of_kind' = e.kind AND r.facts ->> 'of_reference' = e.reference)"""
_LATER = """EXISTS (SELECT FROM journal_entry e WHERE e.brand_id = %(brand)s AND e.loan_id = d.loan_id
    AND (e.business_date > %(on)s OR (e.business_date = %(on)s AND e.kind <> 'INTEREST')))"""
_KNOWN = f"""EXISTS (SELECT FROM journal_entry e WHERE e.brand_id = %(brand)s AND e.kind = 'PENAL_CHARGE'
    AND e.reference = {_REFERENCE})"""
_SINGLY = f"SELECT d.loan_id, d.loan_no, d.amount FROM {_DUE} WHERE {_LATER} AND NOT {_KNOWN}"
_TOGETHER = f"""
    WITH due AS MATERIALIZED (
      SELECT d.loan_id, {_REFERENCE} AS reference, d.amount,
        jsonb_build_object('amount', d.amount::text, 'gst', '0') AS facts
      FROM {_DUE} WHERE NOT {_LATER} AND NOT {_KNOWN}
    )"""


def levy_penal(rows: str, on: date) -> int:
    """Book the penal charges of `on`, which `rows` tells as JSON records of loan_id, loan_no and amount; how many were
    booked.

    What was charged on that day before and is not due any more, because of what was told since, is taken back.
    """
    values = {"rows": rows, "on": on, "brand": current_brand()}
    for loan_id, reference in db.execute_sql(_UNDUE, values).fetchall():
        service.reverse(loans.get(loan_id), Kind.PENAL_CHARGE, reference, on, f"{reference}:undone")
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
