"""A bucket of one's own in the store of the tests."""

import os
from uuid import uuid4

import pytest

from storage import Storage


@pytest.fixture(scope="session")
def s3() -> tuple[str, str, str]:
    """(endpoint, access key, secret key)."""
    return os.environ["S3_ENDPOINT"], os.environ["S3_ACCESS_KEY"], os.environ["S3_SECRET_KEY"]


@pytest.fixture
def storage(s3: tuple[str, str, str]) -> Storage:
    """An empty bucket."""
    store = Storage(*s3, bucket=f"test-{uuid4().hex[:12]}", region=os.environ["S3_REGION"])
    store.ensure_bucket()
    return store
