"""The portal: what customers ask about their data, and legal holds."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.core.http import page_of, paginate
from app.privacy import service
from app.privacy.models import LegalHold, PrivacyRequest
from app.privacy.schemas import AnswerIn, HoldArgs, HoldIn, HoldOut, QueueArgs, ReleaseIn, StaffRequestOut
from app.staff.permissions import Permission

blp = Blueprint("partner-privacy", __name__, description="Requests about personal data, and legal holds")

QUEUE = {"dueOn": PrivacyRequest.due_on, "createdAt": PrivacyRequest.created_at}


@blp.route("/partner/brand/<brand_id>/privacy/requests")
class Queue(MethodView):
    @staff(Permission.PRIVACY_HANDLE)
    @blp.arguments(QueueArgs, location="query")
    @blp.response(200, page_of(StaffRequestOut))
    def get(self, args):
        """Requests by kind, status, customer, number, and those past their day."""
        return paginate(service.search(args), args, QUEUE)


@blp.route("/partner/brand/<brand_id>/privacy/requests/<uuid:request_id>")
class OneRequest(MethodView):
    @staff(Permission.PRIVACY_HANDLE)
    @blp.response(200, StaffRequestOut)
    def get(self, request_id):
        """One request."""
        return service.get(request_id)


@blp.route("/partner/brand/<brand_id>/privacy/requests/<uuid:request_id>/answer")
class Answer(MethodView):
    @staff(Permission.PRIVACY_HANDLE)
    @blp.arguments(AnswerIn)
    @blp.response(200, StaffRequestOut)
    def post(self, body, request_id):
        """Answer a request; the customer is told that there is an answer."""
        return service.answer(request_id, **body)


@blp.route("/partner/brand/<brand_id>/privacy/holds")
class Holds(MethodView):
    @staff(Permission.PRIVACY_HANDLE)
    @blp.arguments(HoldArgs, location="query")
    @blp.response(200, page_of(HoldOut))
    def get(self, args):
        """Legal holds, live and released."""
        query = service.holds(args["customer_id"], args["live"])
        return paginate(query, args, {"createdAt": LegalHold.created_at})

    @staff(Permission.PRIVACY_HANDLE)
    @blp.arguments(HoldIn)
    @blp.response(201, HoldOut)
    def post(self, body):
        """Put a hold on a customer: nothing of them is erased until it is released."""
        return service.hold(**body)


@blp.route("/partner/brand/<brand_id>/privacy/holds/<uuid:hold_id>/release")
class Release(MethodView):
    @staff(Permission.PRIVACY_HANDLE)
    @blp.arguments(ReleaseIn)
    @blp.response(200, HoldOut)
    def post(self, body, hold_id):
        """Release a hold."""
        return service.release(hold_id, **body)
