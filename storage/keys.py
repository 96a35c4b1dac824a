"""The names of objects: ``<brand>/<kind>/<name>``, so that a brand's files are one prefix."""

import re

_PART = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")
KEY_CHARS_MAX = 500


def key_for(brand_id: str, kind: str, *names: str) -> str:
    """``key_for("qualoan", "agreements", loan_id, "signed.pdf")``.

    Parts are made by us, of letters, digits, dot, dash and underscore, and start with no dot. A part that
    is anything else (a path, a name that a user chose) is a programming error: ValueError.
    """
    parts = (brand_id, kind, *names)
    bad = [part for part in parts if not _PART.fullmatch(part)]
    key = "/".join(parts)
    if bad or not names or len(key) > KEY_CHARS_MAX:
        raise ValueError(f"not a storage key: {key[:80]!r}")
    return key
