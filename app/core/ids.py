"""Identifiers: UUID version 7 (RFC 9562), so that rows sort and index by the time they were made."""

import os
import time
import uuid
from datetime import datetime


def new_id() -> uuid.UUID:
    """48 bits of milliseconds, then 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds << 80) | random
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return uuid.UUID(int=value)


def first_of(instant: datetime) -> uuid.UUID:
    """The least identifier that can be made at `instant` or later."""
    return uuid.UUID(int=max(0, int(instant.timestamp() * 1_000)) << 80)
