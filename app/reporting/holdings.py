"""What this domain holds of people: the files of reports."""

from app.core.holding import Holding
from app.reporting.models import READY, ReportRun

_FILES = ("rows.csv", "rows.jsonl", "rows.blocks.json")

HOLDINGS = (
    Holding(
        "report files",
        ReportRun,
        objects=lambda run: [f"{run.file_key}/{name}" for name in _FILES] if run.file_key else [],
        blank={
            "status": "FAILED",
            "reason": "The files were deleted: their time has passed.",
            "file_key": None,
        },
        only=ReportRun.status == READY,
    ),
)
