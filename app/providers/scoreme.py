"""ScoreMe BSA: analysis of bank statements. Sent a file, asked for the report until it names where the report lies.

Sources: a published integration (paths, headers, response codes SRS016 and SRC001, jsonUrl and excelUrl). Not
public: the report's own fields, and how pending and failure are told. Assumed: an SRC001 without `jsonUrl`, and the
code SRS016, mean that it is being made; every other code is a refusal.
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from app.providers.analyser import AnalyserClient, StatementFile, report, upload
from app.providers.errors import ProviderMalformed
from app.providers.wire import Answer, Operation, multipart, operations

DONE, ACCEPTED = "SRC001", "SRS016"


class ScoremeClient(AnalyserClient):
    """Credentials: client_id, client_secret."""

    provider = "scoreme"
    reason_names = ("responseMessage",)
    operations = operations(
        upload("/bsa/external/uploadbankstatement/sgb"),
        Operation("report", "GET", "/bsa/external/getbsareport/", idempotent=True),
        report("download", "GET", ""),
    )

    def submit_statement(self, file: StatementFile) -> str:
        """As AnalyserClient."""
        about = {"entityType": "INDIVIDUAL", "accountType": "SAVINGS", "bankCode": file.bank or ""}
        about |= {"password": file.password} if file.password else {}
        form = multipart({"data": json.dumps(about)}, {"file": (file.name, file.data)})
        return self.call(
            "upload", lambda answer: answer.fields.child("data").identifier("referenceId"), content=form
        )

    def statement_report(self, reference: str) -> Mapping[str, Any] | None:
        """As AnalyserClient."""
        url = self.call("report", _json_url, params={"referenceId": reference})
        if url is None:
            return None
        own = urlsplit(self.settings.base_url)
        if urlsplit(url)[:2] != own[:2]:
            # our credentials go with the download: to nobody but the provider itself
            raise ProviderMalformed(
                self.provider, "report", "data.jsonUrl", "is not on the provider's own host"
            )
        return self.call("download", lambda answer: answer.fields.data, url=url)

    def headers(self, operation: Operation, body: bytes | None) -> dict[str, str]:
        credentials = self.settings.credentials
        return {"clientId": credentials["client_id"], "clientSecret": credentials["client_secret"]}

    def check(self, operation: Operation, answer: Answer) -> None:
        super().check(operation, answer)
        if operation.name == "download":
            return
        code = answer.fields.identifier("responseCode")
        if code not in (DONE, ACCEPTED):
            raise self.rejected(operation, code, self.reason(answer))


def _json_url(answer: Answer) -> str | None:
    data = answer.fields.child("data", None)
    return data.identifier("jsonUrl", None) if data else None
