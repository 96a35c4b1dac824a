"""Objects in a real S3 server."""

import hashlib
import io
import socket
from urllib.parse import urlsplit

import pytest
import requests

from storage import ObjectMissing, ObjectTooLarge, Storage, StorageUnavailable

TEXT = "text/plain"
LARGE = b"0123456789abcdef" * (20 * 2**16)  # 20 MiB: more than one part


def test_it_works(storage):
    stored = storage.put("qualoan/kyc/a.txt", b"hello", TEXT)
    assert storage.get("qualoan/kyc/a.txt") == b"hello"
    assert (stored.size, stored.sha256) == (5, hashlib.sha256(b"hello").hexdigest())


def test_an_empty_object_is_an_object(storage):
    storage.put("empty", b"", TEXT)
    assert storage.get("empty") == b""


def test_a_stream_of_unknown_length(storage):
    stored = storage.put("large", io.BytesIO(LARGE), TEXT)
    assert storage.get("large") == LARGE
    assert (stored.size, stored.sha256) == (len(LARGE), hashlib.sha256(LARGE).hexdigest())


def test_a_stream_is_stored_from_where_it_stands(storage):
    source = io.BytesIO(b"skipped,kept")
    source.seek(8)
    assert storage.put("rest", source, TEXT).size == 4


def test_put_replaces(storage):
    storage.put("a", b"first", TEXT)
    storage.put("a", b"second", TEXT)
    assert storage.get("a") == b"second"


def test_stream_gives_chunks(storage):
    storage.put("large", LARGE, TEXT)
    chunks = list(storage.stream("large"))
    assert len(chunks) > 1
    assert b"".join(chunks) == LARGE


def test_get_range(storage):
    storage.put("a", b"0123456789", TEXT)
    assert storage.get_range("a", 2, 5) == b"234"
    assert storage.get_range("a", 0, 10) == b"0123456789"
    assert storage.get_range("a", 5, 5) == b""


def test_a_missing_object_is_said_at_the_call(storage):
    with pytest.raises(ObjectMissing, match="qualoan/none"):
        storage.stream("qualoan/none")
    with pytest.raises(ObjectMissing):
        storage.get("qualoan/none")


def test_get_stops_at_its_limit(storage):
    storage.put("large", LARGE, TEXT)
    with pytest.raises(ObjectTooLarge):
        storage.get("large", bytes_max=1000)
    assert len(storage.get("large", bytes_max=len(LARGE))) == len(LARGE)


def test_exists_and_remove(storage):
    storage.put("a", b"1", TEXT)
    assert storage.exists("a")
    storage.remove("a")
    assert not storage.exists("a")
    storage.remove("a")


def test_ensure_bucket_twice(storage):
    storage.ensure_bucket()


def test_the_content_type_is_kept(storage):
    storage.put("a.pdf", b"%PDF-1.7", "application/pdf")
    url = storage._client.presigned_get_object(storage.bucket, "a.pdf")
    assert requests.get(url, timeout=5).headers["Content-Type"] == "application/pdf"


def test_keys_are_listed_by_their_beginning(storage):
    for key in ("listed/b", "listed/deep/a", "listed-not/c"):
        storage.put(key, b"1", TEXT)
    assert set(storage.keys("listed/")) == {"listed/b", "listed/deep/a"}


def test_without_a_signature_nothing_is_read(storage):
    storage.put("a", b"private", TEXT)
    url = storage._client.presigned_get_object(storage.bucket, "a").partition("?")[0]
    assert requests.get(url, timeout=5).status_code in (400, 403)


class Breaks(io.RawIOBase):
    """Gives some bytes, then fails."""

    def __init__(self) -> None:
        self.left = 12 * 2**20

    def read(self, size: int = -1) -> bytes:
        if self.left <= 0:
            raise ConnectionResetError("the source went away")
        self.left -= size
        return b"x" * size


def test_a_stream_that_breaks_leaves_nothing(storage):
    with pytest.raises(ConnectionResetError):
        storage.put("broken", Breaks(), TEXT)
    assert not storage.exists("broken")


def test_an_upload_that_breaks_off_leaves_what_was_there(storage):
    storage.put("a", b"whole", TEXT)
    url = urlsplit(storage._client.get_presigned_url("PUT", storage.bucket, "a"))
    with socket.create_connection((url.hostname, url.port)) as connection:
        head = f"PUT {url.path}?{url.query} HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Length: 5000000\r\n\r\n"
        connection.sendall(head.encode() + b"x" * 1_000_000)
        assert storage.get("a") == b"whole"
    assert storage.get("a") == b"whole"


def test_a_store_that_is_not_there_is_named(s3):
    nowhere = Storage("http://127.0.0.1:9", "some-access-key", "some-secret-key", "bucket", "us-east-1")
    with pytest.raises(StorageUnavailable):
        nowhere.get("a")


def test_a_wrong_secret_is_unavailable_not_missing(s3, storage):
    endpoint, access_key, _ = s3
    stranger = Storage(endpoint, access_key, "another-secret", storage.bucket, "us-east-1")
    with pytest.raises(StorageUnavailable):
        stranger.get("a")
