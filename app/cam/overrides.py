"""Which figures of the memo may be overridden, and by whom. The figure, what it was, and why stay in the version."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import rules
from app.core import identity
from app.core.errors import Forbidden, Invalid
from app.core.http import camel
from app.core.identity import Role

_ADMINS = frozenset({Role.SUPER_ADMIN, Role.ADMIN})


@dataclass(frozen=True)
class Overridable:
    """`fact` is the input that the rules take in the place of `computed`, a derived value or a parameter of theirs."""

    fact: str
    computed: str
    by: frozenset[Role]


OVERRIDABLE: Mapping[str, Overridable] = {
    "avg_salary": Overridable(
        "avg_salary_override", "avg_salary_computed", _ADMINS | {Role.CREDIT_EXECUTIVE}
    ),
    "eligible_foir": Overridable("eligible_foir_override", "grid_foir", _ADMINS),
    "eligible_loan": Overridable("eligible_loan_override", "eligible_loan_computed", _ADMINS),
    "processing_fee_percent": Overridable("processing_fee_percent", "fee_percent", _ADMINS),
}
# the names that the wire gives them
FIELDS: Mapping[str, str] = {camel(name): name for name in OVERRIDABLE}


def rights() -> list[str]:
    """The fields that the present actor may override, as the wire names them."""
    return [field for field, name in FIELDS.items() if OVERRIDABLE[name].by & identity.actor().roles]


def facts(overrides: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The overrides as inputs of the rules. Raises Forbidden for a field that is not the actor's to override,
    Invalid for one that is named twice."""
    given: dict[str, Any] = {}
    for override in overrides:
        overridable = OVERRIDABLE[FIELDS[override["field"]]]
        if not overridable.by & identity.actor().roles:
            raise Forbidden(
                f"Overriding {override['field']} is not among your rights.", code="OVERRIDE_NOT_ALLOWED"
            )
        if overridable.fact in given:
            raise Invalid(f"Names {override['field']} twice.", field="overrides")
        given[overridable.fact] = override["value"]
    return given


def told(overrides: Iterable[Mapping[str, Any]], decision: rules.Decision) -> list[dict[str, Any]]:
    """The overrides with what the rules had worked out."""
    known = {**decision.ruleset.parameters, **decision.derived}
    return [
        {**override, "computed": known[OVERRIDABLE[FIELDS[override["field"]]].computed]}
        for override in overrides
    ]
