"""What rq runs for leads."""

from collections.abc import Callable

import structlog

from app.core.outbox import job
from app.leads import intake, service, syncing

log = structlog.get_logger()


@job(atomic=False, attempts_max=3, lease_s=600)
def read_file(brand_id: str, run_id: str) -> None:
    """Make leads of the rows of an uploaded file."""
    _to_the_end(intake.read, brand_id, run_id)


@job(atomic=False, attempts_max=3, lease_s=600)
def sync(brand_id: str, run_id: str) -> None:
    """Match leads to customers."""
    _to_the_end(syncing.match, brand_id, run_id)


def _to_the_end(work: Callable[[str, str], None], brand_id: str, run_id: str) -> None:
    try:
        work(brand_id, run_id)
    except Exception:  # whatever it was, whoever waits for the run is told
        log.exception("run of leads failed", run=run_id)
        service.give_up(
            brand_id, run_id, "Something went wrong on our side. What was done stays; start it again."
        )
