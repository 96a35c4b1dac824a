"""Payloads that others have published, from the folder that CONTRACT_FIXTURES names; without it nothing runs here."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of samples."""
    folder = os.environ.get("CONTRACT_FIXTURES")
    if not folder:
        pytest.skip("CONTRACT_FIXTURES names no folder")
    return Path(folder)
