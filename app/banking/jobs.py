"""What follows when an Account Aggregator speaks or time passes, and the analysis of what it gave.

Provider calls may be repeated: each job looks at the state first.
"""

import json
from typing import Any

from app.banking import analysis, deletion
from app.banking.aggregator import consents, information
from app.banking.statements import analysers, reading
from app.banking.statements import service as statements
from app.core import webhooks
from app.core.outbox import enqueue, job


@job()
def consent_changed(event_id: str) -> None:
    """A consent was given, refused, paused, resumed, revoked, or has ended."""
    event = webhooks.take(event_id)
    if event is None:
        return
    told = _told(event, "ConsentStatusNotification")
    record = consents.named("finduit", told.get("consentHandle"), told.get("consentId"))
    consents.refresh(consents.found(record))
    webhooks.processed(event)


@job()
def information_changed(event_id: str) -> None:
    """Financial information is ready, or will not come."""
    event = webhooks.take(event_id)
    if event is None:
        return
    told = _told(event, "FIStatusNotification")
    accounts = {
        account["linkRefNumber"]: account["FIStatus"]
        for fip in told["FIStatusResponse"]
        for account in fip["Accounts"]
    }
    information.changed(information.session_found(told["sessionId"]), told["sessionStatus"], accounts)
    webhooks.processed(event)


@job()
def cart_changed(event_id: str) -> None:
    """CART says that something changed about a docId: a consent, or a session."""
    event = webhooks.take(event_id)
    if event is None:
        return
    doc_id = json.loads(event.body)["docId"]
    record = consents.named("cart", doc_id, None)
    if record:
        consents.refresh(record)
    else:
        information.fetch(information.session_found(doc_id))
    webhooks.processed(event)


def _told(event: webhooks.WebhookEvent, about: str) -> dict[str, Any]:
    # checked in full when it came in
    return json.loads(event.body)[about]


@job()
def refresh_consent(request_id: str) -> None:
    """Look where a consent stands, without having been told."""
    consents.refresh(consents.get(request_id))


@job()
def request_information(request_id: str, nth: int) -> None:
    """Have the aggregator collect the data, for the nth time."""
    information.request(consents.get(request_id), nth)


@job()
def fetch_information(session_id: str) -> None:
    """Fetch a session that nobody told us of; nothing when it was fetched."""
    information.fetch(information.session_found(session_id))


@job()
def end_consents() -> None:
    """Find what has come to its end: consents, requests, sessions, analysers, and data whose life has passed."""
    for record in consents.due_to_end():
        enqueue("banking.end_consent", request_id=record.id)
    for session in information.overdue():
        enqueue("banking.give_up", session_id=session.session_id)
    for statement in analysers.overdue():
        enqueue("banking.give_up_analysis", statement_id=statement.id)
    for statement in deletion.due_statements():
        enqueue("banking.delete_statement", statement_id=statement.id)
    for report in deletion.due():
        enqueue("banking.delete_report", report_id=report.id)


@job()
def end_consent(request_id: str) -> None:
    """Let one consent or request expire."""
    consents.end(consents.get(request_id))


@job()
def give_up(session_id: str) -> None:
    """Wait no longer for a session."""
    information.give_up(information.session_found(session_id))


@job()
def delete_data(request_id: str, why: str) -> None:
    """Delete what came under a consent that has ended."""
    deletion.of_consent(consents.get(request_id), why)


@job()
def delete_report(report_id: str) -> None:
    """Delete data whose life has passed."""
    deletion.delete(information.get_report(report_id), deletion.DATA_LIFE)


@job()
def delete_statement(statement_id: str) -> None:
    """Delete a statement whose life has passed."""
    deletion.delete_statement(statements.find(statement_id))


@job("pipelines", attempts_max=3, lease_s=300)
def analyse(report_id: str) -> None:
    """Analyse a statement."""
    analysis.analyse(information.get_report(report_id))


@job("pipelines", atomic=False, attempts_max=3, lease_s=300)
def read_statement(brand_id: str, statement_id: str) -> None:
    """Read a statement that was sent as a file, and analyse it."""
    reading.run(brand_id, statement_id)


@job()
def submit_statement(statement_id: str) -> None:
    """Hand a statement to the brand's analyser."""
    analysers.submit(statements.find(statement_id))


@job("pipelines", attempts_max=12, lease_s=120)
def collect_analysis(statement_id: str) -> None:
    """Fetch what the analyser made of a statement; compare it with ours, or take it where we have nothing."""
    analysers.collect(statements.find(statement_id))


@job()
def give_up_analysis(statement_id: str) -> None:
    """Wait no longer for an analyser."""
    analysers.give_up(statements.find(statement_id))
