"""Text without columns is read by the order of what is on a line: any transactions, in any layout, come back equal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.statements import check, read_statement
from tests.pipelines.statement_layouts import DATES, NAMES, indian, plain, western

WORDS = (
    "UPI-SWIGGY-swiggy@icici", "NEFT", "BLUE KITE PVT LTD", "ACH D- BAJAJ FINANCE", "rent share", "POS 4362XX SHELL",
    "ATM WDL", "BIL/ONL/48291", "IMPS-918273645546", "MEERA IYER", "X", "#42", "(ref 7)", "a/b/c", "50", "2026",
)  # fmt: skip
# How the money of a row is written: the columns, and what stands where there is nothing.
SPLIT = [(("debit", "credit", "balance"), empty) for empty in ("-", "0.00", "NIL", "")]
SPLIT += [(("credit", "debit", "balance"), empty) for empty in ("-", "0.00")]
MONEY = [
    *SPLIT,
    (("amount", "side", "balance"), ""),
    (("amount_suffix", "balance"), ""),
    (("signed", "balance"), ""),
]


@dataclass(frozen=True)
class Moved:
    on: date
    signed: Decimal
    narration: str


@dataclass(frozen=True)
class Look:
    """How a bank prints its lines."""

    money: tuple[str, ...]
    empty: str
    names: dict[str, str]
    front: tuple[str, ...]
    behind: tuple[str, ...]
    date: str
    amount: object
    newest_first: bool
    opening: bool


def named(kind: str) -> st.SearchStrategy[str]:
    return st.sampled_from(NAMES[{"signed": "amount", "amount_suffix": "amount"}.get(kind, kind)])


@st.composite
def looks(draw: st.DrawFn) -> Look:
    money, empty = draw(st.sampled_from(MONEY))
    front = draw(st.sampled_from([("date",), ("serial", "date")]))
    behind = draw(st.sampled_from([("narration",), ("narration", "reference"), ("reference", "narration")]))
    # where nothing says what the first amount was, only the balance before it does
    silent = money[0] == "signed" or (empty == "" and money[0] == "debit")
    opening = silent or draw(st.booleans())
    return Look(
        money,
        empty,
        {kind: draw(named(kind)) for kind in (*front, *behind, *money)},
        front,
        behind,
        draw(st.sampled_from(DATES)),
        draw(st.sampled_from([indian, western, plain])),
        draw(st.booleans()) and not opening,
        opening,
    )


AMOUNTS = st.decimals(Decimal("0.01"), Decimal("9999999.99"), places=2)
MOVES = st.tuples(
    st.integers(1, 9),
    AMOUNTS,
    st.sampled_from([1, -1]),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(lambda words: " ".join(["TO", *words])),
)


def lived(moves: Sequence[tuple]) -> list[Moved]:
    on, found = date(2025, 3, 28), []
    for days, amount, sign, narration in moves:
        on += timedelta(days=days)
        found.append(Moved(on, sign * amount, narration))
    return found


def cell(kind: str, txn: Moved, balance: Decimal, number: int, look: Look) -> str:
    said = look.amount(abs(txn.signed))
    came_in = txn.signed > 0
    return {
        "serial": str(number),
        "date": txn.on.strftime(look.date),
        "narration": txn.narration,
        "reference": f"00{number}{number}",
        "debit": look.empty if came_in else said,
        "credit": said if came_in else look.empty,
        "amount": said,
        "side": "CR" if came_in else "DR",
        "amount_suffix": f"{said} {'Cr' if came_in else 'Dr'}",
        "signed": said if came_in else f"-{said}",
        "balance": look.amount(balance),
    }[kind]


def printed(txns: Sequence[Moved], start: Decimal, look: Look) -> bytes:
    kinds = (*look.front, *look.behind, *look.money)
    lines, balance = [], start
    for number, txn in enumerate(txns, 1):
        balance += txn.signed
        lines.append(" ".join(filter(None, (cell(kind, txn, balance, number, look) for kind in kinds))))
    if look.newest_first:
        lines.reverse()
    if look.opening:
        lines.insert(0, f"Opening Balance {look.amount(start)}")
    head = ["Bank of Nowhere", "Customer Name : ASHA VERMA", "Account Number : 50100000004321"]
    return "\n".join([*head, " ".join(look.names[kind] for kind in kinds), *lines]).encode()


@settings(max_examples=80, deadline=None)
@given(st.lists(MOVES, min_size=1, max_size=12), AMOUNTS, looks())
def test_lines_are_read_back_equal(moves: list[tuple], start: Decimal, look: Look) -> None:
    txns = lived(moves)
    start += sum(abs(txn.signed) for txn in txns)  # never overdrawn
    statement = read_statement(printed(txns, start, look))
    check(statement)
    (account,) = statement.accounts
    assert account.unreadable == []
    assert [(entry.on, entry.signed) for entry in account.entries] == [(txn.on, txn.signed) for txn in txns]
    assert account.closing == start + sum(txn.signed for txn in txns)
    for entry, txn in zip(account.entries, txns, strict=True):
        assert txn.narration in entry.narration
