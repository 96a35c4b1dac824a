"""What an e-sign provider must offer, in words of ours: an agreement goes out, and comes back signed or not.

`settings.providers.esign` names one. No public reference of either provider has a call that takes an agreement back:
it ends by its time (Signzy), or we stop asking for it (SignDesk).
"""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Protocol

PENDING, SIGNED, REJECTED, EXPIRED = "PENDING", "SIGNED", "REJECTED", "EXPIRED"


@dataclass(frozen=True)
class Signer:
    """Who signs. aadhaar_last4 and birth_year are compared with the Aadhaar that is signed with."""

    name: str
    phone: str
    email: str | None = None
    aadhaar_last4: str | None = None
    birth_year: int | None = None


@dataclass(frozen=True)
class Envelope:
    """An agreement that waits at sign_url for its signer."""

    id: str
    sign_url: str


@dataclass(frozen=True)
class EnvelopeState:
    """How far an agreement is: PENDING, SIGNED, REJECTED or EXPIRED.

    name_match is 0 to 1, the name of the Aadhaar against the signer's, and signer_name the name on the certificate,
    where the provider tells them. signed_document is what `download` needs.
    """

    id: str
    outcome: str
    name_match: Decimal | None
    signed_document: str | None
    signer_name: str | None = None


class EsignProvider(Protocol):
    def send_for_signature(
        self,
        document: bytes,
        *,
        title: str,
        lender: str,
        reference: str,
        signer: Signer,
        callback_url: str,
        return_url: str,
        valid_for: timedelta,
    ) -> Envelope: ...

    def envelope_state(self, envelope_id: str) -> EnvelopeState: ...

    def download(self, state: EnvelopeState) -> bytes: ...
