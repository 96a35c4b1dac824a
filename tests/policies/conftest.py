"""Tests of policies begin at a desk of their own."""

import pytest

from tests.platform import Platform
from tests.policies.desk import Desk


@pytest.fixture
def desk(platform: Platform) -> Desk:
    return Desk(platform)
