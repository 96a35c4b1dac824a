"""A made-up book for a brand, with the executives who work on so many loans. Not in production."""

from collections.abc import Callable
from datetime import date

from app.brands import service as brands
from app.config import settings
from app.core import clock
from app.core.database import brand_scope
from app.core.errors import Conflict, Invalid, NotFound
from app.core.identity import Role
from app.seed import BRANDS, DEMO_PASSWORD, email_of
from app.seed.book import Shape, plant
from app.staff import service as staff
from app.staff import work

# each with whom it reports to
_TEAMS = {
    Role.CREDIT_EXECUTIVE: Role.SANCTION_MANAGER,
    Role.COLLECTION_EXECUTIVE: Role.COLLECTION_MANAGER,
}
_LOANS_A_DESK, _DESKS_MAX = 2_000, 8


def plant_book(
    owner_url: str,
    loans: int,
    number: int = 1,
    *,
    brand_id: str | None = None,
    until: date | None = None,
    payments: float = 1.4,
    tell: Callable[[str], None] = lambda text: None,
) -> None:
    """A book of `loans` loans that ends with the day `until`, and the executives who work on so many.

    Raises Conflict in production: the people in it do not exist, and their phones may be somebody's.
    """
    if settings().environment == "production":
        raise Conflict("A made-up book is not for production.", code="NOT_IN_PRODUCTION")
    brand_id = brand_id or next(iter(BRANDS))
    if not brands.exists(brand_id):
        raise NotFound(f"brand {brand_id}")
    until = min(until or clock.today(), clock.today())
    try:
        shape = Shape(loans, number, payments=payments)
    except ValueError as error:
        raise Invalid(str(error)) from None
    _seed_teams(brand_id, min(_DESKS_MAX, 1 + loans // _LOANS_A_DESK))
    plant(owner_url, brand_id, shape, until, tell)


def _seed_teams(brand_id: str, size: int) -> None:
    password_hash = staff.hash_password(DEMO_PASSWORD)
    for role in _TEAMS:
        for n in range(2, size + 1):
            email = email_of(role, brand_id).replace("@", f".{n}@")
            name = f"{role.value.replace('_', ' ').title()} {n}"
            staff.create(email, name, password_hash, [(brand_id, role)])
    with brand_scope(brand_id):
        for role, lead in _TEAMS.items():
            for manager_id in staff.working(lead)[:1]:
                work.report_to(role, manager_id)
