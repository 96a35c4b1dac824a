"""Two spellings of one person's name are alike; two persons' names are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kyc.names import kin_in, match_percent

SURE = [
    ("ASHA VERMA", "asha verma"),
    ("ASHA VERMA", "VERMA ASHA"),
    ("ASHA VERMA", "Mrs. Asha  Verma"),
    ("ASHA VERMA", "ASHA VARMA"),
    ("ASHA VERMA", "ASHA KUMARI VERMA"),
    ("ASHA VERMA W/O RAJ VERMA", "ASHA VERMA"),
    ("A K SHARMA", "ANIL KUMAR SHARMA"),
    ("AK SHARMA", "A K SHARMA"),
    ("R VENKATESH", "VENKATESH RAMAN"),
    ("RAMKUMAR SHARMA", "SHARMA RAM KUMAR"),
    ("VENKATESHWARAN", "VENKATESH WARAN"),
    ("LAKSHMI NAIR", "LAXMI NAIR"),
    ("MD RAFI", "MOHAMMED RAFI"),
    ("PRADEEP GUPTA", "PRADIP GUPTA"),
    ("VIVEK RAO", "WIWEK RAO"),
    ("JOSÉ D'SOUZA", "JOSE DSOUZA"),
]
UNSURE = [
    ("KIRAN SHARMA", "KARAN SHARMA"),
    ("CHOWDHURY AMIT", "AMIT CHAUDHARI"),
    ("ASHA", "ASHA VERMA"),
]
DIFFERENT = [
    ("ESHA KHAN", "EESHA QURESHI"),
    ("BHARAT SINGH", "CHITRA NAIR"),
    ("RAHUL SHARMA", "NEHA SHARMA"),
    ("SURESH KUMAR", "RAMESH KUMAR"),
    ("A S", "ANIL SHARMA"),
    ("ASHA VERMA", ""),
    ("1234", "1234"),
]
NAMES = st.text(alphabet="ABEHIKMNRSVY .'/", max_size=30)


@pytest.mark.parametrize(("one", "other"), SURE)
def test_spellings_of_one_name_are_sure(one: str, other: str) -> None:
    assert match_percent(one, other) >= 80


@pytest.mark.parametrize(("one", "other"), UNSURE)
def test_doubtful_names_go_to_a_person(one: str, other: str) -> None:
    assert 60 <= match_percent(one, other) < 80


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_names_of_two_people_are_refused(one: str, other: str) -> None:
    assert match_percent(one, other) < 60


@given(NAMES, NAMES)
def test_it_is_a_percentage_whichever_name_comes_first(one: str, other: str) -> None:
    assert 0 <= match_percent(one, other) == match_percent(other, one) <= 100


@given(NAMES.filter(lambda name: any(len(word) > 2 for word in name.split())))
def test_a_name_with_a_whole_word_is_its_own(name: str) -> None:
    words = " ".join(word for word in name.split() if len(word) > 2 and word.isalpha())
    assert not words or match_percent(words, words) == 100


def test_an_endless_name_does_no_harm() -> None:
    assert match_percent("A" * 10_000, "B C " * 5_000) == 0


@pytest.mark.parametrize(
    ("care_of", "kin"),
    [
        ("S/O: MOHAN RAO", {"father_name": "MOHAN RAO"}),
        ("D/O Mohan  Rao,", {"father_name": "Mohan Rao"}),
        ("w/o  RAVI NAIR", {"spouse_name": "RAVI NAIR"}),
        ("S / O - M. RAO", {"father_name": "M. RAO"}),
        ("C/O MOHAN RAO", {}),
        ("S/O", {}),
        ("S/O: ,", {}),
        ("MOHAN RAO", {}),
        ("", {}),
    ],
)
def test_an_aadhaar_names_a_father_or_a_spouse(care_of: str, kin: dict[str, str]) -> None:
    assert kin_in(care_of) == kin
