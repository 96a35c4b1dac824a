"""Transactions that come as JSON records: told by their keys as columns are by their headers, settled as any rows."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from typing import Any

from pipelines.statements.accounts import Account, account_of
from pipelines.statements.banks import bank_named_in
from pipelines.statements.facts import CURRENT, IFSC, SAVINGS, UNKNOWN, Facts, kind_of
from pipelines.statements.headers import (
    AMOUNT,
    CREDIT,
    DATE,
    DEBIT,
    MONEY_ROLES,
    NARRATION,
    REFERENCE,
    SIDE,
    VALUE_DATE,
    role_of,
)
from pipelines.statements.ledger import Ledger, settle
from pipelines.statements.problems import TOO_LARGE, RowProblem, StatementProblem
from pipelines.statements.rows import RawRow
from pipelines.statements.values import (
    VALUE_DIGITS_MAX,
    Money,
    date_in,
    date_order,
    is_blank,
    money_of,
    side_of,
    whole_date,
)

INDIA = timezone(timedelta(hours=5, minutes=30))
RECORDS_MAX = 200_000
TEXT_MAX, NAME_MAX = 500, 120
# Keys that no statement has for a header.
_KEYS = {"transaction note": NARRATION, "note": NARRATION}
_MILLISECONDS_MAX = 4_102_444_800_000  # the end of 2099
_MOVES = frozenset({AMOUNT, DEBIT, CREDIT})


# --- one record -------------------------------------------------------------------------------------------


@lru_cache(4096)
def role_of_key(key: str) -> str | None:
    """What a key means: `transactionDate` and `txn_date` read as the header `Txn Date` does."""
    spelt = " ".join(re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+", key)).lower()
    return _KEYS.get(spelt) or role_of(spelt)


def is_record(value: Any) -> bool:
    """Whether it says when money moved, and how much."""
    if not isinstance(value, Mapping):
        return False
    roles = {role_of_key(key) for key in value}
    return bool(roles & {DATE, VALUE_DATE}) and bool(roles & _MOVES)


def row_of(record: Any, page: int, number: int) -> RawRow:
    """A record as a row; what is no record becomes a row that cannot be read."""
    said: dict[str, Any] = {}
    for key, value in record.items() if isinstance(record, Mapping) else ():
        role = role_of_key(key)
        # where money belongs, a list or a truth is a fault to be told; elsewhere it says nothing
        says = role in MONEY_ROLES or not isinstance(value, Mapping | list | bool)
        if role and value is not None and says:
            said.setdefault(role, value)
    return row_of_roles(said, page, number)


def row_of_roles(said: Mapping[str, Any], page: int, number: int) -> RawRow:
    """A row out of values by role."""
    side = text_of_value(said.get(SIDE))
    money = {role: amount_of(said[role]) for role in MONEY_ROLES if role in said}
    amount = money.get(AMOUNT)
    if amount and side_of(side):
        money[AMOUNT] = Money(abs(amount.value), amount.side)  # the side is said, a sign says it again
    return RawRow(
        page,
        number,
        date_text(said.get(DATE, said.get(VALUE_DATE))),
        value_date=date_text(said.get(VALUE_DATE)),
        narration=text_of_value(said.get(NARRATION)),
        reference=text_of_value(said.get(REFERENCE)),
        side=side,
        money={role: value for role, value in money.items() if value},
        garbled=any(value is None and not is_blank(str(said[role])) for role, value in money.items()),
    )


def amount_of(value: Any) -> Money | None:
    """An amount in rupees, as a number or as text; None for what is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = Decimal(value)
    if isinstance(value, Decimal):
        fits = value.is_finite() and value.adjusted() < VALUE_DIGITS_MAX
        return Money(value.quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")) if fits else None
    return money_of(value) if isinstance(value, str) else None


def date_text(value: Any) -> str:
    """A date as text; numbers count milliseconds."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        if 0 < value < _MILLISECONDS_MAX and value == int(value):
            return datetime.fromtimestamp(int(value) / 1000, UTC).astimezone(INDIA).date().isoformat()
        return ""
    return value if isinstance(value, str) else ""


def text_of_value(value: Any, longest: int = TEXT_MAX) -> str:
    """Text that can be printed and kept; empty for what is no single value."""
    if isinstance(value, bool | Mapping | list) or value is None:
        return ""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in str(value)).split())[
        :longest
    ]


# --- an account -------------------------------------------------------------------------------------------


def stated_facts(
    *, bank: Any = None, number: Any = None, ifsc: Any = None, holder: Any = None, kind: Any = None
) -> Facts:
    """Facts out of values that may be anything: what is not of its form is not stated."""
    bank, number, ifsc = (text_of_value(value, NAME_MAX) for value in (bank, number, ifsc))
    named = text_of_value(holder, NAME_MAX)
    found = kind_of(f"{text_of_value(kind, NAME_MAX)} account")
    return Facts(
        bank=bank_named_in(bank) or bank.upper() or None,
        number=number if re.fullmatch(r"[\dXx*•\s-]{3,34}", number) else None,
        ifsc=ifsc.upper() if IFSC.fullmatch(ifsc.upper()) else None,
        account_type=found if found in (SAVINGS, CURRENT) else UNKNOWN,
        holders=(named,) if re.search(r"[^\W\d_]{2}", named) else (),
    )


def account_from(facts: Facts, rows: Sequence[RawRow], place: str, openings: Iterable[Money] = ()) -> Account:
    """An account out of rows in whatever order they came: the one that the running balance bears out.

    A row's number is its index in the list at `place`, from 1; what is wrong with it is told there.
    """
    if len(rows) > RECORDS_MAX:
        raise StatementProblem(TOO_LARGE)
    orders = (_by_day(rows), _by_day(list(reversed(rows))), list(rows))
    ledgers = [
        settle(order, opening, sides_are_told=True) for order in orders for opening in (None, *openings)
    ]
    return account_of(facts, _placed(max(ledgers, key=lambda ledger: ledger.merit), place))


def _by_day(rows: Sequence[RawRow]) -> list[RawRow]:
    """By date, rows of one day as they stand; a row without a date stays behind the one before it."""
    order = date_order(row.date for row in rows)
    days, last = [], date.min
    for row in rows:
        last = whole_date(row.date, order) or date_in(row.date, order) or last
        days.append(last)
    return [row for _, row in sorted(zip(days, rows, strict=True), key=lambda pair: pair[0])]


def _placed(ledger: Ledger, place: str) -> Ledger:
    unreadable = sorted((_at(problem, place) for problem in ledger.unreadable), key=lambda one: one.row)
    return replace(ledger, unreadable=unreadable, broken=[_at(problem, place) for problem in ledger.broken])


def _at(problem: RowProblem, place: str) -> RowProblem:
    return replace(problem, reason=f"{place}[{problem.row - 1}]: {problem.reason}")
