"""What a command of `los` does before it works on data.

What that needs is imported when it is called: many commands work on none, and are quick.
"""

import click


def connect() -> None:
    """Reach the servers that the settings name, or else those of this machine."""
    from app.core import process
    from app.runtime.environment import ensure_environment

    ensure_environment()
    process.prepare()


def brands(only: str | None = None) -> list[str]:
    """Connects; every brand, or the one that is named. Raises UsageError where there is no such brand."""
    from app.core.database import brand_ids

    connect()
    known = brand_ids()
    if only and only not in known:
        raise click.UsageError(f"There is no brand {only!r}.")
    return [only] if only else known
