"""What oracles share: rows of the brand with their days in India, and pieces of SQL.

Written by other means than the reports: joins and groups over whole tables, what was owed by the lines of the journal.
"""

from dataclasses import dataclass, field

import polars as pl

PRELUDE = """
WITH lo AS (
  SELECT l.*, (created_at AT TIME ZONE 'Asia/Kolkata')::date AS applied_on,
    (disbursed_at AT TIME ZONE 'Asia/Kolkata')::date AS paid_out_on,
    (closed_at AT TIME ZONE 'Asia/Kolkata')::date AS shut_on,
    CASE WHEN status = 'PAID' THEN repaid_on ELSE (closed_at AT TIME ZONE 'Asia/Kolkata')::date END AS ended_on,
    CASE WHEN repaid_on IS NULL THEN (closed_at AT TIME ZONE 'Asia/Kolkata')::date ELSE repaid_on END AS closed_on
  FROM loan l WHERE brand_id = %(brand)s),
cu AS (
  SELECT c.*, (created_at AT TIME ZONE 'Asia/Kolkata')::date AS came_on FROM customer c
  WHERE brand_id = %(brand)s AND is_active),
pay AS (
  SELECT p.id, p.loan_id, p.provider_payment_id, p.reference, p.received_on, p.method, p.created_at,
    p.amount - p.reversed_amount AS amount
  FROM payment_collection_transaction p WHERE brand_id = %(brand)s AND status = 'SUCCESS'),
step AS (
  SELECT s.*, (created_at AT TIME ZONE 'Asia/Kolkata')::date AS day FROM state_change s
  WHERE brand_id = %(brand)s AND entity IN ('loan', 'agreement')),
sanction AS (
  SELECT entity_id, min(day) AS day FROM step WHERE to_state IN ('SANCTION_MANAGER_APPROVED', 'APPROVED') GROUP BY 1),
line AS (
  SELECT e.loan_id, e.kind, e.reference, e.business_date, coalesce(e.value_date, e.business_date) AS settles_from,
    j.account, j.debit - j.credit AS amount,
    (e.kind, e.reference) IN (SELECT r.facts ->> 'of_kind', r.facts ->> 'of_reference' FROM journal_entry r
      WHERE r.brand_id = %(brand)s AND r.kind = 'REVERSAL') AS taken_back
  FROM journal_entry e JOIN journal_line j ON j.brand_id = e.brand_id AND j.entry_id = e.id
  WHERE e.brand_id = %(brand)s),
came AS (
  SELECT loan_id, settles_from AS received_on, amount FROM line
  WHERE account = 'COLLECTION' AND kind <> 'REVERSAL' AND NOT taken_back),
owed AS (
  SELECT loan_id, coalesce(sum(amount) FILTER (WHERE account = 'PRINCIPAL'), 0) AS principal,
    coalesce(sum(amount) FILTER (WHERE account = 'INTEREST_RECEIVABLE'), 0) AS interest,
    coalesce(sum(amount) FILTER (WHERE account IN ('PENAL_RECEIVABLE', 'CHARGES_RECEIVABLE')), 0) AS penal
  FROM line WHERE business_date <= %(until)s GROUP BY 1),
seen AS (
  SELECT DISTINCT ON (v.customer_id) v.customer_id, k.* FROM customer_touch v JOIN click k ON k.id = v.click_id
  WHERE v.brand_id = %(brand)s ORDER BY v.customer_id, v.id DESC),
landed AS (
  SELECT DISTINCT ON (v.customer_id) v.customer_id, k.domain FROM customer_touch v JOIN click k ON k.id = v.click_id
  WHERE v.brand_id = %(brand)s ORDER BY v.customer_id, v.id),
newest AS (SELECT DISTINCT ON (customer_id) * FROM lo ORDER BY customer_id, id DESC),
memo AS (SELECT DISTINCT ON (loan_id) * FROM cam_calculator WHERE brand_id = %(brand)s ORDER BY loan_id, version DESC),
score AS (SELECT DISTINCT ON (loan_id) * FROM bureau_report WHERE brand_id = %(brand)s ORDER BY loan_id, id DESC),
held AS (
  SELECT a.*, u.name, u.email FROM loan_allotted_partner_user a JOIN partner_user u ON u.id = a.partner_user_id
  WHERE a.brand_id = %(brand)s AND a.is_active),
acted AS (SELECT step.*, u.name FROM step LEFT JOIN partner_user u ON u.id::text = step.actor_id)
"""

IN = "BETWEEN %(since)s AND %(until)s"
REPEAT = """CASE WHEN EXISTS (SELECT FROM lo o WHERE o.customer_id = lo.customer_id AND o.disbursed_at < lo.created_at)
  THEN 'REPEAT' ELSE 'FRESH' END"""
BUCKET = """CASE WHEN {0} <= 0 THEN 'Current' WHEN {0} <= 30 THEN '1-30' WHEN {0} <= 60 THEN '31-60'
  WHEN {0} <= 90 THEN '61-90' WHEN {0} <= 180 THEN '91-180' ELSE '180+' END"""
# of what a payment did, as the ledger has it; what was taken back of it was booked anew under a longer reference
SPLIT = """(SELECT -coalesce(sum(amount), 0) FROM line
  WHERE line.loan_id = pay.loan_id AND (reference = pay.provider_payment_id
      OR left(reference, length(pay.provider_payment_id) + 1) = pay.provider_payment_id || ':')
    AND kind IN ('PAYMENT', 'FORECLOSURE', 'RECOVERY', 'SUSPENSE_IN') AND NOT taken_back AND account IN ({0}))"""
INTEREST = "'INTEREST_RECEIVABLE', 'INTEREST_INCOME', 'INTEREST_SUSPENSE'"
PENALTY = """'PENAL_RECEIVABLE', 'PENAL_INCOME', 'PENAL_SUSPENSE', 'CHARGES_RECEIVABLE', 'CHARGES_INCOME',
  'CHARGES_SUSPENSE', 'GST_PAYABLE'"""
RECOVERED = "'RECOVERY_INCOME', 'WRITE_OFF', 'WAIVER'"
GIVEN_UP = """(SELECT -coalesce(sum(amount), 0) FROM line WHERE loan_id = lo.id AND kind IN ('WAIVER', 'SETTLEMENT')
  AND NOT taken_back AND account IN ({0}))"""
OTHER_DEBT = "'PRINCIPAL', 'INTEREST_RECEIVABLE', 'CHARGES_RECEIVABLE'"
DEBT = f"'PENAL_RECEIVABLE', {OTHER_DEBT}"
# of the principal and interest of the agreement, what was neither paid nor given up
_GONE = """(SELECT coalesce(sum(amount), 0) FROM line WHERE loan_id = lo.id AND account = '{0}' AND NOT taken_back
  AND kind IN ('PAYMENT', 'FORECLOSURE', 'RECOVERY', 'SUSPENSE_PLACED', 'WAIVER', 'SETTLEMENT'))"""
BALANCE = f"""CASE WHEN lo.status IN ('PAID', 'COMPLETED', 'SETTLED') THEN 0
  ELSE greatest(lo.sanctioned_amount + {_GONE.format("PRINCIPAL")}, 0)
    + greatest(lo.repayment_amount - lo.sanctioned_amount + {_GONE.format("INTEREST_RECEIVABLE")}, 0) END"""
FPD7 = "(lo.due_date + 7 < %(today)s AND coalesce(lo.closed_on > lo.due_date + 7, true))"
WAITING = "lo.status = 'APPROVED' AND lo.agreement_status = 'SIGNED' AND lo.disbursed_at IS NULL"
# how late a loan is today, or was when it was repaid
LATE = "greatest(coalesce(lo.closed_on, %(today)s) - lo.due_date, 0)"
FEE_PCT = "round(lo.processing_fee * 100 / lo.sanctioned_amount, 2)"
SALARY = "coalesce((memo.computed ->> 'avg_salary')::numeric, cu.declared_monthly_salary)"
SOURCE = """coalesce(nullif(trim(concat(cu.utm ->> 'source', ' ' || (cu.utm ->> 'medium'),
  ' ' || (cu.utm ->> 'campaign'))), ''), (SELECT (array_agg(f.campaign_name ORDER BY f.id))[1] FROM lead_form f
  WHERE f.customer_id = cu.id), 'Direct')"""
WON = """(SELECT customer_id, count(*) AS n, sum(sanctioned_amount) AS amount FROM lo
  WHERE disbursed_at IS NOT NULL GROUP BY 1)"""

# what affiliates are to get for each customer: of the first visit, and of the last one before each loan
COMMISSION = """(SELECT who, sum(amount) AS amount FROM (
  SELECT v.customer_id AS who, x.payout_rate AS amount FROM customer_touch v JOIN cu ON cu.id = v.customer_id
  JOIN click k ON k.id = v.click_id JOIN affiliate x ON x.id = k.affiliate_id
  WHERE x.payout_model = 'CPL' AND k.created_at BETWEEN cu.created_at - interval '30 days' AND cu.created_at
    AND NOT EXISTS (SELECT FROM customer_touch w WHERE w.customer_id = v.customer_id AND w.id < v.id)
  UNION ALL
  SELECT lo.customer_id, CASE x.payout_model WHEN 'REV_SHARE' THEN round(x.payout_rate * lo.sanctioned_amount / 100, 2)
    WHEN 'CPA' THEN CASE WHEN NOT EXISTS (SELECT FROM lo e WHERE e.customer_id = lo.customer_id
      AND e.disbursed_at < lo.disbursed_at) THEN x.payout_rate END END
  FROM lo JOIN customer_touch v ON v.customer_id = lo.customer_id AND v.created_at < lo.created_at
  JOIN click k ON k.id = v.click_id JOIN affiliate x ON x.id = k.affiliate_id
  WHERE lo.disbursed_at IS NOT NULL AND k.created_at > lo.created_at - interval '30 days'
    AND NOT EXISTS (SELECT FROM customer_touch w WHERE w.customer_id = v.customer_id AND w.id > v.id
      AND w.created_at < lo.created_at)) d GROUP BY who)"""


def who(state: str, loan: str = "lo", order: str = "DESC") -> str:
    """Who took a loan to a state last, or first."""
    return f"""(SELECT coalesce(name, actor_role) FROM acted WHERE entity_id = {loan}.id AND to_state = '{state}'
      ORDER BY acted.id {order} LIMIT 1)"""


def holder(desk: str, what: str = "name", loan: str = "lo") -> str:
    """Who of a desk has a loan now; one that was written off is recovered by those who collect."""
    return f"(SELECT held.{what} FROM held WHERE held.loan_id = {loan}.id AND held.role = '{desk}_EXECUTIVE')"


@dataclass(frozen=True)
class Oracle:
    """`sql` gives `columns`, in any order of rows; what was chosen of the report stands after a ? in its name. `only`:
    the rows that it speaks of. `ahead`: the days end so many days from now. `worded`: a column of codes, each with
    words that the database does not know."""

    columns: str
    sql: str
    only: pl.Expr | None = field(default=None, compare=False)
    ahead: int = 0
    worded: str | None = None
