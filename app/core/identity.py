"""Who is acting. Two worlds, customers and staff, whose tokens are signed with different keys."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

import jwt

from app.config import settings
from app.core import clock
from app.core.errors import Unauthenticated


class World(StrEnum):
    """The audience of a token."""

    CUSTOMER = "customer"
    STAFF = "staff"


class Role(StrEnum):
    """The nine staff roles, and the three actors that are not staff."""

    SUPER_ADMIN = "SUPER_ADMIN"
    ADMIN = "ADMIN"
    LOAN_EXECUTIVE = "LOAN_EXECUTIVE"
    CREDIT_EXECUTIVE = "CREDIT_EXECUTIVE"
    SANCTION_MANAGER = "SANCTION_MANAGER"
    SANCTION_HEAD = "SANCTION_HEAD"
    COLLECTION_EXECUTIVE = "COLLECTION_EXECUTIVE"
    COLLECTION_MANAGER = "COLLECTION_MANAGER"
    COLLECTION_HEAD = "COLLECTION_HEAD"
    CUSTOMER = "CUSTOMER"
    SYSTEM = "SYSTEM"
    PROVIDER = "PROVIDER"


STAFF_ROLES = tuple(Role)[:9]


@dataclass(frozen=True)
class Actor:
    """Somebody or something that changes state: `id` is a staff or customer id, or a provider's name.

    `scope_id`: a Super Admin works in a brand that gave them no role, in this scope that they opened.
    """

    id: str
    roles: frozenset[Role] = field(default_factory=frozenset)
    scope_id: str | None = None

    @property
    def role(self) -> str:
        """The roles as one text, for the audit trail."""
        roles = ",".join(sorted(self.roles))
        return f"{roles} in scope {self.scope_id}" if self.scope_id else roles


SYSTEM = Actor("system", frozenset({Role.SYSTEM}))

_actor: ContextVar[Actor] = ContextVar("actor", default=SYSTEM)


def actor() -> Actor:
    """Who acts now; the system itself where nobody signed in (jobs, the command line)."""
    return _actor.get()


@contextmanager
def acting(as_actor: Actor) -> Iterator[None]:
    """Everything inside is done by `as_actor`."""
    token = _actor.set(as_actor)
    try:
        yield
    finally:
        _actor.reset(token)


def issue_token(world: World, subject: UUID, session_id: UUID, **claims: Any) -> str:
    """A short-lived access token of one world."""
    issued_at = clock.now()
    body = {
        "sub": str(subject),
        "sid": str(session_id),
        "aud": world.value,
        "iat": issued_at,
        "exp": issued_at + timedelta(minutes=settings().access_token_minutes),
    }
    return jwt.encode(body | claims, _secret(world), algorithm="HS256")


def read_token(world: World, authorization: str) -> dict[str, Any]:
    """The claims of `Authorization: Bearer ...`. Raises Unauthenticated, never saying which check failed."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("A bearer token is needed.")
    try:
        claims = _ours(token, _secret(world), world.value)
    except jwt.InvalidTokenError:
        claims = None
    if claims is None or claims["exp"] <= clock.now().timestamp():
        raise Unauthenticated("The token is not valid or has ended.")
    return dict(claims)


@lru_cache(maxsize=4096)
def _ours(token: str, secret: bytes, audience: str) -> dict[str, Any]:
    """The claims of a token that we signed; whether it has ended is asked at every call."""
    required = {"require": ["exp", "sub", "sid", "aud"], "verify_exp": False}
    return jwt.decode(token, secret, algorithms=["HS256"], audience=audience, options=required)


def _secret(world: World) -> bytes:
    return settings().customer_token_secret if world is World.CUSTOMER else settings().staff_token_secret
