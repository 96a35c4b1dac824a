"""Where the loans of a book stand at the end of a day, by the brand's rule files: frames in, frames out."""

from datetime import date

import polars as pl

from pipelines.money import MONEY
from rules import Ruleset
from rules.engines.frame import compute_frame

# the days past due with which an account turns bad: the regulator counts the due date as well (RBI, IRAC norms)
NPA_FROM = 90


def stand(book: pl.LazyFrame, delinquency: Ruleset, on: date) -> pl.LazyFrame:
    """Each loan with its stage and bucket, the borrower's class, the provision, and since when the borrower is bad.

    A class is the borrower's: of all their loans the most days, and once bad it is until nothing is in arrears
    (RBI, IRAC norms, 12 November 2021). `npa_before` is since when the borrower was bad the day before.
    """
    borrower = {"worst": pl.col("days_past_due").max(), "npa_before": pl.col("npa_before").min()}
    known = book.with_columns(value.over("customer_id").alias(name) for name, value in borrower.items())
    days_bad = (pl.lit(on) - pl.col("npa_before")).dt.total_days() + NPA_FROM
    # what is unpaid at the end of its due date is in arrears: it is SMA-0 on that day
    stays = (pl.col("worst") >= 0) & pl.col("npa_before").is_not_null()
    days = pl.when(stays).then(pl.max_horizontal("worst", days_bad)).otherwise("worst")
    known = known.with_columns(classified_days=days.cast(pl.Int64))
    own = _told(known, delinquency, pl.col("days_past_due"), ["stage", "bucket"])
    classes = _told(known, delinquency, pl.col("classified_days"), ["classification", "provision_amount"])
    return known.join(own, on="loan_id").join(classes, on="loan_id").with_columns(*_bad(on))


def _told(book: pl.LazyFrame, delinquency: Ruleset, days: pl.Expr, names: list[str]) -> pl.LazyFrame:
    asked = book.select("loan_id", days_past_due=days, principal_outstanding=pl.col("principal"))
    return compute_frame(delinquency, asked).select("loan_id", *(_read(name) for name in names))


def _read(name: str) -> pl.Expr:
    return pl.col(name) if name == "provision_amount" else pl.col(name).cast(pl.String)


def _bad(on: date) -> list[pl.Expr]:
    bad = pl.col("classification").str.starts_with("NPA")
    since = pl.lit(on) - pl.duration(days=pl.col("classified_days") - NPA_FROM)
    return [
        pl.when(bad).then(since.cast(pl.Date)).alias("npa_since"),
        pl.when(bad).then("interest").otherwise(pl.lit(0).cast(MONEY)).alias("interest_suspended"),
        pl.col("provision_amount").round(2).cast(MONEY).alias("provision"),
    ]


def penal_charges(book: pl.LazyFrame, charges: Ruleset) -> pl.LazyFrame:
    """What is charged for being late that day, loan by loan: what the rules come to today more than a day ago, and
    never beyond their cap. `penal_levied` was charged before."""
    asked = book.select(
        "loan_id",
        "loan_no",
        "days_past_due",
        "penal_levied",
        principal=pl.col("sanctioned_amount"),
        overdue_amount=pl.col("principal") + pl.col("interest"),
    )
    today = compute_frame(charges, asked).select(
        "loan_id", "loan_no", "penal_levied", "penal_charge", "penal_cap"
    )
    yesterday = asked.with_columns((pl.col("days_past_due") - 1).clip(0))
    before = compute_frame(charges, yesterday).select("loan_id", before="penal_charge")
    more = pl.col("penal_charge") - pl.col("before")
    room = pl.col("penal_cap") - pl.col("penal_levied").cast(pl.Float64)
    # what the rules do not know is not charged
    amount = pl.when(more <= room).then(more).otherwise(pl.when(more > room).then(room)).round(2).cast(MONEY)
    due = today.join(before, on="loan_id").with_columns(amount=amount)
    return due.filter(pl.col("amount") > 0).select("loan_id", "loan_no", "amount")
