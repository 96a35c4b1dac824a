"""The dashboard and the stages: what the tables say, for the reader's roles and at one instant."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app.core import clock, identity
from app.dashboards import figures, lists, stages
from app.dashboards.lists import whose
from app.dashboards.stages import Scope, Stage
from app.dashboards.tiles import TILES, Look, Tile
from app.staff.permissions import MATRIX


def dashboard(scope: Scope | None) -> dict[str, Any]:
    """Every tile of the reader's roles, from one statement: what one counts is what the others count."""
    look = Look(clock.today(), whose(scope))
    asked = {tile: tile.figures(look) for tile in visible()}
    queries = {f"{tile.name} {label}": query for tile, made in asked.items() for label, query in made.items()}
    found = figures.of(queries, look.whose, look.today)
    return {
        "as_of": found.as_of,
        "today": look.today,
        "tiles": [
            _told(tile, {label: found.rows[f"{tile.name} {label}"] for label in made})
            for tile, made in asked.items()
        ],
    }


def described(scope: Scope | None) -> list[dict[str, Any]]:
    """The stages that the reader sees, each with the number of what is in it, all of the same instant."""
    theirs, today = whose(scope), clock.today()
    seen = stages.visible()
    found = figures.of({stage.name: lists.count(stage, today) for stage in seen}, theirs, today)
    return [_described(stage) | {"count": found.rows[stage.name]["count"]} for stage in seen]


def _described(stage: Stage) -> dict[str, Any]:
    names = ("name", "title", "meaning", "statuses", "sort", "sorts", "filters")
    columns = [
        {"name": name, "title": stages.COLUMNS[name].title, "kind": stages.COLUMNS[name].kind}
        for name in stage.columns
    ]
    return {name: getattr(stage, name) for name in names} | {"columns": columns}


def visible() -> list[Tile]:
    """The tiles of the reader's roles."""
    roles = identity.actor().roles
    return [tile for tile in TILES if any(roles & MATRIX[feature] for feature in tile.features)]


def _told(tile: Tile, rows: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {
        "name": tile.name,
        "title": tile.title,
        "meaning": tile.meaning,
        "figures": [{"label": label} | row for label, row in rows.items()],
        "percent": _share(tile, rows),
    }


def _share(tile: Tile, rows: dict[str, dict[str, Any]]) -> Decimal | None:
    """To one place; None where nothing is counted."""
    total = sum(row["count"] for row in rows.values())
    if tile.share_of is None or not total:
        return None
    share = Decimal(100) * rows[tile.share_of]["count"] / total
    return share.quantize(Decimal("0.1"), ROUND_HALF_UP)
