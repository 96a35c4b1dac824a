"""Loan Ops and the bank portal: payout files out, files of the bank in, and what nobody could match."""

from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.core.http import PageArgs, page_of, paginate
from app.disbursement import bank_files
from app.disbursement.models import BankFile, BankFileRow, PayoutBatch
from app.disbursement.schemas import (
    BankFileIn,
    BankFileOut,
    BankFileReportOut,
    BankFileRowOut,
    BatchFileArgs,
    BatchOut,
    ExceptionArgs,
    ResolveIn,
)
from app.documents.files import FILE
from app.staff.permissions import Permission

blp = Blueprint("bank-files", __name__, description="Offline payouts, and what the bank's files say")


@blp.route("/partner/brand/<brand_id>/payout-batches")
class Batches(MethodView):
    @staff(Permission.DISBURSE)
    @blp.arguments(PageArgs, location="query")
    @blp.response(200, page_of(BatchOut))
    def get(self, args):
        """What went to the bank in files, newest first."""
        return paginate(bank_files.batches(), args, {"createdAt": PayoutBatch.created_at})

    @staff(Permission.DISBURSE_RELEASE)
    @blp.response(201, BatchOut)
    def post(self):
        """Put every released offline payout into one batch. 409 where none waits."""
        return bank_files.send_to_bank()


@blp.route("/partner/brand/<brand_id>/payout-batches/<uuid:batch_id>/file")
class BatchFile(MethodView):
    @staff(Permission.DISBURSE_RELEASE)
    @blp.arguments(BatchFileArgs, location="query")
    @blp.response(200, FILE, content_type="application/octet-stream")
    def get(self, args, batch_id):
        """The batch for the bank portal: its payouts, or their beneficiaries. Audited, as it holds account numbers."""
        name, data = bank_files.batch_file(batch_id, args["kind"], args["format"])
        answer = Response(data, mimetype="application/octet-stream")
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        answer.headers["Cache-Control"] = "private, no-store"
        return answer


@blp.route("/partner/brand/<brand_id>/bank-files")
class BankFiles(MethodView):
    @staff(Permission.DISBURSE)
    @blp.arguments(PageArgs, location="query")
    @blp.response(200, page_of(BankFileOut))
    def get(self, args):
        """Files of the bank portal that were sent in, newest first."""
        return paginate(bank_files.files(), args, {"createdAt": BankFile.created_at})

    @staff(Permission.DISBURSE_RELEASE)
    @blp.arguments(BankFileIn, location="files")
    @blp.response(202, BankFileOut)
    def post(self, files):
        """Send a CSV or XLSX in that says what became of payouts. The same file again is the same file."""
        file = files["file"]
        return bank_files.upload(file.filename or "", file.stream.read(bank_files.BYTES_MAX + 1))


@blp.route("/partner/brand/<brand_id>/bank-files/<uuid:bank_file_id>")
class OneBankFile(MethodView):
    @staff(Permission.DISBURSE)
    @blp.response(200, BankFileReportOut)
    def get(self, bank_file_id):
        """What became of each row of a file."""
        return bank_files.report(bank_file_id)


@blp.route("/partner/brand/<brand_id>/bank-files/exceptions")
class Exceptions(MethodView):
    @staff(Permission.DISBURSE)
    @blp.arguments(ExceptionArgs, location="query")
    @blp.response(200, page_of(BankFileRowOut))
    def get(self, args):
        """Rows that fit no payout, or not wholly: they changed nothing and wait for a person."""
        return paginate(
            bank_files.exceptions(resolved=args["resolved"]), args, {"createdAt": BankFileRow.created_at}
        )


@blp.route("/partner/brand/<brand_id>/bank-files/exceptions/<uuid:row_id>/resolve")
class Resolve(MethodView):
    @staff(Permission.DISBURSE)
    @blp.arguments(ResolveIn)
    @blp.response(200, BankFileRowOut)
    def post(self, body, row_id):
        """Say what came of looking into a row."""
        return bank_files.resolve(row_id, **body)
