"""`los eod`: close a day, by hand or again."""

import itertools
from datetime import date

import click

from app.runtime import command


@click.command()
@click.option("--date", "on", required=True, type=command.DAY, help="The day, as in 2026-03-31.")
@click.option("--brand", "brand_id", help="Only this brand.")
@click.option("--only", is_flag=True, help="This day alone: tell the others instead of closing them.")
def eod(on: date, brand_id: str | None, only: bool) -> None:
    """Close a day: interest, penal charges, where every loan stands, what is overdue, reminders, presentations,
    which promises were kept.

    Any past day can be closed again; it comes out the same. What was told late since is brought into the days that it
    touches first. Days are closed in their order: those before it that were missed, then the day, then those after it
    that were closed without it.
    """
    from app.core import clock
    from app.end_of_day import closing, late

    if on > clock.today():
        raise click.BadParameter("This day has not come yet.", param_hint="--date")
    for name in command.brands(brand_id):
        missed, _ = closing.out_of_order(name, on)
        run = closing.close if only else closing.in_order
        for done in itertools.chain(late.close_again(name), run(name, on)):
            click.echo(f"{name}  {done.on}  {done.step:<10}  {done.rows:>9,} rows  {done.seconds:>7.1f} s")
        left = closing.marked(name)
        for days, told in ((missed if only else [], "was not closed"), (left, "is to be closed again")):
            for day in days:
                click.echo(f"{name}  {day}  {told}", err=True)
