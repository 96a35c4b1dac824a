"""What the twins of message providers share: what becomes of a message, and the receipts that tell of it.

A number that ends with 9001 is not reached, 9002 is blocked, 9003 is never heard of; an address `bounce...@` bounces,
`drop...@` is not tried, `silent...@` is never heard of. All others get their message. Receipts go to
`<callback>/partner/brand/<brand>/messages/<provider>/receipts`; an account whose credentials name no brand gets none.
"""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import g
from flask.typing import ResponseReturnValue

from app.sandbox.base import Twin, answer, send_webhook, simulator

_NUMBERS = {"9001": "unreachable", "9002": "blocked", "9003": "silent"}
_ADDRESSES = {"bounce": "unreachable", "drop": "blocked", "silent": "silent"}
# What is told of a message, one receipt each.
_TOLD = {"unreachable": ("failed",), "blocked": ("failed",), "silent": ()}
_DELIVERED = ("sent", "delivered")
_ACTIONS = {"deliver": "delivered", "read": "read", "fail": "failed"}
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Sent:
    """A message that a twin took: number or address, and how the provider shows it in a receipt."""

    id: str
    to: str
    brand_id: str
    more: Mapping[str, Any]

    @property
    def fate(self) -> str:
        if "@" not in self.to:
            return _NUMBERS.get(self.to[-4:], "delivered")
        found = (fate for word, fate in _ADDRESSES.items() if self.to.lower().startswith(word))
        return next(found, "delivered")

    @property
    def is_blocked(self) -> bool:
        return self.fate == "blocked"


@dataclass(frozen=True)
class Webhook:
    """A receipt as it goes out; query is what the registered URL ends with."""

    body: bytes
    headers: Mapping[str, str]
    query: str = ""


class MessageTwin(Twin):
    """A twin that tells of its messages. `receipt(sent, status, number)` writes the webhook of one receipt: status is
    sent, delivered, read or failed, number grows. `written(sent, text, number)` that of an answer to a message."""

    def __init__(
        self,
        name: str,
        *,
        receipt: Callable[[Sent, str, int], Webhook],
        written: Callable[[Sent, str, int], Webhook] | None = None,
        **answers: Any,
    ) -> None:
        super().__init__(name, **answers)
        self._receipt = receipt
        for action in _ACTIONS:
            self.action(action)(self._telling(action))
        if written:
            self.action("write")(self._writing(written))

    def took(self, message_id: str, to: str, **more: Any) -> None:
        """Keep a message, and tell what becomes of it."""
        sent = Sent(message_id, to, g.get("brand_id") or "", more)
        with simulator().lock:
            simulator().shelf(f"{self.name}.messages")[message_id] = sent
        for status in _TOLD.get(sent.fate, _DELIVERED):
            self._tell(sent, status)

    def secret_query(self, sent: Sent) -> str:
        """Who signs nothing carries the account's secret in the URL that it was given."""
        return f"?token=sandbox-{self.name}-webhook_secret-{sent.brand_id}"

    def _telling(self, action: str) -> Callable[[str, Mapping[str, Any]], ResponseReturnValue | None]:
        def tell(message_id: str, _asked: Mapping[str, Any]) -> ResponseReturnValue | None:
            with simulator().lock:
                sent = simulator().shelf(f"{self.name}.messages").get(message_id)
            if sent is None:
                return None
            self._tell(sent, _ACTIONS[action])
            return answer({"id": sent.id, "told": _ACTIONS[action]}, 202)

        return tell

    def _writing(
        self, written: Callable[[Sent, str, int], Webhook]
    ) -> Callable[[str, Mapping[str, Any]], ResponseReturnValue | None]:
        def write(message_id: str, asked: Mapping[str, Any]) -> ResponseReturnValue | None:
            with simulator().lock:
                sent = simulator().shelf(f"{self.name}.messages").get(message_id)
            if sent is None:
                return None
            number = next(_numbers)
            self._send(sent, f"write:{number}", written(sent, str(asked.get("text", "")), number))
            return answer({"id": sent.id, "told": "written"}, 202)

        return write

    def _tell(self, sent: Sent, status: str) -> None:
        self._send(sent, status, self._receipt(sent, status, next(_numbers)))

    def _send(self, sent: Sent, what: str, webhook: Webhook) -> None:
        if not sent.brand_id:
            return
        path = f"/partner/brand/{sent.brand_id}/messages/{self.name}/receipts{webhook.query}"
        send_webhook(
            simulator().callback_url + path,
            webhook.body,
            webhook.headers,
            provider=self.name,
            event_id=f"{sent.id}:{what}",
            operation=what.partition(":")[0],
        )
