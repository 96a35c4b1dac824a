"""What affiliates brought and what they are paid for it; amounts to the paisa, halves up."""

import polars as pl

from pipelines.money import MONEY, TOTAL, from_hundredths, paise, quotient
from reports import kinds
from reports.base import Column

# services are taxed at 18 % (CGST Act, notification 11/2017)
GST_PERCENT = 18


def of_percent(amount: pl.Expr, percent: pl.Expr) -> pl.Expr:
    """So many percent of an amount."""
    return from_hundredths(quotient(paise(amount) * paise(percent), pl.lit(10_000)))


def times(rate: pl.Expr, number: pl.Expr) -> pl.Expr:
    """An amount so many times."""
    return from_hundredths(paise(rate) * number.cast(pl.Int128))


def by_model(**values: pl.Expr) -> pl.Expr:
    """The value for the way in which an affiliate is paid: CPL a lead, CPA a first loan, REV_SHARE percent of loans."""
    model = pl.col("payout_model")
    return pl.coalesce(
        pl.when(model == name.upper()).then(value.cast(TOTAL)) for name, value in values.items()
    ).cast(MONEY)


_RATE = pl.col("payout_rate")
BASE = by_model(
    cpl=pl.col("unique_leads"), cpa=pl.col("disbursed_fresh"), rev_share=pl.col("disbursed_amount")
)
PAYOUT = by_model(
    cpl=times(_RATE, pl.col("unique_leads")),
    cpa=times(_RATE, pl.col("disbursed_fresh")),
    rev_share=of_percent(pl.col("disbursed_amount"), _RATE),
)
# what was paid for loans on which something was owed 7 days after the due date is taken back
CLAWBACK = by_model(
    cpl=pl.lit(0),
    cpa=times(_RATE, pl.col("fresh_unpaid_7")),
    rev_share=of_percent(pl.col("amount_unpaid_7"), _RATE),
)
GST = of_percent(PAYOUT - CLAWBACK, pl.lit(GST_PERCENT))

# how the affiliate of a lead is paid, and what that lead is to cost
PAID_BY = (
    Column("payout_model", kinds.CHOICE, "How the affiliate is paid", "partner.payout_model"),
    Column("payout_rate", kinds.MONEY, "Rate of the affiliate", "coalesce(partner.payout_rate, 0)"),
)
LEAD_COST = by_model(
    cpl=_RATE,
    cpa=pl.when(pl.col("disbursed_loans") > 0).then(_RATE).otherwise(0),
    rev_share=of_percent(pl.col("won_amount"), _RATE),
).fill_null(0)
