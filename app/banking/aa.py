"""What an Account Aggregator calls: ReBIT v2.0.0, FIU side, with ReBIT's own answers and errors."""

from flask import Response, request
from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import provider
from app.config import settings
from app.core import clock, webhooks
from app.core.database import current_brand
from app.providers.aa import (
    ConsentNotification,
    FINotification,
    NotificationRefused,
    acknowledge,
    signed_reply,
    verify_notification,
)

blp = Blueprint("aa", __name__, description="Notifications of Account Aggregators (ReBIT)")

FINDUIT = "finduit"


@blp.route("/aa/brand/<brand_id>/Consent/Notification")
class ConsentNotified(MethodView):
    @provider(FINDUIT)
    def post(self):
        """A consent changed."""
        return _take(ConsentNotification, "banking.consent_changed")


@blp.route("/aa/brand/<brand_id>/FI/Notification")
class InformationNotified(MethodView):
    @provider(FINDUIT)
    def post(self):
        """Financial information is ready, or will not come."""
        return _take(FINotification, "banking.information_changed")


def _take(kind: type, job: str) -> Response:
    """Verify, store once by its txnid, acknowledge. An id that is not known yet is the job's to wait for."""
    credentials = settings().provider(FINDUIT, current_brand()).credentials
    now = clock.now()
    try:
        told = verify_notification(request.get_data(), request.headers, credentials, now)
        if not isinstance(told, kind):
            raise NotificationRefused(
                "InvalidRequest", "this notification belongs to another path", told.txnid
            )
        webhooks.receive(FINDUIT, told.txnid, request.get_data(), job)
        status, body = 200, acknowledge(told.txnid, now)
    except NotificationRefused as refusal:
        status, body = refusal.status, refusal.body(now)
    raw, headers = signed_reply(body, credentials)
    return Response(raw, status, headers)
