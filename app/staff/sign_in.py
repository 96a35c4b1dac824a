"""Signing in: the password, then the second factor where there is one or must be one.

The password alone answers a challenge token, which opens nothing but the second step.
"""

from typing import Any
from uuid import UUID

from app.core.database import brand_scope, role_scope
from app.messaging.staff import mails as to_staff
from app.staff import door, one_time, passwords, second_factor, sessions
from app.staff.door import BadCredentials, Device, Event, WrongCode
from app.staff.models import PartnerUser
from app.staff.one_time import Purpose


def login(email: str, password: str, device: Device) -> dict[str, Any]:
    """A session, or what comes next: `next` is SIGNED_IN, SECOND_FACTOR or ENROL_SECOND_FACTOR.

    Raises BadCredentials (the same for an unknown e-mail and a wrong password), Locked after too many of them.
    """
    email = email.strip().lower()
    with role_scope("los_identity"):
        user = PartnerUser.get_or_none(PartnerUser.email == email)
        door.enter(email, user, device)
        right = passwords.matches(user.password_hash if user else None, password)
        if not right or not user.is_active:
            refusal = BadCredentials("E-mail or password is not right.")
            door.refuse(refusal, Event.WRONG_PASSWORD, email, user, device)
        answer = _after_password(user, device)
    return _alerted(answer)


def _after_password(user: PartnerUser, device: Device) -> dict[str, Any]:
    if user.second_factor_since is not None:
        return _challenge(user, Purpose.SECOND_FACTOR, device)
    roles = frozenset().union(*sessions.roles_by_brand(user.id).values())
    if roles & second_factor.REQUIRED_OF:
        return _challenge(user, Purpose.ENROL_SECOND_FACTOR, device)
    return _signed_in(user, device, second_factor=False)


def _challenge(user: PartnerUser, purpose: Purpose, device: Device) -> dict[str, Any]:
    token = one_time.issue(user.id, purpose, device.hash)
    return {
        "next": purpose.value,
        "challenge_token": token,
        "expires_in_s": int(one_time.LIFE[purpose].total_seconds()),
    }


def _signed_in(user: PartnerUser, device: Device, *, second_factor: bool) -> dict[str, Any]:
    return {"next": "SIGNED_IN"} | sessions.open_session(user, device, second_factor=second_factor)


def _alerted(answer: dict[str, Any]) -> dict[str, Any]:
    """Tell somebody by mail of a sign-in from a device that was not seen before, in the first of their brands."""
    if answer.pop("new_device", False) and answer["user"]["brands"]:
        with brand_scope(answer["user"]["brands"][0]["brand_id"]):
            to_staff.tell(answer["user"]["id"], "new_device")
    return answer


def finish(
    challenge_token: str, device: Device, code: str | None = None, recovery_code: str | None = None
) -> dict[str, Any]:
    """The second step: a session for the code of the authenticator, or for a recovery code.

    Raises Unauthenticated (TOKEN_ENDED), WrongCode, Locked.
    """
    with role_scope("los_identity"):
        challenge = one_time.find(challenge_token, Purpose.SECOND_FACTOR, device_hash=device.hash)
        user = person(challenge.partner_user_id)
        door.enter(user.email, user, device)
        if recovery_code is not None and second_factor.accepts_recovery(user, recovery_code):
            door.log(Event.RECOVERY_CODE_USED, user.email, user, device)
        elif code is None or not second_factor.accepts(user, code):
            wrong_code(user, device)
        one_time.use(challenge)
        answer = _signed_in(user, device, second_factor=True)
    return _alerted(answer)


def begin_enrolment(challenge_token: str, device: Device) -> dict[str, str]:
    """The seed for the authenticator of somebody who must have one and has none yet."""
    with role_scope("los_identity"):
        challenge = one_time.find(challenge_token, Purpose.ENROL_SECOND_FACTOR, device_hash=device.hash)
        return second_factor.begin(person(challenge.partner_user_id))


def finish_enrolment(challenge_token: str, device: Device, code: str) -> dict[str, Any]:
    """Put the seed in force by its first code: a session and the recovery codes."""
    with role_scope("los_identity"):
        challenge = one_time.find(challenge_token, Purpose.ENROL_SECOND_FACTOR, device_hash=device.hash)
        user = person(challenge.partner_user_id)
        door.enter(user.email, user, device)
        if not second_factor.confirm(user, code):
            wrong_code(user, device)
        door.log(Event.SECOND_FACTOR_SET, user.email, user, device)
        one_time.use(challenge)
        codes = second_factor.new_recovery_codes(user)
        return _signed_in(user, device, second_factor=True) | {"recovery_codes": codes}


def person(user_id: UUID | str) -> PartnerUser:
    """An active person, locked. Raises Unauthenticated when they were deactivated meanwhile."""
    query = PartnerUser.select().where(PartnerUser.id == user_id, PartnerUser.is_active)
    user = query.for_update().first()
    if user is None:
        raise sessions.ended()
    return user


def wrong_code(user: PartnerUser, device: Device) -> None:
    """Raises WrongCode, or Locked."""
    refusal = WrongCode("This code is wrong, has ended or was used. Wait for the next one.")
    door.refuse(refusal, Event.WRONG_CODE, user.email, user, device)


def refresh(refresh_token: str, device: Device) -> dict[str, Any]:
    """See `sessions.refresh`."""
    with role_scope("los_identity"):
        return sessions.refresh(refresh_token, device)
