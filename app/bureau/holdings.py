"""What this domain holds of people."""

from app.bureau.models import BureauReport
from app.core.holding import Holding

HOLDINGS = (
    # the features stay: a decision was made with them, and they name nobody
    Holding(
        "bureau reports",
        BureauReport,
        customer=BureauReport.customer_id,
        objects=lambda report: [report.raw_key],
        blank={},
        untold=frozenset({"raw_key", "lineage"}),
    ),
)
