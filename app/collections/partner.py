"""Collections in the portal: what is to be collected, what was said and promised."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.collections import notes, performance, promises, queues, written_off
from app.collections.models import Disposition, PromiseToPay
from app.collections.schemas import (
    AgeingArgs,
    AgeOut,
    CollectedLoanOut,
    DispositionIn,
    DispositionOut,
    PerformanceArgs,
    PerformanceOut,
    PromiseIn,
    PromiseOut,
    QueueArgs,
    WhyIn,
    WrittenOffArgs,
    WrittenOffOut,
)
from app.core.http import PageArgs, page_of, paginate
from app.staff.permissions import Permission

blp = Blueprint("partner-collections", __name__, description="Collecting what is due")


@blp.route("/partner/brand/<brand_id>/collections/queue")
class Queue(MethodView):
    @staff(Permission.COLLECTIONS_VIEW)
    @blp.arguments(QueueArgs, location="query")
    @blp.response(200, page_of(CollectedLoanOut))
    def get(self, args):
        """Loans that are due soon or overdue, as they stood at the end of the last closed day."""
        return queues.page(args)


@blp.route("/partner/brand/<brand_id>/collections/written-off")
class WrittenOff(MethodView):
    @staff(Permission.COLLECTIONS_VIEW)
    @blp.arguments(WrittenOffArgs, location="query")
    @blp.response(200, page_of(WrittenOffOut))
    def get(self, args):
        """Loans that were written off: who recovers each, what came back of it, and what is lost still."""
        return written_off.page(args)


@blp.route("/partner/brand/<brand_id>/collections/ageing")
class Ageing(MethodView):
    @staff(Permission.COLLECTIONS_VIEW)
    @blp.arguments(AgeingArgs, location="query")
    @blp.response(200, AgeOut(many=True))
    def get(self, args):
        """How many loans and how much money stand in each bucket."""
        return queues.ageing(args)


@blp.route("/partner/brand/<brand_id>/collections/performance")
class Performance(MethodView):
    @staff(Permission.COLLECTIONS_LEAD)
    @blp.arguments(PerformanceArgs, location="query")
    @blp.response(200, PerformanceOut(many=True))
    def get(self, args):
        """What came of each collector's work in a period, most collected first."""
        return performance.between(args["from_date"], args["to_date"])


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/dispositions")
class Dispositions(MethodView):
    @staff(Permission.COLLECTIONS_VIEW)
    @blp.arguments(PageArgs, location="query")
    @blp.response(200, page_of(DispositionOut))
    def get(self, args, loan_id):
        """What came of every contact about a loan, newest first."""
        return paginate(notes.of_loan(loan_id), args, {"createdAt": Disposition.created_at})

    @staff(Permission.COLLECTIONS_WORK)
    @blp.arguments(DispositionIn)
    @blp.response(201, DispositionOut)
    def post(self, body, loan_id):
        """Say what came of a contact, which counts; refused like one unless it was before. Some codes end contact."""
        return notes.note(loan_id, **body)


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/promises")
class Promises(MethodView):
    @staff(Permission.COLLECTIONS_VIEW)
    @blp.arguments(PageArgs, location="query")
    @blp.response(200, page_of(PromiseOut))
    def get(self, args, loan_id):
        """Promises to pay, newest first, and what came of them."""
        return paginate(promises.of_loan(loan_id), args, {"dueOn": PromiseToPay.due_on})

    @staff(Permission.COLLECTIONS_WORK)
    @blp.arguments(PromiseIn)
    @blp.response(201, PromiseOut)
    def post(self, body, loan_id):
        """Take a promise to pay. At the end of days payments keep it or it is broken."""
        return promises.take(loan_id, **body)


@blp.route("/partner/brand/<brand_id>/promises/<uuid:promise_id>/cancel")
class PromiseCancel(MethodView):
    @staff(Permission.COLLECTIONS_WORK)
    @blp.arguments(WhyIn)
    @blp.response(200, PromiseOut)
    def post(self, body, promise_id):
        """Take an open promise back, with the reason."""
        return promises.cancel(promise_id, **body)
