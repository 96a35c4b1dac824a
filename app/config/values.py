"""What the text of a setting may be: each of these reads one kind, or raises ValueError in words for whoever set it."""

import base64
import binascii
import re
from collections.abc import Callable
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

Network = IPv4Network | IPv6Network
# What a browser sends as `Origin`: https, or this machine in development.
ORIGIN = r"^(https://[a-z0-9-]+(\.[a-z0-9-]+)+|http://(localhost|127\.0\.0\.1))(:[1-9][0-9]{0,4})?$(?!\n)"


def url(*schemes: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if urlsplit(text).scheme not in schemes:
            raise ValueError(f"expected a URL starting with {' or '.join(s + '://' for s in schemes)}")
        return text.rstrip("/")

    return parse


def integer(low: int, high: int, text: str) -> int:
    value = int(text) if text.strip().lstrip("-").isdigit() else None
    if value is None or not low <= value <= high:
        raise ValueError(f"expected a whole number between {low} and {high}")
    return value


def choice(options: tuple[str, ...], text: str) -> str:
    if text not in options:
        raise ValueError(f"expected one of {', '.join(options)}")
    return text


def rate(text: str) -> str:
    if not re.fullmatch(r"[1-9][0-9]*/([1-9][0-9]* )?(second|minute|hour|day)s?", text):
        raise ValueError("expected a rate such as 60/minute or 5/10 minutes")
    return text


def key(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("expected base64") from None
    if len(raw) != 32:
        raise ValueError("expected 32 bytes in base64")
    return raw


def keys(text: str) -> tuple[bytes, ...]:
    """``BASE64,BASE64``, the current one first."""
    found = tuple(map(key, listed(text)))
    if not found or len(set(found)) != len(found):
        raise ValueError("expected one key or several different ones, the current one first")
    return found


def folder(text: str) -> str:
    path = Path(text).expanduser().resolve()
    if not path.is_dir():
        raise ValueError("expected a folder")
    return str(path)


def master_keys(text: str) -> tuple[tuple[str, bytes], ...]:
    """``2026:BASE64,2025:BASE64``, the current one first."""
    pairs = [part.partition(":") for part in listed(text)]
    if not pairs or len({name for name, _, _ in pairs}) != len(pairs):
        raise ValueError("expected keys such as 2026:BASE64,2025:BASE64, the current one first")
    if any(not re.fullmatch(r"[a-z0-9-]{1,30}", name) for name, _, _ in pairs):
        raise ValueError("expected a name of small letters, digits and dashes before each key")
    return tuple((name, key(encoded)) for name, _, encoded in pairs)


def listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def origins(text: str) -> tuple[str, ...]:
    found = listed(text)
    if any(not re.match(ORIGIN, origin) for origin in found):
        raise ValueError("expected origins such as https://portal.example, without a path")
    return found


@cache
def networks(text: str) -> tuple[Network, ...]:
    return tuple(ip_network(part) for part in listed(text))
