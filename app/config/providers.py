"""Accounts at providers: which credentials each needs, and what the sandbox expects where none are given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from types import MappingProxyType

# Which credentials each provider needs. A credential is read from LOS_<PROVIDER>_<CREDENTIAL>__<BRAND>,
# then LOS_<PROVIDER>_<CREDENTIAL>, and defaults to what the sandbox expects.
PROVIDERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "digitap": ("client_id", "client_secret"),
        "cibil": ("member_ref_id", "api_key", "client_secret"),
        "equifax": ("customer_id", "user_id", "password", "member_number", "security_code"),
        "crif": ("customer_id", "user_id", "password"),
        "finduit": ("fiu_id", "client_api_key", "aa_api_key", "aa_id", "fiu_private_key", "aa_public_jwk"),
        "cart_aa": ("token", "callback_secret"),
        "cart": ("token",),
        "finbox": ("api_key", "server_hash"),
        "scoreme": ("client_id", "client_secret"),
        "signzy": ("token", "callback_authorization"),
        "digilocker": ("client_id", "client_secret", "uidai_certificate"),
        "signdesk": ("application_id", "api_key", "callback_secret"),
        "cashfree": (
            "client_id",
            "client_secret",
            "payout_client_id",
            "payout_client_secret",
            "verification_client_id",
            "verification_client_secret",
        ),
        "razorpay": ("key_id", "key_secret", "webhook_secret", "account_number"),
        "msg91": ("auth_key", "sender", "webhook_secret"),
        "gupshup": ("userid", "password", "entity_id", "sender", "webhook_secret"),
        "gupshup_whatsapp": ("api_key", "source", "app_name", "webhook_secret"),
        "aisensy": ("api_key", "webhook_secret"),
        "sendgrid": ("api_key", "from_email", "from_name", "webhook_public_key"),
        "acefone": ("token", "caller_id", "webhook_secret", "recording_hosts"),
    }
)

# Credentials that an account may have on top; without a default.
OPTIONAL_CREDENTIALS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "cashfree": ("public_key_file",),
        "cibil": ("member_user_id", "member_password", "certificate_file"),
    }
)


@dataclass(frozen=True)
class ProviderSettings:
    """Where a provider is, how we sign in there and, where its contract says so, how often it may be called
    (`20/second`; empty: as its client declares)."""

    base_url: str
    credentials: Mapping[str, str] = field(repr=False)
    rate: str = ""


def provider_of(env: str) -> str | None:
    """The provider that a variable is about."""
    for name, credentials in PROVIDERS.items():
        parts = ("url", "rate", "callers", *credentials, *OPTIONAL_CREDENTIALS.get(name, ()))
        bases = [f"LOS_{name}_{part}".upper() for part in parts]
        if env.split("__")[0] in bases:
            return name
    return None


# What the sandbox expects where it is not just a name.
_SANDBOX_CREDENTIALS: Mapping[tuple[str, str], Callable[[str], str]] = {
    ("finduit", "fiu_id"): lambda brand_id: f"fiu-{brand_id}",
    ("finduit", "fiu_private_key"): lambda _: import_module("app.sandbox.keys").FIU_PRIVATE_KEY,
    ("finduit", "aa_public_jwk"): lambda _: import_module("app.sandbox.keys").AA_PUBLIC_JWK,
    ("digilocker", "uidai_certificate"): lambda _: import_module("app.sandbox.keys").UIDAI_CERTIFICATE,
    ("sendgrid", "from_email"): lambda brand_id: f"no-reply@{brand_id}.example",
    ("sendgrid", "webhook_public_key"): lambda _: import_module("app.sandbox.keys").SENDGRID_PUBLIC_KEY,
    ("acefone", "caller_id"): lambda _: "918000000001",
    ("acefone", "recording_hosts"): lambda _: "127.0.0.1,localhost",
    ("gupshup_whatsapp", "source"): lambda _: "918000000002",
}


def sandbox_credential(provider: str, credential: str, brand_id: str) -> str:
    """What the sandbox takes for a credential of this brand."""
    make = _SANDBOX_CREDENTIALS.get((provider, credential))
    return make(brand_id) if make else f"sandbox-{provider}-{credential}-{brand_id}"
