"""Digitap.ai, identity and employment: client.py asks, answers.py says what comes back."""

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

__all__ = [
    "AadhaarAddress",
    "AadhaarDetails",
    "AadhaarOtp",
    "DigitapClient",
    "Employer",
    "Employment",
    "PanAddress",
    "PanDetails",
    "UanRecord",
]
