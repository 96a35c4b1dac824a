"""What this domain holds of people."""

from peewee import fn

from app.core import clock
from app.core.holding import Holding
from app.sign_in.models import CustomerDevice, OtpGuard, OtpVerification, SpentRefreshToken, UserLoginToken

HOLDINGS = (
    Holding("one-time codes", OtpVerification, customer=OtpVerification.customer_id, deleted=True),
    Holding("one-time codes", SpentRefreshToken, deleted=True),
    Holding(
        "one-time codes",
        OtpGuard,
        since=fn.GREATEST(OtpGuard.created_at, OtpGuard.locked_until, OtpGuard.wrong_at),
        deleted=True,
    ),
    Holding(
        "sessions",
        UserLoginToken,
        customer=UserLoginToken.customer_id,
        since=UserLoginToken.expires_at,
        blank={
            "device_hash": None,
            "refresh_hash": "",
            "ip": None,
            "user_agent": None,
            "revoked_at": lambda session: session.revoked_at or clock.now(),
        },
    ),
    Holding(
        "sessions",
        CustomerDevice,
        customer=CustomerDevice.customer_id,
        since=CustomerDevice.last_used_at,
        blank={"device_hash": lambda device: f"erased:{device.id}", "name": None},
    ),
)
