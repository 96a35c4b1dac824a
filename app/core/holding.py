"""Where personal data lies, as each domain declares it in its `holdings.py`; `app.privacy` tells and ends it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from peewee import Expression, Field

from app.core.database import TenantModel


@dataclass(frozen=True)
class Holding:
    """One table of a data class of `app.privacy.retention`, and what the end of a row is.

    `customer`: the column with the customer's id; `whose` where there is none, from the id to a condition. At its end
    a row is deleted (`deleted`), or the columns of `blank` get new
    values (a function is given the row) and `erased_at`; the objects that `objects` names are removed first. `end`
    replaces all that, for a domain that has its own way; `kept` rows have no end. `since`: the column from which the
    time of the row runs. `ended`: the condition that a row is at its end. `only`: the rows that it is about.
    """

    data_class: str
    model: type[TenantModel]
    customer: Field | None = None
    whose: Callable[[UUID], Expression] | None = None
    since: Any = None
    blank: Mapping[str, Any] | None = None
    deleted: bool = False
    kept: bool = False
    objects: Callable[[Any], list[str]] | None = None
    end: Callable[[Any], None] | None = None
    ended: Expression | None = None
    only: Expression | None = None
    # what is of no meaning to the customer
    untold: frozenset[str] = frozenset()

    @property
    def runs_from(self) -> Any:
        """The column or expression from which a row's time runs."""
        return self.model.created_at if self.since is None else self.since

    def of(self, customer_id: UUID) -> Expression | None:
        """The condition that a row is of this customer; None if rows are of nobody."""
        if self.whose:
            return self.whose(customer_id)
        return self.customer == customer_id if self.customer else None

    @property
    def is_open(self) -> Expression:
        """The condition that a row is not at its end yet."""
        if self.deleted:
            return self.model.id.is_null(False)
        return ~self.ended if self.ended is not None else self.model.erased_at.is_null()
