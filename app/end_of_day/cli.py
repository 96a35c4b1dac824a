"""`los eod`: close a day, by hand or again."""

from datetime import date

import click

from app.runtime import command


@click.command()
@click.option("--date", "on", required=True, type=command.DAY, help="The day, as in 2026-03-31.")
@click.option("--brand", "brand_id", help="Only this brand.")
def eod(on: date, brand_id: str | None) -> None:
    """Close a day: interest, penal charges, where every loan stands, what is overdue, reminders, presentations,
    which promises were kept.

    Any past day can be closed again; it comes out the same. What was told late since is brought into the days that it
    touches first.
    """
    from app.core import clock
    from app.end_of_day import closing, late

    if on > clock.today():
        raise click.BadParameter("This day has not come yet.", param_hint="--date")
    for name in command.brands(brand_id):
        missed, later = closing.out_of_order(name, on)
        for done in (*late.close_again(name), *closing.close(name, on)):
            click.echo(f"{name}  {done.on}  {done.step:<10}  {done.rows:>9,} rows  {done.seconds:>7.1f} s")
        for days, told in ((missed, "was not closed"), (later, "was closed before it: close it again")):
            for day in days:
                click.echo(f"{name}  {day}  {told}", err=True)
