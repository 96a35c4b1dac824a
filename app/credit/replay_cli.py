"""`los decisions`: what was decided, made again."""

from datetime import date

import click

from app.runtime import command


@click.group()
def decisions() -> None:
    """Look after the decisions that were made."""


@decisions.command()
@click.option("--since", type=command.DAY, help="Only those made on or after a day in India.")
@click.option("--brand", help="Only this brand's, e.g. qualoan; else all brands'.")
def replay(since: date | None, brand: str | None) -> None:
    """Make every stored decision again from what it keeps, and tell what comes out otherwise.

    Exit 0 when nothing does, 1 when something does: one line a decision, with its id and what differs.
    """
    from app.credit.replaying import replay as replayed

    seen = differing = 0
    for brand_id in command.brands(brand):
        for decision, found in replayed(brand_id, since):
            seen += 1
            if found:
                differing += 1
                click.echo(f"{brand_id} {decision.id}: {'; '.join(found)}")
    click.echo(f"{seen} decisions replayed, {differing} differ", err=True)
    if differing:
        raise click.exceptions.Exit(1)
