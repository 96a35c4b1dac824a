"""What a bureau is asked: names in parts, the address in one line, the state by its code."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from app.bureau.enquiry import enquiry
from app.core.errors import Conflict
from pipelines.states import state_code

ADDRESS = {
    "house": "Flat 12",
    "street": "Baner Road",
    "landmark": "",
    "pincode": "411045",
    "state": "Maharashtra",
}


def person(**changes: Any) -> SimpleNamespace:
    known = {
        "name": "ASHA KUMARI VERMA",
        "pan": "ABCPV1234A",
        "dob": date(1990, 1, 1),
        "gender": "female",
        "phone": "9000000001",
        "address": ADDRESS,
    }
    return SimpleNamespace(**known | changes)


LOAN = SimpleNamespace(applied_amount=Decimal("25000.00"))


def test_it_works() -> None:
    asked = enquiry(person(), LOAN, "ref")
    assert (asked.first_name, asked.middle_name, asked.last_name) == ("ASHA", "KUMARI", "VERMA")
    assert (asked.address, asked.state_code, asked.pincode) == ("Flat 12, Baner Road", "27", "411045")
    assert asked.amount == Decimal("25000.00")


def test_a_single_name_is_a_first_name() -> None:
    asked = enquiry(person(name="ASHA"), LOAN, "ref")
    assert (asked.first_name, asked.middle_name, asked.last_name) == ("ASHA", "", "")


@pytest.mark.parametrize("lost", ["name", "pan", "gender"])
def test_what_is_missing_is_named(lost: str) -> None:
    with pytest.raises(Conflict) as refused:
        enquiry(person(**{lost: None}), LOAN, "ref")
    assert refused.value.details == {"missing": [lost]}


def test_a_state_that_is_none_is_missing() -> None:
    with pytest.raises(Conflict) as refused:
        enquiry(person(address=ADDRESS | {"state": "Atlantis"}), LOAN, "ref")
    assert refused.value.details == {"missing": ["state"]}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Maharashtra", "27"),
        ("Jammu & Kashmir", "01"),
        ("NCT of Delhi", "07"),
        ("ORISSA", "21"),
        ("Goa.", "30"),
    ],
)
def test_states_are_known_however_they_are_spelt(name: str, code: str) -> None:
    assert state_code(name) == code
