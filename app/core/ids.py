"""Identifiers: UUID version 7 (RFC 9562), so that rows sort and index by the time they were made."""

import os
import time
import uuid
from datetime import datetime

_RANDOM_BITS = 62


def new_id() -> uuid.UUID:
    """48 bits of milliseconds and 12 of their fraction, as `uuidv7()` of PostgreSQL makes them, then 62 random bits.

    What one process makes one after the other sorts so.
    """
    milliseconds, rest_ns = divmod(time.time_ns(), 1_000_000)
    fraction = rest_ns * 4096 // 1_000_000
    random = int.from_bytes(os.urandom(8), "big") >> (64 - _RANDOM_BITS)
    return uuid.UUID(int=milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0x2 << _RANDOM_BITS | random)


def first_of(instant: datetime) -> uuid.UUID:
    """The least identifier that can be made at `instant` or later."""
    return uuid.UUID(int=max(0, int(instant.timestamp() * 1_000)) << 80)
