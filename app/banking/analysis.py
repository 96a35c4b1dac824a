"""From the statement as the bank gave it to a report, features and the memo's prefill (pipelines.bsa)."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from app.banking import vault
from app.banking.models import BdaReport
from app.core import clock
from app.kyc import service as kyc
from app.loans import service as loans
from pipelines import (
    AccountEvidence,
    EvidenceError,
    StatementAnalysis,
    analyse_statement,
    cam_prefill,
    epf_employment,
    read_fi_object,
)
from pipelines.scalars import plain

BANK = "DEPOSIT"


def analyse(report: BdaReport) -> None:
    """Work a PROCESSING report out: READY, or FAILED when none of the evidence can be read.

    As of the day it was fetched, so that running it again gives the same.
    """
    report = report.locked()
    if report.status != "PROCESSING":
        return
    accounts, unread = _read(report)
    if not accounts:
        reason = unread[0]["reason"] if unread else "There is no account in it."
        report.change(status="FAILED", reason=reason)
        loans.evidence_came(report.customer_id)
        return
    conclude(report, accounts, unread)


def conclude(
    report: BdaReport, accounts: list[AccountEvidence], unread: Iterable[dict[str, str]] = ()
) -> None:
    """Make the report READY out of the accounts that were read."""
    as_of = clock.business_day(report.created_at)
    bank = [account for account in accounts if account.kind == BANK]
    analysis = analyse_statement(bank, as_of=as_of, statement_id=str(report.id))
    for profile in (account.profile for account in bank):
        kyc.describe_account(
            report.customer_id,
            ifsc=profile.ifsc,
            masked_number=profile.masked_number,
            account_type=profile.account_type,
            branch=profile.branch,
        )
    _keep(report, analysis, _others(accounts, as_of), [*(report.missing or []), *unread])


def _read(report: BdaReport) -> tuple[list[AccountEvidence], list[dict[str, str]]]:
    """The accounts that can be read, and those that cannot, with the reason."""
    accounts, unread = [], []
    for document in vault.get(report.raw_key):
        try:
            accounts.append(read_fi_object(document["fi"], statement_id=str(report.id)))
        except EvidenceError as error:
            named = {name: value for name, value in document.items() if name != "fi"}
            unread.append(
                named | {"status": "UNREADABLE", "reason": f"The statement cannot be read: {error}."}
            )
    return accounts, unread


def _others(accounts: list[AccountEvidence], as_of: date) -> dict[str, Any]:
    """What the applicant holds besides bank accounts, and what a provident fund says of their employment."""
    held = [(account, account.holding) for account in accounts if account.holding]
    employment = [found for _, holding in held if (found := epf_employment(holding, as_of))]
    return {
        "holdings": [
            {"masked_number": account.profile.masked_number, "kind": holding.kind, **holding.facts}
            for account, holding in held
        ],
        "employment": employment[0] if employment else None,
    }


def _keep(
    report: BdaReport, analysis: StatementAnalysis, others: dict[str, Any], missing: list[dict[str, str]]
) -> None:
    report_key = vault.key_of("reports", f"{report.id}.enc")
    vault.put(report_key, analysis.report | plain(others))
    report.change(
        status="READY",
        report_key=report_key,
        missing=missing or None,
        features=plain(analysis.features.values),
        lineage=analysis.lineage,
        cam_prefill={_cam_name(name): value for name, value in plain(cam_prefill(analysis.report)).items()},
    )
    loans.evidence_came(report.customer_id)


def _cam_name(name: str) -> str:
    """The memo writes `salary_amount_1`."""
    return re.sub(r"(?<=[a-z])(?=\d$)", "_", name)
