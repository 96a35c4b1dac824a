"""Account Aggregator: decrypted ReBIT financial information (FI) into the shapes that the analysis reads.

FI types deposit, term_deposit, recurring_deposit, credit_card and epf, of FI schema 1.1 and 2.0.0, as XML or as the
JSON that FIU modules make of it. Real feeds differ in ways that the schema does not say: Holder is an object or a
list, keys change their case, and some FIPs encode the document in base64 again.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from pipelines.aa import transactions as txns
from pipelines.aa.holdings import (
    CREDIT_CARD,
    PROVIDENT_FUND,
    RECURRING_DEPOSIT,
    TERM_DEPOSIT,
    Contribution,
    Holding,
    epf_employment,
    holding_of,
)
from pipelines.aa.tree import (
    FI_BYTES_MAX,
    Node,
    Payload,
    amount_of,
    date_of,
    many,
    one,
    parse,
    parse_any,
    scalar,
)
from pipelines.errors import EvidenceError
from pipelines.frames import no_transactions

__all__ = [
    "FI_BYTES_MAX",
    "AccountEvidence",
    "AccountProfile",
    "Contribution",
    "Holder",
    "Holding",
    "Payload",
    "epf_employment",
    "fi_objects_in",
    "read_fi_object",
    "read_fi_objects",
]

DEPOSIT = "DEPOSIT"
# what the attribute `type` of an account says, in lower case with underscores -> what the account is
FI_TYPES = {
    "deposit": DEPOSIT,
    "term_deposit": TERM_DEPOSIT,
    "recurring_deposit": RECURRING_DEPOSIT,
    "credit_card": CREDIT_CARD,
    "epf": PROVIDENT_FUND,
    "employee_provident_fund": PROVIDENT_FUND,
}
UNDECLARED = "UNKNOWN"


@dataclass(frozen=True)
class Holder:
    """A holder as the bank states it; what is blank at the bank is None."""

    name: str
    dob: str | None = None
    mobile: str | None = None
    email: str | None = None
    pan: str | None = None
    uan: str | None = None


@dataclass(frozen=True)
class AccountProfile:
    """Who holds the account and what it is. `account_ref` is the same for the same account in any feed."""

    account_ref: str
    masked_number: str
    ifsc: str
    account_type: str
    holders: tuple[Holder, ...]
    current_balance: Decimal | None = None
    status: str | None = None
    currency: str = "INR"
    opened_on: date | None = None
    branch: str | None = None


@dataclass(frozen=True)
class AccountEvidence:
    """One account: its profile, and its transactions in the schema of pipelines.frames.

    A bank account has `kind` DEPOSIT and no `holding`. A credit card has transactions too (a DEBIT is a spend), but
    they are not the bank's: only those of DEPOSIT belong in a bank statement.
    """

    profile: AccountProfile
    transactions: pl.LazyFrame
    kind: str = DEPOSIT
    holding: Holding | None = None


def read_fi_objects(payloads: Iterable[Payload], *, statement_id: str = "statement") -> list[AccountEvidence]:
    """Reads every FI object of one applicant. Raises EvidenceError on the first that is malformed."""
    return [read_fi_object(payload, statement_id=statement_id) for payload in payloads]


def read_fi_object(payload: Payload, *, statement_id: str = "statement") -> AccountEvidence:
    """Reads one decrypted FI object: XML or JSON text (possibly base64 once more), or parsed JSON."""
    account, kind = _account(parse(payload))
    profile = _profile(account)
    return AccountEvidence(
        profile,
        _transactions(account, kind, profile.account_ref, statement_id),
        kind,
        None if kind == DEPOSIT else holding_of(account, kind),
    )


def fi_objects_in(payload: Payload | list[Any]) -> Iterator[Payload]:
    """The FI objects inside of what an FIU module or a test bench wraps them in: lists, `body` and `fiObjects` of a
    fetch response, `accountData` of a UserAccountTrans."""
    yield from _objects(parse_any(payload), depth=0)


def _objects(node: Any, depth: int) -> Iterator[Payload]:
    if depth > 12:
        raise EvidenceError("fiObject", "is nested too deeply")
    if isinstance(node, list):
        for item in node:
            yield from _objects(item, depth + 1)
    elif isinstance(node, dict) and ("account" in node or ("type" in node and "profile" in node)):
        yield node
    elif isinstance(node, dict):
        for name in ("body", "fiobjects", "useraccounttrans", "useraccount", "accountdata", "fi", "data"):
            yield from _objects(node.get(name), depth + 1)
    elif isinstance(node, str) and node.lstrip().startswith(("<", "{")):
        yield from _objects(parse_any(node), depth + 1)


def _account(tree: Node) -> tuple[Node, str]:
    account = one(tree.get("account", tree), "Account")
    fi_type = str(account.get("type", "")).strip().lower().replace("-", "_").replace(" ", "_")
    if fi_type not in FI_TYPES:
        raise EvidenceError("Account.type", f"is none of {', '.join(FI_TYPES)}")
    return account, FI_TYPES[fi_type]


def _transactions(account: Node, kind: str, account_ref: str, statement_id: str) -> pl.LazyFrame:
    if kind == DEPOSIT:
        return txns.transactions_of(account, txns.DEPOSIT, account_ref, statement_id)
    if kind == CREDIT_CARD:
        return txns.transactions_of(account, txns.CARD, account_ref, statement_id, default_mode="CARD")
    return no_transactions()


def _profile(account: Node) -> AccountProfile:
    summary = one(account.get("summary"), "Summary")
    ifsc = (scalar(summary, "ifscCode", "Summary") or scalar(summary, "ifsc", "Summary") or "").upper()
    masked_number = scalar(account, "maskedAccNumber", "Account") or ""
    linked_ref = scalar(account, "linkedAccRef", "Account")
    account_type = scalar(summary, "type", "Summary") or scalar(summary, "accountType", "Summary")
    return AccountProfile(
        account_ref=f"{ifsc}/{masked_number}" if masked_number else linked_ref or "unidentified",
        masked_number=masked_number,
        ifsc=ifsc,
        account_type=(account_type or UNDECLARED).upper(),
        holders=_holders(account),
        current_balance=amount_of(scalar(summary, "currentBalance", "Summary"), "Summary.currentBalance"),
        status=scalar(summary, "status", "Summary"),
        currency=scalar(summary, "currency", "Summary") or "INR",
        opened_on=date_of(scalar(summary, "openingDate", "Summary"), "Summary.openingDate"),
        branch=scalar(summary, "branch", "Summary"),
    )


def _holders(account: Node) -> tuple[Holder, ...]:
    holders = one(one(account.get("profile"), "Profile").get("holders"), "Profile.Holders")
    return tuple(
        Holder(
            name=scalar(holder, "name", "Holder") or "",
            **{name: scalar(holder, name, "Holder") for name in ("dob", "mobile", "email", "pan", "uan")},
        )
        for holder in many(holders.get("holder"), "Profile.Holders.Holder")
    )
