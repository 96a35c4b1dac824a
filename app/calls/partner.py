"""Calls from the portal, what became of them, and who calls from which phone."""

from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

from app import inbox
from app.access import provider, staff
from app.calls import extensions, placing, receiving, recordings, service
from app.calls.schemas import (
    CallIn,
    CallListArgs,
    CallStatsArgs,
    DialerAgentOut,
    DialerConfigOut,
    ExtensionIn,
    ExtensionOut,
    UnknownCallOut,
    UserCallFullOut,
    UserCallOut,
    UserCallRecordingOut,
    UserCallStatsOut,
)
from app.core.http import PageArgs, page_of
from app.documents.files import FILE
from app.inbox import ReceivedOut
from app.staff.permissions import Permission

blp = Blueprint("calls", __name__, description="Calls to customers, and what became of them")


@blp.route("/acefone/dialer/config")
class DialerConfig(MethodView):
    @staff(Permission.CALLS)
    @blp.response(200, DialerConfigOut)
    def get(self):
        """Whether the brand calls, and from which phone the reader does."""
        return extensions.config()


@blp.route("/acefone/dialer/initiate")
class Initiate(MethodView):
    @staff(Permission.CALLS)
    @blp.arguments(CallIn)
    @blp.response(202, UserCallOut)
    def post(self, body):
        """Call a customer: one's own phone rings, then theirs. 409 names the rule that forbids it."""
        return service.described([placing.initiate(**body)])[0]


@blp.route("/acefone/dialer/outbound")
class Outbound(MethodView):
    @provider("acefone")
    @blp.response(200, ReceivedOut)
    def post(self):
        """Acefone: something happened to a call. Brand and secret are headers of the template that is registered."""
        return inbox.from_acefone("calls.hear")


@blp.route("/acefone/dialer/inbound")
class Inbound(MethodView):
    @provider("acefone")
    @blp.response(200, ReceivedOut)
    def post(self):
        """Acefone: somebody calls the brand. The same template as for the calls that it places."""
        return inbox.from_acefone("calls.hear")


@blp.route("/acefone/dialer/user/<uuid:user_id>/calls")
class UserCalls(MethodView):
    @staff(Permission.CALLS)
    @blp.arguments(CallListArgs, location="query")
    @blp.response(200, page_of(UserCallOut))
    def get(self, args, user_id):
        """The calls to and from a customer, newest first."""
        return service.of_user(user_id, args)


@blp.route("/acefone/dialer/user/<uuid:user_id>/stats")
class UserStats(MethodView):
    @staff(Permission.CALLS)
    @blp.arguments(CallStatsArgs, location="query")
    @blp.response(200, UserCallStatsOut)
    def get(self, args, user_id):
        """How the calls to and from a customer went."""
        return service.figures_of_user(user_id, args)


@blp.route("/acefone/dialer/partner/<uuid:partner_user_id>/calls")
class PartnerCalls(MethodView):
    @staff(Permission.CALLS)
    @blp.arguments(CallListArgs, location="query")
    @blp.response(200, page_of(UserCallOut))
    def get(self, args, partner_user_id):
        """The calls of a member of staff, newest first: one's own, or as a lead those of others."""
        return service.of_partner(partner_user_id, args)


@blp.route("/acefone/dialer/partner/<uuid:partner_user_id>/stats")
class PartnerStats(MethodView):
    @staff(Permission.CALLS)
    @blp.arguments(CallStatsArgs, location="query")
    @blp.response(200, UserCallStatsOut)
    def get(self, args, partner_user_id):
        """How the calls of a member of staff went."""
        return service.figures_of_partner(partner_user_id, args)


@blp.route("/acefone/dialer/call/<uuid:call_id>")
class Call(MethodView):
    @staff(Permission.CALLS)
    @blp.response(200, UserCallFullOut)
    def get(self, call_id):
        """A call, and what the provider told of it."""
        return service.describe(call_id)


@blp.route("/acefone/dialer/call/<uuid:call_id>/recording")
class Recording(MethodView):
    @staff(Permission.CALLS)
    @blp.response(200, FILE, content_type="application/octet-stream")
    def get(self, call_id):
        """Listen to a call. Audited."""
        data, content_type = recordings.audio(call_id)
        answer = Response(data, mimetype=content_type)
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Cache-Control"] = "private, no-store"
        return answer


@blp.route("/acefone/dialer/call/<uuid:call_id>/recording/fetch")
class FetchRecording(MethodView):
    @staff(Permission.CALLS)
    @blp.response(202, UserCallRecordingOut)
    def post(self, call_id):
        """Look for a missing recording once more."""
        return recordings.fetch_again(call_id)


@blp.route("/partner/brand/<brand_id>/dialer/extensions")
class Extensions(MethodView):
    @staff(Permission.DIALER_EDIT)
    @blp.response(200, ExtensionOut(many=True))
    def get(self):
        """Who calls from which phone."""
        return extensions.listed()


@blp.route("/partner/brand/<brand_id>/dialer/extensions/<uuid:partner_user_id>")
class Extension(MethodView):
    @staff(Permission.DIALER_EDIT)
    @blp.arguments(ExtensionIn)
    @blp.response(200, ExtensionOut)
    def put(self, body, partner_user_id):
        """Let a member of staff call from a phone."""
        return extensions.give(partner_user_id, **body)

    @staff(Permission.DIALER_EDIT)
    @blp.response(204)
    def delete(self, partner_user_id):
        """A member of staff calls no more."""
        extensions.take(partner_user_id)


@blp.route("/partner/brand/<brand_id>/dialer/unknown-calls")
class UnknownCalls(MethodView):
    @staff(Permission.CALLS)
    @blp.arguments(PageArgs, location="query")
    @blp.response(200, page_of(UnknownCallOut))
    def get(self, args):
        """The calls to the brand from numbers that none of its customers has, newest first."""
        return receiving.unknown(args)


@blp.route("/partner/brand/<brand_id>/dialer/agents")
class Agents(MethodView):
    @staff(Permission.DIALER_EDIT)
    @blp.response(200, DialerAgentOut(many=True))
    def get(self):
        """Whom the brand's account at the provider knows, and whose phone is free."""
        return extensions.at_provider()
