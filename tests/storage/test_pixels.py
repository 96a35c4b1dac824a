"""The size of pictures from their headers."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import pixels

PNG = b"\x89PNG\r\n\x1a\n"


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def frame(marker: int, width: int, height: int) -> bytes:
    return segment(marker, struct.pack(">BHHB", 8, height, width, 3) + b"\0" * 9)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (PNG + struct.pack(">I4sII", 13, b"IHDR", 640, 480), 640 * 480),
        (PNG + struct.pack(">I4sII", 13, b"IHDR", 2**31 - 1, 2**31 - 1), (2**31 - 1) ** 2),
        (PNG + b"\0" * 40, None),
        (PNG, None),
        (b"\xff\xd8" + frame(0xC0, 640, 480), 640 * 480),
        (b"\xff\xd8" + segment(0xE1, b"Exif" * 100) + b"\xff" + frame(0xC2, 65535, 65535), 65535**2),
        (b"\xff\xd8" + segment(0xC4, b"a table of codes") + frame(0xC1, 2, 3), 6),
        (b"\xff\xd8\xff\xe0", None),
        (b"%PDF-1.7", None),
        (b"", None),
    ],
)
def test_it_works(data: bytes, expected: int | None) -> None:
    assert pixels(data) == expected


@given(st.sampled_from([PNG, b"\xff\xd8\xff"]), st.binary(max_size=200))
def test_it_reads_anything(magic: bytes, rest: bytes) -> None:
    found = pixels(magic + rest)
    assert found is None or found >= 0
