"""`los reports`: the reports from the command line, produced in this process."""

from datetime import date
from pathlib import Path
from shutil import copyfileobj
from typing import Any

import click

from app.core import audit, clock
from app.core.database import brand_scope
from app.core.ids import new_id
from app.reporting.workspace import workspace
from app.runtime import command
from reports import REPORTS, Question, UnknownReport, get
from reports.docs import describe, document
from reports.write import FORMATS, csv_totals


class ReportName(click.ParamType):
    """The name of a report, as a parameter."""

    name = "report"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return get(value)
        except UnknownReport as error:
            self.fail(str(error), param, ctx)


def _in_a_folder(_ctx: click.Context, _param: click.Parameter, path: Path | None) -> Path | None:
    """Known before the work begins, not when it is done."""
    if path and not path.parent.is_dir():
        raise click.BadParameter(f"There is no folder {path.parent}.")
    return path


@click.group()
def reports() -> None:
    """List the reports, explain one, or run one."""


@reports.command("list")
def list_reports() -> None:
    """One line a report."""
    width = max(len(name) for name in REPORTS)
    for report in REPORTS.values():
        click.echo(f"{report.name:<{width}}  {len(report.columns):>3} columns  by {report.filtered_on}")


@reports.command()
@click.argument("report", metavar="NAME", type=ReportName())
def show(report: Any) -> None:
    """What a report holds, column by column."""
    click.echo(describe(report), nl=False)


@reports.command()
def docs() -> None:
    """Print docs/reports.md."""
    click.echo(document(REPORTS.values()), nl=False)


@reports.command()
@click.argument("report", metavar="NAME", type=ReportName())
@click.option("--brand", required=True, help="Whose book, e.g. qualoan.")
@click.option("--from", "from_date", type=command.DAY, required=True, help="First day in India, YYYY-MM-DD.")
@click.option("--to", "to_date", type=command.DAY, required=True, help="Last day in India, included.")
@click.option("--format", "format_", type=click.Choice(list(FORMATS)), default="csv", show_default=True)
@click.option("--group-by", help="Only the rows grouped by this, of reports that have groups.")
@click.option("--option", "options", multiple=True, metavar="NAME=VALUE", help="What the report lets choose.")
@click.option("--totals", is_flag=True, help="CSV ends with a row of totals.")
@click.option("--unmasked", is_flag=True, help="Personal data in full. This is audited.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=_in_a_folder,
    help="File to write; else standard output.",
)
def run(
    report: Any,
    brand: str,
    from_date: date,
    to_date: date,
    format_: str,
    group_by: str | None,
    options: tuple[str, ...],
    totals: bool,
    unmasked: bool,
    out: Path | None,
) -> None:
    """Produce a report now, in this process."""
    chosen = {name.strip(): value.strip() for name, _, value in (told.partition("=") for told in options)}
    question = Question(brand, from_date, to_date, clock.today(), group_by, chosen)
    _refuse_wrong(report, question)
    command.brands(brand)
    with workspace() as directory:
        _run(report, question, FORMATS[format_], directory, unmasked, totals, out)


def _refuse_wrong(report: Any, question: Question) -> None:
    days = question.from_date, question.to_date, question.today
    wrong = report.problem(*days) or report.option_problem(question.options)
    words = wrong[1] if wrong else report.group_problem(question.group_by)
    if words:
        raise click.UsageError(words)


def _run(
    report: Any,
    question: Question,
    format_: Any,
    directory: Path,
    unmasked: bool,
    totals: bool,
    out: Path | None,
) -> None:
    from app.reporting.producing import make

    made = make(report, question, directory, unmasked=unmasked)
    file = directory / f"report.{format_.extension}"
    format_.write(made, file)
    with brand_scope(question.brand_id):
        told = {"report_type": report.name, "rows": made.row_count, "unmasked": unmasked}
        days = {"from_date": question.from_date.isoformat(), "to_date": question.to_date.isoformat()}
        audit.record("report.exported", "report", new_id(), after=told | days, reason="command line")
    with file.open("rb") as source, click.open_file(str(out or "-"), "wb") as target:
        copyfileobj(source, target)
        if totals and format_.extension == "csv":
            target.write(csv_totals(report, made.totals))
    click.echo(f"{report.name}: {made.row_count} rows, as of {made.as_of.isoformat()}", err=True)
