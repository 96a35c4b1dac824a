"""One bucket of an S3 store (MinIO, AWS, or `rclone serve s3` on a laptop) through the minio client."""

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import urlsplit

import minio
import urllib3
from minio.error import InvalidResponseError, MinioException, S3Error

from storage.errors import ObjectMissing, ObjectTooLarge, StorageUnavailable

GET_BYTES_MAX = 50 * 2**20
_PART_BYTES = 8 * 2**20  # of a stream whose length is not known; this much is held in memory
_CHUNK_BYTES = 64 * 1024
_CONNECT_S = 3.0
_READ_S = 30.0
_MISSING = frozenset({"NoSuchKey", "NoSuchObject"})


@dataclass(frozen=True)
class Stored:
    """What was put: `sha256` in hex over the bytes as they are stored, `size` in bytes."""

    key: str
    sha256: str
    size: int


class Storage:
    """Put and get objects by key. Safe to share between threads.

    An object is visible only once it is complete: S3 publishes an upload as a whole, and one that breaks off
    leaves what was there before.

    endpoint is a URL (http or https); region must be said, because not every store answers when asked for it.
    """

    def __init__(self, endpoint: str, access_key: str, secret_key: str, bucket: str, region: str) -> None:
        address = urlsplit(endpoint)
        self.bucket = bucket
        self._client = minio.Minio(
            address.netloc,
            access_key=access_key,
            secret_key=secret_key,
            region=region,
            secure=address.scheme == "https",
            http_client=urllib3.PoolManager(
                timeout=urllib3.Timeout(connect=_CONNECT_S, read=_READ_S),
                retries=urllib3.Retry(total=2, backoff_factor=0.2, status_forcelist=[500, 502, 503, 504]),
                maxsize=16,
            ),
        )

    def ensure_bucket(self) -> None:
        """Make the bucket if it is not there."""
        with _errors():
            if self._client.bucket_exists(self.bucket):
                return
            try:
                self._client.make_bucket(self.bucket)
            except MinioException:
                # somebody else may have made it in the meantime
                if not self._client.bucket_exists(self.bucket):
                    raise

    def put(self, key: str, data: bytes | BinaryIO, content_type: str) -> Stored:
        """Store bytes, or what a stream still holds. Replaces what was there, whole or not at all."""
        counted = _Counted(io.BytesIO(data) if isinstance(data, bytes) else data)
        length, part_bytes = (len(data), 0) if isinstance(data, bytes) else (-1, _PART_BYTES)
        with _errors(key):
            self._client.put_object(
                self.bucket, key, counted, length, content_type, part_size=part_bytes, num_parallel_uploads=1
            )
        return Stored(key, counted.digest.hexdigest(), counted.size)

    def get(self, key: str, bytes_max: int = GET_BYTES_MAX) -> bytes:
        """The whole object. Raises ObjectMissing, or ObjectTooLarge before more than `bytes_max` are read."""
        chunks, size = [], 0
        for chunk in self.stream(key):
            size += len(chunk)
            if size > bytes_max:
                raise ObjectTooLarge(f"larger than {bytes_max} bytes", key)
            chunks.append(chunk)
        return b"".join(chunks)

    def get_range(self, key: str, start: int, end: int) -> bytes:
        """The bytes [start, end) of the object. Raises ObjectMissing."""
        return b"".join(self.stream(key, start, end)) if end > start else b""

    def stream(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The object, or its bytes [start, end), in chunks. Raises ObjectMissing at the call already."""
        try:
            with _errors(key):
                response = self._client.get_object(self.bucket, key, start, end - start if end else 0)
        except StorageUnavailable as error:
            # rclone tells errors as text/xml, which the client does not read; a HEAD has no body to misread
            if not isinstance(error.__cause__, InvalidResponseError) or self.exists(key):
                raise
            raise ObjectMissing("no such object", key) from None
        return _chunks(response, key)

    def size(self, key: str) -> int:
        """How many bytes the object has. Raises ObjectMissing."""
        with _errors(key):
            return self._client.stat_object(self.bucket, key).size

    def exists(self, key: str) -> bool:
        """Whether there is such an object."""
        try:
            self.size(key)
        except ObjectMissing:
            return False
        return True

    def keys(self, prefix: str) -> Iterator[str]:
        """The keys of all objects that start with `prefix`, in order; listed as they are read."""
        with _errors(prefix):
            for found in self._client.list_objects(self.bucket, prefix, recursive=True):
                yield found.object_name

    def remove(self, key: str) -> None:
        """Remove the object; one that is not there is fine."""
        with _errors(key):
            self._client.remove_object(self.bucket, key)


class _Counted(io.RawIOBase):
    """Passes a stream on, and knows the size and the hash of what went through."""

    def __init__(self, source: BinaryIO) -> None:
        super().__init__()
        self._source = source
        self.digest = hashlib.sha256()
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(size)
        self.digest.update(data)
        self.size += len(data)
        return data


def _chunks(response: urllib3.BaseHTTPResponse, key: str) -> Iterator[bytes]:
    try:
        with _errors(key):
            yield from response.stream(_CHUNK_BYTES)
    finally:
        response.close()
        response.release_conn()


@contextmanager
def _errors(key: str = "") -> Iterator[None]:
    try:
        yield
    except S3Error as error:
        kind = ObjectMissing if error.code in _MISSING else StorageUnavailable
        raise kind(error.code or "no reason given", key) from error
    except (MinioException, urllib3.exceptions.HTTPError) as error:
        raise StorageUnavailable(f"the store does not answer ({type(error).__name__})", key) from error
