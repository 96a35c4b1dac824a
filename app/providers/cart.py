"""CART: CARTBI of Novel Patterns, analysis of bank statements. Sent a file, asked for the report until it is there.

Sources: a published integration (paths, header, metadata, status words, keys of the report). Assumed: a refusal
is HTTP 4xx or a `status` that is none of the known words, its reason in `message`.
"""

import json
from collections.abc import Mapping
from typing import Any

from app.providers.analyser import AnalyserClient, StatementFile, report, upload
from app.providers.wire import Answer, Operation, multipart, operations

PENDING = frozenset({"Submitted", "In Progress"})
DONE = frozenset({"Processed", "Downloaded"})


class CartClient(AnalyserClient):
    """Credentials: token."""

    provider = "cart"
    reason_names = ("message",)
    operations = operations(
        upload("/api/upload"),
        report("download", "POST", "/api/downloadFile"),
    )

    def submit_statement(self, file: StatementFile) -> str:
        """As AnalyserClient; the reference is a docId."""
        about = {
            "password": file.password or "",
            "bank": file.bank or "",
            "name": file.name,
            "productType": "PL",
        }
        form = multipart({"metadata": json.dumps(about)}, {"file": (file.name, file.data)})
        return self.call("upload", lambda answer: answer.fields.identifier("docId"), content=form)

    def statement_report(self, reference: str) -> Mapping[str, Any] | None:
        """As AnalyserClient."""
        return self.call("download", _report, text=reference)

    def headers(self, operation: Operation, body: bytes | None) -> dict[str, str]:
        return {"auth-token": f"API://{self.settings.credentials['token']}"}

    def check(self, operation: Operation, answer: Answer) -> None:
        super().check(operation, answer)
        status = answer.fields.text("status")
        if status not in PENDING | DONE:
            raise self.rejected(operation, status, self.reason(answer))


def _report(answer: Answer) -> Mapping[str, Any] | None:
    return answer.data if answer.fields.text("status") in DONE and answer.fields.has("data") else None
