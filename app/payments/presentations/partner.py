"""Debits of mandates: planned, in files for the bank, and what the bank answers."""

from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.core.bodies import large_file
from app.core.http import page_of, paginate
from app.core.idempotency import idempotent
from app.documents.files import FILE
from app.payments.models import PresentationFile, PresentationResponse
from app.payments.presentations import files as presentation_files
from app.payments.presentations import responses
from app.payments.presentations import service as presentations
from app.payments.presentations.schemas import (
    MakeFilesIn,
    PresentationArgs,
    PresentationFileArgs,
    PresentationFileOut,
    PresentationFilesArgs,
    PresentationOut,
    PresentIn,
    ResponseArgs,
    ResponseFileIn,
    ResponseOut,
    ResponseRowArgs,
    ResponseRowOut,
)
from app.staff.permissions import Permission

blp = Blueprint("presentations", __name__, description="Debits of mandates and their files")


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/presentations")
class Presentations(MethodView):
    @staff(Permission.LEDGER_VIEW)
    @blp.response(200, PresentationOut(many=True))
    def get(self, loan_id):
        """Every debit of the loan's mandate, newest first."""
        return presentations.of_loan(loan_id)

    @staff(Permission.MANDATE_PRESENT)
    @idempotent
    @blp.arguments(PresentIn)
    @blp.response(201, PresentationOut)
    def post(self, body, loan_id):
        """Present the loan's mandate on a day. The customer is told a day before."""
        return presentations.plan(loan_id, **body)


@blp.route("/partner/brand/<brand_id>/presentations")
class AllPresentations(MethodView):
    @staff(Permission.LEDGER_VIEW)
    @blp.arguments(PresentationArgs, location="query")
    @blp.response(200, page_of(PresentationOut))
    def get(self, args):
        """Debits of mandates by day and status, newest first."""
        found = presentation_files.search(args["present_on"], args["status"])
        return paginate(found, args, presentation_files.SORTABLE)


def _served(file: PresentationFile) -> Response:
    answer = Response(presentation_files.content_of(file), mimetype=presentation_files.content_type(file))
    answer.headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@blp.route("/partner/brand/<brand_id>/presentations/file")
class DayFile(MethodView):
    @staff(Permission.LEDGER_VIEW)
    @blp.arguments(PresentationFileArgs, location="query")
    @blp.response(200, FILE, content_type="text/csv")
    def get(self, args):
        """The table of a day's debits as it is kept, the newest version."""
        return _served(presentation_files.of_day(args["present_on"]))


@blp.route("/partner/brand/<brand_id>/presentation-files")
class Files(MethodView):
    @staff(Permission.LEDGER_VIEW)
    @blp.arguments(PresentationFilesArgs, location="query")
    @blp.response(200, page_of(PresentationFileOut))
    def get(self, args):
        """The files of debits, every version, by day, format and status."""
        found = presentation_files.files(args["present_on"], args["format"], args["status"])
        return paginate(found, args, presentation_files.FILES_SORTABLE)

    @staff(Permission.MANDATE_PRESENT)
    @blp.arguments(MakeFilesIn)
    @blp.response(200, PresentationFileOut(many=True))
    def post(self, body):
        """Make the files of a day now, anew where its debits have changed; the answer is those that count."""
        return presentation_files.make(body["present_on"])


@blp.route("/partner/brand/<brand_id>/presentation-files/<uuid:presentation_file_id>/content")
class FileContent(MethodView):
    @staff(Permission.MANDATE_PRESENT)
    @blp.response(200, FILE, content_type="application/octet-stream")
    def get(self, presentation_file_id):
        """A version of a file. The bank's names accounts: each download is audited."""
        return _served(PresentationFile.find(presentation_file_id))


@blp.route("/partner/brand/<brand_id>/presentation-files/<uuid:presentation_file_id>/sent")
class FileSent(MethodView):
    @staff(Permission.MANDATE_PRESENT)
    @blp.response(200, PresentationFileOut)
    def post(self, presentation_file_id):
        """The file was given to the bank: its debits are presented, and it is made anew no more."""
        return presentation_files.hand_over(presentation_file_id)


@blp.route("/partner/brand/<brand_id>/presentation-responses")
class Responses(MethodView):
    @staff(Permission.LEDGER_VIEW)
    @blp.arguments(ResponseArgs, location="query")
    @blp.response(200, page_of(ResponseOut))
    def get(self, args):
        """Files of the bank that were sent in, newest first."""
        return paginate(responses.search(args["status"]), args, responses.SORTABLE)

    @staff(Permission.MANDATE_PRESENT)
    @large_file(responses.BYTES_MAX)
    @blp.arguments(ResponseFileIn, location="files")
    @blp.response(202, ResponseOut)
    def post(self, files):
        """Send in what the bank says of debits: CSV, XLSX or its file of NACH. The same file again is the same."""
        file = files["file"]
        return responses.upload(file.filename or "", file.stream.read(responses.BYTES_MAX + 1))


@blp.route("/partner/brand/<brand_id>/presentation-responses/<uuid:response_id>")
class OneResponse(MethodView):
    @staff(Permission.LEDGER_VIEW)
    @blp.response(200, ResponseOut)
    def get(self, response_id):
        """How far a file is, and how many rows fitted."""
        return PresentationResponse.find(response_id)


@blp.route("/partner/brand/<brand_id>/presentation-responses/<uuid:response_id>/rows")
class ResponseRows(MethodView):
    @staff(Permission.LEDGER_VIEW)
    @blp.arguments(ResponseRowArgs, location="query")
    @blp.response(200, page_of(ResponseRowOut))
    def get(self, args, response_id):
        """What became of each row, by outcome."""
        return paginate(responses.rows_of(response_id, args["outcome"]), args, responses.ROWS_SORTABLE)
