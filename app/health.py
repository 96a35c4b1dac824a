"""Is the service up, and can it work: for load balancers. And the assets of the API documentation."""

import redis
from flask import Response, send_from_directory
from flask.views import MethodView
from flask_smorest import Blueprint
from swagger_ui_bundle import swagger_ui_path

from app.access import unscoped
from app.config import settings
from app.core.database import db
from app.core.http import answer

blp = Blueprint("health", __name__, description="Health, and the assets of /docs")


@blp.route("/health")
class Health(MethodView):
    @unscoped
    @blp.response(200)
    def get(self):
        """The process answers."""
        return {"status": "ok"}


@blp.route("/ready")
class Ready(MethodView):
    @unscoped
    @blp.response(200)
    @blp.alt_response(503, description="Something that the service needs does not answer")
    def get(self):
        """PostgreSQL and Redis answer."""
        checks = {"database": _answers(_ask_database), "redis": _answers(_ask_redis)}
        return answer(
            {"status": "ok" if all(checks.values()) else "unavailable", "checks": checks}, _status(checks)
        )


@blp.route("/docs/assets/<path:name>")
class DocsAsset(MethodView):
    @unscoped
    @blp.doc(security=[])
    def get(self, name: str) -> Response:
        """Swagger UI, from the package: /docs needs no internet."""
        return send_from_directory(swagger_ui_path, name)


def _status(checks: dict[str, bool]) -> int:
    return 200 if all(checks.values()) else 503


def _answers(ask) -> bool:
    try:
        ask()
    except Exception:  # whatever it is: not ready
        return False
    return True


def _ask_database() -> None:
    with db.connection_context():
        db.execute_sql("SELECT 1")


def _ask_redis() -> None:
    redis.Redis.from_url(settings().redis_url, socket_timeout=2).ping()
