"""Settings: unknown or malformed ones stop the start with a line that names them."""

import base64
import os

import pytest

from app.config import DEVELOPMENT_KEY, Settings, SettingsError
from app.config.providers import PROVIDERS

REQUIRED = {
    "DATABASE_URL": "postgresql://los_app:pw@db.example/los",
    "REDIS_URL": "redis://redis.example",
    "S3_ENDPOINT": "https://s3.example",
    "S3_ACCESS_KEY": "access-key",
    "S3_SECRET_KEY": "secret-key",
}
KEYS = ("LOS_LOOKUP_KEY", "LOS_AUDIT_KEY", "LOS_CUSTOMER_TOKEN_SECRET", "LOS_STAFF_TOKEN_SECRET")


def key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


def production() -> dict[str, str]:
    credentials = {f"LOS_{p}_{c}".upper(): "real" for p, names in PROVIDERS.items() for c in names}
    urls = {f"LOS_{p}_URL".upper(): "https://provider.example" for p in PROVIDERS}
    keys = {name: key() for name in KEYS} | {"LOS_MASTER_KEYS": f"2026:{key()}"}
    return REQUIRED | keys | credentials | urls | {"LOS_ENVIRONMENT": "production"}


def test_it_works() -> None:
    settings = Settings.from_environment(REQUIRED | {"LOS_DATABASE_POOL_SIZE": "7", "HOME": "/home/x"})
    assert (settings.database_pool_size, settings.environment) == (7, "development")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOS_DATA_KYE", "x"),
        ("LOS_DATA_KEY", "short"),
        ("LOS_DATA_KEY", "c2hvcnQ="),
        ("LOS_MASTER_KEYS", "2026"),
        ("LOS_MASTER_KEYS", "2026:c2hvcnQ="),
        ("LOS_MASTER_KEYS", f"2026:{'A' * 43}=,2026:{'B' * 43}="),
        ("LOS_MASTER_KEYS", f"Key 1:{'A' * 43}="),
        ("LOS_DATABASE_POOL_SIZE", "many"),
        ("LOS_DATABASE_POOL_SIZE", "0"),
        ("LOS_ENVIRONMENT", "prod"),
        ("LOS_LIMIT_USER", "often"),
        ("LOS_TRUSTED_PROXIES", "-1"),
        ("LOS_RAZORPAY_CALLERS", "52.66.0.0/33"),
        ("LOS_RAZORPAY_CALLERS__QUALOAN", "razorpay.com"),
        ("LOS_CORS_ORIGINS", "https://portal.example/app"),
        ("DATABASE_URL", "mysql://x"),
        ("DATABASE_URL", ""),
        ("S3_ENDPOINT", "s3.example"),
        ("LOS_RAZORPAY_KEYID", "x"),
    ],
)
def test_a_wrong_setting_is_named_in_one_line(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as error:
        Settings.from_environment(REQUIRED | {name: value})
    assert name in str(error.value)
    assert "\n" not in str(error.value)


def test_a_near_miss_is_suggested() -> None:
    with pytest.raises(SettingsError, match="did you mean LOS_DATA_KEY"):
        Settings.from_environment(REQUIRED | {"LOS_DATA_KYE": "x"})


def test_production_starts_with_secrets_of_its_own() -> None:
    assert Settings.from_environment(production()).environment == "production"


@pytest.mark.parametrize(
    "name",
    [*KEYS, "LOS_MASTER_KEYS", "LOS_RAZORPAY_KEY_SECRET", "LOS_DIGITAP_URL", "LOS_FINDUIT_FIU_PRIVATE_KEY"],
)
def test_production_refuses_a_default(name: str) -> None:
    environment = production()
    del environment[name]
    with pytest.raises(SettingsError, match=name):
        Settings.from_environment(environment)


@pytest.mark.parametrize(("name", "before"), [("LOS_LOOKUP_KEY", ""), ("LOS_MASTER_KEYS", "2026:")])
def test_production_refuses_the_development_key(name: str, before: str) -> None:
    public = base64.b64encode(DEVELOPMENT_KEY).decode()
    with pytest.raises(SettingsError, match=name):
        Settings.from_environment(production() | {name: f"{before}{public}"})


def test_the_first_master_key_is_the_current_one() -> None:
    given = f"2026-b:{key()},2026-a:{key()}"
    keys = Settings.from_environment(REQUIRED | {"LOS_MASTER_KEYS": given}).master_keys
    assert [name for name, _ in keys] == ["2026-b", "2026-a"]


@pytest.mark.parametrize(("name", "value"), [("LOS_OTP_RESEND_S", "29"), ("LOS_PASSWORD_COST", "11")])
def test_production_is_not_lenient(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_environment(production() | {name: value})


def test_a_brand_may_have_credentials_of_its_own() -> None:
    own = {"LOS_RAZORPAY_KEY_ID": "shared", "LOS_RAZORPAY_KEY_ID__QUALOAN": "qualoans"}
    settings = Settings.from_environment(REQUIRED | own)
    assert settings.provider("razorpay", "qualoan").credentials["key_id"] == "qualoans"
    assert settings.provider("razorpay", "paisapop").credentials["key_id"] == "shared"


def test_secrets_are_not_shown() -> None:
    settings = Settings.from_environment(production())
    text = repr(settings) + repr(settings.provider("razorpay", "qualoan"))
    assert all(secret not in text for secret in (*(production()[k] for k in KEYS), "pw@", "secret-key"))


def test_in_production_nobody_signs_in_with_what_the_sandbox_expects() -> None:
    environ = production()
    del environ["LOS_CASHFREE_CLIENT_SECRET"]
    settings = Settings.from_environment(environ | {"LOS_CASHFREE_CLIENT_SECRET__QUALOAN": "qualoans"})
    assert settings.provider("cashfree", "qualoan").credentials["client_secret"] == "qualoans"
    assert settings.provider("cashfree", "paisapop").credentials["client_secret"] == ""
