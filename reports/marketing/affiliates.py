"""What affiliates brought and what they are paid for it; amounts to the paisa, halves up."""

import polars as pl

from pipelines.money import MONEY, TOTAL, from_hundredths, paise, quotient
from reports import kinds
from reports.base import Column

# services are taxed at 18 % (CGST Act, notification 11/2017)
GST_PERCENT = 18

# kept back for the affiliate's tax, by the brand's settings; those of before that setting have the standard of
# section 194H of the Income-tax Act since 1 October 2024
TDS_PERCENT = Column(
    "tds_percent",
    kinds.PERCENT,
    "Percent kept back for the affiliate's tax",
    """(SELECT coalesce(s.settings #>> '{affiliates,tdsPercent}', '2')::numeric FROM brand s
    WHERE s.id = %(brand_id)s)""",
)


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
TDS = of_percent(PAYOUT - CLAWBACK, pl.col(TDS_PERCENT.name))

# what a lead costs, by the visits for which the report of the affiliates pays
COST = Column(
    "affiliate_cost",
    kinds.MONEY,
    "What affiliates are to get for the lead and its loans",
    "commission.amount",
)
