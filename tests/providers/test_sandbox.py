"""The sandbox itself: its control endpoints, its faults, and how it calls back."""

import subprocess
import sys
import time
from decimal import Decimal

import pytest
import requests

from app.config.providers import ProviderSettings
from app.providers.breaker import Breakers
from app.providers.digitap import DigitapClient
from app.providers.errors import ProviderMalformed, ProviderUnauthorised, ProviderUnavailable
from app.providers.money import Payer
from app.providers.msg91 import Msg91Client
from app.providers.razorpay import RazorpayClient
from app.sandbox import create_app, webhooks
from app.sandbox.faults import Fault, Faults
from app.sandbox.server import Server
from app.sandbox.webhooks import Webhooks
from tests.providers.conftest import Scripted, hasty
from tests.providers.live import BRAND, Listener, default_credentials


@pytest.fixture
def control(sandbox):
    """control("GET", "health"): a call of a control endpoint."""

    def call(method: str, path: str, **options: object) -> requests.Response:
        return requests.request(method, f"{sandbox.url}/__sandbox__/{path}", timeout=5, **options)

    return call


@pytest.fixture
def digitap(sandbox) -> DigitapClient:
    return sandbox.client(DigitapClient)


def ask(digitap: DigitapClient, pan: str = "ABCPV1234A"):
    return digitap.pan_details(pan=pan, reference="L1")


# Control


def test_it_is_healthy(control):
    assert control("GET", "health").json() == {"status": "ok"}


def test_it_lists_everybody_written_down(control):
    assert [p["persona"] for p in control("GET", "personas").json()["personas"]] == [
        "good_salaried",
        "over_obligated",
        "new_to_credit",
        "bouncing",
        "name_mismatch",
        "dead_employer",
    ]


def test_it_tells_who_is_behind_a_pan(control):
    (person,) = control("GET", "personas?pan=OVEPX0042Z").json()["personas"]
    assert (person["persona"], person["name"]) == ("over_obligated", "TEST OVEPXAAECZ")


def test_a_phone_can_be_bound_to_a_pan(control):
    control("POST", "personas", json={"pan": "NTCPX0042Z", "phone": "9822222222"})
    (person,) = control("GET", "personas?phone=9822222222").json()["personas"]
    assert person["pan"] == "NTCPX0042Z"


def test_a_binding_needs_both(control):
    assert control("POST", "personas", json={"pan": "NTCPX0042Z"}).status_code == 400


def test_it_counts_calls(control, digitap):
    before = len(control("GET", "calls?provider=digitap&operation=pan_details").json()["calls"])
    ask(digitap)
    assert len(control("GET", "calls?provider=digitap&operation=pan_details").json()["calls"]) == before + 1


@pytest.mark.parametrize(
    "body", [{}, {"provider": "digitap"}, {"provider": "digitap", "fault": "sloth"}, {"fault": "500"}]
)
def test_a_fault_must_be_one_that_exists(control, body):
    assert control("POST", "faults", json=body).status_code == 400


@pytest.mark.parametrize("times", [0, -1, "2"])
def test_a_fault_happens_once_at_least(control, times):
    assert (
        control("POST", "faults", json={"provider": "x", "fault": "500", "times": times}).status_code == 400
    )


# Faults of calls


def test_a_fault_is_used_up(digitap, fault):
    fault("digitap", "unauthorised")
    with pytest.raises(ProviderUnauthorised):
        ask(digitap)
    ask(digitap)


def test_a_fault_can_aim_at_an_operation(digitap, fault):
    fault("digitap", "unauthorised", operation="penny_drop")
    ask(digitap)


def test_a_fault_can_aim_at_a_body(digitap, fault):
    fault("digitap", "unauthorised", match="ABCPS2345B")
    ask(digitap)
    with pytest.raises(ProviderUnauthorised):
        ask(digitap, "ABCPS2345B")


def test_a_fault_can_be_taken_back(digitap, fault, control):
    fault("digitap", "unauthorised")
    assert control("DELETE", "faults").status_code == 204
    ask(digitap)


def test_a_lost_answer_does_not_undo_what_was_done(digitap, fault, control):
    fault("digitap", "timeout")
    with pytest.raises(ProviderUnavailable):
        hasty(digitap).initiate_aadhaar_otp(aadhaar=derive_aadhaar(control), reference="lost")
    assert control("GET", "messages?to=9833333333").json()["messages"][0]["provider"] == "digitap"


def derive_aadhaar(control) -> str:
    return control("POST", "personas", json={"pan": "AAAPX7777Z", "phone": "9833333333"}).json()["aadhaar"]


def test_credentials_of_a_brand_and_of_nobody(sandbox):
    for suffix in ("", "-qualoan"):
        credentials = {name: f"sandbox-digitap-{name}{suffix}" for name in ("client_id", "client_secret")}
        ask(DigitapClient(ProviderSettings(f"{sandbox.url}/digitap", credentials), BRAND))


def test_it_stops_at_once_while_a_call_hangs():
    with Server(create_app(timeout_s=60)) as server:
        settings = ProviderSettings(f"{server.url}/digitap", default_credentials("digitap"))
        client = hasty(DigitapClient(settings, BRAND, breakers=Breakers()))
        with pytest.raises(ProviderUnavailable):
            client.initiate_aadhaar_otp(aadhaar="234123412346", reference="ZZZPX0000T")
        started = time.monotonic()
    assert time.monotonic() - started < 2


def test_it_runs_as_a_process():
    command = [sys.executable, "-m", "app.sandbox", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        url = process.stdout.readline().split()[-1]
        assert requests.get(f"{url}/__sandbox__/health", timeout=5).ok
        process.terminate()
        assert process.wait(timeout=5) == 0


# Webhooks


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def sender(faults):
    sender = Webhooks(faults, delay_s=0.02)
    yield sender
    sender.close()


@pytest.fixture
def listener():
    with Listener().serving() as listener:
        yield listener


@pytest.fixture
def send(sender, listener):
    """send("e1"): a webhook of the provider acme, whose body is its event id."""

    def send(event_id: str, url: str = listener.url, provider: str = "acme") -> None:
        headers = {"Content-Type": "application/json", "X-Signature": f"signed-{event_id}"}
        sender.send(url, event_id.encode(), headers, provider=provider, event_id=event_id, operation="paid")

    return send


@pytest.fixture
def arrivals(listener):
    """arrivals(2): the bodies of the next two webhooks, in order of arrival."""
    return lambda count: [listener.next().body.decode() for _ in range(count)]


def wait_for_state(sender: Webhooks, state: str) -> dict:
    deadline = time.monotonic() + 5
    while (shown := sender.sent()[0])["state"] != state and time.monotonic() < deadline:
        time.sleep(0.01)
    assert shown["state"] == state
    return shown


def test_a_webhook_arrives_as_it_was_signed(send, listener):
    send("e1")
    received = listener.next()
    assert (received.body, received.headers["X-Signature"]) == (b"e1", "signed-e1")


def test_webhooks_arrive_in_order(send, arrivals):
    for number in range(5):
        send(f"e{number}")
    assert arrivals(5) == ["e0", "e1", "e2", "e3", "e4"]


def test_what_was_sent_can_be_read(send, arrivals, sender):
    send("e1")
    arrivals(1)
    shown = wait_for_state(sender, "delivered")
    assert (shown["eventId"], shown["body"], shown["tries"][0]["status"]) == ("e1", "e1", 200)


def test_a_duplicate(send, arrivals, faults):
    faults.add(Fault("acme", "duplicate"))
    send("e1")
    assert arrivals(2) == ["e1", "e1"]


def test_out_of_order(send, arrivals, faults):
    faults.add(Fault("acme", "out_of_order"))
    send("e1")
    send("e2")
    assert arrivals(2) == ["e2", "e1"]


def test_out_of_order_with_nothing_behind_it_still_arrives(send, arrivals, faults, monkeypatch):
    monkeypatch.setattr(webhooks, "HELD_S_MAX", 0.1)
    faults.add(Fault("acme", "out_of_order"))
    send("e1")
    assert arrivals(1) == ["e1"]


def test_late(send, arrivals, faults, monkeypatch):
    monkeypatch.setattr(webhooks, "LATE_S", 0.2)
    faults.add(Fault("acme", "late"))
    send("e1")
    send("e2")
    assert arrivals(2) == ["e2", "e1"]


def test_no_webhook(send, arrivals, faults, sender):
    faults.add(Fault("acme", "no_webhook"))
    send("e1")
    assert sender.sent()[0]["state"] == "withheld"
    send("e2")
    assert arrivals(1) == ["e2"]


def test_a_fault_of_another_provider_or_event_does_not_count(send, arrivals, faults):
    faults.add(Fault("other", "no_webhook"))
    faults.add(Fault("acme", "no_webhook", operation="refunded"))
    send("e1")
    assert arrivals(1) == ["e1"]


def test_a_webhook_that_was_held_back_can_be_sent_again(send, arrivals, faults, sender):
    faults.add(Fault("acme", "no_webhook"))
    send("e1")
    assert len(sender.resend("acme", "e1")) == 1
    assert arrivals(1) == ["e1"]


def test_nothing_fits_nothing_is_sent_again(sender):
    assert sender.resend("acme", "unknown") == []


def test_the_last_go_out_again_against_their_order(send, arrivals, sender):
    for event_id in ("e1", "e2", "e3"):
        send(event_id)
    assert arrivals(3) == ["e1", "e2", "e3"]
    sender.resend("acme", None, last=2, newest_first=True)
    assert arrivals(2) == ["e3", "e2"]


def test_one_goes_out_again_as_often_as_asked(send, arrivals, sender):
    send("e1")
    sender.resend("acme", "e1", times=2)
    assert arrivals(3) == ["e1"] * 3


def test_one_goes_out_again_late(send, arrivals, sender):
    send("e1")
    assert arrivals(1) == ["e1"]
    sender.resend("acme", "e1", after_s=0.2)
    send("e2")
    assert arrivals(2) == ["e2", "e1"]


def test_a_refused_webhook_is_tried_again(send, upstream, sender, monkeypatch):
    monkeypatch.setattr(webhooks, "RETRY_AFTER_S", (0.05, 0.05))
    upstream.plays(Scripted(503), Scripted(500))
    send("e1", upstream.url)
    shown = wait_for_state(sender, "delivered")
    assert [tried["status"] for tried in shown["tries"]] == [503, 500, 200]


def test_it_gives_up_at_last(send, sender, monkeypatch):
    monkeypatch.setattr(webhooks, "RETRY_AFTER_S", (0.05,))
    send("e1", "http://127.0.0.1:1")
    assert len(wait_for_state(sender, "failed")["tries"]) == 2


def test_a_webhook_is_sent_again_over_http(sandbox, control):
    assert control("POST", "webhooks/resend", json={"eventId": "unknown"}).status_code == 404
    assert control("GET", "webhooks?provider=nobody").json() == {"webhooks": []}


@pytest.mark.parametrize(
    "wrong", [{"last": 0}, {"times": "2"}, {"times": 101}, {"afterS": -1}, {"afterS": "soon"}]
)
def test_sending_again_without_sense_is_refused(control, wrong):
    assert control("POST", "webhooks/resend", json=wrong).status_code == 400


def test_every_twin_tells_what_can_be_done_there(control):
    known = control("GET", "act").json()["actions"]
    assert known["finduit"] == known["cart_aa"] == ["approve", "expire", "pause", "reject", "revoke"]
    assert known["signzy"] == ["reject", "sign"]
    assert known["razorpay"] == ["dispute", "give_mandate", "pay_link", "pay_order"]
    assert known["msg91"] == known["sendgrid"] == ["deliver", "fail", "read"]
    assert known["acefone"] == ["answer", "call_in", "miss"]


@pytest.mark.parametrize(
    ("provider", "action"),
    [
        ("finduit", "approve"),
        ("cart_aa", "reject"),
        ("signzy", "sign"),
        ("msg91", "deliver"),
        ("acefone", "answer"),
    ],
)
def test_what_is_not_there_cannot_be_acted_on(control, provider, action):
    body = {"provider": provider, "action": action, "id": "none/../such"}
    assert control("POST", "act", json=body).status_code == 404


@pytest.mark.parametrize("body", [{}, {"provider": "nobody", "action": "approve"}, {"provider": "digitap"}])
def test_an_action_that_nobody_knows_is_refused(control, body):
    assert control("POST", "act", json=body).status_code == 400


def test_a_payment_is_made_by_the_same_call_as_everything_else(sandbox, control):
    client = sandbox.client(RazorpayClient)
    payer = Payer("ASHA VERMA", "9000000001")
    link = client.create_payment_link(
        amount=Decimal(100), reference_id="act-1", description="EMI", payer=payer
    )
    said = {"provider": "razorpay", "action": "pay_link", "id": link.id, "outcome": "failure"}
    assert control("POST", "act", json=said).json()["status"] == "failed"
    said |= {"outcome": "success", "method": "netbanking"}
    assert control("POST", "act", json=said).json()["link_status"] == "paid"
    assert control("POST", "act", json=said).status_code == 409


@pytest.mark.parametrize(
    ("said", "error"),
    [("fail", ProviderUnavailable), ("hang", ProviderUnavailable), ("malformed", ProviderMalformed)],
)
def test_the_next_call_of_any_twin_goes_wrong_as_people_say_it(sandbox, control, said, error):
    told = control("POST", "faults", json={"provider": "msg91", "fault": said})
    assert told.status_code == 201
    with pytest.raises(error):
        hasty(sandbox.client(Msg91Client)).send_sms(to="9000000001", template_id="t", variables={})


def test_a_fault_of_a_provider_that_is_none_is_refused(control):
    assert control("POST", "faults", json={"provider": "nobody", "fault": "500"}).status_code == 400
