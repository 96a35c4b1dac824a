import re

import pytest

from app import config
from app.providers import CLIENTS, client
from app.sandbox import TWINS, create_app
from tests.providers.live import default_credentials

# An operation without a path follows a link that the provider gave, wherever that leads.
OPERATIONS = [
    (name, operation)
    for name, kind in CLIENTS.items()
    for operation in kind.operations.values()
    if operation.path
]


@pytest.fixture
def settings(monkeypatch):
    monkeypatch.setattr(config, "_current", [])
    needed = dict.fromkeys(
        ("database_url", "redis_url", "s3_endpoint", "s3_access_key", "s3_secret_key"), "x"
    )
    needed["redis_url"] = "redis://127.0.0.1:1"  # nobody is there: a client does without
    config.use(config.Settings(**needed, sandbox_url="http://127.0.0.1:4003"))


def test_a_client_has_the_settings_of_its_brand(settings):
    digitap = client("digitap", "paisapop")
    assert digitap.settings.base_url == "http://127.0.0.1:4003/digitap"
    assert digitap.settings.credentials["client_id"] == "sandbox-digitap-client_id-paisapop"


def test_an_unknown_provider_is_an_error(settings):
    with pytest.raises(KeyError):
        client("nobody", "qualoan")


def test_every_client_has_a_twin():
    assert {twin.name for twin in TWINS} == set(CLIENTS)


@pytest.mark.parametrize("provider", CLIENTS)
def test_every_client_has_credentials(provider):
    assert default_credentials(provider)


@pytest.fixture(scope="module")
def rules():
    return {rule.endpoint: rule for rule in create_app().url_map.iter_rules()}


@pytest.mark.parametrize(
    ("provider", "operation"), OPERATIONS, ids=lambda value: getattr(value, "name", value)
)
def test_every_operation_has_a_route_of_its_name(rules, provider, operation):
    """Faults aim at the client's name of an operation, so the twin must call it the same."""
    rule = rules[f"{provider}.{operation.name}"]
    assert operation.method in rule.methods
    assert placeholders(rule.rule) == placeholders(f"/{provider}{operation.path}")


def placeholders(path: str) -> str:
    """/things/{id} and /things/<thing_id> are the same place."""
    return re.sub(r"[{<][^}>]*[}>]", "*", path)
