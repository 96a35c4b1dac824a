"""The document store of this process."""

from functools import cache

from app.config import settings
from storage import Storage


def storage() -> Storage:
    """The store that the settings name. One client for each set of settings, shared by all threads."""
    known = settings()
    return _storage(
        known.s3_endpoint, known.s3_access_key, known.s3_secret_key, known.s3_bucket, known.s3_region
    )


@cache
def _storage(endpoint: str, access_key: str, secret_key: str, bucket: str, region: str) -> Storage:
    return Storage(endpoint, access_key, secret_key, bucket, region)
