"""What a statement says of itself around its table: bank, account, holder, IFSC, period, balances, currency."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

from pipelines.statements.banks import bank_named_in, bank_of_ifsc
from pipelines.statements.page import Line
from pipelines.statements.values import DATE, Money, date_in, money_of

NAMES_MAX = 12
SAVINGS, CURRENT, LOAN, UNKNOWN = "SAVINGS", "CURRENT", "LOAN", "UNKNOWN"

_SEP = r"\s*(?:number|num|no|nos)?\s*\.?\s*(?:\([^)]*\))?\s*[:\-\u2013]*\s*"
_NUMBER = r"(?P<number>(?:[Xx*•]{2,}[\s-]?)*[\dXx*•][\dXx*•\s-]{2,26}\d{2,})"
ACCOUNT = re.compile(
    rf"(?:account|a/c|acct|acc|ac)\b\.?{_SEP}{_NUMBER}",
    re.IGNORECASE,
)
LONE_NUMBER = re.compile(r"(?:^|:\s*)(?P<number>\d{11,18})\b")
IFSC = re.compile(r"(?<![A-Za-z0-9])([A-Z]{4}0[A-Z0-9]{6})(?=$|[^A-Za-z0-9]|IFSC)")
HOLDER = re.compile(
    r"(?:name of (?:the )?(?:account|a/c)? ?holders?|(?:account|a/c|acct|customer|primary|first|1st"
    r"|client)(?: ?holder)?(?:'s|s)?(?: holder)? ?names?"
    r"|account holder|holder name|my name|(?<![a-z] )name)\s*[:\-\u2013]*\s*(?P<name>[A-Za-z][A-Za-z .,'&/]{2,60})",
    re.IGNORECASE,
)
TITLED = re.compile(
    r"^(?:welcome\s+)?(?P<name>(?:mr|mrs|ms|miss|shri|smt|sri|kum|dr|m/s)\b\.?\s+[A-Za-z][A-Za-z .']{2,50})$",
    re.IGNORECASE,
)
PLAIN_NAME = re.compile(r"^[A-Za-z][A-Za-z.']*(?: [A-Za-z][A-Za-z.']*){1,4}$")
NO_NAME = re.compile(
    r"\b(?:bank|branch|statement|account|savings?|current|details?|summary|address|date|nominee|nomination"
    r"|registered|customer|"
    r"road|street|nagar|apartments?|colony|floor|building|house|limited|ltd|email|phone|mobile|currency|type"
    r"|status|open|regular|joint|holders?|"
    r"india|delhi|mumbai|chennai|kolkata|bengaluru|bangalore|hyderabad|pune|nadu|pradesh|maharashtra|karnataka"
    r"|kerala|gujarat|"
    r"period|balance|transactions?|page|micr|ifsc|scheme|individual|of|for|the|as|on|from|to|not|available"
    r"|welcome|dear|code|no|"
    r"debit|credit|withdrawals?|deposits?|particulars|narration|description|number|total|opening|closing"
    r"|interest|rate|home|name|rm|id|limit|cust|loan|accounts|txn|"
    r"my|your|ckyc|kyc|toll|free|secondary|primary|mode|operation|sanctioned|outstanding|tenure|amount|arrear)\b",
    re.IGNORECASE,
)
LABEL = re.compile(
    r"(?:account|a/c|branch|customer|cust|address|date|currency|statement|ifsc?|micr|nominee|joint|e-?mail"
    r"|phone|mobile|city|"
    r"status|type|cif|crn|period|from|opening|closing|scheme|home|pan|dob)\b.*", re.IGNORECASE)  # fmt: skip
_RANGE = r"\s*(?:to|till|until|through|thru|and|[-\u2013\u2014])\s*(?:date\s*)?:?\s*"
_FROM = re.compile(r"\b(?:from|between|period|statement for|for)\b(?: date)?\s*:?\s*", re.IGNORECASE)
_STATED = (
    r" bal(?:ance)?(?: on [^:]{6,12})?\s*(?:\([^)]*\))?[:\s]*(?:rs\.?|inr|₹)?\s*"
    r"(?P<amount>-?[\d,]+\.\d{2}(?:\s?[cd]r)?)"
)
_OPENING = re.compile("opening" + _STATED, re.IGNORECASE)
_CLOSING = re.compile("closing" + _STATED, re.IGNORECASE)
_CURRENCY = re.compile(r"\bcurrency\b\s*(?:code)?\s*[:\-]*\s*(?P<code>[A-Z]{3})\b", re.IGNORECASE)
KINDS = (
    (LOAN, re.compile(r"\b(?:DL/TL|TL|loan) account\b|\bloan (?:a/c|account)|account type\s*:?\s*(?:home "
    r"|personal |car )?loan", re.IGNORECASE)),
    (SAVINGS, re.compile(r"\bsavings?\b|\bSB\b ?-?(?:a/c|account|gen)", re.IGNORECASE)),
    (CURRENT, re.compile(r"\bcurrent (?:a/c|account)|\bCA\b ?-?(?:a/c|account)|\bcash credit\b"
    r"|\boverdraft account", re.IGNORECASE)),
)  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """What a statement states; None where it does not. `number` is as printed, masked or not.

    `holders` are names that are labelled as the holder's; `names` what else on it could be one.
    """

    bank: str | None = None
    number: str | None = None
    ifsc: str | None = None
    account_type: str = UNKNOWN
    holders: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    period: tuple[date, date] | None = None
    opening: Money | None = None
    closing: Money | None = None
    currency: str = "INR"

    @property
    def masked_number(self) -> str:
        """The account number with no more than its last four digits."""
        return f"XXXX{self.last4}" if self.last4 else ""

    @property
    def last4(self) -> str:
        digits = re.search(r"\d{3,4}$", (self.number or "")[-4:])
        return digits[0] if digits else ""

    def or_else(self, other: "Facts") -> "Facts":
        """These facts, with what is missing taken from `other`."""
        return replace(self, **{name: value for name, value in vars(other).items() if self._lacks(name)})

    def of_same_person(self, other: "Facts") -> "Facts":
        """These facts of a further account, with what is said once for all of them taken from `other`."""
        shared = ("bank", "holders", "names", "period")
        return replace(self, **{name: getattr(other, name) for name in shared if self._lacks(name)})

    def _lacks(self, name: str) -> bool:
        return getattr(self, name) in (None, (), UNKNOWN)


def read_facts(before: Sequence[Line], whole: Sequence[Line] = ()) -> Facts:
    """Facts out of the lines before a table; bank and balances also from `whole`, all that is no row."""
    texts = [line.text for line in before]
    joined, everything = "\n".join(texts), "\n".join(line.text for line in (*before, *whole))
    ifsc = _ifsc(texts)
    return Facts(
        bank=bank_of_ifsc(ifsc) if ifsc else bank_named_in(everything),
        number=_number(texts),
        ifsc=ifsc,
        account_type=kind_of(joined),
        holders=_holders(texts),
        names=_names(texts),
        period=_period(joined) or _period(everything),
        opening=_balance(_OPENING, everything),
        closing=_balance(_CLOSING, everything),
        currency=_currency(joined),
    )


def kind_of(text: str) -> str:
    """SAVINGS, CURRENT, LOAN or UNKNOWN: the one that is named last before the table."""
    found = [(match.start(), kind) for kind, pattern in KINDS for match in pattern.finditer(text)]
    return max(found)[1] if found else UNKNOWN


def _ifsc(texts: Sequence[str]) -> str | None:
    labelled = [text for text in texts if re.search(r"\bIFSC?\b|IFS code", text, re.IGNORECASE)]
    found = [code[1] for text in (*labelled, *texts) for code in [IFSC.search(text)] if code]
    return found[0] if found else None


def _number(texts: Sequence[str]) -> str | None:
    """The account number: labelled, else the only long number that stands alone."""
    for text in texts:
        for found in ACCOUNT.finditer(text):
            number = re.sub(r"[\s-]", "", found["number"])
            if len(number) >= 6 and len(re.sub(r"\D", "", number)) >= 3 and not date_in(found["number"]):
                return number
    lone = [found["number"] for text in texts for found in LONE_NUMBER.finditer(text)]
    lone += [word for text in texts for word in text.split() if re.fullmatch(r"[Xx*]{4,}\d{4}", word)]
    return lone[0] if lone else None


def _holders(texts: Sequence[str]) -> tuple[str, ...]:
    found = [_name(match["name"]) for text in texts for match in HOLDER.finditer(text)]
    found += [_name(match["name"]) for text in texts for match in [TITLED.match(text.strip())] if match]
    return tuple(dict.fromkeys(name for name in found if name))[:NAMES_MAX]


def _name(text: str) -> str | None:
    """A person's name cut free of the label that follows it on the line."""
    words = []
    for word in re.split(r"[ ]+", text.strip(" .,:-")):
        if LABEL.fullmatch(word) or len(words) == 6:
            break
        words.append(word)
    name = " ".join(words).strip(" .,")
    return name if len(re.findall(r"[A-Za-z]", name)) >= 3 else None


def _names(texts: Sequence[str]) -> tuple[str, ...]:
    """Lines that could be somebody's name; the holder's usually stands first."""
    alone = (text.strip() for text in texts)
    found = (
        text for text in alone if PLAIN_NAME.fullmatch(text) and len(text) >= 5 and not NO_NAME.search(text)
    )
    return tuple(dict.fromkeys(found))[:NAMES_MAX]


def _period(text: str) -> tuple[date, date] | None:
    """The first two dates that are joined as a range, after a word such as `from` where there is one."""
    dates = list(DATE.finditer(text))
    ranges = []
    for one, two in pairwise(dates):
        between = text[one.end() : two.start()]
        if re.fullmatch(_RANGE, between, re.IGNORECASE):
            span = date_in(one[0]), date_in(two[0])
            if None not in span and span[0] <= span[1]:
                said = _FROM.search(text[max(0, one.start() - 25) : one.start()]) is not None
                ranges.append((not said, one.start(), span))
    return min(ranges)[2] if ranges else None


def _balance(pattern: re.Pattern[str], text: str) -> Money | None:
    """A balance that is stated once, or always the same."""
    found = {found["amount"] for found in pattern.finditer(text)}
    return money_of(found.pop()) if len(found) == 1 else None


def _currency(text: str) -> str:
    found = _CURRENCY.search(text)
    return found["code"].upper() if found and found["code"].upper() != "COD" else "INR"


def named(facts: Iterable[Facts]) -> list[str]:
    """Every name that the statement gives as a holder's, else every name it could be."""
    facts = list(facts)
    holders = [name for fact in facts for name in fact.holders]
    return holders or [name for fact in facts for name in fact.names]


def decimal_of(money: Money | None) -> Decimal | None:
    """A stated balance with its sign: Dr is owed to the bank."""
    if money is None:
        return None
    return -abs(money.value) if money.side == "DR" else money.value
