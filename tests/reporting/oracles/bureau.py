"""Oracles of the files for the credit bureaus."""

from tests.reporting.oracles.base import DEBT, IN, Oracle

_OPEN = "(lo.shut_on IS NULL OR lo.shut_on > %(until)s)"
_DEBT = f"CASE WHEN {_OPEN} THEN round(owed.principal + owed.interest) ELSE 0 END"
# of what is owed no more, nothing is late
_LATE = f"CASE WHEN {_DEBT} > 0 THEN least(greatest(%(until)s - lo.due_date, 0), 999) ELSE 0 END"
_LOST = (
    "(SELECT round(-sum(amount)) FROM line WHERE loan_id = lo.id AND kind = 'WRITE_OFF' AND account IN ({0}))"
)
_PAID = "(SELECT {0} FROM came WHERE loan_id = lo.id AND received_on <= %(until)s{1})"


# what a bureau has to be told of
_STANDING = f"""lo.paid_out_on <= %(until)s AND (lo.shut_on IS NULL OR lo.shut_on >= %(since)s
  OR lo.status = 'WRITE_OFF' AND EXISTS (
    SELECT FROM came WHERE loan_id = lo.id AND amount > 0 AND received_on {IN}))"""


def _accounts(bureau: str, columns: str, more: str = "", which: str = _STANDING) -> Oracle:
    return Oracle(
        "curr_new_account_no account_type date_opened_disbursed date_closed date_of_last_payment date_reported"
        " high_credit_sanctioned_amt current_balance amt_overdue no_of_days_past_due asset_classification gender"
        f" occupation_code residence_code_1 current_new_member_code {columns}",
        f"""SELECT lo.loan_no, '69', paid_out_on, CASE WHEN NOT {_OPEN} THEN lo.shut_on END,
          {_PAID.format("max(received_on) FILTER (WHERE amount > 0)", "")}, %(until)s::date,
          round(lo.sanctioned_amount), {_DEBT},
          CASE WHEN lo.due_date < %(until)s THEN {_DEBT} ELSE 0 END, {_LATE},
          CASE WHEN NOT {_OPEN} AND lo.status = 'WRITE_OFF' THEN '04' WHEN {_LATE} <= 90 THEN '01'
            WHEN {_LATE} <= 180 THEN '02' WHEN {_LATE} <= 360 THEN '03' ELSE '04' END,
          CASE cu.gender WHEN 'F' THEN '1' WHEN 'M' THEN '2' END, '01',
          CASE cu.permanent_residence WHEN 'OWNED' THEN '01' WHEN 'RENTED' THEN '02' END,
          (SELECT settings -> 'bureauPolicy' -> 'memberships' -> '{bureau}' ->> 'memberCode' FROM brand
            WHERE id = %(brand)s){more}
        FROM lo JOIN owed ON owed.loan_id = lo.id JOIN cu ON cu.id = lo.customer_id
        WHERE {which}""",
    )


def _full(bureau: str, status: str) -> Oracle:
    return _accounts(
        bureau,
        f"{status} suit_filed_wilful_default written_off_amount_total written_off_principal_amount settlement_amt"
        " rate_of_interest repayment_tenure emi_amount payment_frequency actual_payment_amt income",
        f""", CASE lo.status WHEN 'WRITE_OFF' THEN '02' WHEN 'SETTLED' THEN '03' END,
          CASE WHEN EXISTS (SELECT FROM suit s WHERE s.loan_id = lo.id AND s.status IN ('FILED', 'ENDED')
            AND daterange(s.filed_on, s.ended_on) @> %(until)s::date) THEN '01' ELSE '00' END,
          {_LOST.format(DEBT)}, {_LOST.format("'PRINCIPAL'")},
          CASE lo.status WHEN 'SETTLED' THEN round(coalesce({_PAID.format("sum(amount)", "")}, 0)) END,
          round(lo.roi_percent_per_day * 365, 2), (lo.tenure_days + 29) / 30, round(lo.repayment_amount), '05',
          round(coalesce({_PAID.format("sum(amount)", f" AND received_on {IN}")}, 0)),
          (SELECT round(coalesce((memo.computed ->> 'avg_salary')::numeric, cu.declared_monthly_salary)) FROM lo x
            LEFT JOIN memo ON memo.loan_id = x.id WHERE x.id = lo.id)""",
    )


_CIC = "cibil", "customer_id date_of_repayment", ", cu.customer_no, lo.due_date"

ORACLES: dict[str, Oracle] = {
    "cic-report": _accounts(*_CIC),
    "cic-report?range=disbursed": _accounts(*_CIC, which=f"lo.paid_out_on {IN}"),
    "equifax-credit-report": _full("equifax", "written_off_settled_status"),
    "transunion-report": _full("cibil", "credit_facility_status"),
}
