"""The document store of this process, and objects in it that only the service can read."""

from collections.abc import Iterator
from functools import cache
from tempfile import TemporaryFile
from typing import BinaryIO

from app.config import settings
from app.core import chunks, crypto
from app.core.database import current_brand, db
from storage import Storage

SEALED = ".enc"  # how the names of encrypted objects end
CHUNKED = f".chunks{SEALED}"  # and of those that are encrypted in chunks
_CONTENT_TYPE = "application/octet-stream"


def storage() -> Storage:
    """The store that the settings name. One client for each set of settings, shared by all threads."""
    known = settings()
    return _storage(
        known.s3_endpoint, known.s3_access_key, known.s3_secret_key, known.s3_bucket, known.s3_region
    )


@cache
def _storage(endpoint: str, access_key: str, secret_key: str, bucket: str, region: str) -> Storage:
    return Storage(endpoint, access_key, secret_key, bucket, region)


def put_sealed(key: str, data: bytes) -> None:
    """Store `data` encrypted under its brand's key and bound to `key`, which ends in `.enc`."""
    hold(key)
    storage().put(key, crypto.encrypt_object(data, key), _CONTENT_TYPE)


def get_sealed(key: str) -> bytes:
    """What was put. Raises storage's errors, and those of `crypto.decrypt`."""
    return crypto.decrypt_object(storage().get(key), key)


def put_chunked(key: str, source: BinaryIO, brand_id: str) -> None:
    """Store what a stream still holds encrypted under the brand's key, bound to `key`, which ends in `.chunks.enc`.

    For new objects: nothing keeps two writers of one key apart, and no transaction is held while it goes up.
    """
    storage().put(key, chunks.Reader(chunks.seal(source, key, brand_id)), _CONTENT_TYPE)


def stream_chunked(key: str) -> Iterator[bytes]:
    """What was put, chunk by chunk; the transaction may end meanwhile. Raises storage's errors at the call already."""
    head = _head(key)
    return chunks.open_from(head, storage().stream(key, head.size))


class ChunkedFile:
    """What was put, in chunks from any byte on, `size` bytes in all. The store is asked for them when the first is
    wanted: whoever only looks at the size leaves no connection open. Raises storage's errors when it is made already;
    the transaction may end meanwhile."""

    def __init__(self, key: str) -> None:
        self._key, self._head, self._at = key, _head(key), 0
        self.size = self._head.plain_size(storage().size(key))
        self._parts: Iterator[bytes] | None = None

    def seekable(self) -> bool:
        return True

    def seek(self, at: int) -> None:
        """Begin with this byte. Call it before the first chunk is taken."""
        self._at = at

    def tell(self) -> int:
        return self._at

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._parts is None:
            self._parts = self._from(self._at)
        return next(self._parts)

    def _from(self, at: int) -> Iterator[bytes]:
        start, _, first = self._head.stored_range(at, at)
        parts = chunks.open_from(self._head, storage().stream(self._key, start), first)
        yield next(parts)[at - first * chunks.CHUNK_BYTES :]
        yield from parts

    def close(self) -> None:
        """Nobody reads on."""
        if self._parts is not None:
            self._parts.close()


def get_chunked_range(key: str, start: int, end: int) -> bytes:
    """The bytes [start, end) of what was put: only the chunks that hold them are read."""
    if end <= start:
        return b""
    head = _head(key)
    stored_from, stored_to, first = head.stored_range(start, end)
    stored = storage().stream(key, stored_from, stored_to)
    plain = b"".join(chunks.open_from(head, stored, first, to_end=False))
    before = first * chunks.CHUNK_BYTES
    return plain[start - before : end - before]


def _head(key: str) -> chunks.Head:
    return chunks.read_head(storage().get_range(key, 0, chunks.HEAD_BYTES_MAX), key, current_brand())


def seal_again(key: str) -> None:
    """Bring an object under the current key of the brand of this transaction."""
    hold(key)
    # read only now: whoever wrote or removed it has ended
    if not key.endswith(CHUNKED):
        storage().put(key, crypto.encrypt_object(get_sealed(key), key), _CONTENT_TYPE)
        return
    with TemporaryFile() as again:
        opened = chunks.Reader(stream_chunked(key))
        for part in chunks.seal(opened, key, current_brand()):
            again.write(part)
        again.seek(0)
        storage().put(key, again, _CONTENT_TYPE)


def remove(key: str) -> None:
    """Remove an object, and see that re-encryption does not bring it back."""
    hold(key)
    storage().remove(key)


def hold(key: str) -> None:
    """Be the only one to write this object until the transaction ends: a store has no row to lock."""
    db.execute_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 13))", (key,))
