"""How large a picture says it is, read from its header. Nothing is unpacked: a small file can hold a huge picture."""

import struct

_PNG_HEADER = slice(12, 24)  # "IHDR", width, height
# the JPEG segments that hold no size, though their numbers are among those that do
_NO_FRAME = frozenset({0xC4, 0xC8, 0xCC})


def pixels(data: bytes) -> int | None:
    """Width times height of a PNG or JPEG; None where the header says nothing."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return _png(data)
    return _jpeg(data) if data.startswith(b"\xff\xd8") else None


def _png(data: bytes) -> int | None:
    header = data[_PNG_HEADER]
    if len(header) < 12 or header[:4] != b"IHDR":
        return None
    width, height = struct.unpack(">II", header[4:])
    return width * height


def _jpeg(data: bytes) -> int | None:
    """Walks from segment to segment until the one that begins the frame."""
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in _NO_FRAME:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width * height
        # a fill byte stands alone, everything else tells its length
        at += 1 if marker == 0xFF else 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
    return None
