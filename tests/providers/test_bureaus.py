"""Equifax and CRIF over real HTTP; what all three bureaus have in common."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from app.config.providers import ProviderSettings
from app.core import clock
from app.providers.breaker import Breakers
from app.providers.bureau import STATE_LETTERS, BureauEnquiry
from app.providers.cibil import CibilClient
from app.providers.crif import CrifClient
from app.providers.equifax import EquifaxClient
from app.providers.errors import ProviderRejected, ProviderUnauthorised, ProviderUnavailable
from app.sandbox.personas import PEOPLE
from pipelines import bureau_features, read_cibil, read_crif, read_equifax
from tests.providers.conftest import Scripted, hasty

TODAY = date(2026, 5, 1)
ASHA = BureauEnquiry(
    reference="LN1001",
    first_name="ASHA",
    last_name="VERMA",
    date_of_birth=date(1990, 1, 1),
    gender="female",
    pan="ABCPV1234A",
    phone="9000000001",
    address="Flat 12, Baner Road, Baner, Pune",
    state_code="27",
    pincode="411045",
    amount=Decimal("30000.00"),
)
READERS = {CibilClient: read_cibil, EquifaxClient: read_equifax, CrifClient: read_crif}
WORDS = (EquifaxClient, CrifClient)

each = pytest.mark.parametrize("kind", WORDS, ids=lambda kind: kind.provider)
every = pytest.mark.parametrize("kind", READERS, ids=lambda kind: kind.provider)


def pull(client, pan=ASHA.pan, phone=ASHA.phone, **changes):
    return client.consumer_pull(replace(ASHA, pan=pan, phone=phone, **changes), today=TODAY)


@each
def test_a_report(sandbox, kind):
    report = READERS[kind](pull(sandbox.client(kind)).report)
    assert (report.outcome, report.score, report.warnings) == ("SCORED", 782, ())
    assert report.control_number
    assert report.pulled_on


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.persona.key)
def test_all_bureaus_say_the_same_of_one_person(sandbox, person):
    said = [
        bureau_features(
            READERS[kind](pull(sandbox.client(kind), person.pan, person.phone).report), clock.today()
        )
        for kind in READERS
    ]
    assert said[0].values == said[1].values == said[2].values
    assert said[0].values["bureau_hit"] is (person.persona.score is not None)


@every
def test_a_pan_that_nobody_has_is_no_hit(sandbox, kind):
    answer = pull(sandbox.client(kind), "XXXPX0000X", "9000000009")
    assert READERS[kind](answer.report).outcome == "NO_HIT"


@every
def test_the_kept_bytes_give_the_same_report_again(sandbox, kind):
    answer = pull(sandbox.client(kind))
    assert kind.reread(answer.body).report == answer.report


@each
def test_a_bad_request_is_rejected_with_the_reason(sandbox, kind):
    with pytest.raises(ProviderRejected, match=r"(?i)PIN|Postal"):
        pull(sandbox.client(kind), pincode="0")


@each
def test_wrong_credentials(sandbox, kind):
    with pytest.raises(ProviderUnauthorised):
        pull(sandbox.client(kind, password="wrong"))


@every
def test_a_pull_is_never_repeated(sandbox, fault, kind):
    fault(kind.provider, "500", times=3)
    with pytest.raises(ProviderUnavailable) as caught:
        pull(sandbox.client(kind))
    assert caught.value.may_have_happened
    assert len(sandbox.records) == 1


@every
def test_an_answer_that_does_not_come(sandbox, fault, kind):
    fault(kind.provider, "timeout")
    with pytest.raises(ProviderUnavailable):
        pull(hasty(sandbox.client(kind)))


@every
def test_a_broken_answer_is_handed_over(sandbox, fault, kind):
    fault(kind.provider, "malformed")
    answer = pull(sandbox.client(kind))
    assert (answer.report, bool(answer.body)) == ({}, True)


@every
def test_the_record_of_a_call_shows_nobody(sandbox, kind):
    pull(sandbox.client(kind))
    shown = json.dumps([sandbox.records[0].request_body, sandbox.records[0].response_body])
    for secret in (
        "ABCPV1234A",
        "VERMA",
        "9000000001",
        "Baner",
        "1990",
        "01011990",
        "411045",
        "sandbox-crif-password",
    ):
        assert secret not in shown
    assert sandbox.records[0].response_body.endswith("bytes>")


def test_what_equifax_is_asked(upstream):
    upstream.plays(Scripted(body=b"{}"))
    names = ("customer_id", "user_id", "password", "member_number", "security_code")
    settings = ProviderSettings(upstream.url, {name: name.upper() for name in names})
    pull(EquifaxClient(settings, "qualoan", breakers=Breakers()))
    _, path, _, body = upstream.received[0]
    sent = json.loads(body)
    assert path == "/cir360service/cir360report"
    assert sent["RequestHeader"]["SecurityCode"] == "SECURITY_CODE"
    assert sent["RequestBody"]["IDDetails"] == [
        {"seq": "1", "IDType": "T", "IDValue": "ABCPV1234A", "Source": "Inquiry"}
    ]
    assert (sent["RequestBody"]["DOB"], sent["RequestBody"]["TransactionAmount"]) == ("1990-01-01", "30000")


def test_what_crif_is_asked(upstream):
    upstream.plays(Scripted(body=b"{}"))
    settings = ProviderSettings(upstream.url, {"customer_id": "C", "user_id": "U", "password": "P"})
    pull(CrifClient(settings, "qualoan", breakers=Breakers()))
    _, _, headers, body = upstream.received[0]
    applicant = json.loads(body)["REQUEST-FILE"]["INQUIRY"]["APPLICANT-SEGMENT"]
    assert (headers["CUSTOMER-ID"], headers["PRODUCT-TYPE"]) == ("C", "CIR PRO V2")
    assert applicant["DOB"] == {"DOB-DT": "01-01-1990", "AGE": "36", "AGE-AS-ON": "01-05-2026"}
    assert applicant["ADDRESSES"][0]["STATE"] == "MH"


def test_every_state_has_its_letters():
    from pipelines.states import _NAMES

    assert set(STATE_LETTERS) == set(_NAMES)


@pytest.mark.parametrize(
    "body",
    [
        {
            "CCRResponse": {
                "CIRReportDataLst": [{"Error": {"ErrorCode": "E0776", "ErrorDesc": "Invalid code"}}]
            }
        },
        {"Error": {"ErrorCode": "E0776", "ErrorDesc": "Invalid code"}},
    ],
)
def test_a_refusal_of_equifax_in_an_http_200(upstream, body):
    upstream.plays(Scripted(body=json.dumps(body).encode()))
    names = ("customer_id", "user_id", "password", "member_number", "security_code")
    client = EquifaxClient(
        ProviderSettings(upstream.url, dict.fromkeys(names, "x")), "qualoan", breakers=Breakers()
    )
    with pytest.raises(ProviderRejected) as caught:
        pull(client)
    assert (caught.value.code, caught.value.reason) == ("E0776", "Invalid code")
