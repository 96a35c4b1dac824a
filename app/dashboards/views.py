"""Saved views: a stage with filters, sort and columns, for oneself or, by who leads, for the brand."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import marshmallow as ma
from peewee import IntegrityError, ModelSelect

from app.core import audit, identity
from app.core.database import db
from app.core.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from app.core.http import camel
from app.dashboards import lists, stages
from app.dashboards.filters import StageFilters
from app.dashboards.models import DefaultView, SavedView
from app.staff.permissions import GRANTS, Permission

VIEWS_MAX = 50
SORTS = {"name": SavedView.name, "createdAt": SavedView.created_at, "stage": SavedView.stage}


def search(stage: str | None) -> ModelSelect:
    """The reader's own views and those that are shared with the brand, of the stages that they see."""
    seen = [known.name for known in stages.visible() if stage in (None, known.name)]
    mine = (SavedView.owner_id == _me()) | SavedView.is_shared
    # one's own also where its stage is gone: it says why it does not fit any more
    lost = (SavedView.owner_id == _me()) & SavedView.stage.not_in(list(stages.STAGES))
    known = SavedView.stage.in_(seen) | lost if stage is None else SavedView.stage.in_(seen)
    return SavedView.select().where(mine, known)


def told(views: Iterable[SavedView]) -> list[SavedView]:
    """The views with `is_mine`, `is_default` and, where they do not fit their stage any more, the `problem`."""
    views, me = list(views), _me()
    defaults = DefaultView.select(DefaultView.view_id).where(DefaultView.partner_user_id == me)
    chosen = {row.view_id for row in defaults}
    for view in views:
        view.is_mine, view.is_default = view.owner_id == me, view.id in chosen
        view.problem = problem(view)
    return views


def problem(view: SavedView) -> str | None:
    """Why a view cannot be shown as it was saved; None while it can."""
    try:
        check(view.stage, view.filters, view.sort, view.columns)
    except DomainError as misfit:
        return f"{camel(misfit.field)}: {misfit.message}" if misfit.field else misfit.message
    return None


def check(name: str, filters: dict[str, Any], sort: str | None, columns: list[str]) -> None:
    """Raises NotFound, Forbidden or Invalid naming what its stage does not have; `filters` as over the wire."""
    stage = stages.get(name)
    try:
        asked = lists.given(StageFilters().load(filters))
    except ma.ValidationError as error:
        field, faults = next(iter(error.normalized_messages().items()))
        raise Invalid(" ".join(map(str, faults)), field=field) from None
    lists.check(stage, asked, sort)
    strange = [column for column in columns if column not in stage.all_columns]
    if strange:
        raise Invalid(f"{stage.name} has no column {strange[0]}.", field="columns")


def get(view_id: UUID) -> SavedView:
    """One of the reader's own or of the shared ones of the stages that they see; else NotFound."""
    view = search(None).where(SavedView.id == view_id).first()
    if view is None:
        raise NotFound("saved view")
    return told([view])[0]


def create(**values: Any) -> SavedView:
    """Save a view. Raises as `check` does, Forbidden to share it, Conflict for a second one of a name."""
    if SavedView.select().where(SavedView.owner_id == _me()).count() >= VIEWS_MAX:
        raise Conflict(f"You have {VIEWS_MAX} views. Delete one first.", code="TOO_MANY_VIEWS")
    _checked(values, is_shared=values["is_shared"])
    with _named_once():
        view = SavedView.create(owner_id=_me(), **values)
    audit.record("view.saved", "saved_view", view.id, after=_content(view))
    return told([view])[0]


def edit(view_id: UUID, changes: dict[str, Any]) -> SavedView:
    """Change or rename one's own view. Raises as `create` does, Forbidden for somebody else's."""
    view = get(view_id)
    _own(view)
    before = _content(view)
    _checked(before | changes, is_shared=changes.get("is_shared", False))
    with _named_once():
        view.change(**changes)
    audit.record("view.changed", "saved_view", view.id, before=before, after=_content(view))
    return told([view])[0]


def delete(view_id: UUID) -> None:
    """Delete one's own view, or as somebody who may share views one that is shared."""
    view = get(view_id)
    if not _may_share():
        _own(view)
    view.delete_instance()
    audit.record("view.deleted", "saved_view", view.id, before=_content(view))


def start_with(view_id: UUID) -> SavedView:
    """Make it the view that the reader starts its stage with. Raises Conflict if it does not fit."""
    view = get(view_id)
    if view.problem:
        raise Conflict(view.problem, code="VIEW_DOES_NOT_FIT")
    chosen = DefaultView.insert(partner_user_id=_me(), stage=view.stage, view_id=view.id)
    key = (DefaultView.brand_id, DefaultView.partner_user_id, DefaultView.stage)
    chosen.on_conflict(conflict_target=key, preserve=(DefaultView.view_id,)).execute()
    return told([view])[0]


def start_without(view_id: UUID) -> SavedView:
    """The reader starts its stage without a view again."""
    view = get(view_id)
    mine = DefaultView.partner_user_id == _me(), DefaultView.view_id == view.id
    DefaultView.delete().where(*mine).execute()
    return told([view])[0]


def _checked(values: dict[str, Any], *, is_shared: bool) -> None:
    if is_shared and not _may_share():
        raise Forbidden("Who leads a team shares views with the brand.", code="MAY_NOT_SHARE")
    check(values["stage"], values["filters"], values["sort"], values["columns"])


def _content(view: SavedView) -> dict[str, Any]:
    names = ("name", "stage", "filters", "sort", "columns", "is_shared")
    return {name: getattr(view, name) for name in names}


def _own(view: SavedView) -> None:
    if not view.is_mine:
        raise Forbidden("This view is somebody else's.", code="NOT_YOURS")


def _may_share() -> bool:
    return not identity.actor().roles.isdisjoint(GRANTS[Permission.VIEWS_SHARE])


def _me() -> UUID:
    return UUID(identity.actor().id)


@contextmanager
def _named_once() -> Iterator[None]:
    """Raises Conflict where the block gives a person a second view of a name."""
    try:
        with db.atomic():
            yield
    except IntegrityError:
        raise Conflict("You have a view of this name.", field="name", code="NAME_TAKEN") from None
