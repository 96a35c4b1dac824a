"""How banks print statements: `LAYOUTS` of known banks, and `random_layout` for those that nobody has seen.

A layout says which columns there are and how they are called, how dates and amounts are written, how the cells of
a row are set, and what else stands on a page.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class Txn:
    """One transaction as the test knows it; `amount` is positive."""

    on: date
    side: str
    amount: Decimal
    balance: Decimal
    narration: str
    reference: str


@dataclass(frozen=True)
class Layout:
    """How a bank prints. `columns` are (kind, header text, width as a share); kinds are those of `cell`."""

    columns: tuple[tuple[str, str, float], ...]
    date: str = "%d/%m/%Y"
    amount: Callable[[Decimal], str] = field(default=lambda amount: indian(amount))
    zero: str = ""
    descending: bool = False
    head: tuple[str, ...] = ()
    feet: tuple[str, ...] = ("This is a computer generated statement and needs no signature.",)
    valign: str = "top"
    header_align: str = "same"
    bank: str = "Bank of Nowhere"
    opening_row: bool = False
    total_row: bool = False
    header_on_each_page: bool = True


def indian(amount: Decimal) -> str:
    """1,23,456.78"""
    sign, text = ("-" if amount < 0 else ""), f"{abs(amount):.2f}"
    whole, _, paise = text.partition(".")
    groups = [whole[-3:]]
    rest = whole[:-3]
    while rest:
        groups.insert(0, rest[-2:])
        rest = rest[:-2]
    return f"{sign}{','.join(groups)}.{paise}"


def western(amount: Decimal) -> str:
    return f"{amount:,.2f}"


def plain(amount: Decimal) -> str:
    return f"{amount:.2f}"


def rupee_sign(amount: Decimal) -> str:
    return f"₹{indian(amount)}"


SBI = Layout(
    (
        ("date", "Txn Date", 1),
        ("value_date", "Value Date", 1),
        ("narration", "Description", 3),
        ("reference", "Ref No./Cheque No.", 1.6),
        ("debit", "Debit", 1.2),
        ("credit", "Credit", 1.2),
        ("balance", "Balance", 1.3),
    ),
    date="%d %b %Y",
    bank="State Bank of India",
)
HDFC = Layout(
    (
        ("date", "Date", 1),
        ("narration", "Narration", 3),
        ("reference", "Chq./Ref.No.", 1.6),
        ("value_date", "Value Dt", 1),
        ("debit", "Withdrawal Amt.", 1.4),
        ("credit", "Deposit Amt.", 1.4),
        ("balance", "Closing Balance", 1.4),
    ),
    date="%d/%m/%y",
    bank="HDFC BANK LIMITED",
)
HDFC_COMBINED = Layout(
    (
        ("date", "Txn Date", 1),
        ("narration", "Narration", 3),
        ("debit", "Withdrawals", 1.2),
        ("credit", "Deposits", 1.2),
        ("balance", "Closing Balance", 1.4),
    ),
    zero="0.00",
    bank="HDFC BANK LIMITED",
)
ICICI = Layout(
    (
        ("serial", "S No.", 0.5),
        ("reference", "Cheque Number", 1.3),
        ("narration", "Transaction Remarks", 3),
        ("date", "Date", 1),
        ("debit", "Withdrawal Amount (INR)", 1.2),
        ("credit", "Deposit Amount (INR)", 1.2),
        ("balance", "Balance (INR)", 1.2),
    ),
    date="%d.%m.%Y",
    amount=plain,
    bank="ICICI Bank",
    valign="horizon",
    header_align="center",
)
AXIS = Layout(
    (
        ("date", "Tran Date", 1),
        ("reference", "Chq No", 1.2),
        ("narration", "Particulars", 3),
        ("debit", "Debit", 1.1),
        ("credit", "Credit", 1.1),
        ("balance", "Balance", 1.2),
        ("branch", "Init. Br", 0.6),
    ),
    date="%d-%m-%Y",
    amount=plain,
    bank="Axis Bank",
    valign="bottom",
    opening_row=True,
    total_row=True,
)
KOTAK = Layout(
    (
        ("date", "Date", 1.1),
        ("narration", "Narration", 3),
        ("reference", "Chq/Ref No", 1.5),
        ("amount_brackets", "Withdrawal (Dr)/ Deposit (Cr)", 1.6),
        ("balance_suffix", "Balance", 1.4),
    ),
    date="%d-%b-%Y",
    bank="Kotak Mahindra Bank",
)
PNB = Layout(
    (
        ("date", "Transaction Date", 1.1),
        ("reference", "Cheque Number", 1.2),
        ("debit", "Withdrawal", 1.1),
        ("credit", "Deposit", 1.1),
        ("balance", "Balance", 1.2),
        ("narration", "Narration", 3),
    ),
    date="%Y/%m/%d",
    zero="-",
    bank="Punjab National Bank",
)
LAYOUTS = {
    "sbi": SBI,
    "hdfc": HDFC,
    "hdfc_combined": HDFC_COMBINED,
    "icici": ICICI,
    "axis": AXIS,
    "kotak": KOTAK,
    "pnb": PNB,
}

DATES = (
    "%d/%m/%Y",
    "%d/%m/%y",
    "%d-%m-%Y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%d %b %Y",
    "%d %b %y",
    "%Y-%m-%d",
    "%d.%m.%Y",
    "%d %B %Y",
    "%d-%m-%y",
    "%b %d, %Y",
    "%d %b, %Y",
    "%d/%b/%Y",
    "%d%b%Y",
)
NAMES = {
    "date": ("Date", "Txn Date", "Transaction Date", "Tran Date", "Post Date", "Trans. Dt", "DATE"),
    "value_date": ("Value Date", "Value Dt", "Val. Date", "VALUE DATE"),
    "narration": (
        "Narration",
        "Particulars",
        "Description",
        "Remarks",
        "Transaction Details",
        "Transaction Particulars",
        "DETAILS",
        "Transaction Remarks",
    ),
    "reference": (
        "Chq No",
        "Ref No",
        "Cheque No.",
        "Chq./Ref.No.",
        "Ref No./Cheque No.",
        "Instrument No",
        "Cheque/Reference#",
        "UTR Number",
        "Inst. No.",
    ),
    "debit": (
        "Debit",
        "Withdrawal",
        "Withdrawals",
        "Debit (Rs.)",
        "Withdrawal Amt.",
        "DR",
        "Debit Amount",
        "Withdrawal (Dr)",
        "Paid Out",
        "Debit(INR)",
    ),
    "credit": (
        "Credit",
        "Deposit",
        "Deposits",
        "Credit (Rs.)",
        "Deposit Amt.",
        "CR",
        "Credit Amount",
        "Deposit (Cr)",
        "Paid In",
        "Credit(INR)",
    ),
    "balance": (
        "Balance",
        "Closing Balance",
        "Running Balance",
        "Balance (INR)",
        "BALANCE",
        "Available Balance",
        "Balance(Rs.)",
    ),
    "amount": ("Amount", "Amount (INR)", "Transaction Amount", "Amount(Rs.)"),
    "side": ("Type", "Dr/Cr", "Cr/Dr", "DR / CR"),
    "serial": ("S No.", "Sr. No", "Sl No", "#"),
    "branch": ("Branch", "Branch Code", "Init. Br"),
}
WIDTHS = {
    "date": 1.2,
    "value_date": 1.2,
    "narration": 3.2,
    "serial": 0.7,
    "branch": 0.9,
    "side": 0.8,
    "reference": 1.7,
}


def random_layout(seed: object) -> Layout:
    """A bank that nobody has seen."""
    chance = random.Random(f"layout {seed}")
    moved = chance.choice(
        (
            ("debit", "credit"),
            ("credit", "debit"),
            ("amount", "side"),
            ("amount_suffix",),
            ("amount_signed",),
            ("amount_trailing",),
            ("amount_parentheses",),
            ("amount_brackets",),
        )
    )
    text = ["narration", *chance.sample(["reference", "value_date", "branch"], chance.randint(0, 2))]
    chance.shuffle(text)
    front = ["serial"] * (chance.random() < 0.3) + ["date"]
    kinds = [*front, *text, *moved, chance.choice(("balance", "balance", "balance_suffix"))]
    if chance.random() < 0.15:
        kinds = [*front, *moved, kinds[-1], *text]
    columns = tuple(
        (kind, chance.choice(NAMES[kind.split("_")[0] if kind not in NAMES else kind]), WIDTHS.get(kind, 1.5))
        for kind in kinds
    )
    return Layout(
        columns,
        date=chance.choice(DATES),
        amount=chance.choice((indian, western, plain, rupee_sign)),
        zero=chance.choice(("", "", "-", "0.00")) if "debit" in kinds else "",
        descending=chance.random() < 0.25,
        valign=chance.choice(("top", "top", "horizon", "bottom")),
        header_align=chance.choice(("same", "same", "left", "center")),
        opening_row=chance.random() < 0.25,
        total_row=chance.random() < 0.25,
        header_on_each_page=chance.random() < 0.75,
    )
