"""What runs for disbursement in the background."""

from app.core import webhooks
from app.core.outbox import enqueue, job
from app.disbursement import bank_files, cooling_off, orders, service
from app.disbursement.states import PENDING, PROCESSING
from app.mandates import service as mandates
from app.providers import money
from app.providers.hearing import money_event


@job(lease_s=120)
def send_payout(payout_id: str) -> None:
    """Hand a payout to the provider."""
    service.send(payout_id)


@job()
def agreement_signed(loan_id: str) -> None:
    """The customer has signed: what else must be there before the payout is asked for."""
    mandates.begin_where_required(loan_id)


@job()
def process_event(event_id: str) -> None:
    """The provider said that something happened. Of a payout that is not ours it stays in the inbox."""
    event = webhooks.take(event_id)
    if event is None:
        return
    match money_event(event.provider, event.body.encode()):
        case money.RefusedEvent() as told:
            webhooks.refused(event, told.name, told.code, told.reason)
            return
        case money.PayoutEvent(payout=payout, occurred_at=occurred_at):
            service.hear(payout, occurred_at)
        case money.PayoutHint(reference_id=reference):
            service.refresh(service.by_reference(reference).id)
    webhooks.processed(event)


@job()
def poll_unsettled() -> None:
    """Follow up on every payout whose end is not known: hand it over again, or ask."""
    for payout in service.unsettled():
        enqueue(_FOLLOW_UP[payout.status], payout_id=payout.id)


_FOLLOW_UP = {PENDING: "disbursement.send_payout", PROCESSING: "disbursement.refresh"}


@job()
def reissue_agreement(loan_id: str) -> None:
    """What was signed holds no longer: the customer gets the amounts of today to sign."""
    orders.reissue(loan_id)


@job(lease_s=900)
def settle_bank_file(bank_file_id: str) -> None:
    """Take over what the rows of a bank file say."""
    bank_files.settle_file(bank_file_id)


@job()
def conclude_cooling_off(request_id: str) -> None:
    """The page on which a customer gives a loan back was paid."""
    cooling_off.conclude(request_id)


@job()
def undo_cooling_off(loan_id: str) -> None:
    """A payment of a loan that was given back was taken back."""
    cooling_off.undo(loan_id)


@job(lease_s=120, attempts_max=2)
def refresh(payout_id: str) -> None:
    """Ask about one payout."""
    service.refresh(payout_id)
