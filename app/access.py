"""How a route says who may call it. Every view method carries exactly one of these decorators, outermost.

Each signs the caller in, opens the one transaction of the request under the caller's brand, and marks the
view with what it asks for (`view.access`), which a test walks. A raise rolls back; a return commits.
"""

import functools
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Response, current_app, request

from app.admin import service as admin
from app.brands import service as brands
from app.core import identity
from app.core.database import brand_scope
from app.core.errors import DomainError, Forbidden, Invalid
from app.core.identity import Actor, Role, World
from app.sign_in import service as sign_ins
from app.staff import service as staff_service
from app.staff.permissions import Permission

BRAND_HEADER = "X-Brand-Id"
STATE = re.compile(r"[a-z0-9_]{1,40}\.[A-Za-z0-9_-]{20,100}", re.ASCII)


def staff(permission: Permission) -> Callable:
    """Staff of the brand in the path (or in X-Brand-Id) whose roles there hold `permission`."""

    def sign_in(brand_id: str | None) -> tuple[str, Callable[[], Actor]]:
        claims = identity.read_token(World.STAFF, request.headers.get("Authorization", ""))
        brand_id = brand_id or _brand_of(claims)
        if brand_id in claims["brandIds"]:
            return brand_id, lambda: staff_service.authorise(claims, brand_id, permission)
        admin.enter(claims)
        act = {"method": request.method, "path": request.path}
        return brand_id, lambda: admin.authorise(claims, permission, act)

    return _guard(sign_in, f"staff:{permission.value}", [{"staff": []}])


def super_admin(permission: Permission) -> Callable:
    """A Super Admin of some brand, for what is above the brands. The view opens its own scopes, as them."""

    def decorate(view: Callable) -> Callable:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            claims = identity.read_token(World.STAFF, request.headers.get("Authorization", ""))
            if not staff_service.is_super_admin(claims):
                raise Forbidden(f"Only a Super Admin has {permission.value}.")
            with identity.acting(Actor(claims["sub"], frozenset({Role.SUPER_ADMIN}))):
                return view(*args, **kwargs)

        return _marked(guarded, f"staff:{permission.value}", [{"staff": []}])

    return decorate


def staff_anywhere(view: Callable) -> Callable:
    """Any signed-in staff, for what is about themselves. The view gets `claims` and opens its own scopes."""

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        claims = identity.read_token(World.STAFF, request.headers.get("Authorization", ""))
        staff_service.check_session(claims)
        return view(*args, claims=claims, **kwargs)

    return _marked(guarded, "staff", [{"staff": []}])


def customer(view: Callable) -> Callable:
    """A signed-in customer. The view gets `customer_id`."""

    def sign_in(_brand_id: str | None) -> tuple[str, Callable[[], Actor]]:
        claims = identity.read_token(World.CUSTOMER, request.headers.get("Authorization", ""))
        return claims["brandId"], lambda: sign_ins.authorise(claims)

    def with_id(*args: Any, **kwargs: Any) -> Any:
        return view(*args, customer_id=identity.actor().id, **kwargs)

    return _guard(sign_in, "customer", [{"customer": []}])(functools.wraps(view)(with_id))


def anyone(view: Callable) -> Callable:
    """Nobody signs in: public calls of the customer app, under the brand of X-Brand-Id."""

    def sign_in(brand_id: str | None) -> tuple[str, Callable[[], Actor]]:
        brand_id = brand_id or request.headers.get(BRAND_HEADER, "")
        if not brand_id:
            raise Invalid(f"Say which brand with the {BRAND_HEADER} header.", field=BRAND_HEADER)
        return brand_id, lambda: _of_brand(Actor("anonymous", frozenset({Role.CUSTOMER})))

    return _guard(sign_in, "anyone", [])(view)


def sent_back(whose: Callable[[str], UUID]) -> Callable:
    """A customer whom a provider sends back in their browser: no token, but the `state` that they left with, which
    begins with the brand; `whose` says which customer that is, or raises. The view gets `customer_id`."""

    def sign_in(_brand_id: str | None) -> tuple[str, Callable[[], Actor]]:
        state = request.args.get("state", "")
        if not STATE.fullmatch(state):
            raise Invalid("This is no state of ours.", field="state")
        return state.partition(".")[0], lambda: Actor(str(whose(state)), frozenset({Role.CUSTOMER}))

    def decorate(view: Callable) -> Callable:
        def with_id(*args: Any, **kwargs: Any) -> Any:
            return view(*args, customer_id=identity.actor().id, **kwargs)

        return _guard(sign_in, "state", [])(functools.wraps(view)(with_id))

    return decorate


def unscoped(view: Callable) -> Callable:
    """Open to all and touching no brand's data: sign-in of staff, health. The view opens what it needs."""
    return _marked(view, "unscoped", [])


def provider(name: str) -> Callable:
    """A webhook of provider `name`, or of any provider of a capability, whose view verifies the sender before it
    does anything else."""

    def sign_in(brand_id: str | None) -> tuple[str, Callable[[], Actor]]:
        # what is registered says the brand: in the path, or where the path is the provider's idea in a header
        brand_id = brand_id or request.headers.get(BRAND_HEADER, "")
        return brand_id, lambda: _of_brand(Actor(name, frozenset({Role.PROVIDER})))

    return _guard(sign_in, f"provider:{name}", [])


def _of_brand(actor: Actor) -> Actor:
    """The actor, if the brand of this transaction exists. Raises NotFound otherwise."""
    brands.current()
    return actor


def _guard(sign_in: Callable, access: str, security: list) -> Callable[[Callable], Callable]:
    def decorate(view: Callable) -> Callable:
        @functools.wraps(view)
        def guarded(*args: Any, brand_id: str | None = None, **kwargs: Any) -> Response:
            brand, authorise = sign_in(brand_id)
            failure: DomainError | None = None
            with brand_scope(brand), identity.acting(authorise()):
                try:
                    return current_app.make_response(view(*args, **kwargs))
                except DomainError as error:
                    if not error.commits:
                        raise
                    failure = error
            raise failure

        return _marked(guarded, access, security)

    return decorate


def _marked(view: Callable, access: str, security: list) -> Callable:
    view.access = access
    # flask-smorest reads what a view documents from `_apidoc`
    apidoc = dict(getattr(view, "_apidoc", {}))
    apidoc["manual_doc"] = {**apidoc.get("manual_doc", {}), "security": security}
    view._apidoc = apidoc
    return view


def _brand_of(claims: dict[str, Any]) -> str:
    asked = request.headers.get(BRAND_HEADER)
    if asked:
        return asked
    if len(claims["brandIds"]) == 1:
        return claims["brandIds"][0]
    raise Invalid(
        f"You work for several brands: say which with the {BRAND_HEADER} header.", field=BRAND_HEADER
    )
