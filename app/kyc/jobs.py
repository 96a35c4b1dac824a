"""What is asked again in the background."""

from app.core.outbox import job
from app.kyc import bank_accounts


class BankIsSilent(Exception):
    """The bank has not answered a penny drop yet; the job is tried again later."""


@job()
def settle_penny_drop(check_id: str) -> None:
    """Take over the bank's answer once it is there."""
    if not bank_accounts.settle(check_id):
        raise BankIsSilent(check_id)
