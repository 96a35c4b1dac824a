"""Large objects at rest: encrypted chunk by chunk, so that they are written, streamed and read in part without being
held whole.

``d3:`` and a random file id, then chunks of CHUNK_BYTES, each nonce || ciphertext || tag. Brand, key of the object,
key id, file id and the chunk's place are authenticated with it: chunks cannot change places, not between versions of
an object either. The last chunk is shorter than the others, if need be empty: an object that was cut off does not open.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from cryptography.exceptions import InvalidTag

from app.core import keyring
from app.core.crypto import number_of
from app.core.keyring import NONCE_BYTES

CHUNK_BYTES = 64 * 1024
_TAG_BYTES = 16
_STORED_BYTES = NONCE_BYTES + CHUNK_BYTES + _TAG_BYTES
_FILE_ID_BYTES = 16
HEAD_BYTES_MAX = 16 + _FILE_ID_BYTES


@dataclass(frozen=True)
class Head:
    """What an object begins with; `size` is how many bytes of it that are."""

    brand_id: str
    key: str
    key_id: str
    file_id: bytes

    @property
    def size(self) -> int:
        return len(self.key_id) + 1 + _FILE_ID_BYTES

    def about(self, place: int) -> bytes:
        """What is authenticated with the chunk at a place."""
        return f"{self.brand_id}|{self.key}|{self.key_id}|{self.file_id.hex()}|{place}".encode()

    def cipher(self) -> keyring.AESGCM:
        number = number_of(self.key_id)
        return keyring.ring(self.brand_id, holding=number).keys[number]

    def plain_size(self, stored_size: int) -> int:
        """How many bytes an object of this size holds."""
        sealed = stored_size - self.size
        return sealed - -(-sealed // _STORED_BYTES) * (NONCE_BYTES + _TAG_BYTES)

    def stored_range(self, start: int, end: int) -> tuple[int, int, int]:
        """Where the chunks that hold the bytes [start, end) stand in the object, and the place of the first."""
        first, last = start // CHUNK_BYTES, -(-end // CHUNK_BYTES)
        return self.size + first * _STORED_BYTES, self.size + last * _STORED_BYTES, first


def read_head(stored: bytes, key: str, brand_id: str) -> Head:
    """The head, from the first HEAD_BYTES_MAX bytes of an object. Raises InvalidTag if it is none of ours."""
    key_id, colon, rest = stored.partition(b":")
    if not colon or len(rest) < _FILE_ID_BYTES:
        raise InvalidTag
    return Head(brand_id, key, key_id.decode("ascii", "replace"), rest[:_FILE_ID_BYTES])


def seal(source: BinaryIO, key: str, brand_id: str) -> Iterator[bytes]:
    """The object for what a stream still holds, under the brand's current key."""
    head = Head(brand_id, key, f"d{keyring.ring(brand_id).current}", os.urandom(_FILE_ID_BYTES))
    cipher = head.cipher()
    yield f"{head.key_id}:".encode() + head.file_id
    place, is_last = 0, False
    while not is_last:
        plain = _read(source)
        is_last = len(plain) < CHUNK_BYTES
        nonce = os.urandom(NONCE_BYTES)
        yield nonce + cipher.encrypt(nonce, plain, head.about(place))
        place += 1


def _read(source: BinaryIO) -> bytes:
    """CHUNK_BYTES, or what is left: streams may give less than they are asked for."""
    parts, missing = [], CHUNK_BYTES
    while missing and (part := source.read(missing)):
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def open_from(head: Head, stored: Iterable[bytes], first: int = 0, *, to_end: bool = True) -> Iterator[bytes]:
    """The plain chunks of stored bytes that begin with the chunk `first`. Raises InvalidTag if a byte was changed or,
    when they go `to_end`, the end is missing."""
    cipher, place, size = head.cipher(), first, CHUNK_BYTES
    for chunk in _chunks(stored):
        plain = cipher.decrypt(chunk[:NONCE_BYTES], chunk[NONCE_BYTES:], head.about(place))
        place, size = place + 1, len(plain)
        yield plain
    if to_end and size == CHUNK_BYTES:
        raise InvalidTag


def _chunks(stored: Iterable[bytes]) -> Iterator[bytes]:
    held = bytearray()
    for part in stored:
        held += part
        while len(held) >= _STORED_BYTES:
            yield bytes(held[:_STORED_BYTES])
            del held[:_STORED_BYTES]
    if held:
        yield bytes(held)


class Reader:
    """Chunks as a stream that others read."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks, self._held = chunks, b""

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes; all of them when it is negative."""
        if size < 0:
            return self._held + b"".join(self._chunks)
        parts, have = [self._held], len(self._held)
        while have < size and (part := next(self._chunks, b"")):
            parts.append(part)
            have += len(part)
        whole = b"".join(parts)
        self._held = whole[size:]
        return whole[:size]
