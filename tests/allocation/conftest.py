"""A team of people whom the test alone knows, while everybody else with their role is on leave."""

from collections.abc import Callable, Iterator

import pytest

from app.core.identity import Role
from tests.platform import BRAND, Platform
from tests.staff.people import Person, somebody

AWAY = """
INSERT INTO partner_unavailability_date (id, brand_id, partner_user_id, day, reason)
SELECT gen_random_uuid(), brand_id, partner_user_id, (now() AT TIME ZONE 'Asia/Kolkata')::date, 'another test'
FROM partner_user_brand_role WHERE brand_id = %s AND role = %s ON CONFLICT DO NOTHING"""
GONE = """
DELETE FROM partner_user_brand_role r USING partner_user u
WHERE u.id = r.partner_user_id AND u.email LIKE '%%@staff.example'"""

Team = Callable[..., list[Person]]


@pytest.fixture
def team(platform: Platform) -> Iterator[Team]:
    """``team(Role.CREDIT_EXECUTIVE, 3)``: that many people, and nobody else of the role, is there today."""

    def bring(role: Role, count: int, brand_id: str = BRAND) -> list[Person]:
        platform.sql(AWAY, brand_id, role.value)
        people = [somebody(platform, role, brand_id=brand_id) for _ in range(count)]
        return sorted(people, key=lambda person: person.id)

    yield bring
    platform.sql("DELETE FROM partner_unavailability_date WHERE reason = 'another test'")
    platform.sql(GONE)
