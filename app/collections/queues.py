"""What is to be collected, as it stood at the end of the last closed day: with whom, what was said, what is promised.

One statement a page, over tables of several domains: it reads and never writes.
"""

from collections.abc import Mapping
from typing import Any

from app.core import clock, identity
from app.core.database import current_brand, db
from app.core.errors import Invalid

PRE_DUE, OVERDUE, FOLLOW_UP = "PRE_DUE", "OVERDUE", "FOLLOW_UP"
# what a loan asks for today, the most urgent first: until somebody spoke to the customer after a broken promise, on the
# day of a promise, and on the day that somebody set
ATTENTION = {
    "PROMISE_BROKEN": """p.status IN ('BROKEN', 'PARTIAL')
        AND coalesce((n.created_at AT TIME ZONE 'Asia/Kolkata')::date <= p.judged_on, true)""",
    "PROMISE_DUE": "p.status = 'OPEN' AND p.due_on <= %(today)s",
    "FOLLOW_UP_DUE": "n.follow_up_on <= %(today)s",
}
_RANK = " ".join(f"WHEN {asks} THEN {rank}" for rank, asks in enumerate(ATTENTION.values(), 1))
_NAMED = " ".join(f"WHEN {asks} THEN '{name}'" for name, asks in ATTENTION.items())
QUEUES = {
    PRE_DUE: "d.days_past_due <= 0 AND d.stage <> 'NOT_DUE'",
    OVERDUE: "d.days_past_due > 0",
    FOLLOW_UP: f"CASE {_RANK} END IS NOT NULL",
}
SORTABLE = {
    "daysPastDue": "d.days_past_due",
    "total": "d.total",
    "dueDate": "l.due_date",
    "lastContactAt": "n.created_at",
    "followUpOn": "n.follow_up_on",
}
# the filter's name -> the condition that it sets: what holds of every list of loans `l` that somebody works on
WORKED_FILTERS = {
    "search": "(position(upper(%(search)s) IN l.loan_no) > 0 OR position(upper(%(search)s) IN c.customer_no) > 0)",
    "disposition": "n.code = %(disposition)s",
    "promise": "p.status = %(promise)s",
    "attention": f"CASE {_NAMED} END = %(attention)s",
    "executive_id": "a.partner_user_id = %(executive_id)s",
    "follow_up_until": "n.follow_up_on <= %(follow_up_until)s",
}
_FILTERS = WORKED_FILTERS | {
    "bucket": "d.bucket = %(bucket)s",
    "stage": "d.stage = %(stage)s",
    "classification": "d.classification = %(classification)s",
    "min_days": "d.days_past_due >= %(min_days)s",
    "max_days": "d.days_past_due <= %(max_days)s",
    "min_total": "d.total >= %(min_total)s",
    "max_total": "d.total <= %(max_total)s",
}
# who works on a loan `l` in one kind of work, and the last of what was said and promised
WORKED_ON = """
    LEFT JOIN loan_allotted_partner_user a ON a.brand_id = l.brand_id AND a.loan_id = l.id
      AND a.kind = '{kind}' AND a.is_active
    LEFT JOIN LATERAL (SELECT x.code, x.created_at, x.follow_up_on FROM disposition x
      WHERE x.brand_id = l.brand_id AND x.loan_id = l.id ORDER BY x.id DESC LIMIT 1) n ON true
    LEFT JOIN LATERAL (SELECT x.status, x.amount, x.due_on, x.judged_on FROM promise_to_pay x
      WHERE x.brand_id = l.brand_id AND x.loan_id = l.id ORDER BY x.id DESC LIMIT 1) p ON true"""
WORKED_COLUMNS = {
    "executive_id": "a.partner_user_id",
    "last_disposition": "n.code",
    "last_contact_at": "n.created_at",
    "follow_up_on": "n.follow_up_on",
    "promise_status": "p.status",
    "promise_amount": "p.amount",
    "promise_due_on": "p.due_on",
    "attention": f"CASE {_NAMED} END",
}
MOST_URGENT = f"CASE {_RANK} END NULLS LAST"
_SOURCE = f"""
    FROM loan_day d
    JOIN loan l ON l.brand_id = d.brand_id AND l.id = d.loan_id
    JOIN customer c ON c.brand_id = d.brand_id AND c.id = d.customer_id
    {WORKED_ON.format(kind="COLLECTION")}
    WHERE d.brand_id = %(brand)s
      AND d.on_date = (SELECT max(on_date) FROM eod_step WHERE brand_id = %(brand)s AND step = 'snapshot')
      AND l.status IN ('ACTIVE', 'PARTIALLY_PAID', 'OVERDUE')"""
_COLUMNS = {
    "loan_id": "d.loan_id",
    "loan_no": "l.loan_no",
    "customer_id": "d.customer_id",
    "customer_no": "c.customer_no",
    "city": "c.city",
    "on_date": "d.on_date",
    "due_date": "l.due_date",
    "days_past_due": "d.days_past_due",
    "stage": "d.stage",
    "bucket": "d.bucket",
    "classification": "d.classification",
    "principal": "d.principal",
    "interest": "d.interest",
    "penal": "d.penal",
    "charges": "d.charges",
    "total": "d.total",
    **WORKED_COLUMNS,
}


def page(args: Mapping[str, Any]) -> dict[str, Any]:
    """A page of a queue: what asks for attention first, then longest past due. Raises Invalid for a sort that there is
    not."""
    where, values = _where(args)
    size, number = args["page_size"], args["page"]
    order = _order(args["sort"])
    selected = ", ".join(f"{sql} AS {name}" for name, sql in _COLUMNS.items())
    query = f"SELECT {selected} {_SOURCE}{where} ORDER BY {order} LIMIT %(size)s OFFSET %(offset)s"
    rows = db.execute_sql(query, values | {"size": size, "offset": (number - 1) * size}).fetchall()
    total = db.execute_sql(f"SELECT count(*) {_SOURCE}{where}", values).fetchone()[0]
    pagination = {"page": number, "page_size": size, "total": total, "pages": -(-total // size)}
    return {"items": [dict(zip(_COLUMNS, row, strict=True)) for row in rows], "pagination": pagination}


def _order(sort: str | None) -> str:
    if not sort:
        return f"{MOST_URGENT}, d.days_past_due DESC, d.loan_id"
    column = SORTABLE.get(sort.removeprefix("-"))
    if column is None:
        raise Invalid(f"Sort by one of {', '.join(SORTABLE)}.", field="sort")
    return f"{column} {'DESC' if sort.startswith('-') else 'ASC'} NULLS LAST, d.loan_id"


def ageing(args: Mapping[str, Any]) -> list[dict[str, Any]]:
    """How much stands in each bucket: loans, principal, all that is owed, provisions."""
    where, values = _where(args)
    query = f"""SELECT d.bucket, count(*), sum(d.principal), sum(d.total), sum(d.provision) {_SOURCE}{where}
        GROUP BY d.bucket ORDER BY min(d.days_past_due)"""
    names = ("bucket", "loans", "principal", "total", "provision")
    return [dict(zip(names, row, strict=True)) for row in db.execute_sql(query, values).fetchall()]


def _where(args: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    where, values = filtered(args, _FILTERS)
    queue = f" AND {QUEUES[args['queue']]}" if args.get("queue") else ""
    return queue + where, values


def filtered(args: Mapping[str, Any], filters: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    """What the filters that were given ask for, as a condition, and the values for it; `mine` is one's own work."""
    given = {name: args.get(name) for name in filters if args.get(name) is not None}
    if args.get("mine"):
        given["executive_id"] = identity.actor().id
    where = "".join(f" AND {filters[name]}" for name in given)
    return where, given | {"brand": current_brand(), "today": clock.today()}
