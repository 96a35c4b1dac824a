"""How personal data is shown to those who may not see it: enough to recognise a person, not to reach them.

The one place that says so, for reports, for lists and for details alike: a pattern of the whole value and what is
shown of it. A value that does not fit its pattern is hidden altogether.
"""

import re
from dataclasses import dataclass

import polars as pl

HIDDEN = "***"


@dataclass(frozen=True)
class Mask:
    """A named way to hide a text value, with an example for the documentation. `shown` takes groups as ${1}."""

    name: str
    example: str
    pattern: str
    shown: str

    def apply(self, value: pl.Expr) -> pl.Expr:
        """A column masked; null stays null."""
        whole = f"(?s)^(?:{self.pattern})$"
        fits = value.str.contains(whole)
        return (
            pl.when(fits)
            .then(value.str.replace(whole, self.shown))
            .when(value.is_not_null())
            .then(pl.lit(HIDDEN))
        )

    def text(self, value: str | None) -> str | None:
        """One value masked."""
        if value is None:
            return None
        found = re.fullmatch(self.pattern, value, re.DOTALL)
        return found.expand(self.shown.replace("${", "\\g<").replace("}", ">")) if found else HIDDEN


class YearAlone(Mask):
    """For a column of dates: the first day of the year stands for all of it, so that the column stays a date."""

    def apply(self, value: pl.Expr) -> pl.Expr:
        """A column of dates, each the first of its year."""
        return value.dt.truncate("1y")


PAN = Mask("pan", "ABCxxxxx4F", "(.{3}).{5}(.{2})", "${1}xxxxx${2}")
PHONE = Mask("phone", "98xxxxxx10", "(.{2}).{6}(.{2})", "${1}xxxxxx${2}")
EMAIL = Mask("email", "a***@example.com", "(.).*(@[^@]+)", "${1}***${2}")
ACCOUNT = Mask("account", "XXXX1234", ".{5,}(.{4})", "XXXX${1}")
BIRTH = Mask("birth", "1990-xx-xx", "([0-9]{4})-[0-9]{2}-[0-9]{2}", "${1}-xx-xx")
BIRTH_DATE = YearAlone("birth date", "1990-01-01", "([0-9]{4})-[0-9]{2}-[0-9]{2}", "${1}-01-01")
HIDE = Mask("hidden", HIDDEN, "", HIDDEN)
MASKS = (PAN, PHONE, EMAIL, ACCOUNT, BIRTH, BIRTH_DATE, HIDE)
