"""Whom a campaign reaches: the customers on one of the portal's lists, each once, with one of their loans."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app.customers import service as customers
from app.dashboards import lists, stages
from app.dashboards.filters import StageFilters
from app.loans import service as loans
from app.messaging import wording
from app.messaging.wording import Words
from app.reminders import service as reminders
from app.reminders.values import filled

SAMPLE = 10


class AudienceFilters(StageFilters):
    """The filters of the lists, but for whose loans they are: a campaign is the brand's."""

    class Meta:
        exclude = ("scope",)


def check(
    stage: str, filters: Mapping[str, Any], channel: str, template_code: str, payload: Mapping[str, str]
) -> None:
    """Raises NotFound, Forbidden or Invalid where the list cannot be asked for so, or the words do not fit it."""
    asked = lists.given(dict(filters))
    lists.check(stages.get(stage), asked, None)
    of_loan = bool(stages.STAGES[stage].statuses)
    reminders.check_words(template_code, channel, payload, of_loan=of_loan)


def of(stage: str, filters: Mapping[str, Any]) -> dict[UUID, UUID | None]:
    """The customers on the list now, each with the newest of their loans on it."""
    return dict(lists.audience(stages.STAGES[stage], lists.given(dict(filters))))


def tried(
    stage: str, filters: Mapping[str, Any], channel: str, template_code: str, payload: Mapping[str, str]
) -> dict[str, Any]:
    """How many would be told, and what some of them would read. Raises as `check` does."""
    check(stage, filters, channel, template_code, payload)
    whom = of(stage, filters)
    shown = dict(list(whom.items())[:SAMPLE])
    people = customers.by_ids(set(shown))
    known = loans.by_ids({loan_id for loan_id in shown.values() if loan_id})
    words = wording.get(template_code, channel, None)
    return {
        "count": len(whom),
        "sample": [
            {
                "customer_id": person_id,
                "customer_name": people[person_id].name,
                "loan_id": loan_id,
                "text": _text(
                    words, people[person_id].name, filled(payload, known.get(loan_id), words.variables)
                ),
            }
            for person_id, loan_id in shown.items()
        ],
    }


def _text(words: Words, name: str | None, values: Mapping[str, str]) -> str | None:
    """What somebody would read; None where their loan does not know a value, so that they would not be told."""
    if any(variable not in values for variable in words.variables):
        return None
    return words.fill(name, values)["text"]
