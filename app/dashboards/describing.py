"""The tables of this domain as docs/portal.md shows them."""

from collections.abc import Iterable, Sequence

from app.core.http import camel
from app.core.identity import STAFF_ROLES, Role
from app.dashboards.sections import CUSTOMER_FILE, LOAN_FILE, Section
from app.dashboards.stages import COLUMNS, STAGES
from app.dashboards.tiles import TILES
from app.staff.permissions import GRANTS, MATRIX


def tables() -> str:
    """Stages, tiles, and the sections of both files, each under its heading."""
    parts = (
        "### Stages",
        _table(("stage", "what is in it", "who sees it", "first"), _stages()),
        "### Tiles",
        _table(("tile", "what it counts", "who sees it"), _tiles()),
        "### Sections of a loan's file",
        _table(("section", "what", "from", "who sees it"), _sections(LOAN_FILE)),
        "### Sections of a customer's file",
        _table(("section", "what", "from", "who sees it"), _sections(CUSTOMER_FILE)),
        "### Columns",
        ", ".join(f"`{name}`" for name in COLUMNS),
    )
    return "\n\n".join(parts)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _stages() -> Iterable[tuple[str, ...]]:
    for stage in STAGES.values():
        first = f"`{stage.sort}`"
        yield f"`{stage.name}`", stage.meaning, _roles(stage.roles), first


def _tiles() -> Iterable[tuple[str, ...]]:
    for tile in TILES:
        roles = frozenset().union(*(MATRIX[feature] for feature in tile.features))
        yield f"`{tile.name}`", tile.meaning, _roles(roles)


def _sections(table: Sequence[Section]) -> Iterable[tuple[str, ...]]:
    for section in table:
        yield f"`{camel(section.name)}`", section.meaning, section.service, _roles(GRANTS[section.permission])


def _roles(roles: frozenset[Role]) -> str:
    """All of them, or each; administrators see everything and are not named."""
    named = [role for role in STAFF_ROLES if role in roles and role not in (Role.SUPER_ADMIN, Role.ADMIN)]
    if len(named) == len(STAFF_ROLES) - 2:
        return "all"
    return ", ".join(role.value.replace("_", " ").lower() for role in named) or "administrators"
