"""The bureau features of the rule dictionary, for any number of reports at once, with the fields behind each.

A person whom the bureau does not know has bureau_hit false and nothing else: no record is not a clean record.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from pipelines.bureau.products import SETTLED, SHORT_TERM_PERSONAL_LOAN, WRITTEN_OFF
from pipelines.bureau.report import BureauReport
from pipelines.dates import months_before
from pipelines.features import Features, evidence, features_of
from pipelines.money import from_hundredths, paise, quotient

PAYDAY_SANCTIONED_MAX = 50_000
PAYDAY_TENURE_MONTHS_MAX = 2
WRITE_OFF_WINDOW_MONTHS = 24

# feature: at least so many days past due, in the last so many months
DELINQUENCIES = {
    "dpd_30_plus_count_6m": (30, 6),
    "dpd_60_plus_count_12m": (60, 12),
    "dpd_90_plus_count_24m": (90, 24),
}
OPENED_WINDOW_DAYS = 90
ENQUIRY_WINDOWS_DAYS = {"unsecured_enquiries_30d": 30, "unsecured_enquiries_90d": 90}

_ID = "report_id"
# A supplementary card holder owes nothing, a guarantor only if the borrower fails.
_NOT_OWN = ["AUTHORISED_USER", "GUARANTOR"]
_ZERO_WHEN_LISTED = (
    "written_off_or_settled_count_24m", "bureau_overdue_amount", "active_payday_loan_count",
    "active_unsecured_loan_count", "active_unsecured_outstanding", "unsecured_loans_opened_90d",
)  # fmt: skip


@dataclass(frozen=True)
class _Book:
    """The frames of all reports together; accounts carry what they are to the applicant."""

    as_of: date
    reports: pl.LazyFrame
    accounts: pl.LazyFrame
    history: pl.LazyFrame
    enquiries: pl.LazyFrame


def bureau_features(report: BureauReport, as_of: date) -> Features:
    """The features of one report as of a day; what the report cannot tell is absent."""
    book = _book([report], as_of)
    values, lineage = pl.collect_all([_values(book), _evidence(book)])
    return features_of(report.report_id, values, lineage)


def bureau_features_frame(reports: Iterable[BureauReport], as_of: date) -> pl.LazyFrame:
    """The features of many reports: one row per report_id, one column per feature, null unknown."""
    return _values(_book(list(reports), as_of))


def _book(reports: list[BureauReport], as_of: date) -> _Book:
    heads = {
        _ID: [report.report_id for report in reports],
        "bureau_hit": [report.hit for report in reports],
        "bureau_score": [report.score for report in reports],
        "has_accounts": [report.has_accounts for report in reports],
    }
    return _Book(
        as_of=as_of,
        reports=pl.LazyFrame(
            heads,
            schema={
                _ID: pl.String,
                "bureau_hit": pl.Boolean,
                "bureau_score": pl.Int64,
                "has_accounts": pl.Boolean,
            },
        ),
        accounts=_with_roles(pl.concat(report.accounts for report in reports)),
        history=pl.concat(report.history for report in reports).filter(pl.col("days_past_due").is_not_null()),
        enquiries=pl.concat(report.enquiries for report in reports).filter(
            pl.col("secured").not_(), pl.col("enquired_on") <= as_of
        ),
    )


def _with_roles(accounts: pl.LazyFrame) -> pl.LazyFrame:
    """Adds own, live, unsecured_loan, payday and monthly_emi."""
    own = ~pl.col("ownership").is_in(_NOT_OWN).fill_null(False)
    owed = (
        pl.col("outstanding").is_null()
        | (pl.col("outstanding") > 0)
        | (pl.col("overdue") > 0).fill_null(False)
    )
    live = own & pl.col("closed_on").is_null() & owed
    loan = pl.col("secured").not_().fill_null(False) & ~pl.col("revolving")
    small = (pl.col("sanctioned") <= PAYDAY_SANCTIONED_MAX) & (
        pl.col("tenure_months") <= PAYDAY_TENURE_MONTHS_MAX
    )
    per_year = pl.col("payments_per_year").fill_null(12)
    return accounts.with_columns(
        own=own,
        live=live,
        unsecured_loan=live & loan,
        payday=live & loan & ((pl.col("product") == SHORT_TERM_PERSONAL_LOAN) | small.fill_null(False)),
        monthly_emi=from_hundredths(quotient(paise(pl.col("emi")) * per_year, pl.lit(12))),
    )


def _values(book: _Book) -> pl.LazyFrame:
    values = book.reports
    parts = [_delinquency(book, name) for name in DELINQUENCIES]
    parts += [_enquiries(book, name) for name in ENQUIRY_WINDOWS_DAYS]
    for part in (*parts, _accounts(book)):
        values = values.join(part, on=_ID, how="left")
    hit = pl.col("bureau_hit")
    listed = hit & pl.col("has_accounts")
    return values.with_columns(
        *[pl.when(hit).then(pl.col(name).fill_null(0)).alias(name) for name in ENQUIRY_WINDOWS_DAYS],
        *[pl.when(listed).then(pl.col(name).fill_null(0)).alias(name) for name in _ZERO_WHEN_LISTED],
        bureau_emi_obligations=pl.when(listed & pl.col("emi_known").fill_null(True)).then(
            pl.col("bureau_emi_obligations").fill_null(0)
        ),
    ).drop("emi_known", "has_accounts")


def _delinquency(book: _Book, name: str) -> pl.LazyFrame:
    """Account-months at least so late; absent where no month of the window was reported at all."""
    late = pl.col("days_past_due") >= DELINQUENCIES[name][0]
    return _reported(book, name).group_by(_ID).agg(late.sum().cast(pl.Int64).alias(name))


def _reported(book: _Book, name: str) -> pl.LazyFrame:
    since = months_before(book.as_of, DELINQUENCIES[name][1])
    return book.history.filter(pl.col("month") > since, pl.col("month") <= book.as_of)


def _enquiries(book: _Book, name: str) -> pl.LazyFrame:
    return _enquired(book, name).group_by(_ID).agg(pl.len().cast(pl.Int64).alias(name))


def _enquired(book: _Book, name: str) -> pl.LazyFrame:
    return book.enquiries.filter(
        pl.col("enquired_on") >= book.as_of - timedelta(days=ENQUIRY_WINDOWS_DAYS[name])
    )


def _accounts(book: _Book) -> pl.LazyFrame:
    instalments = pl.col("live") & ~pl.col("revolving")
    emi = pl.col("monthly_emi").filter(instalments)
    opened = pl.col("opened_on").min()
    return book.accounts.group_by(_ID).agg(
        bureau_vintage_months=_months_between(opened, book.as_of),
        written_off_or_settled_count_24m=_count(_lost(book)),
        bureau_overdue_amount=pl.col("overdue").filter(_overdue()).sum(),
        active_payday_loan_count=_count(pl.col("payday")),
        active_unsecured_loan_count=_count(pl.col("unsecured_loan")),
        active_unsecured_outstanding=pl.col("outstanding").filter("unsecured_loan").sum(),
        unsecured_loans_opened_90d=_count(_opened_lately(book)),
        bureau_emi_obligations=emi.sum(),
        emi_known=(instalments.sum() == 0) | (emi.count() > 0),
    )


def _overdue() -> pl.Expr:
    return pl.col("own") & (pl.col("overdue") > 0)


def _lost(book: _Book) -> pl.Expr:
    """Written off or settled, as far as the lender still reported it within the window; undated counts."""
    lost = pl.col("condition").is_in([WRITTEN_OFF, SETTLED]) | (pl.col("written_off") > 0)
    recent = pl.col("reported_on") >= months_before(book.as_of, WRITE_OFF_WINDOW_MONTHS)
    return lost.fill_null(False) & recent.fill_null(True)


def _opened_lately(book: _Book) -> pl.Expr:
    """Own unsecured loans, closed ones too: taking and repaying many is the same hunger for credit."""
    since = book.as_of - timedelta(days=OPENED_WINDOW_DAYS)
    own_loan = pl.col("own") & pl.col("secured").not_().fill_null(False) & ~pl.col("revolving")
    return own_loan & (pl.col("opened_on") >= since).fill_null(False)


def _count(condition: pl.Expr) -> pl.Expr:
    return condition.sum().cast(pl.Int64)


def _months_between(start: pl.Expr, end: date) -> pl.Expr:
    """Whole months from start to end."""
    months = (end.year - start.dt.year()) * 12 + (end.month - start.dt.month().cast(pl.Int64))
    return months - (start.dt.day() > end.day).cast(pl.Int64)


def _evidence(book: _Book) -> pl.LazyFrame:
    """Long frame (report_id, feature, source): the report fields behind each feature."""
    accounts, heads = book.accounts, book.reports
    late = [
        _said(
            _reported(book, name).filter(pl.col("days_past_due") >= days), "accounts[{}].paymentHistory", name
        )
        for name, (days, _) in DELINQUENCIES.items()
    ]
    asked = [
        _said(_enquired(book, name), "enquiries[{}].enquiryDate", name, key="enquiry_id")
        for name in ENQUIRY_WINDOWS_DAYS
    ]
    oldest = pl.col("opened_on") == pl.col("opened_on").min().over(_ID)
    instalments = pl.col("live") & ~pl.col("revolving") & pl.col("emi").is_not_null()
    lost = accounts.filter(_lost(book))
    return pl.concat(
        [
            evidence(
                heads.with_columns(source=pl.lit("scores[0].score")),
                "bureau_hit",
                "bureau_score",
                source="source",
            ),
            *late,
            *asked,
            _said(accounts.filter(oldest), "accounts[{}].dateOpened", "bureau_vintage_months"),
            _said(lost, "accounts[{}].writtenOffStatus", "written_off_or_settled_count_24m"),
            _said(
                accounts.filter(_overdue()),
                "accounts[{}].amountOverdue",
                "bureau_overdue_amount",
            ),
            _said(accounts.filter("payday"), "accounts[{}]", "active_payday_loan_count"),
            _said(accounts.filter("unsecured_loan"), "accounts[{}]", "active_unsecured_loan_count"),
            _said(
                accounts.filter("unsecured_loan"),
                "accounts[{}].currentBalance",
                "active_unsecured_outstanding",
            ),
            _said(
                accounts.filter(_opened_lately(book)), "accounts[{}].dateOpened", "unsecured_loans_opened_90d"
            ),
            _said(accounts.filter(instalments), "accounts[{}].emiAmount", "bureau_emi_obligations"),
        ]
    )


def _said(rows: pl.LazyFrame, path: str, *names: str, key: str = "account_id") -> pl.LazyFrame:
    return evidence(rows.with_columns(source=pl.format(path, key)), *names, source="source")
