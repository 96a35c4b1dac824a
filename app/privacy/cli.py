"""`los privacy`: the retention table, and its nightly work by hand."""

import click

from app.runtime import command


@click.group()
def privacy() -> None:
    """Show the retention table, or end what is past its time."""


@privacy.command()
def table() -> None:
    """Print how long what is kept and why, as the table of docs/privacy.md."""
    from app.privacy import retention

    click.echo(retention.table())


@privacy.command()
@click.option("--brand", "brand_id", help="Only this brand.")
@click.option("--dry-run", is_flag=True, help="Only say how much it would be.")
def retain(brand_id: str | None, dry_run: bool) -> None:
    """End what is past its time, as the scheduler does every night; a night that broke off is gone on with."""
    from app.privacy import retaining

    for name in command.brands(brand_id):
        counts = retaining.plan(name) if dry_run else retaining.run(name)
        told = ", ".join(f"{count} {data_class}" for data_class, count in sorted(counts.items()) if count)
        click.echo(f"{name}: {told or 'nothing'}{' would go' if dry_run else ''}")
