"""The link in a mail with which a customer stops such mails, without signing in (RFC 8058: one click does it).

The link names one message and proves that we made it. It is good for as long as the message is on file.
"""

import base64
import binascii
import hmac
from uuid import UUID

from app.config import settings
from app.core.crypto import lookup_hashes
from app.core.database import current_brand
from app.core.errors import NotFound
from app.messaging.kinds import KINDS
from app.messaging.models import UserNotification
from app.messaging.wishes import service as wishes

_PROOF_BYTES = 16


def state_of(message_id: UUID) -> str:
    """`brand.token`."""
    token = base64.urlsafe_b64encode(message_id.bytes + _proofs(message_id)[0]).decode().rstrip("=")
    return f"{current_brand()}.{token}"


def _proofs(message_id: UUID) -> list[bytes]:
    """The one that a link has now, and those of links under other keys."""
    hashes = lookup_hashes("unsubscribe", f"{current_brand()}:{message_id}")
    return [bytes.fromhex(one)[:_PROOF_BYTES] for one in hashes]


def url_of(message: UserNotification) -> str | None:
    """The link that belongs into a message; None where the customer cannot stop it."""
    if message.channel != "EMAIL" or not KINDS[message.kind].can_be_stopped:
        return None
    return f"{settings().public_url}/web/unsubscribe?state={state_of(message.id)}"


def headers_of(url: str) -> dict[str, str]:
    """With which a mail program shows a button of its own."""
    return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def message_of(state: str) -> UserNotification:
    """The message that a link is about. Raises NotFound if it is not one of ours, or not of this brand."""
    token = state.partition(".")[2]
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        message_id, proof = UUID(bytes=raw[:16]), raw[16:]
    except (binascii.Error, ValueError):
        raise NotFound("link") from None
    if not any(hmac.compare_digest(proof, one) for one in _proofs(message_id)):
        raise NotFound("link")
    return UserNotification.find(message_id)


def whose(state: str) -> UUID:
    """The customer behind a link."""
    return message_of(state).customer_id


def unsubscribe(state: str) -> None:
    """No more of this kind on this channel."""
    message = message_of(state)
    wishes.stop(message.customer_id, message.channel, "link in a mail", [message.kind])
