"""Statements that are sent as files: taken in once, read by a job, shown with all that is known of them."""

import hashlib
from datetime import timedelta
from uuid import UUID

from peewee import IntegrityError, ModelSelect

from app.banking import vault
from app.banking.models import BankAccountStatement
from app.banking.states import AGAIN, DELETED, QUEUED, READING, READY, STATEMENT
from app.brands import service as brands
from app.consents import service as consents
from app.core import audit, clock
from app.core.database import db
from app.core.errors import Conflict, Invalid
from app.core.ids import new_id
from app.core.outbox import enqueue
from app.loans import service as loans
from pipelines.statements import kind_of_file

FILE_BYTES_MAX = 10 * 2**20
FILES_MAX = 36  # a loan's; three years of monthly statements
PASSWORD_CHARS_MAX = 128
OWN = "own"
ANALYSER_FIELDS = ("analyser_status", "analyser_asked_at", "analyser_reference", "analyser_reason")


def upload(loan: loans.Loan, data: bytes, password: str | None) -> tuple[BankAccountStatement, bool]:
    """Take a statement in; False beside it when this file was here before.

    A file that needs a password, or that failed on our side, is read again when it is sent again. Raises Invalid
    (field `file`), or Conflict if the loan has ended or has too many statements.
    """
    brands.require("statement_upload")
    loan = loan.locked()
    if loan.status in loans.ENDED:
        raise Conflict(f"The loan is {loan.status}; there is nothing to assess.", state=loan.status)
    consents.require(loan.customer_id, "BSA")
    kind, sha256 = _checked(data), hashlib.sha256(data).hexdigest()
    known = _of_loan(loan.id).where(BankAccountStatement.sha256 == sha256).first()
    if known is not None:
        return _again(known, password), False
    if _of_loan(loan.id).count() >= FILES_MAX:
        raise Conflict(f"The loan has {FILES_MAX} statements already.", code="TOO_MANY_STATEMENTS")
    return _take(loan, data, kind, sha256, password), True


def _checked(data: bytes) -> str:
    """What kind of file it is, by its bytes."""
    if not data:
        raise Invalid("The file is empty.", field="file", code="FILE_EMPTY")
    if len(data) > FILE_BYTES_MAX:
        raise Invalid(f"Larger than {FILE_BYTES_MAX // 2**20} MB.", field="file", code="FILE_TOO_LARGE")
    kind = kind_of_file(data)
    if kind is None:
        raise Invalid(
            "Not a file that we read: send PDF, CSV, XLSX, XLS or JSON.", field="file", code="FILE_TYPE"
        )
    return kind


def _take(
    loan: loans.Loan, data: bytes, kind: str, sha256: str, password: str | None
) -> BankAccountStatement:
    statement_id = new_id()
    key = vault.key_of("statements", f"{statement_id}.enc")
    vault.put_bytes(key, data)
    try:
        with db.atomic():
            statement = BankAccountStatement.create(
                id=statement_id,
                customer_id=loan.customer_id,
                loan_id=loan.id,
                status=STATEMENT.initial,
                file_type=kind,
                size_bytes=len(data),
                sha256=sha256,
                s3_key=key,
                password=password,
                analyser=brands.settings()["providers"]["bank_statements"],
                delete_after=clock.now()
                + timedelta(days=brands.settings()["bank_data"]["statement_days_kept"]),
            )
    except IntegrityError:
        raise Conflict("The same file is being sent at this moment.", code="IN_FLIGHT") from None
    STATEMENT.start(statement)
    audit.record("statement.uploaded", "statement", statement.id, after={"sha256": sha256, "type": kind})
    enqueue("banking.read_statement", brand_id=statement.brand_id, statement_id=statement.id)
    return statement


def _again(statement: BankAccountStatement, password: str | None) -> BankAccountStatement:
    if statement.status not in AGAIN or (statement.status != "FAILED" and not password):
        return statement
    fresh = dict.fromkeys(("reason", "own_status", *ANALYSER_FIELDS)) | {"rows": [], "progress_percent": 0}
    statement = STATEMENT.move(statement, QUEUED, password=password, read_by=OWN, **fresh)
    enqueue("banking.read_statement", brand_id=statement.brand_id, statement_id=statement.id)
    return statement


def _of_loan(loan_id: UUID | str) -> ModelSelect:
    return BankAccountStatement.select().where(BankAccountStatement.loan_id == loan_id)


def is_reading(loan_id: UUID | str) -> bool:
    """Whether a statement was sent that is not read to its end."""
    return _of_loan(loan_id).where(BankAccountStatement.status.in_([QUEUED, READING])).exists()


def why_unread(loan_id: UUID | str) -> str | None:
    """Why the newest statement cannot be used; None where it can, or is being read, or was deleted."""
    newest = _of_loan(loan_id).order_by(BankAccountStatement.id.desc()).first()
    return newest.reason if newest and newest.status not in (QUEUED, READING, READY, DELETED) else None


def of_loan(loan: loans.Loan) -> list[BankAccountStatement]:
    """A loan's statements, newest first."""
    return list(_of_loan(loan.id).order_by(BankAccountStatement.id.desc()))


def get(loan: loans.Loan, statement_id: UUID | str) -> BankAccountStatement:
    """One of a loan's statements, or NotFound."""
    return BankAccountStatement.find(statement_id, loan_id=loan.id)


def find(statement_id: UUID | str) -> BankAccountStatement:
    """A statement of this brand, for a job. Raises NotFound."""
    return BankAccountStatement.find(statement_id)
