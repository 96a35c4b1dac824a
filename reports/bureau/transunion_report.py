"""The accounts in the full layout of TransUnion CIBIL, and what it last told us of each customer."""

from reports.bureau.accounts import accounts_report, full_file, pull
from reports.columns import shared

COLUMNS = (
    full_file("cibil", address="address_line", status="credit_facility_status")
    + shared("ckyc nrega_card_number errors file")
    + pull("cibil")
)

REPORT = accounts_report("transunion-report", "Accounts for TransUnion CIBIL", COLUMNS)
