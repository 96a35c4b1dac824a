"""What Account Aggregators call: ReBIT v2.0.0, FIU side, with ReBIT's own answers and errors; and CART's callback.

A message is verified on its raw bytes, is about something that we know, and is taken once: a replayed one is refused.
"""

from collections.abc import Callable
from typing import Any

from flask import Response, request
from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import provider
from app.banking.aggregator import consents, information
from app.config import settings
from app.core import clock, webhooks
from app.core.database import current_brand
from app.core.http import answer
from app.providers import cart_aa
from app.providers.aa import (
    ConsentNotification,
    FINotification,
    NotificationRefused,
    acknowledge,
    signed_reply,
    verify_notification,
)

blp = Blueprint("aa", __name__, description="Notifications of Account Aggregators (ReBIT)")

FINDUIT, CART = "finduit", cart_aa.PROVIDER


@blp.route("/aa/brand/<brand_id>/Consent/Notification")
class ConsentNotified(MethodView):
    @provider(FINDUIT)
    def post(self):
        """A consent changed."""
        return _take(ConsentNotification, _refuse_unknown_consent, "banking.consent_changed")


@blp.route("/aa/brand/<brand_id>/FI/Notification")
class InformationNotified(MethodView):
    @provider(FINDUIT)
    def post(self):
        """Financial information is ready, or will not come."""
        return _take(FINotification, _refuse_unknown_session, "banking.information_changed")


@blp.route("/aa/brand/<brand_id>/cart/notification")
class CartNotified(MethodView):
    @provider(CART)
    def post(self):
        """CART says that something changed about one of its docIds."""
        now = clock.now()
        try:
            credentials = settings().provider(CART, current_brand()).credentials
            told = cart_aa.verify_cart_notification(request.get_data(), request.headers, credentials, now)
            known = consents.named("cart", told.doc_id, None) or information.session_named(told.doc_id)
            if not known:
                raise NotificationRefused("InvalidRequest", "no such docId", told.notification_id)
            _receive(CART, told.notification_id, "banking.cart_changed")
            return answer(cart_aa.as_body(told))
        except NotificationRefused as refusal:
            return answer(refusal.body(now), refusal.status)


def _take(kind: type, refuse_unknown: Callable[[Any], None], job: str) -> Response:
    """Verify, store once by its txnid, acknowledge."""
    credentials = settings().provider(FINDUIT, current_brand()).credentials
    now = clock.now()
    try:
        told = verify_notification(request.get_data(), request.headers, credentials, now)
        if not isinstance(told, kind):
            raise NotificationRefused(
                "InvalidRequest", "this notification belongs to another path", told.txnid
            )
        refuse_unknown(told)
        _receive(FINDUIT, told.txnid, job)
        status, body = 200, acknowledge(told.txnid, now)
    except NotificationRefused as refusal:
        status, body = refusal.status, refusal.body(now)
    raw, headers = signed_reply(body, credentials)
    return Response(raw, status, headers)


def _receive(name: str, event_id: str, job: str) -> None:
    if not webhooks.receive(name, event_id, request.get_data(), job):
        raise NotificationRefused("IdempotencyError", "this notification was taken before", event_id)


def _refuse_unknown_consent(told: ConsentNotification) -> None:
    if consents.named(FINDUIT, told.consent_handle, told.consent_id) is None:
        code = "InvalidConsentId" if told.consent_id else "InvalidRequest"
        raise NotificationRefused(code, "no such consent", told.txnid)


def _refuse_unknown_session(told: FINotification) -> None:
    """One that is not committed yet is refused too: the aggregator repeats it, and a job looks in any case."""
    session = information.session_named(told.session_id)
    if session is None:
        raise NotificationRefused("InvalidSessionId", "no such session", told.txnid)
    known = {account["link_ref_number"] for account in session.accounts}
    if known and not {account.link_ref_number for account in told.accounts} <= known:
        raise NotificationRefused("InvalidRequest", "an account that was not asked for", told.txnid)
