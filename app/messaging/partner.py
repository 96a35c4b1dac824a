"""Messages and the wishes of customers in the portal."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.core.http import page_of
from app.customers import service as customers
from app.messaging.delivery import letters
from app.messaging.schemas import (
    AllMessageArgs,
    CostArgs,
    CustomerMessageOut,
    IncomingArgs,
    IncomingMessageOut,
    MessageArgs,
    MessageCostOut,
    MessageFullOut,
    MessageRemarkIn,
    SendAgainIn,
    SentAgainOut,
    StaffMailArgs,
    StaffMailOut,
    Wishes,
)
from app.messaging.staff import letters as staff_letters
from app.messaging.wishes import incoming
from app.messaging.wishes import service as wishes
from app.staff.permissions import Permission

blp = Blueprint("messages", __name__, description="What was said to customers, and what came of it")
MESSAGES = "/partner/brand/<brand_id>/messages"


@blp.route(MESSAGES)
class Messages(MethodView):
    @staff(Permission.MESSAGES_VIEW)
    @blp.arguments(AllMessageArgs, location="query")
    @blp.response(200, page_of(CustomerMessageOut))
    def get(self, args):
        """Messages to customers with what became of each and what it cost, newest first."""
        return letters.page(args)


@blp.route(f"{MESSAGES}/<uuid:message_id>")
class OneMessage(MethodView):
    @staff(Permission.MESSAGES_VIEW)
    @blp.response(200, MessageFullOut)
    def get(self, message_id):
        """One message with its text, masked."""
        return letters.get(message_id)


@blp.route(f"{MESSAGES}/costs")
class Costs(MethodView):
    @staff(Permission.MESSAGES_VIEW)
    @blp.arguments(CostArgs, location="query")
    @blp.response(200, MessageCostOut)
    def get(self, args):
        """What messages cost, by provider and channel, and together."""
        return letters.costs(**args)


@blp.route(f"{MESSAGES}/dead-letters")
class DeadLetters(MethodView):
    @staff(Permission.MESSAGES_VIEW)
    @blp.arguments(MessageArgs, location="query")
    @blp.response(200, page_of(CustomerMessageOut))
    def get(self, args):
        """Messages that did not arrive, and why."""
        return letters.dead(args)


@blp.route(f"{MESSAGES}/dead-letters/send-again")
class SendAllAgain(MethodView):
    @staff(Permission.MESSAGES_RESEND)
    @blp.arguments(SendAgainIn)
    @blp.response(202, SentAgainOut)
    def post(self, body):
        """Try dead letters again; says which are none."""
        return letters.resend_all(**body)


@blp.route(f"{MESSAGES}/<uuid:message_id>/send-again")
class SendAgain(MethodView):
    @staff(Permission.MESSAGES_RESEND)
    @blp.arguments(MessageRemarkIn)
    @blp.response(202, CustomerMessageOut)
    def post(self, body, message_id):
        """Try a dead letter again."""
        return letters.resend(message_id, **body)


@blp.route(f"{MESSAGES}/incoming")
class Incoming(MethodView):
    @staff(Permission.MESSAGES_VIEW)
    @blp.arguments(IncomingArgs, location="query")
    @blp.response(200, page_of(IncomingMessageOut))
    def get(self, args):
        """What was written to the brand, newest first; `known=false`: by numbers that nobody has."""
        return incoming.page(args)


@blp.route(f"{MESSAGES}/staff")
class StaffMails(MethodView):
    @staff(Permission.MESSAGES_RESEND)
    @blp.arguments(StaffMailArgs, location="query")
    @blp.response(200, page_of(StaffMailOut))
    def get(self, args):
        """Mails to staff, newest first; `dead=true`: those that did not arrive, and why."""
        return staff_letters.page(args)


@blp.route(f"{MESSAGES}/staff/<uuid:mail_id>/send-again")
class SendStaffMailAgain(MethodView):
    @staff(Permission.MESSAGES_RESEND)
    @blp.arguments(MessageRemarkIn)
    @blp.response(202, StaffMailOut)
    def post(self, body, mail_id):
        """Try a mail to staff again. 409 where its text is gone, or its link has ended."""
        return staff_letters.resend(mail_id, **body)


@blp.route("/partner/brand/<brand_id>/customers/<uuid:customer_id>/message-preferences")
class CustomerWishes(MethodView):
    @staff(Permission.MESSAGES_VIEW)
    @blp.response(200, Wishes)
    def get(self, customer_id):
        """What a customer wants to hear."""
        return wishes.of(customers.get(customer_id).id)

    @staff(Permission.MESSAGES_VIEW)
    @blp.arguments(Wishes)
    @blp.response(200, Wishes)
    def patch(self, body, customer_id):
        """Write down what a customer said they want to hear."""
        return wishes.state(customer_id, "staff", **body)
