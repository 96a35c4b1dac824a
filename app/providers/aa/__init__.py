"""Account Aggregator: how a customer lets us read bank statements (ReBIT v2.0.0).

terms.py says what may be asked for, client.py asks and fetches, notifications.py reads what the AA tells us, crypto.py
decrypts,
jws.py signs and verifies.
"""

from app.providers.aa.client import (
    ConsentHandleStatus,
    ConsentRequested,
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
from app.providers.aa.terms import TERMS, UNDERWRITING, ConsentTerms, Period

__all__ = [
    "TERMS",
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
    "Period",
    "SignedConsent",
    "acknowledge",
    "decrypt",
    "signed_reply",
    "verify_notification",
]
