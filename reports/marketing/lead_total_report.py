"""The whole life of each lead: who had it when, and how long each step took."""

import polars as pl

from reports.base import Report, Total
from reports.columns import shared
from reports.facts import CUSTOMERS, rows
from reports.marketing.daily_marketing_mis_report import CAME
from reports.totals import count, count_where, mean

COLUMNS = shared("""
    lead_id=customer_id loan_no customer_id customer_name pan otp_verification=otp_verified
    user_type=fresh_repeat monthly_income loan_applied=applied_amount loan_recommended admin_fee
    tenure_days interest=roi_pct repayment_amount repayment_date credit_score obligations journey_type
    lead_source=marketing_source utm_source utm_medium utm_campaign utm_term dob gender branch
    state=residence_state current_state city=residence_city status initiated_at=lead_created_at
    docs_uploaded_by screen_by screener_assign_at screener_recommended_at sanction_by=sanctioned_by
    sanction_assign_at=screener_recommended_at sanction_recommended_at sanction_approved_by
    sanction_approved_at cam_save_at customer_acceptance_at=signed_at disbursal_by=disbursed_by
    disbursal_assign_at disbursal_recommended_at disbursal_approved_by final_disbursed_at
    rejected_reason=rejection_reason rejected_assign_user=rejected_by rejected_at rejected_counter
    transferred_flag mobile alternate_mobile email alternate_email=office_email screen_hours sanction_hours
    acceptance_hours disbursal_hours total_hours
""")

_HOURS = ("screen_hours", "sanction_hours", "acceptance_hours", "disbursal_hours", "total_hours")

REPORT = Report(
    name="lead-total-report",
    title="Life of the leads",
    family="marketing",
    grain="one row a customer, with the latest loan",
    filtered_on="the day the customer first gave their phone",
    order="latest customer first",
    columns=COLUMNS,
    sources={"customers": rows(CUSTOMERS, COLUMNS, where=CAME, order="c.created_at DESC, c.id DESC")},
    totals=(
        count("leads"),
        count_where("verified", pl.col("otp_verification")),
        Total("count_by_journey_type", pl.len(), by="journey_type"),
        *(mean(f"average_{name}", name) for name in _HOURS),
    ),
)
