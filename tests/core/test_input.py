"""Wall: what is sent is read as it is written, or refused by name with the reason."""

from decimal import Decimal
from typing import Any

import marshmallow as ma
import pytest
from flask_smorest.fields import Upload
from werkzeug.datastructures import FileStorage

from app.core import json_text
from app.core.http import Bounded, Money, Schema
from app.customers.schemas import IdentityPapersIn, ReferencesIn
from tests.platform import BRAND, Platform


class Everything(Schema):
    """One field of each kind that many requests bring."""

    whole = ma.fields.Integer()
    amount = Money()
    percent = Bounded("0", "100")
    text = ma.fields.String(validate=ma.validate.Length(min=1))
    texts = ma.fields.List(ma.fields.String())
    by_name = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())
    file = Upload()


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("whole", "20", 20),
        ("whole", Decimal("1E+3"), 1000),
        ("amount", "5.10", Decimal("5.10")),
        ("amount", Decimal("5.1"), Decimal("5.1")),
        ("percent", "12.5", Decimal("12.50")),
        ("text", "क्\u200dष\n 😀", "क्\u200dष\n 😀"),
    ],
)
def test_what_is_written_plainly_is_read(name: str, value: Any, read: Any) -> None:
    assert Everything().load({name: value}) == {name: read}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(
            ("whole", value)
            for value in (Decimal("20.7"), "20.7", "1_0", "\u0665", " 5", "1e3", float("inf"))
        ),
        *(
            ("amount", value)
            for value in ("1_0", "\u0665", " 5 ", "1E+3", "NaN", float("nan"), Decimal("0.001"))
        ),
        *(("percent", value) for value in ("1_0", "1e1", "100.01")),
        *(("text", value) for value in (" \t", "\u2003", "a\0b", "a\ud800b", "gpj.\u202eexe", "\x1b[2J")),
        *(("texts", [value]) for value in ("a\0b", "\udfff")),
        ("byName", {"a\0b": 1}),
        ("file", FileStorage(filename="a\0.csv")),
        ("file", FileStorage(filename="gpj.\u202eexe")),
        ("byName", {"a": Decimal("1.5")}),
    ],
)
def test_what_is_not_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(ma.ValidationError) as refusal:
        Everything().load({name: value})
    assert [*refusal.value.messages] == [name]


@pytest.mark.parametrize("schema", [ReferencesIn, IdentityPapersIn])
def test_items_that_are_not_sound_are_told_before_they_are_compared(schema: type[Schema]) -> None:
    (name,) = schema().fields
    with pytest.raises(ma.ValidationError) as refusal:
        schema().load({name: [{}]})
    assert [*refusal.value.messages] == [name]


@pytest.mark.parametrize("text", ["1e308", "-2.50", "0.0", "1e-300"])
def test_a_fraction_is_read_digit_for_digit(text: str) -> None:
    assert json_text.fraction(text) == Decimal(text)


@pytest.mark.parametrize("text", ["1e309", "1e999999999", "0e1000000", "1e-999999999", "0." + "1" * 400])
def test_a_fraction_that_would_be_gigabytes_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        json_text.fraction(text)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"phone": ', "Invalid JSON body."),
        (b'{"phone": "\xff"}', "Invalid JSON body."),
        ('{"phone": "9812345670", "phone": "9812345671"}', 'Names "phone" twice.'),
        ('{"utm": {"a": 1, "a": 2}}', 'Names "a" twice.'),
        ('{"phone": %s}' % ("9" * 5000), "Holds a number of more than 400 digits."),
        ('{"phone": 1e999999999}', "Holds a number beyond 1e308."),
    ],
)
def test_a_body_that_cannot_be_read_says_why(platform: Platform, body: str | bytes, said: str) -> None:
    headers = {"X-Brand-Id": BRAND, "Content-Type": "application/json"}
    answer = platform.api.call("POST", "/web/auth/register", expect=400, headers=headers, data=body)
    assert answer["error"]["fields"] == {"body": [said]}


@pytest.mark.parametrize(
    "path", ["/partner/brand/qua%00loan/loans", f"/partner/brand/{BRAND}/policies/b%00re/check"]
)
def test_a_path_with_a_nul_names_nothing(platform: Platform, path: str) -> None:
    platform.api.call("GET", path, expect=404, headers=platform.staff()._headers)
