"""The mailbox of the sandbox: every SMS and mail that its twins accepted, for people and tests to read."""

import re
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

KEPT_MAX = 10_000


@dataclass(frozen=True)
class Message:
    """One message as its receiver would see it; to is ten digits for SMS, an address for mail."""

    provider: str
    channel: str
    to: str
    text: str
    subject: str = ""
    template_id: str = ""
    variables: dict[str, Any] = field(default_factory=dict)
    attachments: Sequence[dict[str, Any]] = ()
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def shown(self) -> dict[str, Any]:
        return {
            "provider": self.provider,
            "channel": self.channel,
            "to": self.to,
            "subject": self.subject,
            "text": self.text,
            "otp": self._otp(),
            "templateId": self.template_id,
            "variables": self.variables,
            "attachments": list(self.attachments),
            "at": self.at.isoformat(),
        }

    def _otp(self) -> str | None:
        """The code in a message that speaks of an OTP."""
        found = re.search(r"\b\d{4,8}\b", self.text) if "otp" in self.text.lower() else None
        return found[0] if found else None


class Mailbox:
    """The last messages; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._messages: deque[Message] = deque(maxlen=KEPT_MAX)

    def add(self, message: Message) -> None:
        with self._lock:
            self._messages.append(message)

    def read(self, to: str | None = None) -> list[dict[str, Any]]:
        """Newest first; a phone may be asked for with or without its country code."""
        wanted = to and same_address(to)
        with self._lock:
            found = [m for m in reversed(self._messages) if wanted in (None, same_address(m.to))]
        return [message.shown() for message in found]


def same_address(to: str) -> str:
    """Phones by their last ten digits, mail addresses in lower case."""
    return to.strip().lower() if "@" in to else re.sub(r"\D", "", to)[-10:]
