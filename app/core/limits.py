"""How often anybody may call: one table, counted in Redis so that all API processes share it.

Each row says what is counted (`on`), for whom (`per`) and how often (the setting ``LOS_LIMIT_<NAME>``). A request is
counted before its view is called, so before a database connection is taken. While Redis does not answer, each
process counts for itself.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from flask import Flask, Response, g, request
from flask_limiter import ApplicationLimit, Limiter, RateLimitExceeded

from app.config import settings
from app.core import clock, identity
from app.core.crypto import lookup_hash
from app.core.errors import Unauthenticated
from app.core.http import error_body
from app.core.identity import World

# a Redis that hangs must not hang us
_STORAGE_OPTIONS = {"socket_connect_timeout": 1, "socket_timeout": 1}


def address() -> str | None:
    """The caller's address: behind proxies of ours the one that they saw (LOS_TRUSTED_PROXIES)."""
    return request.remote_addr


def stranger() -> str | None:
    """The address of who is not signed in."""
    return None if claims() else request.remote_addr


def phone() -> str | None:
    """The phone that wants to sign in, in all brands together: they ring at the same person."""
    return _told("phone")


def email() -> str | None:
    """The e-mail that wants to sign in."""
    return _told("email")


def _told(field: str) -> str | None:
    body = request.get_json(silent=True)
    value = body.get(field) if isinstance(body, dict) else None
    if not isinstance(value, str):
        return None
    # JSON can spell halves of a surrogate pair, which have no bytes
    return lookup_hash(field, value.strip().lower().encode(errors="replace").decode())


def user() -> str | None:
    """Who is signed in, customer or staff."""
    told = claims()
    return f"{told['aud']}:{told['sub']}" if told else None


def uploader() -> str | None:
    """Who is signed in and sends a file."""
    return user() if request.mimetype == "multipart/form-data" else None


def asking() -> str | None:
    """Who asks for a report, which a worker then makes. Looking at one that was asked for is free."""
    return None if "runId" in request.args else user()


def brand() -> str | None:
    """The brand that somebody who is signed in works for; whoever is not cannot use its share up."""
    told = claims()
    if told is None:
        return None
    own = told.get("brandIds") or [told.get("brandId")]
    asked = (request.view_args or {}).get("brand_id") or request.headers.get("X-Brand-Id") or own[0]
    return asked if asked in own else None


def loan() -> str | None:
    """The loan that a member of staff works at."""
    return f"{brand()}:{request.view_args['loan_id']}" if brand() else None


def claims() -> dict[str, Any] | None:
    """What the caller's token says, once it is known to be ours."""
    if "claims" not in g:
        world = World.CUSTOMER if request.path.startswith("/web/") else World.STAFF
        try:
            g.claims = identity.read_token(world, request.headers.get("Authorization", ""))
        except Unauthenticated:
            g.claims = None
    return g.claims


def _succeeded(response: Response) -> bool:
    return response.status_code < 300


def _was_refused(response: Response) -> bool:
    return 400 <= response.status_code < 500


@dataclass(frozen=True)
class RateLimit:
    """`on`: "METHOD path" as `los routes` prints them, with * for anything. `per` gives None where nothing counts.

    `counts` looks at the answer; without it every call counts.
    """

    name: str
    per: Callable[[], str | None]
    on: str = "*"
    counts: Callable[[Response], bool] | None = None

    def rate(self) -> str:
        """What the settings of this moment say."""
        return getattr(settings(), f"limit_{self.name}")

    def is_exempt(self) -> bool:
        """Whether this request is not counted here."""
        return not _matches(f"{request.method} {request.url_rule}", self.on) or self.per() is None


RATE_LIMITS = (
    # who tries doors, tokens and secrets; the webhooks of a provider succeed, however many they are
    RateLimit("address", per=stranger, counts=_was_refused),
    RateLimit("sign_in_address", per=address, on="POST /*/auth/*"),
    RateLimit("sign_in_phone", per=phone, on="POST /web/auth/verify-otp"),
    RateLimit("sign_in_email", per=email, on="POST /partner/auth/*"),
    RateLimit("otp_sends", per=phone, on="POST /web/auth/register"),
    RateLimit("reports", per=asking, on="GET /partner/brand/<brand_id>/report/*"),
    RateLimit("uploads", per=uploader, on="POST *"),
    RateLimit("bureau_pulls", per=loan, on="POST */bureau-pull", counts=_succeeded),
    RateLimit("user", per=user),
    RateLimit("brand", per=brand),
)


@functools.cache
def _matches(called: str, pattern: str) -> bool:
    return fnmatchcase(called, pattern)


def install(app: Flask) -> None:
    """Count the requests of `app`."""
    limiter = Limiter(
        key_func=lambda: request.remote_addr or "",
        application_limits=[_declared(limit) for limit in RATE_LIMITS],
        strategy="sliding-window-counter",
        storage_uri=settings().redis_url,
        storage_options=_STORAGE_OPTIONS,
        in_memory_fallback_enabled=True,
        # if even that fails, a call that could not be counted is let through
        swallow_errors=True,
    )
    limiter.init_app(app)
    app.register_error_handler(RateLimitExceeded, functools.partial(_refuse, limiter))


def _declared(limit: RateLimit) -> ApplicationLimit:
    return ApplicationLimit(
        limit.rate,
        key_function=limit.per,
        scope=limit.name,
        exempt_when=limit.is_exempt,
        deduct_when=limit.counts,
    )


def _refuse(limiter: Limiter, error: RateLimitExceeded) -> tuple[dict[str, Any], int, dict[str, str]]:
    reached = limiter.current_limit
    wait_s = max(1, reached.reset_at - int(clock.now().timestamp())) if reached else 1
    name = error.limit.scope.replace("_", " ")
    message = f"Too many calls ({name}: {error.limit.limit}). Try again in {wait_s} s."
    return error_body("TOO_MANY_REQUESTS", message), 429, {"Retry-After": str(wait_s)}
