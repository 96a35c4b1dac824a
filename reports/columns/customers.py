"""Who the customer is, what was checked of them, and what they have with us."""

from collections.abc import Callable

import polars as pl

from pipelines.cities import city_class_of
from pipelines.statements.banks import banks
from reports import masks
from reports.base import Column
from reports.columns.expressions import REPEAT, cam, day
from reports.kinds import CHOICE, DATE, FLAG, INSTANT, INTEGER, JSON, MONEY, TEXT

_PARTS = "house street landmark locality city town district state pincode residence residing_since"
# read whole: a path would read the text once more for each part
_ADDRESS = pl.Struct(dict.fromkeys(_PARTS.split(), pl.String))


def part_of(column: str, *parts: str) -> pl.Expr:
    """The first part of the address in a column that is there."""
    address = pl.col(column).str.json_decode(_ADDRESS)
    values = [address.struct.field(part) for part in parts]
    return pl.coalesce(pl.when(value != "").then(value) for value in values)


def line_of(column: str) -> pl.Expr:
    """House, street, landmark and locality, as far as they are there."""
    parts = [part_of(column, part) for part in ("house", "street", "landmark", "locality")]
    return pl.concat_str(parts, separator=", ", ignore_nulls=True)


def _residence(part: Callable[[str], pl.Expr]) -> pl.Expr:
    """Of the address that the customer told, else of that on the Aadhaar."""
    told = pl.col("current_address").is_not_null()
    return pl.when(told).then(part("current_address")).otherwise(part("address"))


_TOWN = _residence(lambda column: part_of(column, "city", "town", "district"))


def _said(name: str, meaning: str, mask: masks.Mask) -> Column:
    """What stands sealed on the customer, under its own name."""
    return Column(name, TEXT, meaning, f"c.{name}_enc", mask, sealed=f"customer.{name}_enc")


_BANKS = {prefix: bank.names[0] for bank in banks().values() for prefix in bank.ifsc}


def _band(column: str, edges: dict[int, str], rest: str) -> pl.Expr:
    """The name of the first edge that a number is below, else the rest; null where there is no number."""
    below = [pl.when(pl.col(column) < edge).then(pl.lit(name)) for edge, name in edges.items()]
    return pl.coalesce(*below, pl.when(pl.col(column).is_not_null()).then(pl.lit(rest)))


_SALARIES = {25_000: "below 25,000", 50_000: "25,000 to 50,000", 100_000: "50,000 to 1,00,000"}
_SCORES = {600: "below 600", 650: "600 to 649", 700: "650 to 699", 750: "700 to 749"}

_CUSTOMER = (
    Column("customer_id", TEXT, "Number of the customer", "c.customer_no"),
    Column("user_id", TEXT, "Identity of the customer in the platform", "c.id"),
    Column("lead_date", DATE, "Day on which the customer first gave their phone", day("c.created_at")),
    Column("lead_created_at", INSTANT, "When the customer first gave their phone", "c.created_at"),
    Column("customer_name", TEXT, "Name as on the PAN", "c.name_enc", sealed="customer.name_enc"),
    Column("mobile", TEXT, "Phone, ten digits", "c.phone_enc", masks.PHONE, sealed="customer.phone_enc"),
    Column(
        "alternate_mobile",
        TEXT,
        "Second phone",
        "c.alternate_phone_enc",
        masks.PHONE,
        sealed="customer.alternate_phone_enc",
    ),
    Column(
        "alternate_name",
        CHOICE,
        "Whose the second phone is: SELF, the customer's own",
        "CASE WHEN c.alternate_phone_enc IS NOT NULL THEN 'SELF' END",
    ),
    Column("email", TEXT, "Personal e-mail", "c.email_enc", masks.EMAIL, sealed="customer.email_enc"),
    Column(
        "office_email",
        TEXT,
        "E-mail at work",
        "c.office_email_enc",
        masks.EMAIL,
        sealed="customer.office_email_enc",
    ),
    Column("pan", TEXT, "Permanent account number", "c.pan_enc", masks.PAN, sealed="customer.pan_enc"),
    Column(
        "aadhaar_masked",
        TEXT,
        "Last four digits of the Aadhaar; no more is kept",
        "'XXXXXXXX' || c.aadhaar_last4",
    ),
    Column(
        "aadhaar_name",
        TEXT,
        "Name as on the Aadhaar",
        "c.aadhaar_name_enc",
        sealed="customer.aadhaar_name_enc",
    ),
    Column("dob", DATE, "Verified date of birth", "c.dob_enc", masks.BIRTH_DATE, sealed="customer.dob_enc"),
    Column("gender", CHOICE, "MALE, FEMALE, OTHER", "upper(c.gender)"),
    _said("father_name", "Father's name, as told, else as on the Aadhaar", masks.HIDE),
    _said("mother_name", "Mother's name, as told", masks.HIDE),
    Column(
        "marital_status", CHOICE, "SINGLE, MARRIED, DIVORCED, WIDOWED, SEPARATED; as told", "c.marital_status"
    ),
    _said("spouse_name", "Husband's or wife's name, as told, else as on the Aadhaar", masks.HIDE),
    _said("home_phone", "Phone at home, as told", masks.PHONE),
    _said("office_phone", "Phone at work, as told", masks.PHONE),
    Column("office_extension", TEXT, "Extension at work, as told", "c.office_extension"),
    Column(
        "permanent_residence",
        CHOICE,
        "Whose the house is that the Aadhaar names: OWNED, RENTED, ...; as told",
        "c.permanent_residence",
    ),
    Column(
        "marketing_source",
        TEXT,
        "Source, medium and campaign of the first visit, else the campaign of the advertisement's form, else Direct",
        """coalesce(nullif(concat_ws(' ', c.utm ->> 'source', c.utm ->> 'medium', c.utm ->> 'campaign'), ''),
        (SELECT b.campaign_name FROM lead_form b WHERE b.brand_id = c.brand_id AND b.customer_id = c.id
          ORDER BY b.id LIMIT 1), 'Direct')""",
    ),
    Column(
        "device",
        CHOICE,
        "What they first came with: ANDROID, IPHONE, TABLET, DESKTOP, OTHER",
        "c.device",
    ),
    Column("domain", TEXT, "Site on which the first visit landed", "first_click.domain"),
    Column(
        "address",
        JSON,
        "Address as on the Aadhaar",
        "c.address_enc",
        masks.HIDE,
        sealed="customer.address_enc",
    ),
    Column(
        "aadhaar_address", TEXT, "House, street and locality as on the Aadhaar", formula=line_of("address")
    ),
    Column("aadhaar_pincode", TEXT, "PIN code as on the Aadhaar", formula=part_of("address", "pincode")),
    Column(
        "current_address",
        JSON,
        "Address as told",
        "c.current_address_enc",
        masks.HIDE,
        sealed="customer.current_address_enc",
    ),
    Column(
        "residence_address",
        TEXT,
        "House, street and locality as told, else as on the Aadhaar",
        formula=_residence(line_of),
    ),
    Column(
        "residence_city",
        TEXT,
        "Town, else district, of that address",
        formula=_TOWN,
    ),
    Column(
        "city_tier",
        CHOICE,
        "Class of that town, as the Government of India has it for house rent allowance: X 50 lakh people and more, "
        "Y 5 to 50 lakh, Z every other",
        formula=city_class_of(_TOWN),
    ),
    Column("residence_state", TEXT, "Its state", formula=_residence(lambda column: part_of(column, "state"))),
    Column(
        "residence_pincode",
        TEXT,
        "Its PIN code",
        formula=_residence(lambda column: part_of(column, "pincode")),
    ),
    Column(
        "residence_type",
        CHOICE,
        "OWNED, RENTED, ...: as told",
        formula=part_of("current_address", "residence"),
    ),
    Column(
        "residing_since",
        DATE,
        "Living there since, as told",
        formula=part_of("current_address", "residing_since").str.to_date("%Y-%m-%d", strict=False),
    ),
    Column("employment_type", CHOICE, "SALARIED, SELF_EMPLOYED, OTHER", "c.employment_type"),
    Column("income_mode", CHOICE, "BANK_TRANSFER, CHEQUE, CASH", "c.salary_mode"),
    Column(
        "monthly_income",
        MONEY,
        "Average salary of the CAM, else as declared",
        f"coalesce({cam('computed', 'avg_salary')}::numeric, c.declared_monthly_salary)",
    ),
    Column(
        "salary_band",
        CHOICE,
        "Band of the monthly income",
        formula=_band("monthly_income", _SALARIES, "1,00,000 and more"),
    ),
    Column(
        "company_at_epfo",
        TEXT,
        "Present employer as EPFO has it",
        "employer.employer_name_enc",
        sealed="employment.employer_name_enc",
    ),
    Column(
        "company_as_told",
        TEXT,
        "Employer as the customer told",
        "c.employer_name_enc",
        sealed="customer.employer_name_enc",
    ),
    Column(
        "company_name",
        TEXT,
        "Present employer, as EPFO has it, else as told",
        formula=pl.coalesce("company_at_epfo", "company_as_told"),
    ),
    Column(
        "employer_address",
        JSON,
        "Address of the employer as told",
        "c.employer_address_enc",
        masks.HIDE,
        sealed="customer.employer_address_enc",
    ),
    Column(
        "company_address",
        TEXT,
        "Building, street and locality of the employer, as told",
        formula=line_of("employer_address"),
    ),
    Column("company_city", TEXT, "Its town", formula=part_of("employer_address", "town")),
    Column("company_state", TEXT, "Its state", formula=part_of("employer_address", "state")),
    Column("company_pincode", TEXT, "Its PIN code", formula=part_of("employer_address", "pincode")),
    Column("designation", TEXT, "Position at work", "c.designation"),
    Column("working_since", DATE, "Joined the employer on", "employer.joining_date"),
    Column(
        "beneficiary_name",
        TEXT,
        "Holder of the verified bank account",
        "account.holder_name_enc",
        sealed="user_bank_account.holder_name_enc",
    ),
    Column(
        "beneficiary_account_no",
        TEXT,
        "Verified bank account",
        "account.account_number_enc",
        masks.ACCOUNT,
        sealed="user_bank_account.account_number_enc",
    ),
    Column("ifsc", TEXT, "IFSC of the verified account", "account.ifsc"),
    Column(
        "beneficiary_bank_name",
        TEXT,
        "Bank of the verified account, by the first letters of the IFSC; they stand here if we know no name",
        formula=pl.col("ifsc").str.slice(0, 4).replace(_BANKS),
    ),
    Column(
        "branch_name",
        TEXT,
        "Branch of the verified account, as the bank or an aggregator names it",
        "account.branch",
    ),
    Column(
        "account_type",
        CHOICE,
        "SAVINGS, CURRENT, NRE, NRO: of the verified account, as a statement or an aggregator says",
        "account.account_type",
    ),
)

_KYC = (
    Column("pan_verified", FLAG, "The PAN was verified", "coalesce(kyc.pan_verified, false)"),
    Column(
        "aadhaar_verified", FLAG, "The Aadhaar was verified by OTP", "coalesce(kyc.aadhaar_verified, false)"
    ),
    Column(
        "aadhaar_result",
        JSON,
        "What the Aadhaar check said",
        "kyc.aadhaar_result",
        masks.HIDE,
        sealed="kyc_check.result_enc",
    ),
    Column(
        "aadhaar_dob",
        DATE,
        "Date of birth as on the Aadhaar",
        mask=masks.BIRTH_DATE,
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
        "score_band",
        CHOICE,
        "Band of the bureau score",
        formula=_band("credit_score", _SCORES, "750 and more"),
    ),
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
        f"""CASE WHEN {REPEAT} THEN 'REPEAT'
        WHEN bureau.id IS NOT NULL AND bureau.score IS NULL THEN 'NTC' ELSE 'NEW' END""",
    ),
    Column("customer_category", CHOICE, "Risk tier of the newest decision", "verdict.tier"),
)

_BOOK = (
    Column("application_created_at", INSTANT, "First application", "book.first_applied_at"),
    Column("loan_nos", TEXT, "All loans, oldest first", "book.loan_nos"),
    Column("loan_statuses", TEXT, "Their statuses, in the same order", "book.statuses"),
    Column("loan_amounts", TEXT, "Their sanctioned, else applied amounts", "book.amounts"),
    Column("loan_status_history", TEXT, "The way of each loan through its statuses", "ways.states"),
    Column("brand_status_reasons", TEXT, "Reasons and remarks given at status changes", "ways.reasons"),
    Column(
        "disbursed_loans", INTEGER, "How many of the loans were paid out", "coalesce(book.disbursed_loans, 0)"
    ),
    Column(
        "completed_loans",
        INTEGER,
        "How many of the loans were repaid in full",
        "coalesce(book.completed_loans, 0)",
    ),
    Column(
        "last_contacted_at",
        INSTANT,
        "When a message or call last went to the customer",
        "greatest(message.sent_at, contact.made_at)",
    ),
    Column("dnd", FLAG, "Is not to be contacted now, in some way or all", "silence.holds"),
    Column(
        "reloan_eligible",
        FLAG,
        "No loan is running, and the customer is not blacklisted",
        "NOT c.is_blacklisted",
    ),
    Column(
        "onboarding_step",
        INTEGER,
        "How many of the six steps are done: phone, PAN, Aadhaar, bank account, employment, application",
        """(c.registered_at IS NOT NULL)::int + coalesce(kyc.pan_verified, false)::int
        + coalesce(kyc.aadhaar_verified, false)::int + (account.id IS NOT NULL)::int
        + (employer.id IS NOT NULL OR c.employer_name_enc IS NOT NULL)::int + (l.id IS NOT NULL)::int""",
    ),
    Column("user_allotted_partner", TEXT, "Who looks after the customer before a loan", "carer.name"),
)

COLUMNS = (*_CUSTOMER, *_KYC, *_BOOK)
