"""When and how often a brand contacts customers about what they owe: within what the RBI allows."""

from datetime import time

import marshmallow as ma

from app.core.http import Schema

# RBI circular DOR.ORG.REC.65/21.04.158/2022-23 of 12 August 2022
EARLIEST, LATEST = time(8), time(19)


def _within(told: time) -> None:
    # a range would be written into the API's description, whose limits are numbers
    if not EARLIEST <= told <= LATEST:
        raise ma.ValidationError(f"From {EARLIEST:%H:%M} to {LATEST:%H:%M}.")


def _count(default: int, maximum: int) -> ma.fields.Integer:
    return ma.fields.Integer(load_default=default, validate=ma.validate.Range(min=1, max=maximum))


class ContactRules(Schema):
    """Times of India. `attempts` are calls and visits, in seven days for the week; e-mail is not limited."""

    opens = ma.fields.Time(format="%H:%M", load_default=EARLIEST, validate=_within)
    closes = ma.fields.Time(format="%H:%M", load_default=LATEST, validate=_within)
    attempts_per_day = _count(3, 10)
    attempts_per_week = _count(10, 50)
    messages_per_day = _count(3, 10)

    @ma.validates_schema
    def _is_ordered(self, data: dict, **kwargs: object) -> None:
        if data["opens"] >= data["closes"]:
            raise ma.ValidationError({"opens": ["Must be before closes."]})
