"""What a request may carry, looked at before anything reads it: how much, of which type, how deeply nested, and no
path that names nothing.

A view says by its arguments whether it takes a form with files; everything else takes JSON. A webhook is verified on
its raw bytes, so of its body only the length is looked at.
"""

import re
from collections.abc import Callable
from typing import Any

from flask import current_app, request
from werkzeug.exceptions import BadRequest, NotFound, RequestEntityTooLarge, UnsupportedMediaType

from app.config import settings

JSON_DEPTH_MAX = 32
_FORMS = frozenset({"multipart/form-data", "application/x-www-form-urlencoded"})
# a string, ended or not, and what opens or closes a level; each byte is looked at once
_TOKENS = re.compile(rb'"(?:[^"\\]+|\\.?)*+(?:"|\Z)|[\[{]|[\]}]', re.DOTALL)


def check() -> None:
    """Refuse a body that is too large (413), of another type than the view reads (415) or too deep (400), and a path
    with a NUL (404), which nothing in a database is called by."""
    if "\0" in request.path:
        raise NotFound
    view = _view()
    is_form = request.mimetype in _FORMS and _takes_a_form(view)
    limit = _upload_bytes_max(view) if is_form else settings().json_bytes_max
    # of a body whose length is not told, this is where reading stops
    request.max_content_length = limit
    if (request.content_length or 0) > limit:
        raise RequestEntityTooLarge
    if is_form or _is_webhook(view) or not _has_body():
        return
    if not request.is_json:
        raise UnsupportedMediaType("Send JSON, with Content-Type: application/json.")
    if depth_of(request.get_data(cache=True)) > JSON_DEPTH_MAX:
        raise BadRequest(f"The JSON is nested deeper than {JSON_DEPTH_MAX} levels.")


def large_file(bytes_max: int) -> Callable[[Callable], Callable]:
    """For a view that takes larger files than others, lists of a hundred thousand rows say."""

    def mark(view: Callable) -> Callable:
        view.upload_bytes_max = bytes_max
        return view

    return mark


def _upload_bytes_max(view: Any) -> int:
    return max(settings().upload_bytes_max, getattr(view, "upload_bytes_max", 0))


def depth_of(body: bytes) -> int:
    """How many levels of arrays and objects a JSON text opens at most inside of each other."""
    opened = body.count(b"[") + body.count(b"{")
    if opened <= JSON_DEPTH_MAX:  # nearly always, and then it cannot be deeper
        return opened
    depth = deepest = 0
    for token in _TOKENS.finditer(body):
        first = token[0][:1]
        depth += (first in b"[{") - (first in b"]}")
        deepest = max(deepest, depth)
    return deepest


def _has_body() -> bool:
    return bool(request.content_length) or "Transfer-Encoding" in request.headers


def _view() -> Any:
    """The method that will answer, with what its decorators noted on it; None where there is none."""
    view_class = getattr(current_app.view_functions.get(request.endpoint or ""), "view_class", None)
    return getattr(view_class, request.method.lower(), None)


def _takes_a_form(view: Any) -> bool:
    told = getattr(view, "_apidoc", {}).get("arguments", {}).get("parameters", [])
    return any(parameter["in"] in ("form", "files") for parameter in told)


def _is_webhook(view: Any) -> bool:
    return getattr(view, "access", "").startswith("provider:")
