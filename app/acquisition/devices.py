"""What somebody holds when they come, by what their browser or app says of itself. The first row that fits decides."""

import re

ANDROID, IPHONE, TABLET, DESKTOP, OTHER = DEVICES = ("ANDROID", "IPHONE", "TABLET", "DESKTOP", "OTHER")

# Browsers of tablets with Android do not say Mobile. Apps: okhttp and Dalvik are Android's, CFNetwork is iOS's.
_SAID = (
    (TABLET, r"iPad|Tablet|Kindle|Android(?!.*Mobile).*AppleWebKit"),
    (ANDROID, r"Android|okhttp|Dalvik"),
    (IPHONE, r"iPhone|iPod|CFNetwork"),
    (DESKTOP, r"Windows NT|Macintosh|X11|CrOS"),
)


def device_of(user_agent: str) -> str | None:
    """One of DEVICES; None where nothing was said."""
    found = (device for device, said in _SAID if re.search(said, user_agent))
    return next(found, OTHER) if user_agent else None
