"""When the desks of a brand are open: what a minute of work is."""

from datetime import time

import marshmallow as ma

from app.core.http import Schema

DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
OPENS, CLOSES = time(10), time(19)
WORKED = DAYS[:6]
HOLIDAYS_MAX = 100


class WorkingHours(Schema):
    """Times of India. Reports count the minutes of work by them; nobody is kept from working at other times. On which
    days nothing is paid out is said in `disbursal`."""

    opens = ma.fields.Time(format="%H:%M", load_default=OPENS)
    closes = ma.fields.Time(format="%H:%M", load_default=CLOSES)
    days = ma.fields.List(
        ma.fields.String(validate=ma.validate.OneOf(DAYS)),
        load_default=lambda: list(WORKED),
        validate=ma.validate.Length(min=1, max=len(DAYS)),
    )
    holidays = ma.fields.List(
        ma.fields.Date(), load_default=list, validate=ma.validate.Length(max=HOLIDAYS_MAX)
    )

    @ma.validates_schema
    def _is_ordered(self, data: dict, **kwargs: object) -> None:
        if data["opens"] >= data["closes"]:
            raise ma.ValidationError({"opens": ["Must be before closes."]})
