"""Everything that is kept of people, as the domains declare it."""

from app.banking import holdings as banking
from app.bureau import holdings as bureau
from app.calls import holdings as calls
from app.campaigns import holdings as campaigns
from app.collections import holdings as collections
from app.consents import holdings as consents
from app.contacts import holdings as contacts
from app.core.holding import Holding
from app.core.idempotency import IdempotencyKey
from app.core.outbox import DONE, OutboxRow
from app.core.webhooks import PROCESSED, REFUSED, WebhookEvent
from app.customers import holdings as customers
from app.documents import holdings as documents
from app.end_of_day import holdings as end_of_day
from app.esign import holdings as esign
from app.files import remove
from app.kyc import holdings as kyc
from app.leads import holdings as leads
from app.loans import holdings as loans
from app.mandates import holdings as mandates
from app.messaging import holdings as messaging
from app.payments import holdings as payments
from app.privacy.models import BreachPerson, PrivacyRequest
from app.privacy.states import RECEIVED
from app.provider_calls import holdings as provider_calls
from app.reminders import holdings as reminders
from app.reporting import holdings as reporting
from app.sign_in import holdings as sign_in


def _drop_file(request: PrivacyRequest) -> None:
    remove(request.file_key)
    request.change(file_key=None)


_OWN = (
    Holding(
        "answers to access requests",
        PrivacyRequest,
        customer=PrivacyRequest.customer_id,
        since=PrivacyRequest.answered_at,
        end=_drop_file,
        ended=PrivacyRequest.file_key.is_null(),
        untold=frozenset({"file_key"}),
    ),
    Holding(
        "identity",
        PrivacyRequest,
        customer=PrivacyRequest.customer_id,
        blank={"details": None, "answer": None},
        only=PrivacyRequest.status != RECEIVED,
        untold=frozenset({"file_key"}),
    ),
    Holding("loan file", BreachPerson, customer=BreachPerson.customer_id, kept=True),
    Holding("idempotency keys", IdempotencyKey, deleted=True),
    Holding(
        "finished jobs", OutboxRow, since=OutboxRow.finished_at, deleted=True, only=OutboxRow.status == DONE
    ),
    Holding(
        "webhook bodies", WebhookEvent, blank={"body": ""}, only=WebhookEvent.status.in_((PROCESSED, REFUSED))
    ),
)
# children before the customer: what is erased last is what finds the rest
HOLDINGS = (
    *kyc.HOLDINGS,
    *documents.HOLDINGS,
    *messaging.HOLDINGS,
    *sign_in.HOLDINGS,
    *bureau.HOLDINGS,
    *banking.HOLDINGS,
    *mandates.HOLDINGS,
    *esign.HOLDINGS,
    *calls.HOLDINGS,
    *campaigns.HOLDINGS,
    *reminders.HOLDINGS,
    *loans.HOLDINGS,
    *payments.HOLDINGS,
    *contacts.HOLDINGS,
    *collections.HOLDINGS,
    *end_of_day.HOLDINGS,
    *consents.HOLDINGS,
    *leads.HOLDINGS,
    *reporting.HOLDINGS,
    *provider_calls.HOLDINGS,
    *_OWN,
    *customers.HOLDINGS,
)
