"""Whom a campaign reaches: the customers on one of the portal's lists, each once, with one of their loans."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import Any
from uuid import UUID

from app.customers import service as customers
from app.dashboards import lists, stages
from app.loans import service as loans
from app.messaging.delivery import gates, sending
from app.messaging.templates import wording
from app.messaging.templates.wording import Words
from app.reminders import service as reminders
from app.reminders.values import filled, lacks

SAMPLE = 10
AT_ONCE = 5_000
NOW, LATER = "NOW", "LATER"
OVERDUE = "OVERDUE"


def check(
    stage: str, filters: Mapping[str, Any], channel: str, template_code: str, payload: Mapping[str, str]
) -> None:
    """Raises NotFound, Forbidden or Invalid where the list cannot be asked for so, or the words do not fit it."""
    asked = lists.given(dict(filters))
    lists.check(stages.get(stage), asked, None)
    of_loan = bool(stages.STAGES[stage].statuses)
    reminders.check_words(template_code, channel, payload, of_loan=of_loan, is_late=stage == OVERDUE)


def of(stage: str, filters: Mapping[str, Any]) -> dict[UUID, UUID | None]:
    """The customers on the list now as whoever acts sees it, each with the newest of their loans on it."""
    return dict(lists.audience(stages.STAGES[stage], lists.given(dict(filters))))


def tried(
    stage: str, filters: Mapping[str, Any], channel: str, template_code: str, payload: Mapping[str, str]
) -> dict[str, Any]:
    """How many would be told now, or later, and why others would not; what it would cost, and what some of them would
    read. Raises as `check` does."""
    check(stage, filters, channel, template_code, payload)
    whom, words = of(stage, filters), wording.get(template_code, channel, None)
    left_out: set[UUID] = set()
    fates: Counter[str] = Counter()
    everybody = list(whom.items())
    for start in range(0, len(everybody), AT_ONCE):
        some = dict(everybody[start : start + AT_ONCE])
        barred = reminders.barred(some, words.kind)
        fates.update(_fates(_without(barred, some), words, payload))
        left_out |= barred
    fates.update({reminders.OVERDUE: len(left_out)} if left_out else {})
    now, later = fates.pop(NOW, 0), fates.pop(LATER, 0)
    return {
        "count": len(whom),
        "now": now,
        "later": later,
        "refused": [{"reason": reason, "count": count} for reason, count in fates.most_common()],
        "cost_paise": (now + later) * sending.price(channel),
        "sample": _sample(dict(islice(_without(left_out, whom).items(), SAMPLE)), words, payload),
    }


def _without(barred: Collection[UUID], whom: Mapping[UUID, UUID | None]) -> dict[UUID, UUID | None]:
    return {customer_id: loan_id for customer_id, loan_id in whom.items() if customer_id not in barred}


def _fates(whom: Mapping[UUID, UUID | None], words: Words, payload: Mapping[str, str]) -> Iterator[str]:
    """What would become of a message to each of them: NOW, LATER, or why not at all."""
    people, known = customers.reachable(whom), loans.by_ids({loan for loan in whom.values() if loan})
    verdicts = gates.foresee(whom, words.kind, words.channel)
    for customer_id, loan_id in whom.items():
        verdict = verdicts[customer_id]
        if not sending.address(people[customer_id], words.channel):
            yield "NO_ADDRESS"
        elif lacks(payload, known.get(loan_id), words.variables):
            yield "VALUES_MISSING"
        else:
            yield verdict.refused or (LATER if verdict.wait_until else NOW)


def _sample(
    shown: Mapping[UUID, UUID | None], words: Words, payload: Mapping[str, str]
) -> list[dict[str, Any]]:
    people, known = customers.by_ids(shown), loans.by_ids({loan for loan in shown.values() if loan})
    return [
        {
            "customer_id": person_id,
            "customer_name": people[person_id].name,
            "loan_id": loan_id,
            "text": _text(
                words, people[person_id].name, filled(payload, known.get(loan_id), words.variables)
            ),
        }
        for person_id, loan_id in shown.items()
    ]


def _text(words: Words, name: str | None, values: Mapping[str, str]) -> str | None:
    """What somebody would read; None where their loan does not know a value, so that they would not be told."""
    if any(variable not in values for variable in words.variables):
        return None
    return words.fill(name, values)["text"]
