"""A settlement in instalments: its letter, its end when the last is paid, and its lapse when one is missed."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.collections.concessions import instalments, settling
from app.collections.concessions import reminders as settlement_reminders
from app.collections.concessions.instalments import Instalment
from app.contacts import service as contacts
from app.core.clock import today
from app.core.errors import Invalid
from app.core.identity import Role
from app.core.outbox import enqueue
from app.ledger import service as ledger
from app.ledger.events import Kind
from app.loans import service as loans
from app.messaging.delivery import gates
from tests.hours import set_clock
from tests.lending import Case, active, at_work, noon
from tests.platform import Platform

TODAY = today()
HEAD = Role.COLLECTION_HEAD
LEAP = date(2028, 1, 31)  # a plan over a leap day and the ends of months
PLAN = (Instalment(LEAP, Decimal(600)), Instalment(date(2028, 2, 29), Decimal(400)))


def in_days(*days: int) -> list[dict[str, str]]:
    """Rs 10,000 on each of these days from today."""
    return [{"dueOn": f"{TODAY + timedelta(days=one)}", "amount": "10000.00"} for one in days]


def propose(case: Case, plan: list[dict[str, str]], expect: int = 201, amount: str = "20000.00") -> Any:
    told = {"kind": "SETTLEMENT", "reason": "Lost the job", "amount": amount, "instalments": plan}
    staff = case.platform.staff(Role.COLLECTION_EXECUTIVE)
    return staff.post(f"/loans/{case.loan_id}/concessions", expect=expect, json=told)


def offered(platform: Platform, *days: int) -> Case:
    """A loan of 20,000 that is 30 days past due, with a settlement for so much that was agreed to."""
    case = active(platform, days_ago=60)
    made = propose(case, in_days(*days))
    for role in (HEAD, Role.ADMIN)[: 1 if made["authority"] == "COLLECTION_HEAD" else 2]:
        platform.staff(role).post(f"/concessions/{made['id']}/approve")
    return case


def settlement(case: Case) -> dict[str, Any]:
    (found,) = case.platform.staff(HEAD).get(f"/collections/concessions?loanId={case.loan_id}")["items"]
    return found


def pay(case: Case, amount: int) -> None:
    with at_work():
        loan = loans.get(case.loan_id)
        ledger.post_payment(loan, Decimal(amount), TODAY, f"{loan.loan_no}:{amount}")


def conclude(case: Case, days: int) -> None:
    with at_work():
        settling.conclude(settlement(case)["id"], TODAY + timedelta(days=days))


def test_the_letter_is_on_file_and_in_the_mail(platform: Platform):
    case = offered(platform, 0, 30)
    found = settlement(case)
    assert [part["status"] for part in found["instalments"]] == ["OPEN", "OPEN"]
    path = f"/web/loans/{case.loan_id}/documents"
    (letter,) = [one for one in case.app.get(path) if one["kind"] == "SETTLEMENT_LETTER"]
    assert letter["id"] == found["letterId"]
    assert case.app.get(f"{path}/{letter['id']}/file").startswith(b"%PDF-")
    platform.drain()
    mails = case.app.sandbox.messages(f"{case.customer_id}@mail.example")
    assert [len(mail["attachments"]) for mail in mails if "Settlement of" in mail["subject"]] == [1]
    lead = platform.staff(Role.ADMIN)
    lead.get(f"/loans/{case.loan_id}/papers/preview?kind=SETTLEMENT_LETTER", expect=409)
    told = {each["kind"]: each for each in lead.get(f"/loans/{case.loan_id}/papers")}
    assert told["SETTLEMENT_LETTER"]["canBeMade"] is False


def test_with_the_last_instalment_the_loan_is_settled(platform: Platform):
    case = offered(platform, 0, 30)
    pay(case, 12_000)
    conclude(case, 29)
    found = settlement(case)
    assert (found["status"], found["received"]) == ("OFFERED", "12000.00")
    assert [part["status"] for part in found["instalments"]] == ["PAID", "PART_PAID"]
    pay(case, 8_000)
    conclude(case, 0)
    conclude(case, 0)
    assert (settlement(case)["status"], case.loan["status"]) == ("DONE", "SETTLED")
    assert case.ledger()["outstanding"]["total"] == "0.00"


def test_an_offer_is_taken_back_until_something_was_paid_for_it(platform: Platform):
    case = offered(platform, 0, 30)
    path, why = f"/concessions/{settlement(case)['id']}/withdraw", {"remark": "The letter names a wrong day"}
    manager, head = platform.staff(Role.COLLECTION_MANAGER), platform.staff(HEAD)
    assert "remark" in head.post(path, expect=422, json={})["error"]["fields"]
    assert platform.staff(Role.COLLECTION_EXECUTIVE).post(path, expect=403, json=why)
    assert manager.post(path, expect=403, json=why)["error"]["code"] == "NOT_THEIRS"
    gone = head.post(path, json=why)
    assert (gone["status"], gone["remark"]) == ("WITHDRAWN", why["remark"])
    assert head.post(path, expect=409, json=why)["error"]["code"] == "ALREADY_DECIDED"
    pay(case, 20_000)
    conclude(case, 0)
    assert (settlement(case)["status"], case.loan["status"]) == ("WITHDRAWN", "ACTIVE")
    steps = platform.sql(
        "SELECT to_state, remark FROM state_change WHERE entity_id = %s AND to_state = 'WITHDRAWN'",
        gone["id"],
    )
    assert steps == [("WITHDRAWN", why["remark"])]
    told = platform.sql(
        "SELECT count(*) FROM user_notification WHERE event = 'settlement_withdrawn' AND customer_id = %s",
        str(case.customer_id),
    )
    assert told[0][0] > 0


def test_an_offer_that_is_being_paid_stands_and_a_proposal_is_taken_back_by_its_proposer(platform: Platform):
    case = active(platform, days_ago=60)
    why = {"remark": "Asked for the wrong sum"}
    wrong = propose(case, in_days(0, 30))
    executive = platform.staff(Role.COLLECTION_EXECUTIVE)
    assert executive.post(f"/concessions/{wrong['id']}/withdraw", json=why)["status"] == "WITHDRAWN"
    paying = offered(platform, 0, 30)
    pay(paying, 12_000)
    path = f"/concessions/{settlement(paying)['id']}/withdraw"
    assert platform.staff(HEAD).post(path, expect=409, json=why)["error"]["code"] == "PAID_FOR"
    assert settlement(paying)["status"] == "OFFERED"


def test_what_is_taken_back_after_the_last_day_was_not_paid(platform: Platform):
    case = offered(platform, 0, 2)
    pay(case, 20_000)
    later = TODAY + timedelta(days=10)
    with at_work():
        loan = loans.get(case.loan_id)
        paid = f"{loan.loan_no}:20000"
        ledger.reverse(loan, Kind.PAYMENT, paid, later, f"{paid}:returned")
    conclude(case, 10)
    found = settlement(case)
    assert (found["status"], found["received"], case.loan["status"]) == ("LAPSED", "0.00", "ACTIVE")


def test_an_instalment_is_reminded_of_as_long_as_it_is_missing(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
):
    case = offered(platform, 0, 3)
    set_clock(monkeypatch, noon(TODAY), contacts, gates)
    for _ in range(2):
        remind(case)
    texts = reminders(case)
    assert len(texts) == 2, "of today and of three days ahead, each once"
    assert any(f"Rs 10000.00 of the settlement of loan {case.loan['loanNo']}" in text for text in texts)
    with at_work():
        contacts.list_customer(case.customer_id, ["SMS"], "ILLNESS", "In hospital")
    remind(case, 3)
    assert len(reminders(case)) == 2, "not to be contacted"


def test_what_has_come_in_is_not_asked_for(platform: Platform, monkeypatch: pytest.MonkeyPatch):
    case = offered(platform, 0, 3)
    set_clock(monkeypatch, noon(TODAY), contacts, gates)
    pay(case, 16_000)
    remind(case)
    (text,) = reminders(case)
    assert "Rs 4000.00" in text


def remind(case: Case, days: int = 0) -> None:
    with at_work():
        settlement_reminders.remind(TODAY + timedelta(days=days))
    case.platform.drain()


def reminders(case: Case) -> list[str]:
    texts = [message["text"] for message in case.platform.sandbox.messages(case.app.person["phone"])]
    return [text for text in texts if "is to be paid by" in text]


def test_each_settlement_is_looked_at_by_itself(platform: Platform):
    broken, paid = offered(platform, 0, 3), offered(platform, 0, 3)
    platform.sql("UPDATE concession SET instalments = '[{}]' WHERE loan_id = %s", str(broken.loan_id))
    pay(paid, 20_000)
    with at_work():
        enqueue("collections.conclude_settlements")
    platform.drain()
    assert paid.loan["status"] == "SETTLED"
    platform.sql("DELETE FROM outbox WHERE status <> 'DONE' AND job = 'collections.conclude_settlement'")
    platform.sql("UPDATE concession SET status = 'REJECTED' WHERE loan_id = %s", str(broken.loan_id))


def test_a_missed_instalment_ends_it_and_money_that_is_told_late_brings_it_back(platform: Platform):
    case = offered(platform, 0, 30)
    conclude(case, 3)
    assert settlement(case)["status"] == "OFFERED", "within its grace"
    conclude(case, 4)
    conclude(case, 4)
    found = settlement(case)
    assert (found["status"], found["lapsedOn"]) == ("LAPSED", f"{TODAY + timedelta(days=4)}")
    platform.drain()
    mails = case.app.sandbox.messages(f"{case.customer_id}@mail.example")
    assert sum("has ended" in mail["subject"] for mail in mails) == 1
    pay(case, 10_000)
    conclude(case, 5)
    assert (settlement(case)["status"], settlement(case)["lapsedOn"]) == ("OFFERED", None)
    conclude(case, 34)
    assert settlement(case)["status"] == "LAPSED"
    pay(case, 9_000)
    pay(case, 1_000)
    conclude(case, 0)
    assert case.loan["status"] == "SETTLED"


def test_a_plan_has_to_fit(platform: Platform):
    case = active(platform, days_ago=60)
    for plan in (in_days(0), in_days(5, 5), in_days(5, 4), in_days(-1, 5), in_days(5, 91)):
        assert "instalments" in propose(case, plan, expect=422)["error"]["fields"]
    four = propose(case, in_days(0, 1, 2, 3), expect=422, amount="25000.00")
    assert "instalments" in four["error"]["fields"]
    negative = [{"dueOn": f"{TODAY}", "amount": "-100.00"}, *in_days(1, 2)]
    assert "instalments" in propose(case, negative, expect=422, amount="19900.00")["error"]["fields"]
    waiver = {"kind": "WAIVER", "reason": "Lost the job", "waived": {"interest": "1.00"}}
    both = waiver | {"kind": "SETTLEMENT", "amount": "20000.00"}
    refused = platform.staff(HEAD).post(f"/loans/{case.loan_id}/concessions", expect=422, json=both)
    assert "waived" in refused["error"]["fields"]
    refused = platform.staff(HEAD).post(
        f"/loans/{case.loan_id}/concessions", expect=422, json=waiver | {"instalments": in_days(0)}
    )
    assert "instalments" in refused["error"]["fields"]
    lasting = propose(case, in_days(0, 80))
    assert lasting["authority"] == "COLLECTION_HEAD_AND_ADMIN", "by its last day more would be given up"
    assert Decimal(lasting["waived"]["INTEREST"]) > Decimal(lasting["totalDue"]) - 20_000


@pytest.mark.parametrize(
    ("received", "on", "missing"),
    [(0, LEAP, 600), (250, LEAP, 350), (600, LEAP, 0), (700, PLAN[1].due_on, 300), (0, date(2028, 2, 1), 0)],
)
def test_what_is_missing_of_an_instalment(received: int, on: date, missing: int):
    assert instalments.missing(PLAN, Decimal(received), on) == missing


@pytest.mark.parametrize(
    ("paid", "on", "missing"),
    [
        ((), date(2028, 1, 31), None),
        ((), date(2028, 2, 2), None),
        ((), date(2028, 2, 3), PLAN[0]),
        (((LEAP, 599),), date(2028, 2, 3), PLAN[0]),
        (((date(2028, 2, 2), 600),), date(2028, 3, 2), None),
        (((LEAP, 600),), date(2028, 3, 3), PLAN[1]),
        (((LEAP, 1000),), date(2029, 1, 1), None),
        (((date(2028, 3, 2), 1000),), date(2028, 3, 2), PLAN[0]),
    ],
)
def test_an_instalment_is_missed_after_its_grace(paid: Any, on: date, missing: Instalment | None):
    money = [(day, Decimal(amount)) for day, amount in paid]
    assert instalments.missed(PLAN, money, on, grace_days=2) == missing


def test_a_plan_is_kept_as_it_was_made():
    assert instalments.read(instalments.stored(PLAN)) == PLAN
    limits = {"parts_max": 3, "days_max": 90}
    instalments.check(PLAN, Decimal(1000), LEAP, **limits)
    with pytest.raises(Invalid, match="come to 1000"):
        instalments.check(PLAN, Decimal(999), LEAP, **limits)
