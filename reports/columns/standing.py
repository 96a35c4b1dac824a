"""How a loan stands: what is owed of it and how late it is, now and at the end of the last day asked for."""

from reports.base import Column
from reports.columns.expressions import REPORTED_ON, TODAY, closed_on, ended_on
from reports.kinds import CHOICE, DATE, FLAG, INSTANT, INTEGER, MONEY, PERCENT, TEXT

BUCKETS = ("Current", "1-30", "31-60", "61-90", "91-180", "180+")
# what is charged beside interest counts with the penal charges
_PARTS = {"principal": "{0}.principal", "interest": "{0}.interest", "penal": "{0}.penal + {0}.charge"}


def late_by(days: str) -> str:
    """The bucket of days past due, in SQL."""
    edges = zip((0, 30, 60, 90, 180), BUCKETS, strict=False)
    cases = " ".join(f"WHEN {days} <= {last} THEN '{name}'" for last, name in edges)
    return f"CASE {cases} WHEN {days} > 180 THEN '{BUCKETS[-1]}' END"


def _standing(prefix: str, fact: str, as_of: str, when: str) -> tuple[Column, ...]:
    """What a loan owes by a fact that tells its parts, and how late it is; at the end of the day `as_of`."""
    ended = f"coalesce({ended_on()} <= {as_of}, false)"
    owed = {
        part: f"CASE WHEN {ended} THEN 0 ELSE coalesce({amount.format(fact)}, 0) END"
        for part, amount in _PARTS.items()
    }
    total = " + ".join(owed.values())
    late = f"""CASE WHEN {ended} THEN greatest({closed_on()} - l.due_date, 0)
        WHEN {total} > 0 THEN greatest({as_of} - l.due_date, 0) WHEN l.disbursed_at IS NOT NULL THEN 0 END"""
    return (
        Column(f"{prefix}outstanding_principal", MONEY, f"Principal owed {when}", owed["principal"]),
        Column(f"{prefix}outstanding_interest", MONEY, f"Interest owed {when}", owed["interest"]),
        Column(f"{prefix}outstanding_penal", MONEY, f"Penal and other charges owed {when}", owed["penal"]),
        Column(f"{prefix}outstanding_amount", MONEY, f"All that is owed {when}", total),
        Column(
            f"{prefix}dpd_days",
            INTEGER,
            f"Days past the due date {when}; of a loan that was repaid or closed until it was",
            late,
        ),
        Column(
            f"{prefix}dpd_status",
            CHOICE,
            f"CURRENT, DUE_TODAY, OVERDUE_1_30, OVERDUE_31_60, OVERDUE_61_90, NPA (over 90), CLOSED; {when}",
            f"""CASE WHEN {ended} THEN 'CLOSED' WHEN {as_of} = l.due_date AND {total} > 0 THEN 'DUE_TODAY'
            WHEN {late} = 0 THEN 'CURRENT' WHEN {late} <= 30 THEN 'OVERDUE_1_30'
            WHEN {late} <= 60 THEN 'OVERDUE_31_60' WHEN {late} <= 90 THEN 'OVERDUE_61_90'
            WHEN {late} > 90 THEN 'NPA' END""",
        ),
        Column(f"{prefix}bucket", CHOICE, f"{', '.join(BUCKETS)} days past due {when}", late_by(late)),
        Column(
            f"{prefix}sma_class",
            CHOICE,
            f"STANDARD, SMA-0 (1-30 days past due), SMA-1 (31-60), SMA-2 (61-90), NPA (over 90); {when}",
            f"""CASE WHEN {late} = 0 THEN 'STANDARD' WHEN {late} <= 30 THEN 'SMA-0' WHEN {late} <= 60 THEN 'SMA-1'
            WHEN {late} <= 90 THEN 'SMA-2' WHEN {late} > 90 THEN 'NPA' END""",
        ),
    )


_REPAID = "l.status IN ('PAID', 'COMPLETED', 'SETTLED', 'DISBURSED_WAIVED')"

_RECEIVED = (
    Column(
        "total_paid",
        MONEY,
        "All that was received on the loan, or on another one and moved to it",
        "coalesce(paid.total, 0)",
    ),
    Column("last_paid_on", DATE, "Day of the last payment on the loan", "paid.last_on"),
    Column(
        "total_paid_reported",
        MONEY,
        "All that was received on the loan until the last day asked for, as the books said at its end",
        "coalesce(collected.total, 0)",
    ),
    Column(
        "collected_till_due", MONEY, "Received until the due date, that day too", "coalesce(paid.till_due, 0)"
    ),
    Column(
        "collected_after_due",
        MONEY,
        "Received after the due date",
        "coalesce(paid.total, 0) - coalesce(paid.till_due, 0)",
    ),
    Column(
        "collected_pct",
        PERCENT,
        "Received in percent of what the agreement asks for",
        "coalesce(paid.total, 0) * 100 / nullif(l.repayment_amount, 0)",
    ),
    Column(
        "paid_on_time",
        FLAG,
        "All that the agreement asks for was received by the due date; empty until it has passed",
        f"""CASE WHEN l.due_date < {TODAY} OR paid.till_due >= l.repayment_amount
        THEN coalesce(paid.till_due, 0) >= l.repayment_amount END""",
    ),
    Column("total_principal_received", MONEY, "Of all received, principal", "coalesce(split.principal, 0)"),
    Column("total_interest_received", MONEY, "Of all received, interest", "coalesce(split.interest, 0)"),
    Column("total_penalty_received", MONEY, "Of all received, penal charges", "coalesce(split.penalty, 0)"),
    Column("total_excess", MONEY, "Of all received, more than was owed", "coalesce(split.excess, 0)"),
    Column(
        "total_penalty_discount", MONEY, "Penal charges waived on the loan", "coalesce(waived.penalty, 0)"
    ),
    Column(
        "total_round_off_discount",
        MONEY,
        "Principal, interest and other charges waived on the loan",
        "coalesce(waived.round_off, 0)",
    ),
    Column(
        "balance_due",
        MONEY,
        "What is left of the principal and interest that the agreement asks for: less what was received and waived of "
        "each. What was paid of penal and other charges, or too much, does not make it less; 0 once it is repaid or "
        "settled",
        f"""CASE WHEN {_REPAID} THEN 0 ELSE greatest(l.sanctioned_amount - split.principal - waived.principal, 0)
        + greatest(l.repayment_amount - l.sanctioned_amount - split.interest - waived.interest, 0) END""",
    ),
    Column("latest_mode", CHOICE, "How the last payment was made", "upper(latest.method)"),
    Column("latest_bank", CHOICE, "Through whom we received it", "upper(latest.provider)"),
    Column(
        "latest_confirmed_by",
        TEXT,
        "Who confirmed it: the provider; of a manual payment the checker",
        "coalesce(latest.found_by, upper(latest.provider))",
    ),
    Column("latest_remarks", TEXT, "Note on it, if it is a manual payment", "latest.remark"),
    Column(
        "latest_asked_by",
        CHOICE,
        "Who asked for it: staff, CUSTOMER or SYSTEM",
        """coalesce(latest.asked_by,
        CASE WHEN latest.requested_by = l.customer_id::text THEN 'CUSTOMER' ELSE upper(latest.requested_by) END)""",
    ),
)

_ENDED = "l.status IN ('PAID', 'COMPLETED')"

_LIFE = (
    Column(
        "closure_date",
        DATE,
        "Day on which the last of it was paid, whenever that was told; else on which it was settled or written off",
        closed_on(),
    ),
    Column("days_to_due", INTEGER, "Days until the due date; negative after it", f"l.due_date - {TODAY}"),
    Column(
        "due_closure_diff_days",
        INTEGER,
        "Days from the closing to the due date: positive is early",
        f"l.due_date - {closed_on()}",
    ),
    Column("days_since_closure", INTEGER, "Days since the closing", f"{TODAY} - {closed_on()}"),
    Column("autopay_active", FLAG, "The account may be debited", "coalesce(debit.active, false)"),
    Column("is_disbursed", FLAG, "The loan was paid out", "l.disbursed_at IS NOT NULL"),
    Column(
        "loan_collection_status",
        CHOICE,
        "PRE-CLOSED, CLOSED, POST-CLOSED by the day of the last payment and the due date; SETTLED, WRITTEN OFF; "
        "PARTIALLY PAID, UNPAID",
        f"""CASE WHEN l.status = 'SETTLED' THEN 'SETTLED' WHEN l.status = 'WRITE_OFF' THEN 'WRITTEN OFF'
        WHEN paid.last_on IS NULL THEN 'UNPAID' WHEN NOT {_ENDED} THEN 'PARTIALLY PAID'
        WHEN paid.last_on < l.due_date THEN 'PRE-CLOSED' WHEN paid.last_on = l.due_date THEN 'CLOSED'
        ELSE 'POST-CLOSED' END""",
    ),
    Column(
        "closing_status",
        CHOICE,
        "CLOSED, SETTLED, WRITE-OFF",
        "CASE l.status WHEN 'SETTLED' THEN 'SETTLED' WHEN 'WRITE_OFF' THEN 'WRITE-OFF' ELSE 'CLOSED' END",
    ),
    Column("noc", FLAG, "The no-objection certificate was sent", "noc.sent_at IS NOT NULL"),
    Column(
        "noc_sent_by", CHOICE, "Who sent it: SYSTEM", "CASE WHEN noc.sent_at IS NOT NULL THEN 'SYSTEM' END"
    ),
    Column("noc_sent_at", INSTANT, "When it was sent", "noc.sent_at"),
)

COLUMNS = (
    *_standing("", "owed", TODAY, "today"),
    *_standing("reported_", "balance", REPORTED_ON, "at the end of the last day asked for"),
    *_RECEIVED,
    *_LIFE,
)
