"""The service: `create_app` joins settings, database, routes and error handlers; nothing else happens here."""

import secrets
import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Any

from flask import Flask, Response, current_app, g, request

from app.config import Settings, use
from app.core import database, http, logs
from app.core.errors import DomainError
from app.core.limits import limiter

# every module that has routes, as `app.<name>`; each has a Blueprint `blp`
ROUTES = (
    "health",
    "brands.partner",
    "admin.partner",
    "staff.partner",
    "sign_in.web",
    "customers.web",
    "customers.partner",
    "kyc.web",
    "kyc.partner",
    "loans.web",
    "loans.partner",
    "banking.web",
    "banking.partner",
    "banking.aa",
    "bureau.partner",
    "policies.partner",
    "credit.partner",
    "credit.web",
    "cam.partner",
    "sanction.partner",
    "documents.web",
    "documents.partner",
    "esign.web",
    "esign.partner",
    "disbursement.partner",
    "payments.web",
    "payments.partner",
    "ledger.web",
    "ledger.partner",
    "reporting.partner",
    "audit.partner",
    "provider_calls.partner",
    "audit.web",
)

_SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Strict-Transport-Security": "max-age=31536000",
}

_CORS_HEADERS = {
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key, X-Brand-Id",
    "Access-Control-Allow-Methods": "GET, POST, PATCH, PUT, DELETE",
    "Access-Control-Expose-Headers": "Idempotency-Hit, X-Request-Id",
    "Access-Control-Max-Age": "600",
}


def connect(settings: Settings) -> None:
    """Make `settings` those of this process and point the database at them."""
    use(settings)
    database.connect(settings.database_url, settings.database_pool_size)


def create_app(settings: Settings, routes: Iterable[str] = ROUTES) -> Flask:
    """The WSGI application."""
    connect(settings)
    logs.configure(settings.log_level, stream=sys.stderr)
    app = Flask("los", static_folder=None)
    app.json = http.JSONProvider(app)
    app.config.update(_flask_config(settings))
    limiter.init_app(app)
    api = http.LosApi(app)
    _add_security_schemes(api)
    for name in routes:
        api.register_blueprint(import_module(f"app.{name}").blp)
    app.register_error_handler(DomainError, http.handle_domain_error)
    app.register_error_handler(Exception, http.handle_unexpected)
    app.before_request(_name_request)
    app.after_request(_finish)
    return app


def _flask_config(settings: Settings) -> dict[str, Any]:
    return {
        "API_TITLE": "Credit decisioning service",
        "API_VERSION": "v1",
        "OPENAPI_VERSION": "3.0.3",
        "OPENAPI_URL_PREFIX": "/",
        "OPENAPI_JSON_PATH": "openapi.json",
        "OPENAPI_SWAGGER_UI_PATH": "docs",
        "OPENAPI_SWAGGER_UI_URL": "/docs/assets/",
        "MAX_CONTENT_LENGTH": settings.upload_bytes_max,
        "RATELIMIT_STORAGE_URI": settings.redis_url,
        "CORS_ORIGINS": settings.cors_origins,
    }


def _add_security_schemes(api: http.LosApi) -> None:
    for world in ("customer", "staff"):
        api.spec.components.security_scheme(
            world, {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
        )


def _name_request() -> None:
    # our own id: one that a caller sends could forge a line in the log
    request.environ["los.request_id"] = g.request_id = secrets.token_hex(8)


def _finish(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.get("request_id", "")
    for name, value in _SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    origin = request.headers.get("Origin")
    if origin in current_app.config["CORS_ORIGINS"]:
        response.headers.update({"Access-Control-Allow-Origin": origin, "Vary": "Origin", **_CORS_HEADERS})
    return response
