import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import requests

from app.config.providers import ProviderSettings
from app.providers.breaker import Breakers
from app.providers.digitap import DigitapClient
from app.providers.errors import (
    ProviderMalformed,
    ProviderRejected,
    ProviderUnauthorised,
    ProviderUnavailable,
)
from app.sandbox.personas import derive
from tests.providers.conftest import Scripted, hasty

ASHA, ESHA, FAROOQ = derive("ABCPV1234A"), derive("ABCPK5678E"), derive("ABCPA6789F")
OPERATIONS = {
    "pan_details": lambda client: client.pan_details(pan=ASHA.pan, reference="L1"),
    "initiate_aadhaar_otp": lambda client: client.initiate_aadhaar_otp(aadhaar=ASHA.aadhaar, reference="L1"),
    "penny_drop": lambda client: penny_drop(client, ASHA.account_number),
    "uan_basic": lambda client: client.uan_basic(reference="L1", mobile=ASHA.phone),
    "employment_history": lambda client: client.employment_history(reference="L1", uan=ASHA.uan),
    "mobile_prefill": lambda client: client.mobile_prefill(mobile=ASHA.phone, reference="L1"),
    "mobile_address": lambda client: mobile_address(client),
}
IDEMPOTENT = {"pan_details", "uan_basic", "employment_history"}


@pytest.fixture
def digitap(sandbox) -> DigitapClient:
    return sandbox.client(DigitapClient)


def otp_of(sandbox, phone: str) -> str:
    url = f"{sandbox.url}/__sandbox__/messages?to={phone}"
    return requests.get(url, timeout=5).json()["messages"][0]["otp"]


def penny_drop(client: DigitapClient, account_number: str, name: str = "ASHA VERMA"):
    return client.penny_drop(account_number=account_number, ifsc="HDFC0000123", name=name, reference="L1")


def mobile_address(client: DigitapClient, mobile: str = ASHA.phone):
    consented_at = datetime(2026, 5, 1, 10, tzinfo=UTC)
    return client.mobile_address(
        mobile=mobile, name="ASHA VERMA", consented_at=consented_at, ip="203.0.113.9", reference="L1"
    )


# PAN


def test_pan_details(digitap):
    found = digitap.pan_details(pan=ASHA.pan, reference="L1")
    assert (found.full_name, found.date_of_birth, found.gender) == ("ASHA VERMA", date(1990, 1, 1), "female")
    assert (found.masked_aadhaar, found.aadhaar_linked) == ("XXXXXXXX2346", True)


def test_pan_details_score_a_name(digitap):
    assert digitap.pan_details(pan=ASHA.pan, reference="L1", name="Asha Verma").name_match_score == 100


def test_an_unknown_pan_is_rejected(digitap):
    with pytest.raises(ProviderRejected) as caught:
        digitap.pan_details(pan="XXXPX0000X", reference="L1")
    assert caught.value.code == "102"


def test_a_pan_of_the_wrong_form_is_rejected(digitap):
    with pytest.raises(ProviderRejected, match="One or more parameters format is wrong") as caught:
        digitap.pan_details(pan="NOPAN", reference="L1")
    assert caught.value.code == "400"


def test_the_answer_must_be_about_the_pan_that_was_asked_for(upstream):
    client = DigitapClient(ProviderSettings(upstream.url, CREDENTIALS), "qualoan", breakers=Breakers())
    upstream.plays(Scripted(body=b'{"result_code":101,"request_id":"r","result":{"pan":"ABCPS2345B"}}'))
    with pytest.raises(ProviderMalformed) as caught:
        client.pan_details(pan=ASHA.pan, reference="L1")
    assert caught.value.field == "result.pan"


# Aadhaar


def test_aadhaar_otp(digitap, sandbox):
    started = digitap.initiate_aadhaar_otp(aadhaar=ASHA.aadhaar, reference="L1")
    found = digitap.submit_aadhaar_otp(started, otp=otp_of(sandbox, ASHA.phone))
    assert (found.name, found.date_of_birth, found.year_of_birth) == ("ASHA VERMA", date(1990, 1, 1), 1990)
    assert (found.masked_aadhaar, found.address.pincode, found.gender) == ("XXXXXXXX2346", "411045", "female")
    assert found.photo.startswith(b"\x89PNG")


@pytest.mark.parametrize(("otp", "reason"), [("111111", "Invalid OTP"), ("000000", "OTP expired")])
def test_a_wrong_otp_is_rejected(digitap, otp, reason):
    started = digitap.initiate_aadhaar_otp(aadhaar=ASHA.aadhaar, reference="L2")
    with pytest.raises(ProviderRejected) as caught:
        digitap.submit_aadhaar_otp(started, otp=otp)
    assert caught.value.reason == reason


def test_a_right_otp_after_three_wrong_ones_is_rejected(digitap, sandbox):
    started = digitap.initiate_aadhaar_otp(aadhaar=ASHA.aadhaar, reference="L3")
    for _ in range(3):
        with pytest.raises(ProviderRejected):
            digitap.submit_aadhaar_otp(started, otp="111111")
    with pytest.raises(ProviderRejected, match="Maximum attempts"):
        digitap.submit_aadhaar_otp(started, otp=otp_of(sandbox, ASHA.phone))


def test_an_otp_works_once(digitap, sandbox):
    started = digitap.initiate_aadhaar_otp(aadhaar=ASHA.aadhaar, reference="L4")
    otp = otp_of(sandbox, ASHA.phone)
    digitap.submit_aadhaar_otp(started, otp=otp)
    with pytest.raises(ProviderRejected):
        digitap.submit_aadhaar_otp(started, otp=otp)


def test_an_aadhaar_with_a_wrong_check_digit_is_rejected(digitap):
    with pytest.raises(ProviderRejected, match="Invalid Aadhaar"):
        digitap.initiate_aadhaar_otp(aadhaar="234123412345", reference="L1")


def test_an_aadhaar_that_knows_the_year_alone(upstream):
    client = DigitapClient(ProviderSettings(upstream.url, CREDENTIALS), "qualoan", breakers=Breakers())
    upstream.plays(
        Scripted(body=b'{"code":"200","model":{"transactionId":1,"fwdp":"f","codeVerifier":"c"}}'),
        Scripted(
            body=b'{"code":"200","model":{"name":"ASHA","dob":"1990","maskedAdharNumber":"X1","address":{}}}'
        ),
    )
    found = client.submit_aadhaar_otp(client.initiate_aadhaar_otp(aadhaar="1", reference="1"), otp="123456")
    assert (found.date_of_birth, found.year_of_birth) == (None, 1990)


# Bank account


def test_penny_drop(digitap):
    found = penny_drop(digitap, ASHA.account_number)
    assert (found.status, found.beneficiary_name, found.is_name_match) == ("SUCCESS", "ASHA VERMA", True)
    assert (found.matching_score, len(found.rrn)) == (Decimal(1), 12)


def test_penny_drop_tells_another_holder(digitap):
    found = penny_drop(digitap, ESHA.account_number, name="ESHA KHAN")
    assert (found.beneficiary_name, found.is_name_match) == ("EESHA QURESHI", False)


def test_an_account_that_nobody_holds_belongs_to_whoever_is_named(digitap):
    assert penny_drop(digitap, "123456789012", name="RAVI KUMAR").beneficiary_name == "RAVI KUMAR"


def test_an_account_that_nobody_holds_and_a_person_of_two_names(digitap):
    digitap.pan_details(pan="MISPX0007Z", reference="L1")
    assert penny_drop(digitap, "123456789013", name=derive("MISPX0007Z").name).is_name_match is False


def test_an_account_that_does_not_exist(digitap):
    assert penny_drop(digitap, "000123456789").status == "FAILED"


def test_a_pending_penny_drop_is_asked_for_later(digitap):
    pending = penny_drop(digitap, "999123456789")
    assert pending.status == "PENDING"
    assert digitap.penny_drop_status(pending.transaction_id).status == "SUCCESS"


def test_an_unknown_penny_drop_is_rejected(digitap):
    with pytest.raises(ProviderRejected):
        digitap.penny_drop_status("1")


# Employment


def test_uan_basic(digitap):
    found = digitap.uan_basic(reference="L1", mobile=ASHA.phone, pan=ASHA.pan)
    assert (found.uans, found.matching_uan, found.is_employed) == ((ASHA.uan,), ASHA.uan, True)
    assert (found.recent_employer.establishment_name, found.recent_employer.left_on) == (
        "ACME TECHNOLOGIES",
        None,
    )


def test_employment_history(digitap):
    record = digitap.employment_history(reference="L1", uan=ASHA.uan).records[0]
    assert [employer.establishment_name for employer in record.history] == [
        "ACME TECHNOLOGIES",
        "FIRST STEP SERVICES",
    ]
    assert record.history[1].left_on < record.history[0].joined_on


def test_an_employment_that_ended(digitap):
    found = digitap.employment_history(reference="L1", pan=FAROOQ.pan)
    assert not found.is_employed
    assert date.today() - found.recent_employer.left_on > timedelta(days=200)  # noqa: DTZ011


def test_a_person_without_uan_is_rejected(digitap):
    with pytest.raises(ProviderRejected) as caught:
        digitap.uan_basic(reference="L1", pan="XXXPX0000X")
    assert caught.value.code == "103"


def test_a_lookup_needs_something_to_look_up(digitap):
    with pytest.raises(ProviderRejected, match="missing"):
        digitap.uan_basic(reference="L1")


# Mobile


def test_a_mobile_tells_whose_pan_it_is(digitap):
    found = digitap.mobile_prefill(mobile=ASHA.phone, reference="L1")
    assert (found.pan, found.name, found.date_of_birth) == (ASHA.pan, "ASHA VERMA", date(1990, 1, 1))
    assert (found.gender, found.email) == ("female", ASHA.email)
    assert found.addresses[0].pincode == ASHA.address.pincode


def test_a_pan_may_stand_among_the_documents_alone(upstream):
    result = {
        "name": "ASHA VERMA",
        "pan": "",
        "official_documents": [{"document": "pan", "document_id": ASHA.pan}],
    }
    upstream.plays(Scripted(body=json.dumps({"result_code": 101, "result": result}).encode()))
    client = DigitapClient(ProviderSettings(upstream.url, CREDENTIALS), "qualoan", breakers=Breakers())
    assert client.mobile_prefill(mobile=ASHA.phone, reference="L1").pan == ASHA.pan


def test_a_mobile_tells_where_its_holder_lives(digitap):
    home = mobile_address(digitap)[0]
    assert (home.city, home.state, home.pincode, home.kind) == ("PUNE", "MAHARASHTRA", "411045", "Residence")


@pytest.mark.parametrize(
    "address",
    [
        "12 MG Road, Pune",
        {"line1": "12 MG Road, Pune"},
        ["12 MG Road, Pune"],
        [{"full_address": "12 MG Road, Pune"}],
    ],
)
def test_an_address_is_read_in_every_shape_that_is_likely(upstream, address):
    upstream.plays(Scripted(body=json.dumps({"result_code": 101, "result": {"address": address}}).encode()))
    client = DigitapClient(ProviderSettings(upstream.url, CREDENTIALS), "qualoan", breakers=Breakers())
    assert [found.text for found in mobile_address(client)] == ["12 MG Road, Pune"]


@pytest.mark.parametrize("address", [7, [7], [{"street_no": 1}]])
def test_an_address_in_no_known_shape_is_malformed(upstream, address):
    upstream.plays(Scripted(body=json.dumps({"result_code": 101, "result": {"address": address}}).encode()))
    client = DigitapClient(ProviderSettings(upstream.url, CREDENTIALS), "qualoan", breakers=Breakers())
    with pytest.raises(ProviderMalformed):
        mobile_address(client)


def test_a_mobile_of_nobody_is_rejected(digitap, sandbox):
    bound = {"pan": "XXXPX0042Z", "phone": "9123450042"}
    requests.post(f"{sandbox.url}/__sandbox__/personas", json=bound, timeout=5)
    with pytest.raises(ProviderRejected) as caught:
        digitap.mobile_prefill(mobile="9123450042", reference="L1")
    assert caught.value.code == "102"
    with pytest.raises(ProviderRejected) as caught:
        mobile_address(digitap, "9123450042")
    assert caught.value.code == "103"


def test_consent_goes_out_in_indian_time(upstream):
    upstream.plays(Scripted(body=b'{"result_code": 101, "result": {}}'))
    client = DigitapClient(ProviderSettings(upstream.url, CREDENTIALS), "qualoan", breakers=Breakers())
    assert mobile_address(client) == ()
    assert json.loads(upstream.received[0][3])["consent_timestamp"] == "2026-05-01T15:30:00+05:30"


# What goes wrong, in every operation


@pytest.mark.parametrize("operation", OPERATIONS)
def test_wrong_credentials(sandbox, operation):
    with pytest.raises(ProviderUnauthorised, match="Client Authentication failed"):
        OPERATIONS[operation](sandbox.client(DigitapClient, client_secret="wrong"))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_internal_error_is_tried_again_where_that_is_safe(digitap, sandbox, fault, operation):
    fault("digitap", "500", operation=operation, times=3)
    with pytest.raises(ProviderUnavailable):
        OPERATIONS[operation](digitap)
    assert len(sandbox.records) == (3 if operation in IDEMPOTENT else 1)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_broken_answer(digitap, fault, operation):
    fault("digitap", "malformed", operation=operation)
    with pytest.raises(ProviderMalformed):
        OPERATIONS[operation](digitap)


def test_an_answer_that_does_not_come(sandbox, digitap, fault):
    fault("digitap", "timeout")
    with pytest.raises(ProviderUnavailable, match="no answer in"):
        penny_drop(hasty(digitap), ASHA.account_number)
    assert [record.outcome for record in sandbox.records] == ["unavailable"]


@pytest.mark.parametrize(
    ("pan", "error"),
    [
        ("ZZZPX0000E", ProviderUnavailable),
        ("ZZZPX0000M", ProviderMalformed),
        ("ZZZPX0000U", ProviderUnauthorised),
    ],
)
def test_a_magic_pan(digitap, pan, error):
    with pytest.raises(error):
        digitap.pan_details(pan=pan, reference="L1")


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (412, ProviderUnauthorised),
        (422, ProviderUnavailable),
        (505, ProviderUnavailable),
        (506, ProviderRejected),
    ],
)
def test_statuses_of_its_own(upstream, status, error):
    settings = ProviderSettings(upstream.url, CREDENTIALS)
    client = DigitapClient(settings, "qualoan", breakers=Breakers(), sleep=lambda s: None)
    upstream.plays(*[Scripted(status, b'{"message": "as documented"}')] * 3)
    with pytest.raises(error, match="as documented"):
        client.uan_basic(reference="L1", mobile="9000000001")


def test_a_server_error_inside_an_http_200(upstream):
    client = DigitapClient(ProviderSettings(upstream.url, CREDENTIALS), "qualoan", breakers=Breakers())
    upstream.plays(Scripted(body=b'{"code": "500", "msg": "UIDAI is down"}'))
    with pytest.raises(ProviderUnavailable, match="UIDAI is down"):
        client.initiate_aadhaar_otp(aadhaar=ASHA.aadhaar, reference="L1")


def test_each_product_is_on_its_host():
    client = DigitapClient(ProviderSettings("https://svcdemo.digitap.work", CREDENTIALS), "qualoan")
    hosts = {name: client.base_url(operation) for name, operation in client.operations.items()}
    assert hosts["penny_drop"] == "https://apidemo.digitap.work"
    assert hosts["pan_details"] == "https://svcdemo.digitap.work"


def test_records_show_nobody(digitap, sandbox):
    started = digitap.initiate_aadhaar_otp(aadhaar=ASHA.aadhaar, reference="L9")
    otp = otp_of(sandbox, ASHA.phone)
    digitap.submit_aadhaar_otp(started, otp=otp)
    penny_drop(digitap, ASHA.account_number)
    digitap.employment_history(reference="L9", pan=ASHA.pan, mobile=ASHA.phone)
    digitap.mobile_prefill(mobile=ASHA.phone, reference="L9")
    mobile_address(digitap)
    shown = repr(sandbox.records)
    for secret in (
        ASHA.aadhaar,
        ASHA.phone,
        ASHA.pan,
        ASHA.uan,
        ASHA.account_number,
        ASHA.address.street,
        ASHA.email,
        "203.0.113.9",
        "VERMA",
        otp,
        started.fwdp,
    ):
        assert secret not in shown


CREDENTIALS = {"client_id": "id", "client_secret": "secret"}
