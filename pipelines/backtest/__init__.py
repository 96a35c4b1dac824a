"""A draft policy tried on past decisions: who would move in and out, why, for how much, and how they repaid."""

from pipelines.backtest.books import DAMAGE, BookError, between, first_line, readable, recognised, scan_book
from pipelines.backtest.result import Backtest, backtest

__all__ = [
    "DAMAGE",
    "Backtest",
    "BookError",
    "backtest",
    "between",
    "first_line",
    "readable",
    "recognised",
    "scan_book",
]
