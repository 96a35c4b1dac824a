"""The ways by which a customer can prove who they are; a brand says which of them it offers."""

from collections.abc import Mapping

from app.brands import service as brands
from app.core.errors import Conflict

# route: the request that begins it
CALLS: Mapping[str, str] = {
    "AADHAAR_OTP": "POST /web/kyc/initiate-aadhaar-otp",
    "DIGILOCKER": "POST /web/kyc/digilocker",
    "DOCUMENTS": "POST /web/kyc/documents",
}
# what the route DOCUMENTS needs, each found good by staff
PAPERS = ("AADHAAR_FRONT", "AADHAAR_BACK", "PAN_CARD")


def offered() -> list[str]:
    """The brand's routes, in the order in which it names them."""
    return brands.settings()["onboarding"]["identity_routes"]


def require(route: str) -> None:
    """Raises Conflict if the brand does not offer `route`."""
    if route not in offered():
        raise Conflict("This brand does not offer this way.", code="ROUTE_NOT_OFFERED", route=route)
