"""Objects that are encrypted chunk by chunk."""

import io
from dataclasses import replace

import pytest
from cryptography.exceptions import InvalidTag

from app.core import chunks
from app.core.chunks import CHUNK_BYTES, HEAD_BYTES_MAX, Reader, open_from, read_head, seal
from app.core.database import brand_scope
from app.core.keyring import KeyUnknown
from app.files import ChunkedFile, get_chunked_range, put_chunked, storage, stream_chunked
from tests.platform import BRAND, OTHER_BRAND, Platform

KEY = f"{BRAND}/reports/x.chunks.enc"
SIZES = (0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES)


def plain(size: int) -> bytes:
    return bytes(n * 7 % 251 for n in range(size))


def opened(stored: bytes, key: str = KEY, brand_id: str = BRAND) -> bytes:
    head = read_head(stored[:HEAD_BYTES_MAX], key, brand_id)
    return b"".join(open_from(head, [stored[head.size :]]))


@pytest.mark.parametrize("size", SIZES)
def test_it_opens_what_it_closed(platform: Platform, size: int) -> None:
    stored = b"".join(seal(io.BytesIO(plain(size)), KEY, BRAND))
    assert opened(stored) == plain(size)
    assert size < 8 or plain(size)[:8] not in stored


def test_what_was_changed_moved_or_cut_off_does_not_open(platform: Platform) -> None:
    stored = b"".join(seal(io.BytesIO(plain(2 * CHUNK_BYTES)), KEY, BRAND))
    head = read_head(stored[:HEAD_BYTES_MAX], KEY, BRAND)
    one = chunks._STORED_BYTES
    first, second, last = (
        stored[head.size : head.size + one],
        stored[head.size + one : head.size + 2 * one],
        stored[head.size + 2 * one :],
    )
    begin = stored[: head.size]
    for wrong in (
        begin + second + first + last,
        begin + first + second,
        begin + first + last,
        begin + first + second + last[:-1],
        begin + bytes([first[0] ^ 1]) + first[1:] + second + last,
        b"what is none of ours",
        b"x9:" + stored[3:],
    ):
        with pytest.raises(InvalidTag):
            opened(wrong)
    with pytest.raises(InvalidTag):
        opened(stored, key=KEY.replace("x", "y"))
    with pytest.raises((InvalidTag, KeyUnknown)):
        opened(stored, brand_id=OTHER_BRAND)
    other = replace(head, file_id=b"0" * 16)
    with pytest.raises(InvalidTag):
        b"".join(open_from(other, [stored[head.size :]]))


def test_a_range_reads_its_chunks_alone(platform: Platform) -> None:
    whole = plain(5 * CHUNK_BYTES + 77)
    put_chunked(KEY, io.BytesIO(whole), BRAND)
    with brand_scope(BRAND):
        for start, end in (
            (0, 5),
            (CHUNK_BYTES - 3, CHUNK_BYTES + 3),
            (0, len(whole)),
            (len(whole) - 9, len(whole)),
            (4, 4),
        ):
            assert get_chunked_range(KEY, start, end) == whole[start:end]
        streamed = stream_chunked(KEY)
    # the transaction is over, the stream goes on
    assert b"".join(streamed) == whole
    assert whole[:32] not in storage().get(KEY)


def test_a_reader_gives_what_it_is_asked_for() -> None:
    reader = Reader(iter([b"abc", b"", b"defgh"]))
    assert [reader.read(2), reader.read(4), reader.read(10), reader.read(1)] == [b"ab", b"c", b"defgh", b""]
    assert Reader(iter([b"ab", b"c"])).read() == b"abc"


@pytest.mark.parametrize("size", SIZES)
def test_a_file_is_read_from_any_byte_on(platform: Platform, size: int) -> None:
    with brand_scope(BRAND):
        put_chunked(KEY, io.BytesIO(plain(size)), BRAND)
        for start in {0, size // 2, max(0, size - 1), min(size, CHUNK_BYTES)}:
            file = ChunkedFile(KEY)
            file.seek(start)
            assert (file.size, file.tell()) == (size, start)
            if start < size or not size:
                assert b"".join(file) == plain(size)[start:]
            file.close()
