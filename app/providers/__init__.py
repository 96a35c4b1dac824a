"""Clients of the external APIs: one module each, one way to write them (base.py).

`client("digitap", "qualoan").pan_details(...)` - settings and credentials are the brand's own.
"""

from collections.abc import Mapping

from app.providers.aa import FinduitClient
from app.providers.base import ProviderClient
from app.providers.cart import CartClient
from app.providers.cart_aa import CartAAClient
from app.providers.cibil import CibilClient
from app.providers.crif import CrifClient
from app.providers.digitap import DigitapClient
from app.providers.equifax import EquifaxClient
from app.providers.errors import (
    CircuitOpen,
    ProviderError,
    ProviderMalformed,
    ProviderRejected,
    ProviderUnauthorised,
    ProviderUnavailable,
)
from app.providers.finbox import FinboxClient
from app.providers.msg91 import Msg91Client
from app.providers.razorpay import RazorpayClient
from app.providers.scoreme import ScoremeClient
from app.providers.sendgrid import SendgridClient
from app.providers.signzy import SignzyClient

__all__ = [
    "CircuitOpen",
    "ProviderClient",
    "ProviderError",
    "ProviderMalformed",
    "ProviderRejected",
    "ProviderUnauthorised",
    "ProviderUnavailable",
    "client",
]

CLIENTS: Mapping[str, type[ProviderClient]] = {
    kind.provider: kind
    for kind in (
        CartAAClient,
        CartClient,
        CibilClient,
        CrifClient,
        DigitapClient,
        EquifaxClient,
        FinboxClient,
        FinduitClient,
        Msg91Client,
        RazorpayClient,
        ScoremeClient,
        SendgridClient,
        SignzyClient,
    )
}


def client(name: str, brand_id: str) -> ProviderClient:
    """The client of one provider for one brand, recording its calls. Raises KeyError: no such provider."""
    from app.config import settings
    from app.core.calls import record_call

    return CLIENTS[name](settings().provider(name, brand_id), brand_id, record=record_call)
