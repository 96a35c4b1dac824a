"""Account Aggregators behind one interface: what the domain asks, whichever of them a brand uses.

FINDUIT speaks ReBIT, CART its own wrapper around it. Both hand over data that only our key of one session opens;
here it is opened, account by account, so that one that cannot be opened does not take the others with it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from app.banking.states import OF_CONSENT, OF_HANDLE
from app.core.database import current_brand
from app.providers import client
from app.providers.aa import (
    ConsentRequested,
    ConsentTerms,
    DecryptionFailed,
    FinduitClient,
    KeyMaterial,
    Period,
    decrypt,
)
from app.providers.aa.client import EncryptedAccount, LinkedAccount, SignedConsent
from app.providers.cart_aa import CartAAClient

Days = tuple[date, date]


@dataclass(frozen=True)
class Consent:
    """A consent that was given: its end, how long data may be kept, the accounts, and the signed artefact."""

    consent_id: str
    expires_at: datetime
    data_life: Period
    accounts: tuple[LinkedAccount, ...]
    signed: SignedConsent | None = None


@dataclass(frozen=True)
class Standing:
    """Where a request stands, in our states; the consent once it was given."""

    status: str
    consent: Consent | None = None


@dataclass(frozen=True)
class Collecting:
    """A session that was begun: its name, and our keys for it."""

    session_id: str
    key_material: str = field(repr=False)


@dataclass(frozen=True)
class Delivered:
    """One account of a session: the document, or the problem with it."""

    fip_id: str
    link_ref_number: str
    masked_account_number: str
    document: str | None = field(default=None, repr=False)
    problem: str | None = None


class Aggregator(Protocol):
    """Raises ProviderError: see app.providers."""

    def ask(self, phone: str, days: Days, terms: ConsentTerms) -> ConsentRequested:
        """Ask the customer."""

    def standing(self, consent_handle: str) -> Standing:
        """Where that request stands now."""

    def begin(self, consent: Consent, days: Days) -> Collecting:
        """Have the data of a consent collected, for a key of our own that is made for this session alone."""

    def collect(self, session_id: str, key_material: str) -> list[Delivered]:
        """What has come of a session."""


class Finduit:
    """ReBIT v2.0.0, FIU to AA."""

    def __init__(self, finduit: FinduitClient) -> None:
        self._client = finduit

    def ask(self, phone: str, days: Days, terms: ConsentTerms) -> ConsentRequested:
        return self._client.request_consent(phone, *days, terms)

    def standing(self, consent_handle: str) -> Standing:
        handle = self._client.consent_handle(consent_handle)
        if handle.consent_id is None:
            return Standing(OF_HANDLE[handle.status])
        signed = self._client.fetch_consent(handle.consent_id)
        consent = Consent(signed.consent_id, signed.expires_at, signed.data_life, signed.accounts, signed)
        return Standing(OF_CONSENT[signed.status], consent)

    def begin(self, consent: Consent, days: Days) -> Collecting:
        keys = KeyMaterial.generate()
        session = self._client.request_fi(consent.signed, *days, keys)
        return Collecting(session.session_id, keys.to_json())

    def collect(self, session_id: str, key_material: str) -> list[Delivered]:
        return _opened(self._client.fetch_fi(session_id), key_material)


class Cart:
    """CART's wrapper: a docId for the consent, another for each session."""

    def __init__(self, cart: CartAAClient) -> None:
        self._client = cart

    def ask(self, phone: str, days: Days, terms: ConsentTerms) -> ConsentRequested:
        return self._client.request_consent(phone, *days, terms)

    def standing(self, consent_handle: str) -> Standing:
        found = self._client.consent(consent_handle)
        if found.consent_id is None:
            return Standing(OF_HANDLE[found.status])
        consent = Consent(found.consent_id, found.expires_at, found.data_life, found.accounts)
        return Standing(OF_CONSENT[found.status], consent)

    def begin(self, consent: Consent, days: Days) -> Collecting:
        keys = KeyMaterial.generate()
        session = self._client.request_data(consent.consent_id, *days, keys)
        return Collecting(session.session_id, keys.to_json())

    def collect(self, session_id: str, key_material: str) -> list[Delivered]:
        return _opened(self._client.data(session_id), key_material)


# the brand's setting -> the name of its client in app.providers, and how it is spoken to
_KINDS: Mapping[str, tuple[str, type]] = {"finduit": ("finduit", Finduit), "cart": ("cart_aa", Cart)}


def aggregator(name: str) -> Aggregator:
    """The Account Aggregator of this name for the present brand."""
    provider, kind = _KINDS[name]
    return kind(client(provider, current_brand()))


def _opened(accounts: Iterable[EncryptedAccount], key_material: str) -> list[Delivered]:
    keys = KeyMaterial.from_json(key_material)
    return [Delivered(**_named(account), **_document(keys, account)) for account in accounts]


def _named(account: EncryptedAccount) -> dict[str, str]:
    return {
        "fip_id": account.fip_id,
        "link_ref_number": account.link_ref_number,
        "masked_account_number": account.masked_account_number,
    }


def _document(keys: KeyMaterial, account: EncryptedAccount) -> dict[str, Any]:
    try:
        plain = decrypt(keys, account.key_material, account.encrypted_fi)
    except DecryptionFailed as error:
        return {"problem": f"The data cannot be decrypted: {error.reason}."}
    return {"document": plain.decode("utf-8", "replace")}
