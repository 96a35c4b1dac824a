"""Customers signing in: a code to their phone, then a session whose refresh token works once."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from peewee import fn

from app.acquisition import service as acquisition
from app.acquisition.devices import device_of
from app.core import clock
from app.core.errors import Unauthenticated
from app.core.identity import Actor, Role, acting
from app.customers import service as customers
from app.messaging import service as messaging
from app.sign_in import otp, sessions
from app.sign_in.models import UserLoginToken

DEVICE_WINDOW_DAYS = 30


def register(phone: str, utm: dict[str, str], click_id: UUID | None = None, *, user_agent: str = "") -> None:
    """Send a code to `phone` (10 digits), making the customer if it is their first time here. Raises TooMany."""
    otp.refuse_another(phone)
    customer = customers.by_phone(phone)
    if customer is None:
        brought_by = utm or acquisition.tags_of(click_id)
        customer = customers.create(phone, brought_by, device_of(user_agent))
    acquisition.touched(customer.id, click_id, utm)
    messaging.notify(customer.id, "otp", code=otp.make(phone, customer.id))


def verify_otp(
    phone: str, code: str, device_id: str | None = None, device_name: str | None = None
) -> dict[str, Any]:
    """A session for the customer with this phone. Raises otp.WrongCode, also for a phone not known; TooMany."""
    otp.check(phone, code)
    customer = customers.by_phone(phone)
    # erased while the code was on its way
    if customer is None or not customer.is_active:
        raise otp.WrongCode
    with acting(_actor(customer.id)):
        customers.registered(customer)
        return sessions.start(customer, device_id, device_name)


def refresh(refresh_token: str, device_id: str | None = None) -> dict[str, Any]:
    """A new pair of tokens for one refresh token, as `sessions.exchange` says."""
    session = sessions.exchange(refresh_token, device_id)
    customer = customers.get(session.customer_id)
    if not customer.is_active:
        raise Unauthenticated("This session has ended. Sign in again.")
    return sessions.tokens_of(customer, session)


def authorise(claims: dict[str, Any]) -> Actor:
    """The customer behind a token. Raises Unauthenticated when the session has ended."""
    return _actor(sessions.live(claims["sid"]).customer_id)


def last_opened(customer_id: UUID | str) -> datetime | None:
    """When the customer signed in last."""
    mine = UserLoginToken.customer_id == customer_id
    return UserLoginToken.select(fn.MAX(UserLoginToken.created_at)).where(mine).scalar()


def _actor(customer_id: UUID) -> Actor:
    return Actor(str(customer_id), frozenset({Role.CUSTOMER}))


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
