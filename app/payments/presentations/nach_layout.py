"""Files of NACH debits in records of 306 letters: the input file that goes to the sponsor bank, and what comes back.

Pure: values in, bytes out, and the other way round. Source: the lengths and constants that programs in public use for
the input files of three sponsor banks (docs/providers.md says what is assumed). A response is the same record with flag
and reason filled in.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

WIDTH = 306
_END = b"\r\n"
# what one debit may be at NACH, in rupees
AMOUNT_MAX = Decimal("10000000.00")


@dataclass(frozen=True)
class Field:
    """A part of a record: digits are filled with zeros from the left, text with spaces to the right. Text is cut only
    where `is_cut`, as names are; anything else that is too long is refused."""

    name: str
    width: int
    value: str = ""
    is_number: bool = False
    is_cut: bool = False

    def written(self, value: Any) -> str:
        """The letters of the field. Raises ValueError where a value does not fit."""
        text = _plain(str(self.value if value is None else value))
        text = text[: self.width] if self.is_cut else text
        if len(text) > self.width or (self.is_number and not text.isdecimal()):
            raise ValueError(f"{self.name} does not fit into {self.width} letters")
        return text.zfill(self.width) if self.is_number else text.ljust(self.width)


def _plain(text: str) -> str:
    """Capital letters, digits and spaces: what banks take."""
    ascii_ = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().upper()
    return "".join(char if char.isalnum() else " " for char in ascii_)


HEADER = (
    Field("transaction_code", 2, "56"),
    Field("control", 7),
    Field("user_name", 40, is_cut=True),
    Field("control", 14),
    Field("file_number", 9),
    Field("control", 9),
    Field("control", 15),
    Field("ledger_folio", 3),
    Field("item_amount_max", 13, is_number=True),
    Field("total_amount", 13, is_number=True),
    Field("settlement_date", 8, is_number=True),
    Field("item_sequence", 10),
    Field("checksum", 10),
    Field("filler", 3),
    Field("utility_code", 18),
    Field("user_reference", 18, "0", is_number=True),
    Field("sponsor_ifsc", 11),
    Field("user_account", 35),
    Field("total_items", 9, is_number=True),
    Field("settlement_cycle", 2),
    Field("filler", 57),
)
RECORD = (
    Field("transaction_code", 2, "67"),
    Field("control", 9),
    Field("account_type", 2, "10"),
    Field("ledger_folio", 3),
    Field("control", 15),
    Field("holder_name", 40, is_cut=True),
    Field("control", 9),
    Field("control", 7),
    Field("user_name", 20, is_cut=True),
    Field("control", 13),
    Field("amount", 13, is_number=True),
    Field("item_sequence", 10),
    Field("checksum", 10),
    Field("flag", 1),
    Field("reason", 2),
    Field("ifsc", 11),
    Field("account_number", 35),
    Field("sponsor_ifsc", 11),
    Field("utility_code", 18),
    Field("reference", 30),
    Field("product", 3, "10"),
    Field("aadhaar", 15),
    Field("umrn", 20),
    Field("filler", 7),
)


@dataclass(frozen=True)
class User:
    """Who debits, as the sponsor bank knows them."""

    name: str
    utility_code: str
    sponsor_ifsc: str
    account_number: str = ""


@dataclass(frozen=True)
class Item:
    """One debit, of `amount` rupees."""

    reference: str
    holder_name: str
    account_number: str
    ifsc: str
    umrn: str
    amount: Decimal


@dataclass(frozen=True)
class Answer:
    """What a record of a response says: `flag` is 1 for paid, 0 and 2 for returned, 3 while it waits."""

    line_no: int
    reference: str
    amount: Decimal
    flag: str
    reason: str
    item_sequence: str


def paise(amount: Decimal) -> int:
    """Rupees in paise. Raises ValueError for what is no whole number of them, or more than NACH takes."""
    whole = amount * 100
    if whole != whole.to_integral_value() or not 0 < amount <= AMOUNT_MAX:
        raise ValueError(f"{amount} cannot be debited")
    return int(whole)


def write(user: User, settle_on: date, items: Iterable[Item]) -> bytes:
    """The input file of a day: the header with how many records there are and their sum, and a record a debit. Raises
    ValueError where something does not fit."""
    records, total = [], 0
    for item in items:
        total += paise(item.amount)
        records.append(_line(RECORD, _values(user, item)))
    head = {
        "user_name": user.name,
        "item_amount_max": paise(AMOUNT_MAX),
        "total_amount": total,
        "settlement_date": f"{settle_on:%d%m%Y}",
        "utility_code": user.utility_code,
        "sponsor_ifsc": user.sponsor_ifsc,
        "user_account": user.account_number,
        "total_items": len(records),
    }
    return b"".join(line + _END for line in (_line(HEADER, head), *records))


def _values(user: User, item: Item) -> dict[str, Any]:
    return {
        "holder_name": item.holder_name,
        "user_name": user.name,
        "amount": paise(item.amount),
        "ifsc": item.ifsc,
        "account_number": item.account_number,
        "sponsor_ifsc": user.sponsor_ifsc,
        "utility_code": user.utility_code,
        "reference": item.reference,
        "umrn": item.umrn,
    }


def _line(layout: tuple[Field, ...], values: Mapping[str, Any]) -> bytes:
    return "".join(field.written(values.get(field.name)) for field in layout).encode("ascii")


def is_response(data: bytes) -> bool:
    """Whether these are records of 306 letters, and not a table."""
    return data.startswith(HEADER[0].value.encode()) and len(data.splitlines()[0]) >= WIDTH - HEADER[-1].width


def read(data: bytes) -> Iterator[Answer]:
    """The records of a response below its header. Raises ValueError, with the line, where one cannot be read."""
    for line_no, line in enumerate(data.decode("ascii").splitlines(), 1):
        if line_no == 1 or not line.strip():
            continue
        told = _parts(line)
        if not line.isprintable():
            raise ValueError(f"line {line_no} holds what is no letter")
        if told["transaction_code"] != RECORD[0].value or not told["amount"].isdecimal():
            raise ValueError(f"line {line_no} is no record of a debit")
        amount = Decimal(told["amount"]) / 100
        yield Answer(line_no, told["reference"], amount, told["flag"], told["reason"], told["item_sequence"])


def _parts(line: str) -> dict[str, str]:
    parts, start = {}, 0
    for field in RECORD:
        parts[field.name] = line[start : start + field.width].strip()
        start += field.width
    return parts
