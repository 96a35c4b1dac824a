"""Faults on purpose: which call or webhook of which provider goes wrong next, and how."""

import re
import threading
from dataclasses import dataclass

CALL_FAULTS = frozenset({"timeout", "500", "malformed", "unauthorised", "bad_signature"})
WEBHOOK_FAULTS = frozenset({"late", "duplicate", "out_of_order", "no_webhook"})
FAULTS_MAX = 10_000

_MAGIC_PAN = re.compile(r"\bZZZ[A-Z]{2}\d{4}([TEMU])\b")
_MAGIC_FAULTS = {"T": "timeout", "E": "500", "M": "malformed", "U": "unauthorised"}
# Paise, as webhooks show amounts: Rs 100.92 is 10092.
_MAGIC_AMOUNT = re.compile(r'"amount": \d+(9[1-4])\b')
_MAGIC_WEBHOOKS = {"91": "late", "92": "duplicate", "93": "out_of_order", "94": "no_webhook"}


@dataclass
class Fault:
    """The next `times` calls of an operation (any, when None) whose body holds `match` go wrong."""

    provider: str
    fault: str
    operation: str | None = None
    match: str = ""
    times: int = 1

    def fits(self, provider: str, operation: str, body: str) -> bool:
        return (
            self.provider == provider
            and self.operation in (None, operation)
            and self.match in body
            and self.times > 0
        )


class Faults:
    """The faults that are set and not used up yet."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._faults = [*self._faults, fault][-FAULTS_MAX:]

    def clear(self) -> None:
        with self._lock:
            self._faults = []

    def take(self, kinds: frozenset[str], provider: str, operation: str, body: str) -> str | None:
        """The fault that this call or webhook meets, used up by one; None when all is well."""
        with self._lock:
            for fault in self._faults:
                if fault.fault in kinds and fault.fits(provider, operation, body):
                    fault.times -= 1
                    self._faults = [f for f in self._faults if f.times > 0]
                    return fault.fault
        return None


def magic_fault(body: str) -> str | None:
    """The fault that a magic PAN anywhere in the body asks for."""
    found = _MAGIC_PAN.search(body)
    return _MAGIC_FAULTS[found[1]] if found else None


def magic_webhook_fault(body: str) -> str | None:
    """The fault that the paise of an amount in a webhook ask for."""
    found = _MAGIC_AMOUNT.search(body)
    return _MAGIC_WEBHOOKS[found[1]] if found else None
