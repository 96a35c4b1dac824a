"""From the statement as the bank gave it to a report, features and the memo's prefill (pipelines.bsa)."""

import json
import re
from typing import Any

from app.banking import vault
from app.banking.models import BdaReport
from app.core import clock
from pipelines import EvidenceError, StatementAnalysis, analyse_statement, cam_prefill


def analyse(report: BdaReport) -> None:
    """Work a PROCESSING report out: READY, or FAILED when the evidence cannot be read.

    As of the day it was fetched, so that running it again gives the same.
    """
    report = report.locked()
    if report.status != "PROCESSING":
        return
    documents = [document["fi"] for document in vault.get(report.raw_key)]
    as_of = clock.business_day(report.created_at)
    try:
        analysis = analyse_statement(documents, as_of=as_of, statement_id=str(report.id))
    except EvidenceError as error:
        report.change(status="FAILED", reason=f"The statement cannot be read: {error}.")
        return
    _keep(report, analysis)


def _keep(report: BdaReport, analysis: StatementAnalysis) -> None:
    report_key = vault.key_of("reports", f"{report.id}.enc")
    vault.put(report_key, analysis.report)
    report.change(
        status="READY",
        report_key=report_key,
        features=_plain(analysis.features.values),
        lineage=analysis.lineage,
        cam_prefill={_cam_name(name): value for name, value in _plain(cam_prefill(analysis.report)).items()},
    )


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """Decimals and dates as text, exactly."""
    return json.loads(json.dumps(values, default=str))


def _cam_name(name: str) -> str:
    """The memo writes `salary_amount_1`."""
    return re.sub(r"(?<=[a-z])(?=\d$)", "_", name)
