"""What a loan owed at the end of a day, in SQL: the figures of app.ledger.replay from the same journal.

The events of the journal are taken in the order of their value dates, whenever they were booked, as `replay` takes
them; what the books of the day do not have yet is left out. Interest is
simple, a percentage a day on the principal, counted exactly and charged in whole rupees; a payment settles the parts
in the loan's order. An event moves one of the columns of `event`; the others are zero in its row.
"""

_PARTS = {"PRINCIPAL": "d.principal", "INTEREST": "d.interest", "PENAL": "d.penal", "CHARGE": "d.charge"}
_KINDS = """'DISBURSAL', 'PENAL_CHARGE', 'BOUNCE_CHARGE', 'FORECLOSURE_CHARGE', 'COOLING_OFF', 'WAIVER', 'PAYMENT',
              'FORECLOSURE', 'RECOVERY', 'SUSPENSE_IN', 'SUSPENSE_PLACED', 'SUSPENSE_OUT', 'REFUND', 'SETTLEMENT',
              'WRITE_OFF'"""
# what is owed more by these, and stays what it was otherwise
_PENAL, _CHARGES = "'PENAL_CHARGE'", "'BOUNCE_CHARGE', 'FORECLOSURE_CHARGE'"
_REVERSALS = "'REVERSAL', 'DISBURSAL_REVERSAL'"
# from when the entry e settles, which may be before the day in whose books it is
VALUE_DATE = "coalesce(e.value_date, e.business_date)"


def _fact(name: str) -> str:
    return f"coalesce((e.facts ->> '{name}')::numeric, 0)"


def _of(kinds: str, value: str) -> str:
    return f"CASE WHEN e.kind IN ({kinds}) THEN {value} ELSE 0 END"


def _charged(kinds: str) -> str:
    return _of(kinds, f"{_fact('amount')} + {_fact('gst')}")


def _waived(part: str) -> str:
    return f"CASE WHEN e.kind = 'WAIVER' AND e.facts ->> 'part' = '{part}' THEN {_fact('amount')} ELSE 0 END"


def _left(part: str, terms: str) -> str:
    """What is left of a part after the payment: those before it in the loan's order come first."""
    before = " + ".join(
        f"CASE WHEN array_position({terms}.payment_order, '{other}')"
        f" < array_position({terms}.payment_order, '{part}')"
        f" THEN {amount} ELSE 0 END"
        for other, amount in _PARTS.items()
        if other != part
    )
    return f"{_PARTS[part]} - least({_PARTS[part]}, greatest(0, d.money - ({before})))"


def balance(as_of: str) -> str:
    """A SELECT of principal, interest, penal and charge of the loan l at the end of the day `as_of` (SQL), and of all
    the interest that was charged till then."""
    return f"""
        -- materialized, or each step of the recursion would read and sort the events again
        WITH RECURSIVE event AS MATERIALIZED (
          SELECT {_event("")} FROM journal_entry e
          WHERE e.brand_id = l.brand_id AND e.loan_id = l.id AND {_stands(as_of)}
        ), state AS (
          SELECT {_BEFORE}
          UNION ALL
          SELECT {_AFTER} FROM state s JOIN event e ON e.n = s.n + 1 {_moved("l")}
        )
        SELECT {_owed("l", as_of)} FROM state s ORDER BY s.n DESC LIMIT 1"""


def balances(as_of: str, among: str, *, but: str = "false") -> str:
    """A SELECT of `loan_id` and what `balance` gives, of each loan l for which the condition `among` (SQL) holds and of
    which something was told by the end of the day. Charges e for which `but` (SQL) holds take no share of payments.

    Of most loans nothing was told but that they were paid out and charged: what they owe are sums, read at once. The
    others are taken event by event, the first of each, then the second of each.
    """
    return f"""
        WITH RECURSIVE told AS MATERIALIZED (
          SELECT l.id AS loan_id, l.roi_percent_per_day, l.payment_order,
            count(*) FILTER (WHERE e.kind = 'DISBURSAL') = 1
              AND bool_and(e.kind IN ('DISBURSAL', {_PENAL}, {_CHARGES})) AS plain,
            sum({_of("'DISBURSAL'", _fact("principal"))}) AS principal,
            sum({_charged(_PENAL)}) AS penal, sum({_charged(_CHARGES)}) AS charge,
            min(e.business_date) FILTER (WHERE e.kind = 'DISBURSAL') AS day, 0 AS accrued, 0 AS interest_gone
          FROM loan l JOIN journal_entry e ON e.brand_id = l.brand_id AND e.loan_id = l.id
          WHERE {among} AND e.business_date <= {as_of} AND e.kind IN ({_KINDS}, {_REVERSALS})
          GROUP BY l.id, l.roi_percent_per_day, l.payment_order
        ), event AS MATERIALIZED (
          SELECT {_event("PARTITION BY e.loan_id")}, e.loan_id, t.roi_percent_per_day, t.payment_order
          FROM told t JOIN journal_entry e ON e.loan_id = t.loan_id
          WHERE NOT t.plain AND {_stands(as_of)} AND NOT ({but})
        ), state AS (
          SELECT {_BEFORE}, t.loan_id, t.roi_percent_per_day FROM told t WHERE NOT t.plain
          UNION ALL
          SELECT {_AFTER}, e.loan_id, e.roi_percent_per_day
          FROM state s JOIN event e ON e.loan_id = s.loan_id AND e.n = s.n + 1 {_moved("e")}
        )
        SELECT s.loan_id, {_owed("s", as_of)} FROM told s WHERE s.plain
        UNION ALL (
        SELECT DISTINCT ON (s.loan_id) s.loan_id, {_owed("s", as_of)} FROM state s ORDER BY s.loan_id, s.n DESC)"""


def _event(partition: str) -> str:
    return f"""row_number() OVER ({partition} ORDER BY {VALUE_DATE},
              array_position(ARRAY[{_KINDS}], e.kind), e.reference COLLATE "C") AS n,
            {VALUE_DATE} AS day,
            {_of("'DISBURSAL'", _fact("principal"))}
              - {_of("'COOLING_OFF'", f"{_fact('fee')} + {_fact('gst')}")} AS lent,
            {_charged(_PENAL)} AS penal, {_charged(_CHARGES)} AS charge,
            {_waived("PRINCIPAL")} AS principal_waived, {_waived("INTEREST")} AS interest_waived,
            {_waived("PENAL")} AS penal_waived, {_waived("CHARGE")} AS charge_waived,
            {_of("'PAYMENT', 'FORECLOSURE', 'RECOVERY'", _fact("amount"))} AS paid,
            {_of("'SUSPENSE_PLACED'", _fact("amount"))} AS placed,
            {_of("'SUSPENSE_IN'", _fact("amount"))} - {_of("'SUSPENSE_OUT', 'REFUND'", _fact("amount"))} AS held,
            e.kind IN ('SETTLEMENT', 'WRITE_OFF') AS ends, e.kind = 'WRITE_OFF' AS loses"""


def _stands(as_of: str) -> str:
    """Of the entry e: it moves something, and was not taken back by the day."""
    return f"""e.business_date <= {as_of}
            AND e.kind IN ({_KINDS}) AND NOT EXISTS (
              SELECT FROM journal_entry r
              WHERE r.brand_id = e.brand_id AND r.loan_id = e.loan_id AND r.business_date <= {as_of} AND (
                r.kind = 'DISBURSAL_REVERSAL' AND e.kind = 'DISBURSAL' AND r.reference = e.reference
                OR r.kind = 'REVERSAL' AND r.facts ->> 'of_kind' = e.kind
                  AND r.facts ->> 'of_reference' = e.reference))"""


_BEFORE = """0::bigint AS n, NULL::date AS day, 0::numeric AS principal, 0::numeric AS penal, 0::numeric AS charge,
            0::numeric AS accrued, 0::numeric AS interest_gone, 0::numeric AS excess, 0::numeric AS lost"""


# the state after the event e
_AFTER = """e.n, e.day,
            CASE WHEN e.ends THEN 0 ELSE a.principal END, CASE WHEN e.ends THEN 0 ELSE a.penal END,
            CASE WHEN e.ends THEN 0 ELSE a.charge END, i.accrued,
            round(i.accrued) - CASE WHEN e.ends THEN 0 ELSE a.interest END,
            s.excess + d.given_back + e.held - d.placed + a.rest - least(a.rest, s.lost),
            CASE WHEN e.ends AND NOT e.loses THEN 0 ELSE greatest(0, s.lost - least(a.rest, s.lost) - d.forgone) END
              + CASE WHEN e.loses THEN a.principal + a.interest + a.penal + a.charge ELSE 0 END"""


def _moved(terms: str) -> str:
    """What is due once the event e has charged or waived, and the money that settles it; and what is left then.
    `terms`: which row has the rate and the order of payment."""
    return f"""CROSS JOIN LATERAL (SELECT {_accrued("e.day", terms)} AS accrued) i
          CROSS JOIN LATERAL (SELECT
            greatest(0, greatest(0, s.principal + e.lent) - e.principal_waived) AS principal,
            greatest(0, round(i.accrued) - s.interest_gone - e.interest_waived) AS interest,
            greatest(0, s.penal + e.penal - e.penal_waived) AS penal,
            greatest(0, s.charge + e.charge - e.charge_waived) AS charge,
            greatest(0, -(s.principal + e.lent)) AS given_back,
            -- what is given up beyond what is owed is of what was written off
            greatest(0, e.principal_waived - greatest(0, s.principal + e.lent))
              + greatest(0, e.interest_waived - greatest(0, round(i.accrued) - s.interest_gone))
              + greatest(0, e.penal_waived - s.penal - e.penal)
              + greatest(0, e.charge_waived - s.charge - e.charge) AS forgone,
            greatest(0, least(e.placed, s.excess)) AS placed,
            e.paid + greatest(0, least(e.placed, s.excess)) AS money) d
          CROSS JOIN LATERAL (SELECT
            {_left("PRINCIPAL", terms)} AS principal, {_left("INTEREST", terms)} AS interest,
            {_left("PENAL", terms)} AS penal, {_left("CHARGE", terms)} AS charge,
            greatest(0, d.money - d.principal - d.interest - d.penal - d.charge) AS rest) a"""


def _owed(terms: str, as_of: str) -> str:
    charged = f"round({_accrued(as_of, terms)})"
    return f"s.principal, {charged} - s.interest_gone AS interest, s.penal, s.charge, {charged} AS interest_charged"


def _accrued(until: str, terms: str) -> str:
    """`terms`: which row has the rate."""
    return f"s.accrued + s.principal * {terms}.roi_percent_per_day * coalesce({until} - s.day, 0) / 100"
