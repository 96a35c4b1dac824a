"""`los allocate`: give out what waits, or only tell who would get what."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

from app.runtime import command

if TYPE_CHECKING:
    from app.allocation.models import LoanAllottedPartnerUser
    from app.allocation.moving import Outcome


class _OnlyLooking(Exception):
    """Rolls back what was only tried."""


@click.command()
@click.option("--brand", "brand_id", required=True, help="The brand, as in qualoan.")
@click.option("--pending", is_flag=True, required=True, help="What waits because nobody could be given it.")
@click.option("--dry-run", is_flag=True, help="Tell who would get what and why, and change nothing.")
def allocate(brand_id: str, pending: bool, dry_run: bool) -> None:
    """Give out what waits in a brand, oldest first, and say who got what and why.

    A dry run does it all and takes it back, so each line counts what the lines above gave out.
    """
    from app.allocation import moving
    from app.brands import service as brands
    from app.core.database import brand_scope

    command.connect()
    try:
        with brand_scope(brand_id):
            brands.current()
            for line in _lines(moving.allot_waiting()):
                click.echo(line)
            if dry_run:
                raise _OnlyLooking
    except _OnlyLooking:
        click.echo("nothing was changed")


def _lines(outcomes: Iterable["Outcome"]) -> Iterator[str]:
    from app.allocation import queues

    told = [(outcome.waiting, outcome.allotment) for outcome in outcomes]
    queues.number([waiting for waiting, _ in told])
    names = queues.names_of([allotment for _, allotment in told if allotment])
    for waiting, allotment in told:
        what = f"{waiting.kind.lower()} {waiting.loan_no or waiting.customer_no}"
        if allotment is None:
            yield f"{what} waits on: {waiting.why}"
        else:
            yield f"{what} to {names[allotment.partner_user_id]}: {_why(allotment)}"
    given = sum(allotment is not None for _, allotment in told)
    yield f"{given} given out, {len(told) - given} wait on"


def _why(allotment: "LoanAllottedPartnerUser") -> str:
    """What spoke for the one who has it, and who came next."""
    first, *others = allotment.candidates
    said = f"score {first['score']}, {first['inHand']} of {first['capacity']} in hand"
    if first["rating"]:
        said += f", rating {first['rating']}"
    eligible = [other["score"] for other in others if other["standing"] == "ELIGIBLE"]
    return f"{said}; {len(eligible)} others eligible" + (f", the next with {eligible[0]}" if eligible else "")
