"""The tables of a book, and its rows as COPY reads them."""

from collections import defaultdict
from typing import Any

# in the order of their foreign keys; every one has brand_id besides
TABLES: dict[str, str] = {
    "customer": """id customer_no phone_enc phone_hash email_enc email_hash name_enc name_hash gender dob_enc pan_enc
        pan_hash aadhaar_last4 aadhaar_hash aadhaar_name_enc identity_hash address_enc city declared_monthly_salary
        salary_mode employment_type employer_name_enc designation salary_day father_name_enc marital_status
        permanent_residence current_address_enc employer_address_enc office_phone_enc utm device
        registered_at created_at""",
    "click": """id channel affiliate_id utm_source utm_medium utm_campaign platform domain landing_page created_at""",
    "customer_touch": "id customer_id click_id is_first created_at",
    "marketing_spend": "id day source campaign amount entered_by entered_at created_at",
    "lead_run": """id kind status file_name selection rows_total rows_done pending_count processed_count requested_by
        finished_at created_at""",
    "lead_form": """id run_id line_no status name_enc name_hash phone_enc phone_hash city submitted_at platform
        campaign_name form_name customer_id processed_at created_at""",
    "consent": "id customer_id purpose text_version created_at",
    "kyc_check": "id customer_id kind status provider result_enc created_at",
    "user_bank_account": """id customer_id account_number_enc account_hash number_hash account_last4 ifsc
        account_type branch holder_name_enc name_match_percent verified created_at""",
    "employment": "id customer_id employer_name_enc joining_date is_current created_at",
    "loan": """id loan_no customer_id status status_since agreement_status purpose applied_amount applied_tenure_days
        credit_approved_amount sanctioned_amount roi_percent_per_day tenure_days processing_fee gst_amount net_disbursal
        repayment_amount planned_disbursal_date due_date disbursed_at closed_at outstanding_amount created_at""",
    "decision_text": "id hash record created_at",
    "decision": "id loan_id ruleset_name ruleset_hash outcome record_hash created_at",
    "referral_decision": "id loan_id decision_id rule_id accepted remark decided_by created_at",
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
    "concession": """id loan_id customer_id kind status amount waived total_due days_past_due authority ruleset_hash
        reason proposed_by approvals decided_by decided_at offered_on valid_until created_at""",
    "user_call": """id customer_id loan_id partner_user_id extension status provider_call_id dialled_at answered_at
        ended_at duration_s talk_s created_at""",
    "disposition": """id loan_id customer_id code contact_party channel remark follow_up_on call_ref days_past_due
        author_id author_role created_at""",
    "promise_to_pay": """id loan_id customer_id status amount due_on mode made_by made_on received judged_on
        created_at""",
    "field_visit": """id loan_id customer_id status visit_type reason requested_by partner_user_id started_at reached_at
        ended_at distance_km outcome met_whom next_action_date remark approved_by created_at""",
    "document": """id customer_id loan_id kind s3_key sha256 content_type size_bytes status source created_at""",
    "user_notification": """id customer_id loan_id event kind channel status body_enc key provider sent_at delivery
        delivery_at created_at""",
    "campaign": """id name stage filters_enc channel template_code payload per_minute status recipient_count fed_at
        ended_at created_by created_at""",
    "user_reminder": """id customer_id loan_id campaign_id channel template_code payload_enc scheduled_at status
        message_id provider sent_at created_by raised_for created_at""",
    "campaign_recipient": "id campaign_id customer_id loan_id reminder_id created_at",
}
# what a row that is there already becomes by another of the same: a day is of all chunks together
ADDED: dict[str, str] = {
    "marketing_spend": """(brand_id, day, source, campaign)
        DO UPDATE SET amount = marketing_spend.amount + excluded.amount""",
}
COLUMNS = {name: ("brand_id", *columns.split()) for name, columns in TABLES.items()}


class Rows:
    """The rows of some tables of a brand, as lines of text, kept until they are written together."""

    def __init__(self, brand_id: str) -> None:
        self._brand_id = brand_id
        self._of: dict[str, list[str]] = defaultdict(list)

    def add(self, table: str, *values: Any) -> None:
        """One row, in the order of the table's columns; JSON as text. No text has tabs, backslashes or line ends."""
        said = [
            value if value.__class__ is str else "\\N" if value is None else str(value) for value in values
        ]
        self._of[table].append("\t".join((self._brand_id, *said)))

    def add_said(self, table: str, *values: str) -> None:
        """The same, of texts alone."""
        self._of[table].append("\t".join((self._brand_id, *values)))

    def texts(self) -> dict[str, bytes]:
        """What COPY reads, by table, in the order in which tables are written."""
        return {table: "\n".join((*self._of[table], "")).encode() for table in COLUMNS if table in self._of}
