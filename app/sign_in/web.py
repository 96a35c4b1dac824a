"""The customer app: signing in by phone, and out."""

from flask import request
from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import anyone, customer
from app.core import identity
from app.sign_in import service
from app.sign_in.schemas import MessageOut, RefreshIn, RegisterIn, TokensOut, VerifyOtpIn

blp = Blueprint("sign-in", __name__, description="Customers signing in")


@blp.route("/web/auth/register")
class Register(MethodView):
    @anyone
    @blp.arguments(RegisterIn)
    @blp.response(202, MessageOut)
    def post(self, body):
        """Send a one-time code to a phone. The answer is the same for known and new numbers."""
        service.register(**body)
        return {"message": "A code is on its way by SMS."}


@blp.route("/web/auth/verify-otp")
class VerifyOtp(MethodView):
    @anyone
    @blp.arguments(VerifyOtpIn)
    @blp.response(200, TokensOut)
    def post(self, body):
        """Exchange the code for an access token and a refresh token."""
        return service.verify_otp(body["phone"], body["otp"], body["device_id"])


@blp.route("/web/auth/refresh")
class Refresh(MethodView):
    @anyone
    @blp.arguments(RefreshIn)
    @blp.response(200, TokensOut)
    def post(self, body):
        """Exchange a refresh token, which works once, for a new pair."""
        return service.refresh(body["refresh_token"])


@blp.route("/web/auth/logout")
class Logout(MethodView):
    @customer
    @blp.response(204)
    def post(self, customer_id):
        """End this session."""
        claims = identity.read_token(identity.World.CUSTOMER, request.headers["Authorization"])
        service.logout(claims["sid"])
