"""Money of which nobody knows yet whose it is: in the brand's books, on no loan."""

from datetime import date
from decimal import Decimal

from app.ledger import journal
from app.ledger.events import Kind
from app.ledger.postings import Account, Entry


def take_in(amount: Decimal, received_on: date, reference: str) -> None:
    """Book money that came in for nobody that we know."""
    _write(Kind.SUSPENSE_IN, amount, received_on, reference, Account.COLLECTION, Account.SUSPENSE)


def hand_over(amount: Decimal, on: date, reference: str) -> None:
    """Book that it belongs to a loan, on which it is booked as what it is there."""
    _write(Kind.SUSPENSE_OUT, amount, on, reference, Account.SUSPENSE, Account.COLLECTION)


def give_back(amount: Decimal, on: date, reference: str) -> None:
    """Book that it was paid back to whoever paid it."""
    _write(Kind.REFUND, amount, on, reference, Account.SUSPENSE, Account.BANK)


def take_back(amount: Decimal, on: date, reference: str) -> None:
    """Book that the bank of whoever paid it took it back."""
    _write(Kind.REVERSAL, amount, on, reference, Account.SUSPENSE, Account.COLLECTION)


def _write(kind: Kind, amount: Decimal, on: date, reference: str, debit: Account, credit: Account) -> None:
    amounts = {debit: amount, credit: -amount}
    journal.write(None, [Entry(kind, on, reference, amounts, {"amount": str(amount)})])
