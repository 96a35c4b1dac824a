"""The customer app: consents."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import anyone, customer
from app.consents import service
from app.consents.circumstances import circumstances
from app.consents.schemas import ConsentIn, ConsentOut, TextArgs, TextOut, WithdrawIn

blp = Blueprint("consents", __name__, description="Consents: the words, giving, taking back")


@blp.route("/web/consents/texts")
class Texts(MethodView):
    @anyone
    @blp.arguments(TextArgs, location="query")
    @blp.response(200, TextOut(many=True))
    def get(self, args):
        """The words to show, a purpose each, in English or Hindi."""
        return service.texts(args["language"])


@blp.route("/web/consents")
class Consents(MethodView):
    @customer
    @blp.response(200, ConsentOut(many=True))
    def get(self, customer_id):
        """Every consent of the customer and how it stands, newest first."""
        return service.of_customer(customer_id)

    @customer
    @blp.arguments(ConsentIn)
    @blp.response(201, ConsentOut)
    def post(self, body, customer_id):
        """Give a consent, naming the version of the text that was shown."""
        return service.give(customer_id, **body, **circumstances())


@blp.route("/web/consents/withdraw")
class Withdraw(MethodView):
    @customer
    @blp.arguments(WithdrawIn)
    @blp.response(200, ConsentOut(many=True))
    def post(self, body, customer_id):
        """Take the consent to a purpose back."""
        return service.withdraw(customer_id, **body, **circumstances())
