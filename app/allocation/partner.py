"""Who works on what: one's own queue, the team's load, what waits, and moving work by hand."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.allocation import by_hand, queues
from app.allocation.schemas import (
    AllocationArgs,
    AllocationOut,
    AllotmentOut,
    KindArgs,
    LoadOut,
    MoveWorkIn,
    QueueArgs,
    QueuedOut,
    WaitingOut,
    WorkMovedOut,
)
from app.core.http import page_of
from app.staff.permissions import Permission

blp = Blueprint("allocation", __name__, description="Who works on what")
PATH = "/partner/brand/<brand_id>/allocations"


@blp.route(PATH)
class Allocations(MethodView):
    @staff(Permission.ALLOCATION_MANAGE)
    @blp.arguments(AllocationArgs, location="query")
    @blp.response(200, page_of(QueuedOut))
    def get(self, args):
        """What was given out to the people one leads, by kind, person and whether they have it still."""
        return queues.page(args)


@blp.route(f"{PATH}/mine")
class OwnQueue(MethodView):
    @staff(Permission.ALLOCATION_OWN)
    @blp.arguments(QueueArgs, location="query")
    @blp.response(200, page_of(QueuedOut))
    def get(self, args):
        """What oneself has to work on, oldest first."""
        return queues.mine(args)


@blp.route(f"{PATH}/load")
class Load(MethodView):
    @staff(Permission.ALLOCATION_MANAGE)
    @blp.arguments(KindArgs, location="query")
    @blp.response(200, LoadOut(many=True))
    def get(self, args):
        """The people one leads: what each has in hand, how much fits, and whether they are there today."""
        return queues.load(**args)


@blp.route(f"{PATH}/waiting")
class Waiting(MethodView):
    @staff(Permission.ALLOCATION_MANAGE)
    @blp.arguments(QueueArgs, location="query")
    @blp.response(200, page_of(WaitingOut))
    def get(self, args):
        """What nobody could be given yet, and why, oldest first."""
        return queues.waiting(args)


@blp.route(f"{PATH}/move")
class Move(MethodView):
    @staff(Permission.ALLOCATION_MANAGE)
    @blp.arguments(MoveWorkIn)
    @blp.response(200, WorkMovedOut)
    def post(self, body):
        """Give customers or loans to somebody, or to whoever should have each; says of each what came of it."""
        return by_hand.move(**body)


@blp.route(f"{PATH}/<uuid:allotment_id>")
class OneAllocation(MethodView):
    @staff(Permission.ALLOCATION_MANAGE)
    @blp.response(200, AllocationOut)
    def get(self, allotment_id):
        """Why something went to whom: everybody who was looked at, with standing and score."""
        return queues.get(allotment_id)


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/allotments")
class Allotments(MethodView):
    @staff(Permission.LOAN_FILE_VIEW)
    @blp.response(200, AllotmentOut(many=True))
    def get(self, loan_id):
        """Everybody who worked on the loan, oldest first, with when and why it went to another."""
        return queues.of_loan(loan_id)


@blp.route("/partner/brand/<brand_id>/customers/<uuid:customer_id>/allotments")
class CustomerAllotments(MethodView):
    @staff(Permission.CUSTOMERS_VIEW)
    @blp.response(200, AllotmentOut(many=True))
    def get(self, customer_id):
        """Everybody who worked on the customer or on a loan of theirs, oldest first."""
        return queues.of_customer(customer_id)
