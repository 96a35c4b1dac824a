"""What is built from rows: small books by hand, among them the worked examples of credit text books."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

import reports
from app.brands.affiliates import TDS_PERCENT
from app.brands.disbursal import DisbursalPolicy
from reports.columns import DICTIONARY
from reports.marketing import affiliates
from reports.produce import shape, totals

THEN = datetime(2026, 5, 1, tzinfo=UTC)


def built(name: str, **sources: Iterable[dict[str, Any]]) -> pl.DataFrame:
    """A report of these rows; what a row does not say is null."""
    report = reports.get(name)
    frames = {
        source: pl.LazyFrame(
            [{c.name: row.get(c.name) for c in report.sources[source].gives} for row in rows],
            schema={c.name: c.kind.dtype for c in report.sources[source].gives},
        )
        for source, rows in sources.items()
    }
    return shape(report, frames).collect()


ROLLED = {
    "CURRENT": {"CLOSED": 930, "1-30": 70},
    "1-30": {"CLOSED": 60, "CURRENT": 6, "1-30": 12, "31-60": 42},
    "31-60": {"CLOSED": 12, "1-30": 6, "31-60": 9, "61-90": 33},
    "61-90": {"CLOSED": 3, "61-90": 3, "91+": 24},
    "91+": {"CLOSED": 4, "91+": 86},
    "NEW": {"CURRENT": 5},
}


def test_roll_rates():
    loans = [
        {"opening": opening, "closing": closing, "owed": Decimal(2)}
        for opening, became in ROLLED.items()
        for closing, number in became.items()
        for _ in range(number)
    ]
    matrix = built("roll-rate-report", loans=loans)
    number, principal = (matrix.filter(pl.col("measure") == name) for name in ("count", "principal"))
    assert number["opening"].to_list() == list(ROLLED)
    assert [str(rate) for rate in number["forward_pct"]] == [
        "7.00",
        "35.00",
        "55.00",
        "80.00",
        "0.00",
        "0.00",
    ]
    assert [str(rate) for rate in number["back_pct"]] == ["0.00", "55.00", "30.00", "10.00", "4.44", "0.00"]
    assert (principal["total"] == number["total"] * 2).all()
    told = totals(reports.get("roll-rate-report"), matrix.lazy())["current_to_91_plus_pct_by_measure"]
    assert told == {"count": 1.078, "principal": 1.078}
    gone = totals(reports.get("roll-rate-report"), matrix.filter(pl.col("opening") != "31-60").lazy())
    assert set(gone["current_to_91_plus_pct_by_measure"].values()) == {None}


def test_a_cohort_shows_an_age_once_all_of_it_came_so_far():
    loan = {"cohort": "2026-01", "sanctioned_amount": Decimal(100), "age": 40}
    rows = [loan | {"unpaid_for": 5}, loan | {"unpaid_for": -1}, loan | {"unpaid_for": 90, "age": 20}]
    lost = {name: value for name, value in loan.items() if name != "age"}
    losses = [lost | {"after": after, "lost": Decimal(amount)} for after, amount in ((5, 90), (9, -30))]
    curve = built("vintage-report", loans=rows, losses=losses).filter(pl.col("cut") == "all")
    assert [str(lost) for lost in curve["net_loss_amount"]] == ["0.00", "0.00", "0.00", "90.00", "60.00"]
    assert str(curve["net_loss_pct"][-1]) == "20.00"
    assert dict(curve.select("days_since_due", "unpaid_loans").rows()) == {0: 2, 1: 2, 3: 2, 7: 1, 15: 1}
    assert str(curve["unpaid_pct"][0]) == "66.67"


def test_the_funnel_counts_who_came_further_and_how_long_it_took():
    def lead(ended_for: str, **hours: float) -> dict[str, Any]:
        return {"ended_for": ended_for} | {step: THEN + timedelta(hours=at) for step, at in hours.items()}

    leads = [
        lead("WAITING", LEAD=0),
        lead("BU25", LEAD=0, PHONE_VERIFIED=1, APPLIED=3),
        lead("WAITING", LEAD=0, PHONE_VERIFIED=3, APPLIED=9, SANCTIONED=10, DISBURSED=12),
    ]
    leads[0]["marketing_source"] = "google"
    visits = [{"marketing_source": "google", "clicks": 4}, {"marketing_source": "bing", "clicks": 8}]
    funnel = built("funnel-report", leads=leads, visits=visits)
    clicks = funnel.filter(pl.col("step") == "CLICK").select("cut", "part", "customers", "cumulative_pct")
    assert clicks.rows() == [
        ("all", "", 12, None),
        ("source", "bing", 8, None),
        ("source", "google", 4, None),
    ]
    came = funnel.filter(pl.col("step") == "LEAD", pl.col("step_pct").is_not_null())
    assert [(part, str(pct)) for part, pct in came.select("part", "step_pct").rows()] == [
        ("", "25.00"),
        ("google", "25.00"),
    ]
    funnel = funnel.filter(pl.col("cut") == "all")
    steps = {row["step"]: row for row in funnel.rows(named=True)}
    assert [steps[name]["customers"] for name in ("LEAD", "KYC", "APPLIED", "DISBURSED")] == [3, 2, 2, 1]
    # from the last step that left a trace
    assert (steps["APPLIED"]["median_hours"], steps["DISBURSED"]["median_hours"]) == (Decimal(4), Decimal(2))
    assert (steps["LEAD"]["dropped"], steps["APPLIED"]["top_drop_reason"]) == (1, "BU25: Bureau score")
    assert str(steps["DISBURSED"]["cumulative_pct"]) == "33.33"


def test_the_waterfall_tells_first_and_sole_failures():
    failing = {"A": ("OLD", "POOR"), "B": ("POOR",), "C": ("POOR", "LATE"), "D": ()}
    ranks = {"OLD": 1, "POOR": 2, "LATE": 3}
    loans = [
        {
            "loan_no": no,
            "record_hash": no.lower(),
            "applied_amount": Decimal(100_000),
            "overridden": no == "B",
        }
        for no in failing
    ]
    spoken = [
        {"record_hash": no.lower(), "rule_id": rule, "rank": ranks[rule], "effect": "reject"}
        for no, rules in failing.items()
        for rule in rules
    ] + [{"record_hash": "d", "rule_id": "LATE", "rank": 3, "effect": ""}]
    rows = built("reject-waterfall-report", loans=loans, spoken=spoken).rows(named=True)
    told = [
        (row["rule_id"], row["evaluated"], row["failed"], row["first_failed"], row["sole_failed"])
        for row in rows
    ]
    assert told == [("OLD", 4, 1, 1, 0), ("POOR", 4, 3, 2, 1), ("LATE", 3, 1, 0, 0)]
    assert [str(row["cumulative_pass_pct"]) for row in rows] == ["75.00", "25.00", "25.00"]
    assert (rows[1]["overridden"], str(rows[1]["override_pct"]), str(rows[1]["value_lakhs"])) == (
        1,
        "33.33",
        "3.00",
    )


@pytest.mark.parametrize(
    ("model", "rate", "payout", "clawback"),
    [
        ("CPL", "50", "150.00", "0.00"),
        ("CPA", "400", "800.00", "400.00"),
        ("REV_SHARE", "2.5", "625.00", "250.00"),
    ],
)
def test_an_affiliate_is_paid_by_the_model(model, rate, payout, clawback):
    known = {
        "affiliate_id": "x",
        "payout_model": model,
        "payout_rate": Decimal(rate),
        "tds_percent": Decimal(5),
        "utm_campaign": "june",
    }
    lead = known | {"day": THEN.date(), "unique_leads": 1, "approved": 1}
    loan = known | {
        "day": THEN.date() + timedelta(1),
        "disbursed_count": 1,
        "disbursed_fresh": 1,
        "matured_7": 1,
    }
    late = {"fresh_unpaid_7": 1, "unpaid_7": 1, "amount_unpaid_7": Decimal(10_000)}
    loans = [
        loan | {"disbursed_amount": Decimal(15_000)},
        loan | late | {"disbursed_amount": Decimal(10_000)},
    ]
    visits = [known | {"day": THEN.date(), "clicks": 9, "leads": 4}]
    made = built("affiliate-report", visits=visits, leads=[lead] * 3, loans=loans)
    row, *days = made.rows(named=True)
    assert (str(row["payout_amount"]), str(row["clawback_amount"])) == (payout, clawback)
    left = Decimal(payout) - Decimal(clawback)
    assert row["tds"] == (left * 5 / 100).quantize(Decimal("0.01"))
    assert row["net_payable"] == left + row["gst_on_payout"] - row["tds"]
    assert row["gst_on_payout"] == (left * 18 / 100).quantize(Decimal("0.01"))
    assert (row["clicks"], row["unique_leads"], row["duplicate_leads"]) == (9, 3, 1)
    assert (row["unpaid_7"], row["matured_7"], str(row["fpd7_pct"])) == (1, 2, "50.00")
    whole = totals(reports.get("affiliate-report"), made.lazy())
    assert (whole["fpd7_pct"], whole["npa30_pct"]) == ("50.00", None)
    assert [(each["group_by"], each["clicks"], each["disbursed_count"]) for each in days] == [
        ("day", 9, 0),
        ("day", 0, 2),
    ]
    assert sum(each["payout_amount"] for each in days) == row["payout_amount"]


def test_an_affiliates_leads_one_by_one():
    known = {
        "affiliate_id": "x",
        "payout_model": "CPL",
        "payout_rate": Decimal(50),
        "tds_percent": Decimal(5),
    }
    came = known | {"day": THEN.date(), "click_id": "k1", "customer_id": "QUA-C-000001"}
    lead = came | {"unique_leads": 1, "lead_stage": "ACTIVE"}
    loan = came | {"disbursed_count": 1, "disbursed_amount": Decimal(9_000), "disbursed_date": THEN.date()}
    visits = [known | {"day": THEN.date(), "clicks": 9, "leads": 4}]
    rows = built("affiliate-report", visits=visits, leads=[lead], loans=[loan | {"lead_stage": "ACTIVE"}])
    (one,) = rows.filter(pl.col("group_by") == "lead").rows(named=True)
    told = [
        one[name] for name in ("click_id", "lead_id", "stage", "disbursed_date", "clicks", "unique_leads")
    ]
    assert told == ["k1", "XXXX0001", "ACTIVE", THEN.date(), 0, 1]
    assert (str(one["disbursed_amount"]), str(one["payout_amount"])) == ("9000.00", "50.00")


def test_a_session_tells_the_system():
    who = {
        "user_email": "a@b.c",
        "user_name": "A",
        "role": "ADMIN",
        "login_date": THEN.date(),
        "login_at": THEN,
    }
    agents = ["Mozilla/5.0 (Linux; Android 14)", "Mozilla/5.0 (Windows NT 10.0; Win64)", None]
    sessions = [who | {"agent": agent, "seconds": 60} for agent in agents]
    ((told,),) = built("login-sessions-report", sessions=sessions, failures=[]).select("sessions").rows()
    assert [each["os"] for each in json.loads(told)] == ["Android", "Windows", None]


def test_settings_that_do_not_say_have_the_defaults_of_their_schemas():
    assert f"'{TDS_PERCENT}')" in affiliates.TDS_PERCENT.sql
    assert f", {DisbursalPolicy().load({})['kfs_valid_days']})" in DICTIONARY["kfs_valid_till"].sql
