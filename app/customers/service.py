"""Customers: signing in by phone, their profile, their consents."""

import secrets
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from peewee import IntegrityError, ModelSelect

from app.core import audit, clock
from app.core.crypto import lookup_hash
from app.core.database import current_brand, db
from app.core.errors import Conflict, Unauthenticated
from app.core.identity import Actor, Role, World, acting, issue_token
from app.core.numbers import next_number
from app.customers import otp
from app.customers.models import Consent, Customer, UserLoginToken
from app.messaging import service as messaging

SESSION_DAYS = 30


def register(phone: str, utm: dict[str, str]) -> None:
    """Send a code to `phone` (10 digits), making the customer if it is their first time here."""
    phone_hash = lookup_hash("phone", phone)
    customer = Customer.get_or_none(Customer.phone_hash == phone_hash)
    if customer is None:
        customer = Customer.create(customer_no=next_number("C"), phone=phone, phone_hash=phone_hash, utm=utm)
    messaging.notify(customer.id, "otp", code=otp.make(customer))


def verify_otp(phone: str, code: str) -> dict[str, Any]:
    """A session for the customer with this phone. Raises otp.WrongCode, also for a phone not known."""
    customer = Customer.get_or_none(Customer.phone_hash == lookup_hash("phone", phone), Customer.is_active)
    if customer is None:
        raise otp.WrongCode("The code is wrong or has ended. Ask for a new one.")
    otp.check(customer, code)
    with acting(_actor(customer.id)):
        if customer.registered_at is None:
            customer.change(registered_at=clock.now())
            audit.record("customer.registered", "customer", customer.id)
        return _open_session(customer)


def refresh(refresh_token: str) -> dict[str, Any]:
    """A new pair of tokens. A refresh token works once; a used one ends the session it came from."""
    session_id, _, _ = refresh_token.partition(".")
    session = _session(session_id)
    if session is None:
        raise Unauthenticated("This session has ended. Sign in again.")
    session = session.locked()
    if session.refresh_hash != lookup_hash("refresh", refresh_token):
        session.change(revoked_at=clock.now())
        raise SessionReused("This session was ended: its refresh token was used twice.")
    return _tokens(get(session.customer_id), session)


class SessionReused(Unauthenticated):
    """A refresh token came a second time: somebody else has it. Ending the session must stay."""

    code = "SESSION_REUSED"
    commits = True


def logout(session_id: str) -> None:
    """End the session."""
    UserLoginToken.update(revoked_at=clock.now()).where(UserLoginToken.id == session_id).execute()


def authorise(claims: dict[str, Any]) -> Actor:
    """The customer behind a token. Raises Unauthenticated when the session has ended."""
    if _session(claims["sid"]) is None:
        raise Unauthenticated("This session has ended. Sign in again.")
    return _actor(UUID(claims["sub"]))


def _actor(customer_id: UUID) -> Actor:
    return Actor(str(customer_id), frozenset({Role.CUSTOMER}))


def _session(session_id: str) -> UserLoginToken | None:
    try:
        UUID(session_id)
    except ValueError:
        return None
    return UserLoginToken.get_or_none(
        UserLoginToken.id == session_id,
        UserLoginToken.revoked_at.is_null(),
        UserLoginToken.expires_at > clock.now(),
    )


def _open_session(customer: Customer) -> dict[str, Any]:
    session = UserLoginToken.create(
        customer_id=customer.id, refresh_hash="", expires_at=clock.now() + timedelta(days=SESSION_DAYS)
    )
    return _tokens(customer, session)


def _tokens(customer: Customer, session: UserLoginToken) -> dict[str, Any]:
    refresh_token = f"{session.id}.{secrets.token_urlsafe(32)}"
    session.change(refresh_hash=lookup_hash("refresh", refresh_token))
    access_token = issue_token(World.CUSTOMER, customer.id, session.id, brandId=current_brand())
    return {"access_token": access_token, "refresh_token": refresh_token, "user": customer}


def get(customer_id: UUID | str) -> Customer:
    """The customer, or NotFound."""
    return Customer.find(customer_id)


def update_profile(customer_id: UUID | str, **fields: Any) -> Customer:
    """What customers say of themselves: e-mail, employment type, salary and how it is paid."""
    customer = get(customer_id)
    customer.change(**fields)
    audit.record(
        "customer.profile", "customer", customer.id, after={key: str(v) for key, v in fields.items()}
    )
    return customer


def record_pan(
    customer_id: UUID | str, *, pan: str, name: str, dob: date | None, gender: str | None
) -> Customer:
    """Keep a verified PAN. Raises Conflict if it belongs to another customer of this brand."""
    customer = get(customer_id)
    try:
        with db.atomic():
            customer.change(pan=pan, pan_hash=lookup_hash("pan", pan), name=name, dob=dob, gender=gender)
    except IntegrityError:
        raise Conflict(
            "This PAN is already used by another customer.", field="pan", code="PAN_TAKEN"
        ) from None
    audit.record("customer.pan", "customer", customer.id, after={"pan": pan})
    return customer


def record_aadhaar(
    customer_id: UUID | str, *, last4: str, aadhaar_hash: str, name: str, address: dict[str, str]
) -> Customer:
    """Keep of a verified Aadhaar the last four digits, a keyed hash, the name and the address."""
    customer = get(customer_id)
    customer.change(aadhaar_last4=last4, aadhaar_hash=aadhaar_hash, aadhaar_name=name, address=address)
    audit.record("customer.aadhaar", "customer", customer.id, after={"aadhaarLast4": last4})
    return customer


def give_consent(customer_id: UUID | str, purpose: str, text_version: str, ip: str | None) -> Consent:
    """Record a consent."""
    consent = Consent.create(customer_id=customer_id, purpose=purpose, text_version=text_version, ip=ip)
    audit.record(
        "consent.given", "consent", consent.id, after={"purpose": purpose, "textVersion": text_version}
    )
    return consent


def live_consent(customer_id: UUID | str, purpose: str) -> Consent | None:
    """The latest consent for `purpose`, if any was given."""
    mine = Consent.customer_id == customer_id, Consent.purpose == purpose
    return Consent.select().where(*mine).order_by(Consent.id.desc()).first()


def facts(customer_id: UUID | str, as_of: date, city_tiers: dict[str, str]) -> dict[str, Any]:
    """The features that come from the customer's own record; what is unknown is absent."""
    customer = get(customer_id)
    pincode = (customer.address or {}).get("pincode", "")
    known: dict[str, Any] = {
        "age_years": _age_years(customer.dob, as_of) if customer.dob else None,
        "employment_type": customer.employment_type,
        "salary_mode": customer.salary_mode,
        "declared_monthly_salary": customer.declared_monthly_salary,
        "city_tier": city_tiers.get(pincode[:3], "C") if pincode else None,
        "blacklisted": customer.is_blacklisted,
    }
    return {name: value for name, value in known.items() if value is not None}


def _age_years(dob: date, as_of: date) -> int:
    return as_of.year - dob.year - ((as_of.month, as_of.day) < (dob.month, dob.day))


def search(text: str | None) -> ModelSelect:
    """Customers of this brand whose name contains `text`, or whose customer number, phone or PAN it is."""
    query = Customer.select()
    if not text:
        return query
    exact = (
        (Customer.customer_no == text.upper())
        | (Customer.phone_hash == lookup_hash("phone", text))
        | (Customer.pan_hash == lookup_hash("pan", text.upper()))
    )
    return query.where(exact | Customer.name.contains(text))


def declared_salary(customer_id: UUID | str) -> Decimal | None:
    """What the customer said they earn a month."""
    return get(customer_id).declared_monthly_salary
