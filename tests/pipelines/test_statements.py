"""Statements of banks seen and unseen are read to the last row, whatever kind of file they come in."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from pipelines.statements import Statement, check, evidence, from_json, read_statement, to_json
from pipelines.statements.problems import StatementProblem
from tests.pipelines.statement_files import csv_file, pdf, printed_pdf, transactions, turned, xlsx_file
from tests.pipelines.statement_layouts import HDFC, LAYOUTS, SBI, Layout, Txn, random_layout

UNSEEN = range(14)


def squeezed(text: str) -> str:
    """Where a line breaks, nobody can tell whether a blank stood there."""
    return re.sub(r"\s", "", text)


def facts_of(txn: Txn) -> tuple:
    return txn.on, txn.side, txn.amount, txn.balance, squeezed(txn.narration)


def read(data: bytes) -> list[tuple]:
    """The rows of a statement of one account, after all checks."""
    statement = read_statement(data)
    check(statement)
    (account,) = statement.accounts
    assert account.unreadable == []
    return [(e.on, e.side, e.amount, e.balance, squeezed(e.narration)) for e in account.entries]


def holds(txns: list[Txn], data: bytes) -> None:
    assert read(data) == [facts_of(txn) for txn in txns]


@pytest.mark.parametrize("bank", LAYOUTS)
def test_a_pdf_of_a_known_bank(bank: str) -> None:
    txns = transactions(90, bank)
    holds(txns, pdf(txns, LAYOUTS[bank]))


@pytest.mark.parametrize("seed", UNSEEN)
def test_a_pdf_of_a_bank_never_seen(seed: int) -> None:
    txns, layout = transactions(90, seed), random_layout(seed)
    holds(txns, pdf(txns, layout))


@pytest.mark.parametrize("seed", UNSEEN)
def test_a_sheet_of_a_bank_never_seen(seed: int) -> None:
    txns, layout = transactions(40, seed), random_layout(seed)
    holds(txns, csv_file(txns, layout))
    holds(txns, xlsx_file(txns, layout))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_text_in_any_dress(delimiter: str, encoding: str) -> None:
    txns = transactions(12)
    holds(txns, csv_file(txns, SBI, delimiter, encoding))


def test_a_narration_may_stand_above_its_dated_line() -> None:
    head = [
        "AXIS BANK",
        "Tran Date   Chq No  Particulars                      Debit      Credit     Balance   Init. Br",
    ]
    rows = [
        "                    OPENING BALANCE                                          1000.00",
        "                    UPI/P2A/123456789012/RAVI/",
        "01-02-2026          HDFC/rent                        200.00                  800.00   481",
        "                    NEFT/N1234/BLUE KITE/SALARY",
        "                    FOR JANUARY",
        "02-02-2026                                                      500.00      1300.00   481",
        "                    TRANSACTION TOTAL                200.00    500.00",
    ]
    assert read(printed_pdf([[*head, *rows]])) == [
        (date(2026, 2, 1), "DR", Decimal("200.00"), Decimal("800.00"), "UPI/P2A/123456789012/RAVI/HDFC/rent"),
        (
            date(2026, 2, 2),
            "CR",
            Decimal("500.00"),
            Decimal("1300.00"),
            "NEFT/N1234/BLUEKITE/SALARYFORJANUARY",
        ),
    ]


TEXT = """NATIONAL BANK
Account Number : 1234567890123
Customer Name : RAVI KUMAR
Statement from 01/02/2026 to 28/02/2026
Date Particulars Withdrawal Deposit Balance
{rows}
Page 1 of 1"""


@pytest.mark.parametrize(
    "rows",
    [
        ["01/02/2026 ATM WDL 100.00 - 900.00", "03/02/2026 NEFT BLUE KITE - 50.00 950.00"],
        # the columns swapped against the header: the running balance is right
        ["01/02/2026 ATM WDL - 100.00 900.00", "03/02/2026 NEFT BLUE KITE 50.00 - 950.00"],
        # only what is there
        ["01/02/2026 ATM WDL 100.00 900.00", "03/02/2026 NEFT BLUE", "KITE 50.00 950.00"],
    ],
    ids=["in order", "swapped", "without blanks"],
)
@pytest.mark.parametrize("as_pdf", [False, True], ids=["text", "pdf"])
def test_the_reading_that_the_balance_bears_out_wins(rows: list[str], as_pdf: bool) -> None:
    lines = TEXT.format(rows="\n".join(rows)).split("\n")
    found = read(printed_pdf([lines]) if as_pdf else "\n".join(lines).encode())
    assert [(side, amount, balance) for _, side, amount, balance, _ in found] == [
        ("DR", Decimal("100.00"), Decimal("900.00")),
        ("CR", Decimal("50.00"), Decimal("950.00")),
    ]


def test_dates_with_the_month_first_are_noticed() -> None:
    txns = [replace(txn, on=date(2026, 3, 10 + number)) for number, txn in enumerate(transactions(15))]
    layout = replace(HDFC, date="%m/%d/%Y")
    assert [row[0] for row in read(csv_file(txns, layout))] == [txn.on for txn in txns]


def test_the_same_statement_newest_first() -> None:
    txns = transactions(60, "falling")
    holds(txns, pdf(txns, replace(HDFC, descending=True)))


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_pages_that_were_turned(degrees: int) -> None:
    txns = transactions(40, "turned")
    holds(txns, turned(pdf(txns, HDFC), degrees))


def test_a_narrow_column_breaks_dates_in_two() -> None:
    narrow = tuple((kind, name, 0.5 if "date" in kind else width) for kind, name, width in SBI.columns)
    txns = transactions(40, "narrow")
    holds(txns, pdf(txns, replace(SBI, columns=narrow)))


def test_a_date_that_is_printed_once_a_day_and_rows_carried_forward() -> None:
    pages = [
        ["Date        Particulars             Chq No      Debit       Credit      Balance",
         "01/04/25    B/F                                                         1000.00",
         "02/04/25    UPI/A                               100.00                  900.00",
         "            UPI/B                                           50.00       950.00",
         "            C/F                                                         950.00"],
        ["Date        Particulars             Chq No      Debit       Credit      Balance",
         "            B/F                                                         950.00",
         "03/04/25    UPI/C                               25.00                   925.00",
         "            Total                               125.00      50.00       925.00"],
    ]  # fmt: skip
    found = [(on.day, side, str(amount)) for on, side, amount, *_ in read(printed_pdf(pages))]
    assert found == [(2, "DR", "100.00"), (2, "CR", "50.00"), (3, "DR", "25.00")]


def test_an_overdraft_is_below_zero() -> None:
    rows = ['02/04/2025,PAYMENT,100.00,,"1,100.00 Dr"', '03/04/2025,RECEIPT,,5000.00,"3,900.00 Cr"']
    found = read("\n".join(["Txn Date,Description,Debit,Credit,Balance", *rows]).encode())
    assert [row[3] for row in found] == [Decimal("-1100.00"), Decimal("3900.00")]


def test_a_statement_without_balances_is_read_and_says_so() -> None:
    txns = transactions(20)
    layout = replace(SBI, columns=SBI.columns[:-1])
    (account,) = read_statement(csv_file(txns, layout)).accounts
    assert [(e.side, e.amount) for e in account.entries] == [(t.side, t.amount) for t in txns]
    assert account.warnings == ["The statement states no balances: amounts cannot be checked against them."]


def statement_of(layout: Layout, holder: str = "ASHA VERMA") -> Statement:
    txns = transactions(20)
    return read_statement(pdf(txns, layout, holder))


def test_what_a_statement_says_of_itself() -> None:
    (account,) = statement_of(LAYOUTS["kotak"]).accounts
    facts = account.facts
    assert (facts.bank, facts.masked_number, facts.ifsc) == ("HDFC", "XXXX4321", "HDFC0000123")
    assert (facts.holders, facts.currency) == (("ASHA VERMA",), "INR")
    assert account.period == (account.entries[0].on, account.entries[-1].on)
    assert (account.opening, account.closing) == (Decimal("45210.55"), account.entries[-1].balance)


def test_a_changed_amount_breaks_the_balance_where_it_stands() -> None:
    txns = transactions(40)
    txns[17] = replace(txns[17], amount=txns[17].amount + 1000)
    with pytest.raises(StatementProblem) as caught:
        check(read_statement(pdf(txns, LAYOUTS["hdfc"])))
    problem = caught.value
    assert (problem.status, problem.rows[0].date) == ("BALANCE_BROKEN", txns[17].on.isoformat())
    assert problem.rows[0].balance == str(txns[17].balance)


def test_a_missing_row_breaks_the_balance() -> None:
    txns = transactions(40)
    del txns[20]
    with pytest.raises(StatementProblem, match="BALANCE_BROKEN"):
        check(read_statement(pdf(txns, LAYOUTS["sbi"])))


def test_rows_that_cannot_be_read_are_told_one_by_one() -> None:
    rows = [f"{day:02d}/02/2026,UPI,,10.00,{1000 + 10 * day}.00" for day in range(1, 20)]
    rows[4] = "31/02/2026,UPI,,10.00,1050.00"
    rows[7] = "08/02/2026,UPI,,ten,1080.00"
    data = "\n".join(["Date,Particulars,Debit,Credit,Balance", *rows]).encode()
    with pytest.raises(StatementProblem) as caught:
        check(read_statement(data))
    assert caught.value.status == "UNREADABLE_ROWS"
    assert [row.reason for row in caught.value.rows] == ["no such date", "no amount in this row"]


def test_a_bad_row_of_a_sheet_does_not_hide_in_the_next_one() -> None:
    rows = [f"{day:02d}/02/2026,UPI,{'smudged' if day % 5 == 0 else '10.00'},CR" for day in range(1, 20)]
    with pytest.raises(StatementProblem) as caught:
        check(read_statement("\n".join(["Date,Narration,Amount,Dr/Cr", *rows]).encode()))
    assert (caught.value.status, len(caught.value.rows)) == ("UNREADABLE_ROWS", 3)


def test_two_accounts_in_one_file_are_kept_apart_and_loans_left_out() -> None:
    pages = [
        ["YONO", "Name of the Account Holder Mr. RAVI KUMAR", "TRANSACTION DETAILS", "DL/TL ACCOUNT", "XXXXXXX0001",
         "Date Transaction Reference Ref.No./Chq.No. Credit Debit Balance", "01-08-25 REPAYMENT - 6000.00 - 94000.00",
         "31-08-25 INTEREST - - 500.00 94500.00", "TRANSACTION OVERVIEW"],
        ["TRANSACTION DETAILS", "SAVING ACCOUNT", "XXXXXXX0002",
         "Date Transaction Reference Ref.No./Chq.No. Credit Debit Balance", "02-08-25 SALARY - 5000.00 - 6000.00",
         "04-08-25 ATM - - 90.00 5910.00", "TRANSACTION OVERVIEW"],
    ]  # fmt: skip
    (account,) = read_statement("\f".join("\n".join(page) for page in pages).encode()).accounts
    assert [(entry.side, entry.amount) for entry in account.entries] == [
        ("CR", Decimal(5000)),
        ("DR", Decimal(90)),
    ]
    assert account.facts.masked_number == "XXXX0002"


def test_it_survives_json() -> None:
    statement = statement_of(LAYOUTS["pnb"])
    assert from_json(to_json(statement)) == statement


def test_the_analysis_takes_it() -> None:
    (account,) = evidence(statement_of(LAYOUTS["icici"]), statement_id="s", prefix="S1")
    frame = account.transactions.collect()
    assert frame.height == 20
    assert frame["txn_id"].n_unique() == 20
    assert account.profile.account_ref == "HDFC0000123/XXXX4321"


STATED = """Bank of Nowhere
{name}
Opening Balance : 1,200.00  Closing Balance : 950.00
Date Particulars Withdrawal Deposit Balance
01/02/2026 ATM WDL 100.00 - 900.00
03/02/2026 NEFT BLUE KITE - 50.00 950.00
"""


def test_a_stated_balance_that_the_rows_do_not_bear_out_is_told_and_refuses_nothing() -> None:
    statement = read_statement(STATED.format(name="Customer Name : RAVI KUMAR").encode())
    check(statement)
    assert statement.accounts[0].warnings == [
        "The statement states an opening balance of 1200.00; its first row says 1000.00."
    ]


def test_a_statement_that_names_nobody_says_so() -> None:
    (account,) = read_statement(STATED.replace("1,200.00", "1,000.00").format(name="").encode()).accounts
    assert account.warnings == ["No holder's name was found: whose statement it is cannot be checked."]
