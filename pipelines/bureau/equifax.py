"""Equifax India credit report into the common bureau schema: CCR (JSON) and PCS (the ePort XML made JSON).

Keys are compared without case and punctuation, and one object may stand for a list of one, so that the spellings of
resellers read alike. Dates are YYYY-MM-DD. The history names its months ("03-26") and says how late each was.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from pipelines.bureau.labels import EQUIFAX_CODES, closed_day, condition_in
from pipelines.bureau.products import EQUIFAX_STATUSES
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
from pipelines.frames import refuse_rows
from pipelines.scalars import text_of

NOBODY = "00"  # ErrorCode: consumer not found in bureau

_ACCOUNT_KEYS: Keys = {
    "index": ("seq",),
    "lender": ("Institution",),
    "type": ("AccountType",),
    "security": ("LoanCategoryType",),
    "ownership": ("OwnershipType",),
    "opened": ("DateOpened",),
    "reported": ("DateReported", "ReportedDate"),
    "closed": ("DateClosed",),
    "sanctioned": ("SanctionAmount", "HighCredit"),
    "outstanding": ("Balance",),
    "overdue": ("PastDueAmount",),
    "limit": ("CreditLimit",),
    "emi": ("InstallmentAmount",),
    "frequency": ("TermFrequency",),
    "tenure": ("RepaymentTenure",),
    "written_off": ("WriteOffAmount",),
    "status": ("AccountStatus",),
    "is_open": ("Open",),
}
_MONTH_KEYS: Keys = {
    "index": ("seq",),
    "key": ("key",),
    "status": ("PaymentStatus",),
    "asset_class": ("AssetClassificationStatus",),
    "days": ("DaysPastDue",),
}
_ENQUIRY_KEYS: Keys = {
    "index": ("seq",),
    "date": ("Date",),
    "lender": ("Institution",),
    "purpose": ("RequestPurpose",),
    "amount": ("Amount",),
}
_ID_KINDS = {
    "panid": "PAN",
    "nationalidcard": "UID",
    "voterid": "VOTER_ID",
    "passportid": "PASSPORT",
    "driverlicence": "DRIVING_LICENCE",
    "driverslicense": "DRIVING_LICENCE",
    "rationcard": "RATION_CARD",
    "ckycid": "CKYC",
}


def read_equifax(raw: Mapping[str, Any], *, report_id: str = "report") -> BureauReport:
    """Reads one report. Raises EvidenceError when the answer is not a report or a value is malformed."""
    if not isinstance(raw, Mapping):
        raise EvidenceError("report", "is not an object")
    tree = folded(raw)
    tree = child(tree, "inquiryresponse") or tree
    header = child(tree, "inquiryresponseheader")
    parts = _parts(tree, header)
    entries = [entry for part in parts for entry in _accounts(part)]
    accounts = raw_frame(entries, "RetailAccountDetails", _ACCOUNT_KEYS, fold)
    months = _months(entries, accounts["index"].to_list())
    enquiries = _enquiries(parts, report_id)
    score = _score(parts)
    outcome = outcome_of(score, not (accounts.is_empty() and enquiries.is_empty()))
    warnings = count_warning(accounts.height, _stated_accounts(parts))
    return BureauReport(
        bureau="EQUIFAX",
        report_id=report_id,
        outcome=outcome,
        score=score if outcome == "SCORED" else None,
        pulled_on=_pulled_on(header),
        control_number=text_of(child(header, "reportorderno") or None, "InquiryResponseHeader.ReportOrderNO"),
        accounts=accounts_of(_stated(accounts, months), _ACCOUNT_KEYS, EQUIFAX_CODES, report_id).lazy(),
        history=history_of(months, report_id).lazy(),
        enquiries=enquiries.lazy(),
        identities=identities_of(list(_identities(parts)), report_id).lazy(),
        warnings=warnings,
        has_accounts=bool(accounts.height) or not warnings,
    )


def _parts(tree: Any, header: Any) -> list[Mapping[str, Any]]:
    """The pieces of the report (retail, microfinance); none for a person whom the bureau does not know."""
    listed = many(child(tree, "ccrresponse", "cirreportdatalst"), "CIRReportDataLst")
    parts = []
    for entry in (*listed, tree if isinstance(tree, Mapping) else {}):
        for name in ("cirreportdata", "reportdata"):
            parts += many(entry.get(name), name)
    if parts:
        return parts
    error = next(
        (
            child(entry, "error")
            for entry in (*listed, child(tree, "ccrresponse"), tree)
            if child(entry, "error")
        ),
        {},
    )
    hit_code = str(child(header, "hitcode") or "").strip()
    if _says_nobody(error) or (not error and hit_code and not hit_code.startswith("1")):
        return []
    raise EvidenceError("CCRResponse", "holds no report")


def _says_nobody(error: Any) -> bool:
    code = str(child(error, "errorcode") or "").strip()
    words = str(child(error, "errordesc") or child(error, "errormsg") or "").lower()
    return bool(error) and (code == NOBODY or "not found" in words or "no hit" in words)


def _accounts(part: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = many(part.get("retailaccountdetails"), "RetailAccountDetails")
    found += many(child(part, "accountdetails", "account"), "AccountDetails.Account")
    return found + many(part.get("microfinanceaccountdetails"), "MicrofinanceAccountDetails")


def _stated(accounts: pl.DataFrame, months: pl.DataFrame) -> pl.DataFrame:
    """Adds what an account is (condition, closed) out of its status, or out of its newest month that tells."""
    conditions = {status: condition for status, (_, condition) in EQUIFAX_STATUSES.items() if condition}
    told = (
        months.with_columns(
            told=pl.col("status").replace_strict(conditions, default=None, return_dtype=pl.String())
        )
        .drop_nulls("told")
        .sort("month", descending=True)
        .group_by("account_id", maintain_order=True)
        .agg(pl.col("told").first())
    )
    accounts = accounts.join(told, left_on="index", right_on="account_id", how="left", maintain_order="left")
    is_closed = (pl.col("is_open").str.to_lowercase() == "no") | pl.col(
        "status"
    ).str.to_lowercase().str.contains("closed")
    return closed_day(accounts, is_closed).with_columns(
        condition=pl.coalesce(condition_in(pl.col("status")), "told")
    )


def _months(entries: list[Mapping[str, Any]], account_ids: list[str]) -> pl.DataFrame:
    """Every reported month of every account: account_id, month, status, days_past_due."""
    rows, owners = [], []
    for account_id, entry in zip(account_ids, entries, strict=True):
        history = entry.get("history48months")
        months = many(
            child(history, "month") or None if isinstance(history, Mapping) else history, "History48Months"
        )
        rows += months
        owners += [account_id] * len(months)
    raw = raw_frame(rows, "History48Months", _MONTH_KEYS, fold)
    month = ("01-" + pl.col("key")).str.to_date("%d-%m-%y", strict=False)
    status = pl.col("status").str.to_uppercase()
    typed = raw.with_columns(
        account_id=pl.Series(owners, dtype=pl.String),
        month=month,
        status=status,
        days_past_due=pl.max_horizontal(
            _days(status), _days(pl.col("asset_class").str.to_uppercase()), _number("days")
        ),
    )
    refuse_rows("History48Months", [("key", typed["month"].is_null(), "is not a month MM-YY")])
    return typed.select("account_id", "month", "status", "days_past_due")


def _days(status: pl.Expr) -> pl.Expr:
    table = {name: days for name, (days, _) in EQUIFAX_STATUSES.items()}
    more_than = status.str.extract(r"^([0-9]{1,4})\+?$").cast(pl.Int64, strict=False)
    return pl.coalesce(more_than, status.replace_strict(table, default=None, return_dtype=pl.Int64()))


def _number(name: str) -> pl.Expr:
    return pl.col(name).str.extract(r"^([0-9]{1,4})$").cast(pl.Int64, strict=False)


def _enquiries(parts: list[Mapping[str, Any]], report_id: str) -> pl.DataFrame:
    entries = []
    for part in parts:
        found = part.get("enquiries")
        entries += many(
            child(found, "enquiry") or found if isinstance(found, Mapping) else found, "Enquiries"
        )
    raw = raw_frame(entries, "Enquiries", _ENQUIRY_KEYS, fold)
    return enquiries_of(raw, _ENQUIRY_KEYS, EQUIFAX_CODES, report_id)


def _score(parts: list[Mapping[str, Any]]) -> int | None:
    for part in parts:
        details = part.get("scoredetails")
        scores = many(
            child(details, "scoredetail") or details if isinstance(details, Mapping) else details,
            "ScoreDetails",
        )
        for score in scores:
            if score.get("value") not in (None, ""):
                return score_of(score["value"], "ScoreDetails[0].Value")
    return None


def _pulled_on(header: Any) -> Any:
    frame = pl.DataFrame(
        {"date": [text_of(child(header, "date") or None, "InquiryResponseHeader.Date")]},
        schema={"date": pl.String},
    )
    return frame.select(day("date", EQUIFAX_CODES)).item()


def _stated_accounts(parts: list[Mapping[str, Any]]) -> Any:
    places = (
        ("retailaccountssummary",),
        ("accountsummary", "accountssummary"),
        ("accountsummary", "consolidatecreditsummary", "retail"),
    )
    summaries = (child(part, *place) for part in parts for place in places)
    return next((count for summary in summaries if (count := child(summary, "noofaccounts"))), None)


def _identities(parts: list[Mapping[str, Any]]) -> Iterator[tuple[str, str | None]]:
    for part in parts:
        contact = child(part, "idandcontactinfo")
        person = child(contact, "personalinfo")
        name = child(person, "name")
        yield "NAME", text_of(child(name, "fullname") or None, "PersonalInfo.Name.FullName")
        yield "DOB", text_of(child(person, "dateofbirth") or None, "PersonalInfo.DateOfBirth")
        for key, kind in _ID_KINDS.items():
            yield from _values(child(contact, "identityinfo", key), kind, "idnumber")
        yield from _values(child(contact, "phoneinfo"), "PHONE", "number")
        yield from _values(child(contact, "emailaddressinfo"), "EMAIL", "emailaddress")
        yield from _values(child(contact, "addressinfo"), "ADDRESS", "address")


def _values(entries: Any, kind: str, key: str) -> Iterator[tuple[str, str | None]]:
    for entry in many(entries, f"IDAndContactInfo.{kind}"):
        yield kind, text_of(entry.get(key), f"IDAndContactInfo.{kind}")
