"""Whom the customer names as somebody who knows them. Kept to say who the customer is, never to ask for money."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from app.core import audit, clock, identity
from app.core.errors import Conflict, Invalid
from app.customers.models import Customer, CustomerReference


def replace(customer_id: UUID | str, named: Sequence[Mapping[str, str]]) -> list[CustomerReference]:
    """Keep these, each with name, relation and phone, in place of those before. Raises Invalid if one has a phone of
    the customer's own."""
    customer = Customer.find(customer_id).locked()
    own = {customer.phone, customer.alternate_phone}
    if any(one["phone"] in own for one in named):
        raise Invalid("This is your own phone: name somebody else.", field="references", code="OWN_PHONE")
    CustomerReference.delete().where(CustomerReference.customer_id == customer.id).execute()
    for one in named:
        CustomerReference.create(
            customer_id=customer.id, phone_hash=CustomerReference.phone_hash.hash_of(one["phone"]), **one
        )
    audit.record("customer.references", "customer", customer.id, after={"count": len(named)})
    return of_customer(customer.id)


def confirm(customer_id: UUID | str, reference_id: UUID | str, remark: str) -> CustomerReference:
    """Somebody of ours is satisfied that this person is who the customer says. Doing it twice changes nothing."""
    reference = CustomerReference.find(reference_id, customer_id=customer_id)
    if reference.confirmed_at is None:
        reference.change(confirmed_at=clock.now(), confirmed_by=identity.actor().id)
        audit.record(
            "customer.reference_confirmed", "customer_reference", reference.id,
            subject_id=reference.customer_id, reason=remark,
        )  # fmt: skip
    return reference


def confirm_other_phone(customer_id: UUID | str, remark: str) -> Customer:
    """The same for the customer's other phone. Raises Conflict where there is none."""
    customer = Customer.find(customer_id).locked()
    if customer.alternate_phone is None:
        raise Conflict("The customer has named no other phone.", code="NO_OTHER_PHONE")
    if customer.alternate_phone_confirmed_at is None:
        customer.change(alternate_phone_confirmed_at=clock.now())
        audit.record("customer.other_phone_confirmed", "customer", customer.id, reason=remark)
    return customer


def confirmed_count(customer_id: UUID | str) -> int:
    """How many of them were confirmed."""
    return sum(one.confirmed_at is not None for one in of_customer(customer_id))


def of_customer(customer_id: UUID | str) -> list[CustomerReference]:
    """In the order in which they were named."""
    mine = CustomerReference.customer_id == customer_id
    return list(CustomerReference.select().where(mine).order_by(CustomerReference.id))


def count(customer_id: UUID | str) -> int | None:
    """How many there are; None where none was named yet."""
    return CustomerReference.select().where(CustomerReference.customer_id == customer_id).count() or None


def refuse_as_other_phone(customer: Customer, phone: str | None) -> None:
    """Raises Invalid where `phone` cannot be another phone of the customer's."""
    if phone is None:
        return
    if phone == customer.phone:
        raise Invalid("This is the phone that you signed in with.", field="alternate_phone", code="OWN_PHONE")
    mine = CustomerReference.customer_id == customer.id
    if CustomerReference.get_or_none(mine, CustomerReference.phone_hash.is_of(phone)):
        raise Invalid("This is the phone of a reference.", field="alternate_phone", code="REFERENCE_PHONE")
