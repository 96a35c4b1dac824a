"""What is known about a loan, a customer or a payment: each fact is one SELECT, written once.

A report says what its rows are (a grain and a condition) and which columns it shows. The facts that the columns
mention by name (`cam.remark`) are joined; others cost nothing.

Facts are LATERAL: looked up by an index for each row, whatever the planner believes. Joined as whole tables they
are faster for a full book, and hundreds of times slower where statistics lag behind, as they do for today's rows.
"""

import re
from collections.abc import Iterable

from reports.base import Column, Source
from reports.columns import DICTIONARY
from reports.facts import collections, customers, loans, marketing, money

# What a row stands for: the tables l (loan), c (customer), t (payment), ... that columns and facts speak of.
LOANS = """
FROM loan l
JOIN customer c ON c.brand_id = l.brand_id AND c.id = l.customer_id
WHERE l.brand_id = %(brand_id)s AND c.is_active"""

# A customer stands with their latest loan, if they have one.
CUSTOMERS = """
FROM customer c
LEFT JOIN LATERAL (
  SELECT l.* FROM loan l WHERE l.brand_id = c.brand_id AND l.customer_id = c.id ORDER BY l.id DESC LIMIT 1
) l ON true
WHERE c.brand_id = %(brand_id)s AND c.is_active"""

# A customer stands with each of their loans; once, without one, if they have none.
LEADS = """
FROM customer c
LEFT JOIN loan l ON l.brand_id = c.brand_id AND l.customer_id = c.id
WHERE c.brand_id = %(brand_id)s AND c.is_active"""

PAYMENTS = """
FROM payment_collection_transaction t
JOIN loan l ON l.brand_id = t.brand_id AND l.id = t.loan_id
JOIN customer c ON c.brand_id = l.brand_id AND c.id = l.customer_id
WHERE t.brand_id = %(brand_id)s AND t.status = 'SUCCESS'"""

# A loan stands with each of its payments; once, without one, if there was none.
LOANS_PAID = """
FROM loan l
JOIN customer c ON c.brand_id = l.brand_id AND c.id = l.customer_id
LEFT JOIN payment_collection_transaction t
  ON t.brand_id = l.brand_id AND t.loan_id = l.id AND t.status = 'SUCCESS'
WHERE l.brand_id = %(brand_id)s AND c.is_active"""

# What somebody was given: the allotment a, and the person p.
ALLOTMENTS = """
FROM loan_allotted_partner_user a
JOIN partner_user p ON p.id = a.partner_user_id
JOIN loan l ON l.brand_id = a.brand_id AND l.id = a.loan_id
JOIN customer c ON c.brand_id = l.brand_id AND c.id = l.customer_id
WHERE a.brand_id = %(brand_id)s AND c.is_active"""

# What was written down of a contact, and a visit of the field.
NOTES = """
FROM disposition o
JOIN loan l ON l.brand_id = o.brand_id AND l.id = o.loan_id
JOIN customer c ON c.brand_id = l.brand_id AND c.id = l.customer_id
WHERE o.brand_id = %(brand_id)s"""

VISITS = """
FROM field_visit v
JOIN loan l ON l.brand_id = v.brand_id AND l.id = v.loan_id
JOIN customer c ON c.brand_id = l.brand_id AND c.id = l.customer_id
WHERE v.brand_id = %(brand_id)s"""

# Each gives at most one row. Every table in them is held to the brand, and found by an index.
FACTS: dict[str, str] = {
    **loans.FACTS,
    **customers.FACTS,
    **money.FACTS,
    **marketing.FACTS,
    **collections.FACTS,
}


def rows(grain: str, columns: Iterable[Column], *, where: str, order: str = "") -> Source:
    """A source with what `columns` need: those SQL gives, and for formulas the columns they are made of.

    `order`: of the rows; none where a `build` counts them.
    """
    gives = _needed(columns)
    selected = ",\n  ".join(f"{column.sql} AS {column.name}" for column in gives)
    tables, _, condition = grain.rpartition("\nWHERE ")
    named = set(re.findall(r"\b([a-z_]+)\.", f"{selected} {where} {order}"))
    joins = (f"\nLEFT JOIN LATERAL ({sql}) {name} ON true" for name, sql in FACTS.items() if name in named)
    sorted_by = f"\nORDER BY {order}" if order else ""
    return Source(
        f"SELECT {selected}{tables}{''.join(joins)}\nWHERE {condition} AND {where}{sorted_by}", gives
    )


def _needed(columns: Iterable[Column]) -> tuple[Column, ...]:
    needed: dict[str, Column] = {}
    for column in columns:
        if column.sql is not None:
            needed[column.name] = column
        elif column.formula is not None:
            needed |= {name: DICTIONARY[name] for name in column.formula.meta.root_names()}
    return tuple(needed.values())
