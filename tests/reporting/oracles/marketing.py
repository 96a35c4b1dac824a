"""Oracles of the reports on leads."""

import polars as pl

from tests.reporting.oracles.base import COMMISSION, FPD7, IN, SALARY, SOURCE, WON, Oracle

# where a customer stands with the newest loan
_STATUS = """CASE WHEN newest.disbursed_at IS NOT NULL THEN 'DISBURSED'
  WHEN newest.status = 'APPROVED' THEN 'SANCTIONED' WHEN newest.status IN ('REJECTED', 'CANCELLED')
  THEN newest.status WHEN newest.id IS NULL THEN 'NEW' ELSE 'IN PROCESS' END"""
_CHECKED = """EXISTS (SELECT FROM kyc_check k
  WHERE k.customer_id = cu.id AND k.status = 'VERIFIED' AND k.kind = '{0}')"""
_STAGE = f"""CASE WHEN newest.id IS NOT NULL THEN newest.status
  WHEN EXISTS (SELECT FROM user_bank_account b WHERE b.customer_id = cu.id AND b.verified) THEN CASE WHEN
    {_CHECKED.format("PAN")} AND {_CHECKED.format("AADHAAR")} AND cu.employer_name_enc IS NOT NULL
    THEN 'On-boarding completed' ELSE 'Bank' END
  WHEN cu.employer_name_enc IS NOT NULL THEN 'Employment'
  WHEN {_CHECKED.format("PAN")} OR {_CHECKED.format("AADHAAR")} THEN 'Personal' ELSE 'New' END"""
_REFUSED_ON = """CASE WHEN {0}.status = 'REJECTED' THEN
  (SELECT max(day) FROM step WHERE entity_id = {0}.id AND to_state = 'REJECTED') END"""


def _at(state: str) -> str:
    return f"(SELECT max(created_at) FROM step WHERE entity_id = newest.id AND to_state = '{state}')"


def _hours(since: str, until: str) -> str:
    """Two places, and nothing that runs backwards."""
    hours = "round(extract(epoch FROM b - a) / 3600, 2)"
    return f"(SELECT {hours} FROM (SELECT {since} AS a, {until} AS b) h WHERE b >= a)"


_KEYS = {
    "source": "coalesce(seen.utm_source, cu.utm ->> 'source')",
    "campaign": "coalesce(seen.utm_campaign, cu.utm ->> 'campaign')",
    "domain": "landed.domain",
    "device": "cu.device",
    "city_tier": """CASE WHEN cu.city IN ('Gurugram', 'Noida', 'Jaipur') THEN 'Y'
      WHEN cu.city IS NOT NULL THEN 'X' END""",
    "salary_band": f"""(SELECT CASE WHEN pay < 25000 THEN 'below 25,000' WHEN pay < 50000 THEN '25,000 to 50,000'
      WHEN pay < 100000 THEN '50,000 to 1,00,000' WHEN pay IS NOT NULL THEN '1,00,000 and more' END
      FROM (SELECT {SALARY} AS pay) s)""",
}


# who came, and what brought them
_LED = """FROM cu LEFT JOIN seen ON seen.customer_id = cu.id LEFT JOIN landed ON landed.customer_id = cu.id
  LEFT JOIN newest ON newest.customer_id = cu.id LEFT JOIN memo ON memo.loan_id = newest.id"""


def _advertised(key: str, own: str) -> str:
    """What each value of a key has of what was spent in a month, to the paisa, by how many came of each campaign."""
    return f"""(SELECT coalesce(b.key, {own}) AS key, s.month, sum(CASE WHEN b.n IS NULL THEN s.amount
        ELSE trunc(s.amount * b.upto / b.whole, 2) - trunc(s.amount * (b.upto - b.n) / b.whole, 2) END) AS amount
      FROM (SELECT source, campaign, to_char(day, 'YYYY-MM') AS month, sum(amount) AS amount FROM marketing_spend
        WHERE brand_id = %(brand)s AND day {IN} GROUP BY 1, 2, 3) s
      LEFT JOIN (SELECT source, campaign, month, key, count(*) AS n,
          sum(count(*)) OVER (PARTITION BY source, campaign, month ORDER BY key COLLATE "C") AS upto,
          sum(count(*)) OVER (PARTITION BY source, campaign, month) AS whole
        FROM (SELECT {_KEYS["source"]} AS source, {_KEYS["campaign"]} AS campaign,
          to_char(cu.came_on, 'YYYY-MM') AS month, coalesce({key}, '') AS key {_LED} WHERE cu.came_on {IN}
          ) l GROUP BY 1, 2, 3, 4) b
        ON (b.source, coalesce(b.campaign, ''), b.month) = (s.source, coalesce(s.campaign, ''), s.month)
      GROUP BY 1, 2)"""


# what brought nobody still has these of its own
_OWN = {"source": "s.source", "campaign": "coalesce(s.campaign, '')"}


def _groups() -> str:
    return " UNION ALL ".join(
        f"""SELECT '{name}', coalesce(g.key, ad.key), coalesce(g.month, ad.month), coalesce(leads, 0),
          coalesce(verified, 0), coalesce(applied, 0), coalesce(approved, 0), coalesce(signed, 0), coalesce(won, 0),
          coalesce(rejected, 0), coalesce(again, 0), coalesce(lent, 0), coalesce(earned, 0),
          coalesce(commission, 0) + coalesce(ad.amount, 0), coalesce(due, 0), coalesce(bad, 0)
        FROM (SELECT coalesce({key}, '') AS key, to_char(cu.came_on, 'YYYY-MM') AS month, count(*) AS leads,
            count(cu.registered_at) AS verified, count(a.n) AS applied, count(s.n) AS approved, count(g.n) AS signed,
            count(w.n) AS won, count(r.n) AS rejected, count(*) FILTER (WHERE w.n > 1) AS again, sum(w.amount) AS lent,
            sum(e.amount) AS earned, sum(d.amount) AS commission, sum(f.due) AS due, sum(f.bad) AS bad
          {_LED}
          LEFT JOIN (SELECT customer_id, count(*) AS n FROM lo GROUP BY 1) a ON a.customer_id = cu.id
          LEFT JOIN (SELECT customer_id, count(*) AS n FROM lo JOIN sanction ON entity_id = lo.id GROUP BY 1) s
            ON s.customer_id = cu.id
          LEFT JOIN (SELECT customer_id, count(*) AS n FROM lo JOIN step ON entity_id = lo.id WHERE to_state = 'SIGNED'
            GROUP BY 1) g ON g.customer_id = cu.id
          LEFT JOIN (SELECT customer_id, count(*) AS n FROM lo JOIN step ON entity_id = lo.id
            WHERE to_state = 'REJECTED' GROUP BY 1) r ON r.customer_id = cu.id
          LEFT JOIN (SELECT customer_id, -sum(line.amount) AS amount FROM line JOIN lo ON lo.id = line.loan_id
            WHERE account IN ('FEE_INCOME', 'INTEREST_INCOME', 'PENAL_INCOME', 'CHARGES_INCOME') GROUP BY 1) e
            ON e.customer_id = cu.id
          LEFT JOIN (SELECT customer_id, count(*) AS due, count(*) FILTER (WHERE {FPD7}) AS bad FROM lo
            WHERE disbursed_at IS NOT NULL AND due_date + 7 < %(today)s GROUP BY 1) f ON f.customer_id = cu.id
          LEFT JOIN {WON} w ON w.customer_id = cu.id LEFT JOIN {COMMISSION} d ON d.who = cu.id
          WHERE cu.came_on {IN} GROUP BY 1, 2) g
        FULL JOIN {_advertised(key, _OWN.get(name, "''"))} ad ON (ad.key, ad.month) = (g.key, g.month)"""
        for name, key in _KEYS.items()
    )


_SEEN = """FROM cu LEFT JOIN newest ON newest.customer_id = cu.id LEFT JOIN seen ON seen.customer_id = cu.id
  LEFT JOIN landed ON landed.customer_id = cu.id"""

ORACLES: dict[str, Oracle] = {
    "marketing-report": Oracle(
        "customer_id loan_no disbursal_date amount_disbursed sanction_date applied_on utm_source utm_medium"
        " utm_campaign domain platform is_reloan_case rejection_date fresh_repeat",
        f"""SELECT cu.customer_no, loan_no, paid_out_on, CASE WHEN paid_out_on IS NOT NULL THEN sanctioned_amount END,
          sanction.day, applied_on, coalesce(seen.utm_source, cu.utm ->> 'source'),
          coalesce(seen.utm_medium, cu.utm ->> 'medium'), coalesce(seen.utm_campaign, cu.utm ->> 'campaign'),
          landed.domain, coalesce(seen.platform, (SELECT upper(f.platform) FROM lead_form f
            WHERE f.customer_id = cu.id ORDER BY f.id LIMIT 1)), coalesce(r.again, false), {_REFUSED_ON.format("lo")},
          CASE WHEN r.again THEN 'REPEAT' ELSE 'FRESH' END
        FROM cu LEFT JOIN lo ON lo.customer_id = cu.id LEFT JOIN seen ON seen.customer_id = cu.id
        LEFT JOIN landed ON landed.customer_id = cu.id LEFT JOIN sanction ON sanction.entity_id = lo.id
        CROSS JOIN LATERAL (SELECT bool_or(o.disbursed_at < lo.created_at) AS again FROM lo o
          WHERE o.customer_id = cu.id) r
        WHERE came_on {IN} OR paid_out_on {IN}""",
    ),
    "internal-marketing-report": Oracle(
        "customer_id salary lead_stage sanctioned_amount net_disbursed_amount disbursed_date campaign_name"
        " campaign_source campaign_medium domain created_date",
        f"""SELECT cu.customer_no, {SALARY}, replace({_STAGE}, 'REJECTED', 'Rejected'), newest.sanctioned_amount,
          newest.net_disbursal, newest.paid_out_on, coalesce(seen.utm_campaign, cu.utm ->> 'campaign'),
          coalesce(seen.utm_source, cu.utm ->> 'source'), coalesce(seen.utm_medium, cu.utm ->> 'medium'),
          landed.domain, cu.came_on
        {_SEEN} LEFT JOIN memo ON memo.loan_id = newest.id WHERE cu.came_on {IN}
          OR EXISTS (SELECT FROM lo WHERE lo.customer_id = cu.id AND lo.paid_out_on {IN})""",
    ),
    "internal-marketing-analysis-report": Oracle(
        "group_by group_key period leads otp_verified applied approved esigned disbursed rejected repeated"
        " disbursed_amount revenue spend matured_loans fpd7_loans",
        _groups(),
        only=pl.col("group_by").is_in(list(_KEYS)),
    ),
    "daily-marketing-mis-report": Oracle(
        "lead_id lead_date application_no lead_status sanctioned_amount net_disbursed_amount disbursed_date reject_date"
        " residence_state mtd_leads mtd_disbursed mtd_net_disbursed_amount domain",
        f"""SELECT cu.customer_no, cu.came_on, newest.loan_no, {_STATUS}, newest.sanctioned_amount,
          newest.net_disbursal, newest.paid_out_on, {_REFUSED_ON.format("newest")},
          CASE cu.city WHEN 'New Delhi' THEN 'Delhi' WHEN 'Gurugram' THEN 'Haryana' WHEN 'Noida' THEN 'Uttar Pradesh'
            WHEN 'Mumbai' THEN 'Maharashtra' WHEN 'Pune' THEN 'Maharashtra' WHEN 'Bengaluru' THEN 'Karnataka'
            WHEN 'Hyderabad' THEN 'Telangana' WHEN 'Chennai' THEN 'Tamil Nadu' WHEN 'Ahmedabad' THEN 'Gujarat'
            WHEN 'Kolkata' THEN 'West Bengal' WHEN 'Jaipur' THEN 'Rajasthan' END,
          m.leads, m.loans, m.net, landed.domain
        {_SEEN} CROSS JOIN LATERAL (SELECT count(*) AS leads, count(n.disbursed_at) AS loans,
            coalesce(sum(n.net_disbursal) FILTER (WHERE n.disbursed_at IS NOT NULL), 0) AS net
          FROM cu o LEFT JOIN newest n ON n.customer_id = o.id
          WHERE o.came_on BETWEEN date_trunc('month', cu.came_on) AND cu.came_on) m
        WHERE cu.came_on {IN}""",
    ),
    "lead-total-report": Oracle(
        "lead_id loan_no otp_verification user_type monthly_income loan_applied loan_recommended credit_score"
        " obligations journey_type lead_source utm_source current_state initiated_at cam_save_at customer_acceptance_at"
        " final_disbursed_at rejected_counter rejected_at transferred_flag screen_by sanction_hours disbursal_hours"
        " total_hours",
        f"""SELECT cu.customer_no, newest.loan_no, cu.registered_at IS NOT NULL,
          CASE WHEN EXISTS (SELECT FROM lo WHERE lo.customer_id = cu.id AND lo.disbursed_at < newest.created_at)
            THEN 'REPEAT' ELSE 'FRESH' END,
          {SALARY}, newest.applied_amount, (memo.computed ->> 'loan_recommended')::numeric, score.score,
          (memo.inputs ->> 'obligations')::numeric,
          CASE WHEN disbursed_at IS NOT NULL THEN 'Disbursed' WHEN newest.status = 'APPROVED' THEN 'Sanctioned'
            WHEN newest.status = 'CREDIT_EXECUTIVE_APPROVED' THEN 'Screened'
            WHEN newest.status = 'REJECTED' THEN 'Rejected' WHEN newest.status = 'CANCELLED' THEN 'Cancelled'
            WHEN newest.id IS NULL THEN 'Lead' ELSE 'In Process' END,
          {SOURCE}, coalesce(seen.utm_source, cu.utm ->> 'source'), {_STAGE},
          cu.created_at, memo.created_at, {_at("SIGNED")}, newest.disbursed_at,
          (SELECT count(*) FROM step WHERE entity_id = newest.id AND to_state = 'REJECTED'), {_at("REJECTED")}, false,
          (SELECT u.name FROM loan_allotted_partner_user a JOIN partner_user u ON u.id = a.partner_user_id
            WHERE a.loan_id = newest.id AND a.kind = 'CREDIT' ORDER BY a.id LIMIT 1),
          {_hours(_at("CREDIT_EXECUTIVE_APPROVED"), _at("APPROVED"))}, {_hours(_at("SIGNED"), "newest.disbursed_at")},
          {_hours("cu.created_at", "newest.disbursed_at")}
        {_SEEN} LEFT JOIN memo ON memo.loan_id = newest.id LEFT JOIN score ON score.loan_id = newest.id
        WHERE cu.came_on {IN}""",
    ),
}
