import json
from dataclasses import replace
from datetime import date

import pytest

from app.config.providers import ProviderSettings
from app.core import clock
from app.providers.breaker import Breakers
from app.providers.cibil import CibilClient
from app.providers.errors import (
    ProviderRejected,
    ProviderUnauthorised,
    ProviderUnavailable,
)
from pipelines.bureau.cibil import read_cibil
from pipelines.bureau.features import bureau_features
from tests.providers import test_bureaus
from tests.providers.conftest import Scripted, hasty

TODAY = date(2026, 5, 1)
ASHA = replace(test_bureaus.ASHA, address="Flat 12, Baner Road, Baner, behind the old post office, Pune")


@pytest.fixture
def cibil(sandbox) -> CibilClient:
    return sandbox.client(CibilClient)


def pull(cibil: CibilClient, pan: str = ASHA.pan, phone: str = ASHA.phone):
    return cibil.consumer_pull(replace(ASHA, pan=pan, phone=phone), today=TODAY)


def file_of(report) -> dict:
    return report.report["consumerCreditData"][0]


def test_a_report(cibil):
    report = read_cibil(pull(cibil).report)
    assert (report.outcome, report.score) == ("SCORED", 782)
    assert report.control_number.isdigit()


def test_the_bytes_are_kept_as_they_came(cibil):
    report = pull(cibil)
    assert json.loads(report.body)["consumerCreditData"][0]["scores"][0]["score"] == "00782"


def test_a_person_without_a_record_is_an_answer(cibil):
    report = pull(cibil, "ABCPN3456C", "9000000003")
    assert read_cibil(report.report).outcome == "NO_HIT"
    assert file_of(report)["accounts"] == []


@pytest.mark.parametrize(
    ("pan", "expected"),
    [
        ("ABCPV1234A", {"bureau_score": 782, "dpd_30_plus_count_6m": 0, "active_payday_loan_count": 0}),
        ("ABCPS2345B", {"bureau_score": 560, "dpd_90_plus_count_24m": 3, "active_payday_loan_count": 5}),
        ("ABCPN3456C", {"bureau_hit": False}),
        ("ABCPR4567D", {"bureau_score": 690, "dpd_30_plus_count_6m": 0}),
    ],
)
def test_the_bureau_pipeline_sees_what_the_personas_promise(cibil, pan, expected):
    report = pull(cibil, pan)
    features = bureau_features(read_cibil(report.report), clock.today()).values
    assert features.items() >= expected.items()


@pytest.mark.parametrize("pan", ["ABCPV1234A", "ABCPS2345B", "ABCPR4567D"])
def test_a_payment_history_has_three_characters_a_month(cibil, pan):
    for account in file_of(pull(cibil, pan))["accounts"]:
        start, end = account["paymentStartDate"], account["paymentEndDate"]
        months = (int(start[4:]) - int(end[4:])) * 12 + int(start[2:4]) - int(end[2:4]) + 1
        assert len(account["paymentHistory"]) == 3 * months


def test_the_summary_adds_up(cibil):
    report = pull(cibil, "ABCPS2345B", "9000000002").report
    accounts = report["consumerCreditData"][0]["accounts"]
    summary = report["consumerSummaryData"]["accountSummary"]
    assert summary["currentBalance"] == sum(account["currentBalance"] for account in accounts)
    assert summary["overdueBalance"] == sum(account.get("amountOverdue", 0) for account in accounts) > 0


def test_what_goes_over_the_wire(upstream):
    upstream.plays(Scripted(body=ANSWER))
    settings = ProviderSettings(upstream.url, CREDENTIALS)
    CibilClient(settings, "qualoan", breakers=Breakers()).consumer_pull(ASHA, today=TODAY)
    _, path, headers, body = upstream.received[0]
    subject = json.loads(body)["consumerInputSubject"]
    assert path == "/acquire/credit-assessment/v1/consumer-cir-cv"
    assert [headers[h] for h in ("member-ref-id", "apikey", "client-secret", "cust-ref-id")] == [
        *CREDENTIALS.values(),
        "LN1001",
    ]
    assert subject["tuefHeader"]["enquiryAmount"] == "000030000"
    assert subject["names"][0] | {"index": ""} == {
        "index": "",
        "firstName": "ASHA",
        "middleName": "",
        "lastName": "VERMA",
        "birthDate": "01011990",
        "gender": "1",
    }
    assert [subject["addresses"][0][f"line{n}"] for n in (1, 2, 3)] == [
        "Flat 12, Baner Road, Baner, behind the",
        "old post office, Pune",
        "",
    ]


@pytest.mark.parametrize("body", [b"{", b"[]", b"", b"<html>", b'{"controlData": 1}'])
def test_what_was_paid_for_is_handed_over_whatever_it_is(upstream, body):
    upstream.plays(Scripted(body=body))
    client = CibilClient(ProviderSettings(upstream.url, CREDENTIALS), "qualoan", breakers=Breakers())
    assert pull(client).body == body


def test_a_refusal_in_an_http_200(upstream):
    error = b'{"errorCode": "E0401", "errorMessage": "Invalid member"}'
    upstream.plays(Scripted(body=b'{"controlData": {"success": false, "errorResponseArray": [%s]}}' % error))
    client = CibilClient(ProviderSettings(upstream.url, CREDENTIALS), "qualoan", breakers=Breakers())
    with pytest.raises(ProviderRejected) as caught:
        pull(client)
    assert (caught.value.code, caught.value.reason) == ("E0401", "Invalid member")


def test_a_bad_request_is_rejected_with_the_reason(cibil):
    with pytest.raises(ProviderRejected, match=r"addresses\.pinCode"):
        cibil.consumer_pull(replace(ASHA, pincode="0"), today=TODAY)


def test_wrong_credentials(sandbox):
    with pytest.raises(ProviderUnauthorised):
        pull(sandbox.client(CibilClient, api_key="wrong"))


def test_a_pull_is_never_repeated(cibil, sandbox, fault):
    fault("cibil", "500", times=3)
    with pytest.raises(ProviderUnavailable) as caught:
        pull(cibil)
    assert caught.value.may_have_happened
    assert len(sandbox.records) == 1


def test_an_answer_that_does_not_come(cibil, fault):
    fault("cibil", "timeout")
    with pytest.raises(ProviderUnavailable):
        pull(hasty(cibil))


def test_a_client_certificate_is_used_where_there_is_one():
    settings = ProviderSettings("https://x.example", CREDENTIALS | {"certificate_file": "/etc/los/cibil.pem"})
    assert CibilClient(settings, "qualoan")._session.cert == "/etc/los/cibil.pem"


CREDENTIALS = {"member_ref_id": "M1", "api_key": "K1", "client_secret": "S1"}
ANSWER = json.dumps(
    {
        "controlData": {"success": True},
        "consumerCreditData": [
            {
                "tuefHeader": {
                    "subjectReturnCode": 1,
                    "enquiryControlNumber": "000000000001",
                    "dateProcessed": "01052026",
                },
                "scores": [{"score": "00786"}],
            }
        ],
    }
).encode()
