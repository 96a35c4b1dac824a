"""What is given out, as a table: to whom, while the loan is where, and who may do it by hand.

How much fits into a day's work, what counts and what happens on leave is in the brand's rule file, by the same kinds.
"""

from dataclasses import dataclass
from enum import StrEnum

from app.core.identity import Role


class Kind(StrEnum):
    CUSTOMER = "CUSTOMER"
    LOAN = "LOAN"
    CREDIT = "CREDIT"
    COLLECTION = "COLLECTION"
    SUPERVISION = "SUPERVISION"
    RECOVERY = "RECOVERY"


@dataclass(frozen=True)
class Terms:
    """`role` works on it while the loan is in one of `states`, and then it counts as load; a customer, until they
    apply. `leads` give it out by hand. `nouns`: what mails call one of them, and several. `by_bucket`: it is given
    out anew with every bucket of days past due. `apart`: it does not take the room of other work in the role, and no
    capacity of somebody's own holds for it. `ends`: whose work on the loan is over once it is given out."""

    role: Role
    states: frozenset[str]
    leads: frozenset[Role]
    nouns: tuple[str, str]
    by_bucket: bool = False
    apart: bool = False
    ends: Kind | None = None


_ADMINS = frozenset({Role.SUPER_ADMIN, Role.ADMIN})
_IN_COLLECTION = frozenset({"ACTIVE", "PARTIALLY_PAID", "OVERDUE"})
_UNTIL_PAID_OUT = frozenset(
    {
        "APPLIED",
        "CREDIT_EXECUTIVE_APPROVED",
        "SANCTION_MANAGER_APPROVED",
        "APPROVED",
        "DISBURSAL_IN_PROCESS",
        "DISBURSED",
    }
)

TABLE: dict[Kind, Terms] = {
    Kind.CUSTOMER: Terms(Role.LOAN_EXECUTIVE, frozenset(), _ADMINS, ("customer", "customers")),
    Kind.LOAN: Terms(Role.LOAN_EXECUTIVE, _UNTIL_PAID_OUT, _ADMINS, ("application", "applications")),
    Kind.CREDIT: Terms(
        Role.CREDIT_EXECUTIVE,
        frozenset({"APPLIED"}),
        _ADMINS | {Role.SANCTION_MANAGER, Role.SANCTION_HEAD},
        ("loan to assess", "loans to assess"),
    ),
    Kind.COLLECTION: Terms(
        Role.COLLECTION_EXECUTIVE,
        _IN_COLLECTION,
        _ADMINS | {Role.COLLECTION_MANAGER, Role.COLLECTION_HEAD},
        ("loan to collect", "loans to collect"),
        by_bucket=True,
    ),
    Kind.SUPERVISION: Terms(
        Role.COLLECTION_MANAGER,
        _IN_COLLECTION,
        _ADMINS | {Role.COLLECTION_HEAD},
        ("loan to supervise", "loans to supervise"),
    ),
    Kind.RECOVERY: Terms(
        Role.COLLECTION_EXECUTIVE,
        frozenset({"WRITE_OFF"}),
        _ADMINS | {Role.COLLECTION_MANAGER, Role.COLLECTION_HEAD},
        ("loan to recover", "loans to recover"),
        apart=True,
        ends=Kind.COLLECTION,
    ),
}

APPLICATION = (Kind.LOAN, Kind.CREDIT)
COLLECTED = (Kind.COLLECTION, Kind.SUPERVISION, Kind.RECOVERY)


def working_in(state: str) -> list[Kind]:
    """The kinds for which there is work on a loan in this state."""
    return [kind for kind, terms in TABLE.items() if state in terms.states]


def together_with(kind: Kind) -> list[Kind]:
    """The kinds that take the same room: all of the role, but for what is apart."""
    terms = TABLE[kind]
    return [kind] if terms.apart else [k for k, t in TABLE.items() if t.role is terms.role and not t.apart]


def led_by(roles: frozenset[Role]) -> list[Kind]:
    """The kinds that these roles give out by hand, and whose load they see."""
    return [kind for kind, terms in TABLE.items() if terms.leads & roles]
