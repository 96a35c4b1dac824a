"""Figures of the whole book of a brand that the database keeps as rows change, so that nobody has to count it.

Triggers add rows with the difference that a statement makes, in its transaction (migration `kept_counts`, which says
what counts in what): the sum over a figure's rows is what a count would give, at every instant. Why it is not counted:
`docs/decisions/0016`.
"""

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from peewee import BigIntegerField, BooleanField, DateField, DecimalField, ModelSelect, TextField, fn

from app.core import clock
from app.core.database import TenantModel, current_brand, db

Measure = Literal["amount", "owed"]


class Tally(TenantModel):
    """So many more, of so much more, in a figure: in a state (empty where it has none), on a day of India."""

    figure = TextField()
    state = TextField()
    signed = BooleanField()
    day = DateField(null=True)
    count = BigIntegerField()
    amount = DecimalField(max_digits=18, decimal_places=2)
    owed = DecimalField(max_digits=18, decimal_places=2)


def kept(
    figure: str,
    *,
    states: Collection[str] = (),
    signed: bool | None = None,
    low: date | None = None,
    high: date | None = None,
    measure: Measure | None = "amount",
) -> ModelSelect:
    """One row: the `count` of a figure and the sum `amount` of a measure, from the day `low` to `high`.

    Everybody's, unless the statement brings the tally of some along (`of`)."""
    asked = (
        (states, Tally.state.in_(list(states))),
        (signed is not None, Tally.signed == signed),
        (low, Tally.day >= low),
        (high, Tally.day <= high),
    )
    sums = [fn.COALESCE(fn.SUM(Tally.count), 0).cast("bigint").alias("count")]
    if measure:
        sums.append(fn.COALESCE(fn.SUM(getattr(Tally, measure)), Decimal(0)).alias("amount"))
    return Tally.select(*sums).where(Tally.figure == figure, *(holds for given, holds in asked if given))


_OWN = """
WITH mine AS MATERIALIZED (
  SELECT l.id, l.status, l.agreement_status = 'SIGNED' AS signed, l.due_date, india_day(l.created_at) AS applied_on,
    india_day(l.disbursed_at) AS disbursed_on, coalesce(l.sanctioned_amount, l.applied_amount) AS amount,
    coalesce(l.outstanding_amount, l.repayment_amount, l.sanctioned_amount, l.applied_amount) AS owed
  FROM loan l WHERE {loans}
), reached AS (
  SELECT entity, entity_id, to_state, min(india_day(created_at)) AS day FROM state_change
  WHERE is_reached_kept(entity, to_state) AND created_at >= %s
  GROUP BY entity, entity_id, to_state, india_month(created_at)
), tally AS MATERIALIZED (
  SELECT figure, state, signed, day, count(*) AS count, sum(amount) AS amount, sum(owed) AS owed FROM (
    SELECT f.figure, f.state, f.signed, f.day, l.amount, l.owed FROM mine l CROSS JOIN LATERAL (VALUES
      ('loan.in', l.status, l.signed, l.due_date),
      ('loan.applied', '', false, l.applied_on),
      ('loan.disbursed', '', false, l.disbursed_on)) f(figure, state, signed, day)
    WHERE f.figure = 'loan.in' OR f.day >= %s
    UNION ALL
    SELECT r.entity || '.reached', r.to_state, false, r.day, l.amount, 0
    FROM reached r JOIN mine l ON l.id = r.entity_id
    UNION ALL
    SELECT 'payment.collected', '', false, p.received_on, p.amount - p.reversed_amount, 0
    FROM payment_collection_transaction p JOIN mine l ON l.id = p.loan_id
    WHERE p.status = 'SUCCESS' AND p.received_on >= %s
    UNION ALL
    SELECT 'customer.newcomer', '', false, india_day(c.registered_at), 0, 0 FROM customer c
    WHERE c.registered_at >= %s AND c.erased_at IS NULL AND {customers}
      AND NOT EXISTS (SELECT FROM loan l WHERE l.brand_id = c.brand_id AND l.customer_id = c.id)
  ) f GROUP BY figure, state, signed, day
)"""


def of(
    loans: Collection[ModelSelect], customers: Collection[ModelSelect], *, since: date, registered: date
) -> tuple[str, Sequence[Any]]:
    """The same figures of some loans and customers, counted in one pass for the queries of one statement (`at_once`).

    They are among each of the queries of ids. What happened is counted from the first of the month `since` on, and who
    registered from `registered` on.
    """
    of_loans, loan_values = _among("l.id", loans)
    of_customers, customer_values = _among("c.id", customers)
    begins = clock.start_of(since), since, since, clock.start_of(registered)
    return _OWN.format(loans=of_loans, customers=of_customers), (*loan_values, *begins, *customer_values)


def _among(column: str, queries: Collection[ModelSelect]) -> tuple[str, list[Any]]:
    parts, values = ["true"], []
    for query in queries:
        text, given = query.sql()
        parts.append(f"{column} IN ({text})")
        values += given
    return " AND ".join(parts), values


def fold() -> int:
    """Make one row of those that are of the same figure, state and day; how many less there are."""
    return db.execute_sql("SELECT tally_fold(%s)", (current_brand(),)).fetchone()[0]


def mend() -> int:
    """Count everything, and add what the figures lack of it; how many were not right. Nothing is, unless somebody wrote
    past the triggers."""
    # as long as a large book takes; compiling the query takes longer than it saves
    db.execute_sql("SET LOCAL statement_timeout TO '60min'; SET LOCAL jit TO off")
    return db.execute_sql("SELECT tally_mend(%s)", (current_brand(),)).fetchone()[0]
