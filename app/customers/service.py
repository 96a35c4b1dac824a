"""Customers: finding them, their profile, what was verified of them."""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime
from functools import reduce
from operator import or_
from types import MappingProxyType
from typing import Any
from uuid import UUID

from peewee import Field, IntegrityError, ModelSelect

from app.core import audit, clock
from app.core.crypto import is_hash_of, lookup_hashes
from app.core.database import db
from app.core.errors import Conflict
from app.core.lookups import LookupField
from app.core.names import sealed_with_hashes, tidy
from app.core.numbers import next_number
from app.core.outbox import enqueue
from app.customers import references
from app.customers.models import Customer

_ADDRESSES = ("current_address", "employer_address")


def by_phone(phone: str) -> Customer | None:
    """The customer of this brand with this phone (10 digits)."""
    return Customer.get_or_none(Customer.phone_hash.is_of(phone))


def registered_by_phones(phones: Collection[str]) -> dict[str, UUID]:
    """Of these phones, those of customers who registered, with the customer's id."""
    phone_of = {one: phone for phone in phones for one in Customer.phone_hash.hashes_of(phone)}
    mine = Customer.phone_hash.in_(list(phone_of)), Customer.registered_at.is_null(False)
    rows = Customer.select(Customer.id, Customer.phone_hash).where(*mine)
    return {phone_of[row.phone_hash]: row.id for row in rows}


def ids_by_email(email: str) -> list[UUID]:
    """The customers of this brand with this e-mail."""
    return [row.id for row in Customer.select(Customer.id).where(Customer.email_hash.is_of(email))]


def ids_by_phone(phones: Collection[str]) -> dict[str, list[UUID]]:
    """Of these phones (10 digits) those of customers of this brand, with the customer's id."""
    return _ids_by(Customer.phone_hash, phones)


def ids_by_emails(emails: Collection[str]) -> dict[str, list[UUID]]:
    """Of these e-mails those of customers of this brand, with the customers' ids."""
    return _ids_by(Customer.email_hash, emails)


def _ids_by(column: LookupField, values: Collection[str]) -> dict[str, list[UUID]]:
    plain = {one: value for value in values for one in column.hashes_of(value)}
    found: dict[str, list[UUID]] = defaultdict(list)
    rows = Customer.select(column, Customer.id).where(column.in_(list(plain))).tuples() if plain else ()
    for hashed, customer_id in rows:
        found[plain[hashed]].append(customer_id)
    return found


def create(phone: str, utm: dict[str, str], device: str | None = None) -> Customer:
    """A customer of whom only the phone is known, where they came from, and the class of device they came with."""
    known = {"phone": phone, "phone_hash": Customer.phone_hash.hash_of(phone), "utm": utm, "device": device}
    return Customer.create(customer_no=next_number("C"), **known)


def registered(customer: Customer) -> None:
    """The phone is proven to be theirs. The first time counts."""
    if customer.registered_at is None:
        customer.change(registered_at=clock.now())
        audit.record("customer.registered", "customer", customer.id)
        # by name: who looks after them is decided by a domain that knows of customers itself
        enqueue("allocation.allot_customer", customer_id=customer.id)


def get(customer_id: UUID | str) -> Customer:
    """The customer, or NotFound."""
    return Customer.find(customer_id)


def by_ids(customer_ids: Collection[UUID]) -> dict[UUID, Customer]:
    """The customers of these ids."""
    return {one.id: one for one in Customer.select().where(Customer.id.in_(list(customer_ids)))}


def reachable(customer_ids: Collection[UUID]) -> dict[UUID, Customer]:
    """The customers of these ids, read no further than it takes to tell them something."""
    names = ("id", "brand_id", "name", "phone", "email", "preferred_language")
    query = Customer.select(*(getattr(Customer, name) for name in names))
    return {one.id: one for one in query.where(Customer.id.in_(list(customer_ids)))}


def numbers(customer_ids: Collection[UUID]) -> dict[UUID, str]:
    """The customer numbers by id."""
    rows = Customer.select(Customer.id, Customer.customer_no).where(Customer.id.in_(list(customer_ids)))
    return {row.id: row.customer_no for row in rows}


def view(customer_id: UUID | str) -> Customer:
    """The customer, for somebody who looks at them. Audited."""
    customer = get(customer_id)
    audit.viewed("customer", customer.id, customer.id)
    return customer


def unerased_before(
    instant: datetime, without: ModelSelect, after: UUID | None, limit: int | None
) -> list[UUID]:
    """Ids of customers made before `instant` who were not erased, in order, from the one after `after`."""
    query = Customer.select(Customer.id).where(
        Customer.created_at < instant, Customer.erased_at.is_null(), Customer.id.not_in(without)
    )
    query = query.where(Customer.id > after) if after else query
    return [customer.id for customer in query.order_by(Customer.id).limit(limit)]


def erasure_notified(customer_id: UUID | str) -> None:
    """The customer was told that their data will be erased."""
    get(customer_id).change(erasure_notified_at=clock.now())


def update_profile(customer_id: UUID | str, **fields: Any) -> Customer:
    """What customers say of themselves, by the names of their columns. Raises Invalid if the other phone is the
    one they signed in with, or that of a reference."""
    customer = get(customer_id)
    references.refuse_as_other_phone(customer, fields.get("alternate_phone"))
    follows = {"email_hash": Customer.email_hash.hash_of(fields["email"])} if fields.get("email") else {}
    if fields.get("alternate_phone", customer.alternate_phone) != customer.alternate_phone:
        follows["alternate_phone_confirmed_at"] = None
    customer.change(**fields, **follows)
    told = {key: "***" if key in _ADDRESSES else str(v) for key, v in fields.items()}
    audit.record("customer.profile", "customer", customer.id, after=told)
    return customer


def fill_email_hashes(rows_max: int) -> int:
    """Give some customers from before e-mails were searched their hash; how many got one."""
    missing = Customer.email.is_null(False), Customer.email_hash.is_null()
    found = list(
        Customer.select(Customer.id, Customer.brand_id, Customer.email).where(*missing).limit(rows_max)
    )
    for customer in found:
        customer.change(email_hash=Customer.email_hash.hash_of(customer.email))
    return len(found)


def city_of(address: dict[str, str] | None) -> str | None:
    """The town of an address, to filter by."""
    return ((address or {}).get("town") or "").strip() or None


def fill_cities(rows_max: int) -> int:
    """Give some customers from before lists were filtered by city theirs; how many got one."""
    # an address without a town has the empty text, so that it is not looked at again
    missing = Customer.address.is_null(False), Customer.city.is_null()
    found = list(
        Customer.select(Customer.id, Customer.brand_id, Customer.address).where(*missing).limit(rows_max)
    )
    for customer in found:
        customer.change(city=city_of(customer.address) or "")
    return len(found)


def record_pan(
    customer_id: UUID | str, *, pan: str, name: str, dob: date | None, gender: str | None
) -> Customer:
    """Keep a verified PAN. Raises Conflict if it belongs to another customer of this brand."""
    customer = get(customer_id)
    told = {"dob": dob, "gender": gender, **sealed_with_hashes(name)}
    try:
        with db.atomic():
            # the unique key knows the current hash alone
            if Customer.select().where(Customer.pan_hash.is_of(pan), Customer.id != customer.id).exists():
                raise IntegrityError
            customer.change(pan=pan, pan_hash=Customer.pan_hash.hash_of(pan), **told)
    except IntegrityError:
        raise Conflict(
            "This PAN is already used by another customer.", field="pan", code="PAN_TAKEN"
        ) from None
    audit.record("customer.pan", "customer", customer.id, after={"pan": pan})
    return customer


def record_aadhaar(
    customer_id: UUID | str,
    *,
    last4: str,
    name: str,
    address: dict[str, str],
    aadhaar_hash: str | None = None,
    born: str = "",
    kin: Mapping[str, str] = MappingProxyType({}),
) -> Customer:
    """Keep of a verified Aadhaar the last four digits, the name and the address, and what it is compared by: a keyed
    hash of the number where it was told, and one of what it says (`born`: ISO date, or the year alone). `kin` are the
    names of a father or spouse by their columns: they fill what the customer has not said."""
    customer = get(customer_id)
    said = "|".join((last4, "".join(name.upper().split()), born))
    customer.change(
        aadhaar_last4=last4,
        aadhaar_hash=aadhaar_hash,
        identity_hash=_told_again(Customer.identity_hash, "identity", said),
        aadhaar_name=tidy(name),
        address=address,
        city=city_of(address) or "",
        **{column: name for column, name in kin.items() if getattr(customer, column) is None},
    )
    audit.record("customer.aadhaar", "customer", customer.id, after={"aadhaarLast4": last4})
    return customer


def pan_hashes(customer_id: UUID | str) -> list[str]:
    """What other brands have the same PAN under; nothing before there is one."""
    pan = get(customer_id).pan
    return Customer.pan_hash.hashes_of(pan) if pan else []


def aadhaar_hash(aadhaar: str) -> str:
    """What an Aadhaar is compared by. The number is kept nowhere."""
    return _told_again(Customer.aadhaar_hash, "aadhaar", aadhaar)


def is_aadhaar_of(customer: Customer, aadhaar: str) -> bool | None:
    """Whether it is the number that this customer told; None where they told none."""
    return is_hash_of(customer.aadhaar_hash, "aadhaar", aadhaar) if customer.aadhaar_hash else None


def _told_again(column: Field, kind: str, text: str) -> str:
    """The hash of what is not kept. Whoever told the same under an older key is brought under the current one."""
    current, *older = lookup_hashes(kind, text)
    if older:
        Customer.update({column: current}).where(column.in_(older)).execute()
    return current


def facts(customer_id: UUID | str, as_of: date, city_tiers: dict[str, str]) -> dict[str, Any]:
    """The features that come from the customer's own record; what is unknown is absent."""
    customer = get(customer_id)
    pincode = (customer.address or {}).get("pincode", "")
    known: dict[str, Any] = {
        "age_years": _age_years(customer.dob, as_of) if customer.dob else None,
        "employment_type": customer.employment_type,
        "salary_mode": customer.salary_mode,
        "declared_monthly_salary": customer.declared_monthly_salary,
        "mobile_verified": customer.registered_at is not None,
        "reference_count": references.count(customer.id),
        "city_tier": city_tiers.get(pincode[:3], "C") if pincode else None,
        "pincode": int(pincode) if re.fullmatch(r"[1-9][0-9]{5}", pincode, re.ASCII) else None,
        "shared_aadhaar_count": _sharing_aadhaar(customer),
        "blacklisted": customer.is_blacklisted,
    }
    return {name: value for name, value in known.items() if value is not None}


def _sharing_aadhaar(customer: Customer) -> int | None:
    """How many other customers of the brand gave the same Aadhaar; None before this one gave any."""
    marks = (
        (Customer.aadhaar_hash, customer.aadhaar_hash),
        (Customer.identity_hash, customer.identity_hash),
    )
    alike = [column == mark for column, mark in marks if mark is not None]
    if not alike:
        return None
    same = reduce(or_, alike)
    return Customer.select().where(same, Customer.id != customer.id).count()


def _age_years(dob: date, as_of: date) -> int:
    return as_of.year - dob.year - ((as_of.month, as_of.day) < (dob.month, dob.day))
