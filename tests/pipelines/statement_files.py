"""Statements of banks that do not exist, as PDF, CSV and XLSX, from made-up transactions."""

import csv
import io
import random
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import msoffcrypto
import pikepdf
import typst
import xlsxwriter

from tests.pipelines.statement_layouts import Layout, Txn

PEOPLE = ("ASHA VERMA", "RAVI KUMAR", "MEERA IYER")
PARTIES = (
    "UPI-SWIGGY-swiggy@icici-ICIC0DC0099-{n12}-PAYMENT",
    "NEFT CR-HDFC0000001-BLUE KITE PVT LTD-SALARY-N{n12}",
    "ACH D- BAJAJ FINANCE LTD-{n9}",
    "ATM WDL 4362 {n6} CHENNAI",
    "IMPS-{n12}-RAVI-HDFC-XXXX1234",
    "POS 4362XX SHELL",
    "BIL/ONL/{n9}/ELECTRICITY BOARD/{n6}",
    "UPI/CR/{n12}/MEERA/YESB/meera@ybl/rent share",
    "INTEREST CREDIT",
    "TO TRANSFER UPI/DR/{n12}/KIRANA STORES/PYTM/paytmqr/groceries for the month of the year",
)


def transactions(
    count: int, seed: object = 1, *, start: date = date(2026, 1, 3), opening: Decimal = Decimal("45210.55")
) -> list[Txn]:
    """A believable account: balances follow, and never fall below zero."""
    chance, balance, on, found = random.Random(str(seed)), opening, start, []
    for _ in range(count):
        on += timedelta(days=chance.choice((0, 0, 1, 1, 2)))
        amount = Decimal(chance.choice((chance.randint(100, 99_999), chance.randint(1, 9_000_000)))) / 100
        side = chance.choice(("CR", "DR")) if amount < balance else "CR"
        balance += amount if side == "CR" else -amount
        number = {
            f"n{size}": "".join(chance.choice("0123456789") for _ in range(size)) for size in (6, 9, 12)
        }
        narration = chance.choice(PARTIES).format(**number)
        found.append(
            Txn(on, side, amount, balance, narration, chance.choice(("", number["n6"], number["n12"])))
        )
    return found


def cell(kind: str, txn: Txn, layout: Layout, number: int) -> str:
    """What stands in a column of this kind."""
    side, amount = txn.side, layout.amount(txn.amount)
    return {
        "date": txn.on.strftime(layout.date).lstrip("0")
        if "%-" in layout.date
        else txn.on.strftime(layout.date),
        "value_date": txn.on.strftime(layout.date),
        "narration": txn.narration,
        "reference": txn.reference or layout.zero,
        "debit": amount if side == "DR" else layout.zero,
        "credit": amount if side == "CR" else layout.zero,
        "amount_suffix": f"{amount} {side.title()}",
        "amount_brackets": f"{amount}({side.title()})",
        "amount_signed": amount if side == "CR" else f"-{amount}",
        "amount_trailing": amount if side == "CR" else f"{amount}-",
        "amount_parentheses": amount if side == "CR" else f"({amount})",
        "amount": amount,
        "side": side,
        "side_word": {"CR": "Credit", "DR": "Debit"}[side],
        "balance": layout.amount(txn.balance),
        "balance_suffix": f"{layout.amount(txn.balance)} Cr",
        "serial": str(number),
        "branch": "0481",
    }[kind]


def head_lines(layout: Layout, holder: str, txns: Sequence[Txn]) -> list[str]:
    """What stands above the table, unless the layout has its own."""
    first, last = min(t.on for t in txns), max(t.on for t in txns)
    known = {
        "holder": holder,
        "number": "50100012344321",
        "ifsc": "HDFC0000123",
        "bank": layout.bank,
        "first": first.strftime("%d-%m-%Y"),
        "last": last.strftime("%d-%m-%Y"),
    }
    usual = (
        "{bank}",
        "Account Name : {holder}",
        "Account Number : {number}",
        "IFSC : {ifsc}",
        "Statement of account from {first} to {last}",
    )
    return [line.format(**known) for line in (layout.head or usual)]


RIGHT = ("debit", "credit", "amount", "balance")


def pdf(txns: Sequence[Txn], layout: Layout, holder: str = PEOPLE[0], password: str | None = None) -> bytes:
    """The statement as the bank's PDF: a table that typst sets, with real fonts and real line breaks."""
    columns = layout.columns
    widths = ", ".join(f"{width}fr" for _, _, width in columns)
    aligns = ["right" if kind.startswith(RIGHT) else "left" for kind, _, _ in columns]
    headers = [align if layout.header_align == "same" else layout.header_align for align in aligns]
    cells = [
        f'[#align({align})[#text(weight: "bold", {_quoted(name)})]]'
        for (_, name, _), align in zip(columns, headers, strict=True)
    ]
    header = f"table.header(repeat: {str(layout.header_on_each_page).lower()}, {', '.join(cells)})"
    ordered = list(reversed(txns)) if layout.descending else txns
    rows = (
        [_row(layout, {"narration": "OPENING BALANCE", "balance": layout.amount(_opening(txns))})]
        if layout.opening_row
        else []
    )
    rows += [
        ", ".join(f"[#{_quoted(cell(kind, txn, layout, number))}]" for kind, _, _ in columns)
        for number, txn in enumerate(ordered, 1)
    ]
    if layout.total_row:
        rows.append(
            _row(layout, {"narration": "TRANSACTION TOTAL", "balance": layout.amount(txns[-1].balance)})
        )
    feet = ("Page #context counter(page).display()", *(f"#{_quoted(foot)}" for foot in layout.feet))
    foot = " #linebreak() ".join(feet)
    align = ", ".join(f"{align} + {layout.valign}" for align in aligns)
    source = f"""
#set page(paper: "a4", margin: (x: 1.2cm, y: 2cm), footer: text(size: 7pt)[{foot}])
#set text(size: 8pt, hyphenate: false)
{chr(10).join(f"#{_quoted(line)} #linebreak()" for line in head_lines(layout, holder, txns))}
#v(6pt)
#table(columns: ({widths},), align: ({align},), inset: 3pt, {header}, {", ".join(rows)})
#{_quoted("Closing Balance : " + layout.amount(txns[-1].balance))}
"""
    return locked(typst.compile(source.encode()), password)


def _opening(txns: Sequence[Txn]) -> Decimal:
    return txns[0].balance - (txns[0].amount if txns[0].side == "CR" else -txns[0].amount)


def _row(layout: Layout, known: dict[str, str]) -> str:
    return ", ".join(
        f"[#{_quoted(known.get(kind.removesuffix('_suffix'), ''))}]" for kind, _, _ in layout.columns
    )


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def locked(data: bytes, password: str | None) -> bytes:
    """The PDF under a password."""
    if password is None:
        return data
    with pikepdf.open(io.BytesIO(data)) as document:
        out = io.BytesIO()
        document.save(out, encryption=pikepdf.Encryption(user=password, owner=f"{password}-owner", R=6))
        return out.getvalue()


def turned(data: bytes, degrees: int) -> bytes:
    """The pages turned, as a careless printer or scanner program leaves them."""
    with pikepdf.open(io.BytesIO(data)) as document:
        for page in document.pages:
            page.Rotate = degrees
        out = io.BytesIO()
        document.save(out)
        return out.getvalue()


def locked_sheet(data: bytes, password: str) -> bytes:
    """The workbook under a password."""
    out = io.BytesIO()
    msoffcrypto.OfficeFile(io.BytesIO(data)).encrypt(password, out)
    return out.getvalue()


def printed_pdf(pages: Sequence[Sequence[str]]) -> bytes:
    """Lines of text as they are, in a typewriter's letters, a list a page."""
    with pikepdf.new() as document:
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Courier
        )
        for lines in pages:
            page = document.add_blank_page(page_size=(842, 595))
            page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
            shown = " ".join(f"({_escaped(line)}) Tj T*" for line in lines)
            page.Contents = document.make_stream(
                f"BT /F1 7 Tf 9 TL 30 565 Td {shown} ET".encode("latin-1", "replace")
            )
        out = io.BytesIO()
        document.save(out)
        return out.getvalue()


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def grid(txns: Sequence[Txn], layout: Layout, holder: str = PEOPLE[0]) -> list[list[str]]:
    """The statement as rows of cells: a head, the table, a foot."""
    ordered = list(reversed(txns)) if layout.descending else txns
    rows = [[line] for line in head_lines(layout, holder, txns)]
    rows += [[], [name for _, name, _ in layout.columns]]
    rows += [
        [cell(kind, txn, layout, number) for kind, _, _ in layout.columns]
        for number, txn in enumerate(ordered, 1)
    ]
    return [*rows, [], ["*** End of statement ***"]]


def csv_file(
    txns: Sequence[Txn],
    layout: Layout,
    delimiter: str = ",",
    encoding: str = "utf-8",
    holder: str = PEOPLE[0],
) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(grid(txns, layout, holder))
    return out.getvalue().encode(encoding)


def xlsx_file(txns: Sequence[Txn], layout: Layout, holder: str = PEOPLE[0]) -> bytes:
    """A workbook with a cover sheet; dates and amounts are real dates and numbers."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.add_worksheet("Cover").write(0, 0, f"Dear {holder}")
        sheet, day = book.add_worksheet("Statement"), book.add_format({"num_format": "dd/mm/yyyy"})
        top = len(head_lines(layout, holder, txns)) + 2
        for number, cells in enumerate(grid(txns, layout, holder)):
            txn = txns[number - top] if 0 <= number - top < len(txns) and not layout.descending else None
            for column, text in enumerate(cells):
                kind = layout.columns[column][0] if txn else ""
                if kind == "date":
                    sheet.write_datetime(number, column, txn.on, day)
                elif kind in ("debit", "credit", "balance") and text not in ("", layout.zero):
                    sheet.write_number(number, column, float(text.replace(",", "").replace("₹", "")))
                elif text:
                    sheet.write_string(number, column, text)
    return out.getvalue()
