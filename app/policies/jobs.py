"""What the worker of the queue `pipelines` runs."""

from app.core.outbox import job
from app.policies import backtests


@job("pipelines", atomic=False, attempts_max=3, lease_s=1_200)
def run_backtest(brand_id: str, run_id: str) -> None:
    """Run a version on the brand's past decisions."""
    backtests.run(brand_id, run_id)
