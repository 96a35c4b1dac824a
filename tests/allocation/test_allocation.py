"""A new application goes to the least loaded credit executive who is there."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.core import clock
from app.core.database import brand_scope
from app.core.identity import Role
from app.seed import DEMO_PASSWORD
from app.staff import service as staff
from app.staff.models import PartnerUnavailabilityDate
from tests.platform import Platform

BRAND = "salarybolt"
BODY = {"amount": "10000", "tenureDays": 20, "purpose": "MEDICAL"}


@pytest.fixture(scope="module", autouse=True)
def second_executive(platform: Platform) -> str:
    """One more credit executive in the brand."""
    password_hash = staff.hash_password(DEMO_PASSWORD)
    assignments = [(BRAND, Role.CREDIT_EXECUTIVE)]
    return str(staff.create("second@salarybolt.example", "Second Executive", password_hash, assignments))


def allotted(platform: Platform) -> str:
    loan = platform.customer(brand_id=BRAND).post("/web/loans", once=True, expect=201, json=BODY)
    credit, sales = platform.staff(Role.ADMIN, BRAND).get(f"/loans/{loan['id']}")["executives"]
    assert (credit["role"], sales["role"]) == ("CREDIT_EXECUTIVE", "LOAN_EXECUTIVE")
    return credit["partnerUserId"]


def test_it_alternates(platform: Platform) -> None:
    counts = Counter(allotted(platform) for _ in range(4))
    assert sorted(counts.values()) == [2, 2]


def test_nobody_on_leave_is_given_a_loan(platform: Platform, second_executive: str) -> None:
    with brand_scope(BRAND):
        away = PartnerUnavailabilityDate.create(partner_user_id=second_executive, day=clock.today())
    try:
        assert second_executive not in {allotted(platform) for _ in range(2)}
    finally:
        with brand_scope(BRAND):
            away.delete_instance()


def test_applications_at_once_are_shared_fairly(platform: Platform) -> None:
    customers = [platform.customer(brand_id=BRAND) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        loans = list(pool.map(lambda c: c.post("/web/loans", once=True, expect=201, json=BODY), customers))
    rows = platform.sql(
        "SELECT partner_user_id, count(*) FROM loan_allotted_partner_user "
        "WHERE brand_id = %s AND kind = 'CREDIT' AND in_hand GROUP BY 1",
        BRAND,
    )
    assert len(loans) == 6
    assert max(count for _, count in rows) - min(count for _, count in rows) <= 1


@pytest.fixture
def nobody_decides(platform: Platform) -> Iterator[None]:
    """The credit executives of a brand are gone for a while; other tests need them again."""
    active = """
        UPDATE partner_user SET is_active = %s WHERE id IN (
            SELECT partner_user_id FROM partner_user_brand_role
            WHERE brand_id = 'fastsalary' AND role = 'CREDIT_EXECUTIVE')
    """
    platform.sql(active, False)
    yield
    platform.sql(active, True)


@pytest.mark.usefixtures("nobody_decides")
def test_with_nobody_there_the_loan_waits(platform: Platform) -> None:
    loan = platform.customer(brand_id="fastsalary").post("/web/loans", once=True, expect=201, json=BODY)
    admin = platform.staff(Role.ADMIN, "fastsalary")
    (sales,) = admin.get(f"/loans/{loan['id']}")["executives"]
    assert sales["role"] == "LOAN_EXECUTIVE"
    newest = admin.get("/allocations/waiting?kind=CREDIT&sort=-createdAt")["items"][0]
    assert (newest["loanNo"], newest["why"]) == (loan["loanNo"], "NOBODY_PRESENT")
