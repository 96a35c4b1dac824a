"""The dictionary of columns that reports share: what each means, and how it is found, in one place.

`sql` speaks of the tables l (loan), c (customer), t (payment) and of the facts of reports/facts.py. A column
without `sql` and `formula` has no source in the data yet: reports show it, empty, because readers expect it.
"""

import polars as pl

from pipelines.money import percent
from reports import masks
from reports.base import Column
from reports.kinds import CHOICE, DATE, FLAG, INSTANT, INTEGER, JSON, MONEY, PERCENT, RATE, TEXT


def _day(instant: str) -> str:
    return f"({instant} AT TIME ZONE 'Asia/Kolkata')::date"


def _cam(part: str, name: str) -> str:
    return f"(cam.{part} ->> '{name}')"


def _address(*parts: str) -> pl.Expr:
    """The first part of the address that is there."""
    values = [pl.col("address").str.json_path_match(f"$.{part}") for part in parts]
    return pl.coalesce(pl.when(value != "").then(value) for value in values)


_FULL_ADDRESS = pl.concat_str(
    [_address(part) for part in ("house", "street", "landmark", "locality", "post_office")],
    separator=", ",
    ignore_nulls=True,
)
_SPENT = "l.net_disbursal = l.sanctioned_amount - l.processing_fee - l.gst_amount"
_REPEAT = """EXISTS (SELECT FROM loan e WHERE e.brand_id = l.brand_id AND e.customer_id = l.customer_id
    AND e.disbursed_at < l.created_at)"""
_CLOSING = "last_payment.payment_id = t.id AND l.closed_at IS NOT NULL"

_CUSTOMER = (
    Column("customer_id", TEXT, "Number of the customer", "c.customer_no"),
    Column("lead_created_at", INSTANT, "When the customer first gave their phone", "c.created_at"),
    Column("customer_name", TEXT, "Name as on the PAN", r"regexp_replace(btrim(c.name), '\s+', ' ', 'g')"),
    Column("mobile", TEXT, "Phone, ten digits", "c.phone_enc", masks.PHONE, sealed=True),
    Column("alternate_mobile", TEXT, "Second phone", mask=masks.PHONE),
    Column("email", TEXT, "Personal e-mail", "c.email_enc", masks.EMAIL, sealed=True),
    Column("office_email", TEXT, "E-mail at work", mask=masks.EMAIL),
    Column("pan", TEXT, "Permanent account number", "c.pan_enc", masks.PAN, sealed=True),
    Column(
        "aadhaar_masked",
        TEXT,
        "Last four digits of the Aadhaar; no more is kept",
        "'XXXXXXXX' || c.aadhaar_last4",
    ),
    Column("aadhaar_name", TEXT, "Name as on the Aadhaar", "c.aadhaar_name"),
    Column("dob", DATE, "Verified date of birth", "c.dob_enc", sealed=True),
    Column("gender", CHOICE, "MALE, FEMALE, OTHER", "upper(c.gender)"),
    Column("father_name", TEXT, "Father's name"),
    Column("mother_name", TEXT, "Mother's name"),
    Column("marital_status", CHOICE, "Marital status"),
    Column("spouse_name", TEXT, "Husband's or wife's name"),
    Column(
        "marketing_source",
        TEXT,
        "Source, medium and campaign of the first visit, else Direct",
        """coalesce(nullif(concat_ws(' ', c.utm ->> 'source', c.utm ->> 'medium', c.utm ->> 'campaign'), ''),
        'Direct')""",
    ),
    Column("domain", TEXT, "Sub-domain of the landing site"),
    Column("address", JSON, "Address as on the Aadhaar", "c.address_enc", masks.HIDE, sealed=True),
    Column("residence_address", TEXT, "House, street and locality", formula=_FULL_ADDRESS),
    Column("residence_city", TEXT, "Town, else district", formula=_address("city", "town", "district")),
    Column("residence_state", TEXT, "State", formula=_address("state")),
    Column("residence_pincode", TEXT, "PIN code", formula=_address("pincode")),
    Column("residence_type", CHOICE, "OWNED, RENTED"),
    Column("residing_since", DATE, "Living there since"),
    Column("employment_type", CHOICE, "SALARIED, SELF_EMPLOYED, OTHER", "c.employment_type"),
    Column("income_mode", CHOICE, "BANK_TRANSFER, CHEQUE, CASH", "c.salary_mode"),
    Column(
        "monthly_income",
        MONEY,
        "Average salary of the CAM, else as declared",
        f"coalesce({_cam('computed', 'avg_salary')}::numeric, c.declared_monthly_salary)",
    ),
    Column("company_name", TEXT, "Present employer, as EPFO has it", "employer.employer_name"),
    Column("company_address", TEXT, "Address of the employer"),
    Column("company_city", TEXT, "City of the employer"),
    Column("company_state", TEXT, "State of the employer"),
    Column("company_pincode", TEXT, "PIN code of the employer"),
    Column("designation", TEXT, "Position at work"),
    Column("working_since", DATE, "Joined the employer on", "employer.joining_date"),
    Column("beneficiary_name", TEXT, "Holder of the verified bank account", "account.holder_name"),
    Column(
        "beneficiary_account_no",
        TEXT,
        "Verified bank account",
        "account.account_number_enc",
        masks.ACCOUNT,
        sealed=True,
    ),
    Column("ifsc", TEXT, "IFSC of the verified account", "account.ifsc"),
    Column("beneficiary_bank_name", TEXT, "Bank of the verified account; the IFSC names it"),
    Column("branch_name", TEXT, "Branch of the verified account; the IFSC names it"),
    Column("account_type", CHOICE, "SAVINGS, CURRENT"),
)

_KYC = (
    Column("pan_verified", FLAG, "The PAN was verified", "coalesce(kyc.pan_verified, false)"),
    Column(
        "aadhaar_verified", FLAG, "The Aadhaar was verified by OTP", "coalesce(kyc.aadhaar_verified, false)"
    ),
    Column(
        "aadhaar_result", JSON, "What the Aadhaar check said", "kyc.aadhaar_result", masks.HIDE, sealed=True
    ),
    Column(
        "aadhaar_dob",
        DATE,
        "Date of birth as on the Aadhaar",
        formula=pl.col("aadhaar_result")
        .str.json_path_match("$.date_of_birth")
        .str.to_date("%Y-%m-%d", strict=False),
    ),
    Column("penny_dropped", FLAG, "A bank account was verified by a penny drop", "account.id IS NOT NULL"),
    Column("aadhaar_uploaded", FLAG, "An Aadhaar image is on file", "coalesce(papers.aadhaar, false)"),
    Column("pan_uploaded", FLAG, "A PAN image is on file", "coalesce(papers.pan, false)"),
    Column(
        "bank_statement_uploaded", FLAG, "A statement is on file", "coalesce(papers.bank_statement, false)"
    ),
    Column("others_uploaded", FLAG, "A selfie is on file", "coalesce(papers.others, false)"),
    *(
        Column(
            f"salary_slip_{n}",
            FLAG,
            f"{n} or more salary slips",
            f"coalesce(papers.salary_slips >= {n}, false)",
        )
        for n in (1, 2, 3)
    ),
    Column(
        "bsa_done", FLAG, "A bank statement was analysed for the latest loan", "coalesce(bsa.ready, false)"
    ),
    Column("bureau_check", CHOICE, "DONE, NA", "CASE WHEN bureau.id IS NULL THEN 'NA' ELSE 'DONE' END"),
    Column("credit_score", INTEGER, "Bureau score of the loan's last pull; empty: none", "bureau.score"),
    Column(
        "dedupe_check",
        CHOICE,
        "MATCH: another customer has the same Aadhaar or account; CLEAR",
        "CASE WHEN double.found THEN 'MATCH' ELSE 'CLEAR' END",
    ),
    Column(
        "customer_type",
        CHOICE,
        "REPEAT: had a loan before the latest; NTC: no bureau score; else NEW",
        f"""CASE WHEN {_REPEAT} THEN 'REPEAT'
        WHEN bureau.id IS NOT NULL AND bureau.score IS NULL THEN 'NTC' ELSE 'NEW' END""",
    ),
    Column("customer_category", CHOICE, "Risk tier"),
)

_LOAN = (
    Column("loan_no", TEXT, "Number of the loan", "l.loan_no"),
    Column("old_loan_id", TEXT, "Number in the system before this one"),
    Column("priority", CHOICE, "Queue priority"),
    Column("product", CHOICE, "PAYDAY_LOAN, EMI", "l.product"),
    Column("purpose", TEXT, "What the loan is for", "l.purpose"),
    Column("status", CHOICE, "Status of the loan at generation", "l.status"),
    Column(
        "fresh_repeat",
        CHOICE,
        "REPEAT: an earlier loan was disbursed before this was applied for; else FRESH",
        f"CASE WHEN {_REPEAT} THEN 'REPEAT' ELSE 'FRESH' END",
    ),
    Column("sanctioned_amount", MONEY, "Sanctioned principal", "l.sanctioned_amount"),
    Column("roi_pct", RATE, "Interest in percent a day", "l.roi_percent_per_day"),
    Column("tenure_days", INTEGER, "Days from disbursal to the due date", "l.tenure_days"),
    Column(
        "interest_amount", MONEY, "Interest of the whole tenure", "l.repayment_amount - l.sanctioned_amount"
    ),
    Column(
        "processing_fee",
        MONEY,
        "Processing fee without GST",
        f"CASE WHEN {_SPENT} THEN l.processing_fee ELSE l.processing_fee - l.gst_amount END",
    ),
    Column(
        "pf_pct",
        PERCENT,
        "Processing fee in percent of the loan",
        formula=percent(pl.col("processing_fee"), pl.col("sanctioned_amount")),
    ),
    Column("gst_amount", MONEY, "GST on the fee", "l.gst_amount"),
    Column(
        "tax_pct",
        PERCENT,
        "GST in percent of the fee",
        formula=percent(pl.col("gst_amount"), pl.col("processing_fee")),
    ),
    Column(
        "tax_type",
        CHOICE,
        "EXCLUSIVE: GST came on top of the quoted fee; INCLUSIVE: it was part of it",
        f"CASE WHEN {_SPENT} THEN 'EXCLUSIVE' ELSE 'INCLUSIVE' END",
    ),
    Column("net_disbursed_amount", MONEY, "Paid out: loan less fee and GST", "l.net_disbursal"),
    Column("repayment_amount", MONEY, "Principal and interest due at the end", "l.repayment_amount"),
    Column("disbursed_date", DATE, "Day of the credit", _day("l.disbursed_at")),
    Column("repayment_date", DATE, "Due date", "l.due_date"),
    Column(
        "apr_pct",
        PERCENT,
        "Annual percentage rate of the agreement, fees included",
        f"{_cam('computed', 'apr_percent')}::numeric",
    ),
)

_DESK = (
    Column("approved_date", DATE, "First day sanctioned by a manager", _day("steps.first_approved_at")),
    Column("credit_manager", TEXT, "Who recommended the loan", "steps.recommended_by"),
    Column("sanctioned_by", TEXT, "Who sanctioned or refused it last", "steps.sanctioned_by"),
    Column("disbursed_by", TEXT, "Who started the payout", "steps.disbursed_by"),
    Column(
        "rejection_reason", TEXT, "Reason codes of the rejection of the latest loan", "steps.rejection_reason"
    ),
    Column("rejection_remarks", TEXT, "Words of that rejection", "steps.rejection_remark"),
    Column("recommend_remarks", TEXT, "Remark with the recommendation", "steps.recommend_remark"),
    Column("sanction_remarks", TEXT, "Remark with the sanction or refusal", "steps.sanction_remark"),
    Column("disbursal_remarks", TEXT, "Remark at the start of the payout", "steps.disbursal_remark"),
    Column("signed_at", INSTANT, "Agreement and key fact statement accepted by e-sign", "steps.signed_at"),
    Column("sanction_mailed_at", INSTANT, "Sanction letter mailed", "notices.sanction_mailed_at"),
    Column("credit_executive", TEXT, "Credit executive of the loan", "desk.credit_executive"),
    Column("credit_executive_email", TEXT, "Their e-mail", "desk.credit_executive_email"),
    Column("collection_executive", TEXT, "Collection executive of the loan", "desk.collection_executive"),
    Column("loan_partners", TEXT, "Everyone who works on the loan now", "desk.everyone"),
    Column("disbursed_bank", TEXT, "Through whom we paid out", "upper(payout.provider)"),
    Column("utr", TEXT, "Unique transaction reference of the payout", "payout.utr"),
    Column("payout_mode", CHOICE, "IMPS, NEFT, ...", "upper(payout.mode)"),
    Column(
        "disbursal_tat",
        TEXT,
        "From the final approval to the credit, HH:MM",
        """to_char(make_interval(secs => extract(epoch FROM payout.settled_at - steps.approved_at)),
        'HH24:MI')""",
    ),
    Column("risk_tier", CHOICE, "Risk tier"),
)

_CAM = (
    *(
        Column(
            f"salary_date_{n}",
            DATE,
            f"Day of salary credit {n}",
            f"{_cam('inputs', f'salary_credit_date_{n}')}::date",
        )
        for n in (1, 2, 3)
    ),
    *(
        Column(
            f"salary_amount_{n}",
            MONEY,
            f"Salary credit {n}",
            f"{_cam('inputs', f'salary_amount_{n}')}::numeric",
        )
        for n in (1, 2, 3)
    ),
    Column(
        "average_salary", MONEY, "Average of the salary credits", f"{_cam('computed', 'avg_salary')}::numeric"
    ),
    Column("actual_net_salary", MONEY, "Net salary as on the salary slip"),
    Column(
        "obligations",
        MONEY,
        "Instalments a month of other loans",
        f"{_cam('inputs', 'obligations')}::numeric",
    ),
    Column(
        "salary_to_income_ratio",
        PERCENT,
        "Obligations in percent of the average salary",
        formula=percent(pl.col("obligations"), pl.col("average_salary")),
    ),
    Column(
        "sanctioned_amount_to_income_ratio",
        PERCENT,
        "Latest loan in percent of the average salary",
        formula=percent(pl.col("sanctioned_amount"), pl.col("average_salary")),
    ),
    Column(
        "loan_recommended",
        MONEY,
        "Loan that the CAM recommends",
        f"{_cam('computed', 'loan_recommended')}::numeric",
    ),
    Column(
        "eligible_loan",
        MONEY,
        "Largest loan that the CAM allows",
        f"{_cam('computed', 'eligible_loan')}::numeric",
    ),
    Column(
        "eligible_tenure", INTEGER, "Days that the CAM was worked out for", f"{_cam('inputs', 'tenure')}::int"
    ),
    Column("cam_remarks", TEXT, "Remark of the CAM", "cam.remark"),
)

_BOOK = (
    Column("application_created_at", INSTANT, "First application", "book.first_applied_at"),
    Column("loan_nos", TEXT, "All loans, oldest first", "book.loan_nos"),
    Column("loan_statuses", TEXT, "Their statuses, in the same order", "book.statuses"),
    Column("loan_amounts", TEXT, "Their sanctioned, else applied amounts", "book.amounts"),
    Column("loan_status_history", TEXT, "The way of each loan through its statuses", "book.histories"),
    Column("brand_status_reasons", TEXT, "Reasons and remarks given at status changes", "book.reasons"),
    Column(
        "disbursed_loans", INTEGER, "How many of the loans were paid out", "coalesce(book.disbursed_loans, 0)"
    ),
    Column(
        "onboarding_step",
        INTEGER,
        "How many of the six steps are done: phone, PAN, Aadhaar, bank account, employment, application",
        """(c.registered_at IS NOT NULL)::int + coalesce(kyc.pan_verified, false)::int
        + coalesce(kyc.aadhaar_verified, false)::int + (account.id IS NOT NULL)::int
        + (employer.id IS NOT NULL)::int + (l.id IS NOT NULL)::int""",
    ),
    Column("user_allotted_partner", TEXT, "Who looks after the customer before a loan"),
    *(
        column
        for n in (1, 2)
        for column in (
            Column(f"reference_{n}_name", TEXT, f"Reference {n}"),
            Column(f"reference_{n}_mobile", TEXT, f"Phone of reference {n}", mask=masks.PHONE),
            Column(f"reference_{n}_relation", CHOICE, f"Relation of reference {n}"),
        )
    ),
)

_PAYMENT = (
    Column("payment_date", DATE, "Day the money was received", "t.received_on"),
    Column("paid_amount", MONEY, "The payment", "t.amount"),
    Column("principal_received", MONEY, "Of it, principal", "posting.principal"),
    Column("interest_received", MONEY, "Of it, interest", "posting.interest"),
    Column("penalty_received", MONEY, "Of it, penal charges", "posting.penalty"),
    Column("excess_amount", MONEY, "Of it, more than was owed", "posting.excess"),
    Column(
        "penalty_discount",
        MONEY,
        "Penal charges waived on the loan; on its last payment",
        "CASE WHEN last_payment.payment_id = t.id THEN coalesce(waived.penalty, 0) ELSE 0 END",
    ),
    Column(
        "round_off_discount",
        MONEY,
        "Principal and interest waived; on the loan's last payment",
        "CASE WHEN last_payment.payment_id = t.id THEN coalesce(waived.round_off, 0) ELSE 0 END",
    ),
    Column(
        "collection_status",
        CHOICE,
        "PRE-CLOSED, CLOSED, POST-CLOSED by due date; SETTLED, WRITTEN OFF; PARTIALLY PAID",
        f"""CASE WHEN NOT ({_CLOSING}) THEN 'PARTIALLY PAID' WHEN l.status = 'SETTLED' THEN 'SETTLED'
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
        "Who asked for the payment: staff, CUSTOMER or SYSTEM",
        """(SELECT coalesce(p.name, CASE WHEN r.requested_by = l.customer_id::text THEN 'CUSTOMER'
          ELSE upper(r.requested_by) END)
        FROM payment_request r LEFT JOIN partner_user p ON p.id::text = r.requested_by
        WHERE r.brand_id = t.brand_id AND r.id = t.payment_request_id)""",
    ),
    Column("approved_by", TEXT, "Who confirmed it: the provider, by a signed webhook", "upper(t.provider)"),
    Column("account_remarks", TEXT, "Note on the payment"),
)

DICTIONARY: dict[str, Column] = {
    column.name: column
    for group in (_CUSTOMER, _KYC, _LOAN, _DESK, _CAM, _BOOK, _PAYMENT)
    for column in group
}


def shared(names: str) -> tuple[Column, ...]:
    """Columns of the dictionary in this order; ``tax=gst_amount`` shows gst_amount under the name tax."""
    pairs = (name.partition("=") for name in names.split())
    return tuple(DICTIONARY[known or name].renamed(name) for name, _, known in pairs)
