"""What staff are told in the portal: listed, counted, read, and carried to them while they look."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import requests

from app.core import clock
from app.core.database import brand_scope
from app.core.errors import Unavailable
from app.core.identity import Role
from app.demo.client import Portal, wait_for
from app.messaging.staff import mails as to_staff
from app.messaging.staff import portal, stream
from tests.platform import BRAND, Platform

STREAM = f"/partner/brand/{BRAND}/notifications/stream"


@pytest.fixture(scope="module")
def somebody(platform: Platform) -> Portal:
    return platform.staff(Role.COLLECTION_HEAD)


def put(somebody: Portal, title: str) -> str:
    with brand_scope(BRAND):
        return str(portal.put(UUID(somebody.user["id"]), "work_given", title, "Look at it").id)


def test_ones_own_are_listed_counted_and_read(platform: Platform, somebody: Portal) -> None:
    somebody.post("/notifications/read-all")
    first, second = put(somebody, "First"), put(somebody, "Second")
    assert [n["id"] for n in somebody.get("/notifications?unread=true")["items"]] == [second, first]
    assert somebody.get("/notifications/unread-count") == {"unread": 2}
    read_at = somebody.post(f"/notifications/{first}/read")["readAt"]
    assert somebody.post(f"/notifications/{first}/read")["readAt"] == read_at
    assert somebody.get("/notifications/unread-count") == {"unread": 1}
    other = platform.staff(Role.CREDIT_EXECUTIVE)
    assert other.post(f"/notifications/{second}/read", expect=404)
    assert somebody.post("/notifications/read-all") == {"unread": 0}


def test_work_is_told_by_mail_and_in_the_portal(platform: Platform, somebody: Portal) -> None:
    with brand_scope(BRAND):
        to_staff.tell(UUID(somebody.user["id"]), "work_given", what=f"3 loans {uuid4().hex}")
    platform.drain()
    newest = somebody.get("/notifications")["items"][0]
    mail = platform.sandbox.messages(somebody.user["email"])[0]
    assert newest["title"] == mail["subject"] == "Work was given to you"
    assert newest["text"] in mail["text"]


def parts(answer: requests.Response) -> Iterator[dict[str, str]]:
    """The events of a stream, each as its fields."""
    fields: dict[str, str] = {}
    for line in answer.iter_lines(chunk_size=1, decode_unicode=True):
        name, _, value = line.partition(": ")
        if not line and fields:
            yield fields
            fields = {}
        elif name in ("id", "event", "data"):
            fields[name] = value


def listen(platform: Platform, somebody: Portal, **headers: str) -> requests.Response:
    accepted = {"Accept": "text/event-stream", **somebody._headers, **headers}
    return requests.get(platform.api.base_url + STREAM, headers=accepted, stream=True, timeout=10)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Beats come fast, so that the API notices soon that nobody listens any more; it has by the end."""
    monkeypatch.setattr(stream, "BEAT_S", 0.1)
    monkeypatch.setattr(stream, "LOOK_S", 0.05)
    yield
    wait_for(lambda: stream._open == 0, "the end of the stream")


@pytest.mark.usefixtures("quick")
def test_a_stream_brings_what_was_missed_and_then_what_comes(platform: Platform, somebody: Portal) -> None:
    last, missed = put(somebody, "Last seen"), put(somebody, "Missed")
    with listen(platform, somebody, **{"Last-Event-ID": last}) as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        told = parts(answer)
        seen = [next(told)["id"]]
        while missed not in seen:
            seen.append(next(told)["id"])
        assert last not in seen
        late = put(somebody, "Late")
        threading.Timer(0.2, platform.drain).start()
        event = next(told)
        assert (event["id"], event["event"]) == (late, "notification")
        assert json.loads(event["data"])["title"] == "Late"


def test_a_stream_is_for_who_knows_what_it_is(platform: Platform, somebody: Portal) -> None:
    url = platform.api.base_url + STREAM
    assert requests.get(url, headers=somebody._headers, timeout=10).status_code == 406
    assert listen(platform, somebody, **{"Last-Event-ID": "7"}).status_code == 422


def test_a_stream_ends_with_the_token_and_with_the_session(
    somebody: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    user_id, ended = UUID(somebody.user["id"]), (clock.now() - timedelta(seconds=1)).timestamp()
    assert list(stream.events(BRAND, user_id, {"exp": ended}, None))[-1].startswith("event: end")
    unknown = {"exp": ended + 600, "sid": str(uuid4()), "sub": str(user_id)}
    assert list(stream.events(BRAND, user_id, unknown, None))[-1].startswith("event: end")


def test_streams_leave_threads_for_others(platform: Platform) -> None:
    with platform.set(streams_max=0), pytest.raises(Unavailable, match="Too many streams"):
        stream.take_place()
