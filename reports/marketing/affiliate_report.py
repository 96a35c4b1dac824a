"""What each affiliate brought by each campaign, and what they are paid for it."""

from collections.abc import Mapping

import polars as pl

from pipelines.money import mean_money, percent
from reports.base import Column, Report, Source
from reports.columns import shared
from reports.facts import CUSTOMERS, rows
from reports.figures import figure, unknown
from reports.kinds import CHOICE, FLAG, INTEGER, MONEY, PERCENT, TEXT
from reports.marketing.affiliates import BASE, CLAWBACK, GST, PAYOUT
from reports.totals import sums

_KEY = ("affiliate_id", "domain", "utm_source", "utm_medium", "utm_campaign")
_TERMS = (
    Column("affiliate_id", TEXT, "Code of the affiliate", "partner.code"),
    Column("affiliate_name", TEXT, "Name of the affiliate", "partner.name"),
    Column(
        "payout_model",
        CHOICE,
        "CPL a lead, CPA a first loan, REV_SHARE percent of loans",
        "partner.payout_model",
    ),
    Column("payout_rate", MONEY, "Rupees, or percent for REV_SHARE", "partner.payout_rate"),
)
_CLICK = tuple(Column(name, TEXT, f"{name} of the visit", f"last_click.{name}") for name in _KEY[1:])
_SOLD = {
    "disbursed_count": ("loans", "Loans that were paid out in the days"),
    "disbursed_fresh": ("fresh", "Of them, the customer's first"),
    "disbursed_amount": ("amount", "Their principal"),
    "net_disbursed_amount": ("net", "What was paid out"),
    "processing_fee": ("fee", "Their fees"),
    "matured": ("matured", ""),
    "unpaid_7": ("unpaid_7", ""),
    "fresh_unpaid_7": ("fresh_unpaid_7", ""),
    "amount_unpaid_7": ("amount_unpaid_7", ""),
    "matured_30": ("matured_30", ""),
    "unpaid_30": ("unpaid_30", ""),
}
_AMOUNTS = {"disbursed_amount", "net_disbursed_amount", "processing_fee", "amount_unpaid_7"}
_LEADS = (
    *_TERMS,
    *_CLICK,
    Column("is_new", FLAG, "Came in the days", "c.created_at >= %(from_at)s AND c.created_at < %(until_at)s"),
    *shared("otp_verified personal_done applied approved first_rejected_for"),
    *(
        Column(name, MONEY if name in _AMOUNTS else INTEGER, name, f"coalesce(sold.{fact}, 0)")
        for name, (fact, _) in _SOLD.items()
    ),
)
_CAME_OR_SOLD = """last_click.affiliate_id IS NOT NULL AND (sold.loans > 0
    OR (c.created_at >= %(from_at)s AND c.created_at < %(until_at)s))"""

_VISITS = (*_TERMS, *_CLICK, Column("clicks", INTEGER, "Visits"), Column("leads", INTEGER, "Of customers"))
_VISITED = Source(
    """SELECT partner.code AS affiliate_id, partner.name AS affiliate_name, partner.payout_model, partner.payout_rate,
      k.domain, k.utm_source, k.utm_medium, k.utm_campaign, count(DISTINCT k.id) AS clicks, count(v.id) AS leads
    FROM click k JOIN affiliate partner ON partner.brand_id = k.brand_id AND partner.id = k.affiliate_id
    LEFT JOIN customer_touch v ON v.brand_id = k.brand_id AND v.click_id = k.id
    WHERE k.brand_id = %(brand_id)s AND k.created_at >= %(from_at)s AND k.created_at < %(until_at)s
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8""",
    _VISITS,
)
_COUNTED = {
    "unique_leads": pl.col("is_new"),
    "otp_verified": pl.col("is_new") & pl.col("otp_verified"),
    "kyc_completed": pl.col("is_new") & pl.col("personal_done"),
    "applications": pl.col("is_new") & pl.col("applied"),
    "rejected": pl.col("is_new") & pl.col("first_rejected_for").is_not_null(),
    "approved": pl.col("is_new") & pl.col("approved"),
}


def build(frames: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """Visits and what became of those who made them, by affiliate and campaign."""
    terms = [column.name for column in _TERMS]
    leads = frames["leads"].group_by(*terms, *_KEY[1:]).agg(
        *(counted.sum().alias(name) for name, counted in _COUNTED.items()),
        *(pl.col(name).sum() for name in _SOLD),
    )  # fmt: skip
    both = frames["visits"].join(leads, on=[*terms, *_KEY[1:]], how="full", coalesce=True, nulls_equal=True)
    numbers = ("clicks", "leads", *_COUNTED, *_SOLD)
    return both.with_columns(pl.col(name).fill_null(0) for name in numbers).sort(_KEY, nulls_last=True)


_DISBURSED = pl.col("disbursed_count")
_EACH = mean_money(PAYOUT - CLAWBACK, _DISBURSED)

COLUMNS = (
    figure("affiliate_id", TEXT, "Code of the affiliate"),
    figure("affiliate_name", TEXT, "Name of the affiliate"),
    figure("domain", TEXT, "Site on which the visit landed"),
    *(figure(name, TEXT, f"{name} of the visit") for name in _KEY[2:]),
    figure("clicks", INTEGER, "Visits in the days"),
    figure("leads", INTEGER, "Of them, of people who gave their phone"),
    figure("unique_leads", INTEGER, "Customers who came in the days, and whom this brought last"),
    figure(
        "duplicate_leads",
        INTEGER,
        "leads who were customers already or whom another visit brought last",
        pl.max_horizontal(pl.col("leads") - pl.col("unique_leads"), 0),
    ),
    figure("otp_verified", INTEGER, "Of the unique leads, phone verified"),
    figure("kyc_completed", INTEGER, "PAN and Aadhaar verified"),
    figure("applications", INTEGER, "Applied"),
    figure("rejected", INTEGER, "Rejected at least once"),
    figure("approved", INTEGER, "Sanctioned"),
    figure("disbursed_count", INTEGER, "Loans paid out in the days to customers whom this brought last"),
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
    unknown("tds", MONEY, "Tax to keep back; the books of accounts know the affiliate's rate"),
    figure("net_payable", MONEY, "Payout less clawback, with GST, before tds", PAYOUT - CLAWBACK + GST),
    figure("cost_per_disbursal", MONEY, "Payout less clawback for each loan", _EACH),
)

REPORT = Report(
    name="affiliate-report",
    title="Affiliates",
    family="user and loan",
    grain="one row an affiliate, site and campaign; a customer counts for the visit that brought them last",
    filtered_on="the day of the visit, of the customer's first phone and of the credit: each for "
    "what it counts",
    order="by affiliate and campaign",
    columns=COLUMNS,
    sources={"visits": _VISITED, "leads": rows(CUSTOMERS, _LEADS, where=_CAME_OR_SOLD, order="c.id")},
    build=build,
    totals=sums(
        "clicks", "leads", "unique_leads", "applications", "approved", "rejected", "disbursed_count",
        "disbursed_amount", "payout_amount", "clawback_amount", "gst_on_payout", "net_payable",
    ),
)  # fmt: skip
