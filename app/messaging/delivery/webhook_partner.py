"""What the providers tell: what became of the messages that they took, and what customers write."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app import inbox
from app.access import provider
from app.inbox import ReceivedOut

blp = Blueprint("receipts", __name__, description="What became of messages, as their providers tell it")
JOB = "messaging.take_receipts"
INCOMING_JOB = "messaging.take_incoming"


@blp.route("/partner/brand/<brand_id>/messages/msg91/receipts")
class Msg91Reports(MethodView):
    @provider("msg91")
    @blp.response(200, ReceivedOut)
    def post(self):
        """MSG91: a delivery report."""
        return inbox.from_unsigned("msg91", JOB)


@blp.route("/partner/brand/<brand_id>/messages/gupshup/receipts")
class GupshupReports(MethodView):
    @provider("gupshup")
    @blp.response(200, ReceivedOut)
    def get(self):
        """Gupshup: a delivery report in the query."""
        return inbox.from_unsigned("gupshup", JOB)

    @provider("gupshup")
    @blp.response(200, ReceivedOut)
    def post(self):
        """Gupshup: up to 20 delivery reports."""
        return inbox.from_unsigned("gupshup", JOB)


@blp.route("/partner/brand/<brand_id>/messages/gupshup_whatsapp/receipts")
class GupshupEvents(MethodView):
    @provider("gupshup_whatsapp")
    @blp.response(200, ReceivedOut)
    def post(self):
        """Gupshup: something happened to a WhatsApp message."""
        return inbox.from_unsigned("gupshup_whatsapp", JOB)


@blp.route("/partner/brand/<brand_id>/messages/aisensy/receipts")
class AisensyEvents(MethodView):
    @provider("aisensy")
    @blp.response(200, ReceivedOut)
    def post(self):
        """AiSensy: something happened in the project."""
        return inbox.from_aisensy(JOB)


@blp.route("/partner/brand/<brand_id>/messages/sendgrid/receipts")
class SendgridEvents(MethodView):
    @provider("sendgrid")
    @blp.response(200, ReceivedOut)
    def post(self):
        """SendGrid: signed events."""
        return inbox.from_sendgrid(JOB)


@blp.route("/partner/brand/<brand_id>/messages/msg91/incoming")
class Msg91Incoming(MethodView):
    @provider("msg91")
    @blp.response(200, ReceivedOut)
    def get(self):
        """MSG91: somebody sent an SMS to the brand's number, told in the query."""
        return inbox.from_unsigned("msg91", INCOMING_JOB)

    @provider("msg91")
    @blp.response(200, ReceivedOut)
    def post(self):
        """MSG91: somebody sent an SMS to the brand's number."""
        return inbox.from_unsigned("msg91", INCOMING_JOB)


@blp.route("/partner/brand/<brand_id>/messages/gupshup/incoming")
class GupshupIncoming(MethodView):
    @provider("gupshup")
    @blp.response(200, ReceivedOut)
    def get(self):
        """Gupshup: somebody sent an SMS to the brand's number, told in the query."""
        return inbox.from_unsigned("gupshup", INCOMING_JOB)

    @provider("gupshup")
    @blp.response(200, ReceivedOut)
    def post(self):
        """Gupshup: somebody sent an SMS to the brand's number."""
        return inbox.from_unsigned("gupshup", INCOMING_JOB)
