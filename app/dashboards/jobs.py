"""What runs for the figures in the background."""

import structlog

from app.core import tally
from app.core.outbox import job

log = structlog.get_logger()


@job()
def fold_figures() -> None:
    """Every few minutes: what was added to a figure and what it was become one row."""
    tally.fold()


@job(lease_s=1800, attempts_max=2)
def check_figures() -> None:
    """Every night: the figures are what a count gives. Where they are not, somebody wrote past the triggers."""
    wrong = tally.mend()
    if wrong:
        log.error("figures were not what a count gives", figures=wrong)
