"""Everything known about the customers who came in a range of days, with their loans."""

import polars as pl

from reports.base import Report, Total
from reports.columns import shared
from reports.columns.references import REFERENCES
from reports.facts import CUSTOMERS, rows
from reports.totals import count, count_where

COLUMNS = shared("""
    customer_id lead_created_at application_created_at marketing_source domain credit_executive
    credit_executive_email rejection_reason lead_rejection_remarks=rejection_remarks onboarding_step
    customer_name aadhaar_name mobile email pan aadhaar_masked aadhaar_dob dob credit_score father_name
    mother_name gender residence_pincode residence_state residence_city aadhaar_verified pan_verified
    marital_status spouse_name residence_type employment_type monthly_income working_since income_mode
    company_name designation office_email company_address company_pincode company_city
    aadhaar_address residence_address residing_since reference_1_name reference_1_mobile
    reference_1_relation reference_2_name reference_2_mobile reference_2_relation beneficiary_name
    beneficiary_account_no ifsc branch_name beneficiary_bank_name account_type penny_dropped loan_nos
    loan_statuses loan_amounts loan_status_history brand_status_reasons salary_date_1 salary_date_2
    salary_date_3 salary_amount_1 salary_amount_2 salary_amount_3 average_salary actual_net_salary
    customer_type dedupe_check customer_category obligations salary_to_income_ratio
    sanctioned_amount_to_income_ratio loan_recommended eligible_loan eligible_tenure cam_remarks
    credit_manager_remarks=recommend_remarks sanction_head_remarks=sanction_remarks
    sanction_email_sent_on=sanction_mailed_at acceptance_email=signed_at
    disbursal_head_remarks=disbursal_remarks disbursed_by bureau_check aadhaar_uploaded pan_uploaded
    bank_statement_uploaded others_uploaded bsa_done salary_slip_1 salary_slip_2 salary_slip_3
    user_allotted_partner loan_allotted_partner=loan_partners
    collection_allotted_partner=collection_executive disbursed_loans
""")

REPORT = Report(
    name="master-report",
    title="Master report",
    family="user and loan",
    grain="one row a customer; what speaks of one loan speaks of the latest",
    filtered_on="the day the customer first gave their phone",
    order="latest customer first",
    columns=COLUMNS,
    sources={
        "customers": rows(
            CUSTOMERS,
            COLUMNS,
            where="c.created_at >= %(from_at)s AND c.created_at < %(until_at)s",
            order="c.created_at DESC, c.id DESC",
        )
    },
    options=(REFERENCES,),
    totals=(
        count("customers"),
        count_where("with_loan", pl.col("loan_nos").is_not_null()),
        Total("disbursed_count", pl.col("disbursed_loans").sum()),
    ),
)
