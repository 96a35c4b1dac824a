"""Webhooks as they come in: verified on the raw bytes of the request, then stored for a job.

Each function is the whole of a webhook's view. Raises Unauthenticated before anything is read or stored.
"""

import hashlib
from collections.abc import Sequence

import marshmallow as ma
from flask import request

from app.config import settings
from app.core import clock, webhooks
from app.core.database import current_brand
from app.core.errors import Unauthenticated
from app.core.http import Schema
from app.providers import acefone, aisensy, messages, sendgrid
from app.providers.fields import FieldError
from app.providers.hearing import Sender


class ReceivedOut(Schema):
    """`received` is false when the event was here before."""

    received = ma.fields.Boolean()


def from_one_of(senders: Sequence[Sender], job: str) -> dict[str, bool]:
    """An event of whichever provider's proof the request carries, once that is good."""
    raw_body = request.get_data()
    sender = next((each for each in senders if not each.header or each.header in request.headers), None)
    if sender is None:
        raise Unauthenticated("Nothing proves who sent this.")
    credentials = settings().provider(sender.provider, current_brand()).credentials
    if not sender.is_genuine(raw_body, request.headers, credentials, clock.now()):
        raise Unauthenticated("What should prove who sent this, and that they sent just that, does not.")
    event_id = sender.event_id(raw_body, request.headers)
    return {"received": webhooks.receive(sender.provider, event_id, raw_body, job, is_id_proven=False)}


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


def from_acefone(job: str) -> dict[str, bool]:
    """What happened to a call: the template that is registered carries a secret. One event a call and state."""
    credentials = settings().provider("acefone", current_brand()).credentials
    if not acefone.verify_webhook(request.headers, credentials):
        raise Unauthenticated("This is not the template that was agreed.")
    raw_body = request.get_data()
    try:
        event_id = acefone.event_id(acefone.read_call_event(raw_body), raw_body)
    except FieldError:
        # kept all the same, and looked at by a person
        event_id = hashlib.sha256(raw_body).hexdigest()
    return _receive("acefone", event_id, raw_body, job)


def from_unsigned(provider: str, job: str) -> dict[str, bool]:
    """A report of who signs nothing: the URL that was registered carries a secret. A GET reports in its query."""
    credentials = settings().provider(provider, current_brand()).credentials
    if not messages.is_secret(request.args.get("token"), credentials):
        raise Unauthenticated("This is not the URL that was agreed.")
    raw_body = request.query_string if request.method == "GET" else request.get_data()
    return _receive(provider, hashlib.sha256(raw_body).hexdigest(), raw_body, job)


def _receive(provider: str, event_id: str, raw_body: bytes, job: str) -> dict[str, bool]:
    return {"received": webhooks.receive(provider, event_id, raw_body, job)}
