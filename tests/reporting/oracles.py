"""Each report a second time, in plain SQL over the tables, as its independent oracle.

Written by other means than the reports: joins and groups over whole tables, what was owed by the lines of the journal.
An oracle names the columns that it knows; `only` picks the rows of a report that it speaks of.
"""

from dataclasses import dataclass, field

import polars as pl

# what is said once: rows of the brand, and their days in India
PRELUDE = """
WITH lo AS (
  SELECT l.*, (created_at AT TIME ZONE 'Asia/Kolkata')::date AS applied_on,
    (disbursed_at AT TIME ZONE 'Asia/Kolkata')::date AS paid_out_on,
    (closed_at AT TIME ZONE 'Asia/Kolkata')::date AS closed_on
  FROM loan l WHERE brand_id = %(brand)s),
cu AS (
  SELECT c.*, (created_at AT TIME ZONE 'Asia/Kolkata')::date AS came_on FROM customer c
  WHERE brand_id = %(brand)s AND is_active),
pay AS (SELECT * FROM payment_collection_transaction WHERE brand_id = %(brand)s AND status = 'SUCCESS'),
step AS (
  SELECT s.*, (created_at AT TIME ZONE 'Asia/Kolkata')::date AS day FROM state_change s
  WHERE brand_id = %(brand)s AND entity IN ('loan', 'agreement')),
sanction AS (
  SELECT entity_id, min(day) AS day FROM step WHERE to_state IN ('SANCTION_MANAGER_APPROVED', 'APPROVED') GROUP BY 1),
line AS (
  SELECT e.loan_id, e.kind, e.business_date, e.reference, j.account, j.debit - j.credit AS amount
  FROM journal_entry e JOIN journal_line j ON j.brand_id = e.brand_id AND j.entry_id = e.id
  WHERE e.brand_id = %(brand)s),
principal AS (
  SELECT loan_id, sum(amount) AS owed FROM line WHERE account = 'PRINCIPAL' AND business_date <= %(until)s GROUP BY 1),
seen AS (
  SELECT DISTINCT ON (v.customer_id) v.customer_id, k.* FROM customer_touch v JOIN click k ON k.id = v.click_id
  WHERE v.brand_id = %(brand)s ORDER BY v.customer_id, v.id DESC),
landed AS (
  SELECT DISTINCT ON (v.customer_id) v.customer_id, k.domain FROM customer_touch v JOIN click k ON k.id = v.click_id
  WHERE v.brand_id = %(brand)s ORDER BY v.customer_id, v.id),
newest AS (SELECT DISTINCT ON (customer_id) * FROM lo ORDER BY customer_id, id DESC)
"""

_IN = "BETWEEN %(since)s AND %(until)s"
_REPEAT = """CASE WHEN EXISTS (SELECT FROM lo o WHERE o.customer_id = lo.customer_id AND o.disbursed_at < lo.created_at)
  THEN 'REPEAT' ELSE 'FRESH' END"""
_BUCKET = """CASE WHEN {0} <= 0 THEN 'Current' WHEN {0} <= 30 THEN '1-30' WHEN {0} <= 60 THEN '31-60'
  WHEN {0} <= 90 THEN '61-90' WHEN {0} <= 180 THEN '91-180' ELSE '180+' END"""
_SPLIT = """(SELECT -coalesce(sum(amount), 0) FROM line
  WHERE reference = pay.provider_payment_id AND kind = 'PAYMENT' AND account = '{0}')"""
_GIVEN_UP = """(SELECT -coalesce(sum(amount), 0) FROM line WHERE loan_id = lo.id AND kind IN ('WAIVER', 'SETTLEMENT')
  AND account IN ({0}))"""
_OTHER_DEBT = "'PRINCIPAL', 'INTEREST_RECEIVABLE', 'CHARGES_RECEIVABLE'"
_FPD7 = "(lo.due_date + 7 < %(today)s AND coalesce(lo.closed_on > lo.due_date + 7, true))"
_WAITING = "lo.status = 'APPROVED' AND lo.agreement_status = 'SIGNED' AND lo.disbursed_at IS NULL"
_WON = """(SELECT customer_id, count(*) AS n, sum(sanctioned_amount) AS amount FROM lo
  WHERE disbursed_at IS NOT NULL GROUP BY 1)"""


@dataclass(frozen=True)
class Oracle:
    """`sql` gives `columns`, in any order of rows. `ahead`: the days end so many days from now."""

    columns: str
    sql: str
    only: pl.Expr | None = field(default=None, compare=False)
    ahead: int = 0


def _receipts(columns: str, days: str, more: str = "") -> Oracle:
    return Oracle(
        columns,
        f"""SELECT coalesce(pay.reference, pay.provider_payment_id), pay.amount, {_SPLIT.format("PRINCIPAL")},
          {_SPLIT.format("INTEREST_RECEIVABLE")}{more} FROM pay WHERE {days} {_IN}""",
    )


def _accounts(status: str = "") -> Oracle:
    ended = f"{status} written_off_amount_total written_off_principal_amount settlement_amt" if status else ""
    lost = "(SELECT round(-sum(amount)) FROM line WHERE loan_id = lo.id AND kind = 'WRITE_OFF' AND account IN ({0}))"
    more = f""", CASE lo.status WHEN 'WRITE_OFF' THEN '02' WHEN 'SETTLED' THEN '03' END,
      {lost.format(f"'PENAL_RECEIVABLE', {_OTHER_DEBT}")}, {lost.format("'PRINCIPAL'")},
      CASE lo.status WHEN 'SETTLED'
        THEN round(coalesce((SELECT sum(amount) FROM pay WHERE loan_id = lo.id), 0)) END"""
    return Oracle(
        f"curr_new_account_no residence_code_1 date_closed no_of_days_past_due high_credit_sanctioned_amt {ended}",
        f"""SELECT lo.loan_no, CASE cu.permanent_residence WHEN 'OWNED' THEN '01' WHEN 'RENTED' THEN '02' END,
          CASE WHEN lo.closed_on <= %(until)s THEN lo.closed_on END,
          CASE WHEN lo.closed_on <= %(until)s THEN 0 ELSE least(greatest(%(until)s - lo.due_date, 0), 999) END,
          round(lo.sanctioned_amount){more if status else ""}
        FROM lo JOIN cu ON cu.id = lo.customer_id
        WHERE lo.paid_out_on <= %(until)s AND (lo.closed_on IS NULL OR lo.closed_on >= %(since)s)""",
    )


def _groups() -> str:
    keys = {"source": "coalesce(seen.utm_source, cu.utm ->> 'source')",
            "campaign": "coalesce(seen.utm_campaign, cu.utm ->> 'campaign')", "domain": "landed.domain",
            "device": "cu.device", "city_tier": "CASE WHEN cu.city IN ('Gurugram', 'Noida', 'Jaipur') THEN 'Y' "
            "WHEN cu.city IS NOT NULL THEN 'X' END"}  # fmt: skip
    return " UNION ALL ".join(
        f"""SELECT '{name}', coalesce({key}, ''), to_char(cu.came_on, 'YYYY-MM'), count(*),
          count(a.n), count(s.n), count(w.n), coalesce(sum(w.amount), 0),
          round(coalesce(sum(CASE x.payout_model WHEN 'CPL' THEN x.payout_rate
            WHEN 'CPA' THEN CASE WHEN w.n > 0 THEN x.payout_rate END
            ELSE round(x.payout_rate * w.amount / 100, 2) END), 0), 2)
        FROM cu LEFT JOIN seen ON seen.customer_id = cu.id LEFT JOIN landed ON landed.customer_id = cu.id
        LEFT JOIN (SELECT customer_id, count(*) AS n FROM lo GROUP BY 1) a ON a.customer_id = cu.id
        LEFT JOIN (SELECT customer_id, count(*) AS n FROM lo JOIN sanction ON entity_id = lo.id GROUP BY 1) s
          ON s.customer_id = cu.id
        LEFT JOIN {_WON} w ON w.customer_id = cu.id LEFT JOIN affiliate x ON x.id = seen.affiliate_id
        WHERE cu.came_on {_IN} GROUP BY 2, 3"""
        for name, key in keys.items()
    )


_TO_DECIDE = """(SELECT coalesce(landed.domain, '') AS domain, lo.applied_on, r.ruling, r.reason_code,
    to_char(greatest(lo.applied_on, %(since)s), 'MM/YY') AS month, lo.id, lo.loan_no, r.stage
  FROM lo LEFT JOIN landed ON landed.customer_id = lo.customer_id
  LEFT JOIN (SELECT DISTINCT ON (entity_id) entity_id, from_state AS stage, to_state AS ruling, reason_code, day
    FROM step
    WHERE entity = 'loan' AND to_state IN ('REJECTED', 'APPROVED', 'CANCELLED') ORDER BY entity_id, id DESC) r
    ON r.entity_id = lo.id
  WHERE lo.applied_on <= %(until)s AND (r.day IS NULL OR r.day >= %(since)s))"""
_DECISIONS = """(SELECT DISTINCT ON (d.loan_id) d.loan_id, t.record::jsonb AS record FROM decision d
  JOIN decision_text t ON t.brand_id = d.brand_id AND t.hash = d.record_hash
  WHERE d.brand_id = %(brand)s ORDER BY d.loan_id, d.id DESC)"""
_FAILED = f"""(SELECT lo.id, v.said ->> 'rule_id' AS rule_id, v.said ->> 'effect' AS effect, v.n
  FROM lo JOIN {_DECISIONS} d ON d.loan_id = lo.id,
    jsonb_array_elements(d.record -> 'verdicts') WITH ORDINALITY v(said, n)
  WHERE lo.applied_on {_IN} AND v.said ->> 'effect' IN ('reject', 'refer'))"""
_FAILED_AT_ALL = _FAILED.replace(f"lo.applied_on {_IN} AND ", "")
_CHECK = f"""CASE WHEN x.id IN (SELECT f.id FROM {_FAILED_AT_ALL} f WHERE f.rule_id = '{{}}')
            THEN 'FAIL' ELSE 'PASS' END"""
_STAND = """CASE WHEN lo.paid_out_on > {0} THEN 'NEW' WHEN lo.closed_on <= {0} THEN replace(replace(lo.status,
  'COMPLETED', 'CLOSED'), 'SETTLED', 'CLOSED')
  WHEN {0} <= lo.due_date THEN 'CURRENT' WHEN {0} <= lo.due_date + 30 THEN '1-30' WHEN {0} <= lo.due_date + 60
  THEN '31-60' WHEN {0} <= lo.due_date + 90 THEN '61-90' ELSE '91+' END"""

ORACLES: dict[str, Oracle] = {
    "master-report": Oracle(
        "customer_id loan_statuses disbursed_loans marketing_source marital_status",
        f"""SELECT cu.customer_no, string_agg(lo.status, '; ' ORDER BY lo.id), count(lo.disbursed_at),
          coalesce(nullif(trim(concat(utm ->> 'source', ' ' || (utm ->> 'medium'), ' ' || (utm ->> 'campaign'))), ''),
            'Direct'), cu.marital_status
        FROM cu LEFT JOIN lo ON lo.customer_id = cu.id WHERE cu.came_on {_IN}
        GROUP BY cu.customer_no, cu.utm, cu.marital_status""",
    ),
    "disbursed-loan-report": Oracle(
        "loan_no disbursed_date sanctioned_amount net_disbursed_amount interest_amount fresh_repeat utr",
        f"""SELECT loan_no, paid_out_on, sanctioned_amount, net_disbursal, repayment_amount - sanctioned_amount,
          {_REPEAT}, payout.utr
        FROM lo JOIN payout ON payout.loan_id = lo.id AND payout.status = 'SUCCESS' WHERE paid_out_on {_IN}""",
    ),
    "non-disbursed-loan-report": Oracle(
        "loan_no approved_date pending_days sanctioned_amount",
        f"""SELECT loan_no, sanction.day, %(today)s - sanction.day, sanctioned_amount
        FROM lo JOIN sanction ON entity_id = lo.id WHERE {_WAITING} AND sanction.day {_IN}""",
    ),
    "disburse-non-disburse-report": Oracle(
        "loan_no is_disbursed loan_amount",
        f"""SELECT loan_no, disbursed_at IS NOT NULL, sanctioned_amount FROM lo LEFT JOIN sanction ON entity_id = lo.id
        WHERE paid_out_on {_IN} OR ({_WAITING} AND sanction.day {_IN})""",
    ),
    "active-loans-by-due-date-report": Oracle(
        "loan_no due_date paid_amount balance_due days_to_due",
        f"""SELECT loan_no, due_date, coalesce(sum(pay.amount), 0),
          greatest(repayment_amount - coalesce(sum(pay.amount), 0)
            - {_GIVEN_UP.format(f"'PENAL_RECEIVABLE', {_OTHER_DEBT}")}, 0), due_date - %(today)s
        FROM lo LEFT JOIN pay ON pay.loan_id = lo.id
        WHERE lo.status IN ('ACTIVE', 'PARTIALLY_PAID', 'OVERDUE') AND due_date {_IN}
        GROUP BY lo.id, loan_no, due_date, repayment_amount""",
        ahead=60,
    ),
    "completed-loan-with-no-repet-report": Oracle(
        "customer_id loan_no due_closure_diff_days completed_loans",
        f"""SELECT cu.customer_no, newest.loan_no, newest.due_date - newest.closed_on,
          (SELECT count(*) FROM lo WHERE lo.customer_id = cu.id AND lo.status = 'COMPLETED')
        FROM newest JOIN cu ON cu.id = newest.customer_id
        WHERE newest.status = 'COMPLETED' AND newest.closed_on {_IN}""",
    ),
    "loan-close-report": Oracle(
        "loan_no row_seq total_received principal_received dpd_at_closure loan_status",
        f"""SELECT loan_no, rank() OVER (PARTITION BY lo.id ORDER BY received_on, pay.id), coalesce(pay.amount, 0),
          {_SPLIT.format("PRINCIPAL")}, greatest(closed_on - due_date, 0),
          CASE lo.status WHEN 'SETTLED' THEN 'SETTLED' WHEN 'WRITE_OFF' THEN 'WRITE-OFF' ELSE 'CLOSED' END
        FROM lo LEFT JOIN pay ON pay.loan_id = lo.id WHERE closed_on {_IN}""",
    ),
    "outstanding-data-report": Oracle(
        "loan_no active_pos dpd_days bucket total_collection",
        f"""SELECT loan_no, owed, greatest(%(until)s - due_date, 0), {_BUCKET.format("(%(until)s - due_date)")},
          coalesce((SELECT sum(amount) FROM pay WHERE loan_id = lo.id AND received_on <= %(until)s), 0)
        FROM lo JOIN principal ON principal.loan_id = lo.id
        WHERE paid_out_on {_IN} AND (closed_on IS NULL OR closed_on > %(until)s)""",
    ),
    "reject-report": Oracle(
        "section domain month opening_stock total_to_process rejected sanctioned reject_reason cases loan_no stage"
        " check_income check_city",
        f"""SELECT 'domain', domain, month, count(*) FILTER (WHERE applied_on < %(since)s), count(*),
          count(*) FILTER (WHERE ruling = 'REJECTED'), count(*) FILTER (WHERE ruling = 'APPROVED'), NULL, NULL::bigint,
          NULL, NULL, NULL, NULL
        FROM {_TO_DECIDE} x GROUP BY 2, 3
        UNION ALL
        SELECT 'reason', domain, month, NULL, NULL, NULL, NULL, reason,
          count(*) FILTER (WHERE reason_code LIKE reason || '%%'), NULL, NULL, NULL, NULL
        FROM {_TO_DECIDE} x, unnest(string_to_array(reason_code, ',')) reason
        WHERE ruling = 'REJECTED' GROUP BY 2, 3, 8
        UNION ALL
        SELECT 'loan', domain, month, NULL, NULL, NULL, NULL, NULL, NULL, loan_no, stage,
          {_CHECK.format("SALARY_BELOW_MINIMUM")}, {_CHECK.format("CITY_NOT_SERVED")}
        FROM {_TO_DECIDE} x WHERE ruling = 'REJECTED'""",
        only=pl.col("section") != "credit_manager",
    ),
    "total-approve-sanction-report": Oracle(
        "loan_no sanction_date loan_amount disbursed_date",
        f"""SELECT loan_no, sanction.day, sanctioned_amount, paid_out_on FROM lo JOIN sanction ON entity_id = lo.id
        WHERE sanction.day {_IN}""",
    ),
    "affiliate-report": Oracle(
        "affiliate_id utm_campaign clicks unique_leads disbursed_count disbursed_fresh disbursed_amount payout_amount"
        " clawback_amount",
        f"""SELECT x.code, g.campaign, sum(clicks), sum(leads), sum(loans), sum(fresh), sum(amount),
          round(CASE x.payout_model WHEN 'CPL' THEN x.payout_rate * sum(leads)
            WHEN 'CPA' THEN x.payout_rate * sum(fresh) ELSE x.payout_rate * sum(amount) / 100 END, 2),
          round(CASE x.payout_model WHEN 'CPL' THEN 0 WHEN 'CPA' THEN x.payout_rate * sum(late)
            ELSE x.payout_rate * sum(late_amount) / 100 END, 2)
        FROM (
          SELECT affiliate_id, utm_campaign AS campaign, 1 AS clicks, 0 AS leads, 0 AS loans, 0 AS fresh, 0 AS amount,
            0 AS late, 0 AS late_amount
          FROM click WHERE brand_id = %(brand)s AND (created_at AT TIME ZONE 'Asia/Kolkata')::date {_IN}
          UNION ALL
          SELECT affiliate_id, utm_campaign, 0, 1, 0, 0, 0, 0, 0
          FROM cu JOIN (SELECT DISTINCT ON (v.customer_id) v.customer_id AS who, k.* FROM customer_touch v
            JOIN click k ON k.id = v.click_id ORDER BY v.customer_id, v.id) f ON f.who = cu.id
          WHERE came_on {_IN} AND f.created_at BETWEEN cu.created_at - interval '30 days' AND cu.created_at
          UNION ALL
          SELECT k.affiliate_id, k.utm_campaign, 0, 0, 1, f.fresh, lo.sanctioned_amount, f.fresh * f.late,
            f.late * lo.sanctioned_amount
          FROM lo JOIN cu ON cu.id = lo.customer_id JOIN customer_touch v ON v.customer_id = cu.id
          JOIN click k ON k.id = v.click_id CROSS JOIN LATERAL (SELECT {_FPD7}::int AS late, (NOT EXISTS (
            SELECT FROM lo e WHERE e.customer_id = lo.customer_id
              AND e.disbursed_at < lo.disbursed_at))::int AS fresh) f
          WHERE lo.paid_out_on {_IN}
            AND k.created_at > lo.created_at - interval '30 days' AND v.created_at < lo.created_at
            AND NOT EXISTS (SELECT FROM customer_touch w WHERE w.customer_id = v.customer_id AND w.id > v.id
              AND w.created_at < lo.created_at)) g
        JOIN affiliate x ON x.id = g.affiliate_id GROUP BY x.code, g.campaign, x.payout_model, x.payout_rate""",
        only=pl.col("group_by") == "campaign",
    ),
    "login-sessions-report": Oracle(
        "user_email login_date total_sessions",
        f"""SELECT u.email, (t.created_at AT TIME ZONE 'Asia/Kolkata')::date, count(*)
        FROM partner_login_token t JOIN partner_user u ON u.id = t.partner_user_id
        WHERE u.id IN (SELECT partner_user_id FROM partner_user_brand_role WHERE brand_id = %(brand)s)
          AND (t.created_at AT TIME ZONE 'Asia/Kolkata')::date {_IN} GROUP BY 1, 2""",
    ),
    "master-collection-report": Oracle(
        "loan_no paid_amount payment_date dpd_days int_paid p_int_paid penalty_discount round_off_discount",
        f"""SELECT loan_no, coalesce(p.total, 0), p.last_on,
          greatest(coalesce(closed_on, %(today)s) - due_date, 0),
          -coalesce((SELECT sum(amount) FROM line WHERE loan_id = lo.id AND kind = 'PAYMENT'
            AND account = 'INTEREST_RECEIVABLE'), 0),
          -coalesce((SELECT sum(amount) FROM line WHERE loan_id = lo.id AND kind IN ('PAYMENT', 'RECOVERY')
            AND account IN ('PENAL_RECEIVABLE', 'CHARGES_RECEIVABLE')), 0),
          {_GIVEN_UP.format("'PENAL_RECEIVABLE'")}, {_GIVEN_UP.format(_OTHER_DEBT)}
        FROM lo LEFT JOIN (SELECT loan_id, sum(amount) AS total, max(received_on) AS last_on,
          bool_or(received_on {_IN}) AS now FROM pay GROUP BY 1) p ON p.loan_id = lo.id
        WHERE disbursed_at IS NOT NULL AND (due_date {_IN} OR p.now)""",
    ),
    "collection-loan-report": _receipts(
        "payment_reference paid_amount principal_received interest_received", "pay.received_on"
    ),
    "collection-due-report": Oracle(
        "loan_no demand_amount collected_till_due collected_after_due",
        f"""SELECT loan_no, repayment_amount, coalesce(sum(amount) FILTER (WHERE received_on <= due_date), 0),
          coalesce(sum(amount) FILTER (WHERE received_on > due_date), 0)
        FROM lo LEFT JOIN pay ON pay.loan_id = lo.id WHERE disbursed_at IS NOT NULL AND due_date {_IN}
        GROUP BY loan_no, repayment_amount""",
    ),
    "collection-loan-report-by-approved-date": _receipts(
        "payment_reference paid_amount principal_received interest_received suspense_days",
        "(pay.created_at AT TIME ZONE 'Asia/Kolkata')::date",
        ", (pay.created_at AT TIME ZONE 'Asia/Kolkata')::date - pay.received_on",
    ),
    "collection-allocation-executive-report": Oracle(
        "loan_no collection_executive_email outstanding_principal collected_in_range",
        f"""SELECT loan_no, u.email, CASE WHEN lo.closed_on IS NULL THEN owed ELSE 0 END,
          coalesce((SELECT sum(amount) FROM pay WHERE loan_id = lo.id AND received_on {_IN}), 0)
        FROM lo JOIN loan_allotted_partner_user a ON a.loan_id = lo.id AND a.is_active AND a.kind = 'COLLECTION'
        JOIN partner_user u ON u.id = a.partner_user_id JOIN principal ON principal.loan_id = lo.id
        WHERE due_date {_IN}""",
    ),
    "credit-executive-allocation-report": Oracle(
        "loan_no credit_executive_email disbursed disbursed_amount decision",
        f"""SELECT loan_no, u.email, disbursed_at IS NOT NULL,
          CASE WHEN disbursed_at IS NOT NULL THEN sanctioned_amount END,
          CASE WHEN lo.status = 'APPLIED' THEN 'PENDING' ELSE coalesce((
            SELECT CASE to_state WHEN 'REJECTED' THEN to_state ELSE 'APPROVED' END FROM step
            WHERE entity_id = lo.id AND actor_id = u.id::text
              AND to_state IN ('REJECTED', 'CREDIT_EXECUTIVE_APPROVED')), 'ENDED') END
        FROM lo JOIN loan_allotted_partner_user a ON a.loan_id = lo.id AND a.kind = 'CREDIT'
        JOIN partner_user u ON u.id = a.partner_user_id
        WHERE (a.created_at AT TIME ZONE 'Asia/Kolkata')::date {_IN}""",
    ),
    "collection-remarks-report": Oracle(
        "loan_no remark disposition ptp_date ptp_amount dpd_days_at_time",
        f"""SELECT loan_no, d.remark, code, due_on, p.amount, days_past_due
        FROM disposition d JOIN lo ON lo.id = d.loan_id
        LEFT JOIN promise_to_pay p ON p.loan_id = d.loan_id AND d.code = 'PTP' AND p.made_by = d.author_id
          AND p.made_on = (d.created_at AT TIME ZONE 'Asia/Kolkata')::date
        WHERE (d.created_at AT TIME ZONE 'Asia/Kolkata')::date {_IN}""",
    ),
    "total-recovery-report": Oracle(
        "reference_number received_amount dpd_at_payment collection_type closure_remark",
        f"""SELECT coalesce(reference, provider_payment_id), amount, received_on - due_date,
          CASE WHEN received_on < due_date THEN 'PRE_DUE' WHEN received_on = due_date THEN 'ON_DUE'
            WHEN received_on - due_date <= 10 THEN 'PRE_10' WHEN received_on - due_date <= 60 THEN 'COLLECTION'
            WHEN received_on - due_date <= 180 THEN 'RECOVERY' ELSE 'LEGAL' END,
          (SELECT k.reason FROM concession k WHERE k.loan_id = lo.id AND k.kind <> 'WAIVER')
        FROM pay JOIN lo ON lo.id = pay.loan_id WHERE received_on {_IN}""",
    ),
    "field-visit-report": Oracle(
        "loan_no field_executive outcome amount_collected distance_km calling_team_remarks",
        f"""SELECT loan_no, u.name, outcome, v.amount_collected, distance_km,
          (SELECT remark FROM disposition d WHERE d.loan_id = lo.id ORDER BY id DESC LIMIT 1)
        FROM field_visit v JOIN lo ON lo.id = v.loan_id JOIN partner_user u ON u.id = v.partner_user_id
        WHERE (v.created_at AT TIME ZONE 'Asia/Kolkata')::date {_IN}""",
    ),
    "marketing-report": Oracle(
        "customer_id loan_no disbursal_date utm_source domain",
        f"""SELECT cu.customer_no, loan_no, paid_out_on, coalesce(seen.utm_source, cu.utm ->> 'source'), landed.domain
        FROM cu LEFT JOIN lo ON lo.customer_id = cu.id LEFT JOIN seen ON seen.customer_id = cu.id
        LEFT JOIN landed ON landed.customer_id = cu.id WHERE came_on {_IN} OR paid_out_on {_IN}""",
    ),
    "internal-marketing-report": Oracle(
        "customer_id disbursed_date campaign_name created_date",
        f"""SELECT cu.customer_no, newest.paid_out_on, coalesce(seen.utm_campaign, cu.utm ->> 'campaign'), cu.came_on
        FROM cu LEFT JOIN newest ON newest.customer_id = cu.id LEFT JOIN seen ON seen.customer_id = cu.id
        WHERE cu.came_on {_IN} OR newest.paid_out_on {_IN}""",
    ),
    "internal-marketing-analysis-report": Oracle(
        "group_by group_key period leads applied approved disbursed disbursed_amount spend",
        _groups(),
        only=pl.col("group_by").is_in(["source", "campaign", "domain", "device", "city_tier"]),
    ),
    "daily-marketing-mis-report": Oracle(
        "lead_id lead_date mtd_leads mtd_disbursed mtd_net_disbursed_amount lead_status disbursed_date",
        f"""SELECT cu.customer_no, cu.came_on, m.leads, m.loans, m.net,
          CASE WHEN disbursed_at IS NOT NULL THEN 'DISBURSED'
          WHEN newest.status = 'APPROVED' THEN 'SANCTIONED' WHEN newest.status IN ('REJECTED', 'CANCELLED')
          THEN newest.status WHEN newest.id IS NULL THEN 'NEW' ELSE 'IN PROCESS' END, paid_out_on
        FROM cu LEFT JOIN newest ON newest.customer_id = cu.id
        CROSS JOIN LATERAL (SELECT count(*) AS leads, count(n.disbursed_at) AS loans,
            coalesce(sum(n.net_disbursal) FILTER (WHERE n.disbursed_at IS NOT NULL), 0) AS net
          FROM cu o LEFT JOIN newest n ON n.customer_id = o.id
          WHERE o.came_on BETWEEN date_trunc('month', cu.came_on) AND cu.came_on) m
        WHERE cu.came_on {_IN}""",
    ),
    "lead-total-report": Oracle(
        "lead_id loan_no otp_verification journey_type rejected_counter",
        f"""SELECT cu.customer_no, newest.loan_no, cu.registered_at IS NOT NULL,
          CASE WHEN disbursed_at IS NOT NULL THEN 'Disbursed' WHEN newest.status = 'APPROVED' THEN 'Sanctioned'
            WHEN newest.status = 'CREDIT_EXECUTIVE_APPROVED' THEN 'Screened'
            WHEN newest.status = 'REJECTED' THEN 'Rejected' WHEN newest.status = 'CANCELLED' THEN 'Cancelled'
            WHEN newest.id IS NULL THEN 'Lead' ELSE 'In Process' END,
          (SELECT count(*) FROM step WHERE entity_id = newest.id AND to_state = 'REJECTED')
        FROM cu LEFT JOIN newest ON newest.customer_id = cu.id WHERE cu.came_on {_IN}""",
    ),
    "cic-report": _accounts(),
    "equifax-credit-report": _accounts("written_off_settled_status"),
    "transunion-report": _accounts("credit_facility_status"),
    "vintage-report": Oracle(
        "cohort days_since_due loans unpaid_loans unpaid_amount net_loss_amount",
        f"""SELECT to_char(paid_out_on, 'YYYY-MM'), age, count(*),
          count(*) FILTER (WHERE closed_on IS NULL OR closed_on > due_date + age),
          coalesce(sum(sanctioned_amount) FILTER (WHERE closed_on IS NULL OR closed_on > due_date + age), 0),
          coalesce(sum((SELECT -sum(amount) FROM line WHERE loan_id = lo.id AND business_date <= due_date + age
            AND (kind, account) IN (('WRITE_OFF', 'PRINCIPAL'), ('RECOVERY', 'COLLECTION')))), 0)
        FROM lo, unnest(ARRAY[0, 1, 3, 7, 15, 30, 60, 90, 180]) age WHERE paid_out_on {_IN}
        GROUP BY 1, 2 HAVING bool_and(due_date + age < %(today)s)""",
        only=pl.col("cut") == "all",
    ),
    "roll-rate-report": Oracle(
        "opening total to_closed to_written_off to_current to_1_30 to_91_plus",
        f"""SELECT opening, count(*)::numeric, count(*) FILTER (WHERE closing = 'CLOSED')::numeric,
          count(*) FILTER (WHERE closing = 'WRITE_OFF')::numeric,
          count(*) FILTER (WHERE closing = 'CURRENT')::numeric, count(*) FILTER (WHERE closing = '1-30')::numeric,
          count(*) FILTER (WHERE closing = '91+')::numeric
        FROM (SELECT {_STAND.format("%(since)s - 1")} AS opening, {_STAND.format("%(until)s")} AS closing
          FROM lo WHERE paid_out_on <= %(until)s) x WHERE opening NOT IN ('CLOSED', 'WRITE_OFF') GROUP BY 1""",
        only=pl.col("measure") == "count",
    ),
    "collection-efficiency-report": Oracle(
        "period loans demand collected_till_due collected_30",
        f"""SELECT to_char(due_date, 'YYYY-MM'), count(*), sum(repayment_amount), sum(least(till, repayment_amount)),
          sum(least(till_30, repayment_amount))
        FROM (SELECT lo.id, due_date, repayment_amount,
            coalesce(sum(amount) FILTER (WHERE received_on <= due_date), 0) AS till,
            coalesce(sum(amount) FILTER (WHERE received_on <= due_date + 30), 0) AS till_30
          FROM lo LEFT JOIN pay ON pay.loan_id = lo.id WHERE disbursed_at IS NOT NULL AND due_date {_IN}
          GROUP BY 1, 2, 3) x GROUP BY 1""",
        only=pl.col("cut") == "all",
    ),
    "funnel-report": Oracle(
        "step customers",
        f"""SELECT step, count(*) FROM cu, LATERAL (VALUES
          ('LEAD', true), ('APPLIED', EXISTS (SELECT FROM lo WHERE customer_id = cu.id)),
          ('RECOMMENDED', EXISTS (SELECT FROM lo JOIN step ON entity_id = lo.id
            WHERE customer_id = cu.id AND to_state = 'CREDIT_EXECUTIVE_APPROVED')),
          ('DISBURSED', EXISTS (SELECT FROM lo WHERE customer_id = cu.id AND disbursed_at IS NOT NULL))) s(step, came)
        WHERE came_on {_IN} AND came GROUP BY 1""",
        only=(pl.col("cut") == "all") & pl.col("step").is_in(["LEAD", "APPLIED", "RECOMMENDED", "DISBURSED"]),
    ),
    "campaign-roi-report": Oracle(
        "utm_source utm_campaign leads disbursed disbursed_amount revenue",
        f"""SELECT coalesce(seen.utm_source, cu.utm ->> 'source'), coalesce(seen.utm_campaign, cu.utm ->> 'campaign'),
          count(*), count(w.n), coalesce(sum(w.amount), 0), coalesce(sum(r.amount), 0)
        FROM cu LEFT JOIN seen ON seen.customer_id = cu.id LEFT JOIN {_WON} w ON w.customer_id = cu.id
        LEFT JOIN (SELECT customer_id, -sum(line.amount) AS amount FROM line JOIN lo ON lo.id = line.loan_id
          WHERE account IN ('FEE_INCOME', 'INTEREST_INCOME', 'PENAL_INCOME') GROUP BY 1) r ON r.customer_id = cu.id
        WHERE came_on {_IN} GROUP BY 1, 2""",
        only=pl.col("leads") > 0,
    ),
    "reject-waterfall-report": Oracle(
        "effect rule_id failed first_failed sole_failed",
        f"""SELECT effect, rule_id, count(*), count(*) FILTER (WHERE n = least), count(*) FILTER (WHERE 1 = more)
        FROM (SELECT f.*, min(n) OVER loan AS least, count(*) OVER loan AS more FROM {_FAILED} f
          WINDOW loan AS (PARTITION BY id, effect)) f GROUP BY 1, 2""",
    ),
}
