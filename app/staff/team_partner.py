"""Managing the staff of a brand."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.core.http import PageArgs, page_of
from app.staff import leave, ratings, team
from app.staff.permissions import Permission
from app.staff.schemas import MemberSessionOut
from app.staff.team_schemas import (
    EditStaffIn,
    InviteIn,
    LeaveIn,
    LeaveOut,
    LeaveRange,
    LoginEventOut,
    MemberOut,
    RateIn,
    RatingOut,
    ReasonIn,
    RolesIn,
    RolesOut,
    StaffArgs,
)

blp = Blueprint("team", __name__, description="The staff of a brand")
PATH = "/partner/brand/<brand_id>/staff"
ONE = f"{PATH}/<uuid:user_id>"


@blp.route(PATH)
class Team(MethodView):
    @staff(Permission.STAFF_VIEW)
    @blp.arguments(StaffArgs, location="query")
    @blp.response(200, page_of(MemberOut))
    def get(self, args):
        """The staff of the brand by name, e-mail, role and whether they are active."""
        return team.page(args)

    @staff(Permission.STAFF_MANAGE)
    @blp.arguments(InviteIn)
    @blp.response(201, MemberOut)
    def post(self, body):
        """Invite somebody: they choose their password by a link in a mail. Who works for another brand keeps it."""
        return team.invite(**body)


@blp.route(ONE)
class Member(MethodView):
    @staff(Permission.STAFF_VIEW)
    @blp.response(200, MemberOut)
    def get(self, user_id):
        """One member of the staff."""
        return team.get(user_id)

    @staff(Permission.STAFF_MANAGE)
    @blp.arguments(EditStaffIn)
    @blp.response(200, MemberOut)
    def patch(self, body, user_id):
        """Correct name or pincode; the e-mail only while the invitation is open."""
        return team.edit(user_id, body)


@blp.route(f"{ONE}/invite")
class Invitation(MethodView):
    @staff(Permission.STAFF_MANAGE)
    @blp.response(204)
    def post(self, user_id):
        """Mail a new link to somebody who has no password yet."""
        team.invite_again(user_id)


@blp.route(f"{ONE}/roles")
class Roles(MethodView):
    @staff(Permission.STAFF_MANAGE)
    @blp.arguments(RolesIn)
    @blp.response(200, RolesOut)
    def put(self, body, user_id):
        """Give and take roles in this brand; none takes the brand away. Nobody gives what is above them."""
        return team.set_roles(user_id, body["roles"])


@blp.route(f"{ONE}/deactivate")
class Deactivation(MethodView):
    @staff(Permission.STAFF_MANAGE)
    @blp.arguments(ReasonIn)
    @blp.response(200, MemberOut)
    def post(self, body, user_id):
        """Shut somebody out at once. Their open work goes to others."""
        return team.deactivate(user_id, body["reason"])


@blp.route(f"{ONE}/reactivate")
class Reactivation(MethodView):
    @staff(Permission.STAFF_MANAGE)
    @blp.arguments(ReasonIn)
    @blp.response(200, MemberOut)
    def post(self, body, user_id):
        """Let somebody in again."""
        return team.reactivate(user_id, body["reason"])


@blp.route(f"{ONE}/sessions")
class MemberSessions(MethodView):
    @staff(Permission.STAFF_MANAGE)
    @blp.response(200, MemberSessionOut(many=True))
    def get(self, user_id):
        """Somebody's open sessions, newest first."""
        return team.open_sessions(user_id)

    @staff(Permission.STAFF_MANAGE)
    @blp.response(204)
    def delete(self, user_id):
        """Log somebody out everywhere."""
        team.end_sessions(user_id)


@blp.route(f"{ONE}/sessions/<uuid:session_id>")
class MemberSession(MethodView):
    @staff(Permission.STAFF_MANAGE)
    @blp.response(204)
    def delete(self, user_id, session_id):
        """End one of somebody's sessions."""
        team.end_sessions(user_id, session_id)


@blp.route(f"{ONE}/logins")
class MemberLogins(MethodView):
    @staff(Permission.STAFF_MANAGE)
    @blp.arguments(PageArgs, location="query")
    @blp.response(200, page_of(LoginEventOut))
    def get(self, args, user_id):
        """What happened when somebody signed in, newest first."""
        return team.log_of(user_id, args)


@blp.route(f"{ONE}/second-factor/remove")
class MemberSecondFactor(MethodView):
    @staff(Permission.STAFF_MANAGE)
    @blp.arguments(ReasonIn)
    @blp.response(204)
    def post(self, body, user_id):
        """For who lost phone and recovery codes: they set up another at the next sign-in."""
        team.remove_second_factor(user_id, body["reason"])


@blp.route(f"{ONE}/unavailability")
class Unavailability(MethodView):
    @staff(Permission.STAFF_VIEW)
    @blp.response(200, LeaveOut(many=True))
    def get(self, user_id):
        """The days somebody is away, as ranges."""
        return leave.of(user_id)

    @staff(Permission.STAFF_MANAGE)
    @blp.arguments(LeaveIn)
    @blp.response(201, LeaveOut(many=True))
    def post(self, body, user_id):
        """Away from one day to another: no work is given to them then."""
        return leave.add(user_id, **body)

    @staff(Permission.STAFF_MANAGE)
    @blp.arguments(LeaveRange, location="query")
    @blp.response(200, LeaveOut(many=True))
    def delete(self, args, user_id):
        """There again from one day to another."""
        return leave.remove(user_id, **args)


@blp.route(f"{ONE}/ratings")
class Ratings(MethodView):
    @staff(Permission.STAFF_RATE)
    @blp.arguments(PageArgs, location="query")
    @blp.response(200, page_of(RatingOut))
    def get(self, args, user_id):
        """How somebody was rated, newest month first."""
        return ratings.page(user_id, args)

    @staff(Permission.STAFF_RATE)
    @blp.arguments(RateIn)
    @blp.response(201, RatingOut)
    def post(self, body, user_id):
        """Rate somebody for a month, 1 to 5 by criterion; a second rating of the same month replaces the first."""
        return ratings.rate(user_id, **body)
