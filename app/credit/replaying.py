"""Replay: a stored decision made again, from the rule files that it keeps and the inputs that it saw."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import rules
from app.core import clock
from app.core.database import brand_scope
from app.core.errors import Unavailable
from app.credit.models import CreditDecision, hash_of
from app.policies import service as policies

BATCH = 500
NOTHING = "nothing"


def differences(decision: CreditDecision) -> list[str]:
    """What comes out otherwise now, as places in the record with both values; empty when nothing does.

    What a record of an older release does not tell yet is no difference.
    """
    try:
        stored = json.loads(decision.record)
        ruleset = policies.compiled(decision.ruleset_name, decision.ruleset_hash)
        again = rules.decide(ruleset, stored["inputs"])
    except (Unavailable, rules.DecisionRefused) as error:
        return [f"cannot be decided again: {error}"]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        return [f"the record is not readable: {error!r}"]
    if again.as_bytes().decode() == decision.record and again.outcome == decision.outcome:
        return [*_row(decision, stored)]
    return [*_row(decision, stored), *_compared("", _by_rule(stored), _by_rule(again.as_dict()), added=False)]


def _row(decision: CreditDecision, stored: dict[str, Any]) -> Iterator[str]:
    if stored.get("outcome") != decision.outcome:
        yield f"the row says {decision.outcome}, its record {stored.get('outcome')}"
    if hash_of(decision.record) != decision.record_hash:
        yield "the record is not that of its hash"


def _by_rule(record: dict[str, Any]) -> dict[str, Any]:
    """The record with its verdicts by rule, so that a place names the rule."""
    verdicts = {verdict["rule_id"]: verdict for verdict in record.get("verdicts", ())}
    return record | {"verdicts": verdicts}


def _compared(place: str, stored: Any, again: Any, *, added: bool = True) -> Iterator[str]:
    """Differences below a place. `added`: whether a name that only `again` has is one."""
    if not (isinstance(stored, dict) and isinstance(again, dict)):
        if stored != again:
            yield f"{place}: {_told(stored)} is now {_told(again)}"
        return
    for name in dict.fromkeys([*stored, *again] if added else stored):
        below = f"{place}.{name}".lstrip(".")
        # the record itself and each verdict may gain fields with a release; what they hold may not
        yield from _compared(
            below, stored.get(name, NOTHING), again.get(name, NOTHING), added=not _is_verdict(below)
        )


def _is_verdict(place: str) -> bool:
    return place.startswith("verdicts.") and place.count(".") == 1


def _told(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."


def replay(brand_id: str, since: date | None = None) -> Iterator[tuple[CreditDecision, list[str]]]:
    """Every decision of a brand made on or after a day in India, oldest first, with its differences."""
    last = None
    while True:
        with brand_scope(brand_id):
            batch = list(_after(last, since))
            yield from ((decision, differences(decision)) for decision in batch)
        if len(batch) < BATCH:
            return
        last = batch[-1].id


def _after(last: Any, since: date | None) -> Any:
    query = CreditDecision.select().order_by(CreditDecision.id).limit(BATCH)
    if last is not None:
        query = query.where(CreditDecision.id > last)
    return query.where(CreditDecision.created_at >= clock.start_of(since)) if since else query
