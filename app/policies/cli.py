"""`los rules publish`, `approve`, `roll-back`, `versions`: what the portal does, from the command line.

Who acts signs in with their own password and, where their roles ask for it, a code of their authenticator
(STAFF_PASSWORD and STAFF_CODE, or asked for), so two people are two people here as well: the same rights, the same
lock after wrong attempts, the same audit trail.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from app.credit.cli import rules
from app.runtime import command
from rules.language.errors import RulesError
from rules.language.source import text_of

if TYPE_CHECKING:
    from app.staff.permissions import Permission

__all__ = ["rules"]

AtWork = Callable[[], AbstractContextManager[None]]
_as = click.option("--as", "email", required=True, help="Who acts: the e-mail of a member of staff.")
_remark = click.option("--remark", required=True, help="Why; it stays in the history.")


@rules.command("publish")
@click.argument("brand")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--name", default="bre", show_default=True, help="The rule set to publish.")
@_remark
@_as
def publish(brand: str, folder: Path, name: str, remark: str, email: str) -> None:
    """Draft a version of BRAND's rule set from FOLDER, run its cases and its backtest, and submit it.

    FOLDER holds the brand's files (bre.yaml, cases.yaml), or base/ and brands/ like the rules folder. Files that
    are not there stay as they are in force. A second person approves: `los rules approve`.
    """
    from app.policies import backtests, drafts, versions
    from app.staff.permissions import Permission

    with _signed_in(brand, email, Permission.POLICY_DRAFT) as at_work:
        with at_work():
            files = _sound(partial(drafts.used, name, _sound(partial(_files, folder, brand))))
            proposal = _sound(partial(drafts.propose, name, files))
            _sound(proposal.refuse_faults)
            report = proposal.report()
            if not report.passed:
                raise click.ClickException(
                    "\n".join(map(str, report.failures)) or f"there is no case for {name}"
                )
            version = versions.draft(name, files, remark)
        click.echo(f"version {version.number} of {name}: {len(report.results)} cases pass")
        with at_work():
            run = backtests.ask(versions.locked(version.id), None, None)
        backtests.run(brand, str(run.id))
        with at_work():
            run = backtests.get(run.id)
            click.echo(
                f"backtest over {run.decision_count or 0} decisions: {run.status} {run.reason or ''}".rstrip()
            )
            versions.submit(version.id, remark)
        click.echo(f"submitted: {version.id}")


@rules.command("approve")
@click.argument("brand")
@click.argument("version", type=click.UUID)
@click.option("--effective-from", type=click.DateTime(["%Y-%m-%dT%H:%M"]), help="In India; else now.")
@click.option("--trial", is_flag=True, help="Only as a challenger, not in force.")
@_remark
@_as
def approve(
    brand: str, version: UUID, effective_from: datetime | None, trial: bool, remark: str, email: str
) -> None:
    """Approve a submitted VERSION of BRAND, as somebody who did not make it."""
    from app.core.clock import INDIA
    from app.policies import versions
    from app.staff.permissions import Permission

    at = effective_from.replace(tzinfo=INDIA) if effective_from else None
    with _signed_in(brand, email, Permission.POLICY_APPROVE) as at_work, at_work():
        approved = versions.approve(version, remark, at, trial)
        since = f" from {approved.effective_from.isoformat()}" if approved.effective_from else ""
        click.echo(f"version {approved.number} of {approved.ruleset}: {approved.status}{since}")


@rules.command("roll-back")
@click.argument("brand")
@click.argument("version", type=click.UUID)
@_remark
@_as
def roll_back(brand: str, version: UUID, remark: str, email: str) -> None:
    """Put what was in force before VERSION of BRAND in force again, at once."""
    from app.policies import service, versions
    from app.staff.permissions import Permission

    with _signed_in(brand, email, Permission.POLICY_APPROVE) as at_work, at_work():
        name = versions.roll_back(version, remark).ruleset
        present = service.in_force(name)
        click.echo(f"{name}: {f'version {present.number}' if present else 'the shipped files'} in force")


@rules.command("versions")
@click.argument("brand")
@click.option("--name", default="bre", show_default=True, help="The rule set.")
@_as
def list_versions(brand: str, name: str, email: str) -> None:
    """List the versions of BRAND's rule set, newest first; `*` is in force."""
    from app.policies import service, trials, versions
    from app.policies.models import PolicyVersion
    from app.staff.permissions import Permission

    with _signed_in(brand, email, Permission.POLICY_VIEW) as at_work, at_work():
        present = service.in_force(name)
        for version in versions.search(name, None).order_by(PolicyVersion.number.desc()):
            mark = "*" if present and present.id == version.id else " "
            click.echo(f"{mark} {version.number:>4}  {version.status:<11}  {version.id}  {version.remark}")
        for what in trials.policy(name)["unknown_to_it"]:
            click.echo(f"what is in force does not know: {what}")


def _files(folder: Path, brand: str) -> dict[str, str]:
    """The rule files of a folder by the names that they have in the rules folder."""
    whole = any((folder / part).is_dir() for part in ("base", "brands"))
    prefix = "" if whole else f"brands/{brand}/"
    found = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*.yaml"))}
    return {f"{prefix}{name}": text_of(path, name) for name, path in found.items()}


def _sound(read: Callable[[], Any]) -> Any:
    """What `read` gives, or every problem of the files a line."""
    from app.policies.drafts import UnsoundRules

    try:
        return read()
    except (UnsoundRules, RulesError) as error:
        raise click.ClickException("\n".join(map(str, error.problems))) from None


@contextmanager
def _signed_in(brand: str, email: str, permission: Permission) -> Iterator[AtWork]:
    """Somebody with a permission in a brand; what it yields opens one transaction of theirs after the other."""
    from app.core import identity
    from app.core.database import brand_scope
    from app.staff import service as staff

    command.brands(brand)
    token = _sign_in(email)["access_token"]
    claims = identity.read_token(identity.World.STAFF, f"Bearer {token}")

    @contextmanager
    def at_work() -> Iterator[None]:
        with brand_scope(brand), identity.acting(staff.authorise(claims, brand, permission)):
            yield

    try:
        yield at_work
    finally:
        staff.logout(claims)


def _sign_in(email: str) -> dict[str, Any]:
    """The tokens of somebody who says their password, and their code where there is a second step."""
    from app.staff import sign_in
    from app.staff.door import Device

    def secret(what: str) -> str:
        return os.environ.get(f"STAFF_{what.upper()}") or click.prompt(f"{what} of {email}", hide_input=True)

    device = Device(user_agent="los")
    answer = sign_in.login(email, secret("Password"), device)
    if answer["next"] == "ENROL_SECOND_FACTOR":
        raise click.ClickException("Set up your second factor in the portal first.")
    if answer["next"] == "SECOND_FACTOR":
        return sign_in.finish(answer["challenge_token"], device, secret("Code"))
    return answer
