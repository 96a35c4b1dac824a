"""Know your customer: what other domains ask, and what the routes of this one call."""

from datetime import date
from typing import Any
from uuid import UUID

from app.core import audit
from app.core.lineage import Origin, origin
from app.customers import service as customers
from app.documents import service as documents
from app.kyc import addresses, attempts, bank_accounts, digilocker, employments, upi_ids
from app.kyc.attempts import (
    AADHAAR,
    BANK_ACCOUNT,
    EMPLOYMENT,
    FACE_MATCH,
    MOBILE_TO_ADDRESS,
    MOBILE_TO_PAN,
    PAN,
    REJECTED,
    VERIFIED,
)
from app.kyc.bank_accounts import add as add_bank_account
from app.kyc.bank_accounts import customers_with as customers_with_account
from app.kyc.bank_accounts import describe as describe_account
from app.kyc.bank_accounts import fill_hashes as fill_account_hashes
from app.kyc.bank_accounts import get as bank_account
from app.kyc.bank_accounts import is_number_hash, number_hash
from app.kyc.bank_accounts import of_customer as bank_accounts_of
from app.kyc.bank_accounts import verified as verified_account
from app.kyc.digilocker import finish as finish_digilocker
from app.kyc.digilocker import start as start_digilocker
from app.kyc.digilocker import whose as whose_state
from app.kyc.employments import look_up as look_up_employment
from app.kyc.identity import (
    birth_dates_agree,
    genders_agree,
    initiate_aadhaar_otp,
    submit_aadhaar_otp,
    verify_pan,
)
from app.kyc.manual import match_face, record_identity, review_document
from app.kyc.mobile import verify as verify_mobile
from app.kyc.models import KycCheck
from app.kyc.names import match_percent
from app.kyc.onboarding import picture as onboarding
from app.kyc.refreshing import refresh
from app.kyc.upi_ids import add as add_upi_id
from app.kyc.upi_ids import get as upi_id
from app.kyc.upi_ids import of_customer as upi_ids_of
from app.kyc.upi_ids import verified as verified_upi_id

__all__ = [
    "add_bank_account",
    "add_upi_id",
    "bank_account",
    "bank_accounts_of",
    "customers_with_account",
    "describe",
    "describe_account",
    "facts",
    "fill_account_hashes",
    "finish_digilocker",
    "initiate_aadhaar_otp",
    "is_number_hash",
    "look_up_employment",
    "match_face",
    "match_percent",
    "number_hash",
    "onboarding",
    "origins",
    "present_employer",
    "record_identity",
    "refresh",
    "review_document",
    "start_digilocker",
    "submit_aadhaar_otp",
    "upi_id",
    "upi_ids_of",
    "verified_account",
    "verified_upi_id",
    "verify_mobile",
    "verify_pan",
    "whose_state",
]


def facts(customer_id: UUID | str, as_of: date) -> dict[str, Any]:
    """The features that come from the checks, by their names in the feature dictionary; unknown is absent."""
    customer = customers.get(customer_id)
    checks = {kind: attempts.latest(customer_id, kind) for kind in attempts.KINDS}
    known = (
        _identity_facts(customer, checks[PAN], checks[AADHAAR])
        | _mobile_facts(customer, checks[MOBILE_TO_PAN], checks[MOBILE_TO_ADDRESS])
        | _face_facts(checks[AADHAAR], checks[FACE_MATCH])
        | _bank_facts(customer_id, checks[BANK_ACCOUNT])
        | _employment_facts(customer_id, checks[EMPLOYMENT], as_of)
        | {"rejected_kyc_check_count_30d": attempts.rejected_lately(customer_id)}
    )
    return {name: value for name, value in known.items() if value is not None}


# which attempt says it
_CHECK_OF = {
    "pan_status": PAN,
    "pan_aadhaar_linked": PAN,
    "name_match_pan_aadhaar_percent": AADHAAR,
    "dob_matches": AADHAAR,
    "gender_matches": AADHAAR,
    "identity_route": AADHAAR,
    "current_address_match_percent": AADHAAR,
    "face_match": FACE_MATCH,
    "mobile_pan_matches": MOBILE_TO_PAN,
    "mobile_name_match_percent": MOBILE_TO_PAN,
    "mobile_address_match_percent": MOBILE_TO_ADDRESS,
    "bank_account_verified": BANK_ACCOUNT,
    "name_match_pan_bank_percent": BANK_ACCOUNT,
    "shared_account_count": BANK_ACCOUNT,
    "employment_active": EMPLOYMENT,
    "employment_tenure_months": EMPLOYMENT,
}


def origins(customer_id: UUID | str) -> dict[str, Origin]:
    """The attempt behind each of the `facts`, as far as one is."""
    checks = {kind: attempts.latest(customer_id, kind) for kind in set(_CHECK_OF.values())}
    return {
        name: origin(f"kyc_check:{kind.lower()}", checks[kind])
        for name, kind in _CHECK_OF.items()
        if checks[kind]
    }


def _identity_facts(
    customer: customers.Customer, pan: KycCheck | None, aadhaar: KycCheck | None
) -> dict[str, Any]:
    known: dict[str, Any] = {"pan_status": _pan_status(pan)}
    if not _is(pan, VERIFIED):
        return known
    known["pan_aadhaar_linked"] = pan.result["aadhaar_linked"]
    if _is(aadhaar, VERIFIED):
        known["identity_route"] = aadhaar.result.get("route", "AADHAAR_OTP")
        known["current_address_match_percent"] = _agreement(customer, customer.current_address)
        known["name_match_pan_aadhaar_percent"] = match_percent(customer.name, customer.aadhaar_name)
        known["dob_matches"] = birth_dates_agree(pan.result, aadhaar.result)
        known["gender_matches"] = genders_agree(pan.result, aadhaar.result)
    return known


def _pan_status(pan: KycCheck | None) -> str | None:
    if _is(pan, VERIFIED):
        return "VALID"
    # rejected with a result: the PAN is good and somebody else's
    return "INVALID" if _is(pan, REJECTED) and pan.result is None else None


def _mobile_facts(
    customer: customers.Customer, pan: KycCheck | None, address: KycCheck | None
) -> dict[str, Any]:
    told = (pan.result if pan else None) or {}
    found = address.result["addresses"] if _is(address, VERIFIED) else []
    matches = [match for known in found if (match := _agreement(customer, known)) is not None]
    return {
        "mobile_pan_matches": told.get("pan_matches"),
        "mobile_name_match_percent": told.get("name_match_percent"),
        "mobile_address_match_percent": max(matches, default=None),
    }


def _agreement(customer: customers.Customer, address: dict[str, str] | None) -> int | None:
    """Of an address with the one on the Aadhaar; None where there is one of them alone."""
    return addresses.match_percent(customer.address, address) if customer.address and address else None


def _face_facts(aadhaar: KycCheck | None, face: KycCheck | None) -> dict[str, Any]:
    """NOT_DONE once there is a proven face to compare the selfie with."""
    done = {VERIFIED: "MATCHED", REJECTED: "DIFFERENT"}.get(face.status) if face else None
    return {"face_match": done or ("NOT_DONE" if _is(aadhaar, VERIFIED) else None)}


def _bank_facts(customer_id: UUID | str, check: KycCheck | None) -> dict[str, Any]:
    accounts = bank_accounts.of_customer(customer_id)
    account = next((account for account in accounts if account.verified), accounts[0] if accounts else None)
    return {
        "bank_account_verified": {VERIFIED: True, REJECTED: False}.get(check.status) if check else None,
        "name_match_pan_bank_percent": account.name_match_percent if account else None,
        "shared_account_count": bank_accounts.sharing(account) if account else None,
    }


def _employment_facts(customer_id: UUID | str, check: KycCheck | None, as_of: date) -> dict[str, Any]:
    if not _is(check, VERIFIED):
        return {}
    present = next((stint for stint in employments.of_customer(customer_id) if stint.is_current), None)
    return {
        "employment_active": present is not None,
        "employment_tenure_months": employments.tenure_months(present.joining_date, as_of)
        if present
        else None,
    }


def present_employer(customer_id: UUID | str) -> str | None:
    """The name of the employer whom EPFO shows now."""
    stints = employments.of_customer(customer_id)
    return next((stint.employer_name for stint in stints if stint.is_current), None)


def _is(check: KycCheck | None, status: str) -> bool:
    return check is not None and check.status == status


def describe(customer_id: UUID | str) -> dict[str, Any]:
    """A customer's KYC: every attempt and what counts of each kind, accounts, employers, documents."""
    customer = customers.get(customer_id)
    audit.viewed("kyc", customer.id, customer.id)
    return {
        "customer": customer,
        "checks": [check for kind in attempts.KINDS if (check := attempts.latest(customer.id, kind))],
        "attempts": attempts.of_customer(customer.id),
        "digilocker_visits": digilocker.of_customer(customer.id),
        "bank_accounts": bank_accounts.of_customer(customer.id),
        "upi_ids": upi_ids.of_customer(customer.id),
        "employments": employments.of_customer(customer.id),
        "documents": documents.of_customer(customer.id),
    }
