"""A device is known by what its browser or app says of itself, and kept of who comes first with it."""

import pytest

from app.acquisition.devices import device_of
from tests.acquisition.test_acquisition import phone
from tests.platform import BRAND, Platform

PIXEL = "Mozilla/5.0 (Linux; Android 15; Pixel 8) AppleWebKit/537.36 Chrome/131.0 Mobile Safari/537.36"


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (PIXEL, "ANDROID"),
        (PIXEL.replace(" Mobile", ""), "TABLET"),
        ("okhttp/4.12.0", "ANDROID"),
        ("Dalvik/2.1.0 (Linux; U; Android 13; RMX3660)", "ANDROID"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
            "IPHONE",
        ),
        ("QuaLoan/12 CFNetwork/1568 Darwin/24.1.0", "IPHONE"),
        ("Mozilla/5.0 (iPad; CPU OS 17_6 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148", "TABLET"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36",
            "DESKTOP",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", "DESKTOP"),
        ("curl/8.9.1", "OTHER"),
        ("", None),
    ],
)
def test_the_class_of_a_device(user_agent: str, device: str | None) -> None:
    assert device_of(user_agent) == device


def test_what_they_came_with_first_is_kept(platform: Platform) -> None:
    number = phone()
    for agent in (PIXEL, "curl/8.9.1"):
        headers = {"X-Brand-Id": BRAND, "User-Agent": agent}
        platform.api.call("POST", "/web/auth/register", expect=202, headers=headers, json={"phone": number})
        platform.sql("UPDATE otp_verification SET created_at = created_at - interval '1 hour'")
    assert platform.sql("SELECT device FROM customer ORDER BY id DESC LIMIT 1") == [("ANDROID",)]
