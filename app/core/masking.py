"""Masking of personal data and secrets, for logs and for the records of provider calls.

Two tables. KEYS (and SECRETS) say what happens to the value under a name; PATTERNS what happens to a piece of
any text, whatever its name. Both leave enough to recognise a record (the last four characters)
and not enough to know the person. A mask is one way and idempotent: masking twice changes nothing.
"""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

HIDDEN = "***"
TEXT_CHARS_MAX = 2_000
_UNKEPT = re.compile("[\0\ud800-\udfff]")
KEPT_CHARS = 4


def _hide(value: str) -> str:
    return HIDDEN if value else value


def _tail(value: str) -> str:
    """X for everything but the last four letters and digits: XXXXXX234A."""
    return "X" * (len(value) - KEPT_CHARS) + value[-KEPT_CHARS:] if len(value) > KEPT_CHARS else _hide(value)


def _initials(value: str) -> str:
    return " ".join(f"{word[0]}{HIDDEN}" for word in value.replace("*", "").split())


def _email(value: str) -> str:
    name, at, host = value.partition("@")
    return f"{name[:1]}{HIDDEN}@{host}" if at else _tail(value)


# Names as they are compared: lower case, letters and digits only ("accNo", "acc_no" -> "accno").
# A name that contains one of the secrets is a secret; the others match whole.
SECRETS = (
    "password",
    "secret",
    "token",
    "apikey",
    "authkey",
    "authorization",
    "otp",
    "codeverifier",
    "fwdp",
    "sharecode",
    "privatekey",
    "cookie",
    "credential",
)
_NAMES: Mapping[Callable[[str], str], str] = {
    _hide: """
        pin mpin cvv dob dateofbirth birthdate yob
        house street landmark buildingname streetname locality
        line1 line2 line3 line4 line5 addressline1 addressline2
        image photo
        search
    """,
    _tail: """
        pan panno pannumber idnumber idvalue uan uid vpa vua linkedaccref
        aadhaar aadhar aadhaarno aadhaarnumber aadharnumber maskedadharnumber
        mobile mobiles mobileno mobilenumber phone phonenumber telephonenumber homephone officephone
        contact signermobile
        accno accountno accountnumber bankaccountnumber maskedaccnumber
    """,
    _email: "email emailid emailaddress signeremail",
    _initials: """
        fullname firstname middlename lastname fathername mothername spousename careof pandisplayname beneficiaryname
        benificiaryname accountholdername employeename customername signername holdername registeredname
        establishmentname employername
    """,
}
KEYS = {name: masking for masking, names in _NAMES.items() for name in names.split()}

_SECRET_WORDS = r"[\w-]*(?:secret|password|token|api[_-]?key|auth[_-]?key|authori[sz]ation|otp)[\w-]*"
PATTERNS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    # Files and keys in base64, before anything looks for numbers in them.
    (re.compile(r"[A-Za-z0-9+/_-]{128,}={0,2}"), lambda m: f"<{len(m[0])} characters of data>"),
    # "otp": "123456", Authorization: Basic abc, api_key=abc
    (
        re.compile(
            rf"""("?\b{_SECRET_WORDS}"?\s*[:=]\s*)("[^"\n]*"?|(?:(?:Basic|Bearer)\s+)?[^\s"&,;}}]+)""",
            re.IGNORECASE,
        ),
        lambda m: m[1] + (f'"{HIDDEN}"' if m[2][0] == '"' else HIDDEN),
    ),
    # "123456 is your OTP", "OTP is 123456"
    (re.compile(r"\b\d{4,8}\b(?=[^\n]{0,60}\bOTP\b)", re.IGNORECASE), lambda m: HIDDEN),
    (re.compile(r"(\bOTP\b[^\d\n]{0,60})\d{4,8}\b", re.IGNORECASE), lambda m: m[1] + HIDDEN),
    # E-mail addresses and UPI handles.
    (re.compile(r"[\w.+%*-]+@[\w-]+(?:\.[\w-]+)*"), lambda m: _email(m[0])),
    # PAN.
    (
        re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{3}[A-Za-z]{2}\d{4}[A-Za-z](?![A-Za-z0-9])"),
        lambda m: _tail(m[0]),
    ),
    # Identifiers of records are not personal, and a log is useless without them.
    (
        re.compile(
            r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"
            r"|(?P<number>\b\d{4}[ -]\d{4}[ -]\d{4}\b|(?<!\d)[6-9]\d{4}[ -]\d{5}(?!\d)|\d{9,})",
            re.IGNORECASE,
        ),
        # Aadhaar (also 2341 2341 2346), phone, account number, UAN: any long run of digits.
        lambda m: _tail(m[0]) if m["number"] else m[0],
    ),
)


def mask(value: Any, hide: Collection[str] = (), key: str = "") -> Any:
    """A copy of JSON-like data that may be logged.

    hide names further keys whose values are hidden altogether; key is the name under which
    value stands. Money and other numbers stay, unless their name or their length gives them away.
    """
    if isinstance(value, Mapping):
        # A name can be an identifier itself: EPFO answers {"uan_details": {"100000000001": ...}}.
        return {mask_text(_kept(k)): mask(v, hide, str(k)) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [mask(item, hide, key) for item in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    return _scalar(value, hide, key)


def mask_text(text: str) -> str:
    """A text with every personal or secret piece of it masked, and cut when it is very long."""
    for pattern, replacement in PATTERNS:
        text = pattern.sub(replacement, text)
    if len(text) <= TEXT_CHARS_MAX:
        return text
    return f"{text[:TEXT_CHARS_MAX]}... ({len(text) - TEXT_CHARS_MAX} more)"


def _kept(value: Any) -> str:
    """Records are kept as jsonb, which takes no NUL and no half of a surrogate pair, and a provider may send them."""
    return _UNKEPT.sub("", str(value))


def _scalar(value: Any, hide: Collection[str], key: str) -> Any:
    """An integer stays one when nothing in it had to be masked; all else becomes text."""
    text = _kept(value)
    masked = _by_key(key, hide)(text)
    return value if masked == text and isinstance(value, int | float) else masked


def _by_key(key: str, hide: Collection[str]) -> Callable[[str], str]:
    name = re.sub(r"[^a-z0-9]", "", key.lower())
    if key in hide or any(secret in name for secret in SECRETS):
        return _hide
    return KEYS.get(name, mask_text)
