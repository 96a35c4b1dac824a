"""Paid or not: which kind of visit this is, from what the link says. The first row of the table that fits decides."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

PAID, AFFILIATE, ORGANIC, REFERRAL, OWNED, DIRECT = CHANNELS = (
    "PAID", "AFFILIATE", "ORGANIC", "REFERRAL", "OWNED", "DIRECT",
)  # fmt: skip

# utm_medium, as campaigns are tagged (the names of Google Analytics' default channel groups among them)
_PAID_MEDIA = {"cpc", "ppc", "cpm", "cpv", "cpa", "paid", "paidsearch", "paidsocial", "retargeting", "display",
               "banner", "video", "interstitial"}  # fmt: skip
_AFFILIATE_MEDIA = {"affiliate", "affiliates", "partner"}
_OWNED_MEDIA = {"sms", "email", "whatsapp", "push", "notification", "qr"}
_ORGANIC_MEDIA = {"organic", "social", "socialnetwork", "seo"}
_SEARCH = ("google.", "bing.", "duckduckgo.", "yahoo.", "ecosia.")
_SOCIAL = ("facebook.", "instagram.", "linkedin.", "youtube.", "twitter.", "x.com", "t.co", "whatsapp.")
# utm_source or host of the referrer -> what reports call the platform
_PLATFORMS = {
    "FACEBOOK": ("facebook", "fb", "instagram", "ig", "meta"),
    "GOOGLE": ("google", "adwords", "gads", "youtube"),
    "BING": ("bing", "microsoft"),
    "LINKEDIN": ("linkedin",),
    "WHATSAPP": ("whatsapp",),
}


@dataclass(frozen=True)
class Visit:
    """What a page tells of a visit, cleaned: small letters, None where nothing was said."""

    source: str | None
    medium: str | None
    ad_click_id: str | None
    referrer_host: str | None
    is_affiliate: bool

    @property
    def medium_letters(self) -> str:
        return "".join(letter for letter in self.medium or "" if letter.isalpha())


_RULES: tuple[tuple[str, Callable[[Visit], bool]], ...] = (
    (AFFILIATE, lambda v: v.is_affiliate or v.medium_letters in _AFFILIATE_MEDIA),
    (PAID, lambda v: v.medium_letters in _PAID_MEDIA or v.ad_click_id is not None),
    (OWNED, lambda v: v.medium_letters in _OWNED_MEDIA),
    (ORGANIC, lambda v: v.medium_letters in _ORGANIC_MEDIA),
    (ORGANIC, lambda v: v.source is None and _is_of(v.referrer_host, (*_SEARCH, *_SOCIAL))),
    (REFERRAL, lambda v: v.medium_letters == "referral" or v.referrer_host is not None),
    (PAID, lambda v: v.source is not None and v.medium is not None),
    (DIRECT, lambda v: True),
)


def channel_of(visit: Visit) -> str:
    """One of CHANNELS. A tagged link whose medium nobody knows counts as paid: somebody put the tags there."""
    return next(channel for channel, fits in _RULES if fits(visit))


def platform_of(visit: Visit) -> str | None:
    """The platform that reports name, where the source or the referrer tells it."""
    told = f"{visit.source or ''} {visit.referrer_host or ''}"
    words = set(told.replace(".", " ").replace("_", " ").replace("-", " ").split())
    return next((name for name, spelt in _PLATFORMS.items() if words & set(spelt)), None)


def host_of(address: str | None) -> str | None:
    """The host of a URL in small letters; None where there is none."""
    try:
        return (urlsplit(address).hostname or None) if address else None
    except ValueError:
        return None


def _is_of(host: str | None, starts: tuple[str, ...]) -> bool:
    return host is not None and any(host.startswith(start) or f".{start}" in host for start in starts)
