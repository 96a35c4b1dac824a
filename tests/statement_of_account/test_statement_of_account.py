"""The statement of account adds up to what is owed, whichever way it is read."""

import csv
import io
import re
from datetime import timedelta
from decimal import Decimal

import pypdfium2

from app.core.clock import today
from app.ledger import service as ledger
from app.ledger.events import Kind, Part
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


def test_the_files_say_the_same_and_are_nobody_elses(platform: Platform):
    case = active(platform, days_ago=40)
    with at_work():
        loan, day = loans.get(case.loan_id), today() - timedelta(days=8)
        ledger.post_payment(loan, Decimal("12000.00"), day, f"{loan.loan_no}-P")
        ledger.charge(loan, Kind.PENAL_CHARGE, Decimal("31.50"), day, f"{loan.loan_no}-L")
        ledger.waive(loan, Part.PENAL, Decimal("31.50"), today(), f"{loan.loan_no}-W")
        ledger.reverse(loan, Kind.WAIVER, f"{loan.loan_no}-W", today(), f"{loan.loan_no}-X")
        ledger.post_payment(loan, Decimal("99999.00"), today(), f"{loan.loan_no}-Q")
    address = f"/web/loans/{case.loan_id}/{PATH}"
    told = case.app.get(address)
    lines = told["lines"]
    table = case.app.get(f"{address}.csv").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(table)))
    assert rows == [
        {
            "Date": line["date"],
            "What": line["description"],
            "Reference": line["reference"],
            "Charged": line["debit"],
            "Credited": line["credit"],
            "Balance": line["balance"],
        }
        for line in lines
    ]
    pdf = case.staff.get(f"/loans/{case.loan_id}/{PATH}.pdf")
    said = " ".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf))
    owed = told["outstanding"]
    amounts = [line[name] for line in lines for name in ("debit", "credit", "balance")]
    amounts += [owed[name] for name in ("principal", "interest", "penal", "charges", "total", "excess")]
    printed = [amount.replace(",", "") for amount in re.findall(r"(?<![\d,.])[\d,]+\.\d\d(?!\d)", said)]
    # the first is the amount of the loan, above the lines
    assert printed == [told["principal"], *amounts]
    assert (owed["total"], Decimal(owed["excess"]) > 0) == ("0.00", True)
    platform.customer().get(f"{address}.pdf", expect=404)
