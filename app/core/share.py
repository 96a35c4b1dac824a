"""A large book is worked on a share of its customers at a time, each in a transaction of its own.

Shares are of customers and not of loans, for what one loan of a borrower does counts for all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from peewee import Expression, Field

_FIRST, _LAST = UUID(int=0), UUID(int=2**128 - 1)


@dataclass(frozen=True)
class Share:
    """The customers from `first` to `last`; of them these alone where some are named by `only`."""

    first: UUID = _FIRST
    last: UUID = _LAST
    only: tuple[UUID, ...] | None = None

    @property
    def values(self) -> dict[str, Any]:
        """What the condition of `sql` takes."""
        only = None if self.only is None else [str(customer_id) for customer_id in self.only]
        return {"first": str(self.first), "last": str(self.last), "only": only}

    def sql(self, column: str) -> str:
        """The condition on a column with customers' ids."""
        among = "" if self.only is None else f" AND {column} = ANY(%(only)s::uuid[])"
        return f"{column} BETWEEN %(first)s::uuid AND %(last)s::uuid{among}"

    def holds(self, column: Field) -> Expression:
        """The same, of a field of a model."""
        within = column.between(self.first, self.last)
        return within if self.only is None else within & column.in_(list(self.only))


def cut(at: Sequence[UUID]) -> list[Share]:
    """Shares that end with these ids, which are in their order, and the rest: together they are all customers."""
    firsts = [_FIRST, *(UUID(int=last.int + 1) for last in at)]
    return [Share(first, last) for first, last in zip(firsts, [*at, _LAST], strict=True)]
