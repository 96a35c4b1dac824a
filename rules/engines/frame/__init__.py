"""Whole books at once: the rules as polars expressions, with the meaning that `decide` has.

Decisions are made in decimals, so here numbers are exact too: whole numbers of hundredths or millionths, and
quotients of them (`numbers`). Where polars cannot be sure of a row, which is rare, the exact evaluator works
that row out. polars starts threads: do not fork a process that has used it.
"""

from rules.engines.frame.deciding import compute_frame, decide_frame, named_rules, spoken_rules
from rules.engines.frame.inputs import UNREADABLE, unreadable

__all__ = ["UNREADABLE", "compute_frame", "decide_frame", "named_rules", "spoken_rules", "unreadable"]
