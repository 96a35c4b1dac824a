"""What came of each collector's work in a period."""

from datetime import date, timedelta
from typing import Any

from app.core import clock
from app.core.database import current_brand, db
from app.core.errors import Invalid

DAYS_MAX = 366
_QUERY = """
    WITH held AS (
      -- what was written off is collected no more: it is recovered by who has it for that
      SELECT a.partner_user_id, a.loan_id, a.kind, a.created_at,
        least(a.ended_at, l.closed_at, 'infinity') AS until
      FROM loan_allotted_partner_user a
      LEFT JOIN loan l ON a.kind = 'COLLECTION' AND l.brand_id = a.brand_id AND l.id = a.loan_id
        AND l.status = 'WRITE_OFF'
      WHERE a.brand_id = %(brand)s AND a.kind IN ('COLLECTION', 'RECOVERY')
        AND a.created_at < %(until)s AND least(a.ended_at, l.closed_at, 'infinity') >= %(since)s
    ), money AS (
      SELECT h.partner_user_id,
        sum(t.amount - t.reversed_amount) FILTER (WHERE h.kind = 'COLLECTION') AS collected,
        count(DISTINCT t.loan_id) FILTER (WHERE h.kind = 'COLLECTION') AS paying,
        sum(t.amount - t.reversed_amount) FILTER (WHERE h.kind = 'RECOVERY') AS recovered
      FROM held h JOIN payment_collection_transaction t ON t.brand_id = %(brand)s AND t.loan_id = h.loan_id
        AND t.status = 'SUCCESS' AND t.received_on BETWEEN %(first)s AND %(last)s
      -- of what came in by hand only the day is known: it counts for who had the loan at its end, or when it was booked
      JOIN LATERAL (SELECT CASE WHEN t.provider = 'manual'
        THEN least(t.created_at, (t.received_on + 1)::timestamp AT TIME ZONE 'Asia/Kolkata' - interval '1 second')
        ELSE t.received_at END AS at) came ON came.at >= h.created_at AND came.at < h.until
      GROUP BY 1
    ), said AS (
      SELECT author_id, count(*) AS contacts, count(*) FILTER (WHERE contact_party = 'BORROWER') AS reached
      FROM disposition WHERE brand_id = %(brand)s AND contacted_at >= %(since)s AND contacted_at < %(until)s GROUP BY 1
    ), promised AS (
      SELECT made_by, count(*) AS promises, count(*) FILTER (WHERE status = 'KEPT') AS kept,
        count(*) FILTER (WHERE status IN ('BROKEN', 'PARTIAL')) AS broken
      FROM promise_to_pay WHERE brand_id = %(brand)s AND made_on BETWEEN %(first)s AND %(last)s GROUP BY 1
    ), seen AS (
      SELECT v.partner_user_id, count(*) AS visits, coalesce(sum(m.amount), 0) AS on_visits
      FROM field_visit v LEFT JOIN manual_payment m
        ON m.brand_id = v.brand_id AND m.id = v.manual_payment_id AND m.status = 'APPROVED'
      WHERE v.brand_id = %(brand)s AND v.ended_at >= %(since)s AND v.ended_at < %(until)s GROUP BY 1
    ), complained AS (
      SELECT about_user_id, count(*) AS complaints FROM complaint
      WHERE brand_id = %(brand)s AND created_at >= %(since)s AND created_at < %(until)s GROUP BY 1
    ), work AS (
      SELECT partner_user_id, count(DISTINCT loan_id) FILTER (WHERE kind = 'COLLECTION') AS loans,
        count(DISTINCT loan_id) FILTER (WHERE kind = 'RECOVERY') AS lost FROM held GROUP BY 1
    ), people AS (
      SELECT partner_user_id::text AS id FROM work
      UNION SELECT author_id FROM said UNION SELECT made_by FROM promised
      UNION SELECT partner_user_id::text FROM seen UNION SELECT about_user_id::text FROM complained
    )
    SELECT p.id, u.name, coalesce(w.loans, 0), coalesce(m.collected, 0), coalesce(m.paying, 0),
      coalesce(w.lost, 0), coalesce(m.recovered, 0),
      coalesce(s.contacts, 0), coalesce(s.reached, 0), coalesce(r.promises, 0), coalesce(r.kept, 0),
      coalesce(r.broken, 0), coalesce(v.visits, 0), coalesce(v.on_visits, 0), coalesce(x.complaints, 0)
    FROM people p JOIN partner_user u ON u.id::text = p.id
    LEFT JOIN work w ON w.partner_user_id::text = p.id
    LEFT JOIN money m ON m.partner_user_id::text = p.id
    LEFT JOIN said s ON s.author_id = p.id
    LEFT JOIN promised r ON r.made_by = p.id
    LEFT JOIN seen v ON v.partner_user_id::text = p.id
    LEFT JOIN complained x ON x.about_user_id::text = p.id
    ORDER BY coalesce(m.collected, 0) + coalesce(m.recovered, 0) DESC, p.id"""
_NAMES = (
    "partner_user_id",
    "name",
    "loans",
    "collected",
    "paying_loans",
    "recovery_loans",
    "recovered",
    "contacts",
    "reached",
    "promises",
    "promises_kept",
    "promises_broken",
    "visits",
    "collected_on_visits",
    "complaints",
)


def between(first: date, last: date) -> list[dict[str, Any]]:
    """By collector, most collected and recovered first: `collected` came in while the loan was theirs, `recovered`
    while one that was written off was. Raises Invalid for no days, or for more than a year of them."""
    if not 0 <= (last - first).days < DAYS_MAX:
        raise Invalid(f"Ask for 1 to {DAYS_MAX} days.", field="to_date")
    values = {
        "brand": current_brand(),
        "first": first,
        "last": last,
        "since": clock.start_of(first),
        "until": clock.start_of(last + timedelta(days=1)),
    }
    rows = db.execute_sql(_QUERY, values).fetchall()
    return [_rated(dict(zip(_NAMES, row, strict=True))) for row in rows]


def _rated(row: dict[str, Any]) -> dict[str, Any]:
    judged = row["promises_kept"] + row["promises_broken"]
    return row | {
        "reached_percent": _percent(row["reached"], row["contacts"]),
        "kept_percent": _percent(row["promises_kept"], judged),
        "resolution_percent": _percent(row["paying_loans"], row["loans"]),
    }


def _percent(part: int, whole: int) -> int | None:
    return round(100 * part / whole) if whole else None
