"""What a bureau is told of an account, in the codes and formats of its file, as of the last day asked for.

Beside it stands what a bureau told us: the pull that the loan's decision rested on, and the newest of a bureau.
"""

import polars as pl

from pipelines.states import pincode_in_state, state_code_of
from reports import masks
from reports.base import Column
from reports.columns.customers import line_of, part_of
from reports.columns.expressions import REPORTED_ON, day
from reports.kinds import CHOICE, DATE, DAY_DIGITS, INTEGER, MONEY, PERCENT, TEXT

_CLOSED = f"{day('l.closed_at')} <= {REPORTED_ON}"
_LOST = f"{_CLOSED} AND l.status = 'WRITE_OFF'"
_SETTLED = f"{_CLOSED} AND l.status = 'SETTLED'"
_OWED = f"CASE WHEN {_CLOSED} THEN 0 ELSE round(balance.principal + balance.interest) END"
_OVERDUE = f"CASE WHEN {REPORTED_ON} > l.due_date THEN {_OWED} ELSE 0 END"
_DAYS = f"CASE WHEN {_OVERDUE} > 0 THEN least({REPORTED_ON} - l.due_date, 999) ELSE 0 END"
_STATE, _PINCODE = (part_of("address", part) for part in ("state", "pincode"))


_TENURE = {"OWNED": "01", "RENTED": "02"}


def _whole(amount: str) -> pl.Expr:
    """Whole rupees, halves up."""
    return pl.col(amount).round(0, mode="half_away_from_zero").cast(pl.Int64)


def _code(code: str, where: str) -> pl.Expr:
    """A code that holds wherever a column has a value."""
    return pl.when(pl.col(where).is_not_null()).then(pl.lit(code))


_PERSON = (
    Column(
        "date_of_birth",
        DAY_DIGITS,
        "Verified date of birth, DDMMYYYY",
        mask=masks.BIRTH_DATE,
        formula=pl.col("dob"),
    ),
    Column(
        "gender_code",
        CHOICE,
        "1 female, 2 male, 3 other",
        """CASE WHEN c.gender IS NOT NULL THEN
        CASE upper(left(c.gender, 1)) WHEN 'F' THEN '1' WHEN 'M' THEN '2' ELSE '3' END END""",
    ),
    Column("state_code", CHOICE, "Two digits of the state of the address", formula=state_code_of(_STATE)),
    Column("address_category_1", CHOICE, "01 permanent: as on the Aadhaar", formula=_code("01", "address")),
    Column(
        "residence_code_1",
        CHOICE,
        "01 owned, 02 rented; as told",
        formula=pl.col("permanent_residence").replace_strict(_TENURE, default=None),
    ),
    Column("address_2", TEXT, "House, street and locality as told", formula=line_of("current_address")),
    Column(
        "state_code_2",
        CHOICE,
        "Two digits of its state",
        formula=state_code_of(part_of("current_address", "state")),
    ),
    Column("pin_code_2", TEXT, "Its PIN code", formula=part_of("current_address", "pincode")),
    Column("address_category_2", CHOICE, "02 residence: as told", formula=_code("02", "current_address")),
    Column(
        "residence_code_2",
        CHOICE,
        "01 owned, 02 rented",
        formula=part_of("current_address", "residence").replace_strict(_TENURE, default=None),
    ),
    Column(
        "occupation_code",
        CHOICE,
        "01 salaried, 03 self-employed, 04 other",
        """CASE c.employment_type WHEN 'SALARIED' THEN '01' WHEN 'SELF_EMPLOYED' THEN '03'
        WHEN 'OTHER' THEN '04' END""",
    ),
    Column("income", INTEGER, "Monthly income, whole rupees", formula=_whole("monthly_income")),
    Column("net_gross_income_indicator", CHOICE, "N net", formula=_code("N", "monthly_income")),
    Column("monthly_annual_income_indicator", CHOICE, "M monthly", formula=_code("M", "monthly_income")),
)

_ACCOUNT = (
    Column(
        "bureau_account_type",
        CHOICE,
        "69 short-term personal loan, unsecured (PAYDAY_LOAN); 05 personal loan",
        "CASE l.product WHEN 'PAYDAY_LOAN' THEN '69' ELSE '05' END",
    ),
    Column("ownership_indicator", CHOICE, "1 individual", "'1'"),
    Column("date_opened_disbursed", DAY_DIGITS, "Day of the credit, DDMMYYYY", day("l.disbursed_at")),
    Column(
        "date_of_last_payment",
        DAY_DIGITS,
        "Last payment received until the day reported, DDMMYYYY",
        "receipts.last_on",
    ),
    Column(
        "date_closed",
        DAY_DIGITS,
        "Day the account was closed if it was by the day reported, DDMMYYYY",
        f"CASE WHEN {_CLOSED} THEN {day('l.closed_at')} END",
    ),
    Column("date_of_repayment", DAY_DIGITS, "Due date, DDMMYYYY", "l.due_date"),
    Column("date_reported", DAY_DIGITS, "Last day of the range, DDMMYYYY", REPORTED_ON),
    Column(
        "high_credit_sanctioned_amt",
        INTEGER,
        "Sanctioned principal, whole rupees",
        formula=_whole("sanctioned_amount"),
    ),
    Column(
        "current_balance", INTEGER, "Principal and interest owed, whole rupees; 0 on a closed account", _OWED
    ),
    Column("amt_overdue", INTEGER, "Of it, what is past the due date", _OVERDUE),
    Column(
        "no_of_days_past_due", INTEGER, "Days past the due date, 999 at most; 0 if nothing is overdue", _DAYS
    ),
    Column(
        "asset_classification",
        CHOICE,
        "By days past due: 01 standard to 90, 02 sub-standard to 180, 03 doubtful to 360, 04 loss; 04 if written off",
        f"""CASE WHEN {_LOST} OR {_DAYS} > 360 THEN '04' WHEN {_DAYS} > 180 THEN '03'
        WHEN {_DAYS} > 90 THEN '02' ELSE '01' END""",
    ),
    Column(
        "written_off_settled_status",
        CHOICE,
        "02 written off, 03 settled",
        f"CASE WHEN {_LOST} THEN '02' WHEN {_SETTLED} THEN '03' END",
    ),
    Column(
        "suit_filed_wilful_default",
        CHOICE,
        "01 suit filed, and not ended by the day reported; 00 none",
        "CASE WHEN suit.filed THEN '01' ELSE '00' END",
    ),
    Column(
        "rate_of_interest", PERCENT, "Interest in percent a year: 365 days", "l.roi_percent_per_day * 365"
    ),
    Column("repayment_tenure", INTEGER, "Months of 30 days, begun ones whole", "ceil(l.tenure_days / 30.0)"),
    Column("emi_amount", INTEGER, "Due at the end, whole rupees", formula=_whole("repayment_amount")),
    Column(
        "written_off_amount_total",
        INTEGER,
        "All that was owed when it was written off, whole rupees",
        f"CASE WHEN {_LOST} THEN round(written_off.total) END",
    ),
    Column(
        "written_off_principal_amount",
        INTEGER,
        "Of it, principal",
        f"CASE WHEN {_LOST} THEN round(written_off.principal) END",
    ),
    Column(
        "settlement_amt",
        INTEGER,
        "All that was received on an account that was settled, whole rupees",
        f"CASE WHEN {_SETTLED} THEN round(coalesce(receipts.total, 0)) END",
    ),
    Column(
        "payment_frequency",
        CHOICE,
        "05 once, at the end (PAYDAY_LOAN); 03 monthly",
        "CASE l.product WHEN 'PAYDAY_LOAN' THEN '05' ELSE '03' END",
    ),
    Column(
        "actual_payment_amt",
        INTEGER,
        "Received within the range, whole rupees",
        "round(coalesce(receipts.in_range, 0))",
    ),
)


def _proof(name: str, meaning: str, fact: str) -> Column:
    return Column(
        name, TEXT, f"{meaning}, as told", f"proofs.{fact}", masks.ACCOUNT, sealed="identity_paper.number_enc"
    )


def _days_of(name: str, meaning: str, fact: str) -> tuple[Column, Column]:
    return (
        Column(
            f"{name}_issue_date", DAY_DIGITS, f"{meaning} issued on, DDMMYYYY", f"proofs.{fact}_issued_on"
        ),
        Column(
            f"{name}_expiry_date", DAY_DIGITS, f"{meaning} valid until, DDMMYYYY", f"proofs.{fact}_expires_on"
        ),
    )


_PROOFS = (
    _proof("passport_number", "Passport", "passport"),
    *_days_of("passport", "Passport", "passport"),
    _proof("voter_id_number", "Voter's identity card", "voter_id"),
    _proof("driving_license_number", "Driving licence", "licence"),
    *_days_of("driving_license", "Driving licence", "licence"),
    _proof("ration_card_number", "Ration card", "ration_card"),
    _proof("nrega_card_number", "Job card of the rural employment scheme", "job_card"),
    _proof("ckyc", "Number in the central KYC registry", "ckyc"),
)

# Columns of the files that nothing in the platform can fill.
_UNKNOWN = {
    "additional_id_1": "Another identity document; those that we know have columns of their own",
    "additional_id_2": "Another identity document; those that we know have columns of their own",
    "extension_other": "Its extension; it is a mobile, which has none",
    "old_mbr_code": "Member code of the lender before us; no account was taken over",
    "old_mbr_short_name": "Its short name; no account was taken over",
    "old_acc_no": "Account number before a change; a loan keeps its number",
    "old_acc_type": "Account type before a change; a loan keeps its product",
    "old_ownership_indicator": "Ownership before a change; every loan is of one person",
    "value_of_collateral": "Value of the collateral; the loans have none",
    "type_of_collateral": "Type of the collateral; the loans have none",
    "credit_limit": "Limit of a card; the loans are no cards",
    "cash_limit": "Cash limit of a card; the loans are no cards",
}

# What must hold of a row: the bureau sends back those of which it does not.
_VALID = {
    "consumer_name": pl.col("customer_name") != "",
    "date_of_birth": pl.col("dob").is_not_null(),
    "income_tax_id_number": pl.col("pan").str.contains("^[A-Z]{5}[0-9]{4}[A-Z]$"),
    "telephone_no_mobile": pl.col("mobile").str.contains("^[0-9]{10}$"),
    "state_code_1": state_code_of(_STATE).is_not_null(),
    "pin_code_1": pincode_in_state(_PINCODE, state_code_of(_STATE)),
    "date_closed": pl.col("date_closed").is_null()
    | (pl.col("date_closed") >= pl.col("date_opened_disbursed")),
}
_INVALID = pl.concat_str(
    [pl.when(valid.fill_null(False).not_()).then(pl.lit(name)) for name, valid in _VALID.items()],
    separator="; ",
    ignore_nulls=True,
)

_REJECTS = (
    Column(
        "errors",
        TEXT,
        "Columns for which the bureau would reject the row: missing, or against its rules (PAN, ten-digit mobile, "
        "known state, PIN code of that state, closed after opened); empty: none",
        formula=_INVALID.replace("", None),
    ),
    Column(
        "file",
        CHOICE,
        "errors: it is on the list of what a bureau would reject; accounts: it goes to the bureau",
        formula=pl.when(_INVALID == "").then(pl.lit("accounts")).otherwise(pl.lit("errors")),
    ),
)


def _told_by(fact: str, pull: str) -> tuple[Column, ...]:
    """What was read of a pull at a glance."""
    summary = f"{fact}.summary ->>"
    return (
        Column(f"{fact}_bureau", CHOICE, f"Bureau of {pull}", f"upper({fact}.bureau)"),
        Column(f"{fact}_pulled_on", DATE, "Day of that pull, as the bureau has it", f"{fact}.pulled_on"),
        Column(f"{fact}_control_number", TEXT, "Number of that report", f"{fact}.control_number"),
        Column(f"{fact}_outcome", CHOICE, "SCORED, THIN_FILE, NO_HIT", f"{fact}.outcome"),
        Column(f"{fact}_score", INTEGER, "Its score", f"{fact}.score"),
        Column(f"{fact}_accounts", INTEGER, "Accounts in it", f"({summary} 'account_count')::int"),
        Column(
            f"{fact}_active_accounts",
            INTEGER,
            "Of them, not closed",
            f"({summary} 'account_count')::int - ({summary} 'closed_account_count')::int",
        ),
        Column(f"{fact}_overdue_amount", MONEY, "Overdue on all of them", f"({summary} 'overdue')::numeric"),
        Column(f"{fact}_enquiries", INTEGER, "Enquiries in it", f"({summary} 'enquiry_count')::int"),
    )


def _known_to(bureau: str, name: str) -> tuple[Column, ...]:
    """As whom we report to a bureau, by the brand's settings."""
    member = f"member.of #>> '{{{bureau}"
    return (
        Column(f"{bureau}_member_code", TEXT, f"Our member code at {name}", f"{member},memberCode}}'"),
        Column(f"{bureau}_member_short_name", TEXT, f"Our short name at {name}", f"{member},shortName}}'"),
    )


_MASKS = {"telephone": masks.PHONE, "email": masks.EMAIL}

COLUMNS = (
    *_PERSON,
    *_ACCOUNT,
    *_PROOFS,
    *(
        Column(name, TEXT, meaning, mask=_MASKS.get(name.partition("_")[0]))
        for name, meaning in _UNKNOWN.items()
    ),
    *_known_to("cibil", "TransUnion CIBIL"),
    *_known_to("equifax", "Equifax"),
    *_REJECTS,
    *_told_by("evidence", "the pull that the decision rested on: the customer's newest before it"),
    *_told_by("equifax", "the customer's newest pull from Equifax until the day reported"),
    *_told_by("cibil", "the customer's newest pull from CIBIL (TransUnion) until the day reported"),
)
