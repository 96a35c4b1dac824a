"""What a collector is credited with is what came in on their loans, less what was taken back."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from app.core.clock import today
from app.core.identity import Role
from tests.lending import Case, active, noon
from tests.platform import Platform
from tests.staff.people import somebody

EXECUTIVE = Role.COLLECTION_EXECUTIVE
TODAY = today()


def pay(case: Case, amount: str, received_on: str) -> str:
    """Told by an administrator, checked by another one; the id of the payment that it became."""
    told = {
        "amount": amount,
        "method": "UPI",
        "reference": f"{uuid4().int % 10**12:012d}",
        "receivedOn": received_on,
    }
    maker, checker = case.platform.staff(Role.ADMIN), case.platform.staff(Role.SUPER_ADMIN)
    made = maker.post(f"/loans/{case.loan_id}/manual-payments", once=True, expect=201, json=told)
    checker.post(f"/payment-approval/{made['id']}/approve", once=True, json={"remark": "Found"})
    return told["reference"]


def row(platform: Platform, day: Any = TODAY) -> dict[str, Any]:
    period = f"fromDate={day}&toDate={day}"
    rows = platform.staff(Role.COLLECTION_HEAD).get(f"/collections/performance?{period}")
    mine = platform.staff(EXECUTIVE).user["id"]
    return next((one for one in rows if one["partnerUserId"] == mine), {"collected": "0", "payingLoans": 0})


def test_collected_is_what_the_payments_say(platform: Platform):
    case, yesterday = active(platform, days_ago=35), TODAY - timedelta(days=1)
    platform.staff(EXECUTIVE).get(
        "/collections/performance?fromDate=2026-01-01&toDate=2026-01-01", expect=403
    )
    before, before_then = row(platform), row(platform, yesterday)
    to = {"kind": "COLLECTION", "subjectIds": [str(case.loan_id)], "reason": "To collect"}
    to |= {"to": platform.staff(EXECUTIVE).user["id"]}
    assert platform.staff(Role.COLLECTION_HEAD).post("/allocations/move", json=to)["moved"] == 1
    pay(case, "1000.00", f"{TODAY}")
    pay(case, "300.00", f"{yesterday}")
    after = row(platform)
    assert Decimal(after["collected"]) - Decimal(before["collected"]) == 1000
    assert after["payingLoans"] - before["payingLoans"] == 1
    assert row(platform, yesterday)["collected"] == before_then["collected"], "it was nobody's then"
    paid = platform.sql(
        "SELECT id FROM payment_collection_transaction WHERE loan_id = %s AND amount = 1000",
        str(case.loan_id),
    )
    back = {"kind": "RETURNED", "amount": "400.00", "reason": "The bank took it back"}
    made = platform.staff(Role.ADMIN).post(
        f"/loans/{case.loan_id}/payments/{paid[0][0]}/reversals", once=True, expect=201, json=back
    )
    platform.staff(Role.SUPER_ADMIN).post(f"/payment-reversals/{made['id']}/approve", once=True, json={})
    assert Decimal(row(platform)["collected"]) - Decimal(before["collected"]) == 600


def test_a_contact_counts_for_the_day_on_which_it_was_made(platform: Platform):
    case, person = active(platform, days_ago=35), somebody(platform, EXECUTIVE).sign_in()
    brand, day = "/partner/brand/qualoan", TODAY - timedelta(days=2)
    told = {"code": "CALLBACK", "channel": "CALL", "remark": "Written down late"}
    made = [told | {"contactedAt": noon(day).isoformat()}, told | {"code": "BUSY", "inbound": True}]
    for one in made:
        person.call("POST", f"{brand}/loans/{case.loan_id}/dispositions", expect=201, json=one)

    def counted(day: Any) -> list[tuple[int, int]]:
        path = f"/collections/performance?fromDate={day}&toDate={day}"
        rows = platform.staff(Role.COLLECTION_HEAD).get(path)
        return [(row["contacts"], row["reached"]) for row in rows if row["partnerUserId"] == person.id]

    assert (counted(day), counted(TODAY)) == ([(1, 1)], [(1, 0)])
