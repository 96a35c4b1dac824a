"""Oracles of what analysts ask for."""

import polars as pl

from tests.reporting.oracles.base import COMMISSION, IN, WON, Oracle
from tests.reporting.oracles.user_loan import FAILED

_STAND = """CASE WHEN lo.paid_out_on > {0} THEN 'NEW' WHEN lo.closed_on <= {0} THEN
  CASE lo.status WHEN 'WRITE_OFF' THEN 'WRITE_OFF' ELSE 'CLOSED' END
  WHEN {0} <= lo.due_date THEN 'CURRENT' WHEN {0} <= lo.due_date + 30 THEN '1-30' WHEN {0} <= lo.due_date + 60
  THEN '31-60' WHEN {0} <= lo.due_date + 90 THEN '61-90' ELSE '91+' END"""

ORACLES: dict[str, Oracle] = {
    "vintage-report": Oracle(
        "cohort days_since_due loans unpaid_loans unpaid_amount net_loss_amount",
        f"""SELECT to_char(paid_out_on, 'YYYY-MM'), age, count(*),
          count(*) FILTER (WHERE closed_on IS NULL OR closed_on > due_date + age),
          coalesce(sum(sanctioned_amount) FILTER (WHERE closed_on IS NULL OR closed_on > due_date + age), 0),
          coalesce(sum((SELECT -sum(amount) FROM line WHERE loan_id = lo.id AND settles_from <= due_date + age
            AND (kind, account) IN (('WRITE_OFF', 'PRINCIPAL'), ('RECOVERY', 'COLLECTION')))), 0)
        FROM lo, unnest(ARRAY[0, 1, 3, 7, 15, 30, 60, 90, 180]) age WHERE paid_out_on {IN}
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
          FROM lo LEFT JOIN came ON came.loan_id = lo.id WHERE disbursed_at IS NOT NULL AND due_date {IN}
          GROUP BY 1, 2, 3) x GROUP BY 1""",
        only=pl.col("cut") == "all",
    ),
    "funnel-report": Oracle(
        "step customers",
        f"""SELECT 'CLICK', count(*) FROM click WHERE brand_id = %(brand)s
          AND (created_at AT TIME ZONE 'Asia/Kolkata')::date {IN}
        UNION ALL
        SELECT step, count(*) FROM cu, LATERAL (VALUES
          ('LEAD', true), ('APPLIED', EXISTS (SELECT FROM lo WHERE customer_id = cu.id)),
          ('PASSED', EXISTS (SELECT FROM lo JOIN decision d ON d.loan_id = lo.id
            WHERE lo.customer_id = cu.id AND d.outcome IN ('APPROVE', 'REFER'))),
          ('RECOMMENDED', EXISTS (SELECT FROM lo JOIN step ON entity_id = lo.id
            WHERE customer_id = cu.id AND to_state = 'CREDIT_EXECUTIVE_APPROVED')),
          ('DISBURSED', EXISTS (SELECT FROM lo WHERE customer_id = cu.id AND disbursed_at IS NOT NULL))) s(step, came)
        WHERE came_on {IN} AND came GROUP BY 1""",
        only=(pl.col("cut") == "all")
        & pl.col("step").is_in(["CLICK", "LEAD", "APPLIED", "PASSED", "RECOMMENDED", "DISBURSED"]),
    ),
    "campaign-roi-report": Oracle(
        "utm_source utm_campaign leads disbursed disbursed_amount revenue affiliate_payout advertising spend",
        f"""SELECT coalesce(x.source, m.source), coalesce(x.campaign, m.campaign), coalesce(leads, 0),
          coalesce(disbursed, 0), coalesce(lent, 0), coalesce(revenue, 0), coalesce(payout, 0), coalesce(m.amount, 0),
          coalesce(payout, 0) + coalesce(m.amount, 0)
        FROM (SELECT coalesce(seen.utm_source, cu.utm ->> 'source') AS source,
            coalesce(seen.utm_campaign, cu.utm ->> 'campaign') AS campaign, count(*) AS leads, count(w.n) AS disbursed,
            sum(w.amount) AS lent, sum(r.amount) AS revenue, sum(d.amount) AS payout
          FROM cu LEFT JOIN seen ON seen.customer_id = cu.id LEFT JOIN {WON} w ON w.customer_id = cu.id
          LEFT JOIN (SELECT customer_id, -sum(line.amount) AS amount FROM line JOIN lo ON lo.id = line.loan_id
            WHERE account IN ('FEE_INCOME', 'INTEREST_INCOME', 'PENAL_INCOME') GROUP BY 1) r ON r.customer_id = cu.id
          LEFT JOIN {COMMISSION} d ON d.who = cu.id WHERE came_on {IN} GROUP BY 1, 2) x
        FULL JOIN (SELECT source, campaign, sum(amount) AS amount FROM marketing_spend
          WHERE brand_id = %(brand)s AND day {IN} GROUP BY 1, 2) m
          ON (coalesce(x.source, ''), coalesce(x.campaign, '')) = (m.source, coalesce(m.campaign, ''))""",
        only=(pl.col("leads") > 0) | (pl.col("advertising") > 0),
    ),
    "reject-waterfall-report": Oracle(
        "effect rule_id failed first_failed sole_failed",
        f"""SELECT effect, rule_id, count(*), count(*) FILTER (WHERE n = least), count(*) FILTER (WHERE 1 = more)
        FROM (SELECT f.*, min(n) OVER loan AS least, count(*) OVER loan AS more FROM {FAILED} f
          WINDOW loan AS (PARTITION BY id, effect)) f GROUP BY 1, 2""",
    ),
}
