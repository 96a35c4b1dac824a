"""What happens to accounts after the answer."""

from app.core.outbox import job
from app.staff import account


@job(attempts_max=5, atomic=False)
def send_reset_link(brand_id: str, email_enc: str) -> None:
    """Look whether somebody has this e-mail, and mail them. A repeat mails again and ends the link before."""
    account.send_reset_link(brand_id, email_enc)
