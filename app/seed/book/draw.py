"""Chance that is the same every time: everything of a book is drawn from here."""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from itertools import accumulate, count
from random import Random
from typing import Generic, TypeVar

from app.core.clock import INDIA

T = TypeVar("T")

# what people do in a day, hour by hour in India: little at night, most at lunch and in the evening
_HOURS = (1, 1, 1, 0, 0, 1, 2, 4, 6, 8, 9, 9, 10, 9, 8, 8, 8, 9, 10, 10, 9, 7, 4, 2)
# applications in a month against the mean: money is short before festivals and when schools begin
_MONTHS = (0.9, 0.85, 0.95, 1.0, 1.05, 1.15, 1.0, 1.05, 1.1, 1.25, 1.15, 0.95)
GROWTH_A_YEAR = 0.35


class Weighted(Generic[T]):
    """Some things, each with its weight."""

    def __init__(self, *pairs: tuple[T, float]) -> None:
        self.things = [thing for thing, _ in pairs]
        self.reached = list(accumulate(weight for _, weight in pairs))


_HOUR = Weighted(*enumerate(_HOURS))


class Draw(Random):
    """A stream of chance with what a book needs; the same `story` is the same chance."""

    def __init__(self, story: str) -> None:
        super().__init__(story)
        self.story = story
        self._at: datetime | None = None

    def _randbelow(self, n: int) -> int:
        # what randrange, randint and choice stand on: as even as a book needs, at a third of the time
        return int(self.random() * n)

    def one_of(self, weighted: Weighted[T]) -> T:
        """One of some things, by their weights."""
        return weighted.things[bisect_right(weighted.reached, self.random() * weighted.reached[-1])]

    @cached_property
    def _ids(self) -> Iterator[int]:
        """The lower parts of identifiers: version and variant of `app.core.ids`, bits of this stream, a count."""
        mine = self.getrandbits(40)
        return count(0x7 << 76 | mine >> 28 << 64 | 0x8 << 60 | (mine & 0xFFFFFFF) << 32)

    def id(self, at: datetime) -> str:
        """An identifier like those of `app.core.ids`, in hex: it sorts by its time. Those of one stream differ in
        their last eight digits."""
        # most rows share the moment of the row before
        if at is not self._at:
            self._at, self._milliseconds = at, f"{int(at.timestamp() * 1_000):012x}"
        return f"{self._milliseconds}{next(self._ids):020x}"

    def instant(self, day: date) -> datetime:
        """A moment of a day in India."""
        return _midnight(day) + timedelta(seconds=3_600 * self.one_of(_HOUR) + self._randbelow(3_600))

    def digits(self, count: int) -> str:
        return f"{int(self.random() * 10**count):0{count}d}"


@lru_cache(maxsize=4_096)
def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), INDIA).astimezone(UTC)


def arrivals(until: date, months: int) -> tuple[list[date], list[float]]:
    """The days of a book, and how many people came up to each: seasons, pay days, weekends and growth."""
    first = until - timedelta(days=months * 365 // 12)
    days = [first + timedelta(days=n) for n in range((until - first).days + 1)]
    return days, list(accumulate(_pull(day, first) for day in days))


def _pull(day: date, first: date) -> float:
    growth = 1 + GROWTH_A_YEAR * (day - first).days / 365
    weekend = 0.7 if day.weekday() == 6 else 1.0
    # salaries are spent by the twentieth
    late = 1.3 if day.day >= 20 else 1.1 if day.day >= 12 else 0.8
    return growth * weekend * late * _MONTHS[day.month - 1]
