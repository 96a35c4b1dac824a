"""A brand that is repaid otherwise, while a test lasts."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from tests.platform import BRAND, Platform


@contextmanager
def repaid_by(platform: Platform, **changes: object) -> Iterator[None]:
    """The brand with these of its `repayment` settings."""
    write = "UPDATE brand SET settings = jsonb_set(settings, '{repayment}', %s::jsonb) WHERE id = %s"
    before = platform.sql("SELECT settings -> 'repayment' FROM brand WHERE id = %s", BRAND)[0][0] or {}
    platform.sql(write, json.dumps(before | changes), BRAND)
    try:
        yield
    finally:
        platform.sql(write, json.dumps(before), BRAND)
