"""The service: `create_app` joins settings, database, routes and error handlers; nothing else happens here."""

import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app import cors
from app.config import Settings, use
from app.core import bodies, database, headers, http, limits, logs, request_log
from app.core.errors import DomainError
from storage import StorageError

# every module that has routes, as `app.<name>`; each has a Blueprint `blp`
ROUTES = (
    "health",
    "brands.partner",
    "admin.partner",
    "staff.partner",
    "staff.team_partner",
    "allocation.partner",
    "sign_in.web",
    "customers.web",
    "customers.partner",
    "consents.web",
    "consents.partner",
    "acquisition.web",
    "acquisition.partner",
    "spend.partner",
    "leads.partner",
    "kyc.web",
    "kyc.partner",
    "loans.web",
    "loans.partner",
    "banking.web",
    "banking.partner",
    "banking.aggregator.callbacks",
    "bureau.partner",
    "policies.partner",
    "credit.partner",
    "credit.web",
    "cam.partner",
    "assessment.partner",
    "sanction.partner",
    "sanction.web",
    "documents.web",
    "documents.partner",
    "documents.open",
    "esign.web",
    "esign.partner",
    "disbursement.bank_partner",
    "mandates.web",
    "mandates.partner",
    "disbursement.partner",
    "disbursement.web",
    "payments.web",
    "payments.partner",
    "payments.presentations.partner",
    "payments.desk_partner",
    "payments.reversals.partner",
    "statement_of_account.web",
    "statement_of_account.partner",
    "ledger.web",
    "ledger.partner",
    "reporting.partner",
    "reporting.runs_partner",
    "reporting.schedules_partner",
    "contacts.partner",
    "messaging.partner",
    "messaging.templates.partner",
    "messaging.delivery.webhook_partner",
    "messaging.staff.partner",
    "messaging.web",
    "end_of_day.partner",
    "collections.partner",
    "collections.field.partner",
    "collections.concessions.partner",
    "collections.legal.partner",
    "collections.legal.suit_partner",
    "collections.complaints.partner",
    "collections.web",
    "calls.partner",
    "reminders.partner",
    "campaigns.partner",
    "audit.partner",
    "privacy.web",
    "privacy.partner",
    "privacy.breach_partner",
    "provider_calls.partner",
    "audit.web",
    "dashboards.partner",
)


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
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=0)
    api = http.LosApi(app)
    _add_security_schemes(api)
    for name in routes:
        api.register_blueprint(import_module(f"app.{name}").blp)
    app.register_error_handler(DomainError, http.handle_domain_error)
    app.register_error_handler(StorageError, http.handle_store_away)
    app.register_error_handler(Exception, http.handle_unexpected)
    _add_hooks(app)
    return app


def _add_hooks(app: Flask) -> None:
    """A request gets its name, a preflight its answer, what is no body of ours is refused, the rest is counted."""
    for before in (request_log.begin, cors.preflight, bodies.check):
        app.before_request(before)
    limits.install(app)
    # the last one is called first: the line in the log tells of the finished answer
    for after in (request_log.end, headers.add, cors.add):
        app.after_request(after)


def _flask_config(settings: Settings) -> dict[str, Any]:
    return {
        "API_TITLE": "Credit decisioning service",
        "API_VERSION": "v1",
        "OPENAPI_VERSION": "3.0.3",
        "OPENAPI_URL_PREFIX": "/",
        "OPENAPI_JSON_PATH": "openapi.json",
        "OPENAPI_SWAGGER_UI_PATH": "docs",
        "OPENAPI_SWAGGER_UI_URL": "/docs/assets/",
    }


def _add_security_schemes(api: http.LosApi) -> None:
    for world in ("customer", "staff"):
        api.spec.components.security_scheme(
            world, {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
        )
