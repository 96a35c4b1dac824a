"""The answer to a statement that was sent, the same in the portal and the app."""

from flask import Response
from werkzeug.datastructures import FileStorage

from app.banking.statements import service as statements
from app.core.http import Schema, answer
from app.loans.service import Loan


def answer_upload(loan: Loan, file: FileStorage, password: str | None, schema: type[Schema]) -> Response:
    """202 for a new file, 200 for one that was here before."""
    # one byte more than is taken tells that it is too large
    data = file.stream.read(statements.FILE_BYTES_MAX + 1)
    statement, is_new = statements.upload(loan, data, password)
    body = schema().dump(statement) | {"duplicate": not is_new}
    return answer(body, 202 if is_new or statement.status == "QUEUED" else 200)
