"""TransUnion CIBIL consumer report (JSON, TUEF based) into the common bureau schema.

Dates are DDMMYYYY. A field that has no value is absent. The payment history is a string of three characters a
month, newest month first, beginning at paymentStartDate. Where public documents spell a key differently, the
spellings are listed and the first that is present counts.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from pipelines.bureau.products import (
    ASSET_CLASS_DAYS,
    CIBIL_CONDITIONS,
    CIBIL_ID_TYPES,
    CIBIL_OWNERSHIP,
    CIBIL_PAYMENTS_PER_YEAR,
    CIBIL_PRODUCTS,
)
from pipelines.bureau.reading import (
    Codes,
    Keys,
    accounts_of,
    code,
    count_warning,
    day,
    enquiries_of,
    history_of,
    identities_of,
    many,
    outcome_of,
    raw_frame,
    score_of,
)
from pipelines.bureau.report import BureauReport
from pipelines.errors import EvidenceError
from pipelines.frames import refuse_rows
from pipelines.scalars import text_of

NOT_FOUND = "0"  # subjectReturnCode

_CODES = Codes(
    date_formats=("%d%m%Y",),
    dates_are="DDMMYYYY",
    products=CIBIL_PRODUCTS,
    ownership=CIBIL_OWNERSHIP,
    conditions=CIBIL_CONDITIONS,
    payments_per_year=CIBIL_PAYMENTS_PER_YEAR,
    key=code,
    enquiry_products=CIBIL_PRODUCTS,
    enquiry_key=code,
)
_MONTHS = "^(?:[0-9]{3}|" + "|".join(ASSET_CLASS_DAYS) + ")*$"

_ACCOUNT_KEYS: Keys = {
    "index": ("index",),
    "lender": ("memberShortName",),
    "type": ("accountType",),
    "ownership": ("ownershipIndicator",),
    "opened": ("dateOpened",),
    "reported": ("dateReported",),
    "closed": ("dateClosed",),
    "sanctioned": ("highCreditAmount",),
    "outstanding": ("currentBalance",),
    "overdue": ("amountOverdue", "overdueAmount"),
    "limit": ("creditLimit",),
    "emi": ("emiAmount",),
    "frequency": ("paymentFrequency",),
    "tenure": ("paymentTenure",),
    "condition": ("creditFacilityStatus", "writtenOffAndSettledStatus", "writtenOffSettledStatus"),
    "written_off": ("woAmountTotal", "writtenOffAmountTotal", "writtenOffAmount"),
    "history": ("paymentHistory",),
    "history1": ("paymentHistory1",),
    "history2": ("paymentHistory2",),
    "history_start": ("paymentStartDate", "paymentHistoryStartDate"),
}
_NAME_PARTS = ("name", "firstName", "middleName", "lastName")
_ADDRESS_PARTS = ("line1", "line2", "line3", "line4", "line5", "pinCode")
_ENQUIRY_KEYS: Keys = {
    "index": ("index",),
    "date": ("enquiryDate",),
    "lender": ("memberShortName",),
    "purpose": ("enquiryPurpose",),
    "amount": ("enquiryAmount",),
}


def read_cibil(raw: Mapping[str, Any], *, report_id: str = "report") -> BureauReport:
    """Reads one report. Raises EvidenceError when the answer is not a report or a value is malformed."""
    credit = _credit_data(raw)
    header = credit.get("tuefHeader") or {}
    accounts = raw_frame(many(credit.get("accounts"), "accounts"), "accounts", _ACCOUNT_KEYS)
    pulled_on = _date(header.get("dateProcessed"), "tuefHeader.dateProcessed")
    asked = raw_frame(many(credit.get("enquiries"), "enquiries"), "enquiries", _ENQUIRY_KEYS)
    enquiries = enquiries_of(asked, _ENQUIRY_KEYS, _CODES, report_id)
    score = _score(credit)
    # The enquiry that this very pull leaves behind does not make a person known.
    known_before = enquiries.filter(pl.col("enquired_on") < pulled_on) if pulled_on else enquiries
    found = not (accounts.is_empty() and known_before.is_empty())
    return_code = str(header.get("subjectReturnCode", "")).strip()
    outcome = outcome_of(score, found, indexed=return_code != NOT_FOUND)
    warnings = count_warning(accounts.height, _stated_accounts(raw))
    return BureauReport(
        bureau="CIBIL",
        report_id=report_id,
        outcome=outcome,
        score=score if outcome == "SCORED" else None,
        pulled_on=pulled_on,
        control_number=text_of(header.get("enquiryControlNumber"), "tuefHeader.enquiryControlNumber"),
        accounts=accounts_of(accounts, _ACCOUNT_KEYS, _CODES, report_id).lazy(),
        history=_history(accounts, report_id).lazy(),
        enquiries=enquiries.lazy(),
        identities=identities_of(_identities(credit), report_id).lazy(),
        warnings=warnings,
        has_accounts=bool(accounts.height) or not warnings,
    )


def _credit_data(raw: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(raw, Mapping):
        raise EvidenceError("report", "is not an object")
    control = raw.get("controlData")
    if isinstance(control, Mapping) and control.get("success") is False:
        raise EvidenceError("controlData.success", "says that the bureau returned no report")
    consumers = raw.get("consumerCreditData")
    if not isinstance(consumers, list) or not consumers or not isinstance(consumers[0], Mapping):
        raise EvidenceError("consumerCreditData", "is missing")
    if not isinstance(consumers[0].get("tuefHeader") or {}, Mapping):
        raise EvidenceError("tuefHeader", "is not an object")
    return dict(consumers[0])


def _stated_accounts(raw: Mapping[str, Any]) -> Any:
    summary = raw.get("consumerSummaryData")
    accounts = summary.get("accountSummary") if isinstance(summary, Mapping) else None
    return accounts.get("totalAccounts") if isinstance(accounts, Mapping) else None


def _score(credit: Mapping[str, Any]) -> int | None:
    scores = many(credit.get("scores"), "scores")
    return score_of(scores[0].get("score"), "scores[0].score") if scores else None


def _history(raw: pl.DataFrame, report_id: str) -> pl.DataFrame:
    """One row per account and month, out of strings that begin with the newest month."""
    legacy = pl.concat_str("history1", "history2", ignore_nulls=True)
    strings = raw.select(
        "index",
        text=pl.coalesce("history", legacy).str.to_uppercase(),
        newest=day("history_start", _CODES).dt.month_start(),
    )
    _check_history(strings)
    months = (
        strings.filter(pl.col("text") != "")
        .with_columns(status=pl.col("text").str.extract_all("..."))
        .with_columns(months_back=pl.int_ranges(pl.col("status").list.len()))
        .explode("status", "months_back")
    )
    asset_class = pl.col("status").replace_strict(ASSET_CLASS_DAYS, default=None, return_dtype=pl.Int64())
    rows = months.select(
        account_id="index",
        month=pl.col("newest").dt.offset_by(pl.format("-{}mo", "months_back")),
        status="status",
        days_past_due=pl.coalesce(asset_class, pl.col("status").cast(pl.Int64, strict=False)),
    )
    return history_of(rows, report_id)


def _check_history(strings: pl.DataFrame) -> None:
    given, known = strings["text"] != "", strings["text"].str.contains(_MONTHS)
    rules = [
        ("paymentHistory", given & ~known, "is not a list of known three-letter codes"),
        ("paymentStartDate", given & strings["newest"].is_null(), "is missing or not a date DDMMYYYY"),
    ]
    refuse_rows("accounts", rules)


def _identities(credit: Mapping[str, Any]) -> list[tuple[str, str | None]]:
    id_types = [_one(entry, "idType", "ids") or "" for entry in many(credit.get("ids"), "ids")]
    found = [("NAME", name) for name in _joined(credit, "names", _NAME_PARTS, " ")]
    found += [("DOB", day) for day in _joined(credit, "names", ("birthDate",), "")]
    found += zip(
        [CIBIL_ID_TYPES.get(code.zfill(2), "OTHER_ID") for code in id_types],
        _joined(credit, "ids", ("idNumber",), ""),
        strict=True,
    )
    found += [("PHONE", phone) for phone in _joined(credit, "telephones", ("telephoneNumber",), "")]
    found += [("EMAIL", email) for email in _joined(credit, "emails", ("emailID",), "")]
    found += [("ADDRESS", address) for address in _joined(credit, "addresses", _ADDRESS_PARTS, ", ")]
    return found


def _joined(credit: Mapping[str, Any], name: str, keys: tuple[str, ...], glue: str) -> list[str]:
    """One text for each entry of a segment, put together from the keys that it has."""
    return [
        glue.join(filter(None, (_one(entry, key, name) for key in keys)))
        for entry in many(credit.get(name), name)
    ]


def _one(entry: Mapping[str, Any], key: str, parent: str) -> str | None:
    return text_of(entry.get(key), f"{parent}.{key}")


def _date(value: Any, field: str) -> date | None:
    text = text_of(value, field)
    if text is None:
        return None
    try:
        return date(int(text[4:]), int(text[2:4]), int(text[:2]))
    except (ValueError, OverflowError):
        raise EvidenceError(field, "is not a date DDMMYYYY") from None
