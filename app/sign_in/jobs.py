"""What is not needed any more of signing in."""

from datetime import timedelta

from app.core import clock
from app.core.outbox import job
from app.sign_in.models import OtpGuard, OtpVerification, SpentRefreshToken

# codes for as long as a dispute about one may come up; used tokens until their session has ended by itself
KEPT = timedelta(days=30)


@job()
def forget() -> None:
    """Delete codes, wrong attempts and used refresh tokens that are older than KEPT."""
    since = clock.now() - KEPT
    for model in (OtpVerification, SpentRefreshToken):
        model.delete().where(model.created_at < since).execute()
    quiet = (OtpGuard.locked_until.is_null()) | (OtpGuard.locked_until < since)
    unused = (OtpGuard.wrong_at.is_null()) | (OtpGuard.wrong_at < since)
    OtpGuard.delete().where(OtpGuard.created_at < since, quiet, unused).execute()
