"""What the files for the bureaus have in common: which accounts, and the layout that two of them share."""

import polars as pl

from reports.base import Column, Grouping, Option, Report
from reports.columns import shared
from reports.columns.expressions import REPORTED_ON
from reports.facts import LOANS, rows
from reports.facts.money import CAME_IN
from reports.totals import count, count_where, sums
from reports.user_loan.disbursed_loan_report import PAID_OUT

# A bureau must learn of each open account every time, once that it was closed, and of what is paid on it after it was
# written off.
_TO_REPORT = f"""CASE %(range)s WHEN 'disbursed' THEN {PAID_OUT}
    ELSE l.disbursed_at < %(until_at)s AND (l.closed_at IS NULL OR l.closed_at >= %(from_at)s
      OR l.status = 'WRITE_OFF' AND EXISTS (
        SELECT FROM {CAME_IN} o
        WHERE o.amount > 0 AND o.received_on BETWEEN %(from_date)s AND {REPORTED_ON})) END"""
_RANGE = Option(
    "range",
    {
        "book": "accounts that were open at the end of the last day, or closed within the days; or written off "
        "before and paid on within them",
        "disbursed": "accounts that were paid out within the days, whatever became of them by the last",
    },
)

_FILE = """
    consumer_name=customer_name date_of_birth gender=gender_code income_tax_id_number=pan passport_number
    passport_issue_date passport_expiry_date voter_id_number driving_license_number
    driving_license_issue_date driving_license_expiry_date ration_card_number
    universal_id_number=aadhaar_masked {others} telephone_no_mobile=mobile
    telephone_no_residence=home_phone telephone_no_office=office_phone extension_office=office_extension
    telephone_no_other=alternate_mobile extension_other
    email_id_1=email email_id_2=office_email {address}_1=aadhaar_address state_code_1=state_code
    pin_code_1=aadhaar_pincode address_category_1 residence_code_1 {address}_2=address_2 state_code_2
    pin_code_2 address_category_2 residence_code_2 current_new_member_code={bureau}_member_code
    current_new_member_short_name={bureau}_member_short_name
    curr_new_account_no=loan_no account_type=bureau_account_type ownership_indicator date_opened_disbursed
    date_of_last_payment date_closed date_reported high_credit_sanctioned_amt current_balance amt_overdue
    no_of_days_past_due old_mbr_code old_mbr_short_name old_acc_no old_acc_type old_ownership_indicator
    suit_filed_wilful_default {status}=written_off_settled_status asset_classification value_of_collateral
    type_of_collateral credit_limit cash_limit rate_of_interest repayment_tenure emi_amount
    written_off_amount_total written_off_principal_amount settlement_amt payment_frequency
    actual_payment_amt occupation_code income net_gross_income_indicator monthly_annual_income_indicator
"""

_PULL = "bureau pulled_on control_number outcome score accounts active_accounts overdue_amount enquiries"


def full_file(
    bureau: str, *, address: str, status: str, others: str = "additional_id_1 additional_id_2"
) -> tuple[Column, ...]:
    """The full layout, under the names that a bureau has for an address and for the end of a bad account.

    others: its two columns for papers that have none of their own.
    """
    return shared(_FILE.format(bureau=bureau, address=address, status=status, others=others))


def pull(fact: str) -> tuple[Column, ...]:
    """What a bureau told us, after what we tell the bureaus."""
    return shared(" ".join(f"{name}={fact}_{name}" for name in _PULL.split()))


def accounts_report(name: str, title: str, columns: tuple[Column, ...]) -> Report:
    """A file for a bureau: every account that is to be reported, with what is wrong with it."""
    return Report(
        name=name,
        title=title,
        family="bureau",
        grain="one row a loan account that was open at the end of the last day or closed within the days, or that was "
        "written off before and paid on within them; amounts are "
        "as of that end, from the ledger. What a bureau would reject is `groupBy=errors`, the rest `groupBy=accounts`",
        filtered_on="the day of the closing, or of the credit if chosen",
        order="oldest credit first",
        columns=columns,
        sources={"accounts": rows(LOANS, columns, where=_TO_REPORT, order="l.disbursed_at, l.id")},
        totals=(
            count("accounts"),
            count_where("open", pl.col("date_closed").is_null()),
            count_where("closed", pl.col("date_closed").is_not_null()),
            *sums("current_balance", "amt_overdue"),
            count_where("rejected", pl.col("errors").is_not_null()),
        ),
        grouping=Grouping("file", ("accounts", "errors")),
        options=(_RANGE,),
    )
