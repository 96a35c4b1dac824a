"""Customers signing in: a code to their phone, then a session whose refresh token works once."""

import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

from app.core import audit, clock
from app.core.crypto import lookup_hash
from app.core.database import current_brand
from app.core.errors import Unauthenticated
from app.core.identity import Actor, Role, World, acting, actor, issue_token
from app.customers import service as customers
from app.customers.service import Customer
from app.messaging import service as messaging
from app.sign_in import otp
from app.sign_in.models import UserLoginToken

SESSION_DAYS = 30
DEVICE_WINDOW_DAYS = 30


def register(phone: str, utm: dict[str, str]) -> None:
    """Send a code to `phone` (10 digits), making the customer if it is their first time here."""
    customer = customers.by_phone(phone) or customers.create(phone, utm)
    messaging.notify(customer.id, "otp", code=otp.make(customer))


def verify_otp(phone: str, code: str, device_id: str | None = None) -> dict[str, Any]:
    """A session for the customer with this phone. Raises otp.WrongCode, also for a phone not known."""
    customer = customers.by_phone(phone)
    if customer is None or not customer.is_active:
        raise otp.WrongCode("The code is wrong or has ended. Ask for a new one.")
    try:
        otp.check(customer, code)
    except otp.WrongCode:
        audit.record("customer.sign_in_failed", "customer", customer.id)
        raise
    with acting(_actor(customer.id)):
        customers.registered(customer)
        audit.record("customer.signed_in", "customer", customer.id)
        return _open_session(customer, device_id)


def refresh(refresh_token: str) -> dict[str, Any]:
    """A new pair of tokens. A refresh token works once; a used one ends the session it came from."""
    session_id, _, _ = refresh_token.partition(".")
    session = _session(session_id)
    if session is None:
        raise Unauthenticated("This session has ended. Sign in again.")
    session = session.locked()
    if session.refresh_hash != lookup_hash("refresh", refresh_token):
        session.change(revoked_at=clock.now())
        audit.record("customer.session_reused", "customer", session.customer_id)
        raise SessionReused("This session was ended: its refresh token was used twice.")
    return _tokens(customers.get(session.customer_id), session)


class SessionReused(Unauthenticated):
    """A refresh token came a second time: somebody else has it. Ending the session must stay."""

    code = "SESSION_REUSED"
    commits = True


def logout(session_id: str) -> None:
    """End the session."""
    audit.record("customer.signed_out", "customer", UUID(actor().id))
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


def facts(customer_id: UUID | str) -> dict[str, Any]:
    """How many customers of the brand signed in lately on this customer's devices, themselves counted.

    Absent when no device is known: a browser has none.
    """
    lately = UserLoginToken.created_at > clock.now() - timedelta(days=DEVICE_WINDOW_DAYS)
    own = UserLoginToken.select(UserLoginToken.device_hash).where(
        lately, UserLoginToken.customer_id == customer_id, UserLoginToken.device_hash.is_null(False)
    )
    people = UserLoginToken.select(UserLoginToken.customer_id.distinct()).where(
        lately, UserLoginToken.device_hash.in_(own)
    )
    count = people.count()
    return {"device_customer_count_30d": count} if count else {}


def _open_session(customer: Customer, device_id: str | None) -> dict[str, Any]:
    session = UserLoginToken.create(
        customer_id=customer.id,
        device_hash=lookup_hash("device", device_id) if device_id else None,
        refresh_hash="",
        expires_at=clock.now() + timedelta(days=SESSION_DAYS),
    )
    return _tokens(customer, session)


def _tokens(customer: Customer, session: UserLoginToken) -> dict[str, Any]:
    refresh_token = f"{session.id}.{secrets.token_urlsafe(32)}"
    session.change(refresh_hash=lookup_hash("refresh", refresh_token))
    access_token = issue_token(World.CUSTOMER, customer.id, session.id, brandId=current_brand())
    return {"access_token": access_token, "refresh_token": refresh_token, "user": customer}
