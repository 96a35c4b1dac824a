"""Evidence in storage, encrypted with the brand's data key: whoever reads the bucket reads nothing."""

import json
from typing import Any

from app.core.database import current_brand
from app.files import get_sealed, put_sealed
from storage import key_for


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
    put_sealed(key, data)


def get_bytes(key: str) -> bytes:
    """The file that was put. Raises storage's errors."""
    return get_sealed(key)
