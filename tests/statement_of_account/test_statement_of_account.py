"""The statement of account adds up to what is owed, whichever way it is read."""

import csv
import io
from datetime import timedelta
from decimal import Decimal

import pikepdf

from app.core.clock import today
from app.ledger import service as ledger
from app.ledger.events import Kind
from app.loans import service as loans
from tests.lending import active, at_work
from tests.platform import Platform

PATH = "statement-of-account"


def test_it_works(platform: Platform):
    case = active(platform, days_ago=18)
    with at_work():
        loan, day = loans.get(case.loan_id), today() - timedelta(days=8)
        ledger.post_payment(loan, Decimal("12000.00"), day, f"{loan.loan_no}-P")
        ledger.charge(
            loan, Kind.BOUNCE_CHARGE, Decimal("500.00"), day, f"{loan.loan_no}-B", gst=Decimal("90.00")
        )
    told = case.app.get(f"/web/loans/{case.loan_id}/{PATH}")
    # 10 days of interest and a payment; 8 days of interest on what was left
    assert [(line["kind"], line["balance"]) for line in told["lines"]] == [
        ("DISBURSAL", "20000.00"),
        ("INTEREST", "22000.00"),
        ("PAYMENT", "10000.00"),
        ("BOUNCE_CHARGE", "10590.00"),
        ("INTEREST", "11390.00"),
    ]
    assert told["outstanding"]["total"] == "11390.00"
    moved = [Decimal(line["debit"]) - Decimal(line["credit"]) for line in told["lines"]]
    assert sum(moved) == Decimal(told["outstanding"]["total"])
    assert case.staff.get(f"/loans/{case.loan_id}/{PATH}") == told
    earlier = case.app.get(f"/web/loans/{case.loan_id}/{PATH}?asOf={today() - timedelta(days=17)}")
    assert [line["balance"] for line in earlier["lines"]] == ["20000.00", "20200.00"]


def test_it_is_a_file_too_and_nobody_elses(platform: Platform):
    case = active(platform, days_ago=3)
    address = f"/web/loans/{case.loan_id}/{PATH}"
    table = case.app.get(f"{address}.csv").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [row["Balance"] for row in rows] == ["20000.00", "20600.00"]
    told = case.staff.get(f"/loans/{case.loan_id}/{PATH}.pdf")
    with pikepdf.open(io.BytesIO(told)) as pdf:
        assert len(pdf.pages) == 1
    platform.customer().get(f"/web/loans/{case.loan_id}/{PATH}", expect=404)
