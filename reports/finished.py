"""What of a finished report its formats are made of."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from reports.base import Report


class Finished(Protocol):
    """A report whose rows are in Parquet."""

    report: Report
    rows: Path
    row_count: int
    totals: Mapping[str, Any]
