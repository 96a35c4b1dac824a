"""Financial information under a consent: asked for, collected by the aggregator, fetched, opened, kept.

A session may bring some accounts and not others (a bank is down, the customer's bank denies, a document cannot be
opened): what came is analysed, what did not is named.
"""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from app.banking import vault
from app.banking.aggregator import consents
from app.banking.aggregator.clients import Consent, Delivered, aggregator
from app.banking.models import AAConsentRequest, AASession, BdaReport
from app.banking.states import AA_SESSION, APPROVED, DELIVERED, FAILED, PARTIAL, REQUESTED
from app.consents import service as given
from app.core import clock
from app.core.errors import Conflict, NotFound, TooMany
from app.core.outbox import enqueue
from app.loans import service as loans
from app.providers import ProviderRejected
from app.providers.aa import Period
from app.providers.aa.crypto import KEY_LIFETIME

SOURCE = "ACCOUNT_AGGREGATOR"
# When the aggregator's word that the data is there does not come, we look for it.
LOOK_AFTER_S = 60
# The one refusal that time heals.
NOT_READY = "DataFetchRequestInProgress"
ENDED = {
    "FAILED": "The aggregator could not collect the statement.",
    "EXPIRED": "The collected statement expired before it was fetched.",
}
NOTHING_CAME = "The aggregator brought no account."
# What an aggregator says of an account that it will not bring.
REASONS = {"DENIED": "The bank denies the data.", "TIMEOUT": "The bank did not answer in time."}


def request(record: AAConsentRequest, nth: int) -> None:
    """Begin the `nth` session of a consent, with keys made for it alone. Nothing when it was begun before.

    Asking under a paused or ended consent is forbidden, so it is looked at first.
    """
    record = record.locked()
    if record.status != APPROVED or sessions(record.id).count() >= nth:
        return
    aa = aggregator(record.provider)
    standing = aa.standing(record.consent_handle)
    consents.take_over(record, standing)
    if record.status == APPROVED and standing.consent:
        begun = aa.begin(standing.consent, (record.data_from, min(record.data_to, clock.today())))
        _start(record, standing.consent, begun.session_id, begun.key_material)


def _start(record: AAConsentRequest, consent: Consent, session_id: str, key_material: str) -> None:
    session = AASession.create(
        consent_request_id=record.id,
        session_id=session_id,
        status=AA_SESSION.initial,
        key_material=key_material,
        accounts=[asdict(account) | {"status": "PENDING"} for account in consent.accounts],
    )
    AA_SESSION.start(session)
    enqueue("banking.fetch_information", delay_s=LOOK_AFTER_S, session_id=session_id)


def fetch_again(request_id: UUID) -> AAConsentRequest:
    """Have newer data collected under a periodic consent.

    Raises Conflict if the consent is not APPROVED, allows one fetch only, or a session is on its way; TooMany before
    the next period of its frequency.
    """
    record = consents.get(request_id).locked()
    if record.status != APPROVED:
        raise Conflict(f"The consent is {record.status}: nothing may be fetched.", state=record.status)
    given.require(record.customer_id, "AA")
    done = list(sessions(record.id))
    if any(session.status == REQUESTED for session in done):
        raise Conflict("Data is being collected already.", code="IN_PROGRESS")
    _refuse_beyond_frequency(record, [session for session in done if session.status != FAILED])
    enqueue("banking.request_information", request_id=record.id, nth=len(done) + 1)
    return record


def _refuse_beyond_frequency(record: AAConsentRequest, brought: list[AASession]) -> None:
    if not brought:
        return
    if record.terms.get("fetch_type") != "PERIODIC":
        raise Conflict("This consent allows one fetch, and it was made.", code="FETCHED_ONCE")
    per_unit, unit = record.terms["frequency"]["value"], Period(record.terms["frequency"]["unit"], 1)
    if len(brought) < per_unit:
        return
    next_at = unit.after(brought[-per_unit].created_at)
    if next_at and next_at > clock.now():
        raise TooMany("The consent does not allow another fetch yet.", next_at=next_at.isoformat())


def changed(session: AASession, session_status: str, told: dict[str, str]) -> None:
    """The aggregator tells of a session, and of accounts by their link: fetch when none is waited for."""
    session = session.locked()
    if session.status != REQUESTED:
        return
    accounts = [_told(account, told.get(account["link_ref_number"])) for account in session.accounts]
    session.change(accounts=accounts)
    if session_status in ENDED:
        fail(session, ENDED[session_status])
    elif session_status == "COMPLETED" or (told and "PENDING" not in told.values()):
        fetch(session)


def _told(account: dict[str, str], status: str | None) -> dict[str, str]:
    return account | {"status": status} if status else account


def fetch(session: AASession) -> None:
    """Take in what a session brought, once. Raises ProviderError if it is to be repeated."""
    session = session.locked()
    if session.status != REQUESTED:
        return
    record = consents.get(session.consent_request_id)
    try:
        delivered = aggregator(record.provider).collect(session.session_id, session.key_material)
    except ProviderRejected as refusal:
        if refusal.code == NOT_READY:
            raise
        fail(session, f"The aggregator refuses the statement: {refusal.reason or refusal.code}.")
    else:
        _take_in(record, session, delivered)


def _take_in(record: AAConsentRequest, session: AASession, delivered: list[Delivered]) -> None:
    accounts = _outcome(session.accounts, delivered)
    missing = [account for account in accounts if account["status"] != DELIVERED]
    documents = [_as_document(one) for one in delivered if one.document is not None]
    session.change(accounts=accounts)
    if not documents:
        fail(session, missing[0]["reason"] if missing else NOTHING_CAME)
        return
    # with the key gone, nobody can open what the aggregator may still hold
    AA_SESSION.move(session, PARTIAL if missing else DELIVERED, key_material=None)
    report = _report(
        record, session, status="PROCESSING", missing=missing, delete_after=_delete_after(record)
    )
    vault.put(report.raw_key, documents)
    enqueue("banking.analyse", report_id=report.id)


def _outcome(asked: list[dict[str, str]], delivered: list[Delivered]) -> list[dict[str, str]]:
    """What became of each account that was asked for, and of those that came unasked."""
    came = {(one.fip_id, one.link_ref_number): one for one in delivered}
    known = {(account["fip_id"], account["link_ref_number"]): account for account in asked}
    unasked = {key: _named(one) for key, one in came.items() if key not in known}
    return [_became(account, came.get(key)) for key, account in (known | unasked).items()]


def _became(account: dict[str, str], one: Delivered | None) -> dict[str, str]:
    if one and one.document is not None:
        return account | {"status": DELIVERED}
    reason = one.problem if one else REASONS.get(account["status"], "The bank did not deliver it.")
    return account | {"status": "MISSING", "reason": reason}


def _named(one: Delivered) -> dict[str, str]:
    return {
        "fip_id": one.fip_id,
        "link_ref_number": one.link_ref_number,
        "masked_account_number": one.masked_account_number,
    }


def _as_document(one: Delivered) -> dict[str, str]:
    return _named(one) | {"fi": one.document}


def _delete_after(record: AAConsentRequest) -> datetime | None:
    life = record.terms.get("data_life")
    return Period(**life).after(clock.now()) if life else None


def fail(session: AASession, reason: str) -> None:
    """The session gives nothing; said once."""
    if session.status == REQUESTED:
        AA_SESSION.move(session, FAILED, remark=reason, key_material=None)
        report = _report(consents.get(session.consent_request_id), session, status="FAILED", reason=reason)
        loans.evidence_came(report.customer_id)


def overdue() -> Any:
    """Sessions that brought nothing while their keys were good."""
    old = AASession.created_at < clock.now() - KEY_LIFETIME
    return AASession.select().where(AASession.status == REQUESTED, old)


def give_up(session: AASession) -> None:
    """Wait no longer for a session."""
    fail(session.locked(), "The aggregator did not deliver in time.")


def _report(record: AAConsentRequest, session: AASession, **values: Any) -> BdaReport:
    return BdaReport.create(
        customer_id=record.customer_id,
        loan_id=record.loan_id,
        source=SOURCE,
        aa_session_id=session.id,
        raw_key=vault.key_of(str(record.id), f"{session.session_id}.enc"),
        **values,
    )


def sessions(request_id: UUID | str) -> Any:
    """The sessions of a consent, oldest first."""
    mine = AASession.consent_request_id == request_id
    return AASession.select().where(mine).order_by(AASession.id)


def session_named(session_id: str) -> AASession | None:
    """The session of this name at its aggregator."""
    return AASession.get_or_none(AASession.session_id == session_id)


def session_found(session_id: str) -> AASession:
    """The same, or NotFound."""
    session = session_named(session_id)
    if session is None:
        raise NotFound("session")
    return session


def get_report(report_id: UUID | str) -> BdaReport:
    """The report, or NotFound."""
    return BdaReport.find(report_id)
