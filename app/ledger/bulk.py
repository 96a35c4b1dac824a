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
from app.ledger.events import Kind, Part
from app.ledger.postings import EARNED, OWED, SUSPENDED, Account
from app.loans import service as loans
from reports.balance import balances

# the ids are made with the rows, so that nothing has to be joined: the database cannot guess how many there are; they
# follow each other, so that indexes grow at one end
_ENTRIES = """
    , entry AS (
      INSERT INTO journal_entry (brand_id, id, loan_id, kind, business_date, reference, facts)
      SELECT %(brand)s, entry_id, loan_id, kind, %(on)s, reference, facts FROM due
      RETURNING id
    ), line AS (
      INSERT INTO journal_line (brand_id, id, entry_id, account, debit, credit)
      SELECT %(brand)s, uuidv7(), d.entry_id, a.account, greatest(a.amount, 0), greatest(-a.amount, 0)
      FROM due d CROSS JOIN LATERAL (VALUES {lines}) a(account, amount) WHERE a.amount <> 0
    )
    SELECT count(*) FROM entry"""
# payments wait for it, and it for them: what is read of a loan's journal is all that was told of it
_HOLD = """
    SELECT count(*) FROM (
      SELECT FROM loan l WHERE {among} AND l.closed_at IS NULL AND l.disbursed_at IS NOT NULL
      ORDER BY l.id FOR NO KEY UPDATE) held"""


def is_npa(loan: str, on: str) -> str:
    """Whether the journal has the loan (its id in SQL) as an NPA at the end of the day `on` (SQL)."""
    return f"""coalesce((
        SELECT c.kind = 'NPA' FROM journal_entry c
        WHERE c.brand_id = %(brand)s AND c.loan_id = {loan} AND c.kind IN ('NPA', 'UPGRADE')
          AND c.business_date <= {on} AND NOT EXISTS (
            SELECT FROM journal_entry r WHERE r.brand_id = c.brand_id AND r.loan_id = c.loan_id
              AND r.kind = 'REVERSAL' AND r.business_date <= {on}
              AND r.facts ->> 'of_kind' = c.kind AND r.facts ->> 'of_reference' = c.reference)
        ORDER BY c.business_date DESC, c.kind DESC LIMIT 1), false)"""


def _charged(part: Part) -> str:
    """The lines of what a loan of `due` is charged, which is earned unless it is an NPA."""
    earned, suspended = EARNED[part], SUSPENDED[part]
    return f"""('{OWED[part]}', d.amount),
        (CASE WHEN d.npa THEN '{suspended}' ELSE '{earned}' END, -d.amount)"""


def accrue(on: date, share: Share) -> int:
    """Book the interest up to `on` for every loan of the share that bears some; how many entries that made.

    What is booked up to a day or later is left as it is.
    """
    bears = f"{share.sql('l.customer_id')} AND l.closed_at IS NULL AND l.disbursed_at IS NOT NULL"
    due = f"""
        WITH due AS MATERIALIZED (
          SELECT uuidv7() AS entry_id, l.id AS loan_id, 'INTEREST' AS kind,
            l.loan_no || ':' || %(on)s AS reference, '{{}}'::jsonb AS facts,
            b.interest_charged - i.booked AS amount, {is_npa("l.id", "%(on)s::date")} AS npa
          FROM ({balances("%(on)s::date", bears)}) b JOIN loan l ON l.id = b.loan_id
          JOIN (
            SELECT e.loan_id, coalesce(sum(j.debit - j.credit), 0) AS booked, max(e.business_date) AS last
            FROM loan l JOIN journal_entry e ON e.brand_id = l.brand_id AND e.loan_id = l.id
            LEFT JOIN journal_line j ON j.brand_id = e.brand_id AND j.entry_id = e.id AND e.kind = 'INTEREST'
              AND j.account = 'INTEREST_RECEIVABLE'
            WHERE {bears} GROUP BY e.loan_id) i ON i.loan_id = l.id
          WHERE b.principal > 0 AND i.last < %(on)s AND b.interest_charged <> i.booked
        )"""
    _hold(share)
    return _write(due, _charged(Part.INTEREST), on, **share.values)


def _hold(share: Share) -> None:
    db.execute_sql(_HOLD.format(among=share.sql("l.customer_id")), share.values)


_DUE = "json_to_recordset(%(rows)s::json) AS d(loan_id uuid, reference text, amount numeric, again boolean)"
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
# who has paid all that they were told to pay since is not charged for a day that nobody had closed by then
_SINGLY = f"""SELECT d.loan_id, d.reference, d.amount FROM {_DUE} WHERE {_MOVED_SINCE} AND (d.again OR EXISTS (
    SELECT FROM loan l WHERE l.brand_id = %(brand)s AND l.id = d.loan_id AND l.outstanding_amount > 0))"""
_TOGETHER = f"""
    WITH due AS MATERIALIZED (
      SELECT uuidv7() AS entry_id, d.loan_id, 'PENAL_CHARGE' AS kind, d.reference, d.amount,
        jsonb_build_object('amount', d.amount::text, 'gst', '0') AS facts, {is_npa("d.loan_id", "%(on)s::date")} AS npa
      FROM {_DUE} WHERE NOT {_MOVED_SINCE}
    )"""


@dataclass
class _Penal:
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


def levy_penal(due: Sequence[Mapping[str, Any]], on: date, share: Share) -> tuple[int, set[UUID]]:
    """Book the penal charges of `on` in a share: each of `due` has loan_id, loan_no and amount. How many were booked,
    and the loans of which what came after the day was settled anew.

    What was charged on that day before and is not due any more, or not as much, because of what was told since, is
    taken back.
    """
    wanted = {UUID(str(one["loan_id"])): one for one in due}
    _hold(share)
    known, moved = _penal(on, share), set()
    for loan_id, charged in known.items():
        if charged.stands and not charged.by_people and charged.amount != _amount(wanted.get(loan_id)):
            undone = f"{charged.stands}:undone"
            service.reverse(loans.get(loan_id), Kind.PENAL_CHARGE, charged.stands, on, undone)
            charged.amount, charged.stands = ZERO, None
            moved.add(loan_id)
    rows = [
        {
            "loan_id": loan_id,
            "reference": _reference(one["loan_no"], on, known.get(loan_id)),
            "amount": one["amount"],
            "again": loan_id in known,
        }
        for loan_id, one in wanted.items()
        if loan_id not in known or not (known[loan_id].stands or known[loan_id].by_people)
    ]
    count, singly = _levy(rows, on) if rows else (0, set())
    return count, moved | singly


def _penal(on: date, share: Share) -> dict[UUID, _Penal]:
    found: dict[UUID, _Penal] = defaultdict(_Penal)
    query = _BOOKED.format(among=share.sql("l.customer_id"))
    for loan_id, *told in db.execute_sql(query, {"on": on, **share.values}).fetchall():
        found[loan_id].add(*told)
    return dict(found)


def _amount(one: Mapping[str, Any] | None) -> Decimal:
    return one["amount"] if one else ZERO


def _reference(loan_no: str, on: date, charged: _Penal | None) -> str:
    again = f":{charged.count + 1}" if charged else ""
    return f"{loan_no}:penal:{on}{again}"


def _levy(due: Sequence[Mapping[str, Any]], on: date) -> tuple[int, set[UUID]]:
    values = {"on": on, "brand": current_brand(), "rows": json.dumps(due, default=str)}
    singly = db.execute_sql(_SINGLY, values).fetchall()
    for loan_id, reference, amount in singly:
        service.charge(loans.get(loan_id), Kind.PENAL_CHARGE, amount, on, reference)
    count = len(singly) + _write(_TOGETHER, _charged(Part.PENAL), on, rows=values["rows"])
    return count, {UUID(str(loan_id)) for loan_id, *_ in singly}


# another class of the day, or something later, is in the journal already
_MORE_IS_TOLD = """EXISTS (SELECT FROM journal_entry e WHERE e.brand_id = %(brand)s AND e.loan_id = d.loan_id
    AND (e.business_date > %(on)s OR e.business_date = %(on)s AND e.kind IN ('NPA', 'UPGRADE')))"""
_CLASSED = "json_to_recordset(%(rows)s::json) AS d(loan_id uuid, kind text, reference text)"
_CLASSED_SINGLY = f"SELECT d.loan_id, d.kind FROM {_CLASSED} WHERE {_MORE_IS_TOLD}"


def _classed_together() -> str:
    """What of each part comes off the income: what is owed and was earned, or back all that is suspended."""
    moved = ", ".join(
        f"""CASE d.kind WHEN 'NPA' THEN greatest(0, least({_held(OWED[part])}, -{_held(EARNED[part])}))
          ELSE {_held(SUSPENDED[part])} END AS {part.lower()}"""
        for part in SUSPENDED
    )
    return f"""
    WITH due AS MATERIALIZED (
      SELECT uuidv7() AS entry_id, d.loan_id, d.kind, d.reference, '{{}}'::jsonb AS facts, m.*
      FROM {_CLASSED} CROSS JOIN LATERAL (
        SELECT {moved} FROM journal_entry e JOIN journal_line j ON j.brand_id = e.brand_id AND j.entry_id = e.id
        WHERE e.brand_id = %(brand)s AND e.loan_id = d.loan_id) m
      WHERE NOT {_MORE_IS_TOLD}
    )"""


def _held(account: Account) -> str:
    return f"coalesce(sum(j.debit - j.credit) FILTER (WHERE j.account = '{account}'), 0)"


_TO_SUSPENSE = ", ".join(
    f"('{EARNED[part]}', d.{part.lower()}), ('{account}', -d.{part.lower()})"
    for part, account in SUSPENDED.items()
)


def classify(changed: Sequence[Mapping[str, Any]], on: date, share: Share) -> int:
    """Book the class that loans of a share have at the end of `on`, where the journal says otherwise: each of `changed`
    has loan_id, loan_no and bad. How many were booked.

    What an NPA owes beside principal is taken off the income that it was booked as, until it is paid or the loan is a
    standard asset again (RBI, IRAC norms).
    """
    _hold(share)
    kinds = {True: Kind.NPA, False: Kind.UPGRADE}
    rows = [
        {
            "loan_id": one["loan_id"],
            "kind": kinds[one["bad"]],
            "reference": service.class_reference(kinds[one["bad"]], one["loan_no"], on),
        }
        for one in changed
    ]
    values = {"on": on, "brand": current_brand(), "rows": json.dumps(rows, default=str)}
    singly = db.execute_sql(_CLASSED_SINGLY, values).fetchall()
    for loan_id, kind in singly:
        service.classify(loans.get(loan_id), on, bad=kind == Kind.NPA)
    return len(singly) + _write(_classed_together(), _TO_SUSPENSE, on, rows=values["rows"])


def _write(due: str, lines: str, on: date, **more: Any) -> int:
    """The balanced entries of what a query calls `due`, with these lines of account and signed amount."""
    values = {"brand": current_brand(), "on": on, **more}
    return db.execute_sql(due + _ENTRIES.format(lines=lines), values).fetchone()[0]
