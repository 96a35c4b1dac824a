"""The reports room: declarations of reports, and what turns one into a file.

Knows no web, no queue and no store: it is handed an open database cursor, a directory and a way to decrypt.
"""

from collections.abc import Mapping
from types import MappingProxyType

from reports.base import Question, Report
from reports.bureau import cic_report, equifax_credit_report, transunion_report
from reports.collection import collection_loan_report
from reports.user_loan import disbursed_loan_report, master_report

_MODULES = (
    master_report,
    disbursed_loan_report,
    collection_loan_report,
    cic_report,
    equifax_credit_report,
    transunion_report,
)

REPORTS: Mapping[str, Report] = MappingProxyType({module.REPORT.name: module.REPORT for module in _MODULES})


class UnknownReport(LookupError):
    """There is no report of this name; the text lists those there are."""

    def __init__(self, name: str) -> None:
        super().__init__(f"No report is called {name[:60]!r}. There are: {', '.join(REPORTS)}.")


def get(name: str) -> Report:
    """The report called `name`. Raises UnknownReport."""
    if name not in REPORTS:
        raise UnknownReport(name)
    return REPORTS[name]


__all__ = ["REPORTS", "Question", "Report", "UnknownReport", "get"]
