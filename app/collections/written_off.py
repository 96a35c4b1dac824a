"""Loans that were written off: who recovers each, what was said, what is lost of it, and what came back."""

from collections.abc import Mapping
from typing import Any

from app.collections import queues
from app.core import clock
from app.core.database import db
from app.core.errors import Invalid
from app.ledger import service as ledger

SORTABLE = {
    "writtenOffAt": "l.closed_at",
    "recovered": "r.recovered",
    "loanNo": "l.loan_no",
    "lastContactAt": "n.created_at",
    "followUpOn": "n.follow_up_on",
}
_FILTERS = queues.WORKED_FILTERS | {
    "allotted": "(a.id IS NOT NULL) = %(allotted)s",
    "to_recover": "(a.id IS NULL OR a.in_hand) = %(to_recover)s",
}
_RECOVERED = """
    LEFT JOIN LATERAL (SELECT coalesce(sum((e.facts ->> 'amount')::numeric), 0) AS recovered FROM journal_entry e
      WHERE e.brand_id = l.brand_id AND e.loan_id = l.id
        AND (e.kind = 'RECOVERY' OR e.kind = 'SUSPENSE_PLACED' AND e.created_at >= l.closed_at)
        -- but for what was taken back
        AND NOT EXISTS (SELECT FROM journal_entry t
          WHERE t.brand_id = e.brand_id AND t.loan_id = e.loan_id AND t.kind = 'REVERSAL'
            AND t.facts ->> 'of_kind' = e.kind AND t.facts ->> 'of_reference' = e.reference)) r ON true"""
_SOURCE = f"""
    FROM loan l
    JOIN customer c ON c.brand_id = l.brand_id AND c.id = l.customer_id
    {queues.WORKED_ON.format(kind="RECOVERY")} {_RECOVERED}
    WHERE l.brand_id = %(brand)s AND l.status = 'WRITE_OFF'"""
_COLUMNS = {
    "loan_id": "l.id",
    "loan_no": "l.loan_no",
    "customer_id": "l.customer_id",
    "customer_no": "c.customer_no",
    "city": "c.city",
    "written_off_at": "l.closed_at",
    "recovered": "r.recovered",
    **queues.WORKED_COLUMNS,
}


def page(args: Mapping[str, Any]) -> dict[str, Any]:
    """A page of them: what asks for attention first, then the newest. Raises Invalid for a sort that there is not."""
    where, values = queues.filtered(args, _FILTERS)
    size, number = args["page_size"], args["page"]
    total = db.execute_sql(f"SELECT count(*) {_SOURCE}{where}", values).fetchone()[0]
    selected = ", ".join(f"{sql} AS {name}" for name, sql in _COLUMNS.items())
    query = (
        f"SELECT {selected} {_SOURCE}{where} ORDER BY {_order(args['sort'])} LIMIT %(size)s OFFSET %(offset)s"
    )
    rows = db.execute_sql(query, values | {"size": size, "offset": (number - 1) * size}).fetchall()
    pagination = {"page": number, "page_size": size, "total": total, "pages": -(-total // size)}
    return {"items": [_told(dict(zip(_COLUMNS, row, strict=True))) for row in rows], "pagination": pagination}


def _order(sort: str | None) -> str:
    if not sort:
        return f"{queues.MOST_URGENT}, l.closed_at DESC, l.id"
    column = SORTABLE.get(sort.removeprefix("-"))
    if column is None:
        raise Invalid(f"Sort by one of {', '.join(SORTABLE)}.", field="sort")
    return f"{column} {'DESC' if sort.startswith('-') else 'ASC'} NULLS LAST, l.id"


def _told(row: dict[str, Any]) -> dict[str, Any]:
    """With what is lost still, as the ledger says it of every loan."""
    return row | {"lost": ledger.outstanding_as_of(row["loan_id"], clock.today()).lost}
