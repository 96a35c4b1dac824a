"""How alike two names of one person are, as Indian papers spell them.

Papers of the same person differ in the order of the parts, in initials (`A K SHARMA`), in titles, in parts
that are left out, in blanks (`RAMKUMAR`), and in how a sound is written in Latin letters (LAKSHMI, LAXMI).
"""

import re
import unicodedata
from difflib import SequenceMatcher

from app.core.names import tidy

PARTS_MAX = 8
_CARE_OF = re.compile(r"^\s*(?P<whose>[SDWH])\s*/\s*O\b[\s:.,-]*(?P<name>\S.*)$", re.IGNORECASE)
# son, daughter, wife, husband of; C/O may be anybody
_KIN = {"S": "father_name", "D": "father_name", "W": "spouse_name", "H": "spouse_name"}
TITLES = {"MR", "MRS", "MS", "MISS", "DR", "SHRI", "SHREE", "SRI", "SMT", "SHRIMATI", "KUM", "ADV", "PROF"}
SHORT_FORMS = {
    **dict.fromkeys(("MD", "MOHD", "MOHAMMAD", "MOHAMED", "MOHAMAD", "MUHAMMAD", "MUHAMMED"), "MOHAMMED"),
    "KR": "KUMAR",
}

# What two parts of a name are worth to each other, in percent.
SAME, SOUNDS_SAME, INITIAL = 100, 96, 88
SPELLING_MIN, SPELLING_DOUBT = 78, 25  # less alike than this are two names; the doubt about the others
# What is taken off for each part that only one name has, and more where a name is one part alone.
PART_MISSING, SINGLE_PART = 4, 24
# `A S` may be anybody: without one whole part in common the names are not taken for the same.
INITIALS_ALONE_MAX = 50

# Spellings of one sound, replaced in this order.
SOUNDS = tuple(
    (re.compile(pattern), letters)
    for pattern, letters in (
        (r"X|CKS", "KSH"),
        (r"PH", "F"),
        (r"CK|Q", "K"),
        (r"SH|Z", "S"),
        (r"([BCDGJKT])H", r"\1"),
        (r"OU|OW|AU", "O"),
        (r"W", "V"),
        (r"EI|EY|EA|IY|IE|EE", "I"),
        (r"OO", "U"),
        (r"ER(?=[^AEIOU])", "AR"),
        (r"Y", "I"),
        (r"(.)\1+", r"\1"),
    )
)


def kin_in(care_of: str) -> dict[str, str]:
    """Whom an Aadhaar names beside its holder (`S/O: MOHAN RAO`), by the column of the customer; empty for `C/O`."""
    found = _CARE_OF.match(care_of)
    name = tidy(found["name"].strip(" .,")) if found else None
    return {_KIN[found["whose"].upper()]: name} if name else {}


def match_percent(one: str, other: str) -> int:
    """0 to 100; which name comes first does not matter. A name without a letter matches nothing."""
    parts = _parts(one), _parts(other)
    few, many = sorted((_joined(*parts), _joined(*reversed(parts))), key=lambda joined: (len(joined), joined))
    if not few:
        return 0
    worth = _best_pairs(few, many)
    percent = sum(worth) / len(few) - PART_MISSING * (len(many) - len(few))
    if len(few) == 1 < len(many):
        percent -= SINGLE_PART
    if max(worth) <= INITIAL:
        percent = min(percent, INITIALS_ALONE_MAX)
    return max(0, round(percent))


def _parts(name: str) -> list[str]:
    """The words of a name in plain capitals, without titles and relations."""
    decomposed = unicodedata.normalize("NFKD", name).upper()
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    own, *_relation = re.split(r"\b[SDWC]\s*/\s*O\b", plain)
    words = re.findall(r"[A-Z]+", own.replace("'", ""))
    named = [word for word in words if word not in TITLES] or words
    return [SHORT_FORMS.get(word, word) for word in named[:PARTS_MAX]]


def _joined(parts: list[str], other: list[str]) -> list[str]:
    """`parts` with neighbours put together where the other name writes them as one word."""
    sounds, joined, rest = {_sound(part) for part in other}, [], parts
    while rest:
        together = _sound("".join(rest[:2]))
        taken = 2 if len(rest) > 1 and together in sounds else 1
        joined.append("".join(rest[:taken]))
        rest = rest[taken:]
    return joined


def _best_pairs(few: list[str], many: list[str]) -> list[int]:
    """For each part of `few` its worth with a part of `many`, each used once, the best pairs first."""
    pairs = sorted(
        ((_worth(one, other), i, j) for i, one in enumerate(few) for j, other in enumerate(many)),
        key=lambda pair: (-pair[0], pair[1], pair[2]),
    )
    worth, taken = dict.fromkeys(range(len(few)), None), set()
    for value, i, j in pairs:
        if worth[i] is None and j not in taken:
            worth[i] = value
            taken.add(j)
    return list(worth.values())


def _worth(one: str, other: str) -> int:
    if one == other:
        return SAME
    if len(one) == 1 or len(other) == 1:
        return INITIAL if one[0] == other[0] else 0
    sounds = _sound(one), _sound(other)
    if sounds[0] == sounds[1]:
        return SOUNDS_SAME
    alike = round(100 * SequenceMatcher(None, *sorted(sounds), autojunk=False).ratio())
    return alike - SPELLING_DOUBT if alike >= SPELLING_MIN else 0


def _sound(part: str) -> str:
    for pattern, letters in SOUNDS:
        part = pattern.sub(letters, part)
    return part
