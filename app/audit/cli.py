"""`los audit`: prove that nobody changed what was written."""

import click

from app.runtime import command


@click.group()
def audit() -> None:
    """Prove the audit trail, or seal what waits."""


@audit.command()
@click.option("--brand", "brand_id", help="Only this brand.")
@click.pass_context
def verify(ctx: click.Context, brand_id: str | None) -> None:
    """Look at every event of every brand. Exit code 1 with the first one that was changed, moved, added or taken."""
    from app.audit import chain

    verdicts = [chain.verify(name) for name in command.brands(brand_id)]
    for verdict in verdicts:
        waiting = f", {verdict.waiting} wait for their seal" if verdict.waiting else ""
        state = str(verdict.fault) if verdict.fault else f"{verdict.events} events hold{waiting}"
        click.echo(f"{verdict.brand_id}: {state}")
    ctx.exit(1 if any(verdict.fault for verdict in verdicts) else 0)


@audit.command()
def seal() -> None:
    """Seal what waits in every brand now; the scheduler does it every two seconds."""
    from app.core.sealing import seal_all

    command.connect()
    click.echo(f"sealed {seal_all()} events")
