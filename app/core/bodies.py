"""What a request may carry, looked at before anything reads it: how much, of which type, how deeply nested, and no
path that names nothing.

A view says by its arguments whether it takes a form with files; everything else takes JSON. A webhook is verified on
its raw bytes, so of its body only the length is looked at.
"""

import re
from collections.abc import Callable
from typing import Any, BinaryIO

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
    request.environ["wsgi.input"] = _Sent(request.environ["wsgi.input"], request.content_length or 0, limit)
    # of a body whose length is not told, this is where reading stops: at the byte that is too many
    request.max_content_length = limit + 1
    if (request.content_length or 0) > limit:
        raise RequestEntityTooLarge
    if _is_webhook(view) or not _has_body():
        return
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType("Send the body as it is, without a Content-Encoding.")
    if is_form:
        return
    if not request.is_json:
        raise UnsupportedMediaType("Send JSON, with Content-Type: application/json.")
    if depth_of(request.get_data(cache=True)) > JSON_DEPTH_MAX:
        raise BadRequest(f"The JSON is nested deeper than {JSON_DEPTH_MAX} levels.")


class _Sent:
    """A body as it comes in, all of it: what breaks off is not taken for the whole, even where it could be read."""

    def __init__(self, stream: BinaryIO, length: int, bytes_max: int) -> None:
        self._stream, self._missing, self._room = stream, length, bytes_max

    def read(self, size: int = -1) -> bytes:
        try:
            data = self._stream.read(size)
        except Exception as error:  # each server has errors of its own for chunks that are none
            raise BadRequest("The body cannot be read to its end.") from error
        self._missing -= len(data)
        self._room -= len(data)
        if self._room < 0:
            raise RequestEntityTooLarge
        if size and not data and self._missing > 0:
            raise BadRequest("The body broke off before its end.")
        return data


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
