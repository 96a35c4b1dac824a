"""`los rules backtest`, `diff` and `drift`: a policy beside another, on a file or on what a brand decided."""

from __future__ import annotations

import json
import re
import sys
from collections import ChainMap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import polars as pl

from app.runtime import command
from pipelines.backtest import Backtest, BookError, backtest, between, readable, recognised, scan_book
from pipelines.backtest.page import headline
from pipelines.drift import Drift, drift
from pipelines.pages.words import count, percent, points, rupees, signed
from rules import RulesError, Ruleset, compile_ruleset, load
from rules.cli import rules
from rules.diff import diff
from rules.language.files import Folder
from rules.language.source import text_of

__all__ = ["rules"]

FILE = click.Path(dir_okay=False, path_type=Path)
_SHIPPED = re.compile(r"(\w+)/(\w+)")
_STORED = re.compile(r"(\w+)/(\w+)@([0-9a-f]{8,64})")
REASONS_SHOWN = 8


class Period(click.ParamType):
    """FROM..TO, both days included."""

    name = "FROM..TO"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        first, _, last = str(value).partition("..")
        try:
            days = date.fromisoformat(first), date.fromisoformat(last)
        except ValueError:
            self.fail(f"{value!r} is not like 2026-01-01..2026-03-31", param, ctx)
        if days[0] > days[1]:
            self.fail(f"{value!r}: the first day comes after the last", param, ctx)
        return days


@contextmanager
def told_in_a_line() -> Iterator[None]:
    """What is wrong with rules or a book is told without a traceback."""
    try:
        yield
    except (RulesError, BookError) as error:
        raise click.ClickException(str(error)) from error


# --- backtest -------------------------------------------------------------------------------------


@rules.command("backtest")
@click.argument("brand")
@click.argument("draft", type=click.Path(exists=True, path_type=Path))
@click.option("--name", default="bre", show_default=True, help="The rule set that the draft is of.")
@click.option("--book", type=FILE, help="A Parquet or CSV file; else the brand's stored decisions.")
@click.option("--since", type=command.DAY, help="First day of decision, YYYY-MM-DD.")
@click.option("--until", type=command.DAY, help="Last day of decision, included.")
@click.option("--segment", help="The column of the book that the figures are split by.")
@click.option(
    "--as-of", "as_of", type=command.DAY, help="Decide as on this day, for rules with effective dates."
)
@click.option("--html", "html", type=FILE, help="Write the page here.")
@click.option("--csv", "csv", type=FILE, help="Write the changed cases here.")
@click.option("--json", "json_", type=FILE, help="Write every figure here.")
def backtest_command(
    brand: str,
    draft: Path,
    name: str,
    book: Path | None,
    since: date | None,
    until: date | None,
    segment: str | None,
    as_of: date | None,
    html: Path | None,
    csv: Path | None,
    json_: Path | None,
) -> None:
    """Try DRAFT, a rule file or a folder of rule files, on past decisions of BRAND, beside the rules in force.

    With --book nothing but the files is needed, and the rules in force are those that ship with the service.
    """
    with told_in_a_line(), TemporaryDirectory(prefix="los-backtest-") as directory:
        champion = load(brand, name) if book else _in_force(brand, name)
        challenger = _draft(draft, brand, name, champion.files)
        past = _past(brand, challenger, book, Path(directory), (since, until))
        past = _with_columns(past, segment, as_of)
        made = backtest(champion, challenger, past, on_stage=_progress())
        _print(made.as_dict())
        _write(made, {json_: _json, csv: Backtest.write_changed_cases, html: _html})


def _draft(path: Path, brand: str, name: str, under: Mapping[str, str]) -> Ruleset:
    """The draft laid over the files of the rules in force: what it does not say stays as it is."""
    file = f"brands/{brand}/{name}.yaml"
    if path.is_dir():
        over: Mapping[str, str] = Folder(path)
        if not any(part.startswith(("brands/", "base/")) for part in over):
            over = {f"brands/{brand}/{part}": text for part, text in over.items()}
        if not set(over) & ({*under} | {file}):
            raise click.UsageError(f"{path}: no file there is one of {name} of {brand}, such as {file}")
    else:
        over = {file: text_of(path, str(path))}
    made = compile_ruleset(file, ChainMap(over, under, Folder()))  # type: ignore[arg-type]
    if (made.brand, made.name) != (brand, name):
        raise click.UsageError(f"{path} is {made.brand or 'base'}/{made.name}, not {brand}/{name}")
    return made


def _past(
    brand: str, ruleset: Ruleset, book: Path | None, directory: Path, period: tuple[date | None, ...]
) -> pl.LazyFrame:
    first, last = period
    if book is None:
        return _stored(brand, ruleset, directory / "book.tsv", first, last)
    return between(recognised(scan_book(book, ruleset), ruleset), first, last)


def _with_columns(book: pl.LazyFrame, segment: str | None, as_of: date | None) -> pl.LazyFrame:
    columns = book.collect_schema()
    if segment and segment not in columns:
        raise click.UsageError(f"the book has no column {segment}; its columns: {', '.join(columns)}")
    if segment:
        book = book.with_columns(segment=pl.col(segment).cast(pl.String))
    return book.with_columns(decision_date=pl.lit(as_of)) if as_of else book


def _progress() -> Any:
    """Prints how far a backtest is, on one line of a terminal; one line a stage elsewhere."""
    seen: set[str] = set()
    terminal = sys.stderr.isatty()

    def tell(stage: str, rows: int) -> None:
        if terminal:
            click.echo(f"\r{stage} {count(rows)} applications ", err=True, nl=False)
        elif stage not in seen:
            click.echo(f"{stage} ...", err=True)
        seen.add(stage)

    return tell


def _print(told: dict[str, Any]) -> None:
    total = told["total"]
    click.echo(f"\r{told['challenger']['label']} against {told['champion']['label']}")
    click.echo(f"{headline(total)}\n")
    for line in [
        *_outcome_lines(total),
        "",
        *_move_lines(total),
        "",
        *_reason_lines(total),
        *_book_lines(told["book"]),
    ]:
        click.echo(line)


def _outcome_lines(total: dict[str, Any]) -> Iterator[str]:
    before, after = total["champion"], total["challenger"]
    for outcome, rate in before["rates"].items():
        change = points(after["rates"][outcome] - rate)
        yield f"  {outcome:<10} {percent(rate):>8} -> {percent(after['rates'][outcome]):>8}  {change}"
    for title, name in (("amount", "amount"), ("revenue", "revenue")):
        if name in before and name in after:
            yield f"  {title:<10} {rupees(before[name])} -> {rupees(after[name])}"


def _move_lines(total: dict[str, Any]) -> Iterator[str]:
    for title, name in (("kept", "kept"), ("move out", "swapped_out"), ("move in", "swapped_in")):
        move = total[name]
        known = (
            f"{percent(move['bad_rate'])} bad of {count(move['known'])} known"
            if move["known"]
            else "none known"
        )
        yield f"  {title:<10} {count(move['applications']):>12}  {known}"


def _reason_lines(total: dict[str, Any]) -> Iterator[str]:
    moved = [reason for reason in total["reasons"] if reason["change"]["first"]]
    moved.sort(key=lambda reason: -abs(reason["change"]["first"]))
    if moved:
        yield "  first reason, where it changes most"
    for reason in moved[:REASONS_SHOWN]:
        numbers = (count(reason[side]["first"]) for side in ("champion", "challenger"))
        yield f"    {reason['rule_id']}: {' -> '.join(numbers)} ({signed(reason['change']['first'])})"


def _book_lines(book: dict[str, Any]) -> Iterator[str]:
    """What is odd about the book."""
    if book["missing_inputs"]:
        yield f"\n  the book lacks {', '.join(book['missing_inputs'])}"
    for name, number in book["unreadable"].items():
        yield f"  {name}: {count(number)} values could not be read"
    for name, meant in book["unknown_columns"].items():
        yield f"  column {name} is unknown{': ' + meant if meant else ''}"


def _write(made: Any, files: Mapping[Path | None, Any]) -> None:
    for path, write in files.items():
        if path is not None:
            write(made, path)
            click.echo(f"wrote {path}", err=True)


def _json(made: Backtest | Drift, path: Path) -> None:
    path.write_text(json.dumps(made.as_dict(), indent=1, ensure_ascii=False), encoding="utf-8")


def _html(made: Backtest | Drift, path: Path) -> None:
    path.write_text(made.html(), encoding="utf-8")


# --- diff -----------------------------------------------------------------------------------------


@rules.command("diff")
@click.argument("a")
@click.argument("b")
@click.option("--json", "as_json", is_flag=True, help="Print the changes as JSON.")
def diff_command(a: str, b: str, as_json: bool) -> None:
    """What differs between the rule sets A and B, in sentences; exit 1 when something does.

    Each is a rule file, BRAND/NAME for what ships with the service, or BRAND/NAME@HASH for a stored version
    (the first 8 digits of its hash are enough).
    """
    with told_in_a_line():
        changes = diff(_ruleset(a), _ruleset(b))
    if as_json:
        click.echo(json.dumps([{"section": c.section, "id": c.id, "sentence": c.sentence} for c in changes]))
    else:
        click.echo("\n".join(map(str, changes)) or "They say the same.")
    raise click.exceptions.Exit(1 if changes else 0)


def _ruleset(reference: str) -> Ruleset:
    path = Path(reference)
    if path.is_file():
        return _from_file(path.resolve())
    if stored := _STORED.fullmatch(reference):
        return _version(*stored.groups())
    if shipped := _SHIPPED.fullmatch(reference):
        return load(*shipped.groups())
    raise click.UsageError(f"{reference!r} is neither a file, nor BRAND/NAME, nor BRAND/NAME@HASH")


def _from_file(path: Path) -> Ruleset:
    """A file that stands among its bases is read with them, any other with those that ship."""
    root = path.parents[2] if path.parents[1].name == "brands" else path.parent
    name = str(path.relative_to(root))
    return compile_ruleset(name, ChainMap({name: text_of(path, name)}, Folder(root), Folder()))


# --- drift ----------------------------------------------------------------------------------------


@rules.command("drift")
@click.argument("brand")
@click.option("--baseline", type=Period(), required=True, help="The days that are compared with.")
@click.option("--current", type=Period(), required=True, help="The days that are looked at.")
@click.option("--name", default="bre", show_default=True, help="The rule set that decides both.")
@click.option("--book", type=FILE, help="A Parquet or CSV file; else the brand's stored decisions.")
@click.option("--json", "json_", type=FILE, help="Write every figure here.")
@click.option("--html", "html", type=FILE, help="Write the page here.")
def drift_command(
    brand: str,
    baseline: tuple[date, date],
    current: tuple[date, date],
    name: str,
    book: Path | None,
    json_: Path | None,
    html: Path | None,
) -> None:
    """How applicants of BRAND differ between two periods: PSI of every input, outcomes and reasons by day."""
    with told_in_a_line(), TemporaryDirectory(prefix="los-drift-") as directory:
        ruleset = load(brand, name) if book else _in_force(brand, name)
        books = [
            between(scan_book(book, ruleset), *days)
            if book
            else _stored(brand, ruleset, Path(directory) / f"{period}.tsv", *days)
            for period, days in (("baseline", baseline), ("current", current))
        ]
        made = drift(ruleset, *books)
    _print_drift(made.as_dict())
    _write(made, {json_: _json, html: _html})


def _print_drift(told: dict[str, Any]) -> None:
    for period in ("baseline", "current"):
        click.echo(f"{period}: {count(told[period]['rows'])} applications")
    click.echo(f"outcomes: PSI {told['outcomes']['psi']:.4f}, {told['outcomes']['state']}")
    for one in [*told["scores"], *told["inputs"]]:
        if one["state"] != "stable" or one in told["scores"]:
            click.echo(f"  {one['name']}: PSI {one['psi']:.4f}, {one['state']}")
    click.echo(f"{sum(one['state'] == 'stable' for one in told['inputs'])} inputs are stable")


# --- what a brand has stored ----------------------------------------------------------------------


def _in_force(brand: str, name: str) -> Ruleset:
    from app.core.database import brand_scope
    from app.policies import service as policies

    command.brands(brand)
    with brand_scope(brand):
        return policies.champion(name)


def _version(brand: str, name: str, prefix: str) -> Ruleset:
    from app.core.database import brand_scope
    from app.policies import service as policies

    command.brands(brand)
    with brand_scope(brand):
        return policies.compiled(name, policies.full_hash(name, prefix))


def _stored(brand: str, ruleset: Ruleset, path: Path, first: date | None, last: date | None) -> pl.LazyFrame:
    from app.core.database import snapshot_scope
    from app.credit import book

    with snapshot_scope(brand) as cursor:
        past = book.extract(cursor, ruleset.name, ruleset.dictionary, path, first, last)
    return readable(past, ruleset)
