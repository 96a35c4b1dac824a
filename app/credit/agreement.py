"""Where two domains must agree: the account and the employer of KYC, and those of the bank statement."""

from typing import Any

from app.banking import service as banking
from app.kyc import service as kyc
from app.loans.service import Loan


def facts(loan: Loan) -> dict[str, Any]:
    """statement_account_matches and employer_name_match_percent; None where one side does not say it."""
    statement = banking.salary_account(loan.id)
    if statement is None:
        return {}
    account, employer = kyc.verified_account(loan.customer_id), kyc.present_employer(loan.customer_id)
    matches = [kyc.match_percent(employer, payer) for payer in statement.employers] if employer else []
    return {
        "statement_account_matches": account.account_last4 in statement.last4
        if account and statement.last4
        else None,
        "employer_name_match_percent": max(matches, default=None),
    }
