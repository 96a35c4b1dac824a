"""A draft policy tried on past decisions: who would move in and out, why, for how much, and how they repaid."""

from pipelines.backtest.books import BookError, readable, scan_book
from pipelines.backtest.result import Backtest, backtest

__all__ = ["Backtest", "BookError", "backtest", "readable", "scan_book"]
