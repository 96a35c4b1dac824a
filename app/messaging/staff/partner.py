"""Notifications of a member of staff."""

from uuid import UUID

from flask import Response, request
from flask.views import MethodView
from flask_smorest import Blueprint
from werkzeug.exceptions import NotAcceptable

from app.access import staff
from app.core import identity
from app.core.database import current_brand
from app.core.errors import Invalid
from app.core.http import page_of
from app.core.identity import World
from app.messaging.schemas import NotificationArgs, NotificationOut, UnreadOut
from app.messaging.staff import portal, stream
from app.staff.permissions import Permission

blp = Blueprint("notifications", __name__, description="What a member of staff is told in the portal")
NOTIFICATIONS = "/partner/brand/<brand_id>/notifications"
EVENTS = "text/event-stream"


@blp.route(NOTIFICATIONS)
class Notifications(MethodView):
    @staff(Permission.NOTIFICATIONS_OWN)
    @blp.arguments(NotificationArgs, location="query")
    @blp.response(200, page_of(NotificationOut))
    def get(self, args):
        """My notifications, newest first."""
        return portal.page(args)


@blp.route(f"{NOTIFICATIONS}/unread-count")
class UnreadCount(MethodView):
    @staff(Permission.NOTIFICATIONS_OWN)
    @blp.response(200, UnreadOut)
    def get(self):
        """How many I have not read."""
        return portal.unread()


@blp.route(f"{NOTIFICATIONS}/read-all")
class ReadAll(MethodView):
    @staff(Permission.NOTIFICATIONS_OWN)
    @blp.response(200, UnreadOut)
    def post(self):
        """I have read them all."""
        return portal.read_all()


@blp.route(f"{NOTIFICATIONS}/<uuid:notification_id>/read")
class Read(MethodView):
    @staff(Permission.NOTIFICATIONS_OWN)
    @blp.response(200, NotificationOut)
    def post(self, notification_id):
        """I have read it."""
        return portal.read(notification_id)


@blp.route(f"{NOTIFICATIONS}/stream")
class Stream(MethodView):
    @staff(Permission.NOTIFICATIONS_OWN)
    @blp.response(200, {"type": "string"}, content_type=EVENTS)
    @blp.alt_response(406, description="the caller does not accept text/event-stream")
    @blp.alt_response(503, description="this process has no more places for streams")
    def get(self):
        """My notifications as they come (SSE, `Accept: text/event-stream`), from `Last-Event-ID` on."""
        # whoever does not know what it is would wait for its end
        if EVENTS not in request.headers.get("Accept", ""):
            raise NotAcceptable(f"Accept {EVENTS}.")
        last_id = _last_id()
        claims = identity.read_token(World.STAFF, request.headers["Authorization"])
        stream.take_place()
        events = stream.events(current_brand(), UUID(identity.actor().id), claims, last_id)
        response = Response(events, mimetype=EVENTS, headers={"X-Accel-Buffering": "no"})
        response.call_on_close(stream.leave)
        return response


def _last_id() -> UUID | None:
    given = request.headers.get("Last-Event-ID")
    try:
        return UUID(given) if given else None
    except ValueError:
        raise Invalid("That is no id of an event.", field="Last-Event-ID") from None
