"""The staff of a brand: who they are, what they may do, and whether they are there.

The person is one in all brands, the roles are each brand's own. Every change is audited with before and after.
"""

from typing import Any
from uuid import UUID

from peewee import ModelSelect

from app.core import audit
from app.core.database import current_brand, taking_role
from app.core.errors import Conflict
from app.core.http import paginate
from app.core.identity import Role
from app.core.outbox import enqueue
from app.messaging.staff import mails as to_staff
from app.staff import account, authority, second_factor, sessions, work
from app.staff.models import PartnerLoginToken, PartnerUser, PartnerUserBrandRole, PartnerUserLoginLog
from app.staff.one_time import Purpose

# all that the service's own role may read of a person
_COLUMNS = (
    PartnerUser.id,
    PartnerUser.email,
    PartnerUser.name,
    PartnerUser.pincode,
    PartnerUser.city,
    PartnerUser.state,
    PartnerUser.languages,
    PartnerUser.is_active,
    PartnerUser.second_factor_since,
    PartnerUser.created_at,
)
SORTABLE = {"name": PartnerUser.name, "email": PartnerUser.email, "createdAt": PartnerUser.created_at}


def page(args: dict[str, Any]) -> dict[str, Any]:
    """The staff of this brand by text, role and whether they are active, by name unless sorted otherwise."""
    found = paginate(_search(args), args | {"sort": args["sort"] or "name"}, SORTABLE)
    _add_roles(found["items"])
    return found


def _search(args: dict[str, Any]) -> ModelSelect:
    here = PartnerUserBrandRole.select(PartnerUserBrandRole.partner_user_id)
    if args["role"]:
        here = here.where(PartnerUserBrandRole.role == args["role"])
    query = PartnerUser.select(*_COLUMNS).where(PartnerUser.id.in_(here))
    if args["active"] is not None:
        query = query.where(PartnerUser.is_active == args["active"])
    if args["search"]:
        text = args["search"].strip()
        query = query.where(PartnerUser.name.contains(text) | PartnerUser.email.contains(text))
    return query


def _add_roles(people: list[PartnerUser]) -> None:
    found = work.of(person.id for person in people)
    for person in people:
        person.work = found[person.id]
        person.roles = [item["role"] for item in person.work]


def get(user_id: UUID) -> PartnerUser:
    """One member of the staff with their roles here. Raises NotFound if they have none."""
    authority.roles_of(user_id)
    person = PartnerUser.select(*_COLUMNS).where(PartnerUser.id == user_id).get()
    _add_roles([person])
    return person


def invite(email: str, name: str, roles: list[str], pincode: str | None = None) -> PartnerUser:
    """A new member of staff, who sets a password by the link in a mail; somebody of another brand keeps theirs.

    Raises Forbidden for a role above the actor's, Conflict if they are staff here or deactivated.
    """
    given = frozenset(map(Role, roles))
    authority.may_give(given)
    return _take_on(email, name, given, pincode)


def invite_first(email: str, name: str) -> PartnerUser:
    """The first administrator of a brand that is being made, where nobody is yet whose right could be asked for."""
    return _take_on(email, name, frozenset({Role.ADMIN}))


def _take_on(email: str, name: str, given: frozenset[Role], pincode: str | None = None) -> PartnerUser:
    email = email.strip().lower()
    with taking_role("los_identity"):
        # of two invitations at once, one makes the person
        PartnerUser.insert(email=email, name=name, pincode=pincode).on_conflict_ignore().execute()
        user = PartnerUser.get(PartnerUser.email == email)
    _refuse_invited(user)
    for role in sorted(given):
        PartnerUserBrandRole.create(partner_user_id=user.id, role=role.value)
    audit.record("staff.invited", "partner_user", user.id, after={"email": email, "roles": sorted(given)})
    if user.password_hash is None:
        account.mail_link(user.id, Purpose.INVITATION)
    else:
        to_staff.tell(user.id, "brand_given", roles=", ".join(sorted(given)))
    return get(user.id)


def _refuse_invited(user: PartnerUser) -> None:
    if PartnerUserBrandRole.select().where(PartnerUserBrandRole.partner_user_id == user.id).exists():
        raise Conflict("Somebody with this e-mail is on the staff.", field="email", code="ALREADY_STAFF")
    if not user.is_active:
        raise Conflict("This account was deactivated.", field="email", code="DEACTIVATED")


def invite_again(user_id: UUID) -> None:
    """Mail a new link to somebody who has no password yet. Raises Conflict if they have one."""
    authority.may_decide_over(user_id)
    if _locked(user_id).password_hash is not None:
        raise Conflict("They have a password; they can reset it themselves.", code="HAS_PASSWORD")
    account.mail_link(user_id, Purpose.INVITATION)
    audit.record("staff.invited_again", "partner_user", user_id)


def edit(user_id: UUID, changes: dict[str, Any]) -> PartnerUser:
    """Correct who and where they are, and what `work` they are given; the e-mail only while the invitation is open,
    for after that it is who they are."""
    authority.may_decide_over(user_id)
    work.set_work(user_id, changes.pop("work", ()))
    user = _locked(user_id)
    if changes.get("email", user.email) != user.email:
        _refuse_email(user, changes["email"])
    before = {name: getattr(user, name) for name in changes}
    _write(user_id, **changes)
    audit.record("staff.edited", "partner_user", user_id, before=before, after=changes)
    if before.get("email") != changes.get("email"):
        account.mail_link(user_id, Purpose.INVITATION)
    return get(user_id)


def _refuse_email(user: PartnerUser, email: str) -> None:
    if user.password_hash is not None:
        raise Conflict("The e-mail of an account in use stays.", field="email", code="EMAIL_STAYS")
    with taking_role("los_identity"):
        if PartnerUser.get_or_none(PartnerUser.email == email):
            raise Conflict("This e-mail is in use.", field="email", code="EMAIL_IN_USE")


def _locked(user_id: UUID) -> PartnerUser:
    with taking_role("los_identity"):
        return PartnerUser.select().where(PartnerUser.id == user_id).for_update().get()


def _write(user_id: UUID, **changes: Any) -> None:
    if changes:
        with taking_role("los_identity"):
            PartnerUser.update(**changes).where(PartnerUser.id == user_id).execute()


def set_roles(user_id: UUID, roles: list[str]) -> dict[str, Any]:
    """The roles of somebody in this brand from now on; none takes the brand away. Their open work goes to others.

    Raises Conflict for one's own or for the last Super Admin, Forbidden for a role above the actor's.
    """
    before = authority.roles_of(user_id)[current_brand()]
    authority.not_oneself(user_id)
    after = frozenset(map(Role, roles))
    authority.may_give(before ^ after)
    if Role.SUPER_ADMIN in before - after:
        authority.keep_a_super_admin(user_id, {current_brand()})
    mine = PartnerUserBrandRole.partner_user_id == user_id
    taken = PartnerUserBrandRole.role.in_([role.value for role in before - after])
    PartnerUserBrandRole.delete().where(mine, taken).execute()
    for role in sorted(after - before):
        PartnerUserBrandRole.create(partner_user_id=user_id, role=role.value)
    changed = {"before": {"roles": sorted(before)}, "after": {"roles": sorted(after)}}
    audit.record("staff.roles_set", "partner_user", user_id, **changed)
    enqueue("allocation.reallocate")
    return {"roles": sorted(after)}


def deactivate(user_id: UUID, reason: str) -> PartnerUser:
    """Shut somebody out of all brands at once; their open work goes to others. Raises as `may_decide_over` does."""
    theirs = authority.may_decide_over(user_id)
    user = _locked(user_id)
    if not user.is_active:
        raise Conflict("They are deactivated already.", code="DEACTIVATED")
    led = {brand_id for brand_id, roles in theirs.items() if Role.SUPER_ADMIN in roles}
    authority.keep_a_super_admin(user_id, led)
    _write(user_id, is_active=False)
    with taking_role("los_identity"):
        sessions.end_all(user_id, "DEACTIVATED")
    _record_activity("deactivated", user_id, reason, is_active=False)
    # in this brand now; in others by the job that looks at all of them every few minutes
    enqueue("allocation.reallocate")
    return get(user_id)


def reactivate(user_id: UUID, reason: str) -> PartnerUser:
    """Let somebody in again, with the roles, the password and the second factor they had."""
    authority.may_decide_over(user_id)
    if _locked(user_id).is_active:
        raise Conflict("They are active.", code="ACTIVE")
    _write(user_id, is_active=True)
    _record_activity("reactivated", user_id, reason, is_active=True)
    enqueue("allocation.allot_waiting")
    return get(user_id)


def _record_activity(what: str, user_id: UUID, reason: str, *, is_active: bool) -> None:
    states = {"before": {"isActive": not is_active}, "after": {"isActive": is_active}}
    audit.record(f"staff.{what}", "partner_user", user_id, **states, reason=reason)


def open_sessions(user_id: UUID) -> list[PartnerLoginToken]:
    """The open sessions of somebody of this brand, newest first."""
    authority.roles_of(user_id)
    with taking_role("los_identity"):
        return sessions.live_of(user_id)


def end_sessions(user_id: UUID, session_id: UUID | None = None) -> None:
    """Log somebody out: of one session or, without one, of all."""
    authority.may_decide_over(user_id)
    with taking_role("los_identity"):
        if session_id is None:
            sessions.end_all(user_id, "ENDED_BY_ADMIN")
        else:
            sessions.end_one(user_id, session_id, "ENDED_BY_ADMIN")
    after = {"session": str(session_id or "all")}
    audit.record("staff.logged_out", "partner_user", user_id, after=after)


def remove_second_factor(user_id: UUID, reason: str) -> None:
    """For somebody who lost phone and recovery codes: they set up another at the next sign-in."""
    authority.may_decide_over(user_id)
    user = _locked(user_id)
    before = {"secondFactor": user.second_factor_since is not None}
    with taking_role("los_identity"):
        second_factor.remove(user)
        sessions.end_all(user_id, "SECOND_FACTOR_REMOVED")
    audit.record("staff.second_factor_removed", "partner_user", user_id, before=before, reason=reason)
    to_staff.tell(user_id, "second_factor_changed", change="removed by an administrator")


def log_of(user_id: UUID, args: dict[str, Any]) -> dict[str, Any]:
    """What happened when somebody of this brand signed in, newest first."""
    authority.roles_of(user_id)
    query = PartnerUserLoginLog.select().where(PartnerUserLoginLog.partner_user_id == user_id)
    with taking_role("los_identity"):
        return paginate(query, args, {"createdAt": PartnerUserLoginLog.created_at})
