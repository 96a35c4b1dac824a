"""The document store of this process, and objects in it that only the service can read."""

from functools import cache

from app.config import settings
from app.core import crypto
from app.core.database import db
from storage import Storage

SEALED = ".enc"  # how the names of encrypted objects end
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


def remove(key: str) -> None:
    """Remove an object, and see that re-encryption does not bring it back."""
    hold(key)
    storage().remove(key)


def hold(key: str) -> None:
    """Be the only one to write this object until the transaction ends: a store has no row to lock."""
    db.execute_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 13))", (key,))
