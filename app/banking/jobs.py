"""What follows when an Account Aggregator speaks, and the analysis of what it gave.

A notification may overtake the commit of what it speaks of; its job then finds no record, raises, and is
tried again later. Provider calls may be repeated: each job looks at the state first.
"""

import json
from typing import Any

from app.banking import analysis, consents, information
from app.core import webhooks
from app.core.outbox import job


@job()
def consent_changed(event_id: str) -> None:
    """A consent was given, refused, paused, resumed, revoked, or has ended."""
    event = webhooks.take(event_id)
    if event is None:
        return
    told = _told(event, "ConsentStatusNotification")
    consents.refresh(consents.named(told.get("consentHandle"), told.get("consentId")))
    webhooks.processed(event)


@job()
def information_changed(event_id: str) -> None:
    """Financial information is ready, or will not come."""
    event = webhooks.take(event_id)
    if event is None:
        return
    told = _told(event, "FIStatusNotification")
    accounts = {account["FIStatus"] for fip in told["FIStatusResponse"] for account in fip["Accounts"]}
    information.changed(consents.of_session(told["sessionId"]), told["sessionStatus"], accounts)
    webhooks.processed(event)


def _told(event: webhooks.WebhookEvent, about: str) -> dict[str, Any]:
    # checked in full when it came in
    return json.loads(event.body)[about]


@job()
def refresh_consent(request_id: str) -> None:
    """Look where a consent stands, without having been told."""
    consents.refresh(consents.get(request_id))


@job()
def request_information(request_id: str) -> None:
    """Have the aggregator collect the statement."""
    information.request(consents.get(request_id))


@job()
def fetch_information(request_id: str, session_id: str) -> None:
    """Fetch a session that nobody told us of; nothing when it was fetched, or a newer one took its place."""
    record = consents.get(request_id)
    if record.session_id == session_id:
        information.fetch(record)


@job("pipelines", attempts_max=3, lease_s=300)
def analyse(report_id: str) -> None:
    """Analyse a statement."""
    analysis.analyse(information.get_report(report_id))
