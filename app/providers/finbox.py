"""FinBox BankConnect: analysis of bank statements in a session: opened, given a file, started, read.

Sources: FinBox's public documentation (paths, headers, error shape, codes, the report). Assumed: the names of the
form fields of the upload without a page (`session_id`, `file`, `pdf_password`), and that progress is told by
`session_progress` or `insights_available`.
"""

from collections.abc import Mapping
from typing import Any

from app.providers.analyser import AnalyserClient, StatementFile, report, upload
from app.providers.errors import ProviderUnauthorised
from app.providers.fields import FieldError, Fields
from app.providers.wire import Answer, Operation, multipart, operations

NOT_YET = frozenset({"PROCESSING_NOT_COMPLETED", "PROCESSING_NOT_REQUESTED"})
DENIED = frozenset({"ACCESS_DENIED", "PAYMENT_REQUIRED"})


class FinboxClient(AnalyserClient):
    """Credentials: api_key, server_hash."""

    provider = "finbox"
    operations = operations(
        Operation("create_session", "POST", "/v2/session/", idempotent=True),
        upload("/v1/statement/upload_session/"),
        Operation("start", "POST", "/v1/session_data/{session_id}/initiate_processing/", idempotent=True),
        Operation("progress", "GET", "/v1/session_data/{session_id}/progress/", idempotent=True),
        report("insights", "GET", "/v1/session_data/{session_id}/insights/"),
    )

    def submit_statement(self, file: StatementFile) -> str:
        """Open a session, give it the statement, start it; the session to read from."""
        body = {"link_id": file.name.partition(".")[0], "mode": "pdf", "accept_anything": True}
        body |= {"metadata": {"names": [file.holder]}} if file.holder else {}
        session_id = self.call(
            "create_session", lambda answer: answer.fields.identifier("session_id"), json=body
        )
        fields = {"session_id": session_id} | ({"pdf_password": file.password} if file.password else {})
        form = multipart(fields, {"file": (file.name, file.data)})
        self.call("upload", lambda answer: answer.fields, content=form)
        self.call("start", lambda answer: None, path={"session_id": session_id})
        return session_id

    def statement_report(self, reference: str) -> Mapping[str, Any] | None:
        """The insights of a session; None while it is at work."""
        path = {"session_id": reference}
        if not self.call("progress", _is_done, path=path):
            return None
        return self.call("insights", lambda answer: answer.fields.data, path=path)

    def headers(self, operation: Operation, body: bytes | None) -> dict[str, str]:
        credentials = self.settings.credentials
        return {"x-api-key": credentials["api_key"], "server-hash": credentials["server_hash"]}

    def reason(self, answer: Answer) -> str:
        try:
            said = _error(answer.fields).text("message", "") or answer.fields.text("detail", "")
            return said or f"HTTP {answer.status}"
        except FieldError:
            return f"HTTP {answer.status}"

    def check(self, operation: Operation, answer: Answer) -> None:
        if not 400 <= answer.status < 500 or answer.status in (401, 429):
            super().check(operation, answer)
            return
        code = _error(answer.fields).identifier("code", str(answer.status))
        if code in DENIED:
            raise ProviderUnauthorised(self.provider, operation.name, f"{code}: {self.reason(answer)}")
        if code in NOT_YET:
            raise self.unavailable(operation, code, may_have_happened=False)
        raise self.rejected(operation, code, self.reason(answer))


def _error(fields: Fields) -> Fields:
    return fields.child("error") if isinstance(fields.data.get("error"), Mapping) else fields


def _is_done(answer: Answer) -> bool:
    fields = answer.fields
    return fields.boolean("insights_available", False) or fields.text("session_progress", "") == "completed"
