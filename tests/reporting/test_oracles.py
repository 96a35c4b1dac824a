"""Every report says of a planted book what plain SQL says; reports agree with one another and with the ledger."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

import polars as pl
import pytest

import reports
from app.ledger import service as ledger
from app.ledger.postings import Account
from app.loans.models import Loan
from app.reporting.producing import make
from reports.produce import Produced
from tests.lending import at_work
from tests.platform import Platform
from tests.reporting.oracles import ORACLES, PRELUDE
from tests.reporting.recounted import BRAND, TODAY, make_book

QUARTER = TODAY - timedelta(days=91), TODAY
Days = tuple[date, date]
Ask = Callable[..., Produced]


@pytest.fixture(scope="module")
def book(platform: Platform) -> Platform:
    make_book(platform)
    return platform


@pytest.fixture(scope="module")
def ask(book: Platform, tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """Produce a report of the book, of the last quarter if not said; each question once."""

    @cache
    def asked(name: str, days: Days = QUARTER, by: str | None = None, **options: str) -> Produced:
        question = reports.Question(BRAND, *days, TODAY, by, options)
        return make(reports.get(name), question, tmp_path_factory.mktemp(name), unmasked=True)

    return asked


def recount(platform: Platform, statement: str, named: dict[str, Any]) -> list[tuple]:
    """What the database answers, asked by names."""
    names = re.findall(r"%\((\w+)\)s", statement)
    return platform.sql(re.sub(r"%\(\w+\)s", "%s", statement), *(named[name] for name in names))


def rows_of(made: Produced) -> pl.DataFrame:
    return pl.read_parquet(made.rows)


def total(made: Produced, name: str) -> Decimal:
    return Decimal(made.totals[name])


def plain(rows: list[tuple]) -> list[tuple]:
    """Rows in one order, numbers as they are written whatever their type."""
    return sorted((tuple(_plain(value) for value in row) for row in rows), key=str)


def _plain(value: Any) -> Any:
    return (
        Decimal(value).normalize()
        if isinstance(value, int | Decimal) and not isinstance(value, bool)
        else value
    )


def _one_that_differs(columns: list[str], odd: Counter, due: Counter) -> dict[str, tuple]:
    """Of the first row that only one of the two has, what differs from the nearest of the other: said, and due."""
    if not (odd and due):
        return {
            name: (None, None, value)
            for row in (*odd, *due)
            for name, value in zip(columns, row, strict=True)
        }
    row = min(odd, key=str)
    near = max(due, key=lambda other: sum(a == b for a, b in zip(row, other, strict=True)))
    return {name: (row[0], a, b) for name, a, b in zip(columns, row, near, strict=True) if a != b}


def test_every_report_has_an_oracle():
    assert {name.partition("?")[0] for name in ORACLES} == set(reports.REPORTS)


@pytest.mark.parametrize("name", ORACLES)
def test_a_report_says_what_plain_sql_says(book: Platform, ask: Ask, name: str):
    oracle = ORACLES[name]
    since, until = QUARTER[0], QUARTER[1] + timedelta(days=oracle.ahead)
    since += timedelta(days=oracle.ahead)
    report, _, chosen = name.partition("?")
    chosen = dict(parse_qsl(chosen))
    found = rows_of(ask(report, (since, until), chosen.pop("group_by", None), **chosen))
    if oracle.only is not None:
        found = found.filter(oracle.only)
    if oracle.worded:
        found = found.with_columns(pl.col(oracle.worded).str.replace_all(": [^;]+", ""))
    days = {"brand": BRAND, "since": since, "until": until, "today": TODAY}
    told = recount(book, PRELUDE + oracle.sql, days)
    assert told, "the book has nothing to compare"
    columns = oracle.columns.split()
    said, expected = Counter(plain(found.select(columns).rows())), Counter(plain(told))
    assert _one_that_differs(columns, said - expected, expected - said) == {}
    assert said == expected


# the whole book, from before its first day
WHOLE = TODAY - timedelta(days=1_800), TODAY


def test_what_was_sanctioned_is_paid_out_or_waits(ask: Ask):
    paid, waits, both = (
        rows_of(ask(name))["loan_no"].to_list()
        for name in ("disbursed-loan-report", "non-disbursed-loan-report", "disburse-non-disburse-report")
    )
    assert sorted(paid + waits) == sorted(both)
    assert set(waits) <= set(rows_of(ask("total-approve-sanction-report"))["loan_no"])


def test_what_is_outstanding_is_the_trial_balance(ask: Ask):
    made = ask("outstanding-data-report", WHOLE)
    with at_work(BRAND):
        balances = ledger.trial_balance()
        owed = [ledger.outstanding_as_of(loan_id, TODAY) for loan_id in open_loans()]
    assert total(made, "active_pos") == balances[Account.PRINCIPAL]
    assert total(made, "outstanding_interest") == balances[Account.INTEREST_RECEIVABLE]
    penal = balances[Account.PENAL_RECEIVABLE] + balances.get(Account.CHARGES_RECEIVABLE, 0)
    assert total(made, "outstanding_penal") == penal
    assert total(made, "active_pos") == sum(loan.principal for loan in owed)
    assert total(made, "outstanding_amount") == sum(loan.total for loan in owed)


def open_loans() -> list[Any]:
    return [
        row.id
        for row in Loan.select(Loan.id).where(Loan.disbursed_at.is_null(False), Loan.closed_at.is_null())
    ]


def test_the_bureaus_are_told_of_the_same_debt(ask: Ask):
    outstanding, told = rows_of(ask("outstanding-data-report", WHOLE)), ask("cic-report")
    debt = outstanding["active_pos"].sum() + outstanding["outstanding_interest"].sum()
    # each account in whole rupees
    assert abs(told.totals["current_balance"] - debt) <= outstanding.height / Decimal(2)
    # of a loan that is repaid, bureaus hear once it is closed
    repaid = [
        row for row in rows_of(told).select("current_balance", "date_closed").rows() if row == (0, None)
    ]
    assert told.totals["open"] == outstanding.height + len(repaid)
    assert len(repaid) == 1


def test_what_was_recovered_is_what_was_received(book: Platform, ask: Ask):
    receipts, recovery = ask("collection-loan-report"), ask("total-recovery-report")
    booked, given_back = (
        book.sql(
            "SELECT sum(j.debit - j.credit) FROM journal_entry e JOIN journal_line j ON j.entry_id = e.id"
            f" WHERE e.brand_id = %s AND j.account = %s AND {kinds} AND e.business_date BETWEEN %s AND %s",
            BRAND,
            account,
            *QUARTER,
        )[0][0]
        for account, kinds in (("COLLECTION", "true"), ("EXCESS_PAYABLE", "e.kind = 'REFUND'"))
    )
    received = total(receipts, "paid_amount")
    assert received == total(recovery, "received_amount") == booked
    assert received - total(recovery, "net_recovery") == total(recovery, "refund") == given_back
    names = [
        "principal_received",
        "interest_received",
        "penalty_received",
        "recovered_amount",
        "excess_amount",
    ]
    for made in (receipts, recovery):
        rows = rows_of(made).select(*names, kept="paid_amount" if made is receipts else "received_amount")
        assert rows.filter(pl.sum_horizontal(names) != pl.col("kept")).rows() == []


def test_the_registers_differ_by_when_a_payment_was_confirmed_alone(ask: Ask):
    by_receipt, by_approval = (
        rows_of(ask(name)) for name in ("collection-loan-report", "collection-loan-report-by-approved-date")
    )
    both = by_receipt.join(by_approval, on="payment_reference", how="inner")
    assert both.filter(pl.col("paid_amount") != pl.col("paid_amount_right")).is_empty()
    late = by_approval.join(by_receipt, on="payment_reference", how="anti")
    assert (late["payment_date"] < QUARTER[0]).all()


# the columns of the dictionary that add up to another one, in every row of every report that shows all of them
ADDS_UP = {
    "repayment_amount": "sanctioned_amount interest_amount",
    "sanctioned_amount": "net_disbursed_amount processing_fee gst_amount",
    "paid_amount": "principal_received interest_received penalty_received recovered_amount excess_amount",
    "reported_outstanding_amount": "reported_outstanding_principal reported_outstanding_interest"
    " reported_outstanding_penal",
    "total_paid": "collected_till_due collected_after_due",
}


def test_every_row_adds_up(ask: Ask):
    compared = set()
    for report in reports.REPORTS.values():
        shown = {_known(column): column.name for column in report.columns}
        for whole, parts in ADDS_UP.items():
            if {whole, *parts.split()} <= shown.keys():
                added = pl.sum_horizontal(shown[part] for part in parts.split())
                odd = rows_of(ask(report.name)).filter(pl.col(shown[whole]) != added)
                assert odd.rows() == [], (report.name, whole)
                compared.add(whole)
    assert compared == ADDS_UP.keys()


def _known(column: reports.base.Column) -> str:
    """What the dictionary calls a column."""
    if column.formula is None:
        return column.name
    (root, *more) = column.formula.meta.root_names()
    return column.name if more or not column.formula.meta.eq(pl.col(root)) else root


def test_what_the_disbursed_got_is_what_was_lent_less_the_costs(ask: Ask):
    made = ask("disbursed-loan-report")
    costs = total(made, "processing_fee") + total(made, "gst_amount")
    assert total(made, "net_disbursed_amount") == total(made, "sanctioned_amount") - costs
    both = ask("disburse-non-disburse-report").totals
    assert Decimal(both["net_by_is_disbursed"]["true"]) == total(made, "net_disbursed_amount")


def test_what_the_bank_gave_back_is_told_beside(book: Platform, ask: Ask):
    ((loan_no, amount),) = book.sql(
        "INSERT INTO payout (brand_id, id, loan_id, attempt, status, provider, reference, amount, mode, settled_at)"
        " SELECT brand_id, gen_random_uuid(), id, 1, 'REVERSED', 'razorpay', 'gave-back', net_disbursal, 'IMPS', now()"
        " FROM loan WHERE brand_id = %s AND status = 'APPROVED' ORDER BY id LIMIT 1"
        " RETURNING (SELECT loan_no FROM loan WHERE id = loan_id), amount",
        BRAND,
    )
    today = ask("disbursed-loan-report", (TODAY, TODAY))
    assert today.totals["reversed_payouts"] == {loan_no: str(amount)}
    assert loan_no not in rows_of(today)["loan_no"]
    assert ask("disbursed-loan-report").totals["reversed_payouts"].keys() <= {loan_no}


def test_days_add_up_to_the_whole(ask: Ask):
    numbers = [
        "clicks",
        "leads",
        "unique_leads",
        "disbursed_count",
        "disbursed_amount",
        "net_disbursed_amount",
    ]
    days, whole = (rows_of(ask("affiliate-report", by=by)) for by in ("day", None))
    assert days.height > whole.height
    assert days.select(numbers).sum().rows() == whole.select(numbers).sum().rows()
    groups = ["leads", "applied", "disbursed", "disbursed_amount", "revenue"]
    for name in ("city_tier", "device"):
        report = "internal-marketing-analysis-report"
        days, months = (rows_of(ask(report, by=by)) for by in (f"{name}_by_day", name))
        assert (
            days["period"].str.head(7).n_unique() == months["period"].n_unique() < days["period"].n_unique()
        )
        assert days.select(groups).sum().rows() == months.select(groups).sum().rows()


def test_leads_are_the_same_people_everywhere(ask: Ask):
    keys = {
        "master-report": "customer_id",
        "daily-marketing-mis-report": "lead_id",
        "lead-total-report": "lead_id",
    }
    numbers = [sorted(rows_of(ask(name))[column].to_list()) for name, column in keys.items()]
    assert numbers[0] == numbers[1] == numbers[2]
    leads = ask("master-report").totals["customers"]
    assert ask("funnel-report").totals["customers_by_step"]["LEAD"] == leads
    assert ask("internal-marketing-analysis-report").totals["leads"] == leads
    assert ask("campaign-roi-report").totals["leads"] == leads


def test_what_was_spent_is_the_same_everywhere(book: Platform, ask: Ask):
    ((paid,),) = book.sql(
        "SELECT sum(amount) FROM marketing_spend WHERE brand_id = %s AND day BETWEEN %s AND %s",
        BRAND,
        *QUARTER,
    )
    campaigns, groups = ask("campaign-roi-report"), ask("internal-marketing-analysis-report")
    assert total(campaigns, "advertising") == paid > 0
    assert total(campaigns, "spend") == total(groups, "spend") == paid + total(campaigns, "affiliate_payout")
    assert total(campaigns, "cost_per_disbursal") == total(groups, "cac")
    by_kind = rows_of(groups).group_by("group_by").agg(pl.col("spend", "matured_loans").sum())
    assert by_kind.select("spend", "matured_loans").unique().height == 1
    days = rows_of(ask("internal-marketing-analysis-report", by="state_by_day"))
    assert days["spend"].sum() == total(groups, "spend")


def test_who_collects_collects_a_loan_of_the_book(ask: Ask):
    held = rows_of(ask("collection-allocation-executive-report"))["loan_no"]
    book = rows_of(ask("master-collection-report"))
    assert held.is_unique().all()
    assert set(held) <= set(book["loan_no"])


def test_demand_and_receipts_are_those_of_the_efficiency(ask: Ask):
    due, efficiency = ask("collection-due-report"), ask("collection-efficiency-report")
    assert total(due, "demand_amount") == total(efficiency, "demand")
    assert due.totals["count"] == efficiency.totals["loans"]


def test_the_earliest_due_date_comes_first_if_chosen(ask: Ask):
    earliest, latest = (
        rows_of(ask("active-loans-by-due-date-report", order=order))["due_date"] for order in ("asc", "desc")
    )
    assert earliest.is_sorted()
    assert latest.is_sorted(descending=True)
    assert earliest.sort().equals(latest.sort())


def test_what_waits_is_counted_by_how_long(ask: Ask):
    made = ask("non-disbursed-loan-report", agreement_status="ANY")
    signed, unsigned = (
        ask("non-disbursed-loan-report", agreement_status=status).row_count
        for status in ("SIGNED", "UNSIGNED")
    )
    assert made.row_count == signed + unsigned == sum(made.totals["count_by_pending_days"].values())
    assert set(made.totals["count_by_pending_days"]) <= {"0", "1", "2", "3+"}
    assert sum(map(Decimal, made.totals["amount_by_pending_days"].values())) == total(
        made, "sanctioned_amount"
    )


def test_leads_one_by_one_are_those_of_the_campaigns(ask: Ask):
    names = ["unique_leads", "disbursed_count", "disbursed_amount", "net_disbursed_amount"]
    leads, campaigns = (rows_of(ask("affiliate-report", by=by)) for by in ("lead", None))
    assert leads.select(names).sum().rows() == campaigns.select(names).sum().rows()
    assert leads["lead_id"].null_count() == 0


def test_what_is_received_is_the_sum_of_its_parts(ask: Ask):
    rows = rows_of(ask("master-collection-report"))
    closed = rows.filter(pl.col("status") == "COMPLETED")
    parts = pl.col("sanctioned_amount") + pl.col("int_paid") + pl.col("p_int_paid") + pl.col("excess_amount")
    odd = closed.filter(pl.col("paid_amount") + pl.col("round_off_discount") != parts)
    assert odd.select("loan_no", "paid_amount", "int_paid").rows() == []


def test_every_application_is_counted_once_in_the_rejections(ask: Ask):
    totals = ask("reject-report").totals
    assert totals["total_to_process"] == totals["opening_stock"] + totals["fresh_applications"]
    assert totals["total_to_process"] == totals["app_decisioned"] + totals["withdrawn"] + totals["wip"]
    assert totals["app_decisioned"] == totals["rejected"] + totals["sanctioned"]
    assert totals["cases"] == totals["rejected"]
    rejected = rows_of(ask("reject-report")).filter(pl.col("section") == "loan")
    assert rejected["loan_no"].n_unique() == rejected.height == totals["rejected"]
    chosen = rows_of(ask("reject-report", by="loan"))
    assert chosen["loan_no"].to_list() == rejected["loan_no"].to_list()
    assert set(chosen["check_state"]) == {"NA"}
    reasons = rows_of(ask("reject-report")).filter(pl.col("section") == "reason")
    assert abs(reasons["pct_of_total"].sum() - 100) <= Decimal("0.01") * reasons.height


def test_a_bucket_becomes_what_it_was(ask: Ask):
    rates = rows_of(ask("roll-rate-report"))
    assert (
        rates["total"].to_list() == rates.select(pl.sum_horizontal(pl.col("^to_.*$"))).to_series().to_list()
    )
    before = ask("outstanding-data-report", (WHOLE[0], QUARTER[0] - timedelta(days=1)))
    assert total(before, "count") == Decimal(ask("roll-rate-report").totals["total_by_measure"]["count"])
    assert total(before, "active_pos") == Decimal(
        ask("roll-rate-report").totals["total_by_measure"]["principal"]
    )


def test_first_failures_add_up_to_all_that_are_stopped(ask: Ask):
    waterfall = rows_of(ask("reject-waterfall-report")).filter(pl.col("effect") == "reject")
    ((stopped, decided),) = waterfall.select(pl.col("first_failed").sum(), pl.col("evaluated").max()).rows()
    assert waterfall["cumulative_pass_pct"][-1] == round(Decimal(100 * (decided - stopped)) / decided, 2)
    assert all(waterfall["sole_failed"] <= waterfall["first_failed"])
