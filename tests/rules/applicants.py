"""Applicants whom the tests know by name, and how to write rule files for a test."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from rules import Ruleset, load

BRANDS = ("qualoan", "salary4sure", "paisapop", "fastsalary", "salarybolt")

ASHA: dict[str, Any] = {
    "decision_date": "2026-11-26",
    "mobile_verified": True,
    "pincode": 411045,
    "gender_matches": True,
    "employer_name_match_percent": 92,
    "bureau_report_age_days": 0,
    "unsecured_loans_opened_90d": 0,
    "salary_drained_count_3m": 0,
    "statement_account_matches": True,
    "tamper_signal_count": 0,
    "circular_credit_share_percent": 0,
    "balance_dressed": False,
    "outward_bounce_count_3m": 0,
    "loan_credit_count_3m": 0,
    "sister_open_loan_count": 0,
    "sister_bad_loan_count": 0,
    "shared_account_count": 0,
    "shared_aadhaar_count": 0,
    "device_customer_count_30d": 1,
    "application_count_30d": 1,
    "rejection_count_90d": 0,
    "rejected_kyc_check_count_30d": 0,
    "lost_loan_count": 0,
    "age_years": 30,
    "employment_type": "SALARIED",
    "salary_mode": "BANK_TRANSFER",
    "declared_monthly_salary": "61000",
    "city_tier": "A",
    "pan_status": "VALID",
    "pan_aadhaar_linked": True,
    "name_match_pan_aadhaar_percent": 100,
    "name_match_pan_bank_percent": "96.5",
    "dob_matches": True,
    "bank_account_verified": True,
    "employment_active": True,
    "employment_tenure_months": 30,
    "requested_amount": 25000,
    "requested_tenure_days": 30,
    "bureau_hit": True,
    "bureau_score": 782,
    "bureau_vintage_months": 60,
    "dpd_30_plus_count_6m": 0,
    "dpd_60_plus_count_12m": 0,
    "dpd_90_plus_count_24m": 0,
    "written_off_or_settled_count_24m": 0,
    "bureau_overdue_amount": 0,
    "unsecured_enquiries_30d": 1,
    "unsecured_enquiries_90d": 2,
    "active_payday_loan_count": 0,
    "active_unsecured_loan_count": 1,
    "active_unsecured_outstanding": "40000",
    "bureau_emi_obligations": "5000",
    "statement_days": 90,
    "statement_age_days": 3,
    "salary_credit_count_3m": 3,
    "average_salary_3m": "61033.33",
    "salary_variance_percent": Decimal("3.2"),
    "salary_day_spread_days": 0,
    "inward_bounce_count_3m": 0,
    "average_monthly_balance": "21000",
    "payday_credit_count_30d": 0,
    "gambling_debit_share_percent": 0,
    "cash_deposit_share_percent": 1.5,
    "emi_obligations_monthly": "5000",
    "open_loan_count": 0,
    "blacklisted": False,
    "completed_loan_count": 0,
}

BHARAT = ASHA | {
    "bureau_score": 560,
    "active_payday_loan_count": 5,
    "bureau_overdue_amount": 14000,
    "inward_bounce_count_3m": 5,
    "emi_obligations_monthly": 40000,
    "bureau_emi_obligations": 42000,
}

_BUREAU = ("bureau", "dpd", "written", "unsecured", "active_")
CHITRA = {name: value for name, value in ASHA.items() if not name.startswith(_BUREAU)} | {
    "bureau_hit": False,
    "bureau_report_age_days": 0,
    "average_salary_3m": 45000,
    "declared_monthly_salary": 45000,
    "requested_amount": 15000,
}


def without(features: dict[str, Any], *names: str) -> dict[str, Any]:
    """The features with some of them not known."""
    return {name: value for name, value in features.items() if name not in names}


def ruleset(folder: Path, text: str, name: str = "bre") -> Ruleset:
    """The rule set of brand `test` whose file says `text`."""
    path = folder / "brands" / "test" / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return load("test", name, folder)


def one_rule(folder: Path, when: str, more: str = "") -> Ruleset:
    """A rule set of one rule, ONE, that refers when `when` holds."""
    rule = f"  - id: ONE\n    when: {when}\n    then: refer\n    reason: one\n"
    return ruleset(folder, f"ruleset: bre\nbrand: test\n{more}\nrules:\n{rule}")
