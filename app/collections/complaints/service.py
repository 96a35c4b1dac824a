"""Complaints about how somebody is collected from: answered in time, and not by the one who is complained of."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from peewee import ModelSelect, fn

from app.brands import service as brands
from app.collections.models import Complaint
from app.collections.promises import policy
from app.collections.states import COMPLAINT, ESCALATED, HEADS, LEADS, OPEN, RESOLVED
from app.core import audit, clock, identity
from app.core.errors import Conflict, Forbidden, Invalid
from app.core.identity import Role
from app.loans import service as loans
from app.loans.service import Loan
from app.messaging import service as messaging
from app.messaging.staff import mails as to_staff
from app.staff import authority
from app.staff import service as staff

# of a loan at a time; what is more is told with one of them
OPEN_MAX = 5


def take(loan_id: UUID | str, category: str, text: str, about_user_id: UUID | None = None) -> Complaint:
    """Write down what a customer complains of. Raises NotFound where it is about nobody of the brand's staff."""
    if about_user_id:
        authority.roles_of(about_user_id)
    return _taken(loans.get(loan_id), category, text, about_user_id)


def raise_by(customer_id: UUID | str, loan_id: UUID, category: str, text: str) -> Complaint:
    """The customer complains in the app. Raises NotFound for a loan that is not theirs, Conflict with too many open."""
    loan = loans.for_customer(loan_id, customer_id).locked()
    mine = Complaint.loan_id == loan.id, Complaint.status != RESOLVED, Complaint.taken_by == str(customer_id)
    if Complaint.select().where(*mine).count() >= OPEN_MAX:
        raise Conflict("We are at work on your complaints of this loan.", code="COMPLAINTS_OPEN")
    return _taken(loan, category, text)


def _taken(loan: Loan, category: str, text: str, about_user_id: UUID | None = None) -> Complaint:
    complaint = Complaint.create(
        customer_id=loan.customer_id,
        loan_id=loan.id,
        status=COMPLAINT.initial,
        category=category,
        text=text,
        about_user_id=about_user_id,
        taken_by=identity.actor().id,
        answer_due_on=clock.today() + timedelta(days=policy()["complaint_days"]),
    )
    COMPLAINT.start(complaint)
    messaging.notify(
        loan.customer_id,
        "complaint_taken",
        loan_id=loan.id,
        loan_no=loan.loan_no,
        answer_due_on=complaint.answer_due_on,
        **_officer(),
    )
    return complaint


def _officer() -> dict[str, str]:
    """To whom a customer turns who is not content."""
    lender = brands.settings()["lender"]
    return {"officer": lender["grievance_officer"], "officer_phone": lender["grievance_phone"]}


def assign(complaint_id: UUID | str, executive_id: UUID) -> Complaint:
    """Have somebody answer it. Raises NotFound, Invalid for who may not, or whom it is about."""
    complaint = Complaint.find(complaint_id).locked()
    authority.roles_of(executive_id)
    if complaint.status == RESOLVED:
        raise Conflict("It is answered.", code="ALREADY_RESOLVED")
    if executive_id == complaint.about_user_id:
        raise Invalid("It is about them.", field="executive_id", code="ABOUT_THEM")
    if executive_id not in _people(HEADS if complaint.status == ESCALATED else LEADS):
        raise Invalid("They do not answer such complaints.", field="executive_id", code="NOT_THEIR_WORK")
    before, after = complaint.assigned_to, str(executive_id)
    complaint.change(assigned_to=executive_id)
    audit.record(
        "collection_complaint.assigned",
        "collection_complaint",
        complaint.id,
        before={"assignedTo": before and str(before)},
        after={"assignedTo": after},
    )
    _tell(complaint, "complaint_assigned", [executive_id])
    return complaint


def _people(roles: Collection[Role]) -> list[UUID]:
    return [user_id for role in roles for user_id in staff.working(role)]


def _tell(complaint: Complaint, event: str, whom: Collection[UUID]) -> None:
    loan_no = loans.get(complaint.loan_id).loan_no
    for user_id in whom:
        to_staff.tell(user_id, event, loan_no=loan_no, answer_due_on=complaint.answer_due_on)


def escalate(complaint_id: UUID | str, remark: str | None = None) -> Complaint:
    """A collection head has to answer it; whoever of them it is not about is told."""
    complaint = COMPLAINT.move(
        Complaint.find(complaint_id), ESCALATED, remark=remark, escalated_at=clock.now(), assigned_to=None
    )
    heads = set(staff.working(Role.COLLECTION_HEAD)) - {complaint.about_user_id}
    _tell(complaint, "complaint_escalated", sorted(heads))
    return complaint


def escalate_open(complaint_id: UUID | str) -> None:
    """The same for one that is open still. Doing it twice changes nothing."""
    if Complaint.find(complaint_id).locked().status == OPEN:
        escalate(complaint_id, "Nobody answered it in time.")


def unanswered(on: date) -> list[UUID]:
    """The complaints that nobody answered within the days of the policy, oldest first."""
    last = clock.start_of(on - timedelta(days=policy()["complaint_escalate_days"] - 1))
    late = Complaint.status == OPEN, Complaint.created_at < last
    return [row.id for row in Complaint.select(Complaint.id).where(*late).order_by(Complaint.id)]


def resolve(complaint_id: UUID | str, answer: str) -> Complaint:
    """Answer it; the customer is told. Raises Forbidden for the one whom it is about, and for who is no head where it
    is escalated."""
    complaint, who = Complaint.find(complaint_id), identity.actor().id
    if str(complaint.about_user_id) == who:
        raise Forbidden("Somebody else answers a complaint about oneself.")
    complaint = COMPLAINT.move(complaint, RESOLVED, answer=answer, resolved_by=who, resolved_at=clock.now())
    loan = loans.get(complaint.loan_id)
    told = {"loan_no": loan.loan_no, "answer": answer, **_officer()}
    messaging.notify(complaint.customer_id, "complaint_answered", loan_id=loan.id, **told)
    return complaint


def search(args: dict[str, Any]) -> ModelSelect:
    """Complaints by state, category, loan and who answers them, or whom they are about; `overdue` are those that are or
    were not answered in time."""
    alike = {name: args[name] for name in ("status", "category", "loan_id", "about_user_id")}
    query = Complaint.asked(**alike, assigned_to=args["executive_id"])
    if args["overdue"]:
        ended = fn.COALESCE(Complaint.resolved_at, clock.now())
        query = query.where(fn.TIMEZONE("Asia/Kolkata", ended).cast("date") > Complaint.answer_due_on)
    return query


def of_customer(customer_id: UUID | str, loan_id: UUID) -> list[Complaint]:
    """What the customer complained of on a loan, newest first. Raises NotFound for a loan that is not theirs."""
    loan = loans.for_customer(loan_id, customer_id)
    return list(Complaint.select().where(Complaint.loan_id == loan.id).order_by(Complaint.id.desc()))
