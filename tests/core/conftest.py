"""What several walls are tested with."""

import pytest

from tests.crossing import Side, both
from tests.platform import Platform


@pytest.fixture(scope="session")
def sides(platform: Platform) -> tuple[Side, Side]:
    """Two brands that are equally far along."""
    return both(platform)
