"""What this domain holds of people: the files of reports."""

from app.core.holding import Holding
from app.reporting.files import keys
from app.reporting.models import EXPIRED, READY, ReportRun

HOLDINGS = (
    Holding(
        "report files",
        ReportRun,
        objects=keys,
        blank={
            "status": EXPIRED,
            "reason": "Its files were deleted: their time has passed.",
            "file_key": None,
            "files": None,
        },
        only=ReportRun.status == READY,
    ),
)
