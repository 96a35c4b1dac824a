"""Two people at the desk."""

from typing import Any

import pytest

from app.core.identity import Role
from tests.platform import Platform


@pytest.fixture(scope="module")
def admin(platform: Platform) -> Any:
    return platform.staff(Role.ADMIN)


@pytest.fixture(scope="module")
def second(platform: Platform) -> Any:
    """Somebody else, who may do the same."""
    return platform.staff(Role.SUPER_ADMIN)
