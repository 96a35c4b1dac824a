"""The class of a city by its size: X, Y or Z, as the Government of India classes them for house rent allowance."""

import re
from pathlib import Path

import polars as pl
import yaml

_FILE = Path(__file__).with_name("cities.yaml")
CLASSES: dict[str, list[list[str]]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
OTHER = "Z"


def _words(name: str) -> str:
    return " ".join(re.findall(r"[A-Z]+", name.upper()))


_CLASS_OF = {_words(name): size for size, cities in CLASSES.items() for names in cities for name in names}


def city_class(name: str) -> str | None:
    """X, Y, or Z of a place by its name, however that is capitalised and punctuated; None of a name without letters."""
    words = _words(name)
    return _CLASS_OF.get(words, OTHER) if words else None


def city_class_of(name: pl.Expr) -> pl.Expr:
    """`city_class` of a column of names."""
    return name.map_elements(city_class, return_dtype=pl.String)
