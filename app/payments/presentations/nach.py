"""Why a bank returned a debit, in the codes of NACH, and what follows of each.

Source: NPCI's reasons of return as banks publish them. Gateways tell them in words of their own: `code_of`.
"""

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """RETRY: present again. STOP: no more debits, somebody calls. NEW_MANDATE: this one is good for nothing. CUSTOMER:
    they have to settle something with their bank first. LOWER: it asked for too much. REVIEW: ours or the bank's fault,
    so somebody looks."""

    RETRY = "RETRY"
    STOP = "STOP"
    NEW_MANDATE = "NEW_MANDATE"
    CUSTOMER = "CUSTOMER"
    LOWER = "LOWER"
    REVIEW = "REVIEW"


@dataclass(frozen=True)
class Reason:
    """What a code means; `is_charged`: the customer pays for the return."""

    meaning: str
    action: Action
    is_charged: bool = False


# After a return of these no debit of the mandate is made any more, by whom ever.
NEVER_AGAIN = (Action.STOP, Action.NEW_MANDATE)

REASONS: dict[str, Reason] = {
    "01": Reason("Account closed", Action.NEW_MANDATE),
    "02": Reason("No such account", Action.NEW_MANDATE),
    "03": Reason("Account description does not tally", Action.NEW_MANDATE),
    "04": Reason("Balance insufficient", Action.RETRY, is_charged=True),
    "05": Reason("Not arranged for, or exceeds the arrangement", Action.RETRY, is_charged=True),
    "06": Reason("Payment stopped by the drawer", Action.STOP, is_charged=True),
    "07": Reason("Payment stopped by a court", Action.STOP),
    "08": Reason("Mandate not received", Action.NEW_MANDATE),
    "09": Reason("Miscellaneous", Action.REVIEW),
    "11": Reason("Invalid IFSC or MICR", Action.REVIEW),
    "12": Reason("Mismatch in the frequency of the mandate", Action.REVIEW),
    "13": Reason("Duplicate", Action.REVIEW),
    "14": Reason("Mandate expired", Action.NEW_MANDATE),
    "17": Reason("Stopped at the customer's request", Action.STOP, is_charged=True),
    "21": Reason("Invalid UMRN", Action.NEW_MANDATE),
    "22": Reason("Mandate not valid", Action.NEW_MANDATE),
    "23": Reason("Not the account of the mandate", Action.REVIEW),
    "24": Reason("Not the bank of the mandate", Action.REVIEW),
    "25": Reason("Not the currency of the mandate", Action.REVIEW),
    "26": Reason("More than the mandate allows", Action.LOWER),
    "27": Reason("Not the amount of the mandate", Action.REVIEW),
    "28": Reason("Before the mandate begins", Action.REVIEW),
    "29": Reason("After the mandate has ended", Action.NEW_MANDATE),
    "31": Reason("Duplicate reference", Action.REVIEW),
    "32": Reason("Invalid date", Action.REVIEW),
    "33": Reason("Item unwound", Action.REVIEW),
    "34": Reason("Invalid amount", Action.REVIEW),
    "51": Reason("KYC pending", Action.CUSTOMER),
    "52": Reason("The holder is turning major", Action.CUSTOMER),
    "53": Reason("Account inoperative", Action.CUSTOMER),
    "54": Reason("Account dormant", Action.CUSTOMER),
    "55": Reason("Account in zero balance", Action.RETRY, is_charged=True),
    "56": Reason("The first transaction has to be at the branch", Action.CUSTOMER),
    "57": Reason("Limit of a transaction exceeded", Action.LOWER),
    "58": Reason("Limit of the account exceeded", Action.LOWER),
    "59": Reason("Network failure", Action.RETRY),
    "60": Reason("Account holder expired", Action.STOP),
    "61": Reason("Mandate cancelled", Action.NEW_MANDATE),
    "68": Reason("Account blocked or frozen", Action.STOP),
    "69": Reason("Account holder insolvent", Action.STOP),
    "70": Reason("Refer to the branch", Action.STOP),
    "71": Reason("No account that can be debited", Action.NEW_MANDATE),
    "72": Reason("Item cancelled", Action.REVIEW),
    "73": Reason("Settlement failed", Action.RETRY),
    "75": Reason("Mandate cancelled by the customer", Action.NEW_MANDATE),
    "76": Reason("Invalid Aadhaar", Action.REVIEW),
    "77": Reason("Invalid currency", Action.REVIEW),
    "78": Reason("Invalid bank", Action.REVIEW),
    "79": Reason("Outside of the hours of files", Action.RETRY),
    "80": Reason("Wrong IIN", Action.REVIEW),
    "98": Reason("Extended by the bank", Action.RETRY),
}
MISCELLANEOUS = "09"

# What Razorpay calls them (reasons of e-mandate debits), and words that Cashfree's texts have in them.
_NAMES = {
    "insufficient_funds": "04",
    "bank_account_invalid": "02",
    "incorrect_ifsc": "02",
    "mandate_not_active": "22",
    "mandate_cancelled": "61",
    "mandate_expired": "14",
    "payment_stopped": "06",
    "account_blocked": "68",
    "account_dormant": "54",
    "account_closed": "01",
    "transaction_limit_exceeded": "57",
    "duplicate_request": "13",
    "gateway_technical_error": "59",
    "bank_technical_error": "59",
}
_WORDS = {
    "insufficient": "04",
    "exceeds arrangement": "05",
    "account closed": "01",
    "no such account": "02",
    "stopped by": "06",
    "cancelled": "61",
    "dormant": "54",
    "frozen": "68",
    "blocked": "68",
    "expired": "14",
    "limit": "57",
}


def code_of(name: str | None, text: str | None) -> str:
    """The code of what a gateway said; `09` where that tells nothing."""
    if name in REASONS:  # a bank's file says the code itself
        return name
    if name in _NAMES:
        return _NAMES[name]
    said = (text or name or "").lower()
    return next((code for words, code in _WORDS.items() if words in said), MISCELLANEOUS)
