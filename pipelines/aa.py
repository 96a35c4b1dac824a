"""Account Aggregator: decrypted ReBIT financial information into the one shape the analysis reads.

FI type DEPOSIT of FI schema 1.1 and 2.0.0, as XML or as the JSON that FIU modules make of it. Real feeds
differ in ways that the schema does not say: Holder is an object or a list, amounts are strings or numbers,
keys change their case, `mode` is OTHERS for everything, and some FIPs encode the document in base64 again.
"""

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from xml.etree import ElementTree

import polars as pl

from pipelines.errors import EvidenceError
from pipelines.frames import CREDIT, DEBIT, TRANSACTIONS, refuse_rows
from pipelines.money import money_of
from pipelines.scalars import text_of

FI_BYTES_MAX = 32 * 1024 * 1024
TRANSACTIONS_MAX = 100_000
FI_TYPES = ("deposit",)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)  # before it, a stamp is a default of somebody's software

Payload = str | bytes | Mapping[str, Any]

_SIDES = {"CREDIT": CREDIT, "DEBIT": DEBIT, "CR": CREDIT, "DR": DEBIT, "C": CREDIT, "D": DEBIT}
# A stamp without an offset is Indian time: banks print the time at the branch.
_ZONED, _LOCAL = "%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M:%S%.f"
_ATTRIBUTES = (
    "txnid", "type", "mode", "amount", "currentbalance", "transactiontimestamp", "valuedate", "narration",
    "reference",
)  # fmt: skip


@dataclass(frozen=True)
class Holder:
    """A holder as the bank states it; what is blank at the bank is None."""

    name: str
    dob: str | None = None
    mobile: str | None = None
    email: str | None = None
    pan: str | None = None


@dataclass(frozen=True)
class AccountProfile:
    """Who holds the account and what it is. `account_ref` is the same for the same account in any feed."""

    account_ref: str
    masked_number: str
    ifsc: str
    account_type: str
    holders: tuple[Holder, ...]
    current_balance: Decimal | None = None
    status: str | None = None
    currency: str = "INR"
    opened_on: date | None = None


@dataclass(frozen=True)
class AccountEvidence:
    """One account: its profile, and its transactions in the schema of pipelines.frames."""

    profile: AccountProfile
    transactions: pl.LazyFrame


def read_fi_objects(payloads: Iterable[Payload], *, statement_id: str = "statement") -> list[AccountEvidence]:
    """Reads every FI object of one applicant. Raises EvidenceError on the first that is malformed."""
    return [read_fi_object(payload, statement_id=statement_id) for payload in payloads]


def read_fi_object(payload: Payload, *, statement_id: str = "statement") -> AccountEvidence:
    """Reads one decrypted FI object: XML or JSON text (possibly base64 once more), or parsed JSON."""
    account = _account(_parse(payload))
    profile = _profile(account)
    return AccountEvidence(profile, _transactions(account, profile.account_ref, statement_id))


# --- from text to a tree of dicts with lower-case keys ------------------------------------------------


def _parse(payload: Payload) -> dict[str, Any]:
    if not isinstance(payload, str | bytes | Mapping):
        raise EvidenceError("fiObject", "is neither text nor an object")
    try:
        tree = _lowered(payload) if isinstance(payload, Mapping) else _parse_text(_text(payload))
    except RecursionError:
        raise EvidenceError("fiObject", "is nested too deeply") from None
    if not isinstance(tree, dict):
        raise EvidenceError("fiObject", "is not an object")
    return tree


def _text(payload: str | bytes) -> str:
    if len(payload) > FI_BYTES_MAX:
        raise EvidenceError("fiObject", f"is larger than {FI_BYTES_MAX} bytes")
    try:
        text = payload.decode("utf-8-sig") if isinstance(payload, bytes) else payload.removeprefix("\ufeff")
    except UnicodeDecodeError:
        raise EvidenceError("fiObject", "is not UTF-8 text") from None
    return text.strip()


def _parse_text(text: str, *, may_be_base64: bool = True) -> Any:
    if text.startswith("<"):
        return _parse_xml(text)
    if text.startswith(("{", "[")):
        return _parse_json(text)
    if not may_be_base64:
        raise EvidenceError("fiObject", "is neither XML nor JSON")
    try:
        inner = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise EvidenceError("fiObject", "is neither XML, JSON nor base64 of them") from None
    return _parse_text(_text(inner), may_be_base64=False)


def _parse_json(text: str) -> Any:
    try:
        # Numbers stay text: a float would lose paise.
        return _lowered(json.loads(text, parse_float=str, parse_int=str))
    except json.JSONDecodeError as error:
        raise EvidenceError("fiObject", f"is not JSON (line {error.lineno})") from None


class _NoDoctype(ElementTree.TreeBuilder):
    """Entities are declared in a DOCTYPE; FI objects have none, so a document with one is refused whole."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise EvidenceError("fiObject", "declares a DOCTYPE")


def _parse_xml(text: str) -> Any:
    parser = ElementTree.XMLParser(target=_NoDoctype())
    try:
        root = ElementTree.fromstring(text, parser=parser)
    except (ElementTree.ParseError, ValueError) as error:
        if isinstance(error, EvidenceError):
            raise
        raise EvidenceError("fiObject", "is not well-formed XML") from None
    return {_local(root.tag): _element(root)}


def _element(element: ElementTree.Element) -> Any:
    node: dict[str, Any] = {_local(name): value for name, value in element.attrib.items()}
    if not node and not len(element):
        return (element.text or "").strip()
    for child in element:
        node.setdefault(_local(child.tag), []).append(_element(child))
    return node


def _local(name: str) -> str:
    return name.rpartition("}")[2].lower()


def _lowered(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {str(key).lower(): _lowered(value) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [_lowered(item) for item in node]
    return node


# --- from the tree to typed values --------------------------------------------------------------------


def _account(tree: dict[str, Any]) -> dict[str, Any]:
    account = _one(tree.get("account", tree), "Account")
    fi_type = str(account.get("type", "")).strip().lower()
    if fi_type not in FI_TYPES:
        raise EvidenceError("Account.type", "is not a deposit account")
    return account


def _one(node: Any, field: str) -> dict[str, Any]:
    """The single object at a place where feeds write an object, a list of one, or nothing."""
    node = node[0] if isinstance(node, list) and node else node
    if node in (None, "", []):
        return {}
    if not isinstance(node, dict):
        raise EvidenceError(field, "is not an object")
    return node


def _many(node: Any, field: str) -> list[dict[str, Any]]:
    items = node if isinstance(node, list) else [node]
    return [_one(item, f"{field}[{index}]") for index, item in enumerate(items) if item not in (None, "")]


def _scalar(node: dict[str, Any], name: str, parent: str) -> str | None:
    return text_of(node.get(name.lower()), f"{parent}.{name}")


def _profile(account: dict[str, Any]) -> AccountProfile:
    summary = _one(account.get("summary"), "Summary")
    ifsc = (_scalar(summary, "ifscCode", "Summary") or "").upper()
    masked_number = _scalar(account, "maskedAccNumber", "Account") or ""
    linked_ref = _scalar(account, "linkedAccRef", "Account")
    return AccountProfile(
        account_ref=f"{ifsc}/{masked_number}" if masked_number else linked_ref or "unidentified",
        masked_number=masked_number,
        ifsc=ifsc,
        account_type=(_scalar(summary, "type", "Summary") or "UNKNOWN").upper(),
        holders=_holders(account),
        current_balance=_amount(_scalar(summary, "currentBalance", "Summary"), "Summary.currentBalance"),
        status=_scalar(summary, "status", "Summary"),
        currency=_scalar(summary, "currency", "Summary") or "INR",
        opened_on=_date(_scalar(summary, "openingDate", "Summary"), "Summary.openingDate"),
    )


def _holders(account: dict[str, Any]) -> tuple[Holder, ...]:
    holders = _one(_one(account.get("profile"), "Profile").get("holders"), "Profile.Holders")
    return tuple(
        Holder(
            name=_scalar(holder, "name", "Holder") or "",
            **{name: _scalar(holder, name, "Holder") for name in ("dob", "mobile", "email", "pan")},
        )
        for holder in _many(holders.get("holder"), "Profile.Holders.Holder")
    )


def _amount(text: str | None, field: str) -> Decimal | None:
    if text is None:
        return None
    try:
        amount = Decimal(text.replace(",", "")).quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise EvidenceError(field, "is not an amount")
    return amount


def _date(text: str | None, field: str) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise EvidenceError(field, "is not a date") from None


# --- transactions: typed by polars, a column at a time ------------------------------------------------


def _transactions(account: dict[str, Any], account_ref: str, statement_id: str) -> pl.LazyFrame:
    parent = _one(account.get("transactions"), "Transactions")
    nodes = _many(parent.get("transaction"), "Transactions.Transaction")
    if len(nodes) > TRANSACTIONS_MAX:
        raise EvidenceError("Transactions.Transaction", f"has more than {TRANSACTIONS_MAX} entries")
    columns = {
        name: [_scalar(node, name, f"Transactions.Transaction[{index}]") for index, node in enumerate(nodes)]
        for name in _ATTRIBUTES
    }
    raw = pl.DataFrame(columns, schema=dict.fromkeys(_ATTRIBUTES, pl.String))
    typed = raw.select(
        statement_id=pl.lit(statement_id),
        account_ref=pl.lit(account_ref),
        txn_id=pl.col("txnid"),
        txn_at=_instant(pl.col("transactiontimestamp")),
        value_date=pl.col("valuedate").str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False),
        side=pl.col("type").str.to_uppercase().replace_strict(_SIDES, default=None, return_dtype=pl.String),
        amount=money_of("amount"),
        balance=money_of("currentbalance"),
        mode=pl.col("mode").str.to_uppercase().fill_null("OTHERS"),
        narration=pl.col("narration").fill_null(""),
        reference=pl.col("reference").fill_null(""),
    )
    _check(raw, typed)
    return typed.with_columns(txn_id=_unique_ids()).cast(TRANSACTIONS).lazy()


def _instant(text: pl.Expr) -> pl.Expr:
    stamp = pl.when(text.str.len_chars() == 10).then(text + "T00:00:00").otherwise(text)
    stamp = stamp.str.replace(" ", "T", literal=True)
    local = stamp.str.strptime(pl.Datetime("us"), _LOCAL, strict=False)
    return pl.coalesce(
        stamp.str.strptime(pl.Datetime("us", "UTC"), _ZONED, strict=False),
        local.dt.replace_time_zone("Asia/Kolkata").dt.convert_time_zone("UTC"),
    )


def _check(raw: pl.DataFrame, typed: pl.DataFrame) -> None:
    """Points at the first transaction attribute that is missing or did not survive its type."""
    rules = (
        ("type", typed["side"].is_null(), "is neither CREDIT nor DEBIT"),
        ("transactionTimestamp", ~(typed["txn_at"] >= EARLIEST).fill_null(False), "is not a date and time"),
        ("amount", typed["amount"].is_null() | (typed["amount"] < 0), "is not a positive amount"),
        ("currentBalance", _lost(raw["currentbalance"], typed["balance"]), "is not an amount"),
        ("valueDate", _lost(raw["valuedate"], typed["value_date"]), "is not a date"),
    )
    refuse_rows("Transactions.Transaction", rules)


def _lost(raw: pl.Series, typed: pl.Series) -> pl.Series:
    """What was stated, but not as something its type can hold."""
    return raw.is_not_null() & typed.is_null()


def _unique_ids() -> pl.Expr:
    """The bank's transaction id; content makes one where it is blank, a counter where it is used twice."""
    stamp = pl.col("txn_at").dt.to_string("%Y%m%dT%H%M%S")
    money = [pl.col(name).cast(pl.String) for name in ("amount", "balance")]
    made = pl.concat_str([stamp, pl.col("side"), *money], separator="-", ignore_nulls=True)
    own = pl.coalesce("txn_id", made)
    nth = pl.int_range(pl.len()).over(own)
    return pl.when(nth == 0).then(own).otherwise(pl.concat_str(own, pl.lit("#"), nth + 1))
