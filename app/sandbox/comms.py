"""What the twins of message providers share: what becomes of a message, and the receipts that tell of it.

A number that ends with 9001 is not reached, 9002 is blocked, 9003 is never heard of; an address `bounce...@` bounces,
`drop...@` is not tried, `silent...@` is never heard of. All others get their message. Receipts go to
`<callback>/partner/brand/<brand>/messages/<provider>/receipts`; an account whose credentials name no brand gets none.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
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
# of one request in one webhook
REPORTS_MAX = 100
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
    sent, delivered, read or failed, number grows. `report(sent, status, number)` that of many of one request, for
    those who report so; `written(sent, text, number)` that of an answer to a message."""

    def __init__(
        self,
        name: str,
        *,
        receipt: Callable[[Sent, str, int], Webhook] | None = None,
        report: Callable[[Sequence[Sent], str, int], Webhook] | None = None,
        written: Callable[[Sent, str, int], Webhook] | None = None,
        **answers: Any,
    ) -> None:
        super().__init__(name, **answers)
        self._report = report or (lambda sent, status, number: receipt(sent[0], status, number))
        self._reports_max = REPORTS_MAX if report else 1
        for action in _ACTIONS:
            self.action(action)(self._telling(action))
        if written:
            self.action("write")(self._writing(written))

    def took(self, message_id: str, to: str, **more: Any) -> None:
        """Keep a message, and tell what becomes of it."""
        self.took_all(message_id, {to: more})

    def took_all(self, message_id: str, whom: Mapping[str, Mapping[str, Any]]) -> None:
        """Keep the messages of one request, and tell what becomes of them."""
        brand_id = g.get("brand_id") or ""
        sent = [Sent(message_id, to, brand_id, more) for to, more in whom.items()]
        with simulator().lock:
            # who acts on one of them means the last
            simulator().shelf(f"{self.name}.messages")[message_id] = sent[-1]
        told: dict[tuple[str, str], list[Sent]] = {}
        for each in sent:
            for status in _TOLD.get(each.fate, _DELIVERED):
                told.setdefault((status, each.fate), []).append(each)
        for (status, _fate), some in sorted(told.items(), key=lambda item: item[0][0] != "sent"):
            for start in range(0, len(some), self._reports_max):
                self._tell(some[start : start + self._reports_max], status)

    def secret_query(self, sent: Sent) -> str:
        """Who signs nothing carries the account's secret in the URL that it was given."""
        return f"?token=sandbox-{self.name}-webhook_secret-{sent.brand_id}"

    def _telling(self, action: str) -> Callable[[str, Mapping[str, Any]], ResponseReturnValue | None]:
        def tell(message_id: str, _asked: Mapping[str, Any]) -> ResponseReturnValue | None:
            with simulator().lock:
                sent = simulator().shelf(f"{self.name}.messages").get(message_id)
            if sent is None:
                return None
            self._tell([sent], _ACTIONS[action])
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

    def _tell(self, sent: Sequence[Sent], status: str) -> None:
        number = next(_numbers)
        what = status if len(sent) == 1 else f"{status}:{number}"
        self._send(sent[0], what, self._report(sent, status, number))

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
