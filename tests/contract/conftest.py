"""Payloads that others have published, from the folder that CONTRACT_FIXTURES names; without it none is collected."""

import os
from pathlib import Path

import pytest

collect_ignore_glob = [] if os.environ.get("CONTRACT_FIXTURES") else ["test_*.py"]


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of samples."""
    return Path(os.environ["CONTRACT_FIXTURES"])
