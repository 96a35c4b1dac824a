"""CRIF High Mark "CIR PRO V2" report (JSON) into the common bureau schema.

Amounts are text with thousands commas, dates DD-MM-YYYY, instalments "545/Monthly". A payment history is two texts
of equal length, "Apr:2026|Mar:2026|" and "000/XXX|000/STD|": days past due and asset class of each month.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from pipelines.bureau.labels import CRIF_CODES, closed_day, condition_in
from pipelines.bureau.products import ASSET_CLASS_DAYS
from pipelines.bureau.reading import (
    Keys,
    accounts_of,
    child,
    count_warning,
    day,
    enquiries_of,
    fold,
    folded,
    history_of,
    identities_of,
    many,
    outcome_of,
    raw_frame,
    score_of,
)
from pipelines.bureau.report import BureauReport
from pipelines.errors import EvidenceError
from pipelines.scalars import text_of

PAYMENT_HISTORY = "COMBINED-PAYMENT-HISTORY"

_ACCOUNT_KEYS: Keys = {
    "index": ("ACCT-INDEX",),
    "lender": ("CREDIT-GRANTOR",),
    "type": ("ACCT-TYPE",),
    "security": ("SECURITY-STATUS",),
    "ownership": ("OWNERSHIP-TYPE", "OWNERSHIP-IND"),
    "opened": ("DISBURSED-DT", "DISBURSED-DATE"),
    "reported": ("REPORTED-DT", "DATE-REPORTED"),
    "closed": ("CLOSED-DT", "CLOSED-DATE"),
    "sanctioned": ("DISBURSED-AMT", "HIGH-CREDIT"),
    "outstanding": ("CURRENT-BAL", "CURRENT-BALANCE"),
    "overdue": ("OVERDUE-AMT",),
    "limit": ("CREDIT-LIMIT",),
    "emi": ("INSTALLMENT-AMT",),
    "frequency": ("INSTALLMENT-FREQUENCY",),
    "tenure": ("REPAYMENT-TENURE", "ORIGINAL-TERM"),
    "written_off": ("WRITE-OFF-AMT", "WRITTEN-OFF-AMT"),
    "status": ("ACCOUNT-STATUS",),
    "written_off_status": ("WRITTEN-OFF-SETTLED-STATUS",),
}
_ENQUIRY_KEYS: Keys = {
    "index": ("INQUIRY-INDEX",),
    "date": ("INQUIRY-DT", "INQUIRY-DATE"),
    "lender": ("LENDER-NAME", "MEMBER-NAME"),
    "purpose": ("LOAN-TYPE",),
    "amount": ("AMOUNT",),
}
_VARIATIONS = {
    "NAME-VARIATIONS": "NAME",
    "DOB-VARIATIONS": "DOB",
    "PAN-VARIATIONS": "PAN",
    "UID-VARIATIONS": "UID",
    "PHONE-VARIATIONS": "PHONE",
    "EMAIL-VARIATIONS": "EMAIL",
    "ADDRESS-VARIATIONS": "ADDRESS",
    "CKYC-VARIATIONS": "CKYC",
    "VOTER-ID-VARIATIONS": "VOTER_ID",
    "PASSPORT-VARIATIONS": "PASSPORT",
    "DRIVING-LICENSE-VARIATIONS": "DRIVING_LICENCE",
    "RATION-CARD-VARIATIONS": "RATION_CARD",
}


def read_crif(raw: Mapping[str, Any], *, report_id: str = "report") -> BureauReport:
    """Reads one report. Raises EvidenceError when the answer is not a report or a value is malformed."""
    if not isinstance(raw, Mapping):
        raise EvidenceError("report", "is not an object")
    tree = folded(raw)
    tree = child(tree, "cirreportfile") or tree
    _refuse_failure(tree)
    data = child(tree, "reportdata", "standarddata")
    entries = many(child(data, "tradelines"), "TRADELINES")
    accounts = raw_frame(entries, "TRADELINES", _ACCOUNT_KEYS, fold)
    asked = raw_frame(
        many(child(data, "inquiryhistory"), "INQUIRY-HISTORY"), "INQUIRY-HISTORY", _ENQUIRY_KEYS, fold
    )
    enquiries = enquiries_of(asked, _ENQUIRY_KEYS, CRIF_CODES, report_id)
    score = _score(data)
    header = child(tree, "headersegment")
    outcome = outcome_of(score, not (accounts.is_empty() and enquiries.is_empty()))
    warnings = count_warning(accounts.height, _stated_accounts(tree))
    return BureauReport(
        bureau="CRIF",
        report_id=report_id,
        outcome=outcome,
        score=score if outcome == "SCORED" else None,
        pulled_on=_day(
            child(header, "dateofissue") or child(header, "dateofrequest"), "HEADER-SEGMENT.DATE-OF-ISSUE"
        ),
        control_number=text_of(child(header, "reportid") or None, "HEADER-SEGMENT.REPORT-ID"),
        accounts=accounts_of(_stated(accounts), _ACCOUNT_KEYS, CRIF_CODES, report_id).lazy(),
        history=history_of(_months(entries, accounts["index"].to_list()), report_id).lazy(),
        enquiries=enquiries.lazy(),
        identities=identities_of(list(_identities(data)), report_id).lazy(),
        warnings=warnings,
        has_accounts=bool(accounts.height) or not warnings,
    )


def _refuse_failure(tree: Any) -> None:
    """An answer that is no report; one that says "no hit" is a report on nobody."""
    if not isinstance(child(tree, "reportdata"), Mapping) or not (
        child(tree, "reportdata") or child(tree, "headersegment")
    ):
        raise EvidenceError("CIR-REPORT-FILE", "holds no report")
    statuses = many(child(tree, "requeststatus"), "REQUEST-STATUS") or [child(tree, "headersegment")]
    report = next((one for one in statuses if str(one.get("type", "CIR")).upper() == "CIR"), {})
    status = str(report.get("status") or "SUCCESS").upper()
    if status != "SUCCESS" and "HIT" not in status:
        raise EvidenceError("REQUEST-STATUS", "says that the bureau returned no report")


def _stated(accounts: pl.DataFrame) -> pl.DataFrame:
    """Splits "545/Monthly", and tells the account's condition and its end out of its status."""
    status = pl.col("status").str.to_lowercase()
    parts = pl.col("emi").str.split("/")
    return closed_day(accounts, status.str.contains("closed")).with_columns(
        emi=parts.list.get(0, null_on_oob=True),
        frequency=pl.coalesce("frequency", parts.list.get(1, null_on_oob=True)),
        condition=pl.coalesce(condition_in(pl.col("written_off_status")), condition_in(pl.col("status"))),
    )


def _months(entries: list[Mapping[str, Any]], account_ids: list[str]) -> pl.DataFrame:
    """Every reported month of every account: account_id, month, status, days_past_due."""
    rows = [
        (account_id, *pair)
        for number, (account_id, entry) in enumerate(zip(account_ids, entries, strict=True))
        for pair in _history(entry, f"TRADELINES[{number}].HISTORY")
    ]
    raw = pl.DataFrame(rows, schema=dict.fromkeys(("account_id", "day", "status"), pl.String), orient="row")
    parts = pl.col("status").str.to_uppercase().str.split("/")
    days = parts.list.get(0, null_on_oob=True)
    typed = raw.with_columns(
        month=("01:" + pl.col("day")).str.to_date("%d:%b:%Y", strict=False),
        days_past_due=pl.max_horizontal(
            days.str.extract("^([0-9]{1,4})$").cast(pl.Int64, strict=False),
            _class_days(days),
            _class_days(parts.list.get(1, null_on_oob=True)),
        ),
    )
    if typed["month"].has_nulls():
        raise EvidenceError("HISTORY.DATES", "is not a list of months Mon:YYYY")
    return typed.select("account_id", "month", "status", "days_past_due")


def _class_days(asset_class: pl.Expr) -> pl.Expr:
    """STD beside a number of days proves nothing, and neither does a class that is not listed."""
    return asset_class.replace_strict(
        ASSET_CLASS_DAYS | {"LOS": ASSET_CLASS_DAYS["LSS"]}, default=None, return_dtype=pl.Int64()
    )


def _history(entry: Mapping[str, Any], field: str) -> list[tuple[str, str]]:
    wanted = [one for one in many(entry.get("history"), field) if one.get("name") == PAYMENT_HISTORY]
    if not wanted:
        return []
    dates, values = (_split(wanted[0].get(key), f"{field}.{key.upper()}") for key in ("dates", "values"))
    if len(dates) != len(values):
        raise EvidenceError(f"{field}.VALUES", "has another number of months than DATES")
    return list(zip(dates, values, strict=True))


def _split(text: Any, field: str) -> list[str]:
    return [part.strip() for part in (text_of(text, field) or "").rstrip("|").split("|") if part.strip()]


def _score(data: Any) -> int | None:
    scores = many(child(data, "score"), "SCORE")
    return score_of(scores[0].get("value"), "SCORE[0].VALUE") if scores else None


def _day(value: Any, field: str) -> Any:
    text = text_of(value or None, field)
    return pl.DataFrame({"date": [text]}, schema={"date": pl.String}).select(day("date", CRIF_CODES)).item()


def _stated_accounts(tree: Any) -> Any:
    summary = child(tree, "reportdata", "accountssummary", "primaryaccountssummary")
    return child(summary, "numberofaccounts") or None


def _identities(data: Any) -> Iterator[tuple[str, str | None]]:
    for kind in many(child(data, "demogs", "variations"), "VARIATIONS"):
        name = _VARIATIONS.get(str(kind.get("type", "")).upper())
        for one in many(kind.get("variation"), "VARIATIONS.VARIATION") if name else ():
            yield name, text_of(one.get("value"), "VARIATIONS.VARIATION.VALUE")
