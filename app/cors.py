"""Which browsers' pages may call: those of the brand's own origins, and the origins of all brands (LOS_CORS_ORIGINS).

An origin that is not among them gets an answer without a single CORS header, which its browser then hides from it. A
preflight tells neither a token nor X-Brand-Id, so where its path has no brand, an origin of any brand passes it; the
call itself is then held to its brand.
"""

import time
from collections.abc import Collection, Mapping
from functools import lru_cache

from flask import Response, current_app, request

from app.brands import service as brands
from app.config import settings
from app.core import limits

PREFLIGHT_S = 600
KNOWN_S = 30
_HEADERS_TAKEN = (
    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Brand-Id, X-Correlation-Id"
)
_HEADERS_SHOWN = "ETag, Idempotency-Hit, Location, Retry-After, X-Correlation-Id, X-Request-Id"


def preflight() -> Response | None:
    """Answer the question that a browser asks before the call. None when this is no such question."""
    if request.method != "OPTIONS" or "Access-Control-Request-Method" not in request.headers:
        return None
    if request.routing_exception is not None:
        raise request.routing_exception
    response = current_app.response_class(status=204)
    in_path = (request.view_args or {}).get("brand_id")
    if _is_ours(request.headers.get("Origin", ""), [in_path] if in_path else None):
        response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
        methods = sorted(request.url_rule.methods - {"HEAD", "OPTIONS"})
        response.headers["Access-Control-Allow-Methods"] = ", ".join(methods)
        response.headers["Access-Control-Allow-Headers"] = _HEADERS_TAKEN
        response.headers["Access-Control-Max-Age"] = str(PREFLIGHT_S)
    response.vary.update(["Access-Control-Request-Method", "Access-Control-Request-Headers"])
    return response


def add(response: Response) -> Response:
    """Let the page read the answer if its origin is one of the brand that the call was about."""
    response.vary.add("Origin")
    origin = request.headers.get("Origin", "")
    if _is_ours(origin, _brands_asked_about()):
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = _HEADERS_SHOWN
    return response


def _brands_asked_about() -> Collection[str] | None:
    """What the path says, else the token or the header; None for a call that is about no brand."""
    in_path = (request.view_args or {}).get("brand_id")
    if in_path:
        return [in_path]
    claims = limits.claims() or {}
    named = claims.get("brandId") or request.headers.get("X-Brand-Id")
    return [named] if named else claims.get("brandIds")


def _is_ours(origin: str, brand_ids: Collection[str] | None) -> bool:
    """Whether `origin` is one of these brands; without brands, of any."""
    if not origin:
        return False
    if origin in settings().cors_origins:
        return True
    known = _origins(int(time.monotonic() / KNOWN_S))
    return any(origin in known.get(brand_id, ()) for brand_id in (known if brand_ids is None else brand_ids))


@lru_cache(maxsize=1)
def _origins(_period: int) -> Mapping[str, Collection[str]]:
    """The origins of each brand, read once in a period of KNOWN_S seconds."""
    return brands.origins()
