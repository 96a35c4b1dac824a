"""Why an application ends, in words."""

import pytest

from rules.reasons import CATALOGUE, in_words


@pytest.mark.parametrize(
    ("noted", "told"),
    [
        ("EM15", "EM15: Too short with the employer"),
        ("NOT_SALARIED,BU25", "NOT_SALARIED: Not salaried full time; BU25: Bureau score"),
        ("WRITTEN_BY_A_BRAND", "WRITTEN_BY_A_BRAND"),
        ("", ""),
    ],
)
def test_codes_and_rules_have_their_words(noted: str, told: str) -> None:
    assert in_words(noted) == told


def test_words_hold_what_parts_them_nowhere() -> None:
    assert not [reason for reason in CATALOGUE.values() if {";", ":"} & set(reason.staff)]
