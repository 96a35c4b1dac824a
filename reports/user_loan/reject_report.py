"""What was decided and why not: by site, by reason, by who decided, and loan by loan."""

from collections.abc import Mapping

import polars as pl

from pipelines.money import TOTAL, lakhs, percent
from reports.base import Column, Grouping, Report, Total
from reports.columns import shared
from reports.columns.expressions import reasons
from reports.facts import LOANS, rows
from reports.figures import figure
from reports.kinds import CHOICE, FLAG, INSTANT, INTEGER, JSON, MONEY, PERCENT, TEXT
from rules.reasons import CATALOGUE, CUSTOMER

CATEGORIES = {code: reason.category for code, reason in CATALOGUE.items() if reason.category != CUSTOMER}
_LOANS = (
    *shared("loan_no domain applied_amount"),
    Column(
        "month",
        TEXT,
        "Month",
        "to_char(greatest(l.created_at, %(from_at)s) AT TIME ZONE 'Asia/Kolkata', 'MM/YY')",
    ),
    Column("is_fresh", FLAG, "Applied for in the days", "l.created_at >= %(from_at)s"),
    Column("outcome", CHOICE, "Decision", "nullif(ruling.to_state, 'APPLIED')"),
    Column("decided_at", INSTANT, "When", "ruling.at"),
    Column("who", TEXT, "By whom", "ruling.who"),
    Column("reasons", TEXT, "Reasons", "ruling.reason_code"),
    Column("code", TEXT, "Code of the first", "coalesce(ruled.code, split_part(ruling.reason_code, ',', 1))"),
)
# what somebody who looks at a rejected loan wants to know first, and the rules that tell it
CHECKS = {
    "dob": ("Date of birth, age", "DATE_OF_BIRTH_DIFFERS AGE_BELOW_MINIMUM AGE_ABOVE_MAXIMUM"),
    "pincode": ("The PIN code is reached", "AREA_NOT_REACHED"),
    "city": ("The city is served", "CITY_NOT_SERVED"),
    "state": ("The state is served; areas are told by PIN code and no rule asks for it", ""),
    "salary_mode": ("How the salary is paid", "SALARY_PAID_IN_CASH SALARY_PAID_BY_CHEQUE"),
    "blacklisted": ("Not blacklisted", "BLACKLISTED"),
    "blacklisted_pincode": ("The PIN code is not watched", "PINCODE_WATCHED"),
    "reject": ("Not rejected lately", "REJECTED_RECENTLY REJECTED_REPEATEDLY"),
    "income": ("Enough salary", "SALARY_BELOW_MINIMUM"),
    "emp_type": ("Salaried", "NOT_SALARIED"),
    "duplicate": ("Nobody else's Aadhaar, account or device; no open loan", "OPEN_LOAN AADHAAR_SHARED ACCOUNT_SHARED "
        "DEVICE_SHARED_WIDELY"),
    "other_entity_repeat": ("Nothing open or lost at a sister brand", "SISTER_OPEN_LOAN SISTER_LOAN_BAD"),
    "marketing_repeat": ("Does not apply again and again", "APPLICATIONS_FREQUENT"),
}  # fmt: skip
_VERDICTS = pl.Struct({rule: pl.String for _, rules in CHECKS.values() for rule in rules.split()})
_ROWS = shared("""
    lead_id=customer_id loan_no customer_name city=residence_city monthly_income credit_score
    requested_amount=applied_amount
""")
_REFUSED = (
    *_ROWS,
    *(column for column in _LOANS if column.name in ("domain", "month")),
    Column("rejected_at", INSTANT, "When it was rejected", "ruling.at"),
    Column("rejected_by", TEXT, "Who rejected it; SYSTEM: the rules", "ruling.who"),
    Column("stage", CHOICE, "Status of the loan until then", "ruling.from_state"),
    Column(
        "codes",
        TEXT,
        "Codes of all reasons",
        "coalesce(judged.codes, replace(ruling.reason_code, ',', '; '))",
    ),
    Column("verdicts", JSON, "What each rule said", "judged.verdicts"),
)
# waiting when the days began, or applied for in them
_TO_PROCESS = """l.created_at < %(until_at)s
    AND (ruling.at IS NULL OR ruling.at >= %(from_at)s OR ruling.to_state = 'APPLIED')"""

SECTIONS = ("domain", "reason", "credit_manager", "loan")
_REJECTED, _SANCTIONED = pl.col("outcome") == "REJECTED", pl.col("outcome") == "APPROVED"
_AMOUNT = pl.col("applied_amount")


def _sum(condition: pl.Expr) -> pl.Expr:
    return condition.fill_null(False).sum()


def _by_domain(loans: pl.LazyFrame) -> pl.LazyFrame:
    counted = loans.group_by("domain", "month").agg(
        _sum(~pl.col("is_fresh")).alias("opening_stock"),
        _sum(pl.col("is_fresh")).alias("fresh_applications"),
        pl.len().alias("total_to_process"),
        _sum(_REJECTED).alias("rejected"),
        _sum(_SANCTIONED).alias("sanctioned"),
        _sum(pl.col("outcome") == "CANCELLED").alias("withdrawn"),
    )
    decided = pl.col("rejected") + pl.col("sanctioned")
    return counted.with_columns(
        pl.lit("domain").alias("section"),
        decided.alias("app_decisioned"),
        percent(pl.col("rejected"), decided).alias("reject_pct"),
        (pl.col("total_to_process") - decided - pl.col("withdrawn")).alias("wip"),
    ).sort("domain", "month")


def _by_reason(loans: pl.LazyFrame) -> pl.LazyFrame:
    rejected = loans.filter(_REJECTED).with_columns(
        pl.col("reasons").fill_null("").str.split(",").alias("reject_reason"),
        pl.col("reasons").fill_null("").str.split(",").list.first().alias("first"),
    )
    primary = pl.col("reject_reason") == pl.col("first")
    counted = rejected.explode("reject_reason").group_by("domain", "month", "reject_reason").agg(
        pl.col("code").filter(primary).max().alias("reason_code"),
        _sum(primary).alias("cases"),
        pl.len().alias("all_cases"),
        _AMOUNT.filter(primary).sum().cast(TOTAL).alias("value"),
    )  # fmt: skip
    ranked = ("cases", "all_cases", "domain", "month", "reject_reason")
    return (
        counted.with_columns(
            pl.lit("reason").alias("section"),
            pl.col("reason_code").replace_strict(CATEGORIES, default=None).alias("category"),
            percent(pl.col("cases"), pl.col("cases").sum()).alias("pct_of_total"),
            lakhs(pl.col("value")).alias("value_lakhs"),
            percent(pl.col("value"), pl.col("value").sum()).alias("value_pct"),
        )
        .sort(ranked, descending=[True, True, False, False, False])
        .with_row_index("s_no", 1)
    )


def _by_person(loans: pl.LazyFrame) -> pl.LazyFrame:
    decided = loans.filter(_REJECTED | _SANCTIONED).group_by("who").agg(
        _sum(_SANCTIONED).alias("cases_approved"),
        _sum(_REJECTED).alias("cases_rejected"),
        pl.len().alias("total_decisioned"),
        _AMOUNT.filter(_SANCTIONED).sum().cast(TOTAL).alias("approved_value"),
        _AMOUNT.filter(_REJECTED).sum().cast(TOTAL).alias("rejected_value"),
    )  # fmt: skip
    total = pl.col("total_decisioned")
    value = pl.col("approved_value") + pl.col("rejected_value")
    return decided.with_columns(
        pl.lit("credit_manager").alias("section"),
        pl.col("who").alias("credit_manager"),
        percent(pl.col("cases_rejected"), total).alias("reject_pct"),
        percent(pl.col("cases_approved"), total).alias("approve_pct"),
        percent(pl.col("rejected_value"), value).alias("reject_value_pct"),
        percent(pl.col("approved_value"), value).alias("approve_value_pct"),
    ).sort("total_decisioned", "who", descending=[True, False])


def _check(rules: str) -> pl.Expr:
    if not rules:
        return pl.lit("NA")
    verdicts = pl.col("verdicts").str.json_decode(_VERDICTS)
    said = pl.concat_list(verdicts.struct.field(rule) for rule in rules.split())
    told = pl.when(said.list.contains("HIT")).then(pl.lit("FAIL"))
    return told.when(said.list.contains("NO_HIT")).then(pl.lit("PASS")).otherwise(pl.lit("NA"))


def _by_loan(rejected: pl.LazyFrame) -> pl.LazyFrame:
    checks = (_check(rules).alias(f"check_{name}") for name, (_, rules) in CHECKS.items())
    return rejected.with_columns(pl.lit("loan").alias("section"), *checks).drop("verdicts")


def build(frames: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """The four sections one after the other."""
    loans, rejected = (
        frames[name].with_columns(pl.col("domain").fill_null("")) for name in ("loans", "rejected")
    )
    sections = [_by_domain(loans), _by_reason(loans), _by_person(loans), _by_loan(rejected)]
    return pl.concat(sections, how="diagonal_relaxed")


COLUMNS = (
    figure(
        "section",
        CHOICE,
        "What the row counts by: domain, reason, credit_manager; loan: the rejected one by one. Its columns are filled",
    ),
    figure("domain", TEXT, "Site on which the first visit landed; empty where it is not known"),
    figure("month", TEXT, "Month of the application, of the first day asked for if it is older: MM/YY"),
    figure("opening_stock", INTEGER, "Undecided when the days began"),
    figure("fresh_applications", INTEGER, "Applied for in the days"),
    figure("total_to_process", INTEGER, "Opening stock and fresh applications"),
    figure("app_decisioned", INTEGER, "Of them, rejected or sanctioned by the end of the days"),
    figure("rejected", INTEGER, "Of them, rejected"),
    figure("sanctioned", INTEGER, "Of them, sanctioned"),
    figure("reject_pct", PERCENT, "Rejected in percent of what was decided"),
    figure("withdrawn", INTEGER, "Cancelled: the customer's own end, no verdict"),
    figure("wip", INTEGER, "Neither decided nor cancelled"),
    figure("s_no", INTEGER, "Rank of the reason"),
    figure(
        "reject_reason", TEXT, "Rule or code of a reason, and what it means", reasons(pl.col("reject_reason"))
    ),
    figure("reason_code", TEXT, "Its code"),
    figure("category", CHOICE, f"Of the code: {', '.join(dict.fromkeys(CATEGORIES.values()))}"),
    figure("cases", INTEGER, "Loans for which it is the first reason"),
    figure("all_cases", INTEGER, "Loans for which it is among the reasons"),
    figure("pct_of_total", PERCENT, "cases in percent of all rejected loans"),
    figure("value_lakhs", MONEY, "Amount applied for of the cases, lakhs of rupees"),
    figure("value_pct", PERCENT, "The same in percent of all rejected amounts"),
    figure("credit_manager", TEXT, "Who decided last; SYSTEM: the rules"),
    figure("cases_approved", INTEGER, "Loans that they sanctioned finally"),
    figure("cases_rejected", INTEGER, "Loans that they rejected"),
    figure("total_decisioned", INTEGER, "Sanctioned and rejected"),
    figure("approve_pct", PERCENT, "Sanctioned in percent of both"),
    figure("reject_value_pct", PERCENT, "Amount rejected in percent of both"),
    figure("approve_value_pct", PERCENT, "Amount sanctioned in percent of both"),
    *_ROWS,
    figure("rejected_at", INSTANT, "When it was rejected last"),
    figure("rejected_by", TEXT, "Who rejected it; SYSTEM: the rules"),
    figure("stage", CHOICE, "Status of the loan until then"),
    figure("codes", TEXT, "Codes of all reasons"),
    *(
        figure(f"check_{name}", CHOICE, f"{meaning}: PASS, FAIL, NA if the rules did not ask")
        for name, (meaning, _) in CHECKS.items()
    ),
)

REPORT = Report(
    name="reject-report",
    title="Rejections",
    family="user and loan",
    grain="one row a site and month, then a reason, then a person who decided, then a rejected loan: four sections in "
    "one table",
    filtered_on="the day of the application, with what was undecided when the days began; as of the end of the days",
    order="by section; reasons and persons with most cases first, loans by the latest rejection",
    columns=COLUMNS,
    sources={
        "loans": rows(LOANS, _LOANS, where=_TO_PROCESS, order="l.id"),
        "rejected": rows(
            LOANS,
            _REFUSED,
            where=f"{_TO_PROCESS} AND ruling.to_state = 'REJECTED'",
            order="ruling.at DESC, l.id DESC",
        ),
    },
    build=build,
    grouping=Grouping("section", SECTIONS),
    totals=(
        *(
            Total(name, pl.col(name).sum())
            for name in (
                "opening_stock",
                "fresh_applications",
                "total_to_process",
                "app_decisioned",
                "rejected",
            )
        ),
        *(Total(name, pl.col(name).sum()) for name in ("sanctioned", "withdrawn", "wip", "cases")),
        Total("reject_pct", percent(pl.col("rejected").sum(), pl.col("app_decisioned").sum())),
    ),
)
