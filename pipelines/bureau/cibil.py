"""TransUnion CIBIL consumer report (JSON, TUEF based) into the common bureau schema.

Dates are DDMMYYYY. A field that has no value is absent. The payment history is a string of three characters a
month, newest month first, beginning at paymentStartDate. Where public documents spell a key differently, the
spellings are listed and the first that is present counts.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from pipelines.bureau.products import (
    CIBIL_ASSET_CLASS_DAYS,
    CIBIL_CONDITIONS,
    CIBIL_ID_TYPES,
    CIBIL_OWNERSHIP,
    CIBIL_PAYMENTS_PER_YEAR,
    CIBIL_PRODUCTS,
)
from pipelines.bureau.report import (
    ACCOUNTS,
    ENQUIRIES,
    HISTORY,
    HISTORY_MONTHS_MAX,
    IDENTITIES,
    BureauReport,
    Outcome,
)
from pipelines.errors import EvidenceError
from pipelines.frames import refuse_rows
from pipelines.money import money_of
from pipelines.scalars import text_of

SCORE_MIN, SCORE_MAX = 300, 900
UNSCORED_MAX = 10  # 0, -1 and the one-digit scores of the old scale: no or too little history
NOT_FOUND = "0"  # subjectReturnCode
ENTRIES_MAX = 2_000

_SCORE = re.compile(r"^0*(-?[0-9]{1,3})$")
_DATE = "%d%m%Y"
_MONTHS = "^(?:[0-9]{3}|" + "|".join(CIBIL_ASSET_CLASS_DAYS) + ")*$"

_NAMES = {code: product.name for code, product in CIBIL_PRODUCTS.items()}
_SECURED = {code: product.secured for code, product in CIBIL_PRODUCTS.items()}
_REVOLVING = {code: product.revolving for code, product in CIBIL_PRODUCTS.items()}

# column of the raw frame -> spellings of its key
_ACCOUNT_KEYS = {
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
_ENQUIRY_KEYS = {
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
    accounts = _raw_frame(credit, "accounts", _ACCOUNT_KEYS)
    pulled_on = _date(header.get("dateProcessed"), "tuefHeader.dateProcessed")
    enquiries = _enquiries(_raw_frame(credit, "enquiries", _ENQUIRY_KEYS), report_id)
    score = _score(credit)
    # The enquiry that this very pull leaves behind does not make a person known.
    known_before = enquiries.filter(pl.col("enquired_on") < pulled_on) if pulled_on else enquiries
    found = not (accounts.is_empty() and known_before.is_empty())
    outcome = _outcome(score, found, str(header.get("subjectReturnCode", "")).strip())
    return BureauReport(
        bureau="CIBIL",
        report_id=report_id,
        outcome=outcome,
        score=score if outcome == "SCORED" else None,
        pulled_on=pulled_on,
        control_number=str(header.get("enquiryControlNumber") or "") or None,
        accounts=_accounts(accounts, report_id).lazy(),
        history=_history(accounts, report_id).lazy(),
        enquiries=enquiries.lazy(),
        identities=_identities(credit, report_id).lazy(),
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
    if not isinstance(consumers[0].get("tuefHeader", {}), Mapping):
        raise EvidenceError("tuefHeader", "is not an object")
    return dict(consumers[0])


def _outcome(score: int | None, found: bool, return_code: str) -> Outcome:
    """Without a real score, a thin file differs from no file in that the bureau holds anything at all."""
    if score is not None and score > UNSCORED_MAX:
        return "SCORED"
    indexed = score is not None and score > 0 and return_code != NOT_FOUND
    return "THIN_FILE" if found or indexed else "NO_HIT"


def _score(credit: Mapping[str, Any]) -> int | None:
    scores = _entries(credit, "scores")
    if not scores or scores[0].get("score") in (None, ""):
        return None
    match = _SCORE.match(str(scores[0]["score"]).strip())
    score = int(match[1]) if match else None
    if score is None or not (-1 <= score <= UNSCORED_MAX or SCORE_MIN <= score <= SCORE_MAX):
        raise EvidenceError("scores[0].score", "is not a score")
    return score


def _entries(credit: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    entries = credit.get(name) or []
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        raise EvidenceError(name, "is not a list of objects")
    if len(entries) > ENTRIES_MAX:
        raise EvidenceError(name, f"has more than {ENTRIES_MAX} entries")
    return entries


def _raw_frame(credit: Mapping[str, Any], name: str, keys: Mapping[str, tuple[str, ...]]) -> pl.DataFrame:
    """The named entries as text, one column per key; blank is null."""
    entries = _entries(credit, name)
    columns = {
        column: [_first(entry, spellings, f"{name}[{number}]") for number, entry in enumerate(entries)]
        for column, spellings in keys.items()
    }
    frame = pl.DataFrame(columns, schema=dict.fromkeys(keys, pl.String))
    position = pl.concat_str(
        pl.lit(name[0].upper()), pl.int_range(1, pl.len() + 1).cast(pl.String).str.zfill(3)
    )
    return frame.with_columns(index=pl.coalesce("index", position))


def _first(entry: Mapping[str, Any], spellings: tuple[str, ...], parent: str) -> str | None:
    values = (text_of(entry.get(key), f"{parent}.{key}") for key in spellings)
    return next((value for value in values if value), None)


def _accounts(raw: pl.DataFrame, report_id: str) -> pl.DataFrame:
    kind = pl.col("type").str.zfill(2)
    accounts = raw.select(
        report_id=pl.lit(report_id),
        account_id="index",
        lender="lender",
        product=_look_up(kind, _NAMES).fill_null("OTHER"),
        secured=_look_up(kind, _SECURED, pl.Boolean()),
        revolving=_look_up(kind, _REVOLVING, pl.Boolean()).fill_null(False),
        ownership=_look_up(pl.col("ownership").str.strip_chars_start("0"), CIBIL_OWNERSHIP),
        opened_on=_day("opened"),
        reported_on=_day("reported"),
        closed_on=_day("closed"),
        sanctioned=money_of("sanctioned"),
        outstanding=money_of("outstanding"),
        overdue=money_of("overdue"),
        credit_limit=money_of("limit"),
        emi=money_of("emi"),
        payments_per_year=_look_up(pl.col("frequency").str.zfill(2), CIBIL_PAYMENTS_PER_YEAR, pl.Int64()),
        tenure_months=pl.col("tenure").cast(pl.Int64, strict=False),
        condition=_look_up(pl.col("condition").str.zfill(2), CIBIL_CONDITIONS),
        written_off=money_of("written_off"),
    )
    typed = {"opened": "opened_on", "reported": "reported_on", "closed": "closed_on", "limit": "credit_limit"}
    amounts = ("sanctioned", "outstanding", "overdue", "emi", "written_off")
    typed |= {name: name for name in amounts}
    unread = [_unread(raw, name, accounts[column]) for name, column in typed.items()]
    refuse_rows("accounts", [("accountType", raw["type"].is_null(), "is missing"), *unread])
    return accounts.cast(ACCOUNTS)


def _unread(raw: pl.DataFrame, name: str, typed: pl.Series) -> tuple[str, pl.Series, str]:
    """The rows where the report says something that the type of the column could not hold."""
    reason = "is not a date DDMMYYYY" if typed.dtype == pl.Date else "is not an amount"
    return (_ACCOUNT_KEYS | _ENQUIRY_KEYS)[name][0], raw[name].is_not_null() & typed.is_null(), reason


def _look_up(code: pl.Expr, table: Mapping[str, Any], dtype: pl.DataType | None = None) -> pl.Expr:
    return code.replace_strict(table, default=None, return_dtype=dtype or pl.String())


def _day(name: str) -> pl.Expr:
    return pl.col(name).str.to_date(_DATE, strict=False)


def _history(raw: pl.DataFrame, report_id: str) -> pl.DataFrame:
    """One row per account and month, out of strings that begin with the newest month."""
    legacy = pl.concat_str("history1", "history2", ignore_nulls=True)
    strings = raw.select(
        "index",
        text=pl.coalesce("history", legacy).str.to_uppercase(),
        newest=_day("history_start").dt.month_start(),
    )
    _check_history(strings)
    months = (
        strings.filter(pl.col("text") != "")
        .with_columns(status=pl.col("text").str.extract_all("..."))
        .with_columns(months_back=pl.int_ranges(pl.col("status").list.len()))
        .explode("status", "months_back")
        .filter(pl.col("months_back") < HISTORY_MONTHS_MAX)
    )
    return months.select(
        report_id=pl.lit(report_id),
        account_id="index",
        month=pl.col("newest").dt.offset_by(pl.format("-{}mo", "months_back")),
        status="status",
        days_past_due=pl.coalesce(
            _look_up(pl.col("status"), CIBIL_ASSET_CLASS_DAYS, pl.Int64()),
            pl.col("status").cast(pl.Int64, strict=False),
        ),
    ).cast(HISTORY)


def _check_history(strings: pl.DataFrame) -> None:
    given, known = strings["text"] != "", strings["text"].str.contains(_MONTHS)
    rules = [
        ("paymentHistory", given & ~known, "is not a list of known three-letter codes"),
        ("paymentStartDate", given & strings["newest"].is_null(), "is missing or not a date DDMMYYYY"),
    ]
    refuse_rows("accounts", rules)


def _enquiries(raw: pl.DataFrame, report_id: str) -> pl.DataFrame:
    purpose = pl.col("purpose").str.zfill(2)
    enquiries = raw.select(
        report_id=pl.lit(report_id),
        enquiry_id="index",
        enquired_on=_day("date"),
        lender="lender",
        product=_look_up(purpose, _NAMES).fill_null("OTHER"),
        secured=_look_up(purpose, _SECURED, pl.Boolean()),
        amount=money_of("amount"),
    )
    undated = ("enquiryDate", enquiries["enquired_on"].is_null(), "is not a date DDMMYYYY")
    refuse_rows("enquiries", [undated, _unread(raw, "amount", enquiries["amount"])])
    return enquiries.cast(ENQUIRIES)


def _identities(credit: Mapping[str, Any], report_id: str) -> pl.DataFrame:
    id_types = [_one(entry, "idType", "ids") or "" for entry in _entries(credit, "ids")]
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
    rows = [(report_id, kind, value) for kind, value in found if value]
    return pl.DataFrame(rows, schema=IDENTITIES, orient="row")


def _joined(credit: Mapping[str, Any], name: str, keys: tuple[str, ...], glue: str) -> list[str]:
    """One text for each entry of a segment, put together from the keys that it has."""
    return [
        glue.join(filter(None, (_one(entry, key, name) for key in keys))) for entry in _entries(credit, name)
    ]


def _one(entry: Mapping[str, Any], key: str, parent: str) -> str | None:
    return text_of(entry.get(key), f"{parent}.{key}")


def _date(value: Any, field: str) -> date | None:
    if value in (None, ""):
        return None
    text = str(value).strip()
    try:
        return date(int(text[4:]), int(text[2:4]), int(text[:2]))
    except ValueError:
        raise EvidenceError(field, "is not a date DDMMYYYY") from None
