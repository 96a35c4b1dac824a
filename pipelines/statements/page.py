"""What every kind of file is turned into before anybody asks what it means: words with a place on a line."""

from collections.abc import Iterable
from typing import NamedTuple


class Word(NamedTuple):
    """A piece of text between x0 and x1: points on a PDF page, columns in a sheet, characters in plain text."""

    text: str
    x0: float
    x1: float

    @property
    def middle(self) -> float:
        return (self.x0 + self.x1) / 2


class Line(NamedTuple):
    """Words side by side, left to right. `page` and `number` count from 1; `y` grows downwards, `height` is
    that of its letters."""

    page: int
    number: int
    y: float
    height: float
    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)


class Document(NamedTuple):
    """A file as lines. `aligned`: columns can be told by where words stand (false for plain text); `cells`: the
    words are the cells of a sheet. `opened_with` is the password that fitted, as an index of those given."""

    lines: list[Line]
    aligned: bool
    cells: bool = False
    opened_with: int | None = None


def numbered(page: int, rows: Iterable[tuple[float, float, list[Word]]]) -> list[Line]:
    """Lines out of (y, height, words), from the top."""
    return [
        Line(page, number, y, height, tuple(sorted(words, key=lambda word: word.x0)))
        for number, (y, height, words) in enumerate(sorted(rows, key=lambda row: row[0]), 1)
    ]
