"""Complaints about how somebody is collected from: answered in time, and not by the one who is complained of."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from peewee import ModelSelect

from app.brands import service as brands
from app.collections.models import Complaint
from app.collections.states import COMPLAINT
from app.core import clock, identity
from app.core.errors import Forbidden
from app.loans import service as loans
from app.staff import authority as staff


def take(loan_id: UUID | str, category: str, text: str, about_user_id: UUID | None = None) -> Complaint:
    """Write down what a customer complains of. Raises NotFound where it is about nobody of the brand's staff."""
    if about_user_id:
        staff.roles_of(about_user_id)
    loan, days = loans.get(loan_id), brands.settings()["collections"]["complaint_days"]
    complaint = Complaint.create(
        customer_id=loan.customer_id,
        loan_id=loan.id,
        status=COMPLAINT.initial,
        category=category,
        text=text,
        about_user_id=about_user_id,
        taken_by=identity.actor().id,
        answer_due_on=clock.today() + timedelta(days=days),
    )
    COMPLAINT.start(complaint)
    return complaint


def resolve(complaint_id: UUID | str, answer: str) -> Complaint:
    """Answer it. Raises Forbidden for the one whom it is about."""
    complaint, who = Complaint.find(complaint_id), identity.actor().id
    if str(complaint.about_user_id) == who:
        raise Forbidden("Somebody else answers a complaint about oneself.")
    return COMPLAINT.move(complaint, "RESOLVED", answer=answer, resolved_by=who, resolved_at=clock.now())


def search(args: dict[str, Any]) -> ModelSelect:
    """Complaints by state and loan."""
    query = Complaint.select()
    for column, name in ((Complaint.status, "status"), (Complaint.loan_id, "loan_id")):
        query = query.where(column == args[name]) if args[name] else query
    if args["overdue"]:
        query = query.where(Complaint.status == COMPLAINT.initial, Complaint.answer_due_on < clock.today())
    return query
