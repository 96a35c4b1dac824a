"""Visits of the field: who went where, whom they met, and what they brought back."""

import polars as pl

from pipelines.money import mean_money, percent
from reports.base import Report, Total
from reports.columns import shared
from reports.columns.references import REFERENCES
from reports.facts import VISITS, rows
from reports.totals import count, count_where, sums

COLUMNS = shared("""
    nbfc_name allocation_date residence_state residence_city loan_no customer_name mobile alternate_mobile
    loan_amount=sanctioned_amount disbursed_date repayment_amount repayment_date email office_email
    residence_address residence_pincode company_name company_address company_pincode calling_team_remarks
    reference_1_name reference_1_mobile reference_1_relation reference_2_name reference_2_mobile
    reference_2_relation loan_status=status pan visit_id visit_status visit_reason
    collection_remarks field_executive visit_type requested_by started_at
    reached_at ended_at lat long distance_km outcome met_whom amount_collected next_action_date
    approved_by=visit_approved_by dpd_days
""")

_OVER = pl.col("ended_at").is_not_null()
_MET = _OVER & (pl.col("met_whom") != "NOBODY")

REPORT = Report(
    name="field-visit-report",
    title="Field visits",
    family="collection",
    grain="one row a visit that was asked for",
    filtered_on="the day on which it was asked for",
    order="latest first",
    columns=COLUMNS,
    sources={
        "visits": rows(
            VISITS,
            COLUMNS,
            where="v.created_at >= %(from_at)s AND v.created_at < %(until_at)s",
            order="v.created_at DESC, v.id DESC",
        )
    },
    options=(REFERENCES,),
    totals=(
        count("visits"),
        count_where("ended", _OVER),
        Total("met_pct", percent(_MET.fill_null(False).sum(), _OVER.sum())),
        *sums("amount_collected", "distance_km"),
        Total("collected_per_visit", mean_money(pl.col("amount_collected").sum(), _OVER.sum())),
        Total("count_by_outcome", pl.len(), by="outcome"),
    ),
)
