"""The banking features of the rule dictionary, for any number of statements at once, with their evidence.

A window that a statement does not reach into says nothing: its features are absent, not zero.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from pipelines.bsa.balances import average_balance, day_balances, end_of_day
from pipelines.bsa.bounces import bounce_rows
from pipelines.bsa.categorise import categorise, party_key
from pipelines.bsa.normalise import normalise
from pipelines.bsa.obligations import emi_rows, obligations, obligations_by_month
from pipelines.bsa.patterns import Patterns, load_patterns
from pipelines.bsa.salary import salaries, salary_rows
from pipelines.bsa.signals import Evidence, dressed, signal_rows
from pipelines.bsa.transfers import OWN_TRANSFER, circles, mark_own_transfers
from pipelines.dates import months_before
from pipelines.features import evidence
from pipelines.frames import CREDIT, DEBIT
from pipelines.money import mean_money, percent

WINDOW_MONTHS = 3
PAYDAY_WINDOW_DAYS = 30
LAST_DAY = 31
DRAINED_AFTER_DAYS = 3
DRAINED_BELOW_PERCENT = 10
SALARY_FEATURES = (
    "salary_credit_count_3m", "average_salary_3m", "salary_variance_percent", "salary_day_spread_days",
)  # fmt: skip

_ID = "statement_id"

# What is counted over the window by its category alone.
_category = pl.col("category")
CONDUCT_COUNTS = {
    "outward_bounce_count_3m": _category == "CHEQUE_RETURN_OUTWARD",
    "loan_credit_count_3m": _category.is_in(["LOAN_CREDIT", "PAYDAY_LOAN_CREDIT"]),
}


@dataclass(frozen=True)
class Banking:
    """Everything derived from tagged transactions, as lazy frames keyed by statement_id."""

    as_of: date
    transactions: pl.LazyFrame
    day_balances: pl.LazyFrame
    end_of_day: pl.LazyFrame
    salary_rows: pl.LazyFrame
    salaries: pl.LazyFrame
    emi_rows: pl.LazyFrame
    obligations_by_month: pl.LazyFrame
    obligations: pl.LazyFrame
    bounce_rows: pl.LazyFrame
    circles: pl.LazyFrame
    patterns: Patterns

    @property
    def evidence(self) -> Evidence:
        """What the signals look at."""
        return Evidence(
            self.as_of, self.transactions, self.day_balances, self.end_of_day, self.salary_rows, self.circles
        )


NO_HOLDERS = pl.LazyFrame(schema={"statement_id": pl.String, "name": pl.String})


def read_banking(
    transactions: pl.LazyFrame,
    as_of: date,
    patterns: Patterns | None = None,
    holders: pl.LazyFrame = NO_HOLDERS,
) -> Banking:
    """Normalises and tags transactions (schema of pipelines.frames) and derives the frames from them.

    `holders` (statement_id, name) are the names on the accounts: a transfer to one of them is to oneself. The
    frames that many others are made of are computed here, once; everything after them stays lazy.
    """
    patterns = patterns or load_patterns()
    names = holders.select(_ID, holder_key=party_key(pl.col("name"))).filter(pl.col("holder_key") != "")
    tagged = categorise(normalise(transactions, as_of), patterns)
    tagged = mark_own_transfers(tagged, names.unique()).collect().lazy()
    days = day_balances(tagged).collect().lazy()
    salary, emi = salary_rows(tagged, patterns).collect().lazy(), emi_rows(tagged)
    by_month = obligations_by_month(emi)
    return Banking(
        as_of=as_of,
        transactions=tagged,
        day_balances=days,
        end_of_day=end_of_day(days).collect().lazy(),
        salary_rows=salary,
        salaries=salaries(salary),
        emi_rows=emi,
        obligations_by_month=by_month,
        obligations=obligations(by_month),
        bounce_rows=bounce_rows(tagged, patterns),
        circles=circles(tagged),
        patterns=patterns,
    )


def banking_values(banking: Banking) -> pl.LazyFrame:
    """One row per statement, one column per banking feature; null is unknown."""
    families = (
        _salary, _drained, _bounces, _balance, _payday, _shares, _obligations, _conduct, _signals,
    )  # fmt: skip
    values = _coverage(banking)
    for family in families:
        values = values.join(family(banking), on=_ID, how="left")
    return values.with_columns(
        pl.when(pl.col("last_on") >= since).then(pl.col(name).fill_null(0)).alias(name)
        for name, since in _zero_since(banking).items()
    ).drop("last_on")


def _zero_since(banking: Banking) -> dict[str, date]:
    """Where finding nothing means zero, provided that the statement goes on at least until that day."""
    window = months_before(banking.as_of, WINDOW_MONTHS)
    return {
        "salary_credit_count_3m": window,
        "inward_bounce_count_3m": window,
        "emi_obligations_monthly": window,
        "payday_credit_count_30d": _payday_since(banking),
        **dict.fromkeys(CONDUCT_COUNTS, window),
        "tamper_signal_count": date.min,
    }


def banking_evidence(banking: Banking) -> pl.LazyFrame:
    """Long frame (statement_id, feature, source): the transactions behind each feature, oldest first."""
    rows = banking.transactions
    in_window = _in_window(banking, "txn_on")
    gambling = rows.filter(in_window, pl.col("category") == "GAMBLING", pl.col("side") == DEBIT)
    cash = rows.filter(in_window, pl.col("category") == "CASH_DEPOSIT")
    bounced = banking.bounce_rows.filter(in_window).sort(_ID, "txn_at", "txn_id")
    paid = banking.salary_rows.filter(_in_window(banking, "paid_on"))
    first_and_last = (pl.col("txn_at") == pl.col("txn_at").min().over(_ID)) | _is_last()
    return pl.concat(
        [
            evidence(rows.filter(first_and_last), "statement_days"),
            evidence(rows.filter(_is_last()), "statement_age_days"),
            evidence(paid, *SALARY_FEATURES, "salary_drained_count_3m"),
            evidence(bounced, "inward_bounce_count_3m"),
            evidence(rows.filter(in_window, pl.col("balance").is_not_null()), "average_monthly_balance"),
            evidence(rows.filter(_is_payday(banking)), "payday_credit_count_30d"),
            evidence(gambling, "gambling_debit_share_percent"),
            evidence(cash, "cash_deposit_share_percent"),
            evidence(banking.emi_rows.filter("live", in_window), "emi_obligations_monthly"),
            *[evidence(rows.filter(in_window, holds), name) for name, holds in CONDUCT_COUNTS.items()],
            evidence(_tampering(banking), "tamper_signal_count"),
            evidence(
                banking.circles.select(_ID, txn_id="txn_ids").explode("txn_id"),
                "circular_credit_share_percent",
            ),
        ]
    )


def _in_window(banking: Banking, column: str) -> pl.Expr:
    return pl.col(column) >= months_before(banking.as_of, WINDOW_MONTHS)


def _is_last() -> pl.Expr:
    return pl.col("txn_at") == pl.col("txn_at").max().over(_ID)


def _coverage(banking: Banking) -> pl.LazyFrame:
    first, last = pl.col("txn_on").min(), pl.col("txn_on").max()
    return banking.transactions.group_by(_ID).agg(
        statement_days=(last - first).dt.total_days() + 1,
        statement_age_days=(pl.lit(banking.as_of) - last).dt.total_days(),
        last_on=last,
    )


def _salary(banking: Banking) -> pl.LazyFrame:
    """Average, spread of amounts and of days; the last two need two salaries to mean anything."""
    amount = pl.col("amount")
    paid = banking.salaries.filter(_in_window(banking, "paid_on"))
    return (
        paid.group_by(_ID)
        .agg(
            salary_credit_count_3m=pl.len().cast(pl.Int64),
            total=amount.sum(),
            spread=amount.max() - amount.min(),
            salary_day_spread_days=_day_spread(pl.col("paid_on")),
        )
        .with_columns(average_salary_3m=mean_money(pl.col("total"), pl.col("salary_credit_count_3m")))
        .with_columns(salary_variance_percent=percent(pl.col("spread"), pl.col("average_salary_3m")))
        .with_columns(
            pl.when(pl.col("salary_credit_count_3m") > 1).then(name).alias(name)
            for name in ("salary_variance_percent", "salary_day_spread_days")
        )
        .drop("total", "spread")
    )


def _day_spread(paid_on: pl.Expr) -> pl.Expr:
    """The shortest arc on a ring of 31 days that holds all days of month; a month's last day counts as 31."""
    is_last_day = paid_on == paid_on.dt.month_end()
    days = pl.when(is_last_day).then(LAST_DAY).otherwise(paid_on.dt.day().cast(pl.Int64)).sort()
    widest_gap = pl.max_horizontal(days.diff().max(), LAST_DAY - (days.max() - days.min()))
    return LAST_DAY - widest_gap


def _drained(banking: Banking) -> pl.LazyFrame:
    """Salaries of which little was left a few days later; absent where no balance is stated by then."""
    balances = banking.end_of_day.group_by(_ID, "day").agg(pl.col("balance").sum())
    left = pl.col("balance") * 100 < pl.col("amount") * DRAINED_BELOW_PERCENT
    return (
        banking.salaries.filter(_in_window(banking, "paid_on"))
        .with_columns(day=pl.col("paid_on").dt.offset_by(f"{DRAINED_AFTER_DAYS}d"))
        .join(balances, on=[_ID, "day"], how="inner")
        .group_by(_ID)
        .agg(salary_drained_count_3m=left.sum().cast(pl.Int64))
    )


def _bounces(banking: Banking) -> pl.LazyFrame:
    counted = banking.bounce_rows.filter("counted", _in_window(banking, "txn_on"))
    return counted.group_by(_ID).agg(inward_bounce_count_3m=pl.len().cast(pl.Int64))


def _balance(banking: Banking) -> pl.LazyFrame:
    average = average_balance(banking.end_of_day.filter(_in_window(banking, "day")))
    return average.rename({"average_balance": "average_monthly_balance"})


def _really_moved() -> pl.Expr:
    return ~pl.col("returned") & (pl.col("category") != OWN_TRANSFER)


def _payday_since(banking: Banking) -> date:
    return banking.as_of - timedelta(days=PAYDAY_WINDOW_DAYS)


def _is_payday(banking: Banking) -> pl.Expr:
    return (pl.col("category") == "PAYDAY_LOAN_CREDIT") & (pl.col("txn_on") >= _payday_since(banking))


def _payday(banking: Banking) -> pl.LazyFrame:
    recent = banking.transactions.filter(_is_payday(banking))
    return recent.group_by(_ID).agg(payday_credit_count_30d=pl.len().cast(pl.Int64))


def _shares(banking: Banking) -> pl.LazyFrame:
    """Shares of what really moved: returned mandates and own transfers are in neither side."""
    amount, side, category = pl.col("amount"), pl.col("side"), pl.col("category")
    credits, debits = amount.filter(side == CREDIT).sum(), amount.filter(side == DEBIT).sum()
    return (
        banking.transactions.filter(_in_window(banking, "txn_on"), _really_moved())
        .group_by(_ID)
        .agg(
            gambled=amount.filter((category == "GAMBLING") & (side == DEBIT)).sum(),
            cash=amount.filter(category == "CASH_DEPOSIT").sum(),
            credits=credits,
            debits=debits,
        )
        .select(
            _ID,
            gambling_debit_share_percent=percent(pl.col("gambled"), pl.col("debits")),
            cash_deposit_share_percent=percent(pl.col("cash"), pl.col("credits")),
        )
    )


def _obligations(banking: Banking) -> pl.LazyFrame:
    live = banking.obligations.filter("live")
    return live.group_by(_ID).agg(emi_obligations_monthly=pl.col("monthly_amount").sum())


def _conduct(banking: Banking) -> pl.LazyFrame:
    rows = banking.transactions.filter(_in_window(banking, "txn_on"))
    return rows.group_by(_ID).agg(
        holds.sum().cast(pl.Int64).alias(name) for name, holds in CONDUCT_COUNTS.items()
    )


def _tampering(banking: Banking) -> pl.LazyFrame:
    return signal_rows(banking.evidence, "tamper")


def _signals(banking: Banking) -> pl.LazyFrame:
    """How many kinds of tampering the statement shows, how much of its income goes in circles, whether its
    balance was lifted shortly before."""
    tampering = (
        _tampering(banking).group_by(_ID).agg(tamper_signal_count=pl.col("code").n_unique().cast(pl.Int64))
    )
    dressing = dressed(banking.evidence).select(_ID, balance_dressed=pl.lit(True))
    amount, since = pl.col("amount"), months_before(banking.as_of, WINDOW_MONTHS)
    credits = (
        banking.transactions.filter(_in_window(banking, "txn_on"))
        .group_by(_ID)
        .agg(credits=amount.filter(_really_moved(), pl.col("side") == CREDIT).sum())
    )
    circled = banking.circles.filter(pl.col("ends_on") >= since).group_by(_ID).agg(circled=amount.sum())
    return (
        credits.join(circled, on=_ID, how="left")
        .join(tampering, on=_ID, how="full", coalesce=True)
        .join(dressing, on=_ID, how="left")
        .select(
            _ID,
            "tamper_signal_count",
            balance_dressed=pl.when(pl.col("credits").is_not_null()).then(
                pl.col("balance_dressed").fill_null(False)
            ),
            circular_credit_share_percent=percent(pl.col("circled").fill_null(0), pl.col("credits")),
        )
    )
