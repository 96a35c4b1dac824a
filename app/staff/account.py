"""One's own account: the password, the second factor, the sessions.

What changes an account is audited, and told by mail, in the first of the person's brands.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from app.config import settings
from app.core import audit, identity
from app.core.crypto import decrypt, encrypt
from app.core.database import brand_ids, brand_scope, role_scope, taking_role
from app.core.errors import Conflict, Forbidden
from app.core.identity import Actor
from app.core.outbox import enqueue
from app.messaging.staff import mails as to_staff
from app.staff import door, one_time, passwords, second_factor, sessions, sign_in
from app.staff.door import BadCredentials, Device, Event
from app.staff.models import PartnerLoginToken, PartnerUser
from app.staff.one_time import Purpose
from app.staff.sign_in import person

RESET_MAILS_AN_HOUR = 3
_RESET_JOB = "staff.send_reset_link"
_SETTING = (Purpose.PASSWORD_RESET, Purpose.INVITATION)


def me(claims: dict[str, Any]) -> dict[str, Any]:
    """The signed-in person as they are now, not as the token remembers them."""
    with role_scope("los_identity"):
        user = PartnerUser.get_by_id(claims["sub"])
        return sessions.profile(user, sessions.roles_by_brand(user.id))


def own_sessions(claims: dict[str, Any]) -> list[PartnerLoginToken]:
    """One's open sessions, newest first; the one that asks is `is_current`."""
    with role_scope("los_identity"):
        open_now = sessions.live_of(claims["sub"])
    for session in open_now:
        session.is_current = str(session.id) == claims["sid"]
    return open_now


def end_session(claims: dict[str, Any], session_id: UUID) -> None:
    """End one of one's own sessions."""
    with role_scope("los_identity"):
        sessions.end_one(claims["sub"], session_id, "LOGOUT")


def logout_everywhere(claims: dict[str, Any]) -> None:
    """End all of one's sessions, this one too."""
    with role_scope("los_identity"):
        sessions.end_all(claims["sub"], "LOGOUT_EVERYWHERE")


@contextmanager
def _at_home(user_id: UUID | str) -> Iterator[None]:
    """One transaction by a person, in the first of their brands. Raises Forbidden if they work for none."""
    with role_scope("los_identity"):
        roles = sessions.roles_by_brand(user_id)
    if not roles:
        raise Forbidden("You work for no brand.")
    home = min(roles)
    with brand_scope(home), identity.acting(Actor(str(user_id), roles[home])):
        yield


def change_password(claims: dict[str, Any], current: str, new: str, device: Device) -> None:
    """A new password for who knows the present one. Ends all sessions."""
    _confirm(claims, current, device)
    with _at_home(claims["sub"]):
        _set_password(claims["sub"], new, device, "new_password")


def _confirm(claims: dict[str, Any], password: str, device: Device) -> None:
    """Raises BadCredentials, or Locked, when `password` is not theirs: a token alone changes no account."""
    with role_scope("los_identity"):
        user = person(claims["sub"])
        door.enter(user.email, user, device)
        if not passwords.matches(user.password_hash, password):
            refusal = BadCredentials("This is not your password.")
            door.refuse(refusal, Event.WRONG_PASSWORD, user.email, user, device)


def _set_password(user_id: UUID | str, password: str, device: Device, field: str) -> None:
    with taking_role("los_identity"):
        user = person(user_id)
        passwords.choose(user, password, field)
        door.log(Event.PASSWORD_CHANGED, user.email, user, device)
        sessions.end_all(user.id, "PASSWORD_CHANGED")
    audit.record("staff.password_changed", "partner_user", user.id)
    to_staff.tell(user.id, "password_changed")


def forgot_password(email: str) -> None:
    """Ask for a link by mail. What happens here is the same for an e-mail that nobody has: a job looks."""
    brand_id = brand_ids()[0]
    with brand_scope(brand_id):
        sealed = encrypt(email.strip().lower().encode(), _RESET_JOB)
        enqueue(_RESET_JOB, brand_id=brand_id, email_enc=sealed)


def send_reset_link(brand_id: str, email_enc: str) -> None:
    """Mail a link to whoever has this e-mail, works somewhere, and did not ask too often."""
    with brand_scope(brand_id):
        email = decrypt(email_enc, _RESET_JOB).decode()
    with role_scope("los_identity"):
        user = PartnerUser.get_or_none(PartnerUser.email == email, PartnerUser.is_active)
        works = user is not None and sessions.roles_by_brand(user.id)
    if works:
        with _at_home(user.id):
            mail_link(user.id, Purpose.PASSWORD_RESET)


def mail_link(user_id: UUID, purpose: Purpose) -> None:
    """Mail a link that lets somebody set a password once. Not more often than RESET_MAILS_AN_HOUR."""
    with taking_role("los_identity"):
        if one_time.issued_since(user_id, purpose, timedelta(hours=1)) >= RESET_MAILS_AN_HOUR:
            return
        token = one_time.issue(user_id, purpose)
    # behind the #, so that it stays out of the logs of servers and of the Referer header
    to_staff.tell(user_id, purpose.value.lower(), url=f"{settings().portal_url}/set-password#token={token}")


def set_password(token: str, password: str, device: Device) -> None:
    """A password by the link of an invitation or a reset. Ends all sessions, and stands in for no second factor."""
    with role_scope("los_identity"):
        user_id = one_time.find(token, *_SETTING).partner_user_id
    with _at_home(user_id):
        with taking_role("los_identity"):
            one_time.use(one_time.find(token, *_SETTING))
        _set_password(user_id, password, device, "password")


def begin_second_factor(claims: dict[str, Any], password: str, device: Device) -> dict[str, str]:
    """A seed for somebody who signs in without a second factor and wants one."""
    _confirm(claims, password, device)
    with role_scope("los_identity"):
        user = person(claims["sub"])
        if user.second_factor_since is not None:
            raise Conflict("You have a second factor. Remove it first.", code="SECOND_FACTOR_SET")
        return second_factor.begin(user)


def set_second_factor(claims: dict[str, Any], code: str, device: Device) -> list[str]:
    """Put the seed in force by its first code; the recovery codes. This session counts as signed in with it."""
    _try_code(claims, code, device, second_factor.confirm, fresh=True)
    with _at_home(claims["sub"]):
        with taking_role("los_identity"):
            user = person(claims["sub"])
            codes = second_factor.new_recovery_codes(user)
            door.log(Event.SECOND_FACTOR_SET, user.email, user, device)
            strengthened = PartnerLoginToken.update(second_factor=True)
            strengthened.where(PartnerLoginToken.id == claims["sid"]).execute()
        _tell_second_factor(user.id, "set")
    return codes


def remove_second_factor(claims: dict[str, Any], code: str, device: Device) -> None:
    """Without a second factor from now on; whose roles ask for one enrols again at the next sign-in."""
    _try_code(claims, code, device, second_factor.accepts)
    with _at_home(claims["sub"]):
        with taking_role("los_identity"):
            user = person(claims["sub"])
            second_factor.remove(user)
            door.log(Event.SECOND_FACTOR_REMOVED, user.email, user, device)
            sessions.end_all(user.id, "SECOND_FACTOR_REMOVED")
        _tell_second_factor(user.id, "removed")


def renew_recovery_codes(claims: dict[str, Any], code: str, device: Device) -> list[str]:
    """New recovery codes; the ones before them end."""
    _try_code(claims, code, device, second_factor.accepts)
    with role_scope("los_identity"):
        return second_factor.new_recovery_codes(person(claims["sub"]))


def _try_code(
    claims: dict[str, Any], code: str, device: Device, accepts: Any, *, fresh: bool = False
) -> None:
    """Raises Conflict when there is no seed to try it on (`fresh`: one not yet in force), WrongCode, Locked."""
    with role_scope("los_identity"):
        user = person(claims["sub"])
        if user.second_factor is None or fresh is (user.second_factor_since is not None):
            raise Conflict("There is no second factor to confirm.", code="NO_SECOND_FACTOR")
        door.enter(user.email, user, device)
        if not accepts(user, code):
            sign_in.wrong_code(user, device)


def _tell_second_factor(user_id: UUID, change: str) -> None:
    audit.record(f"staff.second_factor_{change}", "partner_user", user_id)
    to_staff.tell(user_id, "second_factor_changed", change=change)
