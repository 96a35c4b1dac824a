"""Clients of the external APIs: one module each, one way to write them (base.py).

`client("digitap", "qualoan").pan_details(...)` - settings and credentials are the brand's own.
"""

from collections.abc import Mapping

from app.config import settings
from app.core.memory import shared_memory
from app.providers.aa import FinduitClient
from app.providers.acefone import AcefoneClient
from app.providers.aisensy import AisensyClient
from app.providers.base import ProviderClient
from app.providers.breaker import BreakerState, SharedBreakers
from app.providers.cart import CartClient
from app.providers.cart_aa import CartAAClient
from app.providers.cashfree import CashfreeClient
from app.providers.cibil import CibilClient
from app.providers.crif import CrifClient
from app.providers.digilocker import DigilockerClient
from app.providers.digitap import DigitapClient
from app.providers.equifax import EquifaxClient
from app.providers.errors import (
    CircuitOpen,
    ProviderError,
    ProviderMalformed,
    ProviderRejected,
    ProviderUnauthorised,
    ProviderUnavailable,
    RateLimited,
)
from app.providers.finbox import FinboxClient
from app.providers.gupshup import GupshupClient, GupshupWhatsAppClient
from app.providers.msg91 import Msg91Client
from app.providers.pace import SharedPaces
from app.providers.razorpay import RazorpayClient
from app.providers.recording import record_call
from app.providers.scoreme import ScoremeClient
from app.providers.sendgrid import SendgridClient
from app.providers.signdesk import SigndeskClient
from app.providers.signzy import SignzyClient
from app.providers.wire import OUTCOMES

__all__ = [
    "CLIENTS",
    "OUTCOMES",
    "BreakerState",
    "CircuitOpen",
    "ProviderClient",
    "ProviderError",
    "ProviderMalformed",
    "ProviderRejected",
    "ProviderUnauthorised",
    "ProviderUnavailable",
    "RateLimited",
    "circuit",
    "client",
]

CLIENTS: Mapping[str, type[ProviderClient]] = {
    kind.provider: kind
    for kind in (
        AcefoneClient,
        AisensyClient,
        CartAAClient,
        CartClient,
        CashfreeClient,
        CibilClient,
        CrifClient,
        DigilockerClient,
        DigitapClient,
        EquifaxClient,
        FinboxClient,
        FinduitClient,
        GupshupClient,
        GupshupWhatsAppClient,
        Msg91Client,
        RazorpayClient,
        ScoremeClient,
        SendgridClient,
        SigndeskClient,
        SignzyClient,
    )
}


def client(name: str, brand_id: str) -> ProviderClient:
    """The client of one provider for one brand: it records its calls, and shares its circuit and its pace with
    all processes. Raises KeyError: no such provider."""
    memory = shared_memory()
    return CLIENTS[name](
        settings().provider(name, brand_id),
        brand_id,
        record=record_call,
        breakers=SharedBreakers(memory),
        paces=SharedPaces(memory),
    )


def circuit(name: str, brand_id: str) -> BreakerState:
    """How the circuit of a provider stands for a brand, in all processes."""
    return SharedBreakers(shared_memory()).of(name, brand_id).state()
