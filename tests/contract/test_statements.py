"""Text renditions of real statements (`statements/text`) and the shapes of analysers (`statements/vendor_shapes`)."""

import json
import os
import re
from pathlib import Path

import pytest

from pipelines.statements import StatementProblem, check, read_statement
from tests.pipelines.statement_files import printed_pdf

STATEMENTS = Path(os.environ["CONTRACT_FIXTURES"]) / "statements"
TEXTS = sorted((STATEMENTS / "text").glob("*.txt"))
FEEDS = sorted((STATEMENTS / "fi_feed").glob("*.json"))
PAGE_LINES_MAX, LINE_CHARS_MAX = 58, 180
FINBOX_KEYS = (
    "account_details.account_number", "account_details.bank", "account_details.ifsc", "account_details.name",
    "transactions.transaction_type", "transactions.transaction_note", "transactions.amount", "transactions.balance",
    "transactions.date", "transactions.chq_num",
    "monthly_analysis.total_amount_of_salary",
    "monthly_analysis.amt_emi_debit",
    "monthly_analysis.cnt_emi_bounce_credit", "monthly_analysis.cnt_inward_cheque_bounce_credit",
    "monthly_analysis.avg_bal", "monthly_analysis.closing_balance",
)  # fmt: skip


def printed(text: str) -> bytes:
    """The same lines as a PDF."""
    lines = [line[:LINE_CHARS_MAX] for line in text.splitlines()]
    return printed_pdf(
        [lines[start : start + PAGE_LINES_MAX] for start in range(0, len(lines), PAGE_LINES_MAX)]
    )


def balances(text: str) -> int:
    """How many lines end a row: with a date at the row's start, every one states a balance."""
    return len(
        re.findall(r"^(?:\d+\s+)?\d{1,4}[-/.](?:\d{1,2}|[A-Z][a-z]{2})[-/.]\d{2,4}\b", text, re.MULTILINE)
    )


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
@pytest.mark.parametrize("make", [str.encode, printed], ids=["text", "pdf"])
def test_a_real_statement_is_read_to_the_last_row(path: Path, make) -> None:
    text = path.read_text()
    statement = read_statement(make(text))
    check(statement)
    entries = [entry for account in statement.accounts for entry in account.entries]
    assert 0 < len(entries) <= balances(text)
    assert all(entry.balance is not None for entry in entries)
    assert all(account.unreadable == account.broken == [] for account in statement.accounts)


def test_finbox_has_the_keys_that_are_read() -> None:
    known = (STATEMENTS / "vendor_shapes" / "finbox_insights_keys.tsv").read_text()
    paths = {line.split("\t")[0] for line in known.splitlines()}
    assert [key for key in FINBOX_KEYS if f"accounts.data.{key}" not in paths] == []


@pytest.mark.parametrize("path", FEEDS, ids=lambda path: path.stem)
def test_a_feed_is_read_to_the_last_row_and_its_gaps_are_told(path: Path) -> None:
    """The samples leave transactions out: where one is missing, the balance breaks, and nowhere else is said so."""
    told = json.loads(path.read_text())["bankTransactions"]
    statement = read_statement(path.read_bytes())
    assert [len(account.entries) for account in statement.accounts] == [len(bank["txns"]) for bank in told]
    assert all(account.facts.bank and account.unreadable == [] for account in statement.accounts)
    for account, bank in zip(statement.accounts, told, strict=True):
        moved = sorted((entry.on.isoformat(), str(int(entry.amount))) for entry in account.entries)
        assert moved == sorted((line[2], line[0]) for line in bank["txns"])
    with pytest.raises(StatementProblem) as caught:
        check(statement)
    assert caught.value.status == "BALANCE_BROKEN"
    assert re.search(r"bankTransactions\[\d\]\.txns\[\d+\]", caught.value.reason)
