"""States by name and by PIN code."""

import polars as pl
import pytest

from pipelines.states import _NAMES, _PINCODES, pincode_in_state, state_code_of


@pytest.mark.parametrize(
    ("pincode", "code", "expected"),
    [
        ("560001", "29", True),
        ("110024", "07", True),
        ("403001", "30", True),
        ("403001", "29", False),
        ("560001", "27", False),
        ("737101", "11", True),
        ("160017", "04", True),
        ("56000", "29", False),
        ("060001", "29", False),
        ("5600011", "29", False),
        (None, "29", None),
        ("560001", None, None),
    ],
)
def test_a_pin_code_lies_in_its_state(pincode, code, expected):
    row = pl.DataFrame({"pincode": [pincode], "code": [code]}, {"pincode": pl.String(), "code": pl.String()})
    assert row.select(pincode_in_state(pl.col("pincode"), pl.col("code"))).item() is expected


def test_names_become_codes():
    names = pl.DataFrame({"state": ["Karnataka", "jammu & kashmir", "Atlantis", "", None]})
    assert names.select(state_code_of(pl.col("state")))["state"].to_list() == ["29", "01", None, None, None]


def test_every_state_has_pin_codes():
    assert set(_PINCODES) == set(_NAMES)
