"""Experian India report (JSON), as resellers hand it on, into the common bureau schema.

Account types are CIBIL's codes, dates YYYYMMDD. A payment profile has one character a month, newest first, beginning
with the month before the account was reported; where the account has a history of days, that counts instead.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from pipelines.bureau.products import (
    CIBIL_PAYMENTS_PER_YEAR,
    CIBIL_PRODUCTS,
    EXPERIAN_CLOSED,
    EXPERIAN_CONDITIONS,
    EXPERIAN_OWNERSHIP,
    EXPERIAN_PROFILE_DAYS,
)
from pipelines.bureau.reading import (
    Codes,
    Keys,
    accounts_of,
    child,
    code,
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

_CODES = Codes(
    date_formats=("%Y%m%d",),
    dates_are="YYYYMMDD",
    products=CIBIL_PRODUCTS,
    ownership=EXPERIAN_OWNERSHIP,
    conditions={name: name for name in set(EXPERIAN_CONDITIONS.values())},
    payments_per_year=CIBIL_PAYMENTS_PER_YEAR,
    key=lambda text: pl.when(text.str.len_chars() < 3).then(code(text)).otherwise(text),
    enquiry_products=CIBIL_PRODUCTS,
    enquiry_key=code,
)
_ACCOUNT_KEYS: Keys = {
    "index": ("Account_Index",),
    "lender": ("Subscriber_Name",),
    "type": ("Account_Type",),
    "ownership": ("AccountHoldertypeCode",),
    "opened": ("Open_Date",),
    "reported": ("Date_Reported",),
    "closed": ("Date_Closed",),
    "sanctioned": ("Highest_Credit_or_Original_Loan_Amount",),
    "outstanding": ("Current_Balance",),
    "overdue": ("Amount_Past_Due",),
    "limit": ("Credit_Limit_Amount",),
    "emi": ("Scheduled_Monthly_Payment_Amount",),
    "frequency": ("Terms_Frequency",),
    "tenure": ("Repayment_Tenure",),
    "written_off": ("Written_Off_Amt_Total",),
    "status": ("Account_Status",),
    "profile": ("Payment_History_Profile",),
}
_ENQUIRY_KEYS: Keys = {
    "index": ("Enquiry_Index",),
    "date": ("Date_of_Request",),
    "lender": ("Subscriber_Name",),
    "purpose": ("Finance_Purpose",),
    "amount": ("Amount_Financed",),
}
_WRAPPERS = ("result", "resultjson", "inprofileresponse", "creditreports", "creditreportdata")


def read_experian(raw: Mapping[str, Any], *, report_id: str = "report") -> BureauReport:
    """Reads one report. Raises EvidenceError when the answer is not a report or a value is malformed."""
    tree = _unwrapped(raw)
    data = child(tree, "caisaccount") or child(tree, "creditaccount")
    entries = many(
        child(data, "caisaccountdetails") or child(data, "creditaccountdetails"), "CAIS_Account_DETAILS"
    )
    accounts = raw_frame(entries, "CAIS_Account_DETAILS", _ACCOUNT_KEYS, fold)
    caps = child(tree, "caps")
    asked = many(child(caps, "capsapplicationdetails") or child(caps, "capsapplicationdetailsarray"), "CAPS")
    enquiries = enquiries_of(raw_frame(asked, "CAPS", _ENQUIRY_KEYS, fold), _ENQUIRY_KEYS, _CODES, report_id)
    score = score_of(child(tree, "score", "bureauscore") or None, "SCORE.BureauScore")
    outcome = outcome_of(score, not (accounts.is_empty() and enquiries.is_empty()))
    header = child(tree, "creditprofileheader")
    stated = child(data, "caissummary", "creditaccount", "creditaccounttotal") or child(
        data, "creditaccountsummary", "account", "creditaccounttotal"
    )
    warnings = count_warning(accounts.height, stated)
    return BureauReport(
        bureau="EXPERIAN",
        report_id=report_id,
        outcome=outcome,
        score=score if outcome == "SCORED" else None,
        pulled_on=_day(child(header, "reportdate"), "CreditProfileHeader.ReportDate"),
        control_number=text_of(child(header, "reportnumber") or None, "CreditProfileHeader.ReportNumber"),
        accounts=accounts_of(_stated(accounts), _ACCOUNT_KEYS, _CODES, report_id).lazy(),
        history=_history(accounts, report_id).lazy(),
        enquiries=enquiries.lazy(),
        identities=identities_of(list(_identities(entries)), report_id).lazy(),
        warnings=warnings,
        has_accounts=bool(accounts.height) or not warnings,
    )


def _unwrapped(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """The profile itself, out of what resellers wrap it in."""
    if not isinstance(raw, Mapping):
        raise EvidenceError("report", "is not an object")
    tree = folded(raw)
    while name := next((name for name in _WRAPPERS if name in tree), None):
        inner = many(tree[name], name)
        if not inner:
            break
        tree = inner[0]
    if "creditprofileheader" not in tree:
        raise EvidenceError("CreditProfileHeader", "is missing")
    return tree


def _stated(accounts: pl.DataFrame) -> pl.DataFrame:
    """Tells the account's condition and its end out of its status."""
    status = code(pl.col("status"))
    ended = pl.when(status.is_in(EXPERIAN_CLOSED)).then("reported")
    condition = status.replace_strict(EXPERIAN_CONDITIONS, default=None, return_dtype=pl.String())
    return accounts.with_columns(closed=pl.coalesce("closed", ended), condition=condition)


def _history(accounts: pl.DataFrame, report_id: str) -> pl.DataFrame:
    strings = accounts.select(
        "index", text=pl.col("profile").str.to_uppercase(), reported=day("reported", _CODES)
    )
    given = strings["text"].is_not_null()
    known = strings["text"].str.contains(f"^[{''.join(EXPERIAN_PROFILE_DAYS)}]*$".replace("?", r"\?"))
    undated = given & strings["reported"].is_null() & strings["text"].str.contains(r"[^N?]")
    refuse_rows(
        "CAIS_Account_DETAILS",
        [
            ("Payment_History_Profile", given & ~known, "is not a list of known characters"),
            ("Date_Reported", undated, "is missing or not a date YYYYMMDD"),
        ],
    )
    months = (
        strings.drop_nulls(["text", "reported"])
        .with_columns(status=pl.col("text").str.extract_all("."))
        .with_columns(months_back=pl.int_ranges(1, pl.col("status").list.len() + 1))
        .explode("status", "months_back")
        .drop_nulls("status")
    )
    rows = months.select(
        account_id="index",
        month=pl.col("reported").dt.month_start().dt.offset_by(pl.format("-{}mo", "months_back")),
        status="status",
        days_past_due=pl.col("status").replace_strict(
            EXPERIAN_PROFILE_DAYS, default=None, return_dtype=pl.Int64()
        ),
    )
    return history_of(rows, report_id)


def _day(value: Any, field: str) -> Any:
    text = text_of(value or None, field)
    return pl.DataFrame({"date": [text]}, schema={"date": pl.String}).select(day("date", _CODES)).item()


def _identities(entries: list[Mapping[str, Any]]) -> Iterator[tuple[str, str | None]]:
    places = (
        ("caisholderdetails", "surnamenonnormalized", "NAME"),
        ("caisholderdetails", "dateofbirth", "DOB"),
        ("caisholderiddetails", "incometaxpan", "PAN"),
        ("caisholderphonedetails", "mobiletelephonenumber", "PHONE"),
        ("caisholderphonedetails", "emailid", "EMAIL"),
    )
    for entry in entries:
        for segment, key, kind in places:
            listed = entry.get(segment)
            for one in many(listed, segment) if isinstance(listed, list | Mapping) else ():
                yield kind, text_of(one.get(key), f"{segment}.{key}")
