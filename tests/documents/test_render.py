"""Documents that we make."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import typst

from app.documents.render import inr, letterhead, long_date, postal_address, render

BRAND = {
    "name": "Qualoan",
    "settings": {
        "theme": {"primary_colour": "#0b5fff"},
        "lender": {
            "name": "Naman Finlease Private Limited",
            "address": "New Delhi 110017",
            "grievance_officer": "Nodal Grievance Officer",
            "grievance_phone": "1800000001",
            "grievance_email": "grievance@qualoan.example",
        },
    },
}


def noc(name: str = "ASHA VERMA") -> dict[str, Any]:
    return letterhead(BRAND, date(2026, 4, 8)) | {
        "borrower": {"name": name, "address": "12 MG Road, Bengaluru"},
        "loan": {
            "number": "QUA-L-000001",
            "sanctioned_amount": "20,000.00",
            "disbursed_on": "2 March 2026",
            "due_date": "1 April 2026",
            "received": "26,000.00",
            "outstanding": "0.00",
            "closed_on": "1 April 2026",
        },
    }


def test_it_works():
    assert render("noc", noc()).startswith(b"%PDF-")


def test_the_same_data_give_the_same_bytes():
    assert render("noc", noc()) == render("noc", noc())


@pytest.mark.parametrize(
    "name", ['#panic("no")', "$ unbalanced", "*bold", '"; #import "x"', "a\\", "</script>"]
)
def test_a_name_is_text_and_never_markup(name: str):
    assert render("noc", noc(name)).startswith(b"%PDF-")


def test_missing_data_are_refused():
    with pytest.raises(typst.TypstError, match="sanctioned_amount"):
        render("noc", {**noc(), "loan": {"number": "QUA-L-000001"}})


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "0.00"),
        ("999.5", "999.50"),
        ("1000", "1,000.00"),
        ("12345.67", "12,345.67"),
        ("100000", "1,00,000.00"),
        ("1234567", "12,34,567.00"),
        ("-25000", "-25,000.00"),
        ("123456789.01", "12,34,56,789.01"),
    ],
)
def test_rupees_are_grouped_as_in_india(amount: str, text: str):
    assert inr(Decimal(amount)) == text


def test_dates_are_written_out():
    assert long_date(date(2026, 4, 8)) == "8 April 2026"


def test_an_address_leaves_out_what_is_empty_or_said_twice():
    assert postal_address({"house": "12", "street": "", "town": "Pune", "district": "Pune"}) == "12, Pune"
    assert postal_address(None) == ""
