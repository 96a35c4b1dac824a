"""The accounts in the full layout of Equifax, and what Equifax last told us of each customer."""

from reports.bureau.accounts import accounts_report, full_file, pull
from reports.columns import shared

_OTHERS = "additional_id_1=nrega_card_number additional_id_2=ckyc"
COLUMNS = (
    full_file("equifax", address="address", status="written_off_settled_status", others=_OTHERS)
    + shared("errors file")
    + pull("equifax")
)

REPORT = accounts_report("equifax-credit-report", "Accounts for Equifax", COLUMNS)
