"""A batch goes out in few requests, each message of it once, whoever dies and whatever goes wrong with one of them."""

import json
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import UUID, uuid4

import pytest

from app.core.clock import INDIA
from app.customers import service as customers
from app.messaging import service as messaging
from app.messaging.delivery import receipts, sending
from app.messaging.delivery import service as delivering
from app.messaging.models import UserNotification
from app.messaging.service import To
from tests.hours import all_reachable
from tests.lending import at_work
from tests.platform import BRAND, Platform

LONG_AGO = datetime(2026, 1, 1, tzinfo=INDIA)


@pytest.fixture(autouse=True, scope="module")
def any_hour() -> Iterator[None]:
    with all_reachable():
        yield


@pytest.fixture(scope="module")
def people() -> dict[str, UUID]:
    """Customers by phone. The second is not reached."""
    phones = [f"98{random.randrange(10**4):04}{end}" for end in ("0011", "9001", "0013", "0014", "0015")]
    with at_work():
        return {phone: customers.create(phone, {}).id for phone in phones}


class Round:
    """A message to each of these people, not sent yet."""

    def __init__(
        self, platform: Platform, people: dict[str, UUID], kind: str = "SERVICE", channel: str = "SMS"
    ) -> None:
        self.platform, self.people, self.loan_no = platform, people, f"L-{uuid4().hex[:8]}"
        values = {"amount": "5000", "loan_no": self.loan_no, "url": "https://pay.example/7"}
        with at_work():
            round_ = [To(each, f"{self.loan_no} {each}", values) for each in people.values()]
            found = messaging.send_all("payment_link", channel, round_)
            self.ids = {phone: found[f"{self.loan_no} {each}"] for phone, each in people.items()}
            mine = UserNotification.id.in_(list(self.ids.values()))
            UserNotification.update(kind=kind).where(mine).execute()

    def deliver(self) -> None:
        delivering.deliver(BRAND, [str(each) for each in self.ids.values()])

    def grown_old(self) -> None:
        """Whoever had claimed them has been silent for long."""
        with at_work():
            mine = UserNotification.id.in_(list(self.ids.values()))
            UserNotification.update(claimed_at=LONG_AGO).where(mine).execute()

    def now(self) -> dict[str, UserNotification]:
        with at_work():
            found = messaging.outcomes(self.ids.values())
        return {phone: found[each] for phone, each in self.ids.items()}

    def statuses(self) -> Counter:
        return Counter(message.status for message in self.now().values())

    def received(self) -> list[int]:
        """How often each of them got it."""
        told = {phone: self.platform.sandbox.messages(phone) for phone in self.people}
        return [sum(self.loan_no in m["text"] for m in found) for found in told.values()]


@pytest.fixture
def trouble(platform: Platform) -> Callable[..., None]:
    def set_fault(provider: str, kind: str, match: str) -> None:
        body = {"provider": provider, "fault": kind, "match": match}
        platform.sandbox.call("POST", "/__sandbox__/faults", expect=201, json=body)

    return set_fault


def test_one_request_takes_all_and_each_has_a_receipt_of_its_own(platform: Platform, people) -> None:
    round_ = Round(platform, people)
    round_.deliver()
    sent = round_.now().values()
    assert {m.status for m in sent} == {"SENT"}
    assert len({m.provider_message_id for m in sent}) == 1
    assert round_.received() == [1] * 5

    def told() -> bool:
        return all(message.delivery in ("DELIVERED", "FAILED") for message in round_.now().values())

    platform.until(told, "receipts of all")
    assert [m.delivery for m in round_.now().values()] == ["DELIVERED", "FAILED", *["DELIVERED"] * 3]
    assert all(message.cost_paise > 0 for message in sent)
    round_.deliver()
    assert round_.received() == [1] * 5


def test_one_that_is_refused_keeps_nobody_from_theirs(platform: Platform, people) -> None:
    wrong = f"12{random.randrange(10**8):08}"
    with at_work():
        whom = people | {wrong: customers.create(wrong, {}).id}
    round_ = Round(platform, whom)
    round_.deliver()
    assert round_.received() == [1, 1, 1, 1, 1, 0]
    last = round_.now()[wrong]
    assert (last.status, last.reason.partition(":")[0]) == ("FAILED", "gupshup.send_sms")


def test_who_does_not_take_a_batch_is_stood_in_for(platform: Platform, people, trouble) -> None:
    trouble("msg91", "500", next(iter(people)))
    round_ = Round(platform, people)
    round_.deliver()
    assert {(m.status, m.provider, m.attempts) for m in round_.now().values()} == {("SENT", "gupshup", 1)}
    assert len({m.provider_message_id for m in round_.now().values()}) == 5
    assert round_.received() == [1] * 5


@pytest.mark.parametrize(("kind", "ends", "received"), [("DUES", "FAILED", 1), ("SERVICE", "SENT", 2)])
def test_an_answer_that_is_lost_leaves_all_of_it_in_doubt(
    platform: Platform, people, trouble, kind, ends, received
) -> None:
    trouble("msg91", "malformed", next(iter(people)))
    round_ = Round(platform, people, kind)
    round_.deliver()
    assert round_.statuses() == {ends: 5}
    assert round_.received() == [received] * 5
    assert kind == "SERVICE" or all(delivering.UNSURE in m.reason for m in round_.now().values())


@pytest.mark.parametrize("dies", [(sending, "hand_over", 0), (delivering, "_settle", 1)])
def test_a_worker_that_dies_makes_nobody_hear_twice(platform: Platform, people, dies) -> None:
    where, what, received = dies
    round_ = Round(platform, people, "DUES")
    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(where, what, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        round_.deliver()
    assert round_.statuses() == {"SENDING": 5}
    round_.deliver()
    assert round_.statuses() == {"SENDING": 5}
    round_.grown_old()
    round_.deliver()
    assert {(m.status, m.reason) for m in round_.now().values()} == {("FAILED", delivering.UNSURE)}
    assert round_.received() == [received] * 5


def test_workers_at_the_same_time_send_each_once(platform: Platform, people) -> None:
    round_ = Round(platform, people)
    threads = [threading.Thread(target=round_.deliver) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (round_.statuses(), round_.received()) == ({"SENT": 5}, [1] * 5)


def test_who_takes_one_at_a_time_is_called_side_by_side(platform: Platform, people) -> None:
    round_ = Round(platform, people, channel="WHATSAPP")
    round_.deliver()
    sent = round_.now().values()
    assert {(message.status, message.provider) for message in sent} == {("SENT", "aisensy")}
    assert len({message.provider_message_id for message in sent}) == 5
    assert round_.received() == [1] * 5


def test_two_messages_to_one_person_do_not_share_a_request(platform: Platform, people) -> None:
    somebody = next(iter(people.values()))
    values = {"amount": "1", "loan_no": "L", "url": "u"}
    with at_work():
        whom = [To(somebody, f"{uuid4()}", values) for _ in range(2)]
        ids = list(messaging.send_all("payment_link", "SMS", whom).values())
    delivering.deliver(BRAND, [str(each) for each in ids])
    with at_work():
        found = messaging.outcomes(ids)
    assert len({message.provider_message_id for message in found.values()}) == 2


def test_a_receipt_that_comes_too_early_is_looked_at_again() -> None:
    early = {"requestId": uuid4().hex[:24], "number": "919812340000", "status": "1"}
    with at_work():
        assert not receipts.take("msg91", json.dumps(early).encode(), is_last=False)
        assert receipts.take("msg91", json.dumps(early).encode())
