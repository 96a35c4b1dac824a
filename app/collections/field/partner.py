"""Field visits and skip tracing, in the portal."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.collections.field import traces, visits
from app.collections.field.schemas import (
    FieldVisitOut,
    PhotoIn,
    TraceArgs,
    TraceIn,
    TraceOut,
    TraceRevealedOut,
    TraceRevealIn,
    TraceVerifyIn,
    VisitArgs,
    VisitAssignIn,
    VisitEndIn,
    VisitIn,
    VisitReachIn,
)
from app.collections.models import FieldVisit, SkipTrace
from app.collections.schemas import WhyIn
from app.core.http import page_of, paginate
from app.documents.kinds import KINDS
from app.staff.permissions import Permission

blp = Blueprint("partner-field", __name__, description="Field visits, and where customers may be found")

_VISITS_BY = {
    "createdAt": FieldVisit.created_at,
    "endedAt": FieldVisit.ended_at,
    "nextActionDate": FieldVisit.next_action_date,
}


@blp.route("/partner/brand/<brand_id>/collections/visits")
class Visits(MethodView):
    @staff(Permission.COLLECTIONS_VIEW)
    @blp.arguments(VisitArgs, location="query")
    @blp.response(200, page_of(FieldVisitOut))
    def get(self, args):
        """Field visits, newest first."""
        return paginate(visits.search(args), args, _VISITS_BY)


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/visits")
class RequestVisit(MethodView):
    @staff(Permission.COLLECTIONS_WORK)
    @blp.arguments(VisitIn)
    @blp.response(201, FieldVisitOut)
    def post(self, body, loan_id):
        """Ask for somebody to go to the customer."""
        return visits.request(loan_id, **body)


@blp.route("/partner/brand/<brand_id>/visits/<uuid:visit_id>/assign")
class AssignVisit(MethodView):
    @staff(Permission.COLLECTIONS_LEAD)
    @blp.arguments(VisitAssignIn)
    @blp.response(200, FieldVisitOut)
    def post(self, body, visit_id):
        """Give a visit to somebody, also one that has to be made again."""
        return visits.assign(visit_id, **body)


@blp.route("/partner/brand/<brand_id>/visits/<uuid:visit_id>/start")
class StartVisit(MethodView):
    @staff(Permission.COLLECTIONS_WORK)
    @blp.response(200, FieldVisitOut)
    def post(self, visit_id):
        """Set out. Refused outside the hours of contact, beyond its attempts, and for who is not to be visited."""
        return visits.start(visit_id)


@blp.route("/partner/brand/<brand_id>/visits/<uuid:visit_id>/reach")
class ReachVisit(MethodView):
    @staff(Permission.COLLECTIONS_WORK)
    @blp.arguments(VisitReachIn)
    @blp.response(200, FieldVisitOut)
    def post(self, body, visit_id):
        """Be there, and where that is."""
        return visits.reach(visit_id, **body)


@blp.route("/partner/brand/<brand_id>/visits/<uuid:visit_id>/photos")
class VisitPhotos(MethodView):
    @staff(Permission.COLLECTIONS_WORK)
    @blp.arguments(PhotoIn, location="files")
    @blp.response(201, FieldVisitOut)
    def post(self, files, visit_id):
        """Keep a photo (JPEG or PNG) taken on the visit, with the documents of the loan."""
        file = files["file"]
        data = file.stream.read(KINDS["VISIT_PHOTO"].bytes_max + 1)
        return visits.add_photo(visit_id, data, file.mimetype)


@blp.route("/partner/brand/<brand_id>/visits/<uuid:visit_id>/end")
class EndVisit(MethodView):
    @staff(Permission.COLLECTIONS_WORK)
    @blp.arguments(VisitEndIn)
    @blp.response(200, FieldVisitOut)
    def post(self, body, visit_id):
        """Say what came of the visit."""
        return visits.end(visit_id, **body)


@blp.route("/partner/brand/<brand_id>/visits/<uuid:visit_id>/approve")
class ApproveVisit(MethodView):
    @staff(Permission.COLLECTIONS_LEAD)
    @blp.response(200, FieldVisitOut)
    def post(self, visit_id):
        """A lead has seen it; not the one who made it."""
        return visits.approve(visit_id)


@blp.route("/partner/brand/<brand_id>/visits/<uuid:visit_id>/cancel")
class CancelVisit(MethodView):
    @staff(Permission.COLLECTIONS_LEAD)
    @blp.arguments(WhyIn)
    @blp.response(200, FieldVisitOut)
    def post(self, body, visit_id):
        """Nobody goes, with the reason."""
        return visits.cancel(visit_id, **body)


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/skip-traces")
class Traces(MethodView):
    @staff(Permission.COLLECTIONS_VIEW)
    @blp.arguments(TraceArgs, location="query")
    @blp.response(200, page_of(TraceOut))
    def get(self, args, loan_id):
        """Where the customer may be found, newest first, masked."""
        return paginate(traces.of_loan(loan_id, args), args, {"createdAt": SkipTrace.created_at})

    @staff(Permission.COLLECTIONS_WORK)
    @blp.arguments(TraceIn)
    @blp.response(201, TraceOut)
    def post(self, body, loan_id):
        """Write down a phone, an address, a mail or an employer that was found, and where."""
        return traces.add(loan_id, **body)


@blp.route("/partner/brand/<brand_id>/skip-traces/<uuid:trace_id>/verify")
class TraceVerify(MethodView):
    @staff(Permission.COLLECTIONS_WORK)
    @blp.arguments(TraceVerifyIn)
    @blp.response(200, TraceOut)
    def post(self, body, trace_id):
        """Say whether the customer is found there."""
        return traces.verify(trace_id, **body)


@blp.route("/partner/brand/<brand_id>/skip-traces/<uuid:trace_id>/reveal")
class TraceReveal(MethodView):
    @staff(Permission.COLLECTIONS_WORK)
    @blp.arguments(TraceRevealIn)
    @blp.response(200, TraceRevealedOut)
    def post(self, body, trace_id):
        """What was found, in full, for a reason. Audited, and so many times an hour."""
        return traces.reveal(trace_id, **body)
