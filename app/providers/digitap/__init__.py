"""Digitap.ai, identity and employment: client.py asks, answers.py and mobile.py say what comes back."""

from app.providers.digitap.answers import (
    AadhaarAddress,
    AadhaarDetails,
    AadhaarOtp,
    Employer,
    Employment,
    PanAddress,
    PanDetails,
    UanRecord,
)
from app.providers.digitap.client import DigitapClient
from app.providers.digitap.mobile import MobileAddress, MobileIdentity

__all__ = [
    "AadhaarAddress",
    "AadhaarDetails",
    "AadhaarOtp",
    "DigitapClient",
    "Employer",
    "Employment",
    "MobileAddress",
    "MobileIdentity",
    "PanAddress",
    "PanDetails",
    "UanRecord",
]
