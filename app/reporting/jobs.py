"""What the workers of the `reports` queue run, and what looks after them and mails those that are scheduled."""

from app.core.outbox import job
from app.reporting import producing, schedules


@job("reports", atomic=False, attempts_max=3, lease_s=1_200)
def produce(brand_id: str, run_id: str) -> None:
    """Produce the files of a run."""
    producing.run(brand_id, run_id)


@job("reports", atomic=False, attempts_max=3, lease_s=1_200)
def render(brand_id: str, run_id: str, format_: str) -> None:
    """Make a format of a run that was asked for later."""
    producing.render(brand_id, run_id, format_)


@job()
def look_after() -> None:
    """Every half hour: end what was lost, and ask for what is scheduled; that is mailed once it is there."""
    producing.end_lost()
    schedules.mail_due()
