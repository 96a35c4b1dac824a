"""Oracles of the reports on collections."""

from tests.reporting.oracles.base import (
    BALANCE,
    DEBT,
    FEE_PCT,
    GIVEN_UP,
    IN,
    INTEREST,
    LATE,
    OTHER_DEBT,
    PENALTY,
    RECOVERED,
    REPEAT,
    SPLIT,
    Oracle,
    holder,
    who,
)

_STATUS = """CASE WHEN lo.status = 'SETTLED' THEN 'SETTLED' WHEN lo.status = 'WRITE_OFF' THEN 'WRITTEN OFF'
  WHEN p.last_on IS NULL THEN 'UNPAID' WHEN lo.status NOT IN ('PAID', 'COMPLETED') THEN 'PARTIALLY PAID'
  WHEN p.last_on < lo.due_date THEN 'PRE-CLOSED' WHEN p.last_on = lo.due_date THEN 'CLOSED' ELSE 'POST-CLOSED' END"""
_RECEIVED = """(SELECT loan_id, sum(amount) AS total, max(received_on) FILTER (WHERE amount > 0) AS last_on,
  bool_or(received_on BETWEEN %(since)s AND %(until)s) AS now FROM came GROUP BY 1)"""
_PARTS = ", ".join(
    SPLIT.format(accounts)
    for accounts in (
        "'PRINCIPAL'",
        INTEREST,
        PENALTY,
        RECOVERED,
        "'EXCESS_PAYABLE'",
    )
)
# on a loan that has ended, the payment that settled the last of its debt
_CLOSING = """pay.id = (SELECT o.id FROM pay o WHERE o.loan_id = lo.id AND EXISTS (SELECT FROM line
    WHERE line.loan_id = lo.id AND (line.reference = o.provider_payment_id
        OR left(line.reference, length(o.provider_payment_id) + 1) = o.provider_payment_id || ':')
      AND NOT taken_back AND kind IN ('PAYMENT', 'FORECLOSURE', 'RECOVERY')
      AND account IN ('PRINCIPAL', 'INTEREST_RECEIVABLE', 'PENAL_RECEIVABLE', 'CHARGES_RECEIVABLE'))
  ORDER BY o.received_on DESC, o.id DESC LIMIT 1)"""
_PAYMENT_STATUS = f"""CASE WHEN {SPLIT.format(RECOVERED)} > 0 THEN 'WRITTEN OFF'
  WHEN lo.status IN ('PAID', 'COMPLETED', 'SETTLED', 'WRITE_OFF') AND {_CLOSING} THEN
  CASE lo.status WHEN 'SETTLED' THEN 'SETTLED' WHEN 'WRITE_OFF' THEN 'WRITTEN OFF' ELSE
  CASE sign(received_on - lo.due_date) WHEN -1 THEN 'PRE-CLOSED' WHEN 0 THEN 'CLOSED' ELSE 'POST-CLOSED' END END
  ELSE 'PARTIALLY PAID' END"""


def _worked(since: str, until: str) -> str:
    """Minutes from ten to seven, but on Sundays."""
    since, until = (f"({at} AT TIME ZONE 'Asia/Kolkata')" for at in (since, until))
    return f"""CASE WHEN {until} IS NOT NULL THEN (
      SELECT floor(coalesce(sum(extract(epoch FROM upper(r) - lower(r))), 0) / 60)
      FROM generate_series(0, {until}::date - {since}::date) n, LATERAL (SELECT {since}::date + n AS d) d,
        LATERAL (SELECT tsrange({since}, {until}) * tsrange(d + time '10:00', d + time '19:00') AS r) r
      WHERE extract(isodow FROM d) < 7) END"""


def _receipts(columns: str, days: str, more: str = "") -> Oracle:
    return Oracle(
        "payment_reference loan_no payment_date payment_mode sanctioned_amount repayment_amount pf_pct paid_amount"
        " principal_received interest_received penalty_received recovered_amount excess_amount penalty_discount"
        f" round_off_discount collection_status {columns}",
        f"""SELECT coalesce(pay.reference, pay.provider_payment_id), lo.loan_no, received_on, upper(method),
          sanctioned_amount, repayment_amount, {FEE_PCT}, pay.amount, {_PARTS},
          CASE WHEN {_CLOSING} THEN {GIVEN_UP.format("'PENAL_RECEIVABLE'")} ELSE 0 END,
          CASE WHEN {_CLOSING} THEN {GIVEN_UP.format(OTHER_DEBT)} ELSE 0 END, {_PAYMENT_STATUS}{more}
        FROM pay JOIN lo ON lo.id = pay.loan_id WHERE {days} {IN}""",
    )


ORACLES: dict[str, Oracle] = {
    "master-collection-report": Oracle(
        "loan_no paid_amount payment_date dpd_days dpd_status outstanding_amount int_paid p_int_paid penalty_discount"
        " round_off_discount excess_amount collection_status fresh_repeat collection_executive credit_executive"
        " sanctioned_by disbursed_by",
        f"""SELECT loan_no, coalesce(p.total, 0), p.last_on, {LATE},
          CASE WHEN closed_on IS NOT NULL THEN 'CLOSED' WHEN due_date > %(today)s THEN 'CURRENT'
            WHEN due_date = %(today)s THEN 'DUE_TODAY' WHEN due_date >= %(today)s - 30 THEN 'OVERDUE_1_30'
            WHEN due_date >= %(today)s - 60 THEN 'OVERDUE_31_60' WHEN due_date >= %(today)s - 90 THEN 'OVERDUE_61_90'
            ELSE 'NPA' END,
          (SELECT coalesce(sum(amount), 0) FROM line WHERE loan_id = lo.id AND account IN ({DEBT})),
          -coalesce((SELECT sum(amount) FROM line WHERE loan_id = lo.id AND kind IN ('PAYMENT', 'SUSPENSE_PLACED')
            AND NOT taken_back AND account = 'INTEREST_RECEIVABLE'), 0),
          -coalesce((SELECT sum(amount) FROM line WHERE loan_id = lo.id AND kind IN ('PAYMENT', 'RECOVERY')
            AND NOT taken_back AND account IN ('PENAL_RECEIVABLE', 'CHARGES_RECEIVABLE')), 0),
          {GIVEN_UP.format("'PENAL_RECEIVABLE'")}, {GIVEN_UP.format(OTHER_DEBT)},
          -coalesce((SELECT sum(amount) FROM line WHERE loan_id = lo.id AND kind <> 'REFUND' AND NOT taken_back
            AND account = 'EXCESS_PAYABLE'), 0), {_STATUS}, {REPEAT}, {holder("COLLECTION")}, {holder("CREDIT")},
          {who("APPROVED")}, {who("DISBURSAL_IN_PROCESS")}
        FROM lo LEFT JOIN {_RECEIVED} p ON p.loan_id = lo.id
        WHERE disbursed_at IS NOT NULL AND (due_date {IN} OR p.now)""",
    ),
    "collection-loan-report": _receipts("status", "pay.received_on", ", lo.status"),
    "collection-due-report": Oracle(
        "loan_no demand_amount collected_till_due collected_after_due collected_total balance collected_pct"
        " paid_on_time collection_status",
        f"""SELECT loan_no, repayment_amount, coalesce(x.till, 0), coalesce(p.total, 0) - coalesce(x.till, 0),
          coalesce(p.total, 0), {BALANCE},
          round(coalesce(p.total, 0) * 100 / repayment_amount, 2),
          CASE WHEN due_date < %(today)s OR x.till >= repayment_amount THEN coalesce(x.till >= repayment_amount, false)
            END, {_STATUS}
        FROM lo LEFT JOIN {_RECEIVED} p ON p.loan_id = lo.id
        LEFT JOIN (SELECT came.loan_id, sum(amount) AS till FROM came JOIN lo o ON o.id = came.loan_id
          WHERE received_on <= o.due_date GROUP BY 1) x ON x.loan_id = lo.id
        WHERE disbursed_at IS NOT NULL AND due_date {IN}""",
    ),
    "collection-loan-report-by-approved-date": _receipts(
        "approved_date suspense_days",
        "(pay.created_at AT TIME ZONE 'Asia/Kolkata')::date",
        """, pay.created_at,
          (pay.created_at AT TIME ZONE 'Asia/Kolkata')::date - pay.received_on""",
    ),
    "collection-allocation-executive-report": Oracle(
        "loan_no collection_executive collection_executive_email outstanding_principal outstanding_interest"
        " outstanding_amount collected_in_range dpd_days ptp_date ptp_amount last_disposition",
        f"""SELECT loan_no, a.name, a.email, principal, interest, principal + interest + penal,
          coalesce((SELECT sum(amount) FROM came WHERE loan_id = lo.id AND received_on {IN}), 0), {LATE},
          p.due_on, p.amount, (SELECT code FROM disposition d WHERE d.loan_id = lo.id ORDER BY id DESC LIMIT 1)
        FROM lo JOIN held a ON a.loan_id = lo.id AND a.kind = 'COLLECTION' JOIN owed ON owed.loan_id = lo.id
        LEFT JOIN LATERAL (SELECT * FROM promise_to_pay p WHERE p.loan_id = lo.id ORDER BY id DESC LIMIT 1) p ON true
        WHERE due_date {IN}""",
    ),
    "credit-executive-allocation-report": Oracle(
        "loan_no credit_executive_email allotted_at loan_applied monthly_income credit_score disbursed disbursed_amount"
        " recommended_amount final_sanctioned_amount decision rejection_reason fpd7 fresh_repeat reporting_manager"
        " decision_tat_min",
        f"""SELECT loan_no, u.email, a.created_at, applied_amount,
          coalesce((memo.computed ->> 'avg_salary')::numeric, cu.declared_monthly_salary), score.score,
          disbursed_at IS NOT NULL, CASE WHEN disbursed_at IS NOT NULL THEN sanctioned_amount END,
          lo.credit_approved_amount,
          CASE WHEN EXISTS (SELECT FROM step WHERE entity_id = lo.id AND to_state = 'APPROVED') THEN sanctioned_amount
            END,
          CASE WHEN lo.status = 'APPLIED' THEN 'PENDING' ELSE coalesce((
            SELECT CASE to_state WHEN 'REJECTED' THEN to_state ELSE 'APPROVED' END FROM step
            WHERE entity_id = lo.id AND actor_id = u.id::text
              AND to_state IN ('REJECTED', 'CREDIT_EXECUTIVE_APPROVED')), 'ENDED') END,
          (SELECT replace(reason_code, ',', '; ') FROM step WHERE entity_id = lo.id AND to_state = 'REJECTED'
            ORDER BY id DESC LIMIT 1),
          CASE WHEN disbursed_at IS NOT NULL AND due_date + 7 < %(today)s
            THEN coalesce(closed_on > due_date + 7, true) END, {REPEAT},
          (SELECT m.name FROM partner_user_brand_role r, partner_user m WHERE r.brand_id = %(brand)s
            AND r.partner_user_id = u.id AND r.role = 'CREDIT_EXECUTIVE' AND m.id = r.reports_to),
          {_worked("a.created_at", "decided.at")}
        FROM lo JOIN loan_allotted_partner_user a ON a.loan_id = lo.id AND a.kind = 'CREDIT'
        JOIN partner_user u ON u.id = a.partner_user_id JOIN cu ON cu.id = lo.customer_id
        LEFT JOIN memo ON memo.loan_id = lo.id LEFT JOIN score ON score.loan_id = lo.id
        LEFT JOIN (SELECT entity_id, actor_id, min(created_at) AS at FROM step
          WHERE to_state IN ('REJECTED', 'CREDIT_EXECUTIVE_APPROVED') GROUP BY 1, 2) decided
          ON decided.entity_id = lo.id AND decided.actor_id = u.id::text AND decided.at >= a.created_at
        WHERE (a.created_at AT TIME ZONE 'Asia/Kolkata')::date {IN}""",
        worded="rejection_reason",
    ),
    "collection-remarks-report": Oracle(
        "loan_no remark timing disposition ptp_date ptp_amount channel contact_party call_id added_by"
        " dpd_days_at_time",
        f"""SELECT loan_no, d.remark, d.created_at, code, due_on, p.amount, channel, contact_party, call_ref,
          coalesce(u.name, d.author_role), days_past_due
        FROM disposition d JOIN lo ON lo.id = d.loan_id LEFT JOIN partner_user u ON u.id::text = d.author_id
        LEFT JOIN promise_to_pay p ON p.loan_id = d.loan_id AND d.code = 'PTP' AND p.made_by = d.author_id
          AND p.made_on = (d.created_at AT TIME ZONE 'Asia/Kolkata')::date
        WHERE (d.created_at AT TIME ZONE 'Asia/Kolkata')::date {IN}""",
    ),
    "total-recovery-report": Oracle(
        "reference_number loan_no received_amount date_of_received dpd_at_payment collection_type discount refund"
        " closure_remark principal_received interest_received penalty_received recovered_amount excess_amount",
        f"""SELECT coalesce(reference, provider_payment_id), loan_no, amount, received_on, received_on - due_date,
          CASE WHEN {SPLIT.format(RECOVERED)} > 0 THEN 'POST_WRITE_OFF'
            WHEN received_on < due_date THEN 'PRE_DUE' WHEN received_on = due_date THEN 'ON_DUE'
            WHEN received_on - due_date <= 10 THEN 'PRE_10' WHEN received_on - due_date <= 60 THEN 'COLLECTION'
            WHEN received_on - due_date <= 180 THEN 'RECOVERY' ELSE 'LEGAL' END,
          CASE WHEN {_CLOSING} THEN {GIVEN_UP.format(DEBT)} ELSE 0 END,
          CASE WHEN row_number() OVER (PARTITION BY lo.id ORDER BY received_on DESC, pay.id DESC) = 1 THEN
            (SELECT coalesce(sum(line.amount), 0) FROM line WHERE line.loan_id = lo.id AND kind = 'REFUND'
              AND account = 'EXCESS_PAYABLE') ELSE 0 END,
          (SELECT coalesce(k.remark, k.reason) FROM concession k WHERE k.loan_id = lo.id AND k.status = 'DONE'
            AND k.kind <> 'WAIVER' ORDER BY k.id DESC LIMIT 1), {_PARTS}
        FROM pay JOIN lo ON lo.id = pay.loan_id WHERE received_on {IN}""",
    ),
    "field-visit-report": Oracle(
        "visit_id loan_no field_executive visit_status visit_type outcome met_whom amount_collected distance_km"
        " calling_team_remarks visit_reason collection_remarks allocation_date dpd_days",
        f"""SELECT v.id::text, loan_no, u.name, v.status, visit_type, outcome, met_whom, v.amount_collected,
          distance_km, 'Required', v.reason,
          (SELECT remark FROM disposition d WHERE d.loan_id = lo.id ORDER BY id DESC LIMIT 1),
          (v.created_at AT TIME ZONE 'Asia/Kolkata')::date, {LATE}
        FROM field_visit v JOIN lo ON lo.id = v.loan_id JOIN partner_user u ON u.id = v.partner_user_id
        WHERE (v.created_at AT TIME ZONE 'Asia/Kolkata')::date {IN}""",
    ),
}
