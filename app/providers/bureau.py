"""What the clients of all credit bureaus share: one enquiry in, one answer out.

A pull is paid for and leaves an enquiry in the person's file, so no client repeats one by itself, and whatever came
back with it is handed over, readable or not: the caller keeps the bytes before it reads them.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from app.providers.base import ProviderClient
from app.providers.fields import FieldError
from app.providers.wire import Answer, Operation

TIMEOUT_S = 45
ANSWER_BYTES_MAX = 10_000_000
PERSONAL_LOAN = "05"

# The two-digit codes of the GST list as the two letters that Equifax and CRIF write.
STATE_LETTERS: Mapping[str, str] = {
    "01": "JK", "02": "HP", "03": "PB", "04": "CH", "05": "UK", "06": "HR", "07": "DL", "08": "RJ", "09": "UP",
    "10": "BR", "11": "SK", "12": "AR", "13": "NL", "14": "MN", "15": "MZ", "16": "TR", "17": "ML", "18": "AS",
    "19": "WB", "20": "JH", "21": "OR", "22": "CG", "23": "MP", "24": "GJ", "25": "DD", "26": "DN", "27": "MH",
    "29": "KA", "30": "GA", "31": "LD", "32": "KL", "33": "TN", "34": "PY", "35": "AN", "36": "TS", "37": "AP",
    "38": "LA",
}  # fmt: skip


@dataclass(frozen=True)
class BureauEnquiry:
    """Whom we ask about and why. gender is male, female or other; state_code the two digits of the
    GST list; amount the loan asked for, in rupees; purpose a CIBIL account type code."""

    reference: str
    first_name: str
    last_name: str
    date_of_birth: date
    gender: str
    pan: str
    phone: str
    address: str
    state_code: str
    pincode: str
    amount: Decimal
    middle_name: str = ""
    city: str = ""
    purpose: str = PERSONAL_LOAN


@dataclass(frozen=True)
class BureauAnswer:
    """What a bureau sent: `body` byte for byte, `report` the same as data (fractions are Decimal).

    `report` is empty when the body is no JSON object.
    """

    report: dict[str, Any] = field(repr=False)
    body: bytes = field(repr=False)


class BureauClient(ProviderClient, ABC):
    """Every bureau's client has `consumer_pull(enquiry, today=...) -> BureauAnswer`. A person without a record
    is an answer, not an error."""

    @abstractmethod
    def consumer_pull(self, enquiry: BureauEnquiry, *, today: date) -> BureauAnswer:
        """Pull a credit report. Raises ProviderError."""

    @classmethod
    def reread(cls, body: bytes) -> BureauAnswer:
        """An answer that was kept, as it was handed over then."""
        return read_answer(Answer(200, {}, body))


def consumer_pull_at(path: str) -> Operation:
    """Where a report is pulled. Paid for, and an enquiry in the person's file: never repeated by itself."""
    return Operation(
        "consumer_pull",
        "POST",
        path,
        idempotent=False,
        timeout_s=TIMEOUT_S,
        answer_bytes_max=ANSWER_BYTES_MAX,
        answer_is_document=True,
    )


def read_answer(answer: Answer) -> BureauAnswer:
    """The answer as it is; what is in it is read by the bureau pipeline."""
    return BureauAnswer(json_object(answer), answer.body)


def json_object(answer: Answer) -> dict[str, Any]:
    """The body as a JSON object, empty when it is none."""
    try:
        data = answer.data
    except (FieldError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}
