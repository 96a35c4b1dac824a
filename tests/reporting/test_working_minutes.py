"""How long a desk was open between two instants."""

import pytest

from app.brands import working
from reports.facts import FACTS
from tests.platform import Platform


@pytest.mark.parametrize(
    ("since", "until", "minutes"),
    [
        ("2026-06-01 10:00", "2026-06-01 10:07:59", 7),
        ("2026-06-01 08:00", "2026-06-01 11:00", 60),
        ("2026-06-01 18:30", "2026-06-02 10:15", 45),
        ("2026-06-01 20:00", "2026-06-01 23:00", 0),
        # Saturday to Monday
        ("2026-06-06 18:00", "2026-06-08 11:00", 120),
        # over a holiday, Wednesday the third
        ("2026-06-02 18:00", "2026-06-04 10:30", 90),
        ("2026-06-01 00:00", "2026-06-08 00:00", 5 * 540),
        ("2026-06-01 12:00", "2026-06-01 11:00", 0),
        ("2026-06-01 12:00", None, None),
    ],
)
def test_minutes_of_work(platform: Platform, since: str, until: str | None, minutes: int | None):
    asked = "SELECT working_minutes(%s::timestamp AT TIME ZONE 'Asia/Kolkata',"
    asked += " %s::timestamp AT TIME ZONE 'Asia/Kolkata', '10:00', '19:00', %s, %s::date[])"
    assert platform.sql(asked, since, until, list(working.WORKED), ["2026-06-03"]) == [(minutes,)]


def test_settings_that_do_not_say_have_the_default_of_the_schema():
    sql = FACTS["desk_hours"]
    assert f"'{working.OPENS:%H:%M}'" in sql
    assert f"'{working.CLOSES:%H:%M}'" in sql
    assert str(list(working.WORKED)).replace("'", '"').replace(" ", "") in sql


def test_hours_that_cannot_be():
    schema = working.WorkingHours()
    assert schema.validate({"opens": "19:00", "closes": "10:00"}) == {"opens": ["Must be before closes."]}
    assert set(schema.validate({"days": [], "holidays": ["tomorrow"]})) == {"days", "holidays"}
