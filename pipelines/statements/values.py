"""Dates and amounts as Indian banks print them."""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

CREDIT, DEBIT = "CR", "DR"
EARLIEST, LATEST = date(2000, 1, 1), date(2099, 12, 31)
EXCEL_EPOCH = date(1899, 12, 30)
DIGITS_MAX = 14
VALUE_DIGITS_MAX = 11  # before the point; nobody's statement states more

MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_MONTH = (
    r"(?P<{m}>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_TIME = r"(?:[T\s,:]+\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:\.\d+)?)?\s?(?:[ap]\.?m\.?)?(?:\s?[+-]\d{2}:?\d{2}|Z)?)?"
_FORMS = (
    r"(?P<y1>\d{4})[-/.](?P<m1>\d{1,2})[-/.](?P<d1>\d{1,2})",
    r"(?P<d2>\d{1,2})(?:st|nd|rd|th)?[-/. ,]{0,2}"
    + _MONTH.format(m="m2")
    + r"[-/. ,']{0,3}(?P<y2>\d{4}|\d{2}(?!,? (?:19|20)\d{2}\b))",
    _MONTH.format(m="m3") + r"[. ]{1,2}(?P<d3>\d{1,2})(?:st|nd|rd|th)?[, ]{1,2}(?P<y3>\d{4})",
    r"(?P<d4>\d{1,2})\s?[-/.]\s?(?P<m4>\d{1,2})\s?[-/.]\s?(?P<y4>\d{4}|\d{2})",
    r"(?P<y5>\d{4})-?" + _MONTH.format(m="m5") + r"-?(?P<d5>\d{1,2})",
)
DATE = re.compile(rf"(?<![\w./-])(?:{'|'.join(_FORMS)})(?![\d/-]){_TIME}", re.IGNORECASE)
_COMPACT = re.compile(r"(?P<y>20\d{2})(?P<m>\d{2})(?P<d>\d{2})")

# With decimals an amount is known anywhere; without, only where an amount is expected.
_CURRENCY = r"(?:(?:rs|inr|`|₹|\u20b9)\.?\s?)?"
_SIDE = r"(?:\s?\(?(?P<side>cr|dr|credit|debit|c|d)\.?\)?)?"
_FIGURE = r"(?P<figure>(?:\d{1,3}(?:,\d{2,3})+|\d+)(?:\.\d{1,2})?|\.\d{1,2})"
AMOUNT = re.compile(
    rf"(?P<open>\()?(?P<sign>[-+])?\s?{_CURRENCY}(?P<sign2>[-+])?\s?{_FIGURE}(?P<close>\))?(?P<after>[-+])?{_SIDE}",
    re.IGNORECASE,
)
SURE_AMOUNT = re.compile(r"[(+-]?(?:rs\.?|inr|₹)?[+-]?(?:\d{1,3}(?:,\d{2,3})*|\d+)\.\d{2}\)?[-+]?"
                         r"(?:\(?(?:cr|dr)\.?\)?)?", re.IGNORECASE)  # fmt: skip
BLANK = re.compile(r"(?:[-\u2013\u2014_.]+|nil|null|na|n/a|none)", re.IGNORECASE)
SIDE_WORD = re.compile(r"\(?(?P<side>cr|dr|c|d|credit|debit|deposit|withdrawal)\.?\)?", re.IGNORECASE)
_SIDES = {"c": CREDIT, "cr": CREDIT, "credit": CREDIT, "deposit": CREDIT,
          "d": DEBIT, "dr": DEBIT, "debit": DEBIT, "withdrawal": DEBIT}  # fmt: skip


class Money(NamedTuple):
    """An amount as printed: its signed value in rupees, and CR or DR where that stood beside it."""

    value: Decimal
    side: str | None = None


class DateOrder(NamedTuple):
    """How the parts of numeric dates are ordered in a statement."""

    month_first: bool = False


def date_in(text: str, order: DateOrder = DateOrder()) -> date | None:  # noqa: B008 - immutable
    """The date with which the text begins; None where there is none."""
    found = DATE.match(text.strip())
    return _date_of(found, order) if found else None


def whole_date(text: str, order: DateOrder = DateOrder()) -> date | None:  # noqa: B008 - immutable
    """The date that the whole text is, possibly with a time of day; a spreadsheet's day number too."""
    text = text.strip()
    found = DATE.fullmatch(text)
    if found:
        return _date_of(found, order)
    if re.fullmatch(r"[2-6]\d{4}(?:\.\d+)?", text):
        return EXCEL_EPOCH + timedelta(days=int(text[:5]))
    compact = _COMPACT.fullmatch(text)
    return _calendar(*(int(compact[part]) for part in "ymd")) if compact else None


def _date_of(found: re.Match[str], order: DateOrder) -> date | None:
    number = next(n for n in range(1, len(_FORMS) + 1) if found[f"d{n}"])
    day, month, year = found[f"d{number}"], found[f"m{number}"], int(found[f"y{number}"])
    month = MONTHS.get(month[:3].lower()) or int(month)
    if number == 4 and order.month_first:
        day, month = str(month), int(day)
    return _calendar(year + 2000 if year < 100 else year, month, int(day))


def _calendar(year: int, month: int, day: int) -> date | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found if EARLIEST <= found <= LATEST else None


def date_order(texts: Iterable[str]) -> DateOrder:
    """Day first, unless the dates of a statement only make sense the other way round."""
    texts = list(texts)
    day_first, month_first = (
        sum(date_in(text, order) is not None for text in texts) for order in (DateOrder(), DateOrder(True))
    )
    return DateOrder(month_first > day_first)


def money_of(text: str) -> Money | None:
    """The amount that the whole text is; None for anything else, also for blanks such as `-`."""
    text = " ".join(text.split())
    found = AMOUNT.fullmatch(text)
    if not found or len(found["figure"].replace(",", "")) > DIGITS_MAX + 3:
        return None
    value = Decimal(found["figure"].replace(",", ""))
    if "-" in (found["sign"], found["sign2"], found["after"]) or (found["open"] and found["close"]):
        value = -value
    if value.adjusted() >= VALUE_DIGITS_MAX:
        return None
    return Money(value.quantize(Decimal("0.01")), side_of(found["side"]))


def is_blank(text: str) -> bool:
    """Whether a cell says that it is empty."""
    return not text.strip() or BLANK.fullmatch(text.strip()) is not None


def side_of(text: str | None) -> str | None:
    """CR or DR out of the words that banks use for them."""
    found = SIDE_WORD.fullmatch((text or "").strip())
    return _SIDES[found["side"].lower()] if found else None
