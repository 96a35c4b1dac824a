"""What each affiliate brought by each campaign, and what they are paid for it."""

from collections.abc import Mapping

import polars as pl

from pipelines.money import mean_money, percent
from reports import masks
from reports.base import Column, Grouping, Report, Source, Total
from reports.columns import DICTIONARY, shared
from reports.columns.expressions import TODAY, day, unpaid_after_due
from reports.facts import CUSTOMERS, LOANS, rows
from reports.figures import figure
from reports.kinds import CHOICE, DATE, INTEGER, MONEY, PERCENT, TEXT
from reports.marketing.affiliates import BASE, CLAWBACK, GST, PAYOUT, TDS, TDS_PERCENT
from reports.marketing.daily_marketing_mis_report import CAME
from reports.user_loan.disbursed_loan_report import PAID_OUT

_KEY = ("affiliate_id", "domain", "utm_source", "utm_medium", "utm_campaign")


def _brought(partner: str, click: str) -> tuple[Column, ...]:
    """The affiliate and what they are paid, and the visit that they brought: by the facts that know them."""
    return (
        Column("affiliate_id", TEXT, "Code of the affiliate", f"{partner}.code"),
        Column("affiliate_name", TEXT, "Name of the affiliate", f"{partner}.name"),
        Column("payout_model", CHOICE, "CPL, CPA, REV_SHARE", f"{partner}.payout_model"),
        Column("payout_rate", MONEY, "Rupees, or percent for REV_SHARE", f"{partner}.payout_rate"),
        *(Column(name, TEXT, f"{name} of the visit", f"{click}.{name}") for name in _KEY[1:]),
        TDS_PERCENT,
    )


def _drilled(click: str) -> tuple[Column, ...]:
    """Who came by the visit, and how far they came."""
    return Column("click_id", TEXT, "The visit", f"{click}.id"), *shared("customer_id lead_stage")


def _counted(name: str, sql: str) -> Column:
    return Column(name, INTEGER, name, f"coalesce({sql}, false)::int")


_CAME = {
    "unique_leads": "true",
    "otp_verified": DICTIONARY["otp_verified"].sql,
    "kyc_completed": DICTIONARY["personal_done"].sql,
    "applications": DICTIONARY["applied"].sql,
    "rejected": "reached.rejected_for IS NOT NULL",
    "approved": DICTIONARY["approved"].sql,
}
_FRESH = "l.disbursed_at = book.first_disbursed_at"
_UNPAID_7 = unpaid_after_due("l", 7)
_SOLD = {
    "disbursed_count": "true",
    "disbursed_fresh": _FRESH,
    "matured_7": f"l.due_date + 7 < {TODAY}",
    "unpaid_7": _UNPAID_7,
    "fresh_unpaid_7": f"{_UNPAID_7} AND {_FRESH}",
    "matured_30": f"l.due_date + 30 < {TODAY}",
    "unpaid_30": unpaid_after_due("l", 30),
}
_AMOUNTS = {
    "disbursed_amount": "l.sanctioned_amount",
    "net_disbursed_amount": "l.net_disbursal",
    "processing_fee": "l.processing_fee",
    "amount_unpaid_7": f"CASE WHEN {_UNPAID_7} THEN l.sanctioned_amount ELSE 0 END",
}
_LEADS = (
    *_brought("first_partner", "first_click"),
    *_drilled("first_click"),
    Column("day", DATE, "Day on which they came", day("c.created_at")),
    *(_counted(name, sql) for name, sql in _CAME.items()),
)
_LOANS = (
    *_brought("loan_partner", "loan_click"),
    *_drilled("loan_click"),
    *shared("disbursed_date"),
    Column("day", DATE, "Day of the credit", day("l.disbursed_at")),
    *(_counted(name, sql) for name, sql in _SOLD.items()),
    *(Column(name, MONEY, name, sql) for name, sql in _AMOUNTS.items()),
)
_VISITS = (
    *_brought("partner", "k"),
    Column("day", DATE, "Day of the visit", day("k.created_at")),
    Column("clicks", INTEGER, "Visits", "count(DISTINCT k.id)"),
    Column("leads", INTEGER, "Of customers", "count(v.id)"),
)
_VISITED = Source(
    f"""SELECT {", ".join(f"{column.sql} AS {column.name}" for column in _VISITS)}
    FROM click k JOIN affiliate partner ON partner.brand_id = k.brand_id AND partner.id = k.affiliate_id
    LEFT JOIN customer_touch v ON v.brand_id = k.brand_id AND v.click_id = k.id
    WHERE k.brand_id = %(brand_id)s AND k.created_at >= %(from_at)s AND k.created_at < %(until_at)s
    GROUP BY {", ".join(str(place) for place in range(1, len(_VISITS) - 1))}""",
    _VISITS,
)
_NUMBERS = ("clicks", "leads", *_CAME, *_SOLD, *_AMOUNTS)
BY_CAMPAIGN, BY_DAY, BY_LEAD = "campaign", "day", "lead"
_WHICH = ("day", "click_id", "customer_id")


def build(frames: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """Visits, leads and loans added up by affiliate and campaign; by day besides; and leads and loans one by one."""
    brought = pl.concat(frames.values(), how="diagonal")
    leads = brought.filter(pl.col("customer_id").is_not_null())
    one = (pl.col("lead_stage").last(), pl.col("disbursed_date").max())
    return pl.concat(
        [
            _added(brought, BY_CAMPAIGN, ()),
            _added(brought, BY_DAY, _WHICH[:1]),
            _added(leads, BY_LEAD, _WHICH, *one),
        ],
        how="diagonal",
    )


def _added(rows: pl.LazyFrame, group: str, which: tuple[str, ...], *one: pl.Expr) -> pl.LazyFrame:
    keys = [column.name for column in _brought("", "")]
    return (
        rows.group_by(*keys, *which)
        .agg(*(pl.col(name).sum() for name in _NUMBERS), *one)
        .with_columns(pl.lit(group).alias("group_by"))
        .sort(*_KEY, *which, nulls_last=True)
    )


_DISBURSED = pl.col("disbursed_count")
_EACH = mean_money(PAYOUT - CLAWBACK, _DISBURSED)
_LATE = {7: "fpd7_pct", 30: "npa30_pct"}


def _late(days: int, name: str) -> tuple[Column, ...]:
    """How many came so many days past their due date, how many of them unpaid, and what percentage that is."""
    matured, unpaid = f"matured_{days}", f"unpaid_{days}"
    return (
        figure(matured, INTEGER, f"Of the loans, those whose due date is {days} days past"),
        figure(unpaid, INTEGER, "Of them, those on which something was owed then"),
        figure(name, PERCENT, f"{unpaid} in percent of {matured}", percent(pl.col(unpaid), pl.col(matured))),
    )


COLUMNS = (
    figure(
        "group_by",
        CHOICE,
        f"{BY_CAMPAIGN}: all days together; {BY_DAY}: each day; {BY_LEAD}: each customer and day on which they came or "
        "got a loan",
    ),
    figure("day", DATE, "The day; empty for all together"),
    figure("affiliate_id", TEXT, "Code of the affiliate"),
    figure("affiliate_name", TEXT, "Name of the affiliate"),
    figure("domain", TEXT, "Site on which the visit landed"),
    *(figure(name, TEXT, f"{name} of the visit") for name in _KEY[2:]),
    figure("click_id", TEXT, f"The visit; of {BY_LEAD} alone"),
    Column(
        "lead_id",
        TEXT,
        f"Number of the customer; of {BY_LEAD} alone",
        mask=masks.ACCOUNT,
        formula=pl.col("customer_id"),
    ),
    figure("stage", CHOICE, f"How far they came until now; of {BY_LEAD} alone", pl.col("lead_stage")),
    figure("disbursed_date", DATE, f"Day of the credit; of {BY_LEAD} alone"),
    figure("clicks", INTEGER, f"Visits in the days; none of {BY_LEAD}"),
    figure("leads", INTEGER, "Of them, of people who gave their phone"),
    figure(
        "unique_leads", INTEGER, "Customers who came in the days by such a visit, at most 30 days after it"
    ),
    figure(
        "duplicate_leads",
        INTEGER,
        "leads who were customers already",
        pl.max_horizontal(pl.col("leads") - pl.col("unique_leads"), 0),
    ),
    figure("otp_verified", INTEGER, "Of the unique leads, phone verified"),
    figure("kyc_completed", INTEGER, "PAN and Aadhaar verified"),
    figure("applications", INTEGER, "Applied"),
    figure("rejected", INTEGER, "Rejected at least once"),
    figure("approved", INTEGER, "Sanctioned"),
    figure(
        "disbursed_count",
        INTEGER,
        "Loans paid out in the days that were applied for at most 30 days after such a visit, the last before it",
    ),
    figure("disbursed_fresh", INTEGER, "Of them, the customer's first"),
    figure("disbursed_repeat", INTEGER, "Of them, later ones", _DISBURSED - pl.col("disbursed_fresh")),
    figure("disbursed_amount", MONEY, "Their principal"),
    figure("net_disbursed_amount", MONEY, "What the customers got"),
    figure("avg_ticket", MONEY, "Principal of a loan", mean_money(pl.col("disbursed_amount"), _DISBURSED)),
    figure("processing_fee", MONEY, "Fees of the loans"),
    figure(
        "lead_to_disb_pct",
        PERCENT,
        "disbursed_count in percent of unique_leads",
        percent(_DISBURSED, pl.col("unique_leads")),
    ),
    figure(
        "approval_pct",
        PERCENT,
        "approved in percent of approved and rejected",
        percent(pl.col("approved"), pl.col("approved") + pl.col("rejected")),
    ),
    *(column for days, name in _LATE.items() for column in _late(days, name)),
    figure(
        "payout_model",
        CHOICE,
        "CPL: for each unique lead; CPA: each first loan; REV_SHARE: percent of the loans",
    ),
    figure("payout_rate", MONEY, "Rupees; percent for REV_SHARE"),
    figure("payable_base", MONEY, "What the rate is of: leads, loans, or rupees", BASE),
    figure("payout_amount", MONEY, "Rate and base", PAYOUT),
    figure(
        "clawback_amount", MONEY, "Taken back for loans on which something was owed 7 days after", CLAWBACK
    ),
    figure("gst_on_payout", MONEY, "GST of 18 % on what is left", GST),
    figure(
        "tds",
        MONEY,
        "Tax kept back of payout less clawback, before GST: by the brand's `affiliates.tdsPercent`, whatever the "
        "affiliate got before in the year",
        TDS,
    ),
    figure("net_payable", MONEY, "Payout less clawback, with GST, less tds", PAYOUT - CLAWBACK + GST - TDS),
    figure("cost_per_disbursal", MONEY, "Payout less clawback for each loan", _EACH),
)

_SUMMED = (
    *("clicks", "leads", "unique_leads", "duplicate_leads", "otp_verified", "kyc_completed", "applications"),
    *("approved", "rejected", "disbursed_count", "disbursed_fresh", "disbursed_repeat", "disbursed_amount"),
    *("net_disbursed_amount", "processing_fee", "payout_amount", "clawback_amount", "gst_on_payout", "tds"),
    *("net_payable", "matured_7", "unpaid_7", "matured_30", "unpaid_30"),
)


def _sum(name: str) -> pl.Expr:
    """Each lead and loan stands once in every kind of group."""
    return pl.col(name).filter(pl.col("group_by") == BY_CAMPAIGN).sum()


REPORT = Report(
    name="affiliate-report",
    title="Affiliates",
    family="user and loan",
    grain="one row an affiliate, site and campaign, with `groupBy=day` each day of them, with `groupBy=lead` each "
    "customer that they brought and each credit: not for the affiliate. A customer counts for the "
    "visit that brought them, a loan for the last visit before its application, if that was at most 30 days before",
    filtered_on="the day of the visit, of the customer's first phone and of the credit: each for "
    "what it counts",
    order="by affiliate and campaign, oldest day first",
    columns=COLUMNS,
    sources={
        "visits": _VISITED,
        "leads": rows(CUSTOMERS, _LEADS, where=f"{CAME} AND first_partner.id IS NOT NULL"),
        "loans": rows(LOANS, _LOANS, where=f"{PAID_OUT} AND loan_partner.id IS NOT NULL"),
    },
    build=build,
    grouping=Grouping("group_by", (BY_CAMPAIGN,), finer=(BY_DAY, BY_LEAD)),
    totals=(
        *(Total(name, _sum(name)) for name in _SUMMED),
        Total("avg_ticket", mean_money(_sum("disbursed_amount"), _sum("disbursed_count"))),
        Total("lead_to_disb_pct", percent(_sum("disbursed_count"), _sum("unique_leads"))),
        *(
            Total(name, percent(_sum(f"unpaid_{days}"), _sum(f"matured_{days}")))
            for days, name in _LATE.items()
        ),
        Total("approval_pct", percent(_sum("approved"), _sum("approved") + _sum("rejected"))),
        Total(
            "cost_per_disbursal",
            mean_money(_sum("payout_amount") - _sum("clawback_amount"), _sum("disbursed_count")),
        ),
    ),
)
