"""Signing in and out of the partner portal, and one's own account."""

from flask import request
from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff_anywhere, unscoped
from app.staff import account, service, sign_in
from app.staff.door import Device
from app.staff.schemas import (
    ChallengeCodeIn,
    ChallengeIn,
    ChangePasswordIn,
    CodeIn,
    EnrolledOut,
    ForgotPasswordIn,
    LoginIn,
    PasswordIn,
    RecoveryCodesOut,
    SecondFactorIn,
    SeedOut,
    SetPasswordIn,
    SignInOut,
    StaffMessageOut,
    StaffOut,
    StaffRefreshIn,
    StaffSessionOut,
    StaffTokensOut,
)

blp = Blueprint("staff", __name__, description="Staff and their sessions")


def _device(fingerprint: str | None = None) -> Device:
    return Device(fingerprint, request.remote_addr, request.user_agent.string[:200])


@blp.route("/partner/auth/login")
class Login(MethodView):
    @unscoped
    @blp.arguments(LoginIn)
    @blp.response(200, SignInOut)
    def post(self, body):
        """Sign in with e-mail and password. Where a second factor is set or asked for, that comes next."""
        return sign_in.login(body["email"], body["password"], _device(body["device_fingerprint"]))


@blp.route("/partner/auth/second-factor")
class SecondFactor(MethodView):
    @unscoped
    @blp.arguments(SecondFactorIn)
    @blp.response(200, SignInOut)
    def post(self, body):
        """The second step: a code of the authenticator, or a recovery code."""
        device = _device(body["device_fingerprint"])
        return sign_in.finish(body["challenge_token"], device, body["code"], body["recovery_code"])


@blp.route("/partner/auth/second-factor/enrol")
class Enrolment(MethodView):
    @unscoped
    @blp.arguments(ChallengeIn)
    @blp.response(200, SeedOut)
    def post(self, body):
        """The seed for an authenticator, for whose roles ask for one. Shown this once."""
        return sign_in.begin_enrolment(body["challenge_token"], _device(body["device_fingerprint"]))


@blp.route("/partner/auth/second-factor/confirm")
class EnrolmentConfirmed(MethodView):
    @unscoped
    @blp.arguments(ChallengeCodeIn)
    @blp.response(200, EnrolledOut)
    def post(self, body):
        """The first code of the authenticator: signed in, with recovery codes that are shown this once."""
        device = _device(body["device_fingerprint"])
        return sign_in.finish_enrolment(body["challenge_token"], device, body["code"])


@blp.route("/partner/auth/refresh")
class Refresh(MethodView):
    @unscoped
    @blp.arguments(StaffRefreshIn)
    @blp.response(200, StaffTokensOut)
    def post(self, body):
        """Exchange a refresh token, which works once and on its device, for a new pair."""
        return sign_in.refresh(body["refresh_token"], _device(body["device_fingerprint"]))


@blp.route("/partner/auth/forgot-password")
class ForgotPassword(MethodView):
    @unscoped
    @blp.arguments(ForgotPasswordIn)
    @blp.response(202, StaffMessageOut)
    def post(self, body):
        """Ask for a link to set a new password. The answer is the same for an e-mail that nobody has."""
        account.forgot_password(body["email"])
        return {"message": "If this e-mail is known, a link is on its way."}


@blp.route("/partner/auth/set-password")
class SetPassword(MethodView):
    @unscoped
    @blp.arguments(SetPasswordIn)
    @blp.response(204)
    def post(self, body):
        """Set a password by the link of a reset or an invitation. Ends all sessions."""
        account.set_password(body["token"], body["password"], _device())


@blp.route("/partner/auth/change-password")
class ChangePassword(MethodView):
    @staff_anywhere
    @blp.arguments(ChangePasswordIn)
    @blp.response(204)
    def post(self, body, claims):
        """A new password for who knows the present one. Ends all sessions."""
        account.change_password(claims, body["current_password"], body["new_password"], _device())


@blp.route("/partner/auth/logout")
class Logout(MethodView):
    @staff_anywhere
    @blp.response(204)
    def post(self, claims):
        """End this session."""
        service.logout(claims)


@blp.route("/partner/auth/logout-everywhere")
class LogoutEverywhere(MethodView):
    @staff_anywhere
    @blp.response(204)
    def post(self, claims):
        """End all of one's sessions."""
        account.logout_everywhere(claims)


@blp.route("/partner/auth/sessions")
class Sessions(MethodView):
    @staff_anywhere
    @blp.response(200, StaffSessionOut(many=True))
    def get(self, claims):
        """One's open sessions, newest first."""
        return account.own_sessions(claims)


@blp.route("/partner/auth/sessions/<uuid:session_id>")
class Session(MethodView):
    @staff_anywhere
    @blp.response(204)
    def delete(self, session_id, claims):
        """End one of one's sessions."""
        account.end_session(claims, session_id)


@blp.route("/partner/me")
class Me(MethodView):
    @staff_anywhere
    @blp.response(200, StaffOut)
    def get(self, claims):
        """The signed-in person with their brands, roles and permissions of this moment."""
        return account.me(claims)


@blp.route("/partner/me/second-factor")
class OwnSecondFactor(MethodView):
    @staff_anywhere
    @blp.arguments(PasswordIn)
    @blp.response(200, SeedOut)
    def post(self, body, claims):
        """Begin to use a second factor: the seed for an authenticator, shown this once."""
        return account.begin_second_factor(claims, body["password"], _device())

    @staff_anywhere
    @blp.arguments(CodeIn)
    @blp.response(200, RecoveryCodesOut)
    def put(self, body, claims):
        """Put it in force by its first code. The recovery codes are shown this once."""
        return {"recovery_codes": account.set_second_factor(claims, body["code"], _device())}


@blp.route("/partner/me/second-factor/remove")
class OwnSecondFactorRemoved(MethodView):
    @staff_anywhere
    @blp.arguments(CodeIn)
    @blp.response(204)
    def post(self, body, claims):
        """Remove it, to set up another: whose roles ask for one enrols at the next sign-in. Ends all sessions."""
        account.remove_second_factor(claims, body["code"], _device())


@blp.route("/partner/me/recovery-codes")
class RecoveryCodes(MethodView):
    @staff_anywhere
    @blp.arguments(CodeIn)
    @blp.response(200, RecoveryCodesOut)
    def post(self, body, claims):
        """New recovery codes; the ones before them end."""
        return {"recovery_codes": account.renew_recovery_codes(claims, body["code"], _device())}
