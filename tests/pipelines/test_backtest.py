"""A draft against the rules in force: the figures are those of deciding one by one."""

import polars as pl
import pytest

from pipelines.backtest import BookError, backtest
from rules import load

CHAMPION = load("qualoan", "bre")


def test_the_same_rules_move_nobody():
    book = pl.LazyFrame({"application_id": ["1", "2"], "age_years": [20, 30]})
    result = backtest(CHAMPION, CHAMPION, book)
    told = result.as_dict()
    assert told["total"]["swapped_in"]["applications"] == told["total"]["swapped_out"]["applications"] == 0
    assert told["changes"] == []
    assert result.changed_cases().is_empty()


@pytest.mark.parametrize("book", [pl.LazyFrame({"aeg_years": [20]}), pl.LazyFrame({"age_years": []})])
def test_a_book_of_nothing_is_refused(book):
    with pytest.raises(BookError):
        backtest(CHAMPION, CHAMPION, book)
