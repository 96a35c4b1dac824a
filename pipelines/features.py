"""What the rules read: named values, each with the evidence that it came from."""

from dataclasses import dataclass, field
from decimal import Decimal

import polars as pl

Value = Decimal | int | bool | str


@dataclass(frozen=True)
class Features:
    """Feature values under the names of the feature dictionary.

    A feature that is not in `values` is unknown: it is never replaced by zero. `lineage` names the
    transactions ("txn_id") or report fields ("accounts[T001].paymentHistory") behind each known value;
    a known zero that nothing contributed to has an empty list.
    """

    values: dict[str, Value] = field(default_factory=dict)
    lineage: dict[str, list[str]] = field(default_factory=dict)


def evidence(rows: pl.LazyFrame, *names: str, source: str = "txn_id") -> pl.LazyFrame:
    """Says that each of these rows contributed to each of the named features (one line per pair)."""
    subject = rows.collect_schema().names()[0]
    return pl.concat(
        rows.select(pl.col(subject), feature=pl.lit(name), source=pl.col(source)) for name in names
    )


def features_of(subject_id: str, values: pl.DataFrame, lineage: pl.DataFrame) -> Features:
    """The features of one subject, out of a wide frame of values and a long frame of evidence."""
    subject = values.columns[0]
    row = next(iter(values.filter(pl.col(subject) == subject_id).drop(subject).to_dicts()), {})
    known = {name: value for name, value in row.items() if value is not None}
    sources = (
        lineage.filter(pl.col(subject) == subject_id)
        .group_by("feature", maintain_order=True)
        .agg(pl.col("source").unique(maintain_order=True))
    )
    found = dict(sources.rows())
    return Features(known, {name: found.get(name, []) for name in known})
