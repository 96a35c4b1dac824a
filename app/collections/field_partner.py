"""Field visits and what is given up, in the portal."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.collections import concessions, visits, withdrawing
from app.collections.concession_schemas import ConcessionArgs, ConcessionIn, ConcessionOut
from app.collections.models import Concession, FieldVisit
from app.collections.schemas import (
    FieldVisitOut,
    PhotoIn,
    VisitArgs,
    VisitAssignIn,
    VisitEndIn,
    VisitIn,
    VisitReachIn,
    WhyIn,
)
from app.core.http import page_of, paginate
from app.documents.kinds import KINDS
from app.staff.permissions import Permission

blp = Blueprint("partner-field", __name__, description="Field visits, waivers, settlements and write-offs")

_VISITS_BY = {
    "createdAt": FieldVisit.created_at,
    "endedAt": FieldVisit.ended_at,
    "nextActionDate": FieldVisit.next_action_date,
}
_CONCESSIONS_BY = {
    "createdAt": Concession.created_at,
    "totalDue": Concession.total_due,
    "validUntil": Concession.valid_until,
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


@blp.route("/partner/brand/<brand_id>/collections/concessions")
class Concessions(MethodView):
    @staff(Permission.COLLECTIONS_VIEW)
    @blp.arguments(ConcessionArgs, location="query")
    @blp.response(200, page_of(ConcessionOut))
    def get(self, args):
        """Waivers, settlements and write-offs, newest first."""
        return paginate(concessions.search(args), args, _CONCESSIONS_BY)


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/concessions")
class ProposeConcession(MethodView):
    @staff(Permission.COLLECTIONS_WORK)
    @blp.arguments(ConcessionIn)
    @blp.response(201, ConcessionOut)
    def post(self, body, loan_id):
        """Propose a waiver, a settlement or a write-off; the answer says whose yes the policy asks for."""
        return concessions.propose(loan_id, **body)


@blp.route("/partner/brand/<brand_id>/concessions/<uuid:concession_id>/approve")
class ApproveConcession(MethodView):
    @staff(Permission.COLLECTIONS_LEAD)
    @blp.response(200, ConcessionOut)
    def post(self, concession_id):
        """Say yes, at the level that is open; with the last one it happens. A write-off takes a collection head."""
        return concessions.approve(concession_id)


@blp.route("/partner/brand/<brand_id>/concessions/<uuid:concession_id>/reject")
class RejectConcession(MethodView):
    @staff(Permission.COLLECTIONS_LEAD)
    @blp.arguments(WhyIn)
    @blp.response(200, ConcessionOut)
    def post(self, body, concession_id):
        """Say no, with the reason."""
        return concessions.reject(concession_id, **body)


@blp.route("/partner/brand/<brand_id>/concessions/<uuid:concession_id>/withdraw")
class WithdrawConcession(MethodView):
    @staff(Permission.COLLECTIONS_WORK)
    @blp.arguments(WhyIn)
    @blp.response(200, ConcessionOut)
    def post(self, body, concession_id):
        """Take back what one proposed or offered, with the reason. 409 once a customer has begun to pay for it."""
        return withdrawing.withdraw(concession_id, **body)
