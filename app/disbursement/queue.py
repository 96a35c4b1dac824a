"""The queue of Loan Ops: which loans wait for what, since when, and what is missing."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from peewee import Expression, ModelSelect, fn

from app.core import clock
from app.core.clock import business_day
from app.core.http import paginate
from app.disbursement import checklist
from app.disbursement.models import DisbursalOrder, Payout
from app.disbursement.states import FAILED, OPEN, PROPOSED, REVERSED
from app.loans import service as loans
from app.loans.service import Loan

# After this long without an end a payout is worth a look.
UNKNOWN_AFTER = timedelta(minutes=30)
SORTABLE = {
    "waitingSince": Loan.status_since,
    "createdAt": Loan.created_at,
    "netDisbursal": Loan.net_disbursal,
    "dueDate": Loan.due_date,
}


def _order(*conditions: Expression) -> Expression:
    mine = DisbursalOrder.select().where(
        DisbursalOrder.loan_id == Loan.id, DisbursalOrder.status == PROPOSED, *conditions
    )
    return fn.EXISTS(mine)


def _payout(*conditions: Expression) -> Expression:
    return fn.EXISTS(Payout.select().where(Payout.loan_id == Loan.id, *conditions))


def _is_old() -> Expression:
    return Payout.created_at < clock.now() - UNKNOWN_AFTER


_gone_wrong = Payout.status.in_([FAILED, REVERSED])
_on_its_way = Payout.status.in_(OPEN)

WAITING = ("APPROVED", "DISBURSAL_IN_PROCESS")
# Each loan that is in one of those states is in exactly one of these.
STAGES: Mapping[str, Callable[[], list[Expression]]] = {
    "TO_PROPOSE": lambda: [Loan.status == "APPROVED", ~_order(), ~_payout(_gone_wrong)],
    "TO_RETRY": lambda: [Loan.status == "APPROVED", ~_order(), _payout(_gone_wrong)],
    "TO_RELEASE": lambda: [Loan.status == "APPROVED", _order()],
    "ON_ITS_WAY": lambda: [Loan.status == "DISBURSAL_IN_PROCESS", ~_payout(_on_its_way, _is_old())],
    "UNKNOWN_OUTCOME": lambda: [Loan.status == "DISBURSAL_IN_PROCESS", _payout(_on_its_way, _is_old())],
}


def waiting(args: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the queue, with the stage, the age and what is missing of each loan."""
    stages = [args["stage"]] if args["stage"] else list(STAGES)
    # the states by themselves, or no index would help
    query = loans.search(None, args["search"]).where(Loan.status.in_(WAITING))
    if args["stage"]:
        query = query.where(_any_of(stages))
    if args["channel"]:
        query = query.where(
            _order(DisbursalOrder.channel == args["channel"])
            | _payout(_on_its_way, Payout.channel == args["channel"])
        )
    page = paginate(query, args, SORTABLE)
    by_stage = {stage: _ids(page["items"], stage) for stage in stages}
    page["items"] = [_told(loan, by_stage) for loan in page["items"]]
    return page


def _any_of(stages: list[str]) -> Expression:
    joined = None
    for stage in stages:
        first, *more = STAGES[stage]()
        for condition in more:
            first &= condition
        joined = first if joined is None else joined | first
    return joined


def _ids(some: list[Loan], stage: str) -> set[Any]:
    mine = Loan.id.in_([loan.id for loan in some] or [None])
    return {row.id for row in loans.search(None, None).where(mine, _any_of([stage]))}


def _told(loan: Loan, by_stage: Mapping[str, set[Any]]) -> dict[str, Any]:
    stage = next(stage for stage, ids in by_stage.items() if loan.id in ids)
    return {
        "loan_id": loan.id,
        "loan_no": loan.loan_no,
        "customer_id": loan.customer_id,
        "stage": stage,
        "waiting_since": loan.status_since,
        "age_days": (clock.today() - business_day(loan.status_since)).days,
        "net_disbursal": loan.net_disbursal,
        "due_date": loan.due_date,
        "agreement_status": loan.agreement_status,
        "missing": _missing(loan),
    }


def _missing(loan: Loan) -> list[str]:
    return [check.name for check in checklist.failing(loan)] if loan.status == "APPROVED" else []


def counts() -> list[dict[str, Any]]:
    """How many loans wait at each stage, and how much money that is."""
    return [{"stage": stage, **_count(loans.search(None, None).where(_any_of([stage])))} for stage in STAGES]


def _count(query: ModelSelect) -> dict[str, Any]:
    columns = fn.COUNT(Loan.id), fn.COALESCE(fn.SUM(Loan.net_disbursal), 0)
    count, amount = query.select(*columns).tuples().get()
    return {"count": count, "amount": amount}
