"""Notifications as they come, under the server that operators are told to run."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest
import requests

from app.core.identity import Role
from app.demo.client import Portal, wait_for
from app.runtime.stack import GUNICORN
from tests.messaging.test_portal import STREAM, parts, put
from tests.platform import Platform


@pytest.fixture(scope="module")
def somebody(platform: Platform) -> Portal:
    return platform.staff(Role.COLLECTION_HEAD)


@pytest.fixture(scope="module")
def server(platform: Platform) -> Iterator[str]:
    """One worker of gunicorn with room for one stream."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    settings = platform.settings
    environment = os.environ | {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "S3_BUCKET": settings.s3_bucket,
        "LOS_LOG_LEVEL": "ERROR",
        "LOS_STREAMS_MAX": "1",
    }
    command = (*GUNICORN, "--workers=1", "--threads=4", f"--bind={address}", "wsgi:app")
    program = str(Path(sys.executable).with_name(command[0]))
    process = subprocess.Popen((program, *command[1:]), env=environment, cwd=Path(__file__).parents[2])
    try:
        url = f"http://{address}"
        wait_for(lambda: _answers(url), "gunicorn", patience_s=60)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=20)


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/health", timeout=5).ok
    except requests.RequestException:
        return False


def listen(server: str, somebody: Portal) -> requests.Response:
    headers = {"Accept": "text/event-stream", **somebody._headers}
    return requests.get(server + STREAM, headers=headers, stream=True, timeout=20)


def test_an_event_comes_at_once_and_who_hangs_up_leaves_the_place(
    platform: Platform, somebody: Portal, server: str
) -> None:
    titles = [f"Pushed {uuid4()}" for _ in range(2)]
    with listen(server, somebody) as answer:
        assert answer.headers["X-Accel-Buffering"] == "no"
        told = parts(answer)
        for title in titles:
            put(somebody, title)
            platform.drain()
        seen = ""
        while titles[-1] not in seen:
            seen += next(told)["data"]
        assert titles[0] in seen
        assert listen(server, somebody).status_code == 503, "the only place is taken"

    def is_free() -> bool:
        # what comes is written to who is gone, which is how the server learns of it before the next beat
        put(somebody, "To nobody")
        platform.drain()
        with listen(server, somebody) as again:
            return again.status_code == 200

    wait_for(is_free, "the place of who hung up", patience_s=30)
    assert requests.get(f"{server}/health", timeout=5).ok
