import json
import string
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import verhoeff

from app.core.masking import mask, mask_text

DIGITS = string.digits
pans = st.from_regex(r"[A-Z]{3}[ABCFGHJLPT][A-Z][0-9]{4}[A-Z]", fullmatch=True)
aadhaars = st.from_regex(r"[2-9][0-9]{10}", fullmatch=True).map(lambda n: n + verhoeff.calc_check_digit(n))
phones = st.from_regex(r"[6-9][0-9]{9}", fullmatch=True)
accounts = st.text(DIGITS, min_size=9, max_size=18)
emails = st.from_regex(r"[a-z]{2,8}(\.[a-z]{2,8})?@[a-z]{2,8}\.(com|in)", fullmatch=True)
identifiers = st.one_of(pans, pans.map(str.lower), aadhaars, phones, accounts, emails)
# What stands around an identifier in a text; not letters, which would make another word of it.
surroundings = st.text(" .,:;-/()[]{}'\"=_\n", max_size=3)
sentences = st.tuples(surroundings, identifiers, surroundings)


@given(sentences, st.text(string.ascii_letters + "_", max_size=12))
def test_no_identifier_survives_under_any_name(sentence, key):
    before, identifier, after = sentence
    shown = json.dumps(mask({key: [before + identifier + after, {identifier: "x"}]}))
    assert identifier not in shown


@given(st.one_of(aadhaars, phones))
def test_no_number_survives_as_a_number(number):
    assert number not in json.dumps(mask({"n": int(number)}))


@given(st.recursive(st.one_of(identifiers, st.text(), st.integers(), st.none()), st.lists))
def test_masking_twice_changes_nothing(value):
    once = mask({"value": value})
    assert mask(once) == once


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("pan", "ABCPV1234A", "XXXXXX234A"),
        ("uid", "234123412346", "XXXXXXXX2346"),
        ("mobile", 9000000001, "XXXXXX0001"),
        ("accNo", "50100000000001", "XXXXXXXXXX0001"),
        ("email", "asha.verma@example.com", "a***@example.com"),
        ("otp", "482913", "***"),
        ("client_secret", "hunter2", "***"),
        ("Authorization", "Basic abc", "***"),
        ("dob", "01/01/1990", "***"),
        ("beneficiaryName", "ASHA VERMA", "A*** V***"),
        ("clientRefNum", "LN1001", "LN1001"),
        ("amount", 30000, 30000),
        ("amount", Decimal("30000.00"), "30000.00"),
        ("pincode", "411045", "411045"),
        ("is_otp", True, True),
        ("otp", "", ""),
        ("nothing", None, None),
        ("file", b"12345", "<5 bytes>"),
    ],
)
def test_by_name(key, value, expected):
    assert mask({key: value}) == {key: expected}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PAN ABCPV1234A of Asha", "PAN XXXXXX234A of Asha"),
        ("call +91 90000 00001", "call +91 XXXXXXX0001"),
        ("Aadhaar 2341 2341 2346", "Aadhaar XXXXXXXXXX2346"),
        ("482913 is your OTP for login", "*** is your OTP for login"),
        ("Your OTP is 482913.", "Your OTP is ***."),
        ('{"otp":"482913","pan":"abcpv12', '{"otp":"***","pan":"abcpv12'),
        ("Authorization: Basic aGVsbG8=", "Authorization: ***"),
        ("GET /x?api_key=abc&y=1", "GET /x?api_key=***&y=1"),
        ("pay asha.v@okhdfc", "pay a***@okhdfc"),
        ("id 97a9f2ce-cd70-11ea-ba26-454447577000", "id 97a9f2ce-cd70-11ea-ba26-454447577000"),
        ("at 2026-05-01T10:11:12.123456+00:00", "at 2026-05-01T10:11:12.123456+00:00"),
        ("A" * 300, "<300 characters of data>"),
    ],
)
def test_by_pattern(text, expected):
    assert mask_text(text) == expected


def test_names_to_hide_are_hidden():
    assert mask({"VAR1": "482913", "VAR2": ["x"]}, hide={"VAR1", "VAR2"}) == {"VAR1": "***", "VAR2": ["***"]}


def test_a_very_long_text_is_cut():
    assert mask_text("word " * 1000).endswith("... (3000 more)")
