"""`los portal`: what the portal's overviews declare."""

import click


@click.group()
def portal() -> None:
    """Show what the portal's lists, tiles and files are made of."""


@portal.command()
def tables() -> None:
    """Print stages, tiles and sections with who sees them, as docs/portal.md shows them."""
    from app.dashboards import describing

    click.echo(describing.tables())
