"""What workers do for the keys of personal data."""

import time

from app.core.database import brand_scope, current_brand
from app.core.outbox import enqueue, job
from app.keys import service

RUN_S = 60  # then the worker is let go, and the rest is the next run's


@job()
def begin_reencryption() -> None:
    """Nightly: bring under the current key what a rotation left behind, or what is from before data keys."""
    enqueue("keys.reencrypt", brand_id=current_brand())


@job("reports", atomic=False, lease_s=300)
def reencrypt(brand_id: str) -> None:
    """Bring a brand's values and objects under its current key, some of them a run."""
    ends_at = time.monotonic() + RUN_S
    for _ in service.reencrypt(brand_id):
        if time.monotonic() > ends_at:
            with brand_scope(brand_id):
                enqueue("keys.reencrypt", brand_id=brand_id)
            return
