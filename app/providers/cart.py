"""CART: CARTBI of Novel Patterns, analysis of bank statements. Sent a file, asked for the report until it is there.

Sources: a published integration (paths, header, metadata, status words, keys of the report). Assumed: a refusal
is HTTP 4xx or a `status` that is none of the known words, its reason in `message`.
"""

import json
from collections.abc import Mapping
from typing import Any

from app.providers.base import Answer, Operation, ProviderClient, multipart, operations
from app.providers.fields import FieldError

PENDING = frozenset({"Submitted", "In Progress"})
DONE = frozenset({"Processed", "Downloaded"})


class CartClient(ProviderClient):
    """Credentials: token."""

    provider = "cart"
    operations = operations(
        # sent twice it is analysed, and paid for, twice
        Operation("upload", "POST", "/api/upload", idempotent=False, timeout_s=60),
        Operation(
            "download",
            "POST",
            "/api/downloadFile",
            idempotent=True,
            timeout_s=60,
            answer_bytes_max=50_000_000,
            answer_is_document=True,
        ),
    )

    def submit_statement(
        self,
        data: bytes,
        *,
        name: str,
        bank: str | None = None,
        password: str | None = None,
        holder: str | None = None,
    ) -> str:
        """Send a statement; the id to ask for its report with."""
        metadata = {"password": password or "", "bank": bank or "", "name": name, "productType": "PL"}
        form = multipart({"metadata": json.dumps(metadata)}, {"file": (name, data)})
        return self.call("upload", lambda answer: answer.fields.identifier("docId"), content=form)

    def statement_report(self, reference: str) -> Mapping[str, Any] | None:
        """The report; None while it is being made. Raises ProviderRejected when there will be none."""
        return self.call("download", _report, text=reference)

    def headers(self, operation: Operation, body: bytes | None) -> dict[str, str]:
        return {"auth-token": f"API://{self.settings.credentials['token']}"}

    def reason(self, answer: Answer) -> str:
        try:
            return answer.fields.text("message", "") or f"HTTP {answer.status}"
        except FieldError:
            return f"HTTP {answer.status}"

    def check(self, operation: Operation, answer: Answer) -> None:
        super().check(operation, answer)
        status = answer.fields.text("status")
        if status not in PENDING | DONE:
            raise self.rejected(operation, status, self.reason(answer))


def _report(answer: Answer) -> Mapping[str, Any] | None:
    return answer.data if answer.fields.text("status") in DONE and answer.fields.has("data") else None
