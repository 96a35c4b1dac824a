"""A store to test against: the one that the environment names, else an `rclone serve s3` of our own."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
import requests

from app.runtime.processes import free_port
from app.runtime.services import executable
from storage import Storage

ACCESS_KEY, SECRET_KEY, REGION = "test-access-key", "test-secret-key", "us-east-1"
START_TIMEOUT_S = 10


@contextmanager
def s3_server(directory: Path) -> Iterator[str]:
    """The URL of an S3 server over `directory`."""
    port = free_port()
    command = [
        executable("rclone"),
        "serve",
        "s3",
        "--config=",
        "--addr",
        f"127.0.0.1:{port}",
        str(directory),
    ]
    environment = {**os.environ, "RCLONE_AUTH_KEY": f'"{ACCESS_KEY},{SECRET_KEY}"'}
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        try:
            requests.get(url, timeout=1)
        except requests.ConnectionError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"nothing answers at {url}")


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, str]]:
    """(endpoint, access key, secret key)."""
    if os.environ.get("S3_ENDPOINT"):
        yield os.environ["S3_ENDPOINT"], os.environ["S3_ACCESS_KEY"], os.environ["S3_SECRET_KEY"]
        return
    with s3_server(tmp_path_factory.mktemp("s3")) as endpoint:
        yield endpoint, ACCESS_KEY, SECRET_KEY


@pytest.fixture
def storage(s3: tuple[str, str, str]) -> Storage:
    """An empty bucket."""
    store = Storage(*s3, bucket=f"test-{uuid4().hex[:12]}", region=REGION)
    store.ensure_bucket()
    return store
