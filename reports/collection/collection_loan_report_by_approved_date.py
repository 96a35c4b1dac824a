"""The register of receipts by the day on which each was confirmed: the one that ties to the bank."""

from dataclasses import replace

from reports.collection import collection_loan_report
from reports.columns import shared
from reports.facts import PAYMENTS, rows

COLUMNS = tuple(column for column in collection_loan_report.COLUMNS if column.name != "old_loan_id") + shared(
    "approved_date=verified_date suspense_days"
)

REPORT = replace(
    collection_loan_report.REPORT,
    name="collection-loan-report-by-approved-date",
    title="Collections by the day of confirmation",
    filtered_on="the day on which the payment was confirmed",
    order="latest confirmation first",
    columns=COLUMNS,
    sources={
        "payments": rows(
            PAYMENTS,
            COLUMNS,
            where="t.created_at >= %(from_at)s AND t.created_at < %(until_at)s",
            order="t.created_at DESC, t.id DESC",
        )
    },
)
