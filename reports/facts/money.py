"""Money that went and came, and what is owed."""

from reports.balance import balance
from reports.columns.expressions import REPORTED_ON, TODAY, day, name_of, person

_OWED = "('PRINCIPAL', 'INTEREST_RECEIVABLE', 'PENAL_RECEIVABLE', 'CHARGES_RECEIVABLE')"
_MONEY_IN = "('PAYMENT', 'FORECLOSURE', 'RECOVERY', 'SUSPENSE_IN')"
_MONEY_MOVED = "('PAYMENT', 'FORECLOSURE', 'RECOVERY', 'SUSPENSE_IN', 'SUSPENSE_PLACED', 'SUSPENSE_OUT')"


# of the entry e: it was not taken back
_STANDS = """NOT EXISTS (SELECT FROM journal_entry x WHERE x.brand_id = e.brand_id AND x.loan_id = e.loan_id
          AND x.kind = 'REVERSAL' AND x.facts ->> 'of_kind' = e.kind AND x.facts ->> 'of_reference' = e.reference)"""


def _of(payment: str) -> str:
    """The entries e of the money of a payment: what was kept of it, or waited, after it was taken back has its id and
    more."""
    return f"""e.brand_id = {payment}.brand_id AND e.loan_id = {payment}.loan_id AND e.kind IN {_MONEY_IN} AND {_STANDS}
          AND (e.reference = {payment}.provider_payment_id
            OR starts_with(e.reference, {payment}.provider_payment_id || ':'))"""


def _credited(accounts: str) -> str:
    return f"coalesce(sum(j.credit - j.debit) FILTER (WHERE j.account {accounts}), 0)"


def _settled(account: str) -> str:
    return _credited(f"= '{account}'")


# What came in on the loan l, with what was paid on another one and moved to it, and without what was moved away. What
# was meant for it from the first counts from its day.
CAME_IN = f"""(
          SELECT o.received_on, o.amount - o.reversed_amount AS amount FROM payment_collection_transaction o
          WHERE o.brand_id = l.brand_id AND o.loan_id = l.id AND o.status = 'SUCCESS'
          UNION ALL
          SELECT CASE i.kind WHEN 'MISPOSTED' THEN i.received_on ELSE {day("i.decided_at")} END,
            CASE l.id WHEN i.loan_id THEN -i.amount ELSE i.amount END FROM suspense_item i
          WHERE i.brand_id = l.brand_id AND (i.loan_id = l.id OR i.placed_on_loan_id = l.id)
            AND i.loan_id <> i.placed_on_loan_id AND i.status = 'PLACED')"""
_LAST_ON = "CASE WHEN sum(o.amount) > 0 THEN max(o.received_on) FILTER (WHERE o.amount > 0) END AS last_on"

# What a payment is made of. One that was told late also moves what was charged, waived or written off since its day:
# what it was not, is interest.
_MADE_OF = {
    "principal": "'PRINCIPAL'",
    "penalty": "'PENAL_RECEIVABLE', 'PENAL_INCOME', 'PENAL_SUSPENSE', 'CHARGES_RECEIVABLE', 'CHARGES_INCOME',"
    " 'CHARGES_SUSPENSE', 'GST_PAYABLE'",
    "excess": "'EXCESS_PAYABLE', 'SUSPENSE'",
    "recovered": "'RECOVERY_INCOME', 'WRITE_OFF', 'WAIVER'",
}
_NAMED = ", ".join(_MADE_OF.values())
_PARTS = ", ".join(
    (
        *(f"{_credited(f'IN ({accounts})')} AS {part}" for part, accounts in _MADE_OF.items()),
        f"""{_credited(f"NOT IN ('COLLECTION', {_NAMED})")} AS interest""",
    )
)


FACTS: dict[str, str] = {
    # how the ledger split the payment
    "posting": f"""
        SELECT {_PARTS}
        FROM journal_entry e JOIN journal_line j ON j.brand_id = e.brand_id AND j.entry_id = e.id
        WHERE {_of("t")}""",
    # the last payment that settled some debt: on a loan that has ended, the one that ended it
    "closing": f"""
        SELECT o.id AS payment_id, o.received_on FROM payment_collection_transaction o
        WHERE o.brand_id = l.brand_id AND o.loan_id = l.id AND o.status = 'SUCCESS' AND EXISTS (
          SELECT FROM journal_entry e JOIN journal_line j ON j.brand_id = e.brand_id AND j.entry_id = e.id
          WHERE {_of("o")} AND j.account IN {_OWED})
        ORDER BY o.received_on DESC, o.id DESC LIMIT 1""",
    # the last of the payments
    "newest": """
        SELECT o.id FROM payment_collection_transaction o
        WHERE o.brand_id = l.brand_id AND o.loan_id = l.id AND o.status = 'SUCCESS'
        ORDER BY o.received_on DESC, o.id DESC LIMIT 1""",
    # who asked for the payment
    "asker": f"""
        SELECT r.requested_by AS id, p.name FROM payment_request r {person("r.requested_by")}
        WHERE r.brand_id = t.brand_id AND r.id = t.payment_request_id""",
    # who told of money that came in outside of the gateway, and who found it in the bank
    "manual": f"""
        SELECT m.remark, {name_of("m.submitted_by")} AS told_by, {name_of("m.decided_by")} AS found_by
        FROM manual_payment m
        WHERE m.brand_id = t.brand_id AND m.id = CASE t.provider WHEN 'manual' THEN t.provider_payment_id::uuid END""",
    "waived": f"""
        SELECT {_settled("PENAL_RECEIVABLE")} AS penalty,
          coalesce(sum(j.credit - j.debit) FILTER (WHERE j.account IN {_OWED} AND j.account <> 'PENAL_RECEIVABLE'), 0)
            AS round_off,
          {_settled("PRINCIPAL")} AS principal, {_settled("INTEREST_RECEIVABLE")} AS interest
        FROM journal_entry e JOIN journal_line j ON j.brand_id = e.brand_id AND j.entry_id = e.id
        WHERE e.brand_id = l.brand_id AND e.loan_id = l.id AND e.kind IN ('WAIVER', 'SETTLEMENT')
          AND {_STANDS}""",
    # what was owed when it was written off
    "written_off": f"""
        SELECT {_settled("PRINCIPAL")} AS principal,
          coalesce(sum(j.credit - j.debit) FILTER (WHERE j.account IN {_OWED}), 0) AS total
        FROM journal_entry e JOIN journal_line j ON j.brand_id = e.brand_id AND j.entry_id = e.id
        WHERE e.brand_id = l.brand_id AND e.loan_id = l.id AND e.kind = 'WRITE_OFF'""",
    # what was owed at the end of the day reported, or of the day on which the loan was closed before it
    "balance": balance(f"least({REPORTED_ON}, {day('l.closed_at')})"),
    # what was owed before the days asked for
    "opening": balance("(%(from_date)s::date - 1)"),
    # what the books had received at the end of the day reported: of that day, whatever was taken back since
    "collected": f"""
        SELECT sum(j.debit - j.credit) AS total
        FROM journal_entry e JOIN journal_line j ON j.brand_id = e.brand_id AND j.entry_id = e.id
        WHERE e.brand_id = l.brand_id AND e.loan_id = l.id AND j.account = 'COLLECTION'
          AND e.business_date <= {REPORTED_ON}""",
    # what was received until the day reported, and stands
    "receipts": f"""
        SELECT {_LAST_ON}, sum(o.amount) AS total,
          sum(o.amount) FILTER (WHERE o.received_on >= %(from_date)s) AS in_range
        FROM {CAME_IN} o WHERE o.received_on <= {REPORTED_ON}""",
    # what is owed today, or was at the end of the day on which the loan was closed
    "owed": balance(f"least({TODAY}, {day('l.closed_at')})"),
    # all that was received on the loan
    "paid": f"""
        SELECT {_LAST_ON}, sum(o.amount) AS total,
          sum(o.amount) FILTER (WHERE o.received_on <= l.due_date) AS till_due,
          sum(o.amount) FILTER (WHERE o.received_on <= l.due_date + 7) AS till_7,
          sum(o.amount) FILTER (WHERE o.received_on <= l.due_date + 30) AS till_30
        FROM {CAME_IN} o""",
    # how the ledger split it, with what was placed or moved away later
    "split": f"""
        SELECT {_PARTS}
        FROM journal_entry e JOIN journal_line j ON j.brand_id = e.brand_id AND j.entry_id = e.id
        WHERE e.brand_id = l.brand_id AND e.loan_id = l.id AND e.kind IN {_MONEY_MOVED} AND {_STANDS}""",
    # the last of the payments, and who asked for it
    "latest": f"""
        SELECT o.*, r.requested_by, coalesce(p.name, {name_of("m.submitted_by")}) AS asked_by,
          m.remark, {name_of("m.decided_by")} AS found_by
        FROM payment_collection_transaction o
        LEFT JOIN manual_payment m ON m.brand_id = o.brand_id
          AND m.id = CASE o.provider WHEN 'manual' THEN o.provider_payment_id::uuid END
        LEFT JOIN payment_request r ON r.brand_id = o.brand_id AND r.id = o.payment_request_id
        {person("r.requested_by")}
        WHERE o.brand_id = l.brand_id AND o.loan_id = l.id AND o.status = 'SUCCESS'
        ORDER BY o.received_on DESC, o.id DESC LIMIT 1""",
    "noc": """
        SELECT min(n.sent_at) AS sent_at FROM user_notification n
        WHERE n.brand_id = c.brand_id AND n.customer_id = c.id AND n.loan_id = l.id AND n.event = 'closure_noc'""",
    # leave to debit the account
    "debit": """
        SELECT bool_or(m.status = 'ACTIVE') AS active, bool_or(m.status IN ('CREATED', 'AUTHENTICATED')) AS under_way
        FROM mandate m WHERE m.brand_id = l.brand_id AND m.loan_id = l.id""",
    # the last attempt to pay out
    "attempt": """
        SELECT p.status FROM payout p WHERE p.brand_id = l.brand_id AND p.loan_id = l.id
        ORDER BY p.attempt DESC LIMIT 1""",
    # what was given back
    "refunded": """
        SELECT sum((e.facts ->> 'amount')::numeric) AS amount FROM journal_entry e
        WHERE e.brand_id = l.brand_id AND e.loan_id = l.id AND e.kind = 'REFUND' AND NOT EXISTS (
          SELECT FROM journal_entry r WHERE r.brand_id = e.brand_id AND r.loan_id = e.loan_id AND r.kind = 'REVERSAL'
            AND r.facts ->> 'of_kind' = e.kind AND r.facts ->> 'of_reference' = e.reference)""",
}
