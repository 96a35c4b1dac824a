"""Account Aggregator: how a customer lets us read bank statements (ReBIT v2.0.0).

client.py asks for consent and fetches, notifications.py reads what the AA tells us, crypto.py decrypts,
jws.py signs and verifies.
"""

from app.providers.aa.client import (
    UNDERWRITING,
    ConsentHandleStatus,
    ConsentRequested,
    ConsentTerms,
    EncryptedAccount,
    FinduitClient,
    FISession,
    LinkedAccount,
    SignedConsent,
)
from app.providers.aa.crypto import DecryptionFailed, KeyMaterial, decrypt
from app.providers.aa.notifications import (
    AccountStatus,
    ConsentNotification,
    FINotification,
    NotificationRefused,
    acknowledge,
    signed_reply,
    verify_notification,
)

__all__ = [
    "UNDERWRITING",
    "AccountStatus",
    "ConsentHandleStatus",
    "ConsentNotification",
    "ConsentRequested",
    "ConsentTerms",
    "DecryptionFailed",
    "EncryptedAccount",
    "FINotification",
    "FISession",
    "FinduitClient",
    "KeyMaterial",
    "LinkedAccount",
    "NotificationRefused",
    "SignedConsent",
    "acknowledge",
    "decrypt",
    "signed_reply",
    "verify_notification",
]
