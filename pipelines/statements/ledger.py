"""Decides what came in and what went out. The running balance is the judge: the reading that follows it wins."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

from pipelines.statements.headers import AMOUNT, BALANCE, CREDIT, DEBIT
from pipelines.statements.problems import RowProblem
from pipelines.statements.rows import RawRow
from pipelines.statements.values import DateOrder, Money, date_in, date_order, side_of, whole_date

IN, OUT = "CR", "DR"
OPPOSITE = {IN: OUT, OUT: IN}
# Words that tell the side of an amount when nothing else does.
_SAYS_IN = re.compile(
    r"\bCR\b|/CR/|\bCREDIT(?:ED)?\b|\bBY\b|\bSALARY\b|\bDEPOSIT|\bINWARD\b|\bRECEIVED\b|\bREFUND"
    r"|\bREV(?:ERSAL)?\b|INTEREST PAID"
    r"|\bINT\.?PD\b|\bNEFT[- ]?CR|CASH DEP", re.IGNORECASE)  # fmt: skip
_SAYS_OUT = re.compile(
    r"\bDR\b|/DR/|\bDEBIT(?:ED)?\b|\bTO\b|\bW(?:ITH)?DR?A?W?A?L|\bWDL\b|\bATM\b|\bPOS\b|\bPAID\b|\bCHARGES?\b"
    r"|\bACH[ -]?D|\bEMI\b"
    r"|\bOUTWARD\b|\bBIL/|\bPURCHASE", re.IGNORECASE)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One transaction: `side` CR or DR, `amount` above zero, `balance` the one after it where it is stated."""

    on: date
    value_date: date | None
    side: str
    amount: Decimal
    balance: Decimal | None
    narration: str
    reference: str
    page: int
    number: int

    @property
    def signed(self) -> Decimal:
        return self.amount if self.side == IN else -self.amount


@dataclass
class Ledger:
    """Entries oldest first. `unreadable` are rows without a date or amount, `broken` are those that the running
    balance does not lead to. `followed` counts the steps where it does."""

    entries: list[Entry] = field(default_factory=list)
    unreadable: list[RowProblem] = field(default_factory=list)
    broken: list[RowProblem] = field(default_factory=list)
    followed: int = 0
    opening: Decimal | None = None
    descending: bool = False
    guessed_sides: int = 0

    @property
    def merit(self) -> tuple[int, int, int]:
        """How much speaks for this reading; larger is better."""
        wrong = len(self.broken) + len(self.unreadable) + self.guessed_sides
        return (self.followed - wrong, len(self.entries), -wrong)


@dataclass(frozen=True)
class _Draft:
    """A row with its numbers typed: `side` is None where the row does not say it."""

    row: RawRow
    on: date
    value_date: date | None
    side: str | None
    amount: Decimal
    balance: Decimal | None


def settle(
    rows: Sequence[RawRow],
    opening: Money | None = None,
    *,
    is_loan: bool = False,
    sides_are_told: bool = False,
) -> Ledger:
    """The best reading of an account's rows. `is_loan`: the balance is what is owed, and grows with debits.
    `sides_are_told`: a word beside each amount says what it is, so nothing is swapped."""
    order = date_order(row.date for row in rows)
    opening = next((row.money[BALANCE] for row in rows[:1] if row.is_opening), opening)
    rows = [row for row in rows if not row.says_nothing]
    drafts, unreadable = _drafts(rows, order)
    start = _signed_balance(opening, is_loan)
    drafts = [replace(d, balance=-d.balance) if is_loan and d.balance is not None else d for d in drafts]
    ledger = max(_readings(drafts, start, sides_are_told), key=lambda reading: reading.merit)
    ledger.unreadable = unreadable
    return ledger


def _signed_balance(money: Money | None, is_loan: bool = False) -> Decimal | None:
    if money is None:
        return None
    value = -abs(money.value) if money.side == OUT else money.value
    return -value if is_loan else value


def _drafts(rows: Iterable[RawRow], order: DateOrder) -> tuple[list[_Draft], list[RowProblem]]:
    drafts, unreadable = [], []
    rows = list(rows)
    shown_negative = {role: _all_negative(rows, role) for role in (DEBIT, CREDIT)}
    for row in rows:
        on = whole_date(row.date, order) or date_in(row.date, order)
        moved = _movement(row, shown_negative)
        if on is None or moved is None:
            reason = "no such date" if on is None else "no amount in this row"
            unreadable.append(RowProblem(row.page, row.number, reason, date=row.date[:24]))
            continue
        value_date = (
            (whole_date(row.value_date, order) or date_in(row.value_date, order)) if row.value_date else None
        )
        drafts.append(_Draft(row, on, value_date, *moved, _signed_balance(row.money.get(BALANCE))))
    return drafts, unreadable


def _all_negative(rows: Sequence[RawRow], role: str) -> bool:
    values = [row.money[role].value for row in rows if role in row.money and row.money[role].value]
    return bool(values) and all(value < 0 for value in values)


def _movement(row: RawRow, shown_negative: dict[str, bool]) -> tuple[str | None, Decimal] | None:
    """Side and amount of a row, as its columns say; side None where they do not."""
    sided = [(IN, CREDIT), (OUT, DEBIT)]
    found = [
        (side, role, row.money[role]) for side, role in sided if role in row.money and row.money[role].value
    ]
    if len(found) == 1:
        side, role, money = found[0]
        if money.value < 0 and not shown_negative[role]:
            side = OPPOSITE[side]  # a reversal printed in the column of what it takes back
        return side, abs(money.value)
    money = row.money.get(AMOUNT)
    if found or money is None or not money.value:
        return None
    if money.value < 0:
        return OUT, -money.value
    return money.side or side_of(row.side), money.value


# --- readings ---------------------------------------------------------------------------------------------


def _readings(drafts: list[_Draft], start: Decimal | None, sides_are_told: bool) -> Iterable[Ledger]:
    """Every reading that is possible: oldest or newest first, sides as the columns say or the other way round."""
    swapped = drafts if sides_are_told else [_swapped(draft) for draft in drafts]
    all_signed = any(d.side == OUT for d in drafts) and all(d.side != IN for d in drafts)
    # where only minus signs tell, an amount without one came in
    plain = [replace(d, side=d.side or IN) for d in drafts] if all_signed else drafts
    for kind, sides in (("as printed", drafts), ("plain is in", plain), ("swapped", swapped)):
        if kind != "as printed" and (sides is drafts or sides == drafts):
            continue
        for descending in _orders(drafts):
            yield _reading(sides, start, descending)


def _swapped(draft: _Draft) -> _Draft:
    return replace(draft, side=OPPOSITE[draft.side]) if draft.side else draft


def _orders(drafts: Sequence[_Draft]) -> tuple[bool, ...]:
    """Ascending unless dates fall; both where they do not tell."""
    days = [draft.on for draft in drafts]
    rises = sum(a < b for a, b in pairwise(days))
    falls = sum(a > b for a, b in pairwise(days))
    if rises == falls:
        return (False, True)
    return (False,) if rises > falls else (True,)


def _reading(drafts: Sequence[_Draft], start: Decimal | None, descending: bool) -> Ledger:
    ordered = list(reversed(drafts)) if descending else list(drafts)
    ledger = Ledger(opening=start, descending=descending)
    before = start
    for position, draft in enumerate(ordered):
        side = draft.side or _side_by_balance(draft, before) or _side_by_words(draft)
        ledger.guessed_sides += draft.side is None and _side_by_balance(draft, before) is None
        entry = _entry(draft, side)
        if before is not None and entry.balance is not None:
            _follow(ledger, entry, before, is_first=position == 0)
        ledger.entries.append(entry)
        before = (
            entry.balance
            if entry.balance is not None
            else (None if before is None else before + entry.signed)
        )
    return ledger


def _follow(ledger: Ledger, entry: Entry, before: Decimal, *, is_first: bool) -> None:
    expected = before + entry.signed
    if expected == entry.balance:
        ledger.followed += 1
        return
    problem = RowProblem(
        entry.page,
        entry.number,
        f"from {before} a {'credit' if entry.side == IN else 'debit'} of {entry.amount} leads to {expected}, "
        f"and the statement says {entry.balance}",
        date=entry.on.isoformat(),
        amount=str(entry.signed),
        balance=str(entry.balance),
        expected_balance=str(expected),
    )
    if is_first:
        ledger.opening = None
    ledger.broken.append(problem)


def _side_by_balance(draft: _Draft, before: Decimal | None) -> str | None:
    if before is None or draft.balance is None:
        return None
    return {draft.amount: IN, -draft.amount: OUT}.get(draft.balance - before)


def _side_by_words(draft: _Draft) -> str:
    text = draft.row.narration
    return IN if _SAYS_IN.search(text) and not _SAYS_OUT.search(text) else OUT


def _entry(draft: _Draft, side: str) -> Entry:
    row = draft.row
    stated = (draft.on, draft.value_date, side, draft.amount, draft.balance)
    return Entry(*stated, row.narration, row.reference, row.page, row.number)
