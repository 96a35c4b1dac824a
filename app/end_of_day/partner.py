"""Ends of days in the portal."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.core.http import PageArgs, page_of, paginate
from app.end_of_day import service
from app.end_of_day.models import EodStep, LoanDay
from app.end_of_day.schemas import EodArgs, EodStepOut, LoanDayOut
from app.staff.permissions import Permission

blp = Blueprint("partner-end-of-day", __name__, description="How loans stood at the end of days")


@blp.route("/partner/brand/<brand_id>/end-of-day/steps")
class Steps(MethodView):
    @staff(Permission.REPORTS_RUN)
    @blp.arguments(EodArgs, location="query")
    @blp.response(200, page_of(EodStepOut))
    def get(self, args):
        """Which days are closed, step by step, newest first."""
        query, day = service.steps(), args["on_date"]
        query = query.where(EodStep.on_date == day) if day else query
        return paginate(query, args, {"onDate": EodStep.on_date, "finishedAt": EodStep.finished_at})


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/days")
class LoanDays(MethodView):
    @staff(Permission.LEDGER_VIEW)
    @blp.arguments(PageArgs, location="query")
    @blp.response(200, page_of(LoanDayOut))
    def get(self, args, loan_id):
        """How the loan stood at the end of each day while it owed something, newest first."""
        sortable = {"onDate": LoanDay.on_date, "daysPastDue": LoanDay.days_past_due}
        return paginate(service.of_loan(loan_id), args, sortable)
