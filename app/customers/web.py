"""The customer app: signing in by phone, profile, consents."""

from flask import request
from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import anyone, customer
from app.core import identity
from app.core.limits import limit_sign_in
from app.customers import service
from app.customers.schemas import (
    ConsentIn,
    ConsentOut,
    CustomerOut,
    MessageOut,
    ProfileIn,
    RefreshIn,
    RegisterIn,
    TokensOut,
    VerifyOtpIn,
)

blp = Blueprint("customers", __name__, description="Customers signing in, their profile and consents")


@blp.route("/web/auth/register")
class Register(MethodView):
    decorators = (limit_sign_in,)

    @anyone
    @blp.arguments(RegisterIn)
    @blp.response(202, MessageOut)
    def post(self, body):
        """Send a one-time code to a phone. The answer is the same for known and new numbers."""
        service.register(**body)
        return {"message": "A code is on its way by SMS."}


@blp.route("/web/auth/verify-otp")
class VerifyOtp(MethodView):
    decorators = (limit_sign_in,)

    @anyone
    @blp.arguments(VerifyOtpIn)
    @blp.response(200, TokensOut)
    def post(self, body):
        """Exchange the code for an access token and a refresh token."""
        return service.verify_otp(body["phone"], body["otp"])


@blp.route("/web/auth/refresh")
class Refresh(MethodView):
    decorators = (limit_sign_in,)

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


@blp.route("/web/me")
class Me(MethodView):
    @customer
    @blp.response(200, CustomerOut)
    def get(self, customer_id):
        """The signed-in customer."""
        return service.get(customer_id)


@blp.route("/web/profile")
class Profile(MethodView):
    @customer
    @blp.arguments(ProfileIn)
    @blp.response(200, CustomerOut)
    def patch(self, body, customer_id):
        """E-mail, employment and salary as the customer declares them."""
        return service.update_profile(customer_id, **body)


@blp.route("/web/consents")
class Consents(MethodView):
    @customer
    @blp.arguments(ConsentIn)
    @blp.response(201, ConsentOut)
    def post(self, body, customer_id):
        """Give a consent, naming the version of the text that was shown."""
        return service.give_consent(customer_id, **body, ip=request.remote_addr)
