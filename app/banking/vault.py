"""Evidence in storage, encrypted with the data key: whoever reads the bucket reads nothing."""

import json
from typing import Any

from app.core.crypto import decrypt, encrypt
from app.core.database import current_brand
from app.files import storage
from storage import key_for

CONTENT_TYPE = "application/octet-stream"


def key_of(*names: str) -> str:
    """Where an object of this brand's bank data lies."""
    return key_for(current_brand(), "banking", *names)


def put(key: str, value: Any) -> None:
    """Keep a JSON value."""
    put_bytes(key, json.dumps(value).encode())


def get(key: str) -> Any:
    """The value that was put. Raises storage's errors."""
    return json.loads(get_bytes(key))


def put_bytes(key: str, data: bytes) -> None:
    """Keep a file."""
    storage().put(key, encrypt(data).encode(), CONTENT_TYPE)


def get_bytes(key: str) -> bytes:
    """The file that was put. Raises storage's errors."""
    return decrypt(storage().get(key).decode())
