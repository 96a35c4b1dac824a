"""A statement as JSON is known by its shape and held to what holds for any other."""

import contextlib
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.statements import Statement, check, evidence, kind_of_file, read_bounded, read_statement
from pipelines.statements.problems import StatementProblem
from tests.pipelines.statement_files import transactions
from tests.pipelines.statement_json import HOLDER, cart, feed, finbox, scoreme, written
from tests.pipelines.statement_layouts import Txn

SHAPES = [finbox, cart, scoreme, feed]
TXNS = transactions(40, "json")


def facts_of(txn: Txn) -> tuple:
    return txn.on, txn.side, txn.amount, txn.balance, " ".join(txn.narration.split())


def rows(statement: Statement) -> list[tuple]:
    check(statement)
    (account,) = statement.accounts
    assert account.unreadable == []
    return [(e.on, e.side, e.amount, e.balance, e.narration) for e in account.entries]


def problem(payload: Any) -> StatementProblem:
    data = payload if isinstance(payload, bytes) else written(payload)
    with pytest.raises(StatementProblem) as caught:
        check(read_statement(data))
    return caught.value


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("order", [1, -1], ids=["oldest first", "newest first"])
def test_it_is_read_to_the_last_row(shape, order: int) -> None:
    data = written(shape(TXNS[::order]))
    assert kind_of_file(data) == "json"
    assert rows(read_bounded(data)) == [facts_of(txn) for txn in TXNS]


@pytest.mark.parametrize("shape", [finbox, cart, scoreme])
def test_it_says_whose_account_it_is(shape) -> None:
    (account,) = read_statement(written(shape(TXNS))).accounts
    facts = account.facts
    assert (facts.bank, facts.masked_number, facts.ifsc) == ("HDFC", "XXXX4321", "HDFC0000123")
    assert facts.holders == (HOLDER,)
    assert account.period == (TXNS[0].on, TXNS[-1].on)


def test_a_feed_lists_months_newest_first_and_days_oldest_first() -> None:
    assert rows(read_statement(written(feed(TXNS[20:] + TXNS[:20])))) == [facts_of(txn) for txn in TXNS]


def test_what_a_feed_calls_its_kinds() -> None:
    lines = [
        ["1000", "OPENING", "2026-03-31", 3, "OTHERS", "1000"],
        ["50", "CREDIT INTEREST", "2026-04-01", 4, "INTEREST", "1050"],
        ["5", "TDS", "2026-04-01", 5, "OTHERS", "1045"],
        ["45", "ACH D-LENDER-EMI", "2026-04-02", 6, "ACH", "1000"],
        ["20", "CHARGES", "2026-04-03", 8, "CHARGES", "980"],
        ["30", "SOMETHING", "2026-04-04", 8, "OTHERS", "1010"],
        ["0", "CLOSING", "2026-04-04", 7, "OTHERS", "1010"],
    ]
    statement = read_statement(written({"bankTransactions": [{"bank": "Axis Bank", "txns": lines}]}))
    assert [row[1] for row in rows(statement)] == ["CR", "DR", "DR", "DR", "CR"]
    assert statement.accounts[0].opening == Decimal("1000.00")


def test_it_takes_the_way_of_any_statement_to_the_analysis() -> None:
    (account,) = evidence(read_statement(written(finbox(TXNS))))
    assert account.transactions.collect().height == 40


@pytest.mark.parametrize("shape", SHAPES)
def test_a_balance_that_does_not_follow_is_told_with_its_place(shape) -> None:
    changed = TXNS.copy()
    del changed[17]
    found = problem(shape(changed))
    assert found.status == "BALANCE_BROKEN"
    assert (found.rows[0].row, found.rows[0].date) == (18, TXNS[18].on.isoformat())
    assert "[17]" in found.reason


@pytest.mark.parametrize(
    "change",
    [
        {"amount": "ten"},
        {"date": "31/02/2026"},
        {"amount": True},
        {"date": {}},
        {"amount": "NaN"},
        {"amount": []},
    ],
)
def test_a_row_that_cannot_be_read_is_told_with_its_place(change: dict) -> None:
    payload = finbox(TXNS)
    payload["accounts"][0]["data"]["transactions"][3] |= change
    found = problem(payload)
    assert (found.status, found.rows[0].row) == ("UNREADABLE_ROWS", 4)
    assert found.rows[0].reason.startswith("accounts[0].data.transactions[3]: no ")


def test_when_no_row_can_be_read_the_first_is_named() -> None:
    found = problem({"bankTransactions": [{"bank": "X", "txns": [["1", "A"], 7, None]}]})
    assert (found.status, len(found.rows)) == ("UNREADABLE_ROWS", 3)
    assert "bankTransactions[0].txns[0]" in found.reason


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        ({}, "no shape that is known"),
        ([], "no shape that is known"),
        ([{"name": "Ravi", "age": 30}], "no shape that is known"),
        ({"accounts": [{"data": 5}]}, "finbox cannot be read"),
        ({"accounts": [{"data": {"account_details": {}, "transactions": []}}]}, "finbox has figures and no list"),
        (cart(TXNS, listed=False), "cart has figures and no list"),
        ({"summary": {"averageSalary": 5}}, "scoreme has figures and no list"),
        ({"bankTransactions": {}}, "bankTransactions is no list"),
        ({"bankTransactions": [{"txns": 1}]}, "bankTransactions[0].txns is no list"),
        ({"bankTransactions": []}, "lists no transactions"),
        (written(finbox(TXNS))[:2000], "no JSON after line 1, column"),
        (b'{"amount": NaN}', "a number that is none"),
    ],
)  # fmt: skip
def test_what_is_no_statement_says_why(payload: Any, said: str) -> None:
    found = problem(payload)
    assert found.status == "NOT_A_STATEMENT"
    assert said in found.reason


def test_json_that_is_too_deep_or_too_large_a_number() -> None:
    assert problem(b'{"a":' + b"[" * 100_000).status in ("TOO_LARGE", "NOT_A_STATEMENT")
    payload = written(feed(TXNS)).replace(b'"' + str(TXNS[5].amount).encode(), b'"9999999999999999')
    assert problem(payload).status in ("UNREADABLE_ROWS", "BALANCE_BROKEN")
    assert problem(b'{"bankTransactions":[{"txns":[[1e999999999,"A","2026-01-01",1,"X",1]]}]}').rows


def test_letters_that_cannot_be_kept_are_left_out() -> None:
    payload = feed(TXNS[:2])
    payload["bankTransactions"][0]["txns"][0][1] = "UPI\x00A\ud800B\n"
    (account,) = read_statement(json.dumps(payload).encode()).accounts
    assert account.entries[0].narration == "UPI A B"


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def places(node: Any, path: tuple = ()) -> list[tuple]:
    """Where in a payload something can be put in the place of what is there."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path, *(place for key, value in inner for place in places(value, (*path, key)))]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SHAPES), st.data(), ANY_JSON)
def test_whatever_stands_in_a_report_it_is_read_or_refused(shape, data: st.DataObject, value: Any) -> None:
    payload = shape(TXNS[:4])
    path = data.draw(st.sampled_from(places(payload)[1:]))
    node = payload
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    with contextlib.suppress(StatementProblem):
        statement = read_statement(written(payload))
        check(statement)
        assert all(entry.amount > 0 for account in statement.accounts for entry in account.entries)
