"""Reminders: what is to be said to a customer at a set time."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.audit import service as audits
from app.audit.schemas import AuditEventOut
from app.core.http import PageArgs, page_of
from app.reminders import service
from app.reminders.schemas import (
    ReminderCancelIn,
    ReminderIn,
    ReminderListArgs,
    ReminderOut,
    ReminderTimeIn,
)
from app.staff.permissions import Permission

blp = Blueprint("reminders", __name__, description="What is to be said to a customer at a set time")
_ONE = "/partner/brand/<brand_id>/user-reminders/<uuid:reminder_id>"


@blp.route("/partner/brand/<brand_id>/user-reminders")
class Reminders(MethodView):
    @staff(Permission.REMINDERS)
    @blp.arguments(ReminderListArgs, location="query")
    @blp.response(200, page_of(ReminderOut))
    def get(self, args):
        """Reminders by channel, status, days and search, the latest due first."""
        return service.page(args)

    @staff(Permission.REMINDERS)
    @blp.arguments(ReminderIn)
    @blp.response(201, ReminderOut)
    def post(self, body):
        """Have a customer told something at a set time."""
        return service.get(service.create(**body).id)


@blp.route(_ONE)
class Reminder(MethodView):
    @staff(Permission.REMINDERS)
    @blp.response(200, ReminderOut)
    def get(self, reminder_id):
        """One reminder."""
        return service.get(reminder_id)


@blp.route(f"{_ONE}/cancel")
class Cancel(MethodView):
    @staff(Permission.REMINDERS)
    @blp.arguments(ReminderCancelIn)
    @blp.response(200, ReminderOut)
    def post(self, body, reminder_id):
        """It is not to be said. 409 once it is on its way, or over."""
        return service.cancel(reminder_id, **body)


@blp.route(f"{_ONE}/reschedule")
class Reschedule(MethodView):
    @staff(Permission.REMINDERS)
    @blp.arguments(ReminderTimeIn)
    @blp.response(200, ReminderOut)
    def post(self, body, reminder_id):
        """It is to be said at another time. 409 once it is on its way, or over."""
        return service.reschedule(reminder_id, **body)


@blp.route(f"{_ONE}/audit-logs")
class AuditLogs(MethodView):
    @staff(Permission.REMINDERS)
    @blp.arguments(PageArgs, location="query")
    @blp.response(200, page_of(AuditEventOut))
    def get(self, args, reminder_id):
        """Every step of a reminder, with time and actor, newest first."""
        return audits.with_names(service.steps(reminder_id, args))
