"""`los brands`: list them, show one, make one. For whoever operates the platform; it acts as the system."""

from pathlib import Path
from typing import Any

import click
import marshmallow as ma
import yaml

from app.runtime import command


@click.group()
def brands() -> None:
    """List the brands, show one, or make one."""


@brands.command("list")
def list_brands() -> None:
    """One line a brand: id, name, how many staff, customers and loans."""
    from app.admin import overview

    command.connect()
    for row in overview.page({"page": 1, "page_size": 1000, "sort": "id", "search": None})["items"]:
        loans = sum(row["loans"].values())
        click.echo(
            f"{row['id']:<16}  {row['name']:<20}  {row['staff']:>4} staff  {row['customers']:>7} customers"
            f"  {loans:>7} loans"
        )


@brands.command()
@click.argument("brand")
def show(brand: str) -> None:
    """The settings in force of BRAND, in the form that `create` reads."""
    from app.brands import service
    from app.brands.schemas import BrandSettings
    from app.core.database import brand_scope

    command.connect()
    with brand_scope(brand):
        described = service.describe()
    click.echo(f"# {described['name']}, version {described['version']}")
    click.echo(yaml.safe_dump(BrandSettings().dump(described["settings"]), sort_keys=False), nl=False)


@brands.command()
@click.argument("brand")
@click.option("--name", required=True, help="How people know it.")
@click.option(
    "--settings", "file", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="YAML or JSON, as `los brands show` prints it.",
)  # fmt: skip
@click.option("--admin-email", required=True, help="Its first administrator, who is invited by mail.")
@click.option("--admin-name", required=True)
def create(brand: str, name: str, file: Path, admin_email: str, admin_name: str) -> None:
    """Make BRAND of its rule files (rules/brands/BRAND, or in LOS_RULES_DIRECTORY) and its settings."""
    from app.admin import service
    from app.admin.schemas import NewBrandIn
    from app.policies.drafts import UnsoundRules

    administrator = {"email": admin_email, "name": admin_name}
    asked = {"id": brand, "name": name, "settings": _read(file), "administrator": administrator}
    command.connect()
    try:
        made = NewBrandIn().load(asked)
        service.create_brand(made["id"], made["name"], made["settings"], made["administrator"])
    except ma.ValidationError as error:
        raise click.ClickException(yaml.safe_dump(error.normalized_messages()).strip()) from None
    except UnsoundRules as error:
        raise click.ClickException("\n".join(map(str, error.problems))) from None
    click.echo(f"{brand} is there; {admin_email} is invited to administer it")


def _read(file: Path) -> Any:
    try:
        return yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise click.ClickException(f"{file}: {error}") from None
