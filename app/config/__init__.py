"""Every setting of the service, typed, read once from the environment.

One table (the fields of `Settings`) says what exists. A variable that starts with ``LOS_`` and is not in
the table, or a value that cannot be read, stops the start with one line that names it.
"""

import base64
import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from functools import cache, partial
from types import MappingProxyType

from app.config import values
from app.config.providers import (
    OPTIONAL_CREDENTIALS,
    PROVIDERS,
    ProviderSettings,
    provider_of,
    sandbox_credential,
)

ENVIRONMENTS = ("development", "test", "production")
# LOS_<PROVIDER>_CALLERS: where its webhooks come from
_CALLERS = re.compile(r"LOS_\w+?_CALLERS(__|$)")


class SettingsError(Exception):
    """A setting is unknown, missing or malformed. The text is the one line to print."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"setting {name}: {reason}")
        self.name = name


def _setting(
    env: str, parse: Callable[[str], object], meaning: str, default: object = MISSING, secret: bool = False
):
    # repr=False: a Settings object printed in a traceback or a log shows no secret
    return field(
        default=default,
        repr=not secret,
        metadata={"env": env, "parse": parse, "meaning": meaning, "secret": secret},
    )


def _limit(name: str, meaning: str, default: str):
    """How often something may be done; `app.core.limits` says by whom and where."""
    return _setting(f"LOS_LIMIT_{name}", values.rate, meaning, default)


# Good for a laptop and for tests; refused in production.
DEVELOPMENT_KEY = base64.b64decode("ZGV2ZWxvcG1lbnQtb25seS1rZXktMzItYnl0ZXMhISE=")

# The least that is allowed where the phones are real.
OTP_RESEND_S_MIN = 30
PASSWORD_COST_MIN = 12


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings. `from_environment` is the only way in; see docs/operators.md for the table."""

    environment: str = _setting(
        "LOS_ENVIRONMENT", partial(values.choice, ENVIRONMENTS), "what this runs for", "development"
    )
    database_url: str = _setting(
        "DATABASE_URL", values.url("postgresql", "postgres"), "role los_app", secret=True
    )
    database_owner_url: str | None = _setting(
        "DATABASE_OWNER_URL",
        values.url("postgresql", "postgres"),
        "role los_owner, for migrations only",
        None,
        secret=True,
    )
    database_pool_size: int = _setting(
        "LOS_DATABASE_POOL_SIZE", partial(values.integer, 1, 500), "connections a process", 20
    )
    redis_url: str = _setting(
        "REDIS_URL", values.url("redis", "rediss", "unix"), "queue and rate limits", secret=True
    )
    s3_endpoint: str = _setting("S3_ENDPOINT", values.url("http", "https"), "documents and report files")
    s3_access_key: str = _setting("S3_ACCESS_KEY", str, "8 characters or more", secret=True)
    s3_secret_key: str = _setting("S3_SECRET_KEY", str, "8 characters or more", secret=True)
    s3_bucket: str = _setting("S3_BUCKET", str, "private bucket", "los-documents")
    s3_region: str = _setting("S3_REGION", str, "region of the bucket", "us-east-1")
    public_url: str = _setting(
        "LOS_PUBLIC_URL",
        values.url("http", "https"),
        "where providers and people reach this API",
        "http://127.0.0.1:4002",
    )
    portal_url: str = _setting(
        "LOS_PORTAL_URL",
        values.url("http", "https"),
        "where staff reach the partner portal: links in their mails",
        "http://127.0.0.1:3000",
    )
    streams_max: int = _setting(
        "LOS_STREAMS_MAX",
        partial(values.integer, 1, 200),
        "streams of notifications that one API process holds, a thread each",
        8,
    )
    sandbox_url: str = _setting(
        "LOS_SANDBOX_URL",
        values.url("http", "https"),
        "provider sandbox, base of every provider URL",
        "http://127.0.0.1:4003",
    )
    master_keys: tuple[tuple[str, bytes], ...] = _setting(
        "LOS_MASTER_KEYS",
        values.master_keys,
        "wrap the keys of personal data: name:key, the current one first, older ones after commas",
        (("development", DEVELOPMENT_KEY),),
        secret=True,
    )
    data_key: bytes | None = _setting(
        "LOS_DATA_KEY", values.key, "opens what was encrypted before there were data keys", None, secret=True
    )
    lookup_keys: tuple[bytes, ...] = _setting(
        "LOS_LOOKUP_KEY",
        values.keys,
        "keyed hashes for search: the current key first, others by which is still found after commas",
        (DEVELOPMENT_KEY,),
        secret=True,
    )
    audit_key: bytes = _setting(
        "LOS_AUDIT_KEY", values.key, "signs the audit trail", DEVELOPMENT_KEY, secret=True
    )
    customer_token_secret: bytes = _setting(
        "LOS_CUSTOMER_TOKEN_SECRET", values.key, "signs customers' tokens", DEVELOPMENT_KEY, secret=True
    )
    staff_token_secret: bytes = _setting(
        "LOS_STAFF_TOKEN_SECRET", values.key, "signs staff's tokens", DEVELOPMENT_KEY, secret=True
    )
    access_token_minutes: int = _setting(
        "LOS_ACCESS_TOKEN_MINUTES", partial(values.integer, 1, 120), "life of a token", 15
    )
    password_cost: int = _setting(
        "LOS_PASSWORD_COST",
        partial(values.integer, 4, 16),
        f"bcrypt's cost, work doubles with each; in production at least {PASSWORD_COST_MIN}",
        PASSWORD_COST_MIN,
    )
    otp_resend_s: int = _setting(
        "LOS_OTP_RESEND_S",
        partial(values.integer, 0, 600),
        "seconds between two codes to a phone; in production at least 30",
        OTP_RESEND_S_MIN,
    )
    customer_sessions_max: int = _setting(
        "LOS_CUSTOMER_SESSIONS_MAX",
        partial(values.integer, 1, 100),
        "devices a customer may be signed in on",
        5,
    )
    report_rows_at_once: int = _setting(
        "LOS_REPORT_ROWS_AT_ONCE",
        partial(values.integer, 0, 20_000),
        "reports of up to so many rows are made while somebody waits; 0: workers make all",
        1_000,
    )
    figures_kept_s: int = _setting(
        "LOS_FIGURES_KEPT_S",
        partial(values.integer, 0, 3_600),
        "figures of somebody's own loans or a team's are told again for so long; 0: they are counted each time",
        60,
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
        partial(values.integer, 0, 10),
        "proxies of ours in front: so many entries of X-Forwarded-For are believed, none by default",
        0,
    )
    reveals_per_hour: int = _setting(
        "LOS_REVEALS_PER_HOUR",
        partial(values.integer, 0, 1000),
        "how often one member of staff may see personal data in full",
        30,
    )
    cors_origins: tuple[str, ...] = _setting(
        "LOS_CORS_ORIGINS", values.origins, "pages that may call about every brand, comma separated", ()
    )
    log_level: str = _setting(
        "LOS_LOG_LEVEL",
        partial(values.choice, ("DEBUG", "INFO", "WARNING", "ERROR")),
        "how much is logged",
        "INFO",
    )
    json_bytes_max: int = _setting(
        "LOS_JSON_BYTES_MAX",
        partial(values.integer, 1024, 100 * 2**20),
        "largest body that is no upload",
        2**20,
    )
    upload_bytes_max: int = _setting(
        "LOS_UPLOAD_BYTES_MAX", partial(values.integer, 1024, 100 * 2**20), "largest upload", 10 * 2**20
    )
    rules_directory: str | None = _setting(
        "LOS_RULES_DIRECTORY",
        values.folder,
        "rule files of brands that do not ship: brands/<id>/*.yaml",
        None,
    )
    provider_values: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings":
        """Read and check every setting. Raises SettingsError naming the first one that is wrong."""
        _refuse_unknown(environ)
        of_providers = {k: v for k, v in environ.items() if provider_of(k)}
        _check_rates(of_providers)
        for name in filter(_CALLERS.match, of_providers):
            _parsed(name, environ[name], values.networks)
        settings = cls(**{f.name: _read(f, environ) for f in _declared()}, provider_values=of_providers)
        if settings.environment == "production":
            settings._refuse_defaults(environ)
            settings._refuse_lenient()
        return settings

    def provider(self, name: str, brand_id: str) -> ProviderSettings:
        """Base URL and credentials of one provider for one brand."""
        credentials = {c: self._credential(name, c, brand_id) for c in PROVIDERS[name]}
        optional = {c: self._given(name, c, brand_id) for c in OPTIONAL_CREDENTIALS.get(name, ())}
        credentials |= {c: value for c, value in optional.items() if value}
        base_url = self.provider_values.get(f"LOS_{name.upper()}_URL", f"{self.sandbox_url}/{name}")
        rate = self._given(name, "rate", brand_id) or ""
        return ProviderSettings(base_url.rstrip("/"), MappingProxyType(credentials), rate)

    def callers(self, provider: str, brand_id: str) -> tuple[values.Network, ...]:
        """The networks that a provider's webhooks come from; empty: from anywhere."""
        return values.networks(self._given(provider, "callers", brand_id) or "")

    def _credential(self, provider: str, credential: str, brand_id: str) -> str:
        given = self._given(provider, credential, brand_id)
        # What the sandbox expects is public: in production nobody may prove themselves with it.
        if given or self.environment == "production":
            return given or ""
        return sandbox_credential(provider, credential, brand_id)

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
            _parsed(env, text, values.rate)


def _keys_in(value: object) -> list[object]:
    """The value itself, or each of a list, and what is under the names of a list of named keys."""
    listed = value if isinstance(value, tuple) else (value,)
    return [key for one in listed for key in (one if isinstance(one, tuple) else (one,))]


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    known = [f.metadata["env"] for f in _declared()]
    for env in sorted(environ):
        if env.startswith("LOS_") and env not in known and not provider_of(env):
            close = difflib.get_close_matches(env, known, n=1)
            raise SettingsError(env, "is not a setting" + (f"; did you mean {close[0]}?" if close else ""))


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
