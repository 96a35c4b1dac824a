"""How personal data looks to those who may not see it: enough to recognise a person, not to reach them."""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

HIDDEN = "***"


@dataclass(frozen=True)
class Mask:
    """A named way to hide a text value, with an example for the documentation."""

    name: str
    example: str
    apply: Callable[[pl.Expr], pl.Expr]


def _edges(head: int, tail: int, length: int) -> Callable[[pl.Expr], pl.Expr]:
    """The first and the last characters around x; a value of another length is hidden altogether."""
    hidden = "x" * (length - head - tail)

    def apply(value: pl.Expr) -> pl.Expr:
        shown = value.str.head(head) + pl.lit(hidden) + value.str.tail(tail)
        return (
            pl.when(value.str.len_chars() == length)
            .then(shown)
            .when(value.is_not_null())
            .then(pl.lit(HIDDEN))
        )

    return apply


def _email(value: pl.Expr) -> pl.Expr:
    shown = value.str.head(1) + pl.lit(HIDDEN) + value.str.extract("(@[^@]+)$")
    return pl.when(value.is_not_null()).then(shown.fill_null(HIDDEN))


def _account(value: pl.Expr) -> pl.Expr:
    long_enough = value.str.len_chars() > 8
    return (
        pl.when(long_enough)
        .then(pl.lit("XXXX") + value.str.tail(4))
        .when(value.is_not_null())
        .then(pl.lit(HIDDEN))
    )


def _hidden(value: pl.Expr) -> pl.Expr:
    return pl.when(value.is_not_null()).then(pl.lit(HIDDEN))


PAN = Mask("pan", "ABCxxxxx4F", _edges(3, 2, 10))
PHONE = Mask("phone", "98xxxxxx10", _edges(2, 2, 10))
EMAIL = Mask("email", "a***@example.com", _email)
ACCOUNT = Mask("account", "XXXX1234", _account)
HIDE = Mask("hidden", HIDDEN, _hidden)
MASKS = (PAN, PHONE, EMAIL, ACCOUNT, HIDE)
