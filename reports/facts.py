"""What is known about a loan, a customer or a payment: each fact is one SELECT, written once.

A report says which rows it is about (a grain and a condition) and which columns it shows. The facts that the
columns mention by name (`cam.remark`) are joined; others cost nothing. `wanted` holds the loans and customers
of the report's rows, so that a fact is worked out for those alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from reports.base import Column, Source
from reports.columns import DICTIONARY


@dataclass(frozen=True)
class Grain:
    """What a row stands for. `rows` chooses them; {where} is the report's condition."""

    rows: str
    tables: str


LOANS = Grain(
    rows="""
        SELECT l.brand_id, l.customer_id, l.id AS loan_id FROM loan l
        JOIN customer c ON c.brand_id = l.brand_id AND c.id = l.customer_id
        WHERE l.brand_id = %(brand_id)s AND c.is_active AND {where}""",
    tables="""
        JOIN loan l ON l.brand_id = chosen.brand_id AND l.id = chosen.loan_id
        JOIN customer c ON c.brand_id = chosen.brand_id AND c.id = chosen.customer_id""",
)

# A customer stands with their latest loan, if they have one.
CUSTOMERS = Grain(
    rows="""
        SELECT DISTINCT ON (c.id) c.brand_id, c.id AS customer_id, l.id AS loan_id FROM customer c
        LEFT JOIN loan l ON l.brand_id = c.brand_id AND l.customer_id = c.id
        WHERE c.brand_id = %(brand_id)s AND c.is_active AND {where}
        ORDER BY c.id, l.id DESC""",
    tables="""
        JOIN customer c ON c.brand_id = chosen.brand_id AND c.id = chosen.customer_id
        LEFT JOIN loan l ON l.brand_id = chosen.brand_id AND l.id = chosen.loan_id""",
)

PAYMENTS = Grain(
    rows="""
        SELECT t.brand_id, l.customer_id, t.loan_id, t.id AS payment_id FROM payment_collection_transaction t
        JOIN loan l ON l.brand_id = t.brand_id AND l.id = t.loan_id
        WHERE t.brand_id = %(brand_id)s AND t.status = 'SUCCESS' AND {where}""",
    tables="""
        JOIN payment_collection_transaction t ON t.brand_id = chosen.brand_id AND t.id = chosen.payment_id
        JOIN loan l ON l.brand_id = chosen.brand_id AND l.id = chosen.loan_id
        JOIN customer c ON c.brand_id = chosen.brand_id AND c.id = chosen.customer_id""",
)


@dataclass(frozen=True)
class Fact:
    """`sql` gives at most one row for each `key`: loan_id, customer_id or payment_id."""

    name: str
    key: str
    sql: str


_PEOPLE = "(SELECT DISTINCT brand_id, customer_id FROM wanted) people"


def _last(what: str, when: str) -> str:
    return f"(array_agg({what} ORDER BY id DESC) FILTER (WHERE {when}))[1]"


FACTS: tuple[Fact, ...] = (
    Fact(
        "cam",  # the latest version
        "loan_id",
        """SELECT DISTINCT ON (m.loan_id) m.* FROM wanted JOIN cam_calculator m USING (brand_id, loan_id)
        ORDER BY m.loan_id, m.version DESC""",
    ),
    Fact(
        "bureau",  # the latest pull
        "loan_id",
        """SELECT DISTINCT ON (b.loan_id) b.* FROM wanted JOIN bureau_report b USING (brand_id, loan_id)
        ORDER BY b.loan_id, b.id DESC""",
    ),
    Fact(
        "bsa",
        "loan_id",
        """SELECT b.brand_id, b.loan_id, bool_or(b.status = 'READY') AS ready
        FROM wanted JOIN bda_report b USING (brand_id, loan_id) GROUP BY 1, 2""",
    ),
    Fact(
        "payout",  # the one that reached the customer
        "loan_id",
        """SELECT p.* FROM wanted JOIN payout p USING (brand_id, loan_id) WHERE p.status = 'SUCCESS'""",
    ),
    Fact(
        "steps",  # when the loan moved, who moved it and what they said, the last time each
        "loan_id",
        f"""SELECT brand_id, loan_id,
          min(at) FILTER (WHERE step IN ('SANCTION_MANAGER_APPROVED', 'APPROVED')) AS first_approved_at,
          max(at) FILTER (WHERE step = 'APPROVED' AND sanction) AS approved_at,
          max(at) FILTER (WHERE step = 'SIGNED') AS signed_at,
          {_last("who", "step = 'CREDIT_EXECUTIVE_APPROVED'")} AS recommended_by,
          {_last("who", "sanction")} AS sanctioned_by,
          {_last("who", "step = 'DISBURSAL_IN_PROCESS'")} AS disbursed_by,
          {_last("remark", "step = 'CREDIT_EXECUTIVE_APPROVED'")} AS recommend_remark,
          {_last("remark", "sanction")} AS sanction_remark,
          {_last("remark", "step = 'DISBURSAL_IN_PROCESS'")} AS disbursal_remark,
          {_last("reason_code", "step = 'REJECTED'")} AS rejection_reason,
          {_last("remark", "step = 'REJECTED'")} AS rejection_remark
        FROM (
          SELECT wanted.brand_id, wanted.loan_id, s.id, s.created_at AS at, s.to_state AS step,
            s.remark, s.reason_code, coalesce(p.name, s.actor_role) AS who,
            s.to_state IN ('SANCTION_MANAGER_APPROVED', 'APPROVED', 'REJECTED')
              AND s.from_state IN ('CREDIT_EXECUTIVE_APPROVED', 'SANCTION_MANAGER_APPROVED') AS sanction
          FROM wanted JOIN state_change s ON s.brand_id = wanted.brand_id AND s.entity_id = wanted.loan_id
          LEFT JOIN partner_user p ON p.id::text = s.actor_id
          WHERE s.entity IN ('loan', 'agreement')) moves
        GROUP BY 1, 2""",
    ),
    Fact(
        "desk",  # who works on the loan now
        "loan_id",
        """SELECT a.brand_id, a.loan_id,
          max(p.name) FILTER (WHERE a.role = 'CREDIT_EXECUTIVE') AS credit_executive,
          max(p.email) FILTER (WHERE a.role = 'CREDIT_EXECUTIVE') AS credit_executive_email,
          max(p.name) FILTER (WHERE a.role = 'COLLECTION_EXECUTIVE') AS collection_executive,
          string_agg(p.name || ' (' || a.role || ')', '; ' ORDER BY a.role) AS everyone
        FROM wanted JOIN loan_allotted_partner_user a USING (brand_id, loan_id)
        JOIN partner_user p ON p.id = a.partner_user_id WHERE a.is_active GROUP BY 1, 2""",
    ),
    Fact(
        "notices",
        "loan_id",
        """SELECT n.brand_id, n.loan_id,
          min(n.sent_at) AS sanction_mailed_at
        FROM wanted JOIN user_notification n USING (brand_id, customer_id, loan_id)
        WHERE n.event = 'sanctioned' AND n.channel = 'EMAIL' GROUP BY 1, 2""",
    ),
    Fact(
        "account",  # the latest that a penny drop verified
        "customer_id",
        f"""SELECT DISTINCT ON (a.customer_id) a.*
        FROM {_PEOPLE} JOIN user_bank_account a USING (brand_id, customer_id)
        WHERE a.verified ORDER BY a.customer_id, a.id DESC""",
    ),
    Fact(
        "employer",  # the present one, else the last
        "customer_id",
        f"""SELECT DISTINCT ON (e.customer_id) e.*
        FROM {_PEOPLE} JOIN employment e USING (brand_id, customer_id)
        ORDER BY e.customer_id, e.is_current DESC, e.joining_date DESC NULLS LAST, e.id DESC""",
    ),
    Fact(
        "kyc",
        "customer_id",
        f"""SELECT k.brand_id, k.customer_id,
          bool_or(k.kind = 'PAN') AS pan_verified, bool_or(k.kind = 'AADHAAR') AS aadhaar_verified,
          (array_agg(k.result_enc ORDER BY k.id DESC) FILTER (WHERE k.kind = 'AADHAAR'))[1] AS aadhaar_result
        FROM {_PEOPLE} JOIN kyc_check k USING (brand_id, customer_id)
        WHERE k.status = 'VERIFIED' GROUP BY 1, 2""",
    ),
    Fact(
        "papers",
        "customer_id",
        f"""SELECT d.brand_id, d.customer_id,
          bool_or(d.kind = 'AADHAAR') AS aadhaar, bool_or(d.kind = 'PAN_CARD') AS pan,
          bool_or(d.kind = 'BANK_STATEMENT') AS bank_statement, bool_or(d.kind = 'SELFIE') AS others,
          count(*) FILTER (WHERE d.kind = 'SALARY_SLIP') AS salary_slips
        FROM {_PEOPLE} JOIN document d USING (brand_id, customer_id)
        WHERE d.status <> 'REJECTED' GROUP BY 1, 2""",
    ),
    Fact(
        "book",  # all loans of the customer, oldest first
        "customer_id",
        f"""SELECT l.brand_id, l.customer_id, min(l.created_at) AS first_applied_at,
          count(l.disbursed_at) AS disbursed_loans,
          string_agg(l.loan_no, '; ' ORDER BY l.id) AS loan_nos,
          string_agg(l.status, '; ' ORDER BY l.id) AS statuses,
          string_agg(coalesce(l.sanctioned_amount, l.applied_amount)::text, '; ' ORDER BY l.id) AS amounts,
          string_agg(l.loan_no || ': ' || h.states, '; ' ORDER BY l.id) AS histories,
          string_agg(l.loan_no || ': ' || h.reasons, '; ' ORDER BY l.id) AS reasons
        FROM {_PEOPLE} JOIN loan l USING (brand_id, customer_id)
        LEFT JOIN LATERAL (
          SELECT string_agg(s.to_state, ' → ' ORDER BY s.id) AS states,
            string_agg(concat_ws(' ', s.to_state, s.reason_code, s.remark), ', ' ORDER BY s.id)
              FILTER (WHERE coalesce(s.reason_code, s.remark) IS NOT NULL) AS reasons
          FROM state_change s
          WHERE s.brand_id = l.brand_id AND s.entity_id = l.id AND s.entity = 'loan') h ON true
        GROUP BY 1, 2""",
    ),
    Fact(
        "double",  # the same Aadhaar, or the same bank account, at another customer of the brand
        "customer_id",
        f"""SELECT people.brand_id, people.customer_id, true AS found FROM {_PEOPLE}
        JOIN customer me ON me.brand_id = people.brand_id AND me.id = people.customer_id
        WHERE me.aadhaar_hash IN (SELECT aadhaar_hash FROM customer WHERE brand_id = %(brand_id)s
            AND aadhaar_hash IS NOT NULL GROUP BY aadhaar_hash HAVING count(*) > 1)
          OR me.id IN (SELECT mine.customer_id FROM user_bank_account mine JOIN user_bank_account other
            ON other.brand_id = mine.brand_id AND other.account_hash = mine.account_hash
            AND other.customer_id <> mine.customer_id WHERE mine.brand_id = %(brand_id)s)""",
    ),
    Fact(
        "posting",  # how the ledger split the payment; a payment that came late also carries its corrections
        "payment_id",
        """SELECT t.brand_id, t.id AS payment_id,
          coalesce(sum(j.credit - j.debit) FILTER (WHERE j.account = 'PRINCIPAL'), 0) AS principal,
          coalesce(sum(j.credit - j.debit) FILTER (WHERE j.account = 'INTEREST_RECEIVABLE'), 0) AS interest,
          coalesce(sum(j.credit - j.debit) FILTER (WHERE j.account = 'PENAL_RECEIVABLE'), 0) AS penalty,
          coalesce(sum(j.credit - j.debit) FILTER (WHERE j.account = 'EXCESS_PAYABLE'), 0) AS excess
        FROM chosen JOIN payment_collection_transaction t
          ON t.brand_id = chosen.brand_id AND t.id = chosen.payment_id
        JOIN journal_entry e ON e.brand_id = t.brand_id AND e.kind = 'PAYMENT'
          AND e.reference = t.provider_payment_id
        JOIN journal_line j ON j.brand_id = e.brand_id AND j.entry_id = e.id GROUP BY 1, 2""",
    ),
    Fact(
        "closing",  # the last payment that settled some debt: on a loan that has ended, the one that ended it
        "loan_id",
        """SELECT DISTINCT ON (t.loan_id) t.brand_id, t.loan_id, t.id AS payment_id, t.received_on
        FROM wanted JOIN payment_collection_transaction t USING (brand_id, loan_id)
        JOIN journal_entry e ON e.brand_id = t.brand_id AND e.kind = 'PAYMENT'
          AND e.reference = t.provider_payment_id
        JOIN journal_line j ON j.brand_id = e.brand_id AND j.entry_id = e.id
        WHERE t.status = 'SUCCESS' AND j.account IN ('PRINCIPAL', 'INTEREST_RECEIVABLE', 'PENAL_RECEIVABLE')
        ORDER BY t.loan_id, t.received_on DESC, t.id DESC""",
    ),
    Fact(
        "waived",
        "loan_id",
        """SELECT e.brand_id, e.loan_id,
          coalesce(sum(j.debit) FILTER (WHERE e.kind = 'WAIVER_PENAL'), 0) AS penalty,
          coalesce(sum(j.debit) FILTER (WHERE e.kind <> 'WAIVER_PENAL'), 0) AS round_off
        FROM wanted JOIN journal_entry e USING (brand_id, loan_id)
        JOIN journal_line j ON j.brand_id = e.brand_id AND j.entry_id = e.id
        WHERE e.kind LIKE 'WAIVER%%' AND j.account = 'WAIVER' GROUP BY 1, 2""",
    ),
)


def rows(grain: Grain, columns: Iterable[Column], *, where: str, order: str) -> Source:
    """A source with what `columns` need: those SQL gives, and for formulas the columns they are made of."""
    gives = _needed(columns)
    selected = ",\n  ".join(f"{column.sql} AS {column.name}" for column in gives)
    joined = [fact for fact in FACTS if f"{fact.name}." in selected + order]
    sql = "".join(
        [
            f"WITH chosen AS ({grain.rows.format(where=where)})",
            ",\nwanted AS (SELECT DISTINCT brand_id, customer_id, loan_id FROM chosen)",
            *(f",\n{fact.name} AS ({fact.sql})" for fact in joined),
            f"\nSELECT {selected}\nFROM chosen{grain.tables}",
            *(f"\nLEFT JOIN {fact.name} ON {_same_key(fact)}" for fact in joined),
            f"\nORDER BY {order}",
        ]
    )
    return Source(sql, gives)


def _same_key(fact: Fact) -> str:
    return f"{fact.name}.brand_id = chosen.brand_id AND {fact.name}.{fact.key} = chosen.{fact.key}"


def _needed(columns: Iterable[Column]) -> tuple[Column, ...]:
    needed: dict[str, Column] = {}
    for column in columns:
        if column.sql is not None:
            needed[column.name] = column
        elif column.formula is not None:
            needed |= {name: DICTIONARY[name] for name in column.formula.meta.root_names()}
    return tuple(needed.values())
