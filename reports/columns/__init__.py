"""The dictionary of columns that reports share: what each means, and how it is found, in one place.

`sql` speaks of the tables l (loan), c (customer), t (payment), a (allotment) with its person p, o (note on a contact),
v (visit), and of the facts of reports/facts/. A column without `sql` and `formula` has no source in the data yet:
reports show it, empty, because readers expect it.
"""

from reports.base import Column
from reports.columns import (
    bureau,
    contacts,
    customers,
    desks,
    loans,
    marketing,
    payments,
    references,
    standing,
)

DICTIONARY: dict[str, Column] = {
    column.name: column
    for group in (customers, references, loans, payments, standing, desks, contacts, marketing, bureau)
    for column in group.COLUMNS
}


def shared(names: str) -> tuple[Column, ...]:
    """Columns of the dictionary in this order; ``tax=gst_amount`` shows gst_amount under the name tax."""
    pairs = (name.partition("=") for name in names.split())
    return tuple(DICTIONARY[known or name].renamed(name) for name, _, known in pairs)
