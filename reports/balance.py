"""What a loan owed at the end of a day, in SQL: the figures of app.ledger.replay from the same journal.

The events of the journal are taken in their order, whenever they were booked, as `replay` takes them. Interest is
simple, a percentage a day on the principal, counted exactly and charged in whole rupees; a payment settles the parts
in the loan's order. An event moves one of the columns of `event`; the others are zero in its row.
"""

_PARTS = {"PRINCIPAL": "d.principal", "INTEREST": "d.interest", "PENAL": "d.penal", "CHARGE": "d.charge"}
_KINDS = """'DISBURSAL', 'PENAL_CHARGE', 'BOUNCE_CHARGE', 'FORECLOSURE_CHARGE', 'COOLING_OFF', 'WAIVER', 'PAYMENT',
              'FORECLOSURE', 'RECOVERY', 'SUSPENSE_IN', 'SUSPENSE_PLACED', 'SUSPENSE_OUT', 'REFUND', 'SETTLEMENT',
              'WRITE_OFF'"""


def _fact(name: str) -> str:
    return f"coalesce((e.facts ->> '{name}')::numeric, 0)"


def _of(kinds: str, value: str) -> str:
    return f"CASE WHEN e.kind IN ({kinds}) THEN {value} ELSE 0 END"


def _waived(part: str) -> str:
    return f"CASE WHEN e.kind = 'WAIVER' AND e.facts ->> 'part' = '{part}' THEN {_fact('amount')} ELSE 0 END"


def _left(part: str) -> str:
    """What is left of a part after the payment: those before it in the loan's order come first."""
    before = " + ".join(
        f"CASE WHEN array_position(l.payment_order, '{other}') < array_position(l.payment_order, '{part}')"
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
          SELECT row_number() OVER (ORDER BY e.business_date, array_position(ARRAY[{_KINDS}], e.kind),
              e.reference COLLATE "C") AS n,
            e.business_date AS day,
            {_of("'DISBURSAL'", _fact("principal"))}
              - {_of("'COOLING_OFF'", f"{_fact('fee')} + {_fact('gst')}")} AS lent,
            {_of("'PENAL_CHARGE'", f"{_fact('amount')} + {_fact('gst')}")} AS penal,
            {_of("'BOUNCE_CHARGE', 'FORECLOSURE_CHARGE'", f"{_fact('amount')} + {_fact('gst')}")} AS charge,
            {_waived("PRINCIPAL")} AS principal_waived, {_waived("INTEREST")} AS interest_waived,
            {_waived("PENAL")} AS penal_waived, {_waived("CHARGE")} AS charge_waived,
            {_of("'PAYMENT', 'FORECLOSURE', 'RECOVERY'", _fact("amount"))} AS paid,
            {_of("'SUSPENSE_PLACED'", _fact("amount"))} AS placed,
            {_of("'SUSPENSE_IN'", _fact("amount"))} - {_of("'SUSPENSE_OUT', 'REFUND'", _fact("amount"))} AS held,
            e.kind IN ('SETTLEMENT', 'WRITE_OFF') AS ends, e.kind = 'WRITE_OFF' AS loses
          FROM journal_entry e
          WHERE e.brand_id = l.brand_id AND e.loan_id = l.id AND e.business_date <= {as_of}
            AND e.kind IN ({_KINDS}) AND NOT EXISTS (
              SELECT FROM journal_entry r
              WHERE r.brand_id = e.brand_id AND r.loan_id = e.loan_id AND r.business_date <= {as_of} AND (
                r.kind = 'DISBURSAL_REVERSAL' AND e.kind = 'DISBURSAL' AND r.reference = e.reference
                OR r.kind = 'REVERSAL' AND r.facts ->> 'of_kind' = e.kind
                  AND r.facts ->> 'of_reference' = e.reference))
        ), state AS (
          SELECT 0::bigint AS n, NULL::date AS day, 0::numeric AS principal, 0::numeric AS penal, 0::numeric AS charge,
            0::numeric AS accrued, 0::numeric AS interest_gone, 0::numeric AS excess, 0::numeric AS lost
          UNION ALL
          SELECT e.n, e.day,
            CASE WHEN e.ends THEN 0 ELSE a.principal END, CASE WHEN e.ends THEN 0 ELSE a.penal END,
            CASE WHEN e.ends THEN 0 ELSE a.charge END, i.accrued,
            round(i.accrued) - CASE WHEN e.ends THEN 0 ELSE a.interest END,
            s.excess + d.given_back + e.held - d.placed + a.rest - least(a.rest, s.lost),
            s.lost - least(a.rest, s.lost)
              + CASE WHEN e.loses THEN a.principal + a.interest + a.penal + a.charge ELSE 0 END
          FROM state s JOIN event e ON e.n = s.n + 1
          CROSS JOIN LATERAL (SELECT {_accrued("e.day")} AS accrued) i
          -- what is due once the event has charged or waived, and the money that settles it
          CROSS JOIN LATERAL (SELECT
            greatest(0, greatest(0, s.principal + e.lent) - e.principal_waived) AS principal,
            greatest(0, round(i.accrued) - s.interest_gone - e.interest_waived) AS interest,
            greatest(0, s.penal + e.penal - e.penal_waived) AS penal,
            greatest(0, s.charge + e.charge - e.charge_waived) AS charge,
            greatest(0, -(s.principal + e.lent)) AS given_back,
            greatest(0, least(e.placed, s.excess)) AS placed,
            e.paid + greatest(0, least(e.placed, s.excess)) AS money) d
          CROSS JOIN LATERAL (SELECT
            {_left("PRINCIPAL")} AS principal, {_left("INTEREST")} AS interest,
            {_left("PENAL")} AS penal, {_left("CHARGE")} AS charge,
            greatest(0, d.money - d.principal - d.interest - d.penal - d.charge) AS rest) a
        )
        SELECT s.principal, round({_accrued(as_of)}) - s.interest_gone AS interest, s.penal, s.charge,
          round({_accrued(as_of)}) AS interest_charged
        FROM state s ORDER BY s.n DESC LIMIT 1"""


def _accrued(until: str) -> str:
    return f"s.accrued + s.principal * l.roi_percent_per_day * coalesce({until} - s.day, 0) / 100"
