"""Identifiers are checked at the edge, and never repeated in an error."""

from typing import Any

import marshmallow as ma
import pytest

from app.core.http import Schema
from app.customers.schemas import CurrentAddressIn, ReferenceIn
from app.kyc.schemas import AadhaarIn, BankAccountIn, EmploymentIn, OtpIn, PanIn
from tests.customers.test_profile import ADDRESS

GOOD = [
    (PanIn, {"pan": " abcpv1234a "}, {"pan": "ABCPV1234A"}),
    (AadhaarIn, {"aadhaar": "2341 2341 2346"}, {"aadhaar": "234123412346"}),
    (OtpIn, {"otp": "012345"}, {"otp": "012345"}),
    (EmploymentIn, {}, {"uan": None}),
    (EmploymentIn, {"uan": "100000000001"}, {"uan": "100000000001"}),
    (
        ReferenceIn,
        {"name": "Ravi", "relation": "FRIEND", "phone": "98123 45670"},
        {"name": "Ravi", "relation": "FRIEND", "phone": "9812345670"},
    ),
    (
        BankAccountIn,
        {"accountNumber": "50100000000001", "ifsc": "hdfc0000123"},
        {"account_number": "50100000000001", "ifsc": "HDFC0000123"},
    ),
]
BAD = [
    (PanIn, {"pan": "ABCCV1234A"}),  # a company's
    (PanIn, {"pan": "ABCPV1234"}),
    (PanIn, {"pan": "ABCPV1234A\n1"}),
    (PanIn, {"pan": "ABCPV123\uff14A"}),  # a digit of another script
    (PanIn, {"pan": "ABCPV0000A"}),  # nobody has number nought
    (ReferenceIn, {"name": "Ravi", "relation": "FRIEND", "phone": "5812345670"}),
    (ReferenceIn, {"name": "Ravi", "relation": "FRIEND", "phone": "981234567"}),
    (CurrentAddressIn, ADDRESS | {"pincode": "351001"}),  # no circle has 35
    (AadhaarIn, {"aadhaar": "234123412345"}),  # wrong check digit
    (AadhaarIn, {"aadhaar": "134123412346"}),
    (AadhaarIn, {"aadhaar": 234123412346}),
    (OtpIn, {"otp": "12345"}),
    (EmploymentIn, {"uan": "10000000000"}),
    (BankAccountIn, {"accountNumber": "12345678", "ifsc": "HDFC0000123"}),
    (BankAccountIn, {"accountNumber": "50100000000001", "ifsc": "HDFC1000123"}),
]


@pytest.mark.parametrize(("schema", "sent", "read"), GOOD)
def test_good_ones_are_brought_into_one_form(
    schema: type[Schema], sent: dict[str, Any], read: dict[str, Any]
) -> None:
    assert schema().load(sent) == read


@pytest.mark.parametrize(("schema", "sent"), BAD)
def test_bad_ones_are_refused_without_repeating_them(schema: type[Schema], sent: dict[str, Any]) -> None:
    with pytest.raises(ma.ValidationError) as refused:
        schema().load(sent)
    told = str(refused.value.messages)
    assert not any(str(value).strip() in told for value in sent.values())
