"""What a command of `los` does before it works on data.

What that needs is imported when it is called: many commands work on none, and are quick.
"""

from datetime import date
from typing import Any

import click

from app.core.clock import FIRST_DAY, LAST_DAY


class Day(click.DateTime):
    """A day of the calendar, as far as the API knows it; beyond, sums of days end."""

    name = "day"

    def __init__(self) -> None:
        super().__init__(["%Y-%m-%d"])

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Fails by saying which days there are."""
        day = super().convert(value, param, ctx).date()
        if not FIRST_DAY <= day <= LAST_DAY:
            self.fail(f"From {FIRST_DAY} to {LAST_DAY}.", param, ctx)
        return day


DAY = Day()


def connect() -> None:
    """Reach the servers that the settings name, or else those of this machine."""
    from app.core import process
    from app.runtime.environment import ensure_environment

    ensure_environment()
    process.prepare()


def brands(only: str | None = None) -> list[str]:
    """Connects; every brand, or the one that is named. Raises UsageError where there is no such brand, such as an
    empty one: nobody means all brands by a variable that is not set."""
    from app.core.database import brand_ids

    connect()
    known = brand_ids()
    if only is not None and only not in known:
        raise click.UsageError(f"There is no brand {only!r}.")
    return known if only is None else [only]
