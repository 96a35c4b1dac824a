"""A quote over HTTP: what a loan would cost under the brand's product and the policy in force."""

import secrets
import string
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests

from app.brands import service as brands
from app.brands.products import CHOICES, LoanProduct
from app.core import clock
from app.demo.client import CustomerApp
from app.seed import BRANDS
from pipelines.loans import BrokenPeriod, DayCount, Frequency, Moratorium, PayableTo, Treatment
from tests.platform import Platform
from tests.policies.desk import Desk

INSTALMENTS = {
    "type": "INSTALMENTS",
    "ratePercentPerYear": "30",
    "feeTreatment": "DEDUCTED",
    "charges": [
        {"name": "Insurance", "percent": "1.5", "gstPercent": "18", "treatment": "FINANCED"},
        {"name": "Stamp duty", "flat": "100.00"},
    ],
}


@pytest.fixture(scope="module")
def customer(platform: Platform) -> CustomerApp:
    return platform.customer()


def ask(customer: CustomerApp, **body: Any) -> tuple[int, dict[str, Any]]:
    url = f"{customer.api.base_url}/web/loans/quote"
    answer = requests.post(url, json=body, headers=customer._headers, timeout=30)
    return answer.status_code, answer.json()


def quoted(customer: CustomerApp, **body: Any) -> dict[str, Any]:
    status, told = ask(customer, **body)
    assert status == 200, told
    return told


def test_it_works(customer: CustomerApp) -> None:
    told = quoted(customer, amount="20000.00", tenureDays=30)
    today = clock.today()
    assert told["disbursalDate"] == today.isoformat()
    assert told["dueDate"] == (today + timedelta(days=30)).isoformat()
    amounts = ("netDisbursal", "gst", "chargesTotal", "interest", "repaymentAmount", "aprPercent")
    assert [told[name] for name in amounts] == [
        "17640.00",
        "360.00",
        "2360.00",
        "6000.00",
        "26000.00",
        "576.61",
    ]
    assert [(row["number"], row["amount"], row["closing"]) for row in told["schedule"]] == [
        (1, "26000.00", "0.00")
    ]
    assert [(line["name"], line["base"], line["total"]) for line in told["charges"]] == [
        ("Processing fee", "2000.00", "2360.00")
    ]
    assert {"part": "A", "number": "9", "title": "Annual percentage rate", "value": "576.61 %"} in told[
        "keyFacts"
    ]


def test_nothing_is_kept(customer: CustomerApp) -> None:
    quoted(customer, amount="20000", tenureDays=30)
    assert customer.get("/web/loans") == []


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("amount", {"amount": "4999.99"}),
        ("amount", {"amount": "100000.01"}),
        ("amount", {"amount": "NaN"}),
        ("amount", {"amount": None}),
        ("tenureDays", {"tenureDays": 6}),
        ("tenureDays", {"tenureDays": 41}),
        ("tenureDays", {"tenureDays": None}),
        ("tenureDays", {"tenureDays": None, "instalments": 3}),
        ("disbursalDate", {"disbursalDate": "2020-01-01"}),
        ("disbursalDate", {"disbursalDate": "9999-12-31"}),
        ("disbursalDate", {"disbursalDate": "tomorrow"}),
        ("surprise", {"surprise": 1}),
    ],
)
def test_a_bad_field_is_named(customer: CustomerApp, field: str, body: dict[str, Any]) -> None:
    status, told = ask(customer, **({"amount": "20000", "tenureDays": 30} | body))
    assert (status, list(told["error"]["fields"])) == (422, [field])


def test_only_a_customer_asks(platform: Platform) -> None:
    answer = requests.post(f"{platform.api.base_url}/web/loans/quote", json={"amount": "20000"}, timeout=30)
    assert answer.status_code == 401


# --- a brand that lends by instalments --------------------------------------------------------------------


def brand_of(platform: Platform, **product: Any) -> str:
    """A brand with a credit policy of its own and this product."""
    brand_id = "q" + "".join(secrets.choice(string.ascii_lowercase) for _ in range(10))
    folder = Path(platform.settings.rules_directory) / "brands" / brand_id
    folder.mkdir(parents=True)
    (folder / "cam.yaml").write_text(f"ruleset: cam\nbrand: {brand_id}\nextends: base/cam\n")
    brands.create(brand_id, brand_id.title(), BRANDS["qualoan"]["settings"] | {"loanProduct": product})
    return brand_id


@pytest.fixture(scope="module")
def borrower(platform: Platform) -> CustomerApp:
    return platform.customer(brand_id=brand_of(platform, **INSTALMENTS))


def test_equal_instalments_with_charges_financed_and_deducted(borrower: CustomerApp) -> None:
    start = clock.today() + timedelta(days=1)
    told = quoted(borrower, amount="60000", instalments=6, disbursalDate=start.isoformat())
    # 60,000 and insurance of 900 with GST of 162; fee 6,000 with GST 1,080, and stamp duty, kept back
    assert (told["principal"], told["netDisbursal"]) == ("61062.00", "52820.00")
    assert [row["number"] for row in told["schedule"]] == [1, 2, 3, 4, 5, 6]
    assert {row["amount"] for row in told["schedule"][:-1]} == {"11086.00"}
    assert sum(Decimal(row["principal"]) for row in told["schedule"]) == 61_062
    assert told["schedule"][-1]["closing"] == "0.00"
    assert {date.fromisoformat(row["dueDate"]).day for row in told["schedule"]} <= {start.day, 28, 29, 30}
    assert Decimal(told["repaymentAmount"]) == sum(Decimal(row["amount"]) for row in told["schedule"])
    assert [(line["name"], line["treatment"], line["payableTo"]) for line in told["charges"]] == [
        ("Processing fee", "DEDUCTED", "LENDER"),
        ("Insurance", "FINANCED", "THIRD_PARTY"),
        ("Stamp duty", "DEDUCTED", "THIRD_PARTY"),
    ]
    assert (told["ratePercent"], told["ratePer"]) == ("30", "YEAR")


def test_a_broken_period_is_due_with_the_first_instalment(borrower: CustomerApp) -> None:
    first = clock.today() + timedelta(days=50)
    told = quoted(borrower, amount="60000", instalments=3, firstDueDate=first.isoformat())
    amounts = [Decimal(row["amount"]) for row in told["schedule"]]
    assert told["schedule"][0]["dueDate"] == first.isoformat()
    assert amounts[0] > amounts[1]


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("instalments", {"instalments": None, "tenureDays": 30}),
        ("instalments", {"instalments": 1}),
        ("instalments", {"instalments": 25}),
        ("firstDueDate", {"firstDueDate": "2020-01-01"}),
        ("firstDueDate", {"firstDueDate": "9999-12-31"}),
    ],
)
def test_a_bad_field_of_instalments_is_named(borrower: CustomerApp, field: str, body: dict[str, Any]) -> None:
    status, told = ask(borrower, **({"amount": "20000", "instalments": 6} | body))
    assert (status, list(told["error"]["fields"])) == (422, [field])


def test_terms_that_make_no_loan_are_told(platform: Platform) -> None:
    dear = {
        "type": "INSTALMENTS",
        "ratePercentPerYear": "12",
        "charges": [{"name": "Insurance", "percent": "99"}],
    }
    status, told = ask(platform.customer(brand_id=brand_of(platform, **dear)), amount="20000", instalments=6)
    assert (status, told["error"]["code"]) == (422, "NO_SUCH_LOAN")


def test_without_a_credit_policy_there_is_no_quote(platform: Platform) -> None:
    app = platform.customer(brand_id=Desk(platform).brand)
    status, told = ask(app, amount="20000", tenureDays=30)
    assert (status, told["error"]["code"]) == (409, "POLICY_MISSING")


@pytest.mark.parametrize("kind", [BrokenPeriod, DayCount, Frequency, Moratorium, PayableTo, Treatment])
def test_settings_choose_among_all_conventions(kind: type) -> None:
    assert tuple(kind) in CHOICES.values()


@pytest.mark.parametrize(
    ("field", "product"),
    [
        ("type", {"type": "FLAT"}),
        ("ratePercentPerYear", {"type": "INSTALMENTS"}),
        ("ratePercentPerYear", {"type": "INSTALMENTS", "ratePercentPerYear": "NaN"}),
        ("ratePercentPerDay", {"ratePercentPerDay": "1E-9"}),
        ("ratePercentPerDay", {"ratePercentPerDay": "100.1"}),
        ("instalmentsMin", INSTALMENTS | {"instalmentsMin": 12, "instalmentsMax": 6}),
        ("moratoriumPeriods", INSTALMENTS | {"moratoriumPeriods": 2}),
        ("charges", {"charges": [{"name": "Insurance", "percent": "1"}]}),
        ("dayCount", {"dayCount": "ACT_364"}),
    ],
)
def test_a_product_that_is_not_whole_is_refused(field: str, product: dict[str, Any]) -> None:
    assert list(LoanProduct().validate(product)) == [field]
