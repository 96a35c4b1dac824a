"""What the agreement says."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from app.brands.schemas import BrandSettings
from app.documents.render import render
from app.esign.agreement import agreement
from app.seed import BRANDS
from pipelines.loans import bullet_apr_percent

# net, repayment, days, APR: fee and GST kept back, interest for the days exclusive of the first
RATES = [
    ("4410", "5350", 7, "1111.44"),
    ("8820", "12700", 27, "594.69"),
    ("10888", "13703", 11, "857.89"),
    ("13584", "18938", 35, "411.03"),
    ("17640", "26000", 30, "576.61"),
    ("26460", "35940", 22, "594.41"),
    ("42920", "70000", 40, "575.73"),
    ("88200", "145000", 90, "261.17"),
]


@pytest.mark.parametrize(("net", "repayment", "days", "apr"), RATES)
def test_the_apr_is_on_the_net_amount(net: str, repayment: str, days: int, apr: str):
    assert bullet_apr_percent(Decimal(net), Decimal(repayment), days) == Decimal(apr)


def loan() -> SimpleNamespace:
    return SimpleNamespace(
        loan_no="QUA-L-000001",
        purpose="MEDICAL",
        sanctioned_amount=Decimal("20000.00"),
        roi_percent_per_day=Decimal("1.0000"),
        tenure_days=30,
        processing_fee=Decimal("2000.00"),
        gst_amount=Decimal("360.00"),
        net_disbursal=Decimal("17640.00"),
        repayment_amount=Decimal("26000.00"),
        due_date=date(2026, 4, 1),
    )


def customer() -> SimpleNamespace:
    return SimpleNamespace(
        name="ASHA VERMA", pan="ABCPV1234A", phone="9000000001", email=None, address={"town": "Pune"}
    )


def said() -> dict[str, Any]:
    seeded = BRANDS["qualoan"]
    brand = {"name": seeded["name"], "settings": BrandSettings().load(seeded["settings"])}
    return agreement(loan(), customer(), "XXXX7890, HDFC0000053", brand, date(2026, 3, 2))


def test_the_key_facts_are_those_of_the_loan():
    facts = said()["loan"]
    assert facts["sanctioned_amount"] == "20,000.00"
    assert facts["deducted"] == "2,360.00"
    assert facts["net_disbursal"] == "17,640.00"
    assert facts["interest"] == "6,000.00"
    assert facts["repayment_amount"] == "26,000.00"
    assert facts["apr_percent"] == Decimal("576.61")
    assert (facts["rate_percent_per_day"], facts["cooling_off"]) == ("1", "1 day")


def test_it_becomes_a_pdf():
    assert render("loan_agreement", said()).startswith(b"%PDF-")
