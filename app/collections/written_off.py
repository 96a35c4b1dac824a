"""Loans that were written off: what is lost of each, and what came back of it."""

from collections.abc import Mapping
from typing import Any

from app.core import clock
from app.core.database import current_brand, db
from app.core.errors import Invalid
from app.ledger import service as ledger

SORTABLE = {"writtenOffAt": "l.closed_at", "recovered": "recovered", "loanNo": "l.loan_no"}
_SOURCE = """
    FROM loan l
    JOIN customer c ON c.brand_id = l.brand_id AND c.id = l.customer_id
    LEFT JOIN LATERAL (SELECT coalesce(sum((e.facts ->> 'amount')::numeric), 0) AS recovered FROM journal_entry e
      WHERE e.brand_id = l.brand_id AND e.loan_id = l.id AND e.kind = 'RECOVERY'
        -- but for what was taken back
        AND NOT EXISTS (SELECT FROM journal_entry t
          WHERE t.brand_id = e.brand_id AND t.loan_id = e.loan_id AND t.kind = 'REVERSAL'
            AND t.facts ->> 'of_kind' = e.kind AND t.facts ->> 'of_reference' = e.reference)) r ON true
    WHERE l.brand_id = %(brand)s AND l.status = 'WRITE_OFF'
      AND (%(search)s::text IS NULL OR position(upper(%(search)s) IN l.loan_no) > 0
        OR position(upper(%(search)s) IN c.customer_no) > 0)"""
_COLUMNS = {
    "loan_id": "l.id",
    "loan_no": "l.loan_no",
    "customer_id": "l.customer_id",
    "customer_no": "c.customer_no",
    "city": "c.city",
    "written_off_at": "l.closed_at",
    "recovered": "r.recovered",
}


def page(args: Mapping[str, Any]) -> dict[str, Any]:
    """A page of them, the newest first. Raises Invalid for a sort that there is not."""
    size, number = args["page_size"], args["page"]
    values = {"brand": current_brand(), "search": args["search"]}
    total = db.execute_sql(f"SELECT count(*) {_SOURCE}", values).fetchone()[0]
    selected = ", ".join(f"{sql} AS {name}" for name, sql in _COLUMNS.items())
    query = f"SELECT {selected} {_SOURCE} ORDER BY {_order(args['sort'])} LIMIT %(size)s OFFSET %(offset)s"
    rows = db.execute_sql(query, values | {"size": size, "offset": (number - 1) * size}).fetchall()
    pagination = {"page": number, "page_size": size, "total": total, "pages": -(-total // size)}
    return {"items": [_told(dict(zip(_COLUMNS, row, strict=True))) for row in rows], "pagination": pagination}


def _order(sort: str | None) -> str:
    sort = sort or "-writtenOffAt"
    column = SORTABLE.get(sort.removeprefix("-"))
    if column is None:
        raise Invalid(f"Sort by one of {', '.join(SORTABLE)}.", field="sort")
    return f"{column} {'DESC' if sort.startswith('-') else 'ASC'}, l.id"


def _told(row: dict[str, Any]) -> dict[str, Any]:
    """With what is lost still, as the ledger says it of every loan."""
    return row | {"lost": ledger.outstanding_as_of(row["loan_id"], clock.today()).lost}
