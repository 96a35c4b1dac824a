"""What customers want to hear: in the app, and by the link in a mail."""

from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import customer, sent_back
from app.messaging.schemas import StateArgs, UnsubscribeForm, Wishes
from app.messaging.wishes import service as wishes
from app.messaging.wishes import unsubscribing

blp = Blueprint("message-preferences", __name__, description="What customers want to hear")
HTML = {"type": "string"}
# a mail program that opens links by itself must not unsubscribe anybody: the button does
_ASK = '<p>No more such mails?</p><form method="post"><button>Stop them</button></form>'
_DONE = "<p>Done: you will get no more such mails. You can change that in the app.</p>"


@blp.route("/web/message-preferences")
class Preferences(MethodView):
    @customer
    @blp.response(200, Wishes)
    def get(self, customer_id):
        """The channel that I like best, do-not-disturb, and what I stopped."""
        return wishes.of(customer_id)

    @customer
    @blp.arguments(Wishes)
    @blp.response(200, Wishes)
    def patch(self, body, customer_id):
        """Say what I want to hear; what the law requires I hear anyway."""
        return wishes.state(customer_id, "app", **body)


@blp.route("/web/unsubscribe")
class Unsubscribe(MethodView):
    @sent_back(unsubscribing.whose)
    @blp.arguments(StateArgs, location="query")
    @blp.response(200, HTML, content_type="text/html")
    def get(self, args, customer_id):
        """The page behind the link in a mail."""
        return _page(_ASK)

    @sent_back(unsubscribing.whose)
    @blp.arguments(StateArgs, location="query")
    @blp.arguments(UnsubscribeForm, location="form")
    @blp.response(200, HTML, content_type="text/html")
    def post(self, args, form, customer_id):
        """Stop such mails: the button of that page, or that of a mail program (RFC 8058)."""
        unsubscribing.unsubscribe(args["state"])
        return _page(_DONE)


def _page(content: str) -> Response:
    html = f'<!doctype html><meta charset="utf-8"><title>Mails</title>{content}'
    policy = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    return Response(html, mimetype="text/html", headers={"Content-Security-Policy": policy})
