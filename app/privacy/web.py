"""The customer app: rights over one's data."""

from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import customer
from app.documents.files import FILE
from app.privacy import breaches, service
from app.privacy.breach_schemas import ToldBreachOut
from app.privacy.schemas import RequestIn, RequestOut

blp = Blueprint("privacy", __name__, description="Access, correction, erasure, nomination, grievance")


@blp.route("/web/privacy/requests")
class Requests(MethodView):
    @customer
    @blp.response(200, RequestOut(many=True))
    def get(self, customer_id):
        """What the customer asked for and what came of it, newest first."""
        return service.of_customer(customer_id)

    @customer
    @blp.arguments(RequestIn)
    @blp.response(201, RequestOut)
    def post(self, body, customer_id):
        """Ask for one's data, a correction, erasure, to name a nominee, or complain. Says until when it is answered."""
        return service.ask(customer_id, body.pop("kind"), body or None)


@blp.route("/web/privacy/breaches")
class Breaches(MethodView):
    @customer
    @blp.response(200, ToldBreachOut(many=True))
    def get(self, customer_id):
        """The breaches that the customer was told of: what happened, what we do, what they can do, whom to ask."""
        return breaches.told_to(customer_id)


@blp.route("/web/privacy/requests/<uuid:request_id>")
class Request(MethodView):
    @customer
    @blp.response(200, RequestOut)
    def get(self, request_id, customer_id):
        """One request with its answer."""
        return service.for_customer(request_id, customer_id)


@blp.route("/web/privacy/requests/<uuid:request_id>/file")
class RequestFile(MethodView):
    @customer
    @blp.response(200, FILE, content_type="application/zip")
    def get(self, request_id, customer_id):
        """All that is held of the customer: data.json and the documents, for seven days."""
        return Response(
            service.file_of(service.for_customer(request_id, customer_id)), mimetype="application/zip"
        )
