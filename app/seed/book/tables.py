"""The tables of a book and how rows get into them: COPY into a temporary table, then INSERT under row-level security.

COPY itself is refused where row-level security holds; the INSERT meets every policy, constraint and trigger.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from psycopg2.extensions import cursor as Cursor

# in the order of their foreign keys; every one has brand_id besides
TABLES: dict[str, str] = {
    "customer": """id customer_no phone_enc phone_hash email_enc email_hash name gender dob_enc pan_enc pan_hash
        aadhaar_last4 aadhaar_hash aadhaar_name identity_hash address_enc city declared_monthly_salary salary_mode
        employment_type employer_name designation salary_day utm registered_at created_at""",
    "click": """id channel affiliate_id utm_source utm_medium utm_campaign platform domain landing_page created_at""",
    "customer_touch": "id customer_id click_id is_first created_at",
    "lead_run": """id kind status file_name selection rows_total rows_done pending_count processed_count requested_by
        finished_at created_at""",
    "lead_form": """id run_id line_no status name phone_enc phone_hash city submitted_at platform campaign_name
        form_name customer_id processed_at created_at""",
    "consent": "id customer_id purpose text_version created_at",
    "kyc_check": "id customer_id kind status provider result_enc created_at",
    "user_bank_account": """id customer_id account_number_enc account_hash number_hash account_last4 ifsc holder_name
        name_match_percent verified created_at""",
    "employment": "id customer_id employer_name joining_date is_current created_at",
    "loan": """id loan_no customer_id status status_since agreement_status purpose applied_amount applied_tenure_days
        credit_approved_amount sanctioned_amount roi_percent_per_day tenure_days processing_fee gst_amount net_disbursal
        repayment_amount planned_disbursal_date due_date disbursed_at closed_at outstanding_amount created_at""",
    "bureau_report": """id customer_id loan_id bureau status outcome raw_key score pulled_on features lineage summary
        consent_id created_at""",
    "cam_calculator": """id loan_id customer_id partner_user_id version inputs computed ruleset_hash remark
        created_at""",
    "loan_allotted_partner_user": """id loan_id customer_id partner_user_id role kind is_active in_hand amount told_at
        created_at""",
    "sanction_approval": "id loan_id level approved_by amount remark created_at",
    "state_change": "id entity entity_id from_state to_state actor_id actor_role reason_code remark created_at",
    "payout": """id loan_id attempt status provider provider_payout_id reference amount mode utr settled_at
        bank_account_id created_at""",
    "repayment_timeline": "id loan_id instalment_no due_date principal interest paid_at created_at",
    "payment_request": "id loan_id status amount provider provider_link_id reference requested_by created_at",
    "payment_collection_transaction": """id loan_id payment_request_id provider provider_payment_id amount method
        reference received_at received_on status created_at""",
    "journal_entry": "id loan_id kind business_date reference facts created_at",
    "journal_line": "id entry_id account debit credit created_at",
    "user_call": """id customer_id loan_id partner_user_id extension status provider_call_id dialled_at answered_at
        ended_at duration_s talk_s created_at""",
    "user_notification": """id customer_id loan_id event channel status body_enc provider sent_at created_at""",
}
COLUMNS = {name: tuple(columns.split()) for name, columns in TABLES.items()}


class Rows:
    """The rows of some tables, kept until they are written together."""

    def __init__(self) -> None:
        self._of: dict[str, list[tuple[Any, ...]]] = defaultdict(list)

    def add(self, table: str, *values: Any) -> None:
        """One row, in the order of the table's columns; JSON as text."""
        self._of[table].append(values)

    def __len__(self) -> int:
        return sum(map(len, self._of.values()))

    def write(self, cursor: Cursor, brand_id: str) -> None:
        """Insert them all in the transaction of the cursor, which carries the brand."""
        for table, columns in COLUMNS.items():
            rows = self._of.get(table)
            if rows:
                _insert(cursor, brand_id, table, columns, rows)


def _insert(
    cursor: Cursor, brand_id: str, table: str, columns: Iterable[str], rows: list[tuple[Any, ...]]
) -> None:
    names = ", ".join(columns)
    cursor.execute(f"CREATE TEMP TABLE seeded ON COMMIT DROP AS SELECT {names} FROM {table} WITH NO DATA")
    cursor.copy_expert(f"COPY seeded ({names}) FROM STDIN (FORMAT csv)", _as_csv(rows), 1 << 20)
    cursor.execute(f"INSERT INTO {table} (brand_id, {names}) SELECT %s, {names} FROM seeded", (brand_id,))
    cursor.execute("DROP TABLE seeded")


def _as_csv(rows: list[tuple[Any, ...]]) -> io.StringIO:
    text = io.StringIO()
    # NULL is the empty field without quotes
    csv.writer(text).writerows(rows)
    text.seek(0)
    return text
