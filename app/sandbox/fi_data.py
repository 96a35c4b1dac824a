"""Financial information of a sandbox person as a bank gives it to an Account Aggregator.

ReBIT FI type DEPOSIT, schema v2.0.0, as XML: profile, summary and the transactions of ledger.py.
"""

import hashlib
from datetime import date, datetime
from decimal import Decimal
from xml.etree import ElementTree

from app.sandbox.ledger import INDIA, Transaction, settled_balance, transactions
from app.sandbox.person import Person

NAMESPACE = "http://api.rebit.org.in/FISchema/deposit"
VERSION = "2.0.0"
BRANCH, MICR = "BANER PUNE", "411240007"


def deposit_xml(person: Person, start: date, end: date, now: datetime) -> bytes:
    """The savings account of a person with its transactions from start to end, both included."""
    ElementTree.register_namespace("", NAMESPACE)
    lines = transactions(person, start, end, now)
    account = ElementTree.Element(
        f"{{{NAMESPACE}}}Account",
        type="deposit",
        version=VERSION,
        maskedAccNumber=masked_account_number(person),
        linkedAccRef=link_ref_number(person),
    )
    _profile(_child(account, "Profile"), person)
    _summary(account, person, lines[-1].balance if lines else settled_balance(person, now.date()), now)
    _transactions(account, lines, start, end)
    return ElementTree.tostring(account, encoding="utf-8", xml_declaration=True)


def masked_account_number(person: Person) -> str:
    return "X" * (len(person.account_number) - 4) + person.account_number[-4:]


def link_ref_number(person: Person) -> str:
    """What the bank calls the link between the account and the AA; the same for every consent."""
    return hashlib.sha256(f"link:{person.account_number}".encode()).hexdigest()[:32]


def _profile(profile: ElementTree.Element, person: Person) -> None:
    address = person.address
    _child(
        _child(profile, "Holders", type="SINGLE"),
        "Holder",
        name=person.kyc_name,
        dob=person.date_of_birth.isoformat(),
        mobile=person.phone,
        nominee="NOT-REGISTERED",
        landline="",
        address=f"{address.house}, {address.street}, {address.city} {address.pincode}",
        email=person.email,
        pan=person.pan,
        ckycCompliance="true",
    )


def _summary(account: ElementTree.Element, person: Person, balance: Decimal, now: datetime) -> None:
    summary = _child(
        account,
        "Summary",
        currentBalance=_money(balance),
        currency="INR",
        exchgeRate="",
        balanceDateTime=_instant(now),
        type="SAVINGS",
        branch=BRANCH,
        facility="OD",
        ifscCode=person.ifsc,
        micrCode=MICR,
        openingDate="2018-01-01",
        currentODLimit="0.00",
        drawingLimit="0.00",
        status="ACTIVE",
    )
    _child(summary, "Pending", amount="0.00")


def _transactions(account: ElementTree.Element, lines: list[Transaction], start: date, end: date) -> None:
    parent = _child(account, "Transactions", startDate=start.isoformat(), endDate=end.isoformat())
    for line in lines:
        _child(
            parent,
            "Transaction",
            txnId=_transaction_id(line),
            type=line.side,
            mode=line.mode,
            amount=_money(line.amount),
            currentBalance=_money(line.balance),
            transactionTimestamp=_instant(line.at),
            valueDate=line.at.date().isoformat(),
            narration=line.narration,
            reference=line.reference,
        )


def _transaction_id(line: Transaction) -> str:
    text = f"{line.at.isoformat()}|{line.side}|{line.amount}|{line.narration}"
    return "M" + hashlib.sha256(text.encode()).hexdigest()[:15].upper()


def _child(parent: ElementTree.Element, tag: str, /, **attributes: str) -> ElementTree.Element:
    return ElementTree.SubElement(parent, f"{{{NAMESPACE}}}{tag}", attributes)


def _money(amount: Decimal) -> str:
    return f"{amount:.2f}"


def _instant(at: datetime) -> str:
    return at.astimezone(INDIA).isoformat(timespec="seconds")
