"""Financial information under a consent: asked for, collected by the aggregator, fetched, decrypted, kept."""

from uuid import UUID

from app.banking import vault
from app.banking.consents import aggregator
from app.banking.models import AAConsentRequest, BdaReport
from app.banking.states import APPROVED
from app.core.outbox import enqueue
from app.providers import ProviderRejected
from app.providers.aa import DecryptionFailed, KeyMaterial, decrypt

SOURCE = "ACCOUNT_AGGREGATOR"
# When the aggregator's word that the data is there does not come, we look for it.
LOOK_AFTER_S = 60
# The one refusal that time heals.
NOT_READY = "DataFetchRequestInProgress"
ENDED = {
    "FAILED": "The aggregator could not collect the statement.",
    "EXPIRED": "The collected statement expired before it was fetched.",
}


def request(record: AAConsentRequest) -> None:
    """Have the statement collected for a key of our own, made for this session alone.

    Nothing happens unless the consent is APPROVED now: asking under a paused or ended one is forbidden.
    """
    record = record.locked()
    if record.status != APPROVED:
        return
    finduit = aggregator(record.provider)
    consent = finduit.fetch_consent(record.consent_id)
    vault.put(vault.key_of(str(record.id), "consent.enc"), consent.token)
    keys = KeyMaterial.generate()
    session = finduit.request_fi(consent, record.data_from, record.data_to, keys)
    record.change(session_id=session.session_id, key_material=keys.to_json())
    enqueue(
        "banking.fetch_information", delay_s=LOOK_AFTER_S, request_id=record.id, session_id=session.session_id
    )


def changed(record: AAConsentRequest, session_status: str, account_statuses: set[str]) -> None:
    """The aggregator tells of a session: fetch when it is complete, or no account of it is waited for."""
    record = record.locked()
    if session_status in ENDED:
        fail(record, ENDED[session_status])
    elif session_status == "COMPLETED" or (account_statuses and "PENDING" not in account_statuses):
        fetch(record)


def fetch(record: AAConsentRequest) -> None:
    """Take the information of the record's session in, once. Raises ProviderError if it is to be repeated."""
    record = record.locked()
    if is_taken_in(record):
        return
    try:
        documents = _documents(record)
    except DecryptionFailed as error:
        fail(record, f"The statement cannot be decrypted: {error.reason}.")
    except ProviderRejected as refusal:
        if refusal.code == NOT_READY:
            raise
        fail(record, f"The aggregator refuses the statement: {refusal.reason or refusal.code}.")
    else:
        _keep(record, documents)


def _documents(record: AAConsentRequest) -> list[dict[str, str]]:
    keys = KeyMaterial.from_json(record.key_material)
    return [
        {
            "fip_id": account.fip_id,
            "link_ref_number": account.link_ref_number,
            "masked_account_number": account.masked_account_number,
            "fi": decrypt(keys, account.key_material, account.encrypted_fi).decode("utf-8", "replace"),
        }
        for account in aggregator(record.provider).fetch_fi(record.session_id)
    ]


def _keep(record: AAConsentRequest, documents: list[dict[str, str]]) -> None:
    report = _report(record, status="PROCESSING")
    vault.put(report.raw_key, documents)
    # with the key gone, nobody can open what the aggregator may still hold
    record.change(key_material=None)
    enqueue("banking.analyse", report_id=report.id)


def fail(record: AAConsentRequest, reason: str) -> None:
    """The session gives no statement; said once."""
    if not is_taken_in(record):
        _report(record, status="FAILED", reason=reason)


def is_taken_in(record: AAConsentRequest) -> bool:
    """Whether the record's session has its report already."""
    return BdaReport.select().where(BdaReport.raw_key == _raw_key(record)).exists()


def _report(record: AAConsentRequest, **values: str) -> BdaReport:
    return BdaReport.create(
        customer_id=record.customer_id,
        loan_id=record.loan_id,
        source=SOURCE,
        raw_key=_raw_key(record),
        **values,
    )


def _raw_key(record: AAConsentRequest) -> str:
    return vault.key_of(str(record.id), f"{record.session_id}.enc")


def get_report(report_id: UUID | str) -> BdaReport:
    """The report, or NotFound."""
    return BdaReport.find(report_id)
