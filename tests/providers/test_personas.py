import re
from dataclasses import asdict
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.in_ import aadhaar as aadhaar_number
from stdnum.in_ import pan as pan_number

from app.sandbox.person import months_before
from app.sandbox.personas import PEOPLE, PERSONAS, Directory, derive

pans = st.from_regex(r"[A-Z]{3}P[A-Z](?!0000)[0-9]{4}[A-Z]", fullmatch=True)
TODAY = date(2026, 5, 20)


@pytest.fixture
def directory() -> Directory:
    return Directory()


def check(person) -> None:
    assert pan_number.is_valid(person.pan)
    assert aadhaar_number.is_valid(person.aadhaar)
    assert re.fullmatch(r"[6-9]\d{9}", person.phone)
    assert re.fullmatch(r"10\d{10}", person.uan)
    assert re.fullmatch(r"\d{14}", person.account_number)
    assert re.fullmatch(r"[A-Z]{4}0[A-Z0-9]{6}", person.ifsc)
    assert re.fullmatch(r"[A-Z ]+", person.name)


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.persona.key)
def test_everybody_written_down_has_valid_identifiers(person):
    check(person)


@given(pans)
def test_everybody_derived_has_valid_identifiers(pan):
    check(derive(pan))


@given(pans)
def test_a_derived_person_is_always_the_same(pan):
    assert asdict(derive(pan)) == asdict(derive(pan))


@pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona.key)
def test_the_first_three_letters_choose_the_persona(persona):
    assert derive(f"{persona.pan_prefix}PX0042Z").persona == persona


def test_all_others_are_good():
    assert derive("QQQPX0042Z").persona.key == "good_salaried"


def test_six_personas_are_written_down():
    assert [person.persona for person in PEOPLE] == list(PERSONAS)


@given(pans)
def test_a_person_seen_once_is_found_by_everything(pan):
    directory = Directory()
    person = directory.person_for(pan=pan)
    for kind in ("aadhaar", "uan", "account_number", "phone"):
        assert directory.person_for(**{kind: getattr(person, kind)}) == person


def test_a_phone_belongs_to_the_pan_it_was_seen_with(directory):
    directory.person_for(pan="OVEPX0042Z", phone="+919811111111")
    assert directory.person_for(phone="9811111111").pan == "OVEPX0042Z"


def test_a_person_is_reached_on_the_phone_last_seen(directory):
    directory.person_for(pan="OVEPX0042Z", phone="9811111111")
    assert directory.person_for(pan="OVEPX0042Z").phone == "9811111111"


def test_a_person_written_down_keeps_the_phone(directory):
    directory.person_for(pan="ABCPV1234A", phone="9811111111")
    assert directory.person_for(pan="ABCPV1234A").phone == "9000000001"


@given(st.from_regex(r"[6-9][0-9]{9}", fullmatch=True))
def test_a_stranger_is_good_and_keeps_the_number_given(phone):
    directory = Directory()
    stranger = directory.person_for(phone=phone)
    assert stranger.phone == phone
    assert directory.person_for(phone=phone) == stranger


def test_nobody_named_is_an_error(directory):
    with pytest.raises(ValueError, match="nobody"):
        directory.person_for()


def test_the_name_at_the_bank_can_be_another_one(directory):
    person = directory.person_for(pan="ABCPK5678E")
    assert (person.name, person.kyc_name) == ("ESHA KHAN", "EESHA QURESHI")


def test_an_employment_ended_eight_months_before_today(directory):
    assert directory.person_for(pan="ABCPA6789F").left_on(TODAY) == date(2025, 9, 1)


def test_months_before_crosses_years():
    assert months_before(date(2026, 1, 31), 13) == date(2024, 12, 1)
