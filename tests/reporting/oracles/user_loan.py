"""Oracles of the reports on customers and their loans."""

import polars as pl

from tests.reporting.oracles.base import (
    BALANCE,
    BUCKET,
    FEE_PCT,
    FPD7,
    IN,
    INTEREST,
    LATE,
    PENALTY,
    RECOVERED,
    REPEAT,
    SALARY,
    SOURCE,
    SPLIT,
    WAITING,
    Oracle,
    holder,
    who,
)

_TO_DECIDE = """(SELECT coalesce(landed.domain, '') AS domain, lo.applied_on, r.ruling, r.reason_code,
    to_char(greatest(lo.applied_on, %(since)s), 'MM/YY') AS month, lo.id, lo.loan_no, r.stage, lo.applied_amount, r.who
  FROM lo LEFT JOIN landed ON landed.customer_id = lo.customer_id
  LEFT JOIN (SELECT DISTINCT ON (entity_id) entity_id, from_state AS stage, to_state AS ruling, reason_code, day,
      coalesce(name, actor_role) AS who
    FROM acted
    WHERE entity = 'loan' AND to_state IN ('REJECTED', 'APPROVED', 'CANCELLED') ORDER BY entity_id, id DESC) r
    ON r.entity_id = lo.id
  WHERE lo.applied_on <= %(until)s AND (r.day IS NULL OR r.day >= %(since)s))"""
DECISIONS = """(SELECT DISTINCT ON (d.loan_id) d.loan_id, t.record::jsonb AS record FROM decision d
  JOIN decision_text t ON t.brand_id = d.brand_id AND t.hash = d.record_hash
  WHERE d.brand_id = %(brand)s ORDER BY d.loan_id, d.id DESC)"""
FAILED = f"""(SELECT lo.id, lo.applied_amount, v.said ->> 'rule_id' AS rule_id, v.said ->> 'effect' AS effect, v.n
  FROM lo JOIN {DECISIONS} d ON d.loan_id = lo.id,
    jsonb_array_elements(d.record -> 'verdicts') WITH ORDINALITY v(said, n)
  WHERE lo.applied_on {IN} AND v.said ->> 'effect' IN ('reject', 'refer'))"""
_FAILED_AT_ALL = FAILED.replace(f"lo.applied_on {IN} AND ", "")
_CHECK = f"""CASE WHEN x.id IN (SELECT f.id FROM {_FAILED_AT_ALL} f WHERE f.rule_id = '{{}}')
            THEN 'FAIL' ELSE 'PASS' END"""
# what somebody is paid for: the visit within 30 days that made the customer, or came last before the application
_BROUGHT = f"""(
  SELECT NULL::uuid AS who, NULL AS click, NULL::date AS day, NULL::date AS paid_out_on, affiliate_id,
    utm_campaign AS campaign, 1 AS clicks, 0 AS leads, 0 AS loans, 0 AS fresh, 0 AS amount, 0 AS net, 0 AS fee,
    0 AS late, 0 AS late_amount
  FROM click WHERE brand_id = %(brand)s AND (created_at AT TIME ZONE 'Asia/Kolkata')::date {IN}
  UNION ALL
  SELECT f.who, f.id::text, came_on, NULL, affiliate_id, utm_campaign, 0, 1, 0, 0, 0, 0, 0, 0, 0
  FROM cu JOIN (SELECT DISTINCT ON (v.customer_id) v.customer_id AS who, k.* FROM customer_touch v
    JOIN click k ON k.id = v.click_id ORDER BY v.customer_id, v.id) f ON f.who = cu.id
  WHERE came_on {IN} AND f.created_at BETWEEN cu.created_at - interval '30 days' AND cu.created_at
  UNION ALL
  SELECT cu.id, k.id::text, lo.paid_out_on, lo.paid_out_on, k.affiliate_id, k.utm_campaign, 0, 0, 1,
    f.fresh, lo.sanctioned_amount, lo.net_disbursal, lo.processing_fee,
    f.fresh * f.late, f.late * lo.sanctioned_amount
  FROM lo JOIN cu ON cu.id = lo.customer_id JOIN customer_touch v ON v.customer_id = cu.id
  JOIN click k ON k.id = v.click_id CROSS JOIN LATERAL (SELECT {FPD7}::int AS late, (NOT EXISTS (
    SELECT FROM lo e WHERE e.customer_id = lo.customer_id AND e.disbursed_at < lo.disbursed_at))::int AS fresh) f
  WHERE lo.paid_out_on {IN} AND k.created_at > lo.created_at - interval '30 days' AND v.created_at < lo.created_at
    AND NOT EXISTS (SELECT FROM customer_touch w WHERE w.customer_id = v.customer_id AND w.id > v.id
      AND w.created_at < lo.created_at))"""

ORACLES: dict[str, Oracle] = {
    "master-report": Oracle(
        "customer_id loan_nos loan_statuses loan_amounts disbursed_loans marketing_source residence_city pan_verified"
        " aadhaar_verified penny_dropped onboarding_step credit_score bureau_check customer_type monthly_income"
        " obligations salary_to_income_ratio eligible_loan cam_remarks rejection_reason credit_executive"
        " collection_allotted_partner disbursed_by domain marital_status",
        f"""SELECT cu.customer_no, n.nos, n.statuses, n.amounts, coalesce(n.paid_out, 0), {SOURCE}, cu.city,
          'PAN' = ANY(k.kinds), 'AADHAAR' = ANY(k.kinds), b.id IS NOT NULL,
          (cu.registered_at IS NOT NULL)::int + ('PAN' = ANY(k.kinds))::int + ('AADHAAR' = ANY(k.kinds))::int
            + (b.id IS NOT NULL)::int + (cu.employer_name_enc IS NOT NULL)::int + (newest.id IS NOT NULL)::int,
          score.score, CASE WHEN score.id IS NULL THEN 'NA' ELSE 'DONE' END,
          CASE WHEN EXISTS (SELECT FROM lo WHERE lo.customer_id = cu.id AND lo.disbursed_at < newest.created_at)
            THEN 'REPEAT' WHEN score.id IS NOT NULL AND score.score IS NULL THEN 'NTC' ELSE 'NEW' END,
          {SALARY}, (memo.inputs ->> 'obligations')::numeric,
          round((memo.inputs ->> 'obligations')::numeric * 100 / (memo.computed ->> 'avg_salary')::numeric, 2),
          (memo.computed ->> 'eligible_loan')::numeric, memo.remark,
          (SELECT replace(reason_code, ',', '; ') FROM step WHERE entity_id = newest.id AND to_state = 'REJECTED'
            ORDER BY id DESC LIMIT 1),
          {holder("CREDIT", loan="newest")}, {holder("COLLECTION", loan="newest")},
          {who("DISBURSAL_IN_PROCESS", "newest")}, landed.domain, cu.marital_status
        FROM cu LEFT JOIN newest ON newest.customer_id = cu.id LEFT JOIN memo ON memo.loan_id = newest.id
        LEFT JOIN score ON score.loan_id = newest.id LEFT JOIN landed ON landed.customer_id = cu.id
        LEFT JOIN user_bank_account b ON b.customer_id = cu.id AND b.verified
        LEFT JOIN (SELECT customer_id, string_agg(loan_no, '; ' ORDER BY id) AS nos, count(disbursed_at) AS paid_out,
            string_agg(status, '; ' ORDER BY id) AS statuses,
            string_agg(coalesce(sanctioned_amount, applied_amount)::text, '; ' ORDER BY id) AS amounts
          FROM lo GROUP BY 1) n ON n.customer_id = cu.id
        CROSS JOIN LATERAL (SELECT coalesce(array_agg(kind), '{{}}') AS kinds FROM kyc_check
          WHERE customer_id = cu.id AND status = 'VERIFIED') k
        WHERE cu.came_on {IN}""",
        worded="rejection_reason",
    ),
    "disbursed-loan-report": Oracle(
        "loan_no disbursed_date approved_date repayment_date sanctioned_amount net_disbursed_amount interest_amount"
        " processing_fee gst_amount pf_pct tax_pct tax_type fresh_repeat utr disbursed_bank payment_mode salary"
        " apr_pct risk_tier credit_manager sanctioned_by processed_by disbursal_tat residence_city account_type",
        f"""SELECT loan_no, paid_out_on, sanction.day, due_date, sanctioned_amount, net_disbursal,
          repayment_amount - sanctioned_amount, processing_fee, gst_amount, {FEE_PCT},
          round(gst_amount * 100 / processing_fee, 2), 'EXCLUSIVE', {REPEAT}, payout.utr, upper(payout.provider),
          payout.mode, {SALARY}, round((memo.computed ->> 'apr_percent')::numeric, 2), d.record #>> '{{derived,tier}}',
          {who("CREDIT_EXECUTIVE_APPROVED")}, {who("APPROVED")}, {who("DISBURSAL_IN_PROCESS")},
          (SELECT to_char(make_interval(
            secs => extract(epoch FROM settled_at) - extract(epoch FROM max(created_at))), 'HH24:MI') FROM step
            WHERE entity_id = lo.id AND to_state = 'APPROVED'), cu.city,
          (SELECT account_type FROM user_bank_account b WHERE b.customer_id = cu.id AND b.verified)
        FROM lo JOIN payout ON payout.loan_id = lo.id AND payout.status = 'SUCCESS' JOIN cu ON cu.id = lo.customer_id
        LEFT JOIN sanction ON sanction.entity_id = lo.id LEFT JOIN memo ON memo.loan_id = lo.id
        LEFT JOIN {DECISIONS} d ON d.loan_id = lo.id WHERE paid_out_on {IN}""",
    ),
    "non-disbursed-loan-report": Oracle(
        "loan_no approved_date pending_days sanctioned_amount net_disbursed_amount pending_reason status"
        " kfs_valid_till",
        f"""SELECT loan_no, sanction.day, %(today)s - sanction.day, sanctioned_amount, net_disbursal, 'PAYOUT',
          lo.status, (SELECT max(day) + 7 FROM step WHERE entity_id = lo.id AND to_state = 'SIGNED')
        FROM lo JOIN sanction ON entity_id = lo.id WHERE {WAITING} AND sanction.day {IN}""",
    ),
    "non-disbursed-loan-report?agreement_status=UNSIGNED": Oracle(
        "loan_no pending_days pending_reason agreement_status",
        f"""SELECT loan_no, %(today)s - sanction.day, 'CUSTOMER', 'SENT' FROM lo JOIN sanction ON entity_id = lo.id
        WHERE lo.status = 'APPROVED' AND lo.agreement_status <> 'SIGNED' AND sanction.day {IN}""",
    ),
    "disburse-non-disburse-report": Oracle(
        "loan_no is_disbursed loan_amount net_disbursed_amount disbursed_date approved_date repayment_amount status"
        " fresh_repeat",
        f"""SELECT loan_no, disbursed_at IS NOT NULL, sanctioned_amount, net_disbursal, paid_out_on, sanction.day,
          repayment_amount, status, {REPEAT}
        FROM lo LEFT JOIN sanction ON entity_id = lo.id
        WHERE paid_out_on {IN} OR ({WAITING} AND sanction.day {IN})""",
    ),
    "active-loans-by-due-date-report": Oracle(
        "loan_no due_date status repayment_amount paid_amount balance_due days_to_due autopay_active"
        " collection_executive",
        f"""SELECT loan_no, due_date, status, repayment_amount, coalesce(sum(came.amount), 0),
          {BALANCE}, due_date - %(today)s, false, {holder("COLLECTION")}
        FROM lo LEFT JOIN came ON came.loan_id = lo.id
        WHERE lo.status IN ('ACTIVE', 'PARTIALLY_PAID', 'OVERDUE') AND due_date {IN}
        GROUP BY lo.id, loan_no, due_date, status, repayment_amount, sanctioned_amount""",
        ahead=60,
    ),
    "completed-loan-with-no-repet-report": Oracle(
        "customer_id loan_no closure_date due_closure_diff_days dpd_at_closure completed_loans days_since_closure"
        " suggested_amount reloan_eligible dnd",
        f"""SELECT cu.customer_no, lo.loan_no, lo.closed_on, lo.due_date - lo.closed_on, {LATE},
          (SELECT count(*) FROM lo o WHERE o.customer_id = cu.id AND o.status = 'COMPLETED'),
          %(today)s - lo.closed_on, (memo.computed ->> 'eligible_loan')::numeric, true, false
        FROM newest lo JOIN cu ON cu.id = lo.customer_id LEFT JOIN memo ON memo.loan_id = lo.id
        WHERE lo.status = 'COMPLETED' AND lo.closed_on {IN}""",
    ),
    "loan-close-report": Oracle(
        "loan_no row_seq closure_date date_of_received total_received principal_received interest_received"
        " penalty_received recovered_amount excess_amount dpd_at_closure loan_status reference_number noc",
        f"""SELECT loan_no, rank() OVER (PARTITION BY lo.id ORDER BY received_on, pay.id), closed_on, received_on,
          coalesce(pay.amount, 0), {SPLIT.format("'PRINCIPAL'")}, {SPLIT.format(INTEREST)},
          {SPLIT.format(PENALTY)}, {SPLIT.format(RECOVERED)},
          {SPLIT.format("'EXCESS_PAYABLE'")}, {LATE},
          CASE lo.status WHEN 'SETTLED' THEN 'SETTLED' WHEN 'WRITE_OFF' THEN 'WRITE-OFF' ELSE 'CLOSED' END,
          coalesce(reference, provider_payment_id),
          EXISTS (SELECT FROM user_notification n WHERE n.loan_id = lo.id AND event = 'closure_noc')
        FROM lo LEFT JOIN pay ON pay.loan_id = lo.id WHERE closed_on {IN}""",
    ),
    "outstanding-data-report": Oracle(
        "loan_no active_pos outstanding_interest outstanding_penal outstanding_amount dpd_days bucket sma_class"
        " total_collection processing_fee_with_gst pf_pct source user_type status collection_executive",
        f"""SELECT loan_no, owed.principal, owed.interest, owed.penal,
          owed.principal + owed.interest + owed.penal,
          greatest(%(until)s - due_date, 0), {BUCKET.format("(%(until)s - due_date)")},
          CASE WHEN due_date >= %(until)s THEN 'STANDARD' WHEN due_date >= %(until)s - 30 THEN 'SMA-0'
            WHEN due_date >= %(until)s - 60 THEN 'SMA-1' WHEN due_date >= %(until)s - 90 THEN 'SMA-2' ELSE 'NPA' END,
          coalesce((SELECT sum(amount) FROM came WHERE loan_id = lo.id AND received_on <= %(until)s), 0),
          processing_fee + gst_amount, {FEE_PCT}, {SOURCE}, {REPEAT}, status, {holder("COLLECTION")}
        FROM lo JOIN owed ON owed.loan_id = lo.id JOIN cu ON cu.id = lo.customer_id
        WHERE paid_out_on {IN} AND (ended_on IS NULL OR ended_on > %(until)s)""",
    ),
    "reject-report": Oracle(
        "section domain month opening_stock fresh_applications total_to_process app_decisioned rejected sanctioned"
        " withdrawn wip reject_reason cases value_lakhs credit_manager cases_approved cases_rejected loan_no"
        " requested_amount stage check_income check_city",
        f"""SELECT 'domain', domain, month, count(*) FILTER (WHERE applied_on < %(since)s),
          count(*) FILTER (WHERE applied_on >= %(since)s), count(*),
          count(*) FILTER (WHERE ruling IN ('REJECTED', 'APPROVED')), count(*) FILTER (WHERE ruling = 'REJECTED'),
          count(*) FILTER (WHERE ruling = 'APPROVED'), count(*) FILTER (WHERE ruling = 'CANCELLED'),
          count(*) FILTER (WHERE ruling IS NULL), NULL, NULL::bigint, NULL::numeric, NULL, NULL::bigint, NULL::bigint,
          NULL, NULL::numeric, NULL, NULL, NULL
        FROM {_TO_DECIDE} x GROUP BY 2, 3
        UNION ALL
        SELECT 'reason', domain, month, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, reason,
          count(*) FILTER (WHERE first), coalesce(round(sum(applied_amount) FILTER (WHERE first) / 100000, 2), 0),
          NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
        FROM {_TO_DECIDE} x, unnest(string_to_array(reason_code, ',')) WITH ORDINALITY r(reason, n),
          LATERAL (SELECT n = 1 AS first) f WHERE ruling = 'REJECTED' GROUP BY 2, 3, 12
        UNION ALL
        SELECT 'credit_manager', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, who,
          count(*) FILTER (WHERE ruling = 'APPROVED'), count(*) FILTER (WHERE ruling = 'REJECTED'), NULL, NULL, NULL,
          NULL, NULL
        FROM {_TO_DECIDE} x WHERE ruling IN ('REJECTED', 'APPROVED') GROUP BY who
        UNION ALL
        SELECT 'loan', domain, month, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
          NULL, loan_no, applied_amount, stage,
          {_CHECK.format("SALARY_BELOW_MINIMUM")}, {_CHECK.format("CITY_NOT_SERVED")}
        FROM {_TO_DECIDE} x WHERE ruling = 'REJECTED'""",
        worded="reject_reason",
    ),
    "total-approve-sanction-report": Oracle(
        "loan_no sanction_date sanction_approved_date loan_amount admin_fee disbursed_date status sanctioned_by"
        " credit_score repeat_type approver_level lead_initiated_date loan_initiated_date",
        f"""SELECT loan_no, sanction.day,
          (SELECT max(day) FROM step WHERE entity_id = lo.id AND to_state = 'APPROVED'), sanctioned_amount,
          processing_fee + gst_amount, paid_out_on, lo.status, {who("APPROVED")}, score.score, {REPEAT},
          (SELECT CASE WHEN count(*) FILTER (WHERE level = 'SANCTION_MANAGER') > 0 THEN 'SANCTION_MANAGER'
            WHEN count(*) > 0 THEN 'CREDIT_EXECUTIVE' END FROM sanction_approval a WHERE a.loan_id = lo.id),
          cu.came_on, lo.applied_on
        FROM lo JOIN sanction ON entity_id = lo.id LEFT JOIN score ON score.loan_id = lo.id
        JOIN cu ON cu.id = lo.customer_id WHERE sanction.day {IN}""",
    ),
    "affiliate-report": Oracle(
        "affiliate_id utm_campaign clicks unique_leads disbursed_count disbursed_fresh disbursed_repeat"
        " disbursed_amount net_disbursed_amount processing_fee payout_amount clawback_amount tds net_payable",
        f"""SELECT code, campaign, clicks, leads, loans, fresh, loans - fresh, amount, net, fee, payout, clawback,
          round((payout - clawback) * 0.02, 2),
          payout - clawback + round((payout - clawback) * 0.18, 2) - round((payout - clawback) * 0.02, 2)
        FROM (SELECT x.code, g.campaign, sum(clicks) AS clicks, sum(leads) AS leads, sum(loans) AS loans,
          sum(fresh) AS fresh, sum(amount) AS amount, sum(net) AS net, sum(fee) AS fee,
          round(CASE x.payout_model WHEN 'CPL' THEN x.payout_rate * sum(leads)
            WHEN 'CPA' THEN x.payout_rate * sum(fresh) ELSE x.payout_rate * sum(amount) / 100 END, 2) AS payout,
          round(CASE x.payout_model WHEN 'CPL' THEN 0 WHEN 'CPA' THEN x.payout_rate * sum(late)
            ELSE x.payout_rate * sum(late_amount) / 100 END, 2) AS clawback
        FROM {_BROUGHT} g
        JOIN affiliate x ON x.id = g.affiliate_id GROUP BY x.code, g.campaign, x.payout_model, x.payout_rate) y""",
        only=pl.col("group_by") == "campaign",
    ),
    "affiliate-report?group_by=lead": Oracle(
        "affiliate_id utm_campaign lead_id click_id unique_leads disbursed_count disbursed_amount disbursed_date",
        f"""SELECT x.code, g.campaign, cu.customer_no, click, sum(leads), sum(loans), sum(amount), max(paid_out_on)
        FROM {_BROUGHT} g JOIN affiliate x ON x.id = g.affiliate_id JOIN cu ON cu.id = g.who
        GROUP BY 1, 2, 3, 4, g.day""",
    ),
    "login-sessions-report": Oracle(
        "user_email user_name login_date total_sessions first_login failed_attempts",
        f"""SELECT u.email, u.name, (t.created_at AT TIME ZONE 'Asia/Kolkata')::date, count(*), min(t.created_at), 0
        FROM partner_login_token t JOIN partner_user u ON u.id = t.partner_user_id
        WHERE u.id IN (SELECT partner_user_id FROM partner_user_brand_role WHERE brand_id = %(brand)s)
          AND (t.created_at AT TIME ZONE 'Asia/Kolkata')::date {IN} GROUP BY 1, 2, 3""",
    ),
}
