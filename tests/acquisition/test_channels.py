"""Paid and organic are told apart by what the link says."""

import pytest

from app.acquisition.channels import CHANNELS, Visit, channel_of, host_of, platform_of


def visit(**told: object) -> Visit:
    known = {
        "source": None,
        "medium": None,
        "ad_click_id": None,
        "referrer_host": None,
        "is_affiliate": False,
    }
    return Visit(**(known | told))


@pytest.mark.parametrize(
    ("told", "channel"),
    [
        ({}, "DIRECT"),
        ({"source": "google", "medium": "cpc"}, "PAID"),
        ({"source": "facebook", "medium": "paid_social"}, "PAID"),
        ({"ad_click_id": "abc"}, "PAID"),
        ({"source": "somebody", "medium": "new-word"}, "PAID"),
        ({"source": "cashkaro", "medium": "affiliate"}, "AFFILIATE"),
        ({"source": "google", "medium": "cpc", "is_affiliate": True}, "AFFILIATE"),
        ({"source": "google", "medium": "organic"}, "ORGANIC"),
        ({"referrer_host": "www.google.co.in"}, "ORGANIC"),
        ({"referrer_host": "l.facebook.com"}, "ORGANIC"),
        ({"referrer_host": "blog.example.com"}, "REFERRAL"),
        ({"source": "crm", "medium": "sms"}, "OWNED"),
        ({"source": "friend"}, "DIRECT"),
    ],
)
def test_a_visit_has_one_channel(told: dict, channel: str) -> None:
    assert channel_of(visit(**told)) == channel
    assert channel in CHANNELS


@pytest.mark.parametrize(
    ("told", "platform"),
    [
        ({"source": "fb"}, "FACEBOOK"),
        ({"source": "google_ads"}, "GOOGLE"),
        ({"referrer_host": "m.youtube.com"}, "GOOGLE"),
        ({"source": "figment"}, None),
    ],
)
def test_the_platform_is_named_where_it_is_known(told: dict, platform: str | None) -> None:
    assert platform_of(visit(**told)) == platform


@pytest.mark.parametrize("address", [None, "", "not a url", "http://[", "mailto:a@b"])
def test_what_is_no_address_has_no_host(address: str | None) -> None:
    assert host_of(address) is None
