"""`los bsa`: how well the reading of narrations does, from the command line."""

from pathlib import Path

import click
import polars as pl

from pipelines import EvidenceError
from pipelines.bsa.evaluation import COLUMNS, labelled_templates, labelled_transactions, predictions, scores

SHIPPED = Path(__file__).parents[2] / "tests" / "pipelines" / "evaluation"
MISSES_MAX = 50


@click.group()
def bsa() -> None:
    """Bank statement analysis: try it on labelled transactions."""


@bsa.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--misses", is_flag=True, help="Show the narrations that were told apart wrongly.")
@click.option("--minimum", type=click.FloatRange(0, 1), help="Exit 1 if a precision or recall is lower.")
def evaluate(files: tuple[Path, ...], misses: bool, minimum: float | None) -> None:
    """Precision and recall on FILES, CSVs of labelled transactions; the shipped ones when none is given.

    The columns are statement_id, account_ref, txn_id, date (2026-05-01), side (CR or DR), amount, balance,
    narration and label (SALARY, EMI, BOUNCE, TRANSFER, CASH or OTHER). A CSV of masked narrations with an
    analyser's category (bank, vendor_category, side, template, count) is taken too.
    """
    low = []
    for file in files or _shipped():
        told = predictions(_read(file))
        lines = scores(told)
        click.echo(f"{file.name}: {told.height:,} transactions, {told['statement_id'].n_unique()} statements")
        click.echo(f"  {'':<10}{'rows':>7}{'precision':>11}{'recall':>9}")
        for line in lines:
            click.echo(
                f"  {line['label']:<10}{line['rows']:>7,}{_shown(line['precision']):>11}{_shown(line['recall']):>9}"
            )
        low += [line for line in lines if minimum is not None and _lowest(line) < minimum]
        if misses:
            _show_misses(told)
    if low:
        raise click.ClickException(f"below {minimum}: {', '.join(line['label'] for line in low)}")


def _shipped() -> list[Path]:
    found = sorted(SHIPPED.glob("*.csv"))
    if not found:
        raise click.ClickException("name a CSV of labelled transactions; this installation ships none")
    return found


def _read(file: Path) -> pl.DataFrame:
    try:
        table = pl.read_csv(file, infer_schema=False)
        return labelled_templates(table) if "template" in table.columns else labelled_transactions(table)
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        raise click.ClickException(
            f"{file}: no CSV with the columns {', '.join(COLUMNS)} ({error})"
        ) from error
    except EvidenceError as error:
        raise click.ClickException(f"{file}: {error}") from error


def _shown(share: float | None) -> str:
    return "-" if share is None else f"{share:.3f}"


def _lowest(line: dict) -> float:
    return min(share for share in (line["precision"], line["recall"], 1.0) if share is not None)


def _show_misses(told: pl.DataFrame) -> None:
    wrong = told.filter(pl.col("label") != pl.col("predicted"))
    for row in wrong.head(MISSES_MAX).iter_rows(named=True):
        click.echo(f"  {row['label']} taken for {row['predicted']} ({row['category']}): {row['narration']}")
    if wrong.height > MISSES_MAX:
        click.echo(f"  and {wrong.height - MISSES_MAX} more")
