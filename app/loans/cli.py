"""`los loans`: the life of a loan, drawn."""

from pathlib import Path

import click

from app.core.diagrams import FORMATS, mermaid, table
from app.core.states import StateMachine
from app.loans.states import AGREEMENT, LOAN

MACHINES: dict[str, StateMachine] = {machine.entity: machine for machine in (LOAN, AGREEMENT)}


@click.group()
def loans() -> None:
    """Draw the states of a loan."""


@loans.command()
@click.option("--of", "entity", type=click.Choice(list(MACHINES)), default="loan", show_default=True)
@click.option("--format", "style", type=click.Choice(list(FORMATS)), default="mermaid", show_default=True)
@click.option("--write", type=click.Path(path_type=Path), help="Write the page of the documentation here.")
def states(entity: str, style: str, write: Path | None) -> None:
    """Print the states and who may take each step, from the table that the service runs on."""
    if write:
        write.write_text(page(), encoding="utf-8")
    else:
        click.echo(FORMATS[style](MACHINES[entity]), nl=False)


def page() -> str:
    """docs/loan-states.md."""
    parts = [
        "# The states of a loan\n\nMade from `app/loans/states.py` by `los loans states --write docs/loan-states.md`: "
        "do not edit. Whatever is not an arrow here is refused; how that works is in "
        "[how-to-state.md](how-to-state.md).\n"
        "Who may sanction how much is policy: [sanction.md](sanction.md).\n"
    ]
    for machine in MACHINES.values():
        parts.append(f"## The {machine.entity}\n\n```mermaid\n{mermaid(machine)}```\n\n{table(machine)}")
    return "\n".join(parts)
