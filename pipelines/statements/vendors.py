"""What analysers of bank statements answer (CART, FinBox, ScoreMe): their figures, and the transactions they give.

CART and FinBox are read by the keys that they document; ScoreMe's report has none that are public, so common
spellings are looked for at any depth (docs/providers.md says what is assumed).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from pipelines.errors import EvidenceError
from pipelines.statements.accounts import Account, Statement
from pipelines.statements.facts import Facts
from pipelines.statements.records import account_from, is_record, row_of, stated_facts
from pipelines.statements.values import whole_date

DEPTH_MAX, NODES_MAX = 12, 500_000
LOOKED_AT = 5  # of a list, to see whether it is one of transactions


@dataclass(frozen=True)
class Figures:
    """Figures of an analyser, None where it does not say: rupees, and counts. `closing_balances` by month
    ("2026-01")."""

    salary_average: Decimal | None = None
    emi_monthly: Decimal | None = None
    bounce_count: int | None = None
    average_balance: Decimal | None = None
    closing_balances: dict[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class VendorReading:
    """One analyser's answer. `statement` holds its transactions, where it gives all of them."""

    figures: Figures
    statement: Statement | None = None


def read_vendor(provider: str, payload: Mapping[str, Any]) -> VendorReading:
    """The answer of "cart", "finbox" or "scoreme". Raises EvidenceError naming the field that cannot be read."""
    try:
        return _READERS[provider](payload)
    except (KeyError, TypeError, AttributeError, ValueError, InvalidOperation) as error:
        if isinstance(error, EvidenceError):
            raise
        raise EvidenceError(
            provider, f"the report has another shape than documented ({type(error).__name__})"
        ) from error


# --- FinBox -----------------------------------------------------------------------------------------------


def _finbox(payload: Mapping[str, Any]) -> VendorReading:
    parts = [account["data"] for account in payload["accounts"]]
    monthly = [part.get("monthly_analysis") or {} for part in parts]
    figures = Figures(
        salary_average=_mean(_by_month(monthly, "total_amount_of_salary").values()),
        emi_monthly=_mean(_by_month(monthly, "amt_emi_debit").values()),
        bounce_count=_count(monthly, ("cnt_emi_bounce_credit", "cnt_inward_cheque_bounce_credit")),
        average_balance=_mean(_by_month(monthly, "avg_bal").values(), with_zeros=True),
        closing_balances=_by_month(monthly, "closing_balance"),
    )
    accounts = [
        _finbox_account(part, number) for number, part in enumerate(parts) if part.get("transactions")
    ]
    return VendorReading(figures, _statement("finbox", accounts))


def _statement(provider: str, accounts: list[Account]) -> Statement | None:
    return Statement(accounts, len(accounts), provider) if accounts else None


def _by_month(analyses: Iterable[Mapping[str, Any]], metric: str) -> dict[str, Decimal]:
    """A metric of all accounts together, {"2026-01": ...}; FinBox calls the month "Jan-2026"."""
    sums: dict[str, Decimal] = {}
    for analysis in analyses:
        for month, value in (analysis.get(metric) or {}).items():
            key = _month(month)
            if key and value is not None:
                sums[key] = sums.get(key, Decimal(0)) + _money(value)
    return dict(sorted(sums.items()))


def _count(analyses: Iterable[Mapping[str, Any]], metrics: Iterable[str]) -> int | None:
    analyses = list(analyses)
    found = [value for metric in metrics for value in _by_month(analyses, metric).values()]
    return int(sum(found)) if found else None


def _finbox_account(part: Mapping[str, Any], number: int) -> Account:
    details = part["account_details"]
    facts = stated_facts(
        bank=details.get("bank"),
        number=details.get("account_number"),
        ifsc=details.get("ifsc"),
        holder=details.get("name"),
    )
    return _listed(facts, part["transactions"], number, f"accounts[{number}].data.transactions")


def _listed(facts: Facts, records: Iterable[Any], number: int, place: str) -> Account:
    """An account out of the list of its transactions."""
    rows = [row_of(record, number + 1, row) for row, record in enumerate(records, 1)]
    return account_from(facts, rows, place)


# --- CART -------------------------------------------------------------------------------------------------


def _cart(payload: Mapping[str, Any]) -> VendorReading:
    """Salaries, instalments and bounces come with their transactions; a list of all is not documented, and read
    where `transactions` is one."""
    parts = payload["data"]
    analyses = [part.get("camAnalysisData") or {} for part in parts]
    returns = [analysis["inwardReturnCount"] for analysis in analyses if "inwardReturnCount" in analysis]
    balances = [_money(analysis["averageBalance"]) for analysis in analyses if "averageBalance" in analysis]
    return VendorReading(
        Figures(
            salary_average=_mean(
                _money(line["totalSalary"]) for part in parts for line in part.get("salary") or ()
            ),
            emi_monthly=_sum(_money(line["amount"]) for part in parts for line in part.get("emi") or ()),
            bounce_count=int(sum(returns)) if returns else None,
            average_balance=_sum(balances),
            closing_balances=_cart_closing(analyses),
        ),
        _statement(
            "cart",
            [_cart_account(part, number) for number, part in enumerate(parts) if part.get("transactions")],
        ),
    )


def _cart_account(part: Mapping[str, Any], number: int) -> Account:
    facts = stated_facts(
        bank=part.get("bankName"),
        number=part.get("accountNumber"),
        ifsc=part.get("ifscCode"),
        holder=part.get("accountName"),
        kind=part.get("accountType"),
    )
    return _listed(facts, part["transactions"], number, f"data[{number}].transactions")


def _cart_closing(analyses: Iterable[Mapping[str, Any]]) -> dict[str, Decimal]:
    """The balance on the last day that a month's `customDayBalances` names."""
    closing: dict[str, Decimal] = {}
    for line in (line for analysis in analyses for line in analysis.get("camAnalysisMonthly") or ()):
        key, balances = _month(line["month"]), line.get("customDayBalances") or {}
        days = {
            int(day): value for day, value in balances.items() if str(day).isdigit() and value is not None
        }
        if key and days:
            closing[key] = closing.get(key, Decimal(0)) + _money(days[max(days)])
    return closing


# --- ScoreMe ----------------------------------------------------------------------------------------------

_AVERAGE = r"(?:avg|average)"
_SPELLINGS = {
    "salary_average": rf"{_AVERAGE}(?:monthly)?salary(?:amount|credit)?|salaryaverage|monthlysalary",
    "emi_monthly": rf"(?:total|{_AVERAGE})?(?:monthly)?emi(?:amount|obligation)?s?|monthlyobligations?",
    "bounce_count": (
        r"(?:total|no|numberof)?(?:inward)?(?:cheque|chq|emi|ecs)?(?:bounces?|returns?)(?:count)?|inwardbounces?"
    ),
    "average_balance": rf"{_AVERAGE}(?:monthly|bank)?balance|abb|amb",
}


def _scoreme(payload: Mapping[str, Any]) -> VendorReading:
    found = {name: [] for name in _SPELLINGS}
    for key, value in _leaves(payload):
        spelt = re.sub(r"[^a-z]", "", key.lower())
        for name, pattern in _SPELLINGS.items():
            if re.fullmatch(pattern, spelt) and not isinstance(value, bool):
                found[name].append(value)
    known = {name: _money(values[0]) for name, values in found.items() if values and _is_number(values[0])}
    bounces = known.pop("bounce_count", None)
    figures = Figures(**known, bounce_count=None if bounces is None else int(bounces))
    return VendorReading(figures, _statement("scoreme", _scoreme_accounts(payload)))


_FACT_SPELLINGS = {
    "bank": r"bank(?:full)?(?:name)?",
    "number": r"(?:bank)?(?:account|ac|acc)(?:number|no|num)",
    "ifsc": r"ifsc?(?:code)?",
    "holder": r"(?:(?:account|ac|acc|customer)(?:holder)?|holder)(?:s)?name",
    "kind": r"accounttype",
}


def _scoreme_accounts(payload: Any) -> list[Account]:
    """The longest list of transactions of each account: shorter ones are picked out of it."""
    longest: dict[str, tuple[Facts, list, str]] = {}
    for stated, place, records in _record_lists(payload):
        facts = stated_facts(**stated)
        known = longest.get(facts.last4)
        if known is None or len(records) > len(known[1]):
            longest[facts.last4] = facts, records, place
    return [
        _listed(facts, records, number, place)
        for number, (facts, records, place) in enumerate(longest.values())
    ]


def _record_lists(payload: Any) -> Iterable[tuple[dict[str, Any], str, list]]:
    """Every list of transactions with what is said of its account above it, and where it stands."""
    level: list[tuple[dict[str, Any], str, Any]] = [({}, "", payload)]
    for _ in range(DEPTH_MAX):
        below: list[tuple[dict[str, Any], str, Any]] = []
        for stated, place, node in level:
            if isinstance(node, Mapping):
                stated = stated | _facts_in(node)
                below += [(stated, f"{place}.{key}".lstrip("."), value) for key, value in node.items()]
            elif isinstance(node, list) and any(is_record(item) for item in node[:LOOKED_AT]):
                yield stated, place, node
            elif isinstance(node, list):
                below += [(stated, f"{place}[{number}]", item) for number, item in enumerate(node)]
        level = below


def _facts_in(node: Mapping[str, Any]) -> dict[str, Any]:
    """What a node, or a node right below it, states of its account."""
    singles = [item for item in node.items() if not isinstance(item[1], Mapping | list)]
    singles += [item for inner in node.values() if isinstance(inner, Mapping) for item in inner.items()]
    found: dict[str, Any] = {}
    for key, value in singles:
        spelt = re.sub(r"[^a-z]", "", key.lower())
        for name, pattern in _FACT_SPELLINGS.items():
            if re.fullmatch(pattern, spelt) and isinstance(value, str) and value.strip():
                found.setdefault(name, value)
    return found


def _leaves(payload: Any) -> Iterable[tuple[str, Any]]:
    """(key, value) of everything that is a single value, from the outside in."""
    level, seen = [("", payload)], 0
    for _ in range(DEPTH_MAX):
        below: list[tuple[str, Any]] = []
        for key, node in level:
            if isinstance(node, Mapping):
                below += node.items()
            elif isinstance(node, list):
                below += [(key, item) for item in node]
            elif node is not None:
                yield key, node
        seen += len(below)
        if seen > NODES_MAX:
            raise EvidenceError("scoreme", "the report is too large")
        level = below


def _is_number(value: Any) -> bool:
    return re.fullmatch(r"-?[\d,]+(?:\.\d+)?", str(value).strip()) is not None


def vendor_of(payload: Any) -> str | None:
    """Whose report it is, by its shape; None where it is nobody's."""
    if isinstance(payload, Mapping):
        if _has(payload.get("accounts"), ("data",)):
            return "finbox"
        if _has(payload.get("data"), ("camAnalysisData", "salary", "emi", "chequeBounces", "accountNumber")):
            return "cart"
    elif not isinstance(payload, list):
        return None
    try:
        reading = read_vendor("scoreme", payload)
    except EvidenceError:
        return None
    return "scoreme" if reading.statement or reading.figures != Figures() else None


def _has(items: Any, keys: Iterable[str]) -> bool:
    return isinstance(items, list) and any(
        isinstance(item, Mapping) and any(key in item for key in keys) for item in items
    )


_READERS = {"finbox": _finbox, "cart": _cart, "scoreme": _scoreme}
PROVIDERS = tuple(_READERS)


# --- values -----------------------------------------------------------------------------------------------


def _money(value: Any) -> Decimal:
    return Decimal(str(value).replace(",", "")).quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")


def _sum(amounts: Iterable[Decimal]) -> Decimal | None:
    amounts = list(amounts)
    return sum(amounts, Decimal(0)) if amounts else None


def _mean(amounts: Iterable[Decimal], *, with_zeros: bool = False) -> Decimal | None:
    """Of the months that have some: a month without salary or instalment is not part of its average."""
    counted = [amount for amount in amounts if amount or with_zeros]
    return (
        (sum(counted, Decimal(0)) / len(counted)).quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")
        if counted
        else None
    )


def _month(text: str) -> str | None:
    """ "Jan-2026", "Jan 2026" and "2026-01" are "2026-01"; None for what is no month."""
    if re.fullmatch(r"\d{4}-\d{2}", text):
        return text
    day = whole_date(f"1 {text.replace('-', ' ')}")
    return day.strftime("%Y-%m") if day else None
