"""The loan: its terms, its appraisal, and who did what with it."""

import polars as pl

from pipelines.money import percent
from reports.base import Column
from reports.columns.expressions import REPEAT, TODAY, cam, day, reasons
from reports.kinds import CHOICE, DATE, FLAG, INSTANT, INTEGER, MONEY, PERCENT, RATE, TEXT

_SPENT = "l.net_disbursal = l.sanctioned_amount - l.processing_fee - l.gst_amount"

# settings that do not say have the default of their schema
_KFS_DAYS = """(SELECT coalesce((b.settings #>> '{disbursal,kfsValidDays}')::int, 7) FROM brand b
        WHERE b.id = l.brand_id)"""

_LOAN = (
    Column("loan_no", TEXT, "Number of the loan", "l.loan_no"),
    Column("old_loan_id", TEXT, "Number in a system before this one; no loan was taken over from another"),
    Column("priority", CHOICE, "Queue priority; no queue has one: what has waited longest comes first"),
    Column("product", CHOICE, "PAYDAY_LOAN, EMI", "l.product"),
    Column("purpose", TEXT, "What the loan is for", "l.purpose"),
    Column("status", CHOICE, "Status of the loan at generation", "l.status"),
    Column(
        "fresh_repeat",
        CHOICE,
        "REPEAT: an earlier loan was disbursed before this was applied for; else FRESH",
        f"CASE WHEN {REPEAT} THEN 'REPEAT' ELSE 'FRESH' END",
    ),
    Column("sanctioned_amount", MONEY, "Sanctioned principal", "l.sanctioned_amount"),
    Column("roi_pct", RATE, "Interest in percent a day", "l.roi_percent_per_day"),
    Column("tenure_days", INTEGER, "Days from disbursal to the due date", "l.tenure_days"),
    Column(
        "interest_amount", MONEY, "Interest of the whole tenure", "l.repayment_amount - l.sanctioned_amount"
    ),
    Column(
        "processing_fee",
        MONEY,
        "Processing fee without GST",
        f"CASE WHEN {_SPENT} THEN l.processing_fee ELSE l.processing_fee - l.gst_amount END",
    ),
    Column(
        "pf_pct",
        PERCENT,
        "Processing fee in percent of the loan",
        formula=percent(pl.col("processing_fee"), pl.col("sanctioned_amount")),
    ),
    Column("gst_amount", MONEY, "GST on the fee", "l.gst_amount"),
    Column(
        "tax_pct",
        PERCENT,
        "GST in percent of the fee",
        formula=percent(pl.col("gst_amount"), pl.col("processing_fee")),
    ),
    Column(
        "tax_type",
        CHOICE,
        "EXCLUSIVE: GST came on top of the quoted fee; INCLUSIVE: it was part of it",
        f"CASE WHEN {_SPENT} THEN 'EXCLUSIVE' ELSE 'INCLUSIVE' END",
    ),
    Column("net_disbursed_amount", MONEY, "Paid out: loan less fee and GST", "l.net_disbursal"),
    Column("repayment_amount", MONEY, "Principal and interest due at the end", "l.repayment_amount"),
    Column("applied_amount", MONEY, "Amount applied for", "l.applied_amount"),
    Column(
        "admin_fee",
        MONEY,
        "Processing fee with GST",
        formula=pl.col("processing_fee") + pl.col("gst_amount"),
    ),
    Column("branch", TEXT, "Branch; a brand has none"),
    Column("loan_created_at", INSTANT, "When the loan was applied for", "l.created_at"),
    Column("loan_initiated_date", DATE, "Day on which the loan was applied for", day("l.created_at")),
    Column("loan_initiated_by", TEXT, "Who applied: CUSTOMER, staff or SYSTEM", "steps.applied_by"),
    Column("disbursed_date", DATE, "Day of the credit", day("l.disbursed_at")),
    Column("repayment_date", DATE, "Due date", "l.due_date"),
    Column(
        "apr_pct",
        PERCENT,
        "Annual percentage rate of the agreement, fees included",
        f"{cam('computed', 'apr_percent')}::numeric",
    ),
)

_DESK = (
    Column("approved_date", DATE, "First day sanctioned by a manager", day("steps.first_approved_at")),
    Column("sanction_approved_date", DATE, "Day of the final approval", day("steps.approved_at")),
    Column(
        "sanction_tat_hours",
        INTEGER,
        "Whole hours from the application to the final approval",
        "floor(extract(epoch FROM steps.approved_at - l.created_at) / 3600)",
    ),
    Column(
        "pending_days", INTEGER, "Days since it was sanctioned", f"{TODAY} - {day('steps.first_approved_at')}"
    ),
    Column(
        "pending_reason",
        CHOICE,
        "What the payout waits for: PENNY_DROP, PAYOUT_FAILED, CUSTOMER (to sign), MANDATE, PAYOUT (our desk)",
        """CASE WHEN account.id IS NULL THEN 'PENNY_DROP' WHEN attempt.status IN ('FAILED', 'REVERSED')
        THEN 'PAYOUT_FAILED' WHEN l.agreement_status <> 'SIGNED' THEN 'CUSTOMER'
        WHEN debit.under_way AND NOT debit.active THEN 'MANDATE' ELSE 'PAYOUT' END""",
    ),
    Column(
        "agreement_status",
        CHOICE,
        "NOT_SENT, SENT, SIGNED, REJECTED, EXPIRED: how far the agreement is",
        "l.agreement_status",
    ),
    Column(
        "kfs_valid_till",
        DATE,
        "Last day on which what was signed may be paid out, by the brand's `disbursal.kfsValidDays`; before the "
        "signature the last day of the sanction",
        f"""CASE WHEN l.agreement_status = 'SIGNED' THEN {day("steps.signed_at")} + {_KFS_DAYS}
        ELSE l.sanction_valid_until END""",
    ),
    Column("deviation_codes", TEXT, "Where the file departs from the policy", "deviations.codes"),
    Column(
        "approver_level",
        CHOICE,
        "Highest authority that approved: CREDIT_EXECUTIVE, SANCTION_MANAGER, SANCTION_HEAD, ADMIN",
        "authority.level",
    ),
    Column(
        "transferred_flag",
        FLAG,
        "The application went from one person to another",
        "coalesce(hands.changed, false)",
    ),
    Column("credit_manager", TEXT, "Who recommended the loan", "steps.recommended_by"),
    Column("sanctioned_by", TEXT, "Who sanctioned or refused it last", "steps.sanctioned_by"),
    Column("sanction_approved_by", TEXT, "Who approved it finally", "steps.approved_by"),
    Column("disbursed_by", TEXT, "Who started the payout", "steps.disbursed_by"),
    Column(
        "rejected_for",
        TEXT,
        "What the latest loan was rejected for, as it was noted",
        "steps.rejection_reason",
    ),
    Column(
        "rejection_reason",
        TEXT,
        "Why the latest loan was rejected: each rule or code of the catalogue of reasons, and what it means",
        formula=reasons(pl.col("rejected_for")),
    ),
    Column("rejection_remarks", TEXT, "Words of that rejection", "steps.rejection_remark"),
    Column("recommend_remarks", TEXT, "Remark with the recommendation", "steps.recommend_remark"),
    Column("sanction_remarks", TEXT, "Remark with the sanction or refusal", "steps.sanction_remark"),
    Column("disbursal_remarks", TEXT, "Remark at the start of the payout", "steps.disbursal_remark"),
    Column("signed_at", INSTANT, "Agreement and key fact statement accepted by e-sign", "steps.signed_at"),
    Column("sanction_mailed_at", INSTANT, "Sanction letter mailed", "notices.sanction_mailed_at"),
    Column("credit_executive", TEXT, "Credit executive of the loan", "desk.credit_executive"),
    Column("credit_executive_email", TEXT, "Their e-mail", "desk.credit_executive_email"),
    Column("collection_executive", TEXT, "Collection executive of the loan", "desk.collection_executive"),
    Column("collection_executive_email", TEXT, "Their e-mail", "desk.collection_executive_email"),
    Column("loan_partners", TEXT, "Everyone who works on the loan now", "desk.everyone"),
    Column("disbursed_bank", TEXT, "Through whom we paid out", "upper(payout.provider)"),
    Column("utr", TEXT, "Unique transaction reference of the payout", "payout.utr"),
    Column("payout_mode", CHOICE, "IMPS, NEFT, ...", "upper(payout.mode)"),
    Column(
        "disbursal_tat",
        TEXT,
        "From the final approval to the credit, HH:MM",
        """to_char(make_interval(secs => extract(epoch FROM payout.settled_at - steps.approved_at)),
        'HH24:MI')""",
    ),
    Column(
        "ruleset",
        TEXT,
        "Version of the rules of the newest decision: the first digits of its hash",
        "left(verdict.ruleset_hash, 12)",
    ),
    Column("risk_tier", CHOICE, "Tier that the newest decision of the rules found", "verdict.tier"),
)

_CAM = (
    *(
        Column(
            f"salary_date_{n}",
            DATE,
            f"Day of salary credit {n}",
            f"{cam('inputs', f'salary_credit_date_{n}')}::date",
        )
        for n in (1, 2, 3)
    ),
    *(
        Column(
            f"salary_amount_{n}",
            MONEY,
            f"Salary credit {n}",
            f"{cam('inputs', f'salary_amount_{n}')}::numeric",
        )
        for n in (1, 2, 3)
    ),
    Column(
        "average_salary", MONEY, "Average of the salary credits", f"{cam('computed', 'avg_salary')}::numeric"
    ),
    Column(
        "actual_net_salary",
        MONEY,
        "Net salary as staff read it on the newest salary slip",
        "papers.net_salary",
    ),
    Column(
        "obligations",
        MONEY,
        "Instalments a month of other loans",
        f"{cam('inputs', 'obligations')}::numeric",
    ),
    Column(
        "salary_to_income_ratio",
        PERCENT,
        "Obligations in percent of the average salary",
        formula=percent(pl.col("obligations"), pl.col("average_salary")),
    ),
    Column(
        "sanctioned_amount_to_income_ratio",
        PERCENT,
        "Latest loan in percent of the average salary",
        formula=percent(pl.col("sanctioned_amount"), pl.col("average_salary")),
    ),
    Column(
        "loan_recommended",
        MONEY,
        "Loan that the CAM recommends",
        f"{cam('computed', 'loan_recommended')}::numeric",
    ),
    Column(
        "eligible_loan",
        MONEY,
        "Largest loan that the CAM allows",
        f"{cam('computed', 'eligible_loan')}::numeric",
    ),
    Column(
        "eligible_tenure", INTEGER, "Days that the CAM was worked out for", f"{cam('inputs', 'tenure')}::int"
    ),
    Column("cam_remarks", TEXT, "Remark of the CAM", "cam.remark"),
)

COLUMNS = (*_LOAN, *_DESK, *_CAM)
