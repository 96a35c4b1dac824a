"""What the clients of all statement analysers share: a file in, a report out once it is made.

An analysis is paid for by the file, so no client sends one twice by itself; asking for the report may be repeated. The
report is JSON as it came: `pipelines.statements.vendors` reads it.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.providers.base import ProviderClient
from app.providers.wire import Operation

TIMEOUT_S = 60
REPORT_BYTES_MAX = 50_000_000


@dataclass(frozen=True)
class StatementFile:
    """A statement and what is known of it: the bank's name, whose account it is, the password that opens it."""

    data: bytes = field(repr=False)
    name: str
    bank: str | None = None
    password: str | None = field(default=None, repr=False)
    holder: str | None = None


class AnalyserClient(ProviderClient, ABC):
    """Sent a file, asked until the report is there."""

    @abstractmethod
    def submit_statement(self, file: StatementFile) -> str:
        """Send a statement; the reference to ask for its report with. Raises ProviderError."""

    @abstractmethod
    def statement_report(self, reference: str) -> Mapping[str, Any] | None:
        """The report; None while it is being made. Raises ProviderRejected when there will be none."""


def upload(path: str) -> Operation:
    """Where the file goes."""
    return Operation("upload", "POST", path, idempotent=False, timeout_s=TIMEOUT_S)


def report(name: str, method: str, path: str) -> Operation:
    """Where the report comes from: a document of any length."""
    return Operation(
        name,
        method,
        path,
        idempotent=True,
        timeout_s=TIMEOUT_S,
        answer_bytes_max=REPORT_BYTES_MAX,
        answer_is_document=True,
    )
