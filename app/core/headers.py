"""The security headers of every answer, and the content security policy of each kind.

JSON and files may load nothing at all. A page of ours may use the scripts and styles that are written in it, each
named by its hash, and what this host serves; nothing from elsewhere.
"""

import base64
import hashlib
import re

from flask import Response, request

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
_NO = "'none'"
_NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_INLINE = {
    "script-src": re.compile(rb"<script>(.*?)</script>", re.DOTALL),
    "style-src": re.compile(rb"<style>(.*?)</style>", re.DOTALL),
}
_DOCUMENTATION = "api-docs."


def add(response: Response) -> Response:
    """Where a view set a header itself, that one stays."""
    for name, value in _ALWAYS.items():
        response.headers.setdefault(name, value)
    if "Content-Security-Policy" not in response.headers:
        response.headers["Content-Security-Policy"] = _policy(response)
    return response


def _policy(response: Response) -> str:
    if response.mimetype != "text/html" or response.is_streamed:
        return _NOTHING
    # Swagger UI is files of this host, and asks this host
    own = ["'self'"] if (request.endpoint or "").startswith(_DOCUMENTATION) else []
    page = response.get_data()
    rules = [f"{kind} {' '.join([*own, *_hashes(inline, page)]) or _NO}" for kind, inline in _INLINE.items()]
    images = " ".join([*own, "data:"])
    connections = " ".join(own) or _NO
    return "; ".join([_NOTHING, *rules, f"img-src {images}", f"connect-src {connections}"])


def _hashes(inline: re.Pattern[bytes], page: bytes) -> list[str]:
    """The sources that allow just these texts."""
    digests = (hashlib.sha256(found[1]).digest() for found in inline.finditer(page))
    return [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]
