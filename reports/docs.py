"""The documentation of the reports, made from their declarations."""

from collections.abc import Iterable

from reports.base import Column, Option, Report
from reports.kinds import KINDS
from reports.masks import MASKS
from reports.write import camel

_HEAD = """# Reports

Made by `los reports docs` from the declarations in `reports/`; how to add one is in how-to-report.md.

Dates in the range are days in India, both included. Amounts are rupees, exact. An empty cell means unknown,
which is not zero. A column marked *empty* has nothing to tell here, its meaning says why: it stands there because
readers and bureaus expect it.
"""


def document(reports: Iterable[Report]) -> str:
    """docs/reports.md."""
    return "\n".join([_HEAD, _kinds(), _masks(), *(describe(report) for report in reports)])


def _kinds() -> str:
    rows = (f"| {kind.letter} | {kind.name} |" for kind in KINDS)
    return "\n".join(["| type | |", "|---|---|", *rows, ""])


def _masks() -> str:
    masks = ", ".join(f"{mask.name} `{mask.example}`" for mask in MASKS)
    return f"Personal data is masked unless the reader may see it: {masks}.\n"


def describe(report: Report) -> str:
    """One report, column by column, in Markdown."""
    totals = ", ".join(total.name for total in report.totals)
    lines = [
        f"## {report.name}",
        "",
        f"{report.title} ({report.family}): {report.grain}. The dates apply to {report.filtered_on}. "
        f"Sorted: {report.order}.",
        "",
        f"Totals: {totals}.",
        "",
        *(
            line
            for listing in report.listings
            for line in (f"Told beside: {listing.name}, {listing.meaning}.", "")
        ),
        *_grouping(report),
        *(line for option in report.options for line in (_option(option), "")),
        "| column | type | meaning |",
        "|---|---|---|",
        *(_row(column) for column in report.columns),
        "",
    ]
    return "\n".join(lines)


def _grouping(report: Report) -> list[str]:
    if not report.grouping:
        return []
    names, finer = (
        ", ".join(f"`{name}`" for name in names) for names in (report.grouping.values, report.grouping.finer)
    )
    only = f" Only if it is named: {finer}." if finer else ""
    return [f"Grouped by all of these, or by the one that `groupBy` names: {names}.{only}", ""]


def _option(option: Option) -> str:
    values = "; ".join(f"`{value}`: {gives}" for value, gives in option.values.items())
    return f"`{camel(option.name)}` may be {values}. Without it: `{option.default}`."


def _row(column: Column) -> str:
    notes = [f"masked as {column.mask.name}"] if column.mask else []
    notes += ["*empty*"] if column.empty else []
    suffix = f" ({', '.join(notes)})" if notes else ""
    return f"| {column.name} | {column.kind.letter} | {column.meaning}{suffix} |"
