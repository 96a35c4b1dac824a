"""The customer app: signing in by phone, and out."""

from uuid import UUID

from flask import request
from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import anyone, customer
from app.core import identity
from app.sign_in import service, sessions
from app.sign_in.schemas import (
    CustomerDeviceIn,
    CustomerSessionOut,
    MessageOut,
    RefreshIn,
    RegisterIn,
    TokensOut,
    VerifyOtpIn,
)

blp = Blueprint("sign-in", __name__, description="Customers signing in")


@blp.route("/web/auth/register")
class Register(MethodView):
    @anyone
    @blp.arguments(RegisterIn)
    @blp.response(202, MessageOut)
    def post(self, body):
        """Send a one-time code to a phone. The answer is the same for known and new numbers."""
        service.register(**body, user_agent=request.user_agent.string)
        return {"message": "A code is on its way by SMS."}


@blp.route("/web/auth/verify-otp")
class VerifyOtp(MethodView):
    @anyone
    @blp.arguments(VerifyOtpIn)
    @blp.response(200, TokensOut)
    def post(self, body):
        """Exchange the code for an access token and a refresh token."""
        return service.verify_otp(body.pop("phone"), body.pop("otp"), **body)


@blp.route("/web/auth/refresh")
class Refresh(MethodView):
    @anyone
    @blp.arguments(RefreshIn)
    @blp.response(200, TokensOut)
    def post(self, body):
        """Exchange a refresh token, which works once, for a new pair."""
        return service.refresh(**body)


@blp.route("/web/auth/logout")
class Logout(MethodView):
    @customer
    @blp.response(204)
    def post(self, customer_id):
        """End this session."""
        sessions.end(customer_id, UUID(_session_id()), _session_id())


@blp.route("/web/auth/logout-everywhere")
class LogoutEverywhere(MethodView):
    @customer
    @blp.response(204)
    def post(self, customer_id):
        """End every session of the customer, this one too."""
        sessions.end_all(customer_id)


@blp.route("/web/auth/sessions")
class Sessions(MethodView):
    @customer
    @blp.response(200, CustomerSessionOut(many=True))
    def get(self, customer_id):
        """Where the customer is signed in, last used first."""
        return sessions.of_customer(customer_id, _session_id())


@blp.route("/web/auth/sessions/<uuid:session_id>")
class Session(MethodView):
    @customer
    @blp.arguments(CustomerDeviceIn)
    @blp.response(204)
    def patch(self, body, session_id, customer_id):
        """Give the device of a session a name."""
        sessions.name_device(customer_id, session_id, body["device_name"])

    @customer
    @blp.response(204)
    def delete(self, session_id, customer_id):
        """End a session."""
        sessions.end(customer_id, session_id, _session_id())


def _session_id() -> str:
    return identity.read_token(identity.World.CUSTOMER, request.headers["Authorization"])["sid"]
