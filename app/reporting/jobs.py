"""What the worker of the `reports` queue runs."""

from app.core.outbox import job
from app.reporting import producing


@job("reports", atomic=False, attempts_max=3, lease_s=1_200)
def produce(brand_id: str, run_id: str) -> None:
    """Produce the files of a run."""
    producing.run(brand_id, run_id)
