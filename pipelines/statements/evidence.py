"""A statement that was read, as the analysis takes it, and as JSON between processes and in storage."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from pipelines.aa import AccountEvidence, AccountProfile, Holder
from pipelines.frames import TRANSACTIONS
from pipelines.scalars import plain
from pipelines.statements.accounts import Account, Statement
from pipelines.statements.facts import Facts
from pipelines.statements.ledger import Entry
from pipelines.statements.problems import RowProblem
from pipelines.statements.values import Money


def evidence(
    statement: Statement, *, statement_id: str = "statement", prefix: str = ""
) -> list[AccountEvidence]:
    """Its accounts in the shape that `analyse_statement` takes. A transaction is named by where it stands,
    `P2R17` for line 17 of page 2, after `prefix`."""
    return [
        AccountEvidence(_profile(account), _transactions(account, statement_id, f"{prefix}{_tag(number)}"))
        for number, account in enumerate(statement.accounts)
    ]


def _tag(number: int) -> str:
    return f"A{number + 1}" if number else ""


def _profile(account: Account) -> AccountProfile:
    facts = account.facts
    return AccountProfile(
        account_ref=account_ref(facts),
        masked_number=facts.masked_number,
        ifsc=facts.ifsc or "",
        account_type=facts.account_type,
        holders=tuple(Holder(name) for name in (facts.holders or facts.names[:1])),
        current_balance=account.closing,
        currency=facts.currency,
    )


def account_ref(facts: Facts) -> str:
    """The same for the same account in any statement of it."""
    return (
        f"{facts.ifsc or facts.bank or ''}/{facts.masked_number}"
        if facts.last4
        else facts.bank or "unidentified"
    )


def _transactions(account: Account, statement_id: str, prefix: str) -> pl.LazyFrame:
    rows = {
        "statement_id": [statement_id] * len(account.entries),
        "account_ref": [account_ref(account.facts)] * len(account.entries),
        "txn_id": [f"{prefix}P{entry.page}R{entry.number}" for entry in account.entries],
        "on": [entry.on for entry in account.entries],
        "value_date": [entry.value_date for entry in account.entries],
        "side": [entry.side for entry in account.entries],
        "amount": [entry.amount for entry in account.entries],
        "balance": [entry.balance for entry in account.entries],
        "mode": ["OTHERS"] * len(account.entries),
        "narration": [entry.narration for entry in account.entries],
        "reference": [entry.reference for entry in account.entries],
    }
    schema = {name: kind for name, kind in TRANSACTIONS.items() if name != "txn_at"} | {"on": pl.Date()}
    midnight = (
        pl.col("on").cast(pl.Datetime("us")).dt.replace_time_zone("Asia/Kolkata").dt.convert_time_zone("UTC")
    )
    return (
        pl.DataFrame(rows, schema={name: schema[name] for name in rows})
        .select(*(midnight.alias(name) if name == "txn_at" else pl.col(name) for name in TRANSACTIONS))
        .lazy()
    )


# --- JSON -------------------------------------------------------------------------------------------------


def to_json(statement: Statement) -> dict[str, Any]:
    """As JSON values: amounts and dates are text."""
    return plain(asdict(statement))


def from_json(told: Mapping[str, Any]) -> Statement:
    """What `to_json` was given."""
    accounts = [_account(account) for account in told["accounts"]]
    return Statement(accounts, told["pages"], told["kind"], told["opened_with"])


def _account(told: Mapping[str, Any]) -> Account:
    return Account(
        facts=_facts(told["facts"]),
        entries=[_entry(entry) for entry in told["entries"]],
        unreadable=[RowProblem(**problem) for problem in told["unreadable"]],
        broken=[RowProblem(**problem) for problem in told["broken"]],
        warnings=list(told["warnings"]),
    )


def _facts(told: Mapping[str, Any]) -> Facts:
    period, holders, names = told["period"], tuple(told["holders"]), tuple(told["names"])
    typed = {
        "period": tuple(map(date.fromisoformat, period)) if period else None,
        "holders": holders,
        "names": names,
        "opening": _money(told["opening"]),
        "closing": _money(told["closing"]),
    }
    return Facts(**{field.name: typed.get(field.name, told[field.name]) for field in fields(Facts)})


def _money(told: list | None) -> Money | None:
    return Money(Decimal(told[0]), told[1]) if told else None


def _entry(told: Mapping[str, Any]) -> Entry:
    typed = {
        "on": date.fromisoformat(told["on"]),
        "value_date": date.fromisoformat(told["value_date"]) if told["value_date"] else None,
        "amount": Decimal(told["amount"]),
        "balance": None if told["balance"] is None else Decimal(told["balance"]),
    }
    return Entry(**{**told, **typed})
