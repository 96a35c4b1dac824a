"""Which provider serves the brand of this transaction: the one place where a setting becomes a client.

Each function takes the provider that something was begun with: it is followed to its end there, whoever serves the
brand by then. Without one it is the brand's choice of today.
"""

from app.brands import service as brands
from app.core.database import current_brand
from app.providers import client
from app.providers.esign import EsignProvider
from app.providers.gateways import AccountValidator, MandateGateway, PaymentGateway, PayoutGateway


def chosen(capability: str) -> str:
    """The name of the provider, as `settings.providers` has it."""
    return brands.settings()["providers"][capability]


def in_line(capability: str) -> list[str]:
    """The chosen provider and, after it, those whom `settings.kyc_fallbacks` names for the capability."""
    settings = brands.settings()
    return [settings["providers"][capability], *settings["kyc_fallbacks"][capability]]


def payments(provider: str | None = None) -> PaymentGateway:
    return client(provider or chosen("payments"), current_brand())


def mandates(provider: str | None = None) -> MandateGateway:
    return client(provider or chosen("payments"), current_brand())


def payouts(provider: str | None = None) -> PayoutGateway:
    return client(provider or chosen("payouts"), current_brand())


def account_validation(provider: str | None = None) -> AccountValidator:
    return client(provider or chosen("account_validation"), current_brand())


def esign(provider: str | None = None) -> EsignProvider:
    return client(provider or chosen("esign"), current_brand())
