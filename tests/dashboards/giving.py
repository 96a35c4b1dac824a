"""Loans that are given to somebody."""

from uuid import UUID

from app.allocation.models import LoanAllottedPartnerUser
from app.core.identity import Role
from app.demo.client import Portal
from tests.lending import Case, at_work


def give(case: Case, portal: Portal, role: Role) -> None:
    with at_work():
        LoanAllottedPartnerUser.create(
            loan_id=case.loan_id,
            customer_id=case.customer_id,
            partner_user_id=UUID(portal.user["id"]),
            role=role.value,
            kind="COLLECTION",
            amount="1.00",
            allocation_type="MANUAL",
            allotted_by="test",
        )
