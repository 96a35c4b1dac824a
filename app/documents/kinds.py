"""What kinds of document there are, what each may be, and how large."""

from dataclasses import dataclass

from storage.content import CSV, JPEG, PDF, PNG, XLSX, XML

_MB = 2**20


@dataclass(frozen=True)
class Kind:
    """`content_types` are told from the bytes; `bytes_max` is per file; `source` is who gives such files, where nobody
    says otherwise; `reviewed` ones wait for staff to find them good."""

    content_types: tuple[str, ...]
    bytes_max: int
    source: str = "CUSTOMER"
    reviewed: bool = False


_IMAGE = Kind((JPEG, PNG), 5 * _MB, reviewed=True)
_SCAN = Kind((JPEG, PNG, PDF), 5 * _MB, reviewed=True)
_OURS = Kind((PDF,), 20 * _MB, "OURS")

KINDS: dict[str, Kind] = {
    "PAN_CARD": _SCAN,
    "AADHAAR": _SCAN,
    "AADHAAR_FRONT": _SCAN,
    "AADHAAR_BACK": _SCAN,
    "E_AADHAAR": Kind((XML,), _MB),
    "SELFIE": _IMAGE,
    "SALARY_SLIP": _SCAN,
    "BANK_STATEMENT": Kind((PDF, CSV, XLSX), 10 * _MB),
    "SANCTION_LETTER": _OURS,
    "KFS": _OURS,
    "LOAN_AGREEMENT": _OURS,
    "SIGNED_AGREEMENT": _OURS,
    "REPAYMENT_SCHEDULE": _OURS,
    "NOC": _OURS,
    "NDC": _OURS,
    "DEMAND_NOTICE": _OURS,
    "LEGAL_NOTICE": _OURS,
    "SETTLEMENT_LETTER": _OURS,
    "WRITE_OFF_LETTER": _OURS,
    "VISIT_PHOTO": Kind((JPEG, PNG), 5 * _MB, "STAFF"),
}
