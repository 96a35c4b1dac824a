"""The recording of a call is fetched, sealed and listened to."""

import io
import wave

import pytest

from app.calls import recordings
from app.providers.acefone import AcefoneClient
from tests.calls.dialling import Desk, customer, fault, fetch
from tests.platform import Platform


def test_a_recording_is_fetched_sealed_and_listened_to(
    platform: Platform, desk: Desk, answered: dict
) -> None:
    assert fetch(answered).status == "STORED"
    audio = desk.get(f"call/{answered['id']}/recording")
    with wave.open(io.BytesIO(audio)) as file:
        assert file.getnframes() == 8000
    ((key, url),) = platform.sql(
        "SELECT s3_key, url_enc FROM user_call_recording WHERE user_call_id = %s", answered["id"]
    )
    assert key.endswith(".enc")
    assert "recordings/" not in (url or "")
    seen = "SELECT count(*) FROM audit_event WHERE action = 'call_recording.viewed' AND entity_id = %s"
    assert platform.sql(seen, answered["id"]) == [(1,)]


def test_a_recording_that_is_not_there_yet_is_fetched_later(platform: Platform, desk: Desk) -> None:
    call = desk.ended(customer(platform))
    fault(platform, "500", operation="recording", times=3)
    waiting = fetch(call)
    assert (waiting.status, waiting.attempts) == ("WAITING", 1)
    later = "SELECT count(*) FROM outbox WHERE job = 'calls.fetch_recording' AND args->>'recording_id' = %s"
    assert platform.sql(later, str(waiting.id)) == [(2,)]
    assert fetch(call).status == "STORED"


def test_a_recording_whose_address_nobody_told_is_looked_up(platform: Platform, desk: Desk) -> None:
    call = desk.ended(customer(platform))
    platform.sql("UPDATE user_call_recording SET url_enc = NULL WHERE user_call_id = %s", call["id"])
    assert fetch(call).status == "STORED"


def test_after_so_many_tries_it_is_missing_until_somebody_asks(platform: Platform, desk: Desk) -> None:
    call = desk.ended(customer(platform))
    path = f"/acefone/dialer/call/{call['id']}/recording"
    desk.portal.call("GET", path, expect=404)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recordings, "ATTEMPTS_MAX", 1)
        patch.setattr(AcefoneClient, "recording", lambda *_: b"<html>not yet</html>")
        assert (fetch(call).status, fetch(call).reason) == ("MISSING", "What came is no audio.")
    desk.portal.call("POST", f"{path}/fetch", expect=202)
    platform.drain()
    assert desk.call(call)["recording"]["status"] == "STORED"
    desk.portal.call("POST", f"{path}/fetch", expect=409)
