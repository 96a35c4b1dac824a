from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from app.providers.fields import FieldError, Fields

FIELDS = Fields(
    {
        "text": "x",
        "empty": "",
        "null": None,
        "number": 5,
        "fraction": Decimal("0.50"),
        "number_as_text": "12.5",
        "yes": True,
        "day": "2026-05-01",
        "child": {"list": [{"a": 1}, 2]},
        "texts": ["a", 1],
        "odd": "a\0b\ud800c",
        "unix": 1777631400,
        "base64": "aGk=",
    }
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (FIELDS.text("text"), "x"),
        (FIELDS.text("empty"), ""),
        (FIELDS.text("null", "default"), "default"),
        (FIELDS.identifier("empty", None), None),
        (FIELDS.identifier("number"), "5"),
        (FIELDS.integer("number"), 5),
        (FIELDS.decimal("fraction"), Decimal("0.50")),
        (FIELDS.decimal("number_as_text"), Decimal("12.5")),
        (FIELDS.boolean("yes"), True),
        (FIELDS.boolean("absent", False), False),
        (FIELDS.date("day"), date(2026, 5, 1)),
        (FIELDS.date("day", "%d/%m/%Y", "%Y-%m-%d"), date(2026, 5, 1)),
        (FIELDS.date("empty", default=None), None),
        (FIELDS.child("absent", None), None),
        (FIELDS.text("odd"), "abc"),
        (FIELDS.unix_time("unix"), datetime(2026, 5, 1, 10, 30, tzinfo=UTC)),
        (FIELDS.unix_time("absent", None), None),
        (FIELDS.binary("base64"), b"hi"),
    ],
)
def test_it_reads(value, expected):
    assert value == expected


@pytest.mark.parametrize(
    ("read", "field"),
    [
        (lambda: FIELDS.text("absent"), "absent"),
        (lambda: FIELDS.text("number"), "number"),
        (lambda: FIELDS.identifier("empty"), "empty"),
        (lambda: FIELDS.integer("yes"), "yes"),
        (lambda: FIELDS.integer("fraction"), "fraction"),
        (lambda: FIELDS.decimal("text"), "text"),
        (lambda: FIELDS.decimal("yes"), "yes"),
        (lambda: Fields({"n": "NaN"}).decimal("n"), "n"),
        (lambda: Fields({"n": 10**14}).integer("n"), "n"),
        (lambda: Fields({"n": "1E+30"}).decimal("n"), "n"),
        (lambda: Fields({"n": -(2**63)}).unix_time("n"), "n"),
        (lambda: Fields({"n": 1777631400000}).unix_time("n"), "n"),
        (lambda: FIELDS.binary("odd"), "odd"),
        (lambda: FIELDS.boolean("number"), "number"),
        (lambda: FIELDS.date("text"), "text"),
        (lambda: FIELDS.date("number"), "number"),
        (lambda: FIELDS.one_of("text", "a", "b"), "text"),
        (lambda: FIELDS.child("text"), "text"),
        (lambda: FIELDS.child("child").children("list"), "child.list[1]"),
        (lambda: FIELDS.child("child").text("absent"), "child.absent"),
        (lambda: FIELDS.texts("texts"), "texts"),
        (lambda: Fields([]), "body"),
    ],
)
def test_an_error_names_the_field(read, field):
    with pytest.raises(FieldError) as caught:
        read()
    assert caught.value.field == field
