"""MSG91 and SendGrid: what is sent, what arrives, and how they say no."""

import pytest
import requests

from app.config.providers import ProviderSettings
from app.providers.breaker import Breakers
from app.providers.errors import (
    NotCalled,
    ProviderMalformed,
    ProviderRejected,
    ProviderUnauthorised,
    ProviderUnavailable,
)
from app.providers.messages import Accepted, Sms
from app.providers.msg91 import Msg91Client
from app.providers.sendgrid import Attachment, Mail, SendgridClient
from tests.providers.conftest import Scripted, hasty

NOC = Mail(
    to_email="asha.verma@example.com",
    to_name="ASHA VERMA",
    subject="Your loan is closed",
    text="Dear Asha, nothing is due.",
    html="<p>Dear Asha, nothing is due.</p>",
    reference="L1",
    category="noc",
    attachments=(Attachment("noc.pdf", "application/pdf", b"%PDF-1.7"),),
)


@pytest.fixture
def msg91(sandbox) -> Msg91Client:
    return sandbox.client(Msg91Client)


@pytest.fixture
def sendgrid(sandbox) -> SendgridClient:
    return sandbox.client(SendgridClient)


def send_otp(msg91: Msg91Client, to: str = "9000000001"):
    return msg91.send_sms(to=to, template_id="otp-login", variables={"otp": "482913"})


def newest_message(sandbox, to: str) -> dict:
    url = f"{sandbox.url}/__sandbox__/messages"
    return requests.get(url, params={"to": to}, timeout=5).json()["messages"][0]


# MSG91


def test_an_sms(msg91):
    assert len(send_otp(msg91).message_id) == 24


def test_an_sms_can_be_read_in_the_sandbox(msg91, sandbox):
    send_otp(msg91, to="9123456789")
    message = newest_message(sandbox, "+919123456789")
    assert (message["channel"], message["otp"], message["templateId"]) == ("sms", "482913", "otp-login")


def test_a_refusal_comes_as_http_200(msg91, sandbox):
    with pytest.raises(ProviderRejected) as caught:
        send_otp(msg91, to="12345")
    assert (caught.value.code, caught.value.reason) == ("error", "Invalid mobile number")
    assert sandbox.records[0].status == 200


def test_a_refusal_under_its_other_name(upstream):
    settings = ProviderSettings(upstream.url, {"auth_key": "k", "sender": "LOS"})
    upstream.plays(Scripted(body=b'{"msg_type": "error", "message": "template not approved"}'))
    with pytest.raises(ProviderRejected, match="template not approved"):
        send_otp(Msg91Client(settings, "qualoan", breakers=Breakers()))


def test_a_401_has_no_type(sandbox):
    with pytest.raises(ProviderUnauthorised, match="Unauthorized"):
        send_otp(sandbox.client(Msg91Client, auth_key="wrong"))


def test_an_sms_is_never_sent_twice(msg91, sandbox, fault):
    fault("msg91", "500", times=3)
    with pytest.raises(ProviderUnavailable):
        send_otp(msg91)
    assert len(sandbox.records) == 1


def test_msg91_does_not_answer(msg91, fault):
    fault("msg91", "timeout")
    with pytest.raises(ProviderUnavailable):
        send_otp(hasty(msg91))


def test_msg91_answers_garbage(msg91, fault):
    fault("msg91", "malformed")
    with pytest.raises(ProviderMalformed):
        send_otp(msg91)


def test_the_record_hides_every_variable(msg91, sandbox):
    msg91.send_sms(to="9000000001", template_id="t", variables={"VAR1": "482913", "VAR2": "ASHA"})
    assert sandbox.records[0].request_body["recipients"] == [
        {"VAR1": "***", "VAR2": "***", "mobiles": "XXXXXXXX0001"}
    ]


# SendGrid


def test_a_mail(sendgrid):
    assert len(sendgrid.send_mail(NOC).message_id) == 22


def test_a_mail_can_be_read_in_the_sandbox(sendgrid, sandbox):
    sendgrid.send_mail(NOC)
    message = newest_message(sandbox, "Asha.Verma@example.com")
    assert (message["subject"], message["text"]) == ("Your loan is closed", "Dear Asha, nothing is due.")
    assert message["attachments"] == [{"filename": "noc.pdf", "type": "application/pdf", "bytes": 8}]


def test_a_bad_address_is_rejected_with_the_field(sendgrid):
    with pytest.raises(ProviderRejected, match=r"valid address.*personalizations\.0\.to") as caught:
        sendgrid.send_mail(Mail("nowhere", "", "s", "t", "L1"))
    assert caught.value.code == "400"


def test_a_wrong_key(sandbox):
    with pytest.raises(ProviderUnauthorised, match="authorization grant is invalid"):
        sandbox.client(SendgridClient, api_key="wrong").send_mail(NOC)


def test_a_mail_is_never_sent_twice(sendgrid, sandbox, fault):
    fault("sendgrid", "500", times=3)
    with pytest.raises(ProviderUnavailable):
        sendgrid.send_mail(NOC)
    assert len(sandbox.records) == 1


def test_sendgrid_does_not_answer(sendgrid, fault):
    fault("sendgrid", "timeout")
    with pytest.raises(ProviderUnavailable):
        hasty(sendgrid).send_mail(NOC)


def test_the_record_of_a_mail_shows_nobody(sendgrid, sandbox):
    sendgrid.send_mail(NOC)
    shown = repr(sandbox.records[0])
    assert not any(secret in shown for secret in ("asha.verma", "Asha", "ASHA", "JVBERi0"))


# Many at once


def sms(*numbers: str) -> list[Sms]:
    return [Sms(to=number, template_id="due", variables={"DAYS": number[-1]}) for number in numbers]


def test_many_sms_are_one_request_that_is_paid_for_each(msg91, sandbox):
    answers = msg91.send_many(sms("9123456701", "9123456702", "9123456703"), within_s=5)
    assert len({answer.message_id for answer in answers}) == 1
    assert [(record.units, record.is_billable) for record in sandbox.records] == [(3, True)]
    assert newest_message(sandbox, "9123456702")["variables"] == {"DAYS": "2"}


def test_who_is_refused_is_found_by_halves(msg91, sandbox):
    numbers = [f"91234567{n:02}" for n in range(7)] + ["12345"]
    *taken, refused = msg91.send_many(sms(*numbers), within_s=5)
    assert all(isinstance(answer, Accepted) for answer in taken)
    assert isinstance(refused, ProviderRejected)
    assert len(sandbox.records) == 7


def test_nobody_is_twice_in_a_request_and_nothing_begins_too_late(msg91, sandbox):
    msg91.send_many(sms("9123456701", "9123456701"), within_s=5)
    assert len(sandbox.records) == 2
    late = msg91.send_many(sms("9123456701"), within_s=-1)
    assert isinstance(late[0], NotCalled)
    assert len(sandbox.records) == 2


def test_many_mails_each_with_words_of_its_own(sendgrid, sandbox):
    people = ("a", "b", "c")
    mails = [
        Mail(f"{who}@many.example", who, f"To {who}", f"Dear {who}.", f"ref-{who}", headers={"X-Own": who})
        for who in people
    ]
    answers = sendgrid.send_many([*mails, NOC], within_s=5)
    assert len({answer.message_id for answer in answers}) == 2
    assert [newest_message(sandbox, f"{who}@many.example")["text"] for who in people] == [
        f"Dear {who}." for who in people
    ]
    assert newest_message(sandbox, "b@many.example")["subject"] == "To b"
    shown = repr(sandbox.records)
    assert [secret for secret in ("Dear a", "a@many", "To a") if secret in shown] == []
