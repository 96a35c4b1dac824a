"""How we sign in to Cashfree and how it says no: what all its products share.

Source: Cashfree's OpenAPI files (PG 2025-01-01, Payouts 2024-01-01, Verification 2023-12-18). Each product has
a key pair and an API version of its own. Errors are `{type, code, message}`; a 422 of Verification names what is
wrong with the bank, which is no refusal. Where our address is not allow-listed, Payouts and Verification want
`X-Cf-Signature`: client id and Unix seconds, encrypted for Cashfree's public key.
"""

import base64
import time
import uuid
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from app.providers.base import ProviderClient
from app.providers.pace import Rate
from app.providers.wire import Answer, Operation

# Product by the first part of the path: version of its API, and what its credentials are called.
VERSIONS = {"pg": "2025-01-01", "payout": "2024-01-01", "verification": "2023-12-18"}
KEYS = {"pg": "client", "payout": "payout_client", "verification": "verification_client"}
# Names of people: the keys of a body say too little for the masks to find them.
HIDDEN = (
    "name",
    "name_at_bank",
    "customer_name",
    "beneficiary_name",
    "account_holder_name",
    "customer_bank_account_holder_name",
    "payment_session_id",
    "subscription_session_id",
)
IDEMPOTENCY_HEADER = "x-idempotency-key"
NAMESPACE = uuid.UUID("5f6c2d0e-6f0f-4b6e-9a57-0c6f5d0c1b9e")
# The bank or its network is in trouble, or asked already: worth another try later.
BANK_TROUBLE = frozenset(
    {
        "failed_at_bank",
        "npci_unavailable",
        "connection_timeout",
        "source_bank_declined",
        "bene_bank_declined",
        "imps_mode_fail",
        "benficiary_bank_offline",
        "insufficient_balance",
        "verification_already_under_process",
    }
)


class CashfreeAccount(ProviderClient):
    """Amounts go over the wire in rupees, times with India's offset."""

    provider = "cashfree"
    # Limits are per minute and stand in each answer (x-ratelimit-limit); verification has about 100.
    rate = Rate(20)

    def headers(self, operation: Operation, body: bytes | None) -> dict[str, str]:
        product = operation.path.split("/")[1]
        credentials, key = self.settings.credentials, KEYS[product]
        headers = {
            "x-client-id": credentials[f"{key}_id"],
            "x-client-secret": credentials[f"{key}_secret"],
            "x-api-version": VERSIONS[product],
        }
        if product != "pg" and "public_key_file" in credentials:
            headers["X-Cf-Signature"] = _sealed(headers["x-client-id"], credentials["public_key_file"])
        return headers

    def reason(self, answer: Answer) -> str:
        return answer.fields.text("message", "") or f"HTTP {answer.status}"

    def check(self, operation: Operation, answer: Answer) -> None:
        if answer.status in (401, 403, 429) or not 400 <= answer.status < 500:
            super().check(operation, answer)
            return
        code = answer.fields.identifier("code", str(answer.status))
        if answer.status == 422 and code in BANK_TROUBLE:
            raise self.unavailable(operation, f"{code}: {self.reason(answer)}")
        raise self.rejected(operation, code, self.reason(answer))


def key_for(*parts: str) -> str:
    """The idempotency key (a UUID, as they ask) of one intent: the same for each try of it."""
    return str(uuid.uuid5(NAMESPACE, ":".join(parts)))


def _sealed(client_id: str, public_key_file: str) -> str:
    """The proof that stands in for an allow-listed address; good for some minutes."""
    key = load_pem_public_key(Path(public_key_file).read_bytes())
    oaep = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)
    return base64.b64encode(key.encrypt(f"{client_id}.{int(time.time())}".encode(), oaep)).decode()
