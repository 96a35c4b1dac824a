"""Rate limits by address, counted in Redis so that all API processes share them."""

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from app.config import settings


def _signing_in() -> str:
    return settings().sign_in_limit


limiter = Limiter(key_func=get_remote_address, headers_enabled=True, in_memory_fallback_enabled=True)

# on every route that takes a password or a code, or sends one
limit_sign_in = limiter.shared_limit(_signing_in, scope="sign-in")
