"""What the readers of all bureaus share: entries as text, and from text to the one schema.

A reader names the keys of its bureau (`Keys`) and what its codes mean (`Codes`); the rest is here. A value that is
absent, blank or masked ("XXXX", "**-**-2020") is unknown. A value that is there and cannot be what it should be
raises EvidenceError with the place of it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipelines.bureau.products import Product
from pipelines.bureau.report import ACCOUNTS, ENQUIRIES, HISTORY, HISTORY_MONTHS_MAX, IDENTITIES, Outcome
from pipelines.errors import EvidenceError
from pipelines.frames import refuse_rows
from pipelines.money import money_of
from pipelines.scalars import text_of

SCORE_MIN, SCORE_MAX = 300, 900
UNSCORED_MAX = 10  # 0, -1 and the one-digit scores of the old scale: no or too little history
ENTRIES_MAX = 2_000
TENURE_MONTHS_MAX = 1_200

Keys = Mapping[
    str, tuple[str, ...]
]  # our column -> spellings of the bureau's key, the first that is present counts

_SCORE = re.compile(r"^0*(-?[0-9]{1,3})(?:\.0+)?$")
_MASKED = r"^[0-9\s/.,:-]*[Xx*][Xx*0-9\s/.,:-]*$"
_NO_DATE = r"^[0\s/-]*$"
_DATES = {"opened": "opened_on", "reported": "reported_on", "closed": "closed_on"}
_AMOUNTS = {
    "sanctioned": "sanctioned",
    "outstanding": "outstanding",
    "overdue": "overdue",
    "limit": "credit_limit",
    "emi": "emi",
    "written_off": "written_off",
}


def label(text: pl.Expr) -> pl.Expr:
    """Words in capitals with single spaces: "Un-Secured" is UN SECURED."""
    return text.str.to_uppercase().str.replace_all("[^A-Z0-9]+", " ").str.strip_chars()


def code(text: pl.Expr) -> pl.Expr:
    """A code of two digits, however many zeros were written."""
    return text.str.zfill(2)


@dataclass(frozen=True)
class Codes:
    """What a bureau's words and numbers mean. `date_formats` are strptime's, `dates_are` how people say it;
    `key` brings a value into the form in which the tables hold it."""

    date_formats: tuple[str, ...]
    dates_are: str
    products: Mapping[str, Product]
    ownership: Mapping[str, str]
    conditions: Mapping[str, str]
    payments_per_year: Mapping[str, int]
    key: Callable[[pl.Expr], pl.Expr]
    enquiry_products: Mapping[str, Product]
    enquiry_key: Callable[[pl.Expr], pl.Expr]


# --- from JSON to text ---------------------------------------------------------------------------------


def folded(node: Any) -> Any:
    """The same tree with keys in lower case, letters and digits only: bureaus spell one key in several ways."""
    try:
        return _folded(node)
    except RecursionError:
        raise EvidenceError("report", "is nested too deeply") from None


def _folded(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {fold(str(key)): _folded(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_folded(item) for item in node]
    return node


def fold(key: str) -> str:
    """RETAIL-ACCOUNT_Details is retailaccountdetails."""
    return re.sub("[^a-z0-9]", "", key.lower())


def child(node: Any, *path: str) -> Any:
    """What lies at the end of a path of folded keys; {} where the path breaks off."""
    for name in path:
        node = node.get(name) if isinstance(node, Mapping) else None
    return {} if node is None else node


def many(node: Any, field: str) -> list[Mapping[str, Any]]:
    """A list of objects, where bureaus also write one object or nothing."""
    items = node if isinstance(node, list) else [node] if node not in (None, "", {}) else []
    items = [item for item in items if item not in (None, "")]
    if not all(isinstance(item, Mapping) for item in items):
        raise EvidenceError(field, "is not a list of objects")
    if len(items) > ENTRIES_MAX:
        raise EvidenceError(field, f"has more than {ENTRIES_MAX} entries")
    return items


def raw_frame(
    entries: list[Mapping[str, Any]], name: str, keys: Keys, spelt: Callable[[str], str] = str
) -> pl.DataFrame:
    """The entries as text, one column per key; blank is null. `index` is made of the position where it is blank."""
    columns = {
        column: [_first(entry, spellings, f"{name}[{number}]", spelt) for number, entry in enumerate(entries)]
        for column, spellings in keys.items()
    }
    frame = pl.DataFrame(columns, schema=dict.fromkeys(keys, pl.String))
    position = pl.concat_str(
        pl.lit(name[0].upper()), pl.int_range(1, pl.len() + 1).cast(pl.String).str.zfill(3)
    )
    index = pl.coalesce("index", position)
    # two lists of one report may both begin with 1
    unique = pl.when(index.is_duplicated()).then(pl.concat_str(index, pl.lit("#"), position)).otherwise(index)
    return frame.with_columns(index=unique)


def _first(
    entry: Mapping[str, Any], spellings: tuple[str, ...], parent: str, spelt: Callable[[str], str]
) -> str | None:
    values = (text_of(entry.get(spelt(key)), f"{parent}.{key}") for key in spellings)
    return next((value for value in values if value), None)


# --- from text to the schema ---------------------------------------------------------------------------


def accounts_of(raw: pl.DataFrame, keys: Keys, codes: Codes, report_id: str) -> pl.DataFrame:
    """Accounts in the one schema. `raw` may hold `security`, what the bureau says of collateral in words."""
    raw = _unmasked(raw, _DATES, _AMOUNTS)
    names, secured, revolving = _product_tables(codes.products)
    kind = codes.key(pl.col("type"))
    stated = label(pl.col("security")) if "security" in raw.columns else pl.lit(None, pl.String)
    tenure = (
        pl.col("tenure").str.replace_all(",", "").cast(pl.Float64, strict=False).cast(pl.Int64, strict=False)
    )
    accounts = raw.select(
        report_id=pl.lit(report_id),
        account_id="index",
        lender="lender",
        product=_look_up(kind, names).fill_null("OTHER"),
        secured=pl.coalesce(_look_up(kind, secured, pl.Boolean()), _secured(stated)),
        revolving=_look_up(kind, revolving, pl.Boolean()).fill_null(False),
        ownership=_look_up(codes.key(pl.col("ownership")), codes.ownership),
        **{column: day(name, codes) for name, column in _DATES.items()},
        **{column: money_of(name) for name, column in _AMOUNTS.items()},
        payments_per_year=_look_up(codes.key(pl.col("frequency")), codes.payments_per_year, pl.Int64()),
        tenure_months=pl.when(tenure.is_between(1, TENURE_MONTHS_MAX)).then(tenure),
        condition=_look_up(codes.key(pl.col("condition")), codes.conditions),
    )
    unread = [
        _unread(raw, keys, name, accounts[column], codes) for name, column in (_DATES | _AMOUNTS).items()
    ]
    refuse_rows("accounts", unread)
    return accounts.select(*ACCOUNTS).cast(ACCOUNTS)


def enquiries_of(raw: pl.DataFrame, keys: Keys, codes: Codes, report_id: str) -> pl.DataFrame:
    """Enquiries in the one schema; one whose day is masked stays, without a day."""
    stated = raw["date"].is_not_null()
    raw = _unmasked(raw, {"date": ""}, {"amount": ""})
    names, secured, _ = _product_tables(codes.enquiry_products)
    purpose = codes.enquiry_key(pl.col("purpose"))
    enquiries = raw.select(
        report_id=pl.lit(report_id),
        enquiry_id="index",
        enquired_on=day("date", codes),
        lender="lender",
        product=_look_up(purpose, names).fill_null("OTHER"),
        secured=_look_up(purpose, secured, pl.Boolean()),
        amount=money_of("amount"),
    )
    blank = (keys["date"][0], ~stated, f"is not a date {codes.dates_are}")
    unread = [
        _unread(raw, keys, "date", enquiries["enquired_on"], codes),
        _unread(raw, keys, "amount", enquiries["amount"], codes),
    ]
    refuse_rows("enquiries", [blank, *unread])
    return enquiries.cast(ENQUIRIES)


def history_of(months: pl.DataFrame, report_id: str) -> pl.DataFrame:
    """The newest HISTORY_MONTHS_MAX months of each account, out of account_id, month, status, days_past_due."""
    newest_first = months.sort("account_id", "month", descending=[False, True], maintain_order=True)
    age = pl.col("month").max().over("account_id").dt.offset_by(f"-{HISTORY_MONTHS_MAX}mo")
    recent = newest_first.filter(pl.col("month") > age)
    return recent.select(pl.lit(report_id).alias("report_id"), *list(HISTORY)[1:]).cast(HISTORY)


def identities_of(found: list[tuple[str, str | None]], report_id: str) -> pl.DataFrame:
    """(kind, value) pairs in the one schema; blank, masked and repeated values left out."""
    stated = dict.fromkeys(
        (kind, value) for kind, value in found if value and not re.fullmatch("[Xx*]+", value)
    )
    return pl.DataFrame([(report_id, *pair) for pair in stated], schema=IDENTITIES, orient="row")


def day(name: str, codes: Codes) -> pl.Expr:
    """A column of text as dates, null where it is none."""
    text = pl.col(name).str.slice(0, 10)
    return pl.coalesce(text.str.to_date(form, strict=False) for form in codes.date_formats)


def score_of(value: Any, field: str) -> int | None:
    """The score, -1 to 10 where the bureau gives none, None where it says nothing. Raises EvidenceError."""
    text = text_of(value, field)
    if text is None:
        return None
    match = _SCORE.match(text)
    score = int(match[1]) if match else None
    if score is None or not (-1 <= score <= UNSCORED_MAX or SCORE_MIN <= score <= SCORE_MAX):
        raise EvidenceError(field, "is not a score")
    return score


def outcome_of(score: int | None, found: bool, *, indexed: bool = True) -> Outcome:
    """Without a real score, a thin file differs from no file in that the bureau holds anything at all.

    `indexed` is False where the bureau says itself that it knows nobody: a one-digit score means nothing then.
    """
    if score is not None and score > UNSCORED_MAX:
        return "SCORED"
    return "THIN_FILE" if found or (indexed and score is not None and score > 0) else "NO_HIT"


def count_warning(listed: int, stated: Any) -> tuple[str, ...]:
    """A report that speaks of more accounts than it lists is not whole."""
    text = str(stated or "").strip()
    if not text.isascii() or not text.isdigit() or int(text) <= listed:
        return ()
    return (f"{listed} accounts are listed, {int(text)} are stated",)


def _unmasked(raw: pl.DataFrame, dates: Mapping[str, str], amounts: Mapping[str, str]) -> pl.DataFrame:
    masked = [pl.when(~pl.col(name).str.contains(_MASKED)).then(pl.col(name)).alias(name) for name in amounts]
    empty = f"{_MASKED}|{_NO_DATE}"
    masked += [pl.when(~pl.col(name).str.contains(empty)).then(pl.col(name)).alias(name) for name in dates]
    return raw.with_columns(masked)


def _unread(
    raw: pl.DataFrame, keys: Keys, name: str, typed: pl.Series, codes: Codes
) -> tuple[str, pl.Series, str]:
    """The rows where the report says something that the type of the column could not hold."""
    reason = f"is not a date {codes.dates_are}" if typed.dtype == pl.Date else "is not an amount"
    return keys[name][0], raw[name].is_not_null() & typed.is_null(), reason


def _product_tables(products: Mapping[str, Product]) -> tuple[dict, dict, dict]:
    return tuple(
        {key: getattr(product, fact) for key, product in products.items()}
        for fact in ("name", "secured", "revolving")
    )


def _secured(words: pl.Expr) -> pl.Expr:
    return words.replace_strict(
        {"SECURED": True, "UNSECURED": False, "UN SECURED": False}, default=None, return_dtype=pl.Boolean()
    )


def _look_up(key: pl.Expr, table: Mapping[str, Any], dtype: pl.DataType | None = None) -> pl.Expr:
    return key.replace_strict(table, default=None, return_dtype=dtype or pl.String())
