"""What a loan owed at the end of a day, in SQL: the figures of app.ledger.replay from the same journal.

The events of the journal are taken in their order, whenever they were booked. Interest is simple, a percentage a
day on the principal, counted exactly and charged in whole rupees; a payment settles interest, principal, penal
charges. What is returned in cooling-off was not lent.
"""

_DISBURSED = "('BANK', 'FEE_INCOME', 'GST_PAYABLE')"


def _booked(accounts: str) -> str:
    return f"coalesce(sum(j.debit + j.credit) FILTER (WHERE j.account IN {accounts}), 0)"


def balance(as_of: str) -> str:
    """A SELECT of principal, interest and penal of the loan l at the end of the day that `as_of` gives in SQL."""
    return f"""
        WITH RECURSIVE event AS (
          SELECT row_number() OVER (ORDER BY e.business_date,
              array_position(ARRAY['DISBURSAL', 'PENAL_CHARGE', 'COOLING_OFF', 'PAYMENT'], e.kind), e.reference) AS n,
            e.business_date AS day,
            {_booked(_DISBURSED)} * CASE e.kind WHEN 'COOLING_OFF' THEN -1 ELSE 1 END AS lent,
            {_booked("('PENAL_INCOME')")} AS charged, {_booked("('COLLECTION')")} AS paid
          FROM journal_entry e JOIN journal_line j ON j.brand_id = e.brand_id AND j.entry_id = e.id
          WHERE e.brand_id = l.brand_id AND e.loan_id = l.id AND e.business_date <= {as_of}
            AND e.kind IN ('DISBURSAL', 'PENAL_CHARGE', 'COOLING_OFF', 'PAYMENT')
            AND NOT (e.kind = 'DISBURSAL' AND EXISTS (
              SELECT FROM journal_entry r WHERE r.brand_id = e.brand_id AND r.kind = 'DISBURSAL_REVERSAL'
                AND r.reference = e.reference AND r.business_date <= {as_of}))
          GROUP BY e.business_date, e.kind, e.reference
        ), state AS (
          SELECT 0::bigint AS n, NULL::date AS day, 0::numeric AS principal, 0::numeric AS penal,
            0::numeric AS accrued, 0::numeric AS interest_paid
          UNION ALL
          SELECT e.n, e.day,
            s.principal + e.lent - least(s.principal, greatest(0, e.paid - i.owed)),
            s.penal + e.charged - least(s.penal, greatest(0, e.paid - i.owed - s.principal)),
            i.accrued, s.interest_paid + least(e.paid, i.owed)
          FROM state s JOIN event e ON e.n = s.n + 1
          CROSS JOIN LATERAL (SELECT a AS accrued, round(a) - s.interest_paid AS owed
            FROM (SELECT {_accrued("e.day")}) x(a)) i
        )
        SELECT s.principal, round({_accrued(as_of)}) - s.interest_paid AS interest, s.penal
        FROM state s ORDER BY s.n DESC LIMIT 1"""


def _accrued(until: str) -> str:
    return f"s.accrued + s.principal * l.roi_percent_per_day * coalesce({until} - s.day, 0) / 100"
