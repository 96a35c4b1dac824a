"""Reports that are mailed again and again, in the portal."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.core.http import PageArgs, page_of, paginate
from app.reporting import recipients, schedules
from app.reporting.models import ReportSchedule
from app.reporting.schedule_schemas import (
    ReportRecipientOut,
    ReportScheduleArgs,
    ReportScheduleChange,
    ReportScheduleOut,
)
from app.staff.permissions import Permission

blp = Blueprint("report-schedules", __name__, description="Reports that are mailed again and again")


@blp.route("/partner/brand/<brand_id>/report-recipients")
class ReportRecipients(MethodView):
    @staff(Permission.REPORTS_RUN)
    @blp.response(200, ReportRecipientOut(many=True))
    def get(self):
        """Whom reports may be mailed to: whoever works in this brand and runs reports, by name."""
        found = sorted(recipients.readers().items(), key=lambda one: (one[1], one[0]))
        return [{"partner_user_id": user_id, "name": name} for user_id, name in found]


@blp.route("/partner/brand/<brand_id>/report-schedules")
class Schedules(MethodView):
    @staff(Permission.REPORTS_RUN)
    @blp.arguments(PageArgs, location="query")
    @blp.response(200, page_of(ReportScheduleOut))
    def get(self, args):
        """What is mailed to whom and when, and what became of it the last time."""
        found = paginate(schedules.find(), args, {"createdAt": ReportSchedule.created_at})
        return found | {"items": schedules.told(found["items"])}

    @staff(Permission.REPORTS_RUN)
    @blp.arguments(ReportScheduleArgs)
    @blp.response(201, ReportScheduleOut)
    def post(self, args):
        """Have a report mailed to some of the staff, or to oneself: every day, or on a day of the week or month."""
        return schedules.told([schedules.add(args)])[0]


@blp.route("/partner/brand/<brand_id>/report-schedules/<uuid:schedule_id>")
class Schedule(MethodView):
    @staff(Permission.REPORTS_RUN)
    @blp.arguments(ReportScheduleChange(partial=True))
    @blp.response(200, ReportScheduleOut)
    def patch(self, args, schedule_id):
        """Change what is mailed, when or to whom; let it rest, and go on."""
        return schedules.told([schedules.change(schedule_id, args)])[0]

    @staff(Permission.REPORTS_RUN)
    @blp.response(204)
    def delete(self, schedule_id):
        """It is mailed no more."""
        schedules.end(schedule_id)
