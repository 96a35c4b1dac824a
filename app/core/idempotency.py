"""The same request twice happens once: `Idempotency-Key` on POSTs that move money or state.

A key belongs to a brand, a caller and a route. It is stored with a hash of the body and, in the same
transaction as the effect, the answer. Same key and body: the first answer again, with `Idempotency-Hit:
true`. Same key, other body: 422. First one still running: 409. A request that failed stored nothing.
"""

import functools
import hashlib
from collections.abc import Callable
from typing import Any

from flask import Response, current_app, request
from peewee import IntegerField, TextField

from app.core import identity
from app.core.crypto import EncryptedField
from app.core.database import TenantModel, current_brand, db
from app.core.errors import Conflict, Invalid

HEADER = "Idempotency-Key"
_KEY_CHARS_MAX = 255


class IdempotencyKey(TenantModel):
    """One request that was carried out, and what it answered."""

    principal = TextField()
    route = TextField()
    key = TextField()
    body_hash = TextField()
    status = IntegerField()
    response = EncryptedField(column_name="response_enc")


def idempotent(view: Callable[..., Any]) -> Callable[..., Response]:
    """Decorate a view method, outside of flask-smorest's decorators and inside of the one that authorises."""

    @functools.wraps(view)
    def once(*args: Any, **kwargs: Any) -> Response:
        scope = _scope()
        body_hash = hashlib.sha256(request.get_data()).hexdigest()
        _refuse_in_flight(scope)
        seen = IdempotencyKey.get_or_none(**scope)
        if seen is not None:
            return _again(seen, body_hash)
        response = current_app.make_response(view(*args, **kwargs))
        IdempotencyKey.create(
            **scope,
            body_hash=body_hash,
            status=response.status_code,
            response=response.get_data(as_text=True),
        )
        return response

    once._apidoc = _with_header(getattr(view, "_apidoc", {}))
    return once


def _scope() -> dict[str, str]:
    key = request.headers.get(HEADER, "").strip()
    if not key:
        raise Invalid(
            f"This call moves money or state: send an {HEADER} header.", field=HEADER, code="KEY_REQUIRED"
        )
    if len(key) > _KEY_CHARS_MAX:
        raise Invalid(f"{HEADER} is longer than {_KEY_CHARS_MAX} characters.", field=HEADER)
    return {"principal": identity.actor().id, "route": f"{request.method} {request.path}", "key": key}


def _refuse_in_flight(scope: dict[str, str]) -> None:
    name = "|".join((current_brand(), *scope.values()))
    if not db.execute_sql("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", (name,)).fetchone()[0]:
        raise Conflict("The first request with this key is still running.", code="IN_FLIGHT")


def _again(seen: IdempotencyKey, body_hash: str) -> Response:
    if seen.body_hash != body_hash:
        raise Invalid("This key was used with another body.", field=HEADER, code="KEY_REUSED")
    response = current_app.response_class(seen.response, status=seen.status, mimetype="application/json")
    response.headers["Idempotency-Hit"] = "true"
    return response


def _with_header(apidoc: dict[str, Any]) -> dict[str, Any]:
    manual = dict(apidoc.get("manual_doc", {}))
    header = {
        "in": "header",
        "name": HEADER,
        "required": True,
        "schema": {"type": "string", "maxLength": 255},
    }
    manual["parameters"] = [*manual.get("parameters", []), header]
    return {**apidoc, "manual_doc": manual}
