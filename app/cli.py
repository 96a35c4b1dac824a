"""The `los` command.

A command's module is imported when the command runs, so `los --help` does not wait for polars.
"""

import os
import signal
import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Any

import click

from app.runtime.command import DAY

# Commands of other rooms: name -> where the click object is, and its line in `los --help`.
MOUNTED = {
    "allocate": (
        "app.allocation.cli:allocate",
        "Give out what waits in a brand, or tell who would get what.",
    ),
    "brands": ("app.admin.cli:brands", "List the brands, show one, or make one."),
    "audit": ("app.audit.cli:audit", "Prove the audit trail, or seal what waits."),
    "bsa": ("app.banking.cli:bsa", "Say how well bank statements are read."),
    "decisions": ("app.credit.replay_cli:decisions", "Make stored decisions again and tell what differs."),
    "eod": ("app.end_of_day.cli:eod", "Close a day: interest, penal charges, where every loan stands."),
    "keys": ("app.keys.cli:keys", "Rotate the keys of personal data, and tell what is under which."),
    "portal": ("app.dashboards.cli:portal", "Show what the portal's lists, tiles and files are made of."),
    "privacy": ("app.privacy.cli:privacy", "Show the retention table, or end what is past its time."),
    "loans": ("app.loans.cli:loans", "Draw the states of a loan."),
    "reports": ("app.reporting.cli:reports", "List the reports, or run one."),
    "rules": ("app.policies.cli:rules", "Check, explain, run, compare and publish rule sets."),
}

# Errors that are answered with one line instead of a traceback, and the exit code of each.
KNOWN_ERRORS = {
    "app.config.SettingsError": 2,
    "app.core.errors.DomainError": 1,
    "app.core.keyring.KeyUnknown": 1,
    "app.core.migrate.MigrationError": 1,
    "app.core.worker.WorkerError": 2,
    "app.runtime.processes.StackError": 1,
    # a file that is not there, is a folder, or may not be written: the system says which and why
    "builtins.OSError": 1,
    "peewee.OperationalError": 1,
    "psycopg2.OperationalError": 1,
    "redis.exceptions.RedisError": 1,
    "reports.sheets.TooManyRows": 1,
    "rules.language.errors.RulesError": 1,
    "storage.errors.StorageError": 1,
}

STARTING = "starting PostgreSQL, Redis, S3, the sandbox, the API, the workers and the scheduler ..."


class LosGroup(click.Group):
    """The commands below and those MOUNTED, with errors for people."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*self.commands, *MOUNTED})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in MOUNTED:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = MOUNTED[cmd_name][0].partition(":")
        return getattr(import_module(module), attribute)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        own = {name: command.get_short_help_str(80) for name, command in self.commands.items()}
        mounted = {name: text for name, (_, text) in MOUNTED.items()}
        with formatter.section("Commands"):
            formatter.write_dl(sorted((own | mounted).items()))

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Exception as error:
            code = _exit_code(error)
            # whoever reads has seen enough: click ends without a word
            if code is None or isinstance(error, BrokenPipeError):
                raise
            click.echo(f"los: {str(error).strip()}", err=True)
            ctx.exit(code)


def _exit_code(error: Exception) -> int | None:
    # by name, so that nothing has to be imported for an error that did not happen
    names = (f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__)
    return next((KNOWN_ERRORS[name] for name in names if name in KNOWN_ERRORS), None)


@click.group(cls=LosGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Credit decisioning service: everything that runs, migrates, reports and decides."""


@main.command()
def up() -> None:
    """Run everything on this machine until Ctrl-C; data stays in var/run."""
    from app.runtime.environment import var_directory
    from app.runtime.stack import Stack

    _stop_on_signals()
    try:
        click.echo(STARTING)
        with Stack(var_directory() / "run", durable=True, fixed_ports=True) as stack:
            click.echo(f"\n{_addresses(stack)}")
            click.echo(_logins())
            click.echo("Ctrl-C stops everything.")
            stack.watch()
    except KeyboardInterrupt:
        click.echo("\nstopped")


@main.command()
def demo() -> None:
    """Take three customers through the whole platform, over HTTP, on a stack of its own."""
    from app.demo import main as run_demo
    from app.runtime.environment import var_directory
    from app.runtime.stack import in_free_slot

    _stop_on_signals()
    try:
        click.echo(STARTING)
        with in_free_slot(var_directory() / "demo", durable=False) as stack:
            code = run_demo(api_url=stack.api_url, sandbox_url=stack.sandbox_url, directory=stack.directory)
            stack.check()
    except KeyboardInterrupt:
        click.echo("\nstopped")
        code = 130
    sys.exit(code)


@main.command()
def migrate() -> None:
    """Bring the database up to date, as its owner (DATABASE_OWNER_URL)."""
    from app.core.migrate import migrate as apply

    applied = apply(_owner_url())
    click.echo("\n".join(f"applied {name}" for name in applied) or "nothing to apply")


@main.command()
@click.option(
    "--loans", type=click.IntRange(1), help="Also plant a book of so many loans (not in production)."
)
@click.option("--seed", "number", type=int, default=1, show_default=True, help="Another seed, another book.")
@click.option("--brand", help="Whose book. Without it the first brand's.")
@click.option("--until", type=DAY, help="Last day of the book; else today.")
@click.option(
    "--payments", type=float, default=1.4, show_default=True, help="Payments a repaid loan has on average."
)
def seed(loans: int | None, number: int, brand: str | None, until: Any, payments: float) -> None:
    """Make the five brands, their settings and a login per role; safe to repeat."""
    from app.runtime import command
    from app.seed import seed as plant
    from app.seed.planted import plant_book

    command.connect()
    plant()
    if loans:
        plant_book(
            _owner_url(), loans, number, brand_id=brand, until=until, payments=payments, tell=click.echo
        )


@main.command()
@click.argument("queues", nargs=-1)
def worker(queues: tuple[str, ...]) -> None:
    """Run the jobs of QUEUES: `default`, or `pipelines` and `reports`."""
    from app.core import worker

    worker.run(queues or ("default", "bulk"))


@main.command()
def scheduler() -> None:
    """Hand committed jobs to the workers, and start what is due at set times."""
    from app.core import scheduler

    scheduler.run()


@main.command()
def openapi() -> None:
    """Print the OpenAPI document of the API."""
    application = _application()
    api = application.extensions["flask-smorest"]["apis"][""]["ext_obj"]
    click.echo(application.json.dumps(api.spec.to_dict(), indent=2))


@main.command()
def routes() -> None:
    """Print every endpoint with who may call it, as the table of docs/api.md."""
    from app.routes import table

    click.echo(table(_application()))


@main.command()
def settings() -> None:
    """Print every setting, as the table of docs/operators.md."""
    from app.config import settings_table

    click.echo("| setting | meaning | default |\n|---|---|---|")
    for name, meaning, default in settings_table():
        click.echo(f"| `{name}` | {meaning} | {default or 'none'} |")


# Enough to build the application when nothing will be asked of it.
_NOWHERE = {
    "DATABASE_URL": "postgresql://127.0.0.1/none",
    "REDIS_URL": "redis://127.0.0.1",
    "S3_ENDPOINT": "http://127.0.0.1",
    "S3_ACCESS_KEY": "not-used",
    "S3_SECRET_KEY": "not-used",
}


def _application() -> Any:
    from app import create_app
    from app.config import Settings

    return create_app(Settings.from_environment(_NOWHERE | os.environ))


def _owner_url() -> str:
    from app.config import SettingsError
    from app.runtime.environment import ensure_environment

    if not os.environ.get("DATABASE_OWNER_URL"):
        if os.environ.get("DATABASE_URL"):
            raise SettingsError("DATABASE_OWNER_URL", "is not set (role los_owner, for migrations)")
        ensure_environment(up_to_date=False)
    return os.environ["DATABASE_OWNER_URL"]


def _stop_on_signals() -> None:
    """A service manager's SIGTERM and a closed terminal end us the way Ctrl-C does: in order."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # nohup means it: a closed terminal is not a reason to stop
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)


def _table(rows: Iterable[tuple[str, ...]]) -> str:
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(f"  {line.rstrip()}" for line in lines)


def _addresses(stack: Any) -> str:
    rows = [
        ("API", stack.api_url),
        ("API docs", f"{stack.api_url}/docs"),
        ("Sandbox", stack.sandbox_url or "not in production"),
        ("S3", stack.environment["S3_ENDPOINT"]),
        ("Logs", f"{stack.directory}/logs"),
    ]
    return _table(rows) + "\n"


def _logins() -> str:
    from app.seed import DEMO_AUTHENTICATOR, DEMO_LOGINS

    return (
        _table(DEMO_LOGINS) + "\n"
        f"Administrators and heads are asked for a code as well: key {DEMO_AUTHENTICATOR} in any authenticator.\n"
    )


if __name__ == "__main__":
    main()
