"""Object keys stay under their brand."""

import pytest

from storage import key_for


def test_it_works():
    assert key_for("qualoan", "agreements", "L-1", "signed.pdf") == "qualoan/agreements/L-1/signed.pdf"


@pytest.mark.parametrize("name", ["", "..", ".hidden", "a/b", "../paisapop/kyc/a.pdf", "a b", "a\n", "a%2fb"])
def test_a_part_that_is_not_ours_is_refused(name):
    with pytest.raises(ValueError, match="not a storage key"):
        key_for("qualoan", "kyc", name)


def test_a_key_needs_a_name():
    with pytest.raises(ValueError, match="not a storage key"):
        key_for("qualoan", "kyc")
