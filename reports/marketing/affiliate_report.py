"""What each affiliate brought by each campaign, and what they are paid for it."""

from collections.abc import Mapping

import polars as pl

from pipelines.money import mean_money, percent
from reports.base import Column, Grouping, Report, Source, Total
from reports.columns import DICTIONARY
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
    "matured": f"l.due_date + 7 < {TODAY}",
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
    Column("day", DATE, "Day on which they came", day("c.created_at")),
    *(_counted(name, sql) for name, sql in _CAME.items()),
)
_LOANS = (
    *_brought("loan_partner", "loan_click"),
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
BY_CAMPAIGN, BY_DAY = "campaign", "day"


def build(frames: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """Visits, leads and loans added up, by affiliate and campaign, and by day besides."""
    all_of_them = pl.concat(frames.values(), how="diagonal")
    keys = [column.name for column in _brought("", "")]
    return pl.concat(
        all_of_them.group_by(*keys, since.alias("day"))
        .agg(pl.col(name).sum() for name in _NUMBERS)
        .with_columns(pl.lit(group).alias("group_by"))
        .sort(*_KEY, "day", nulls_last=True)
        for group, since in ((BY_CAMPAIGN, pl.lit(None, pl.Date)), (BY_DAY, pl.col("day")))
    )


_DISBURSED = pl.col("disbursed_count")
_EACH = mean_money(PAYOUT - CLAWBACK, _DISBURSED)

COLUMNS = (
    figure("group_by", CHOICE, f"{BY_CAMPAIGN}: all days together; {BY_DAY}: each day"),
    figure("day", DATE, "The day; empty for all together"),
    figure("affiliate_id", TEXT, "Code of the affiliate"),
    figure("affiliate_name", TEXT, "Name of the affiliate"),
    figure("domain", TEXT, "Site on which the visit landed"),
    *(figure(name, TEXT, f"{name} of the visit") for name in _KEY[2:]),
    figure("clicks", INTEGER, "Visits in the days"),
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
    figure(
        "fpd7_pct",
        PERCENT,
        "Loans on which something was owed 7 days after the due date, in percent of those that came so far",
        percent(pl.col("unpaid_7"), pl.col("matured")),
    ),
    figure(
        "npa30_pct", PERCENT, "The same 30 days after", percent(pl.col("unpaid_30"), pl.col("matured_30"))
    ),
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

REPORT = Report(
    name="affiliate-report",
    title="Affiliates",
    family="user and loan",
    grain="one row an affiliate, site and campaign, and with `groupBy=day` each day of them; a customer counts for the "
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
    grouping=Grouping("group_by", (BY_CAMPAIGN,), finer=(BY_DAY,)),
    totals=tuple(
        Total(name, pl.col(name).filter(pl.col("group_by") == BY_CAMPAIGN).sum())
        for name in (
            "clicks", "leads", "unique_leads", "applications", "approved", "rejected", "disbursed_count",
            "disbursed_amount", "payout_amount", "clawback_amount", "gst_on_payout", "tds",
            "net_payable",
        )
    ),
)  # fmt: skip
