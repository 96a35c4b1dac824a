"""Every setting of the service, typed, read once from the environment.

One table (the fields of `Settings`) says what exists. A variable that starts with ``LOS_`` and is not in
the table, or a value that cannot be read, stops the start with one line that names it.
"""

import base64
import binascii
import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from functools import cache, partial
from importlib import import_module
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

ENVIRONMENTS = ("development", "test", "production")

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

Network = IPv4Network | IPv6Network
# LOS_<PROVIDER>_CALLERS: where its webhooks come from
_CALLERS = re.compile(r"LOS_\w+?_CALLERS(__|$)")

# Credentials that an account may have on top; without a default.
OPTIONAL_CREDENTIALS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "cashfree": ("public_key_file",),
        "cibil": ("member_user_id", "member_password", "certificate_file"),
    }
)


# What a browser sends as `Origin`: https, or this machine in development.
ORIGIN = r"^(https://[a-z0-9-]+(\.[a-z0-9-]+)+|http://(localhost|127\.0\.0\.1))(:[1-9][0-9]{0,4})?$(?!\n)"


class SettingsError(Exception):
    """A setting is unknown, missing or malformed. The text is the one line to print."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"setting {name}: {reason}")
        self.name = name


def _url(*schemes: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if urlsplit(text).scheme not in schemes:
            raise ValueError(f"expected a URL starting with {' or '.join(s + '://' for s in schemes)}")
        return text.rstrip("/")

    return parse


def _integer(low: int, high: int, text: str) -> int:
    value = int(text) if text.strip().lstrip("-").isdigit() else None
    if value is None or not low <= value <= high:
        raise ValueError(f"expected a whole number between {low} and {high}")
    return value


def _choice(options: tuple[str, ...], text: str) -> str:
    if text not in options:
        raise ValueError(f"expected one of {', '.join(options)}")
    return text


def _rate(text: str) -> str:
    if not re.fullmatch(r"[1-9][0-9]*/([1-9][0-9]* )?(second|minute|hour|day)s?", text):
        raise ValueError("expected a rate such as 60/minute or 5/10 minutes")
    return text


def _limit(name: str, meaning: str, default: str):
    """How often something may be done; `app.core.limits` says by whom and where."""
    return _setting(f"LOS_LIMIT_{name}", _rate, meaning, default)


def _key(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("expected base64") from None
    if len(raw) != 32:
        raise ValueError("expected 32 bytes in base64")
    return raw


def _keys(text: str) -> tuple[bytes, ...]:
    """``BASE64,BASE64``, the current one first."""
    keys = tuple(map(_key, _list(text)))
    if not keys or len(set(keys)) != len(keys):
        raise ValueError("expected one key or several different ones, the current one first")
    return keys


def _folder(text: str) -> str:
    path = Path(text).expanduser().resolve()
    if not path.is_dir():
        raise ValueError("expected a folder")
    return str(path)


def _master_keys(text: str) -> tuple[tuple[str, bytes], ...]:
    """``2026:BASE64,2025:BASE64``, the current one first."""
    pairs = [part.partition(":") for part in _list(text)]
    if not pairs or len({name for name, _, _ in pairs}) != len(pairs):
        raise ValueError("expected keys such as 2026:BASE64,2025:BASE64, the current one first")
    if any(not re.fullmatch(r"[a-z0-9-]{1,30}", name) for name, _, _ in pairs):
        raise ValueError("expected a name of small letters, digits and dashes before each key")
    return tuple((name, _key(key)) for name, _, key in pairs)


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _origins(text: str) -> tuple[str, ...]:
    origins = _list(text)
    if any(not re.match(ORIGIN, origin) for origin in origins):
        raise ValueError("expected origins such as https://portal.example, without a path")
    return origins


@cache
def _networks(text: str) -> tuple[Network, ...]:
    return tuple(ip_network(part) for part in _list(text))


def _setting(
    env: str, parse: Callable[[str], object], meaning: str, default: object = MISSING, secret: bool = False
):
    # repr=False: a Settings object printed in a traceback or a log shows no secret
    return field(
        default=default,
        repr=not secret,
        metadata={"env": env, "parse": parse, "meaning": meaning, "secret": secret},
    )


# Good for a laptop and for tests; refused in production.
DEVELOPMENT_KEY = base64.b64decode("ZGV2ZWxvcG1lbnQtb25seS1rZXktMzItYnl0ZXMhISE=")

# The least that is allowed where the phones are real.
OTP_RESEND_S_MIN = 30
PASSWORD_COST_MIN = 12


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings. `from_environment` is the only way in; see docs/operators.md for the table."""

    environment: str = _setting(
        "LOS_ENVIRONMENT", partial(_choice, ENVIRONMENTS), "what this runs for", "development"
    )
    database_url: str = _setting("DATABASE_URL", _url("postgresql", "postgres"), "role los_app", secret=True)
    database_owner_url: str | None = _setting(
        "DATABASE_OWNER_URL",
        _url("postgresql", "postgres"),
        "role los_owner, for migrations only",
        None,
        secret=True,
    )
    database_pool_size: int = _setting(
        "LOS_DATABASE_POOL_SIZE", partial(_integer, 1, 500), "connections a process", 20
    )
    redis_url: str = _setting(
        "REDIS_URL", _url("redis", "rediss", "unix"), "queue and rate limits", secret=True
    )
    s3_endpoint: str = _setting("S3_ENDPOINT", _url("http", "https"), "documents and report files")
    s3_access_key: str = _setting("S3_ACCESS_KEY", str, "8 characters or more", secret=True)
    s3_secret_key: str = _setting("S3_SECRET_KEY", str, "8 characters or more", secret=True)
    s3_bucket: str = _setting("S3_BUCKET", str, "private bucket", "los-documents")
    s3_region: str = _setting("S3_REGION", str, "region of the bucket", "us-east-1")
    public_url: str = _setting(
        "LOS_PUBLIC_URL",
        _url("http", "https"),
        "where providers and people reach this API",
        "http://127.0.0.1:4002",
    )
    portal_url: str = _setting(
        "LOS_PORTAL_URL",
        _url("http", "https"),
        "where staff reach the partner portal: links in their mails",
        "http://127.0.0.1:3000",
    )
    streams_max: int = _setting(
        "LOS_STREAMS_MAX",
        partial(_integer, 1, 200),
        "streams of notifications that one API process holds, a thread each",
        8,
    )
    sandbox_url: str = _setting(
        "LOS_SANDBOX_URL",
        _url("http", "https"),
        "provider sandbox, base of every provider URL",
        "http://127.0.0.1:4003",
    )
    master_keys: tuple[tuple[str, bytes], ...] = _setting(
        "LOS_MASTER_KEYS",
        _master_keys,
        "wrap the keys of personal data: name:key, the current one first, older ones after commas",
        (("development", DEVELOPMENT_KEY),),
        secret=True,
    )
    data_key: bytes | None = _setting(
        "LOS_DATA_KEY", _key, "opens what was encrypted before there were data keys", None, secret=True
    )
    lookup_keys: tuple[bytes, ...] = _setting(
        "LOS_LOOKUP_KEY",
        _keys,
        "keyed hashes for search: the current key first, others by which is still found after commas",
        (DEVELOPMENT_KEY,),
        secret=True,
    )
    audit_key: bytes = _setting("LOS_AUDIT_KEY", _key, "signs the audit trail", DEVELOPMENT_KEY, secret=True)
    customer_token_secret: bytes = _setting(
        "LOS_CUSTOMER_TOKEN_SECRET", _key, "signs customers' tokens", DEVELOPMENT_KEY, secret=True
    )
    staff_token_secret: bytes = _setting(
        "LOS_STAFF_TOKEN_SECRET", _key, "signs staff's tokens", DEVELOPMENT_KEY, secret=True
    )
    access_token_minutes: int = _setting(
        "LOS_ACCESS_TOKEN_MINUTES", partial(_integer, 1, 120), "life of a token", 15
    )
    password_cost: int = _setting(
        "LOS_PASSWORD_COST",
        partial(_integer, 4, 16),
        f"bcrypt's cost, work doubles with each; in production at least {PASSWORD_COST_MIN}",
        PASSWORD_COST_MIN,
    )
    otp_resend_s: int = _setting(
        "LOS_OTP_RESEND_S",
        partial(_integer, 0, 600),
        "seconds between two codes to a phone; in production at least 30",
        OTP_RESEND_S_MIN,
    )
    customer_sessions_max: int = _setting(
        "LOS_CUSTOMER_SESSIONS_MAX", partial(_integer, 1, 100), "devices a customer may be signed in on", 5
    )
    report_rows_at_once: int = _setting(
        "LOS_REPORT_ROWS_AT_ONCE",
        partial(_integer, 0, 20_000),
        "reports of up to so many rows are made while somebody waits; 0: workers make all",
        1_000,
    )
    limit_address: str = _limit("ADDRESS", "calls refused, an address that is not signed in", "300/minute")
    limit_sign_in_address: str = _limit("SIGN_IN_ADDRESS", "sign-in calls, an address", "60/minute")
    limit_sign_in_phone: str = _limit("SIGN_IN_PHONE", "codes tried, a phone", "10/minute")
    limit_sign_in_email: str = _limit("SIGN_IN_EMAIL", "passwords tried, an e-mail", "10/minute")
    limit_otp_sends: str = _limit("OTP_SENDS", "codes sent, a phone in all brands", "10/10 minutes")
    limit_reports: str = _limit("REPORTS", "reports asked for, a user", "30/minute")
    limit_uploads: str = _limit("UPLOADS", "files sent, a user", "30/minute")
    limit_bureau_pulls: str = _limit("BUREAU_PULLS", "bureau pulls, a loan", "5/day")
    limit_user: str = _limit("USER", "all calls, a user", "1200/minute")
    limit_brand: str = _limit("BRAND", "all calls of signed-in people, a brand", "30000/minute")
    trusted_proxies: int = _setting(
        "LOS_TRUSTED_PROXIES",
        partial(_integer, 0, 10),
        "proxies of ours in front: so many entries of X-Forwarded-For are believed, none by default",
        0,
    )
    reveals_per_hour: int = _setting(
        "LOS_REVEALS_PER_HOUR",
        partial(_integer, 0, 1000),
        "how often one member of staff may see personal data in full",
        30,
    )
    cors_origins: tuple[str, ...] = _setting(
        "LOS_CORS_ORIGINS", _origins, "pages that may call about every brand, comma separated", ()
    )
    log_level: str = _setting(
        "LOS_LOG_LEVEL", partial(_choice, ("DEBUG", "INFO", "WARNING", "ERROR")), "how much is logged", "INFO"
    )
    json_bytes_max: int = _setting(
        "LOS_JSON_BYTES_MAX", partial(_integer, 1024, 100 * 2**20), "largest body that is no upload", 2**20
    )
    upload_bytes_max: int = _setting(
        "LOS_UPLOAD_BYTES_MAX", partial(_integer, 1024, 100 * 2**20), "largest upload", 10 * 2**20
    )
    rules_directory: str | None = _setting(
        "LOS_RULES_DIRECTORY", _folder, "rule files of brands that do not ship: brands/<id>/*.yaml", None
    )
    provider_values: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings":
        """Read and check every setting. Raises SettingsError naming the first one that is wrong."""
        _refuse_unknown(environ)
        values = {f.name: _read(f, environ) for f in _declared()}
        values["provider_values"] = {k: v for k, v in environ.items() if _provider_of(k)}
        _check_rates(values["provider_values"])
        for name in filter(_CALLERS.match, values["provider_values"]):
            _parsed(name, environ[name], _networks)
        settings = cls(**values)
        if settings.environment == "production":
            settings._refuse_defaults(environ)
            settings._refuse_lenient()
        return settings

    def provider(self, name: str, brand_id: str) -> "ProviderSettings":
        """Base URL and credentials of one provider for one brand."""
        credentials = {c: self._credential(name, c, brand_id) for c in PROVIDERS[name]}
        optional = {c: self._given(name, c, brand_id) for c in OPTIONAL_CREDENTIALS.get(name, ())}
        credentials |= {c: value for c, value in optional.items() if value}
        base_url = self.provider_values.get(f"LOS_{name.upper()}_URL", f"{self.sandbox_url}/{name}")
        rate = self._given(name, "rate", brand_id) or ""
        return ProviderSettings(base_url.rstrip("/"), MappingProxyType(credentials), rate)

    def callers(self, provider: str, brand_id: str) -> tuple[Network, ...]:
        """The networks that a provider's webhooks come from; empty: from anywhere."""
        return _networks(self._given(provider, "callers", brand_id) or "")

    def _credential(self, provider: str, credential: str, brand_id: str) -> str:
        given = self._given(provider, credential, brand_id)
        # What the sandbox expects is public: in production nobody may prove themselves with it.
        if given or self.environment == "production":
            return given or ""
        return _sandbox_credential(provider, credential, brand_id)

    def _given(self, provider: str, credential: str, brand_id: str) -> str | None:
        env = f"LOS_{provider}_{credential}".upper()
        return self.provider_values.get(f"{env}__{brand_id.upper()}") or self.provider_values.get(env)

    def _refuse_lenient(self) -> None:
        least = {"otp_resend_s": OTP_RESEND_S_MIN, "password_cost": PASSWORD_COST_MIN}
        for name, low in least.items():
            if getattr(self, name) < low:
                raise SettingsError(f"LOS_{name.upper()}", f"must be at least {low} in production")

    def _refuse_defaults(self, environ: Mapping[str, str]) -> None:
        required = [f.metadata["env"] for f in _declared() if f.metadata["secret"] and f.default is not None]
        required += [f"LOS_{name.upper()}_URL" for name in PROVIDERS]
        for env in required:
            if not environ.get(env):
                raise SettingsError(env, "must be set in production: the default is public")
        for name, credentials in PROVIDERS.items():
            for credential in credentials:
                env = f"LOS_{name}_{credential}".upper()
                if not any(key == env or key.startswith(f"{env}__") for key in environ):
                    raise SettingsError(env, "must be set in production: the default is the sandbox's")
        for f in _declared():
            if DEVELOPMENT_KEY in _keys_in(getattr(self, f.name)):
                raise SettingsError(f.metadata["env"], "must not be the development key in production")


@dataclass(frozen=True)
class ProviderSettings:
    """Where a provider is, how we sign in there and, where its contract says so, how often it may be called
    (`20/second`; empty: as its client declares)."""

    base_url: str
    credentials: Mapping[str, str] = field(repr=False)
    rate: str = ""


def _declared() -> list[Field]:
    return [f for f in fields(Settings) if f.metadata]


def _read(f: Field, environ: Mapping[str, str]) -> object:
    env, text = f.metadata["env"], environ.get(f.metadata["env"], "")
    if not text:
        if f.default is MISSING:
            raise SettingsError(env, f"is not set ({f.metadata['meaning']})")
        return f.default
    return _parsed(env, text, f.metadata["parse"])


def _parsed(env: str, text: str, parse: Callable[[str], object]) -> object:
    try:
        return parse(text)
    except ValueError as error:
        raise SettingsError(env, str(error)) from None


def _check_rates(provider_values: Mapping[str, str]) -> None:
    for env, text in provider_values.items():
        if env.split("__")[0].endswith("_RATE"):
            try:
                _rate(text)
            except ValueError as error:
                raise SettingsError(env, str(error)) from None


def _keys_in(value: object) -> list[object]:
    """The value itself, or each of a list, and what is under the names of a list of named keys."""
    listed = value if isinstance(value, tuple) else (value,)
    return [key for one in listed for key in (one if isinstance(one, tuple) else (one,))]


def _provider_of(env: str) -> str | None:
    for name, credentials in PROVIDERS.items():
        parts = ("url", "rate", "callers", *credentials, *OPTIONAL_CREDENTIALS.get(name, ()))
        bases = [f"LOS_{name}_{part}".upper() for part in parts]
        if env.split("__")[0] in bases:
            return name
    return None


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    known = [f.metadata["env"] for f in _declared()]
    for env in sorted(environ):
        if env.startswith("LOS_") and env not in known and not _provider_of(env):
            close = difflib.get_close_matches(env, known, n=1)
            raise SettingsError(env, "is not a setting" + (f"; did you mean {close[0]}?" if close else ""))


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


def _sandbox_credential(provider: str, credential: str, brand_id: str) -> str:
    make = _SANDBOX_CREDENTIALS.get((provider, credential))
    return make(brand_id) if make else f"sandbox-{provider}-{credential}-{brand_id}"


_current: list[Settings] = []


def use(settings: Settings) -> None:
    """Make these the settings of this process."""
    _current[:] = [settings]
    settings_table.cache_clear()


def settings() -> Settings:
    """The settings of this process, read from the environment at first use."""
    if not _current:
        import os

        use(Settings.from_environment(os.environ))
    return _current[0]


@cache
def settings_table() -> list[tuple[str, str, str]]:
    """(variable, meaning, default) of every setting, for the documentation."""
    return [
        (
            f.metadata["env"],
            f.metadata["meaning"],
            "required" if f.default is MISSING else "secret" if f.metadata["secret"] else str(f.default),
        )
        for f in _declared()
    ]
