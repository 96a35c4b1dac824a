"""How well two addresses of one person agree, in percent. Only what both of them say is weighed."""

import re
from collections.abc import Mapping

# the same pincode is half of it; the same sorting district (its first three digits) is half of that
PINCODE, STATE, WORDS = 50, 10, 40
NOISE = {
    "NO",
    "FLAT",
    "HOUSE",
    "ROAD",
    "RD",
    "STREET",
    "ST",
    "NEAR",
    "OPP",
    "INDIA",
    "DIST",
    "PO",
    "H",
    "THE",
}
_PLACES = ("pincode", "state", "country", "residence", "kind")


def match_percent(one: Mapping[str, str], other: Mapping[str, str]) -> int | None:
    """0 to 100; which comes first does not matter. None where they have nothing in common to compare."""
    scores = (
        (PINCODE, _pincodes(one.get("pincode", ""), other.get("pincode", ""))),
        (STATE, _states(one.get("state", ""), other.get("state", ""))),
        (WORDS, _shared(_words(one), _words(other))),
    )
    told = [(weight, score) for weight, score in scores if score is not None]
    total = sum(weight for weight, _ in told)
    return round(100 * sum(weight * score for weight, score in told) / total) if total else None


def _pincodes(one: str, other: str) -> float | None:
    if not one or not other:
        return None
    return 1.0 if one == other else 0.5 if one[:3] == other[:3] else 0.0


def _states(one: str, other: str) -> float | None:
    return float(_plain(one) == _plain(other)) if one and other else None


def _plain(text: str) -> str:
    return re.sub(r"[^A-Z]", "", text.upper())


def _words(address: Mapping[str, str]) -> set[str]:
    text = " ".join(str(value) for name, value in address.items() if name not in _PLACES)
    return set(re.findall(r"[A-Z0-9]+", text.upper())) - NOISE


def _shared(one: set[str], other: set[str]) -> float | None:
    """The share of the words of the shorter one that the other has too."""
    few, many = sorted((one, other), key=len)
    return len(few & many) / len(few) if few else None
