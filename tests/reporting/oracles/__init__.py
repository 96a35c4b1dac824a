"""Each report a second time, in plain SQL over the tables, as its independent oracle."""

from tests.reporting.oracles import analysis, bureau, collection, marketing, user_loan
from tests.reporting.oracles.base import PRELUDE, Oracle

ORACLES: dict[str, Oracle] = (
    user_loan.ORACLES | collection.ORACLES | marketing.ORACLES | bureau.ORACLES | analysis.ORACLES
)

__all__ = ["ORACLES", "PRELUDE", "Oracle"]
