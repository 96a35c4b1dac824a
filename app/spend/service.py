"""What was spent on advertising: told by day, source and campaign, corrected by being told again, taken back.

Each change is in the audit trail by itself, with the amount before.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from peewee import ModelSelect

from app.core import audit, clock, identity
from app.core.database import current_brand, db, insert_rows, update_rows
from app.core.errors import Invalid
from app.core.ids import new_id
from app.core.tables_in import FileProblem
from app.spend import reading
from app.spend.models import MarketingSpend
from app.spend.reading import Row

BYTES_MAX = 2 * 2**20

# what was told once: day, source and campaign
Key = tuple[date, str, str | None]


def search(
    from_date: date | None, to_date: date | None, source: str | None, campaign: str | None
) -> ModelSelect:
    """What was spent in the days, both included, at a source and for a campaign."""
    conditions = [
        *([MarketingSpend.day >= from_date] if from_date else []),
        *([MarketingSpend.day <= to_date] if to_date else []),
        *([MarketingSpend.source == source] if source else []),
        *([MarketingSpend.campaign == campaign] if campaign else []),
    ]
    return MarketingSpend.select().where(*conditions) if conditions else MarketingSpend.select()


def get(spend_id: UUID) -> MarketingSpend:
    """What was spent on one day, or NotFound."""
    return MarketingSpend.find(spend_id)


def tell(day: date, source: str, campaign: str | None, amount: Decimal) -> MarketingSpend:
    """What a day of a source and campaign cost; told again, with another amount, it is corrected."""
    _keep({(day, source, campaign): amount})
    of_campaign = MarketingSpend.campaign == campaign if campaign else MarketingSpend.campaign.is_null()
    return MarketingSpend.get(MarketingSpend.day == day, MarketingSpend.source == source, of_campaign)


def remove(spend_id: UUID) -> None:
    """It was not spent."""
    _only_writer()
    spent = get(spend_id)
    spent.delete_instance()
    audit.record("spend.removed", "marketing_spend", spent.id, before=_content(spent.__data__))


def upload(name: str, data: bytes) -> dict[str, Any]:
    """Take over the rows of a file that can be read, and tell of each that cannot. The same file again changes nothing.

    Raises Invalid, field `file`, where it is no such table.
    """
    if len(data) > BYTES_MAX:
        raise Invalid(f"Larger than {BYTES_MAX // 2**20} MB.", field="file", code="FILE_TOO_LARGE")
    try:
        rows = list(reading.rows(data))
    except FileProblem as problem:
        raise Invalid(str(problem), field="file", code="NOT_A_SPEND_FILE") from None
    told, refused = _each_once(rows)
    kept = _keep({key: row.told["amount"] for key, row in told.items()})
    after = {"fileName": name[:200], "rows": len(rows), "refused": len(refused)} | kept
    audit.record("spend.uploaded", "marketing_spend", None, after=after)
    return {"rows": len(rows), "refused": refused} | kept


def _each_once(rows: list[Row]) -> tuple[dict[Key, Row], list[Row]]:
    """The rows that tell something, and those that do not: also what an earlier line of the file told."""
    told: dict[Key, Row] = {}
    refused: list[Row] = []
    for row in rows:
        if row.faults:
            refused.append(row)
            continue
        first = told.setdefault(_key(row.told), row)
        if first is not row:
            fault = f"Line {first.line_no} tells of this day, source and campaign: give their sum once."
            refused.append(Row(row.line_no, faults={"day": [fault]}))
    return told, refused


def _key(told: Mapping[str, Any]) -> Key:
    return told["day"], told["source"], told["campaign"]


def _keep(told: Mapping[Key, Decimal]) -> dict[str, int]:
    """Add what is new and correct what was told otherwise; how many of each."""
    _only_writer()
    days = list({day for day, *_ in told})
    found = MarketingSpend.select().where(MarketingSpend.day.in_(days or [None]))
    known = {_key(row.__data__): row for row in found}
    by = {"entered_by": identity.actor().id, "entered_at": clock.now()}
    added = [
        {"id": new_id(), "day": key[0], "source": key[1], "campaign": key[2], "amount": amount} | by
        for key, amount in told.items()
        if key not in known
    ]
    corrected = {
        known[key]: amount for key, amount in told.items() if key in known and known[key].amount != amount
    }
    insert_rows(MarketingSpend, added)
    update_rows(MarketingSpend, [{"id": row.id, "amount": amount} | by for row, amount in corrected.items()])
    _audited(added, corrected)
    return {
        "added": len(added),
        "corrected": len(corrected),
        "unchanged": len(told) - len(added) - len(corrected),
    }


def _audited(added: list[dict[str, Any]], corrected: Mapping[MarketingSpend, Decimal]) -> None:
    audit.record_all("spend.entered", "marketing_spend", {row["id"]: (None, _content(row)) for row in added})
    audit.record_all(
        "spend.corrected",
        "marketing_spend",
        {
            row.id: (_content(row.__data__), _content(row.__data__ | {"amount": amount}))
            for row, amount in corrected.items()
        },
    )


def _content(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "day": row["day"].isoformat(),
        "source": row["source"],
        "campaign": row["campaign"],
        "amount": str(row["amount"]),
    }


def _only_writer() -> None:
    """Until the transaction ends nobody else writes what the brand spent: two who tell of the same day take turns."""
    db.execute_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"spend|{current_brand()}",))
