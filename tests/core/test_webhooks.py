"""Wall: a webhook is believed for its signature over the raw bytes, and from the provider's addresses alone where the
settings name them."""

import hashlib
import hmac
import json
from types import MappingProxyType

import pytest
import requests

from app import create_app
from app.routes import endpoints
from tests.platform import BRAND, OTHER_BRAND, Platform

# path, provider, its secret, the header of its signature
SIGNED = [
    ("/partner/brand/{}/payment/webhook", "razorpay", "webhook_secret", "X-Razorpay-Signature"),
    ("/partner/brand/{}/payout/webhook", "razorpay", "webhook_secret", "X-Razorpay-Signature"),
    ("/partner/brand/{}/messages/aisensy/receipts", "aisensy", "webhook_secret", "X-AiSensy-Signature"),
    ("/aa/brand/{}/cart/notification", "cart_aa", "callback_secret", "x-cart-signature"),
]
BODY = json.dumps({"event": "nothing.of.ours", "note": "Ünïcode", "number": 1.0}).encode()


def webhooks(platform: Platform) -> list[tuple[str, str, str]]:
    """(method, path, provider) of every webhook there is."""
    found = [(e.method, e.path, e.access or "") for e in endpoints(create_app(platform.settings))]
    return [(m, p, access.partition(":")[2]) for m, p, access in found if access.startswith("provider:")]


def post(platform: Platform, path: str, body: bytes, headers: dict[str, str]) -> requests.Response:
    headers = {"Content-Type": "application/json"} | headers
    return requests.post(platform.api.base_url + path, data=body, headers=headers, timeout=30)


def is_unsigned(answer: requests.Response) -> bool:
    """Whether it was refused for its signature: with 401, or in the words of ReBIT."""
    assert answer.status_code in (200, 400, 401)
    return answer.status_code == 401 or "SignatureDoesNotMatch" in answer.text


def stored(platform: Platform) -> int:
    return platform.sql("SELECT count(*) FROM webhook_event")[0][0]


def test_without_a_signature_nothing_is_believed_or_stored(platform: Platform) -> None:
    before = stored(platform)
    for method, path, _ in webhooks(platform):
        url = platform.api.base_url + path.replace("<brand_id>", BRAND)
        headers = {"Content-Type": "application/json", "X-Brand-Id": BRAND}  # who has no brand in its path
        answer = requests.request(method, url, data=BODY, headers=headers, timeout=30)
        assert answer.status_code in (400, 401, 403), path
    assert stored(platform) == before


@pytest.mark.parametrize(("path", "provider", "secret", "header"), SIGNED)
def test_a_signature_is_over_the_raw_bytes(
    platform: Platform, path: str, provider: str, secret: str, header: str
) -> None:
    key = platform.settings.provider(provider, BRAND).credentials[secret].encode()
    signature = {header: hmac.new(key, BODY, hashlib.sha256).hexdigest()}
    here, there = path.format(BRAND), path.format(OTHER_BRAND)
    # the same JSON in other bytes, one byte more, one byte less
    for altered in (json.dumps(json.loads(BODY), ensure_ascii=False).encode(), BODY + b" ", BODY[:-1]):
        assert is_unsigned(post(platform, here, altered, signature))
    assert is_unsigned(post(platform, there, BODY, signature))
    assert not is_unsigned(post(platform, here, BODY, signature))


def test_others_than_the_providers_addresses_are_refused(platform: Platform) -> None:
    def callers(networks: str, brand_id: str = "") -> dict[str, object]:
        name = f"LOS_RAZORPAY_CALLERS{brand_id}"
        return {"provider_values": MappingProxyType({**platform.settings.provider_values, name: networks})}

    path, key = SIGNED[0][0].format(BRAND), platform.settings.provider("razorpay", BRAND).credentials
    signature = hmac.new(key["webhook_secret"].encode(), BODY, hashlib.sha256).hexdigest()
    for networks, brand_id, status in (
        ("203.0.113.0/24", "", 403),
        ("203.0.113.0/24, 127.0.0.0/8", "", 200),
        ("2001:db8::/32", "__QUALOAN", 403),
        ("203.0.113.0/24", "__PAISAPOP", 200),
    ):
        with platform.set(**callers(networks, brand_id)):
            answer = post(platform, path, BODY, {"X-Razorpay-Signature": signature})
            assert answer.status_code == status, networks
    assert post(platform, path, BODY, {}).status_code == 401
