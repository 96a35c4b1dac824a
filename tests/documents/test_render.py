"""Documents that we make."""

from datetime import date
from decimal import Decimal

import pytest
import typst

from app.documents.languages import long_date
from app.documents.render import inr, postal_address, render
from tests.documents.paper import composed


def test_it_works():
    assert render("paper", composed("NOC")).startswith(b"%PDF-")


def test_the_same_data_give_the_same_bytes():
    assert render("paper", composed("NOC")) == render("paper", composed("NOC"))


@pytest.mark.parametrize(
    "name",
    [
        '#panic("no")',
        "$ unbalanced",
        "*bold",
        '"; #import "x"',
        "a\\",
        "</script>",
        "{date}",
        "{0.__class__}",
    ],
)
def test_a_name_is_text_and_never_markup(name: str):
    content = composed("NOC", name=name)
    assert {"kind": "para", "text": f"Dear {name},"} in content["blocks"]
    assert render("paper", content).startswith(b"%PDF-")


def test_missing_data_are_refused():
    content = composed("NOC")
    del content["brand"]["lender"]
    with pytest.raises(typst.TypstError, match="lender"):
        render("paper", content)


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
