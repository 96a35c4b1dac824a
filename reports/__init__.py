"""The reports room: declarations of reports, and what turns one into a file.

Knows no web, no queue and no store: it is handed an open database cursor, a directory and a way to decrypt.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType

from reports.analysis import (
    campaign_roi_report,
    collection_efficiency_report,
    funnel_report,
    reject_waterfall_report,
    roll_rate_report,
    vintage_report,
)
from reports.base import Question, Report
from reports.bureau import cic_report, equifax_credit_report, transunion_report
from reports.collection import (
    collection_allocation_executive_report,
    collection_due_report,
    collection_loan_report,
    collection_loan_report_by_approved_date,
    collection_remarks_report,
    credit_executive_allocation_report,
    field_visit_report,
    master_collection_report,
    total_recovery_report,
)
from reports.marketing import (
    affiliate_report,
    daily_marketing_mis_report,
    internal_marketing_analysis_report,
    internal_marketing_report,
    lead_total_report,
    marketing_report,
)
from reports.user_loan import (
    active_loans_by_due_date_report,
    completed_loan_with_no_repet_report,
    disburse_non_disburse_report,
    disbursed_loan_report,
    loan_close_report,
    login_sessions_report,
    master_report,
    non_disbursed_loan_report,
    outstanding_data_report,
    reject_report,
    total_approve_sanction_report,
)

# in the order of the portal's list; analysts' own at the end
_MODULES = (
    master_report,
    disbursed_loan_report,
    non_disbursed_loan_report,
    disburse_non_disburse_report,
    active_loans_by_due_date_report,
    completed_loan_with_no_repet_report,
    loan_close_report,
    outstanding_data_report,
    reject_report,
    total_approve_sanction_report,
    affiliate_report,
    login_sessions_report,
    master_collection_report,
    collection_loan_report,
    collection_due_report,
    collection_loan_report_by_approved_date,
    collection_allocation_executive_report,
    credit_executive_allocation_report,
    collection_remarks_report,
    total_recovery_report,
    field_visit_report,
    marketing_report,
    internal_marketing_report,
    internal_marketing_analysis_report,
    daily_marketing_mis_report,
    lead_total_report,
    cic_report,
    equifax_credit_report,
    transunion_report,
    vintage_report,
    roll_rate_report,
    collection_efficiency_report,
    funnel_report,
    campaign_roi_report,
    reject_waterfall_report,
)

REPORTS: Mapping[str, Report] = MappingProxyType({module.REPORT.name: module.REPORT for module in _MODULES})
# what may be chosen of some report, by name
OPTIONS = frozenset(option.name for report in REPORTS.values() for option in report.options)


class UnknownReport(LookupError):
    """There is no report of this name; the text names those that are called alike (`near`), and lists all."""

    def __init__(self, name: str) -> None:
        self.near = get_close_matches(name[:60].lower().replace("_", "-"), REPORTS)
        meant = f" Did you mean {' or '.join(self.near)}?" if self.near else ""
        super().__init__(f"No report is called {name[:60]!r}.{meant} There are: {', '.join(REPORTS)}.")


def get(name: str) -> Report:
    """The report called `name`. Raises UnknownReport."""
    if name not in REPORTS:
        raise UnknownReport(name)
    return REPORTS[name]


__all__ = ["OPTIONS", "REPORTS", "Question", "Report", "UnknownReport", "get"]
