"""Recordings: fetched into the store once the provider has them, later where it does not yet."""

import hashlib
from datetime import timedelta
from uuid import UUID

from app.calls.models import UserCall, UserCallRecording
from app.core import audit, clock
from app.core.database import brand_scope, current_brand
from app.core.errors import Conflict, NotFound
from app.core.outbox import enqueue
from app.customers import service as customers
from app.files import get_sealed, put_sealed
from app.providers import ProviderError, client
from storage import key_for

WAITING, STORED, MISSING, ERASED = "WAITING", "STORED", "MISSING", "ERASED"
STATUSES = (WAITING, STORED, MISSING, ERASED)
# about a minute after the call it is there; then after 1, 2, 4 ... minutes, up to a day and a half in all
FIRST_S, WAIT_S_MAX, ATTEMPTS_MAX = 60, 6 * 3600, 13
# how an audio file begins -> its type
AUDIO = {
    b"RIFF": "audio/wav",
    b"ID3": "audio/mpeg",
    b"\xff\xfb": "audio/mpeg",
    b"\xff\xf3": "audio/mpeg",
    b"OggS": "audio/ogg",
}
_SPAN = timedelta(minutes=5)


class NotAudio(Exception):
    """What came instead of a recording."""


def expect(call: UserCall, url: str) -> None:
    """The call was answered, so there is a recording: at `url`, once the provider has told it. May be said again."""
    known = _of(call.id)
    if known is None:
        known = UserCallRecording.create(user_call_id=call.id, status=WAITING, url=url or None)
        _fetch_in(known, FIRST_S)
    elif url and not known.url and known.status in (WAITING, MISSING):
        known.change(url=url)


def _of(call_id: UUID) -> UserCallRecording | None:
    return UserCallRecording.get_or_none(UserCallRecording.user_call_id == call_id)


def _fetch_in(recording: UserCallRecording, delay_s: int) -> None:
    enqueue("calls.fetch_recording", delay_s=delay_s, brand_id=current_brand(), recording_id=recording.id)


def fetch(brand_id: str, recording_id: UUID) -> None:
    """Bring a recording into the store, or try again later; after so many tries it is missing."""
    with brand_scope(brand_id):
        recording = UserCallRecording.find(recording_id)
        if recording.status != WAITING:
            return
        call = UserCall.find(recording.user_call_id)
        phone = customers.get(call.customer_id).phone[-10:]
    try:
        data = _download(brand_id, call, recording.url, phone)
        content_type = _type_of(data)
    except (ProviderError, NotAudio) as error:
        with brand_scope(brand_id):
            _missed(recording.locked(), getattr(error, "message", str(error)))
        return
    with brand_scope(brand_id):
        _store(recording.locked(), data, content_type)


def _download(brand_id: str, call: UserCall, url: str | None, phone: str) -> bytes:
    """Raises ProviderError, NotAudio where the provider's records name none yet."""
    provider = client("acefone", brand_id)
    if not url:
        until = (call.ended_at or clock.now()) + _SPAN
        records = provider.call_records(call.dialled_at - _SPAN, until, customer_number=phone)
        url = next((r.recording_url for r in records if r.call_id == call.provider_call_id), "")
    if not url:
        raise NotAudio("The provider tells of no recording yet.")
    return provider.recording(url)


def _type_of(data: bytes) -> str:
    found = next((kind for magic, kind in AUDIO.items() if data.startswith(magic)), None)
    if found is None:
        raise NotAudio("What came is no audio.")
    return found


def _store(recording: UserCallRecording, data: bytes, content_type: str) -> None:
    if recording.status != WAITING:
        return
    key = key_for(current_brand(), "recordings", f"{recording.user_call_id}.enc")
    put_sealed(key, data)
    recording.change(
        status=STORED,
        s3_key=key,
        content_type=content_type,
        size_bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        reason=None,
        stored_at=clock.now(),
    )


def _missed(recording: UserCallRecording, reason: str) -> None:
    if recording.status != WAITING:
        return
    attempts = recording.attempts + 1
    ended = attempts >= ATTEMPTS_MAX
    recording.change(attempts=attempts, reason=reason[:300], status=MISSING if ended else WAITING)
    if not ended:
        _fetch_in(recording, min(FIRST_S * 2**attempts, WAIT_S_MAX))


def fetch_again(call_id: UUID) -> UserCallRecording:
    """Look for a missing recording once more. Raises NotFound, Conflict if it is not missing."""
    recording = _existing(call_id).locked()
    if recording.status != MISSING:
        raise Conflict(f"The recording is {recording.status}.", code="NOT_MISSING")
    recording.change(status=WAITING, attempts=0)
    _fetch_in(recording, 0)
    audit.record("call_recording.asked_again", "user_call", call_id)
    return recording


def audio(call_id: UUID) -> tuple[bytes, str]:
    """The recording of a call and its content type, audited. Raises NotFound while it is not in the store."""
    call, recording = UserCall.find(call_id), _existing(call_id)
    if recording.status != STORED:
        raise NotFound("recording")
    audit.viewed("call_recording", call.id, call.customer_id)
    return get_sealed(recording.s3_key), recording.content_type


def _existing(call_id: UUID) -> UserCallRecording:
    recording = _of(call_id)
    if recording is None:
        raise NotFound("recording")
    return recording


def by_call(call_ids: list[UUID]) -> dict[UUID, UserCallRecording]:
    """The recordings of these calls, by call."""
    rows = UserCallRecording.select().where(UserCallRecording.user_call_id.in_(call_ids))
    return {row.user_call_id: row for row in rows}
