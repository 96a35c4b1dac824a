"""What runs for e-sign in the background."""

from app.core import webhooks
from app.core.outbox import enqueue, job
from app.esign import service
from app.esign.models import EsignRequest
from app.providers.hearing import envelope_id


@job(lease_s=180)
def send_agreement(loan_id: str) -> None:
    """The loan was approved."""
    service.send(loan_id)


@job(lease_s=180)
def process_callback(event_id: str) -> None:
    """The provider said that something happened to a contract. Of an unknown one it stays in the inbox."""
    event = webhooks.take(event_id)
    if event is not None:
        service.refresh(service.by_contract(envelope_id(event.provider, event.body.encode())))
        webhooks.processed(event)


@job()
def poll_pending() -> None:
    """Ask about every contract that is out, in case its callback stayed away."""
    for request in service.pending():
        enqueue("esign.refresh", request_id=request.id)


@job(lease_s=180, attempts_max=2)
def refresh(request_id: str) -> None:
    """Ask about one contract."""
    service.refresh(EsignRequest.find(request_id))
