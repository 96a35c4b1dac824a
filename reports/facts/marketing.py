"""Where a customer came from, and what became of them."""

from reports.columns.expressions import TODAY, name_of, unpaid_after_due

UNPAID_7 = unpaid_after_due("b", 7)


def _click(which: str, order: str) -> str:
    return f"""
        SELECT k.*, v.created_at AS touched_at FROM customer_touch v
        JOIN click k ON k.brand_id = v.brand_id AND k.id = v.click_id
        WHERE v.brand_id = c.brand_id AND v.customer_id = c.id AND {which} ORDER BY {order} LIMIT 1"""


# a visit counts for what the customer does after it for so long
WINDOW_DAYS = 30


def _paid_for(click: str, done_at: str) -> str:
    # a visit of which a page told with the phone alone is written down right after the customer
    return f"""
        SELECT x.* FROM affiliate x WHERE x.brand_id = c.brand_id AND x.id = {click}.affiliate_id
          AND {click}.touched_at <= {done_at} + interval '1 minute'
          AND {click}.created_at >= {done_at} - interval '{WINDOW_DAYS} days'"""


def _visit_before(loan: str) -> str:
    return f"""
        SELECT k.*, v.created_at AS touched_at FROM customer_touch v
        JOIN click k ON k.brand_id = v.brand_id AND k.id = v.click_id
        WHERE v.brand_id = {loan}.brand_id AND v.customer_id = {loan}.customer_id AND v.created_at <= {loan}.created_at
        ORDER BY v.id DESC LIMIT 1"""


_FIRST_CLICK = _click("v.is_first", "v.id")

FACTS: dict[str, str] = {
    # how they came, and what brought them back last
    "first_click": _FIRST_CLICK,
    "last_click": _click("true", "v.id DESC"),
    # the last visit before the loan was applied for
    "loan_click": _visit_before("l"),
    # who is paid for the customer, and for the loan: of a visit not too long before
    "first_partner": _paid_for("first_click", "c.created_at"),
    "loan_partner": _paid_for("loan_click", "l.created_at"),
    # what affiliates are to get for the customer, and for the loans that were paid out to them
    "commission": f"""
        SELECT coalesce(sum(due.amount), 0) AS amount FROM (
          SELECT p.payout_rate AS amount FROM ({_FIRST_CLICK}) k, LATERAL ({_paid_for("k", "c.created_at")}) p
          WHERE p.payout_model = 'CPL'
          UNION ALL
          SELECT CASE p.payout_model WHEN 'CPA' THEN CASE WHEN b.is_first THEN p.payout_rate END
            WHEN 'REV_SHARE' THEN round(b.sanctioned_amount * p.payout_rate / 100, 2) END
          FROM (SELECT o.*, o.disbursed_at = min(o.disbursed_at) OVER () AS is_first FROM loan o
            WHERE o.brand_id = c.brand_id AND o.customer_id = c.id AND o.disbursed_at IS NOT NULL) b,
            LATERAL ({_visit_before("b")}) k, LATERAL ({_paid_for("k", "b.created_at")}) p) due""",
    # the advertisement's form that they filled in, matched by phone or e-mail
    "form": """
        SELECT f.* FROM lead_form f WHERE f.brand_id = c.brand_id AND f.customer_id = c.id ORDER BY f.id LIMIT 1""",
    # the first time that any of the customer's loans came so far
    "reached": """
        SELECT min(s.created_at) FILTER (WHERE s.entity = 'loan' AND s.to_state
            IN ('SANCTION_MANAGER_APPROVED', 'APPROVED')) AS approved_at,
          min(s.created_at) FILTER (WHERE s.entity = 'loan' AND s.to_state = 'CREDIT_EXECUTIVE_APPROVED')
            AS recommended_at,
          min(s.created_at) FILTER (WHERE s.entity = 'agreement' AND s.to_state = 'SIGNED') AS signed_at,
          (array_agg(s.reason_code ORDER BY s.id) FILTER (WHERE s.entity = 'loan' AND s.to_state = 'REJECTED'))[1]
            AS rejected_for
        FROM loan b JOIN state_change s ON s.brand_id = b.brand_id AND s.entity_id = b.id
        WHERE b.brand_id = c.brand_id AND b.customer_id = c.id AND s.entity IN ('loan', 'agreement')""",
    # what the rules said first
    "first_verdict": """
        SELECT d.outcome FROM loan b JOIN decision d ON d.brand_id = b.brand_id AND d.loan_id = b.id
        WHERE b.brand_id = c.brand_id AND b.customer_id = c.id ORDER BY d.id LIMIT 1""",
    # what the customer's loans brought
    "earned": """
        SELECT sum(j.credit - j.debit) AS amount FROM loan b
        JOIN journal_entry e ON e.brand_id = b.brand_id AND e.loan_id = b.id
        JOIN journal_line j ON j.brand_id = e.brand_id AND j.entry_id = e.id
        WHERE b.brand_id = c.brand_id AND b.customer_id = c.id
          AND j.account IN ('FEE_INCOME', 'INTEREST_INCOME', 'PENAL_INCOME', 'CHARGES_INCOME')""",
    # loans that were paid out
    "won": f"""
        SELECT sum(b.sanctioned_amount) AS amount,
          count(*) FILTER (WHERE b.due_date + 7 < {TODAY}) AS matured,
          count(*) FILTER (WHERE {UNPAID_7}) AS unpaid_7,
          sum(b.sanctioned_amount) FILTER (WHERE b.status = 'WRITE_OFF'
            OR (b.closed_at IS NULL AND b.due_date + 90 < {TODAY})) AS amount_at_risk
        FROM loan b
        WHERE b.brand_id = c.brand_id AND b.customer_id = c.id AND b.disbursed_at IS NOT NULL""",
    # who had the application first, and who paid it out
    "screener": """
        SELECT p.name, a.created_at FROM loan_allotted_partner_user a JOIN partner_user p ON p.id = a.partner_user_id
        WHERE a.brand_id = l.brand_id AND a.loan_id = l.id AND a.kind = 'CREDIT' ORDER BY a.id LIMIT 1""",
    "release": f"""
        SELECT o.created_at, o.decided_at, {name_of("o.decided_by")} AS decided_by FROM disbursal_order o
        WHERE o.brand_id = l.brand_id AND o.loan_id = l.id AND o.status <> 'REJECTED' ORDER BY o.id DESC LIMIT 1""",
    "uploads": """
        SELECT bool_or(d.source = 'CUSTOMER') AS by_customer, bool_or(d.source = 'STAFF') AS by_staff FROM document d
        WHERE d.brand_id = c.brand_id AND d.customer_id = c.id AND d.kind <> 'SELFIE'""",
    # when they came so far, the first time each
    "milestones": """
        SELECT
          (SELECT max(first_at) FROM (
            SELECT min(k.created_at) AS first_at FROM kyc_check k
            WHERE k.brand_id = c.brand_id AND k.customer_id = c.id AND k.status = 'VERIFIED'
              AND k.kind IN ('PAN', 'AADHAAR') GROUP BY k.kind) x HAVING count(*) = 2) AS kyc_at,
          (SELECT min(a.created_at) FROM user_bank_account a
            WHERE a.brand_id = c.brand_id AND a.customer_id = c.id AND a.verified) AS bank_at,
          (SELECT min(r.created_at) FROM bureau_report r
            WHERE r.brand_id = c.brand_id AND r.customer_id = c.id AND r.status = 'READ') AS bureau_at,
          (SELECT min(m.active_at) FROM mandate m
            WHERE m.brand_id = c.brand_id AND m.customer_id = c.id) AS mandate_at,
          (SELECT min(r.created_at) FROM loan b JOIN bda_report r ON r.brand_id = b.brand_id AND r.loan_id = b.id
            WHERE b.brand_id = c.brand_id AND b.customer_id = c.id
              AND r.status IN ('READY', 'DELETED')) AS bank_data_at,
          (SELECT min(d.created_at) FROM loan b JOIN decision d ON d.brand_id = b.brand_id AND d.loan_id = b.id
            WHERE b.brand_id = c.brand_id AND b.customer_id = c.id) AS decided_at,
          (SELECT min(d.created_at) FROM loan b JOIN decision d ON d.brand_id = b.brand_id AND d.loan_id = b.id
            WHERE b.brand_id = c.brand_id AND b.customer_id = c.id AND d.outcome <> 'REJECT') AS passed_at,
          (SELECT min(k.created_at) FROM kfs_acceptance k
            WHERE k.brand_id = c.brand_id AND k.customer_id = c.id) AS accepted_at""",
}
