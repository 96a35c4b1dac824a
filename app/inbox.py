"""Webhooks as they come in: verified on the raw bytes of the request, then stored for a job.

Each function is the whole of a webhook's view. Raises Unauthenticated before anything is read or stored.
"""

import hashlib

import marshmallow as ma
from flask import request

from app.config import settings
from app.core import clock, webhooks
from app.core.database import current_brand
from app.core.errors import Unauthenticated
from app.core.http import Schema
from app.providers import aisensy, messages, razorpay, sendgrid, signzy


class ReceivedOut(Schema):
    """`received` is false when the event was here before."""

    received = ma.fields.Boolean()


def from_signzy(job: str) -> dict[str, bool]:
    """A callback, which shows the secret that was given with its contract."""
    raw_body = request.get_data()
    if not signzy.verify_callback(
        request.headers, settings().provider("signzy", current_brand()).credentials
    ):
        raise Unauthenticated("This is not the authorization that was agreed.")
    # a callback has no id: the same bytes are the same event
    return _receive("signzy", hashlib.sha256(raw_body).hexdigest(), raw_body, job)


def from_razorpay(job: str) -> dict[str, bool]:
    """An event, whose signature is over its bytes and whose id is in a header."""
    raw_body = request.get_data()
    secrets = razorpay.webhook_secrets(settings().provider("razorpay", current_brand()).credentials)
    if not razorpay.verify_signature(raw_body, request.headers.get(razorpay.SIGNATURE_HEADER), secrets):
        raise Unauthenticated("The signature is not over these bytes.")
    event_id = request.headers.get(razorpay.EVENT_ID_HEADER) or hashlib.sha256(raw_body).hexdigest()
    return _receive("razorpay", event_id, raw_body, job)


def from_sendgrid(job: str) -> dict[str, bool]:
    """A batch of events, whose signature is over a timestamp and its bytes."""
    raw_body = request.get_data()
    credentials = settings().provider("sendgrid", current_brand()).credentials
    if not sendgrid.verify_signature(raw_body, request.headers, credentials, clock.now()):
        raise Unauthenticated("The signature is not over these bytes, or is old.")
    return _receive("sendgrid", hashlib.sha256(raw_body).hexdigest(), raw_body, job)


def from_aisensy(job: str) -> dict[str, bool]:
    """An event of the project, whose signature is over its bytes and whose id stands in it."""
    raw_body = request.get_data()
    credentials = settings().provider("aisensy", current_brand()).credentials
    if not aisensy.verify_signature(raw_body, request.headers.get(aisensy.SIGNATURE_HEADER), credentials):
        raise Unauthenticated("The signature is not over these bytes.")
    return _receive("aisensy", aisensy.event_id(raw_body), raw_body, job)


def from_unsigned(provider: str, job: str) -> dict[str, bool]:
    """A report of who signs nothing: the URL that was registered carries a secret. A GET reports in its query."""
    credentials = settings().provider(provider, current_brand()).credentials
    if not messages.is_secret(request.args.get("token"), credentials):
        raise Unauthenticated("This is not the URL that was agreed.")
    raw_body = request.query_string if request.method == "GET" else request.get_data()
    return _receive(provider, hashlib.sha256(raw_body).hexdigest(), raw_body, job)


def _receive(provider: str, event_id: str, raw_body: bytes, job: str) -> dict[str, bool]:
    return {"received": webhooks.receive(provider, event_id, raw_body, job)}
