"""`los keys`: which key personal data is under, and rotation."""

import click

from app.keys import service
from app.runtime import command

BRAND = click.option("--brand", required=True, help="Whose keys, e.g. qualoan.")


@click.group()
def keys() -> None:
    """Rotate the keys of personal data, and tell what is under which."""


@keys.command()
@click.option("--brand", help="This brand alone.")
def status(brand: str | None) -> None:
    """How many values and objects of each brand are under which key."""
    for brand_id in command.brands(brand):
        found = service.status(brand_id)
        click.echo(f"{brand_id}: new values under {found.current}, {found.older} under older keys")
        for key_id in sorted(
            {*found.values, *found.objects, *found.masters}, key=lambda name: (len(name), name)
        ):
            counts = f"{found.values[key_id]:>9} values {found.objects[key_id]:>7} objects"
            click.echo(f"  {key_id:<5} {counts}  master key {found.masters.get(key_id, 'none')}")


@keys.command()
@BRAND
@click.option("--at-once", is_flag=True, help="A new key even while the last rotation goes on.")
def rotate(brand: str, at_once: bool) -> None:
    """Make a new data key, and have a worker bring what is there under it.

    While something is under an older key, the rotation that began is gone on with: run it again as often as you like.
    """
    command.brands(brand)
    key_id, is_new = service.rotate(brand, at_once=at_once)
    click.echo(f"{brand}: {'new key' if is_new else 'going on with'} {key_id}; a worker re-encrypts the rest")


@keys.command()
@BRAND
def reencrypt(brand: str) -> None:
    """Bring everything under the current key now, in this process. Ctrl-C does no harm."""
    command.brands(brand)
    done = 0
    for count in service.reencrypt(brand):
        done += count
        click.echo(f"\r{brand}: {done} re-encrypted", nl=False, err=True)
    click.echo(f"\r{brand}: {done} re-encrypted, {service.status(brand).older} under older keys")


@keys.command()
@BRAND
def rehash(brand: str) -> None:
    """Make the hashes that people are found by under the first of LOS_LOOKUP_KEY. Ctrl-C does no harm.

    Of Aadhaars only the hash is kept: whoever tells theirs again is brought under the current key then.
    """
    command.brands(brand)
    done = failed = 0
    for made, not_made in service.rehash(brand):
        done, failed = done + made, failed + not_made
        click.echo(f"\r{brand}: {done} records made anew", nl=False, err=True)
    click.echo(f"\r{brand}: {done} records made anew, {failed} not because another record has the same")


@keys.command("rotate-master")
def rotate_master() -> None:
    """Wrap every data key by the first of LOS_MASTER_KEYS, and bring under it what belongs to no brand."""
    for brand_id in command.brands():
        click.echo(f"{brand_id}: {service.rotate_master(brand_id)} data keys wrapped anew")
    click.echo(f"all brands: {service.rotate_mastered()} seeds of authenticators encrypted anew")
