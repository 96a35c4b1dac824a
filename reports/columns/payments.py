"""Money that came in, and how the ledger split it."""

import polars as pl

from reports.base import Column
from reports.columns.expressions import day
from reports.kinds import CHOICE, DATE, INSTANT, INTEGER, MONEY, TEXT

_RECOVERED = "l.status = 'WRITE_OFF' AND posting.recovered > 0"
_ENDED = """l.status IN ('PAID', 'COMPLETED', 'SETTLED', 'WRITE_OFF')
    AND (t.received_on, t.id) >= (closing.received_on, closing.payment_id)"""

COLUMNS = (
    Column("payment_date", DATE, "Day the money was received", "t.received_on"),
    Column("paid_amount", MONEY, "The payment", "t.amount - t.reversed_amount"),
    Column("principal_received", MONEY, "Of it, principal", "posting.principal"),
    Column("interest_received", MONEY, "Of it, interest", "posting.interest"),
    Column("penalty_received", MONEY, "Of it, penal and other charges", "posting.penalty"),
    Column("recovered_amount", MONEY, "Of it, of what had been written off or given up", "posting.recovered"),
    Column("excess_amount", MONEY, "Of it, more than was owed, or in suspense at first", "posting.excess"),
    Column(
        "penalty_discount",
        MONEY,
        "Penal charges waived on the loan; on the closing payment",
        "CASE WHEN closing.payment_id = t.id THEN coalesce(waived.penalty, 0) ELSE 0 END",
    ),
    Column(
        "round_off_discount",
        MONEY,
        "Principal, interest and other charges waived; on the closing payment",
        "CASE WHEN closing.payment_id = t.id THEN coalesce(waived.round_off, 0) ELSE 0 END",
    ),
    Column(
        "row_seq",
        INTEGER,
        "Which payment of the loan it is, by the day received",
        "row_number() OVER (PARTITION BY l.id ORDER BY t.received_on, t.id)",
    ),
    Column(
        "total_discount",
        MONEY,
        "All that was waived on the loan; on the closing payment",
        formula=pl.col("penalty_discount") + pl.col("round_off_discount"),
    ),
    Column(
        "collection_status",
        CHOICE,
        "PRE-CLOSED, CLOSED, POST-CLOSED by due date; SETTLED, WRITTEN OFF; PARTIALLY PAID",
        f"""CASE WHEN {_RECOVERED} THEN 'WRITTEN OFF' WHEN ({_ENDED}) IS NOT TRUE THEN 'PARTIALLY PAID'
        WHEN l.status = 'SETTLED' THEN 'SETTLED'
        WHEN l.status = 'WRITE_OFF' THEN 'WRITTEN OFF' WHEN t.received_on < l.due_date THEN 'PRE-CLOSED'
        WHEN t.received_on = l.due_date THEN 'CLOSED' ELSE 'POST-CLOSED' END""",
    ),
    Column("payment_mode", CHOICE, "UPI, CARD, NETBANKING, ...", "upper(t.method)"),
    Column(
        "payment_reference",
        TEXT,
        "Reference of the bank, else of the provider",
        "coalesce(t.reference, t.provider_payment_id)",
    ),
    Column("credited_bank", TEXT, "Through whom we received it", "upper(t.provider)"),
    Column(
        "created_by",
        TEXT,
        "Who asked for the payment, or told of it: staff, CUSTOMER or SYSTEM",
        """coalesce(manual.told_by, asker.name,
        CASE WHEN asker.id = l.customer_id::text THEN 'CUSTOMER' ELSE upper(asker.id) END)""",
    ),
    Column(
        "approved_by",
        TEXT,
        "Who confirmed it: the provider, by a signed webhook; of a manual payment the checker",
        "coalesce(manual.found_by, upper(t.provider))",
    ),
    Column("verified_date", INSTANT, "When it was confirmed and booked", "t.created_at"),
    Column(
        "suspense_days",
        INTEGER,
        "Days from the payment to its confirmation",
        f"{day('t.created_at')} - t.received_on",
    ),
    Column(
        "refund",
        MONEY,
        "What was given back on the loan; on its last payment",
        "CASE WHEN newest.id = t.id THEN coalesce(refunded.amount, 0) ELSE 0 END",
    ),
    Column(
        "dpd_at_payment",
        INTEGER,
        "Days past the due date on the day of the payment; negative before it",
        "t.received_on - l.due_date",
    ),
    Column(
        "collection_type",
        CHOICE,
        "By days past due at the payment: PRE_DUE, ON_DUE, PRE_10 (1-10), COLLECTION (11-60), RECOVERY (61-180), "
        "LEGAL (over 180); POST_WRITE_OFF",
        f"""CASE WHEN {_RECOVERED} THEN 'POST_WRITE_OFF'
        WHEN t.received_on < l.due_date THEN 'PRE_DUE' WHEN t.received_on = l.due_date THEN 'ON_DUE'
        WHEN t.received_on <= l.due_date + 10 THEN 'PRE_10' WHEN t.received_on <= l.due_date + 60 THEN 'COLLECTION'
        WHEN t.received_on <= l.due_date + 180 THEN 'RECOVERY' ELSE 'LEGAL' END""",
    ),
    Column(
        "closure_remark",
        TEXT,
        "Why it was settled or written off, in the words of who decided",
        "conceded.remark",
    ),
    Column("account_remarks", TEXT, "Note on a manual payment", "manual.remark"),
)
