"""From a bureau's answer to what is known of the applicant (pipelines.bureau)."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import structlog

from app.providers.bureau import BureauAnswer
from pipelines import (
    BureauReport,
    EvidenceError,
    bureau_features,
    bureau_summary,
    read_cibil,
    read_crif,
    read_equifax,
)
from pipelines.scalars import plain

READERS: Mapping[str, Callable[..., BureauReport]] = {
    "cibil": read_cibil,
    "crif": read_crif,
    "equifax": read_equifax,
}
READ, UNREADABLE = "READ", "UNREADABLE"

log = structlog.get_logger()


def known_of(bureau: str, answer: BureauAnswer, report_id: str, as_of: date) -> dict[str, Any]:
    """The columns of a report that come out of the answer; why nothing does where it cannot be read."""
    try:
        report = READERS[bureau](answer.report, report_id=report_id)
        return {"status": READ, **_known(report, as_of)}
    except EvidenceError as error:
        # the reason names a place in the report, and holds nothing of what stands there
        log.error("bureau report is not readable", bureau=bureau, report_id=report_id, error=str(error))
        return {"status": UNREADABLE, "reason": f"The report cannot be read: {error}."}


def _known(report: BureauReport, as_of: date) -> dict[str, Any]:
    features = bureau_features(report, as_of)
    return {
        "outcome": report.outcome,
        "score": report.score,
        "pulled_on": report.pulled_on,
        "control_number": report.control_number,
        "features": plain(features.values),
        "lineage": features.lineage,
        "summary": bureau_summary(report, as_of),
    }
