"""Consents: showing the words, giving, taking back, and asking whether one is live."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from peewee import JOIN, ModelSelect

from app.brands import service as brands
from app.consents import wording
from app.consents.models import Consent, ConsentText, ConsentWithdrawal
from app.consents.purposes import LIFE
from app.core import audit, clock
from app.core.errors import Conflict, Invalid
from app.core.outbox import enqueue

LIVE, WITHDRAWN, EXPIRED = "LIVE", "WITHDRAWN", "EXPIRED"


def texts(language: str) -> list[wording.Text]:
    """What a customer is to be shown now, one text a purpose."""
    return wording.newest(language, _names())


def _names() -> dict[str, str]:
    """What stands in braces in the texts."""
    brand = brands.current()
    lender = brands.settings()["lender"]
    return {
        "brand": brand.name,
        "lender": lender["name"],
        "officer": lender["grievance_officer"],
        "email": lender["grievance_email"],
        "phone": lender["grievance_phone"],
    }


def give(
    customer_id: UUID | str,
    purpose: str,
    text_version: str,
    *,
    language: str = "en",
    text_hash: str | None = None,
    channel: str = "APP",
    **circumstances: Any,
) -> Consent:
    """Record a consent on a text that exists. `circumstances`: ip, device, evidence.

    Raises Invalid if there is no such text, or if `text_hash` says that something else was shown.
    """
    text = wording.text(purpose, text_version, language, _names())
    if text is None:
        raise Invalid("There is no such text.", field="text_version", code="UNKNOWN_TEXT")
    if text_hash and text_hash != text.hash:
        raise Invalid("The text reads otherwise: show it again.", field="text_hash", code="TEXT_CHANGED")
    _keep(text)
    life = LIFE[purpose]
    consent = Consent.create(
        customer_id=customer_id,
        purpose=purpose,
        text_version=text.version,
        text_hash=text.hash,
        language=language,
        channel=channel,
        expires_at=clock.now() + life if life else None,
        **circumstances,
    )
    audit.record("consent.given", "consent", consent.id, subject_id=consent.customer_id, after=_told(consent))
    if purpose == "BUREAU":
        # an application may wait for it
        enqueue("assessment.go_on", customer_id=consent.customer_id)
    return _with_state(consent, None)


def _keep(text: wording.Text) -> None:
    values = {
        name: getattr(text, name) for name in ("hash", "purpose", "version", "language", "title", "body")
    }
    ConsentText.insert(**values).on_conflict_ignore().execute()


def _told(consent: Consent) -> dict[str, Any]:
    return {"purpose": consent.purpose, "textVersion": consent.text_version, "language": consent.language}


def withdraw(
    customer_id: UUID | str, purpose: str, channel: str = "APP", **circumstances: Any
) -> list[Consent]:
    """Take back every live consent to `purpose`. Raises Conflict if there is none.

    What was done under it stays lawful; a loan that runs goes on, and what the law makes us keep is kept.
    """
    taken = [consent for consent in of_customer(customer_id, purpose) if consent.state == LIVE]
    if not taken:
        raise Conflict("There is no live consent to that.", code="NO_LIVE_CONSENT", purpose=purpose)
    for consent in taken:
        withdrawal = ConsentWithdrawal.create(
            consent_id=consent.id, customer_id=consent.customer_id, channel=channel, **circumstances
        )
        audit.record(
            "consent.withdrawn", "consent", consent.id, subject_id=consent.customer_id, after=_told(consent)
        )
        _with_state(consent, withdrawal.created_at)
    return taken


def of_customer(customer_id: UUID | str, purpose: str | None = None) -> list[Consent]:
    """The ledger of a customer, newest first; each with its `state` and `withdrawn_at`."""
    query = _with_withdrawals().where(Consent.customer_id == customer_id).order_by(Consent.id.desc())
    rows = query.where(Consent.purpose == purpose) if purpose else query
    return [_with_state(consent, consent.withdrawn_at) for consent in rows.objects()]


def _with_withdrawals() -> ModelSelect:
    same = ConsentWithdrawal.consent_id == Consent.id
    withdrawn_at = ConsentWithdrawal.created_at.alias("withdrawn_at")
    return Consent.select(Consent, withdrawn_at).join(ConsentWithdrawal, JOIN.LEFT_OUTER, on=same)


def _with_state(consent: Consent, withdrawn_at: Any) -> Consent:
    ended = consent.expires_at is not None and consent.expires_at <= clock.now()
    consent.withdrawn_at = withdrawn_at
    consent.state = WITHDRAWN if withdrawn_at else EXPIRED if ended else LIVE
    return consent


def live(customer_id: UUID | str, purpose: str) -> Consent | None:
    """The newest consent to `purpose` that is neither withdrawn nor at its end."""
    return next((c for c in of_customer(customer_id, purpose) if c.state == LIVE), None)


def live_among(customer_ids: Collection[UUID], purpose: str) -> set[UUID]:
    """Those of these customers who have a live consent to `purpose`."""
    theirs = Consent.customer_id.in_(list(customer_ids)), Consent.purpose == purpose
    found = _with_withdrawals().where(*theirs).objects()
    return {c.customer_id for c in found if _with_state(c, c.withdrawn_at).state == LIVE}


def require(customer_id: UUID | str, purpose: str) -> Consent:
    """The live consent to `purpose`. Raises Conflict (CONSENT_MISSING) if there is none."""
    consent = live(customer_id, purpose)
    if consent is None:
        raise Conflict(
            f"The customer has not consented to that ({purpose}), or no longer does.",
            code="CONSENT_MISSING",
            purpose=purpose,
        )
    return consent
