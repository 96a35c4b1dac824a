"""What is known about a loan, a customer or a payment: each fact is one SELECT, written once.

A report says what its rows are (a grain and a condition) and which columns it shows. The facts that the columns
mention by name (`cam.remark`) are joined; others cost nothing.

Facts are LATERAL: looked up by an index for each row, whatever the planner believes. Joined as whole tables they
are faster for a full book, and hundreds of times slower where statistics lag behind, as they do for today's rows.
"""

from collections.abc import Iterable

from reports.balance import balance
from reports.base import Column, Source
from reports.columns import DICTIONARY
from reports.columns.expressions import REPORTED_ON, day

# What a row stands for: the tables l (loan), c (customer) and t (payment) that columns and facts speak of.
LOANS = """
FROM loan l
JOIN customer c ON c.brand_id = l.brand_id AND c.id = l.customer_id
WHERE l.brand_id = %(brand_id)s AND c.is_active"""

# A customer stands with their latest loan, if they have one.
CUSTOMERS = """
FROM customer c
LEFT JOIN LATERAL (
  SELECT l.* FROM loan l WHERE l.brand_id = c.brand_id AND l.customer_id = c.id ORDER BY l.id DESC LIMIT 1
) l ON true
WHERE c.brand_id = %(brand_id)s AND c.is_active"""

PAYMENTS = """
FROM payment_collection_transaction t
JOIN loan l ON l.brand_id = t.brand_id AND l.id = t.loan_id
JOIN customer c ON c.brand_id = l.brand_id AND c.id = l.customer_id
WHERE t.brand_id = %(brand_id)s AND t.status = 'SUCCESS'"""


def _person(text: str) -> str:
    """The staff p whose id a text holds. Those that hold no id ('system', a provider) are shorter than one."""
    return f"LEFT JOIN partner_user p ON p.id = CASE WHEN length({text}) = 36 THEN {text}::uuid END"


def _last(what: str, when: str) -> str:
    return f"(array_agg({what} ORDER BY s.id DESC) FILTER (WHERE {when}))[1]"


_SANCTION = """s.to_state IN ('SANCTION_MANAGER_APPROVED', 'APPROVED', 'REJECTED')
    AND s.from_state IN ('CREDIT_EXECUTIVE_APPROVED', 'SANCTION_MANAGER_APPROVED')"""
_WHO = "coalesce(p.name, s.actor_role)"
_OWED = "('PRINCIPAL', 'INTEREST_RECEIVABLE', 'PENAL_RECEIVABLE')"


def _settled(account: str) -> str:
    return f"coalesce(sum(j.credit - j.debit) FILTER (WHERE j.account = '{account}'), 0)"


def _pull(condition: str) -> str:
    """The customer's newest bureau report that could be read, of those that fulfil a condition."""
    return f"""
        SELECT b.* FROM bureau_report b
        WHERE b.brand_id = l.brand_id AND b.customer_id = l.customer_id AND b.status = 'READ' AND {condition}
        ORDER BY b.id DESC LIMIT 1"""


# Each gives at most one row. Every table in them is held to the brand, and found by an index.
FACTS: dict[str, str] = {
    # the latest version
    "cam": """
        SELECT m.* FROM cam_calculator m WHERE m.brand_id = l.brand_id AND m.loan_id = l.id
        ORDER BY m.version DESC LIMIT 1""",
    # the latest pull
    "bureau": """
        SELECT b.* FROM bureau_report b WHERE b.brand_id = l.brand_id AND b.loan_id = l.id
        ORDER BY b.id DESC LIMIT 1""",
    "bsa": """
        SELECT bool_or(b.status = 'READY') AS ready FROM bda_report b
        WHERE b.brand_id = l.brand_id AND b.loan_id = l.id""",
    # the one that reached the customer
    "payout": """
        SELECT p.* FROM payout p WHERE p.brand_id = l.brand_id AND p.loan_id = l.id AND p.status = 'SUCCESS'""",
    # when the loan moved, who moved it and what they said, the last time each
    "steps": f"""
        SELECT
          min(s.created_at) FILTER (WHERE s.to_state IN ('SANCTION_MANAGER_APPROVED', 'APPROVED')) AS first_approved_at,
          max(s.created_at) FILTER (WHERE s.to_state = 'APPROVED' AND {_SANCTION}) AS approved_at,
          max(s.created_at) FILTER (WHERE s.to_state = 'SIGNED') AS signed_at,
          {_last(_WHO, "s.to_state = 'CREDIT_EXECUTIVE_APPROVED'")} AS recommended_by,
          {_last(_WHO, _SANCTION)} AS sanctioned_by,
          {_last(_WHO, "s.to_state = 'DISBURSAL_IN_PROCESS'")} AS disbursed_by,
          {_last("s.remark", "s.to_state = 'CREDIT_EXECUTIVE_APPROVED'")} AS recommend_remark,
          {_last("s.remark", _SANCTION)} AS sanction_remark,
          {_last("s.remark", "s.to_state = 'DISBURSAL_IN_PROCESS'")} AS disbursal_remark,
          {_last("s.reason_code", "s.to_state = 'REJECTED'")} AS rejection_reason,
          {_last("s.remark", "s.to_state = 'REJECTED'")} AS rejection_remark
        FROM state_change s {_person("s.actor_id")}
        WHERE s.brand_id = l.brand_id AND s.entity_id = l.id AND s.entity IN ('loan', 'agreement')""",
    # who works on the loan now
    "desk": """
        SELECT
          max(p.name) FILTER (WHERE a.role = 'CREDIT_EXECUTIVE') AS credit_executive,
          max(p.email) FILTER (WHERE a.role = 'CREDIT_EXECUTIVE') AS credit_executive_email,
          max(p.name) FILTER (WHERE a.role = 'COLLECTION_EXECUTIVE') AS collection_executive,
          string_agg(p.name || ' (' || a.role || ')', '; ' ORDER BY a.role) AS everyone
        FROM loan_allotted_partner_user a JOIN partner_user p ON p.id = a.partner_user_id
        WHERE a.brand_id = l.brand_id AND a.loan_id = l.id AND a.is_active""",
    "notices": """
        SELECT min(n.sent_at) AS sanction_mailed_at FROM user_notification n
        WHERE n.brand_id = c.brand_id AND n.customer_id = c.id AND n.loan_id = l.id
          AND n.event = 'sanctioned' AND n.channel = 'EMAIL'""",
    # the latest that a penny drop verified
    "account": """
        SELECT a.* FROM user_bank_account a WHERE a.brand_id = c.brand_id AND a.customer_id = c.id AND a.verified
        ORDER BY a.id DESC LIMIT 1""",
    # the present one, else the last
    "employer": """
        SELECT e.* FROM employment e WHERE e.brand_id = c.brand_id AND e.customer_id = c.id
        ORDER BY e.is_current DESC, e.joining_date DESC NULLS LAST, e.id DESC LIMIT 1""",
    "kyc": """
        SELECT bool_or(k.kind = 'PAN') AS pan_verified, bool_or(k.kind = 'AADHAAR') AS aadhaar_verified,
          (array_agg(k.result_enc ORDER BY k.id DESC) FILTER (WHERE k.kind = 'AADHAAR'))[1] AS aadhaar_result
        FROM kyc_check k WHERE k.brand_id = c.brand_id AND k.customer_id = c.id AND k.status = 'VERIFIED'""",
    "papers": """
        SELECT bool_or(d.kind = 'AADHAAR') AS aadhaar, bool_or(d.kind = 'PAN_CARD') AS pan,
          bool_or(d.kind = 'BANK_STATEMENT') AS bank_statement, bool_or(d.kind = 'SELFIE') AS others,
          count(*) FILTER (WHERE d.kind = 'SALARY_SLIP') AS salary_slips
        FROM document d WHERE d.brand_id = c.brand_id AND d.customer_id = c.id AND d.status <> 'REJECTED'""",
    # all loans of the customer, oldest first
    "book": """
        SELECT min(b.created_at) AS first_applied_at, min(b.disbursed_at) AS first_disbursed_at,
          count(b.disbursed_at) AS disbursed_loans,
          string_agg(b.loan_no, '; ' ORDER BY b.id) AS loan_nos,
          string_agg(b.status, '; ' ORDER BY b.id) AS statuses,
          string_agg(coalesce(b.sanctioned_amount, b.applied_amount)::text, '; ' ORDER BY b.id) AS amounts
        FROM loan b WHERE b.brand_id = c.brand_id AND b.customer_id = c.id""",
    # the way of each of them through its statuses
    "ways": """
        SELECT string_agg(b.loan_no || ': ' || h.states, '; ' ORDER BY b.id) AS states,
          string_agg(b.loan_no || ': ' || h.reasons, '; ' ORDER BY b.id) AS reasons
        FROM loan b JOIN LATERAL (
          SELECT string_agg(s.to_state, ' → ' ORDER BY s.id) AS states,
            string_agg(concat_ws(' ', s.to_state, s.reason_code, s.remark), ', ' ORDER BY s.id)
              FILTER (WHERE coalesce(s.reason_code, s.remark) IS NOT NULL) AS reasons
          FROM state_change s WHERE s.brand_id = b.brand_id AND s.entity_id = b.id AND s.entity = 'loan') h ON true
        WHERE b.brand_id = c.brand_id AND b.customer_id = c.id""",
    # the same Aadhaar, or the same bank account, at another customer of the brand
    "double": """
        SELECT EXISTS (
          SELECT FROM customer o
          WHERE o.brand_id = c.brand_id AND o.aadhaar_hash = c.aadhaar_hash AND o.id <> c.id
        ) OR EXISTS (
          SELECT FROM user_bank_account a JOIN user_bank_account o
            ON o.brand_id = a.brand_id AND o.account_hash = a.account_hash AND o.customer_id <> a.customer_id
          WHERE a.brand_id = c.brand_id AND a.customer_id = c.id) AS found""",
    # how the ledger split the payment; one that came late also carries its corrections
    "posting": f"""
        SELECT {_settled("PRINCIPAL")} AS principal, {_settled("INTEREST_RECEIVABLE")} AS interest,
          {_settled("PENAL_RECEIVABLE")} AS penalty, {_settled("EXCESS_PAYABLE")} AS excess
        FROM journal_entry e JOIN journal_line j ON j.brand_id = e.brand_id AND j.entry_id = e.id
        WHERE e.brand_id = t.brand_id AND e.kind = 'PAYMENT' AND e.reference = t.provider_payment_id""",
    # the last payment that settled some debt: on a loan that has ended, the one that ended it
    "closing": f"""
        SELECT o.id AS payment_id, o.received_on FROM payment_collection_transaction o
        WHERE o.brand_id = l.brand_id AND o.loan_id = l.id AND o.status = 'SUCCESS' AND EXISTS (
          SELECT FROM journal_entry e JOIN journal_line j ON j.brand_id = e.brand_id AND j.entry_id = e.id
          WHERE e.brand_id = o.brand_id AND e.kind = 'PAYMENT' AND e.reference = o.provider_payment_id
            AND j.account IN {_OWED})
        ORDER BY o.received_on DESC, o.id DESC LIMIT 1""",
    # who asked for the payment
    "asker": f"""
        SELECT r.requested_by AS id, p.name FROM payment_request r {_person("r.requested_by")}
        WHERE r.brand_id = t.brand_id AND r.id = t.payment_request_id""",
    "waived": """
        SELECT coalesce(sum(j.debit) FILTER (WHERE e.kind = 'WAIVER_PENAL'), 0) AS penalty,
          coalesce(sum(j.debit) FILTER (WHERE e.kind <> 'WAIVER_PENAL'), 0) AS round_off
        FROM journal_entry e JOIN journal_line j ON j.brand_id = e.brand_id AND j.entry_id = e.id
        WHERE e.brand_id = l.brand_id AND e.loan_id = l.id AND e.kind LIKE 'WAIVER%%' AND j.account = 'WAIVER'""",
    # what was owed at the end of the day reported, or of the day on which the loan was closed before it
    "balance": balance(f"least({REPORTED_ON}, {day('l.closed_at')})"),
    # what was received until the day reported
    "receipts": f"""
        SELECT max(o.received_on) AS last_on, sum(o.amount) AS total,
          sum(o.amount) FILTER (WHERE o.received_on >= %(from_date)s) AS in_range
        FROM payment_collection_transaction o
        WHERE o.brand_id = l.brand_id AND o.loan_id = l.id AND o.status = 'SUCCESS'
          AND o.received_on <= {REPORTED_ON}""",
    # the pull on which the loan's last decision rested; it may have been bought for an earlier loan
    "evidence": _pull("""b.created_at <= coalesce(
          (SELECT max(d.created_at) FROM decision d WHERE d.brand_id = l.brand_id AND d.loan_id = l.id),
          l.disbursed_at)"""),
    "equifax": _pull("b.bureau = 'equifax' AND b.created_at < %(until_at)s"),
    "cibil": _pull("b.bureau = 'cibil' AND b.created_at < %(until_at)s"),
}


def rows(grain: str, columns: Iterable[Column], *, where: str, order: str) -> Source:
    """A source with what `columns` need: those SQL gives, and for formulas the columns they are made of."""
    gives = _needed(columns)
    selected = ",\n  ".join(f"{column.sql} AS {column.name}" for column in gives)
    tables, _, condition = grain.rpartition("\nWHERE ")
    joins = (
        f"\nLEFT JOIN LATERAL ({sql}) {name} ON true" for name, sql in FACTS.items() if f"{name}." in selected
    )
    return Source(
        f"SELECT {selected}{tables}{''.join(joins)}\nWHERE {condition} AND {where}\nORDER BY {order}", gives
    )


def _needed(columns: Iterable[Column]) -> tuple[Column, ...]:
    needed: dict[str, Column] = {}
    for column in columns:
        if column.sql is not None:
            needed[column.name] = column
        elif column.formula is not None:
            needed |= {name: DICTIONARY[name] for name in column.formula.meta.root_names()}
    return tuple(needed.values())
