"""A statement as JSON: the report of an analyser, or a feed of transactions; which one, its shape says.

The feed's form is read off samples (docs/providers.md): `bankTransactions`, a bank each, with `txns` as lists of
amount, narration, date, kind, mode and balance.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pipelines.errors import EvidenceError
from pipelines.statements.accounts import Account, Statement, with_entries
from pipelines.statements.headers import AMOUNT, BALANCE, DATE, NARRATION, SIDE
from pipelines.statements.problems import (
    NOT_A_STATEMENT,
    TOO_LARGE,
    StatementProblem,
)
from pipelines.statements.records import account_from, amount_of, row_of_roles, stated_facts
from pipelines.statements.rows import RawRow
from pipelines.statements.sheets import text_of
from pipelines.statements.values import Money
from pipelines.statements.vendors import read_vendor, vendor_of

KIND = "json"
FEED = "bankTransactions"
# What the number of a feed's kind means; 8 is anything else, and either side.
_SIDES = {1: "CR", 2: "DR", 4: "CR", 5: "DR", 6: "DR"}
_OPENING, _CLOSING = 3, 7
_STATED = {_OPENING: "OPENING BALANCE", _CLOSING: "CLOSING BALANCE"}
_FIELDS = (AMOUNT, NARRATION, DATE, "kind", "mode", BALANCE)


def read_json(data: bytes) -> Statement:
    """The statement in a JSON file. Raises StatementProblem, with the place where something is wrong."""
    payload = _parsed(data)
    is_feed = isinstance(payload, Mapping) and FEED in payload
    accounts = _feed(payload[FEED]) if is_feed else _reported(payload)
    return Statement(with_entries(accounts), len(accounts), KIND)


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(
            text_of(data), parse_float=Decimal, parse_int=Decimal, parse_constant=_refuse_constant
        )
    except json.JSONDecodeError as error:
        reason = f"The file is damaged: it is no JSON after line {error.lineno}, column {error.colno}."
        raise StatementProblem(NOT_A_STATEMENT, reason) from error
    except (ValueError, ArithmeticError) as error:
        raise StatementProblem(NOT_A_STATEMENT, "The file holds a number that is none.") from error
    except RecursionError as error:
        raise StatementProblem(TOO_LARGE) from error


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


# --- an analyser's report ---------------------------------------------------------------------------------


def _reported(payload: Any) -> list[Account]:
    vendor = vendor_of(payload)
    if vendor is None:
        reason = "The JSON has no shape that is known: FinBox, CART, ScoreMe, or a feed of bankTransactions."
        raise StatementProblem(NOT_A_STATEMENT, reason)
    try:
        reading = read_vendor(vendor, payload)
    except EvidenceError as error:
        raise StatementProblem(NOT_A_STATEMENT, f"The report of {vendor} cannot be read: {error}.") from error
    if reading.statement is None:
        reason = (
            f"The report of {vendor} has figures and no list of all transactions. Send the statement itself."
        )
        raise StatementProblem(NOT_A_STATEMENT, reason)
    return reading.statement.accounts


# --- the feed ---------------------------------------------------------------------------------------------


def _feed(told: Any) -> list[Account]:
    if not isinstance(told, list):
        raise StatementProblem(NOT_A_STATEMENT, f"{FEED} is no list.")
    return [_feed_account(bank, number) for number, bank in enumerate(told)]


def _feed_account(told: Any, number: int) -> Account:
    place = f"{FEED}[{number}].txns"
    lines = told.get("txns") if isinstance(told, Mapping) else None
    if not isinstance(lines, list):
        raise StatementProblem(NOT_A_STATEMENT, f"{place} is no list.")
    rows = [_feed_row(line, number + 1, row) for row, line in enumerate(lines, 1)]
    openings = [found for line in lines if (found := _opening(line))]
    return account_from(stated_facts(bank=told.get("bank")), rows, place, openings)


def _feed_row(line: Any, page: int, number: int) -> RawRow:
    if not isinstance(line, list) or len(line) != len(_FIELDS):
        return RawRow(page, number, "")
    said = dict(zip(_FIELDS, line, strict=True))
    kind = _number(said["kind"])
    if kind in _STATED:
        said = {DATE: said[DATE], NARRATION: _STATED[kind], BALANCE: said[BALANCE]}
    return row_of_roles(said | {SIDE: _SIDES.get(kind, "")}, page, number)


def _opening(line: Any) -> Money | None:
    is_opening = isinstance(line, list) and len(line) == len(_FIELDS) and _number(line[3]) == _OPENING
    return amount_of(line[-1]) if is_opening else None


def _number(value: Any) -> int | None:
    """A kind is a number, or the text of one."""
    if isinstance(value, str) and value.strip().isdecimal():
        return int(value) if len(value) < 3 else None
    fits = isinstance(value, int | Decimal) and not isinstance(value, bool) and 0 <= value < 100
    return int(value) if fits and value == int(value) else None
