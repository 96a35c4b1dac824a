"""Client and twin against what the documents say: the client reads the documented answer, and the twin answers no less.

The values are invented, the names and kinds are those of the documents (app/providers/* name them).
"""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.config.providers import ProviderSettings
from app.providers import CLIENTS
from app.providers.analyser import StatementFile
from app.providers.base import ProviderClient
from app.providers.breaker import Breakers
from app.sandbox.personas import derive
from tests.providers.conftest import Scripted
from tests.providers.live import default_credentials

ASHA = derive("ABCPV1234A")
NOW = datetime.now(UTC)
FILE = b"%PDF-1.7"

PAN = {
    "http_response_code": 200,
    "client_ref_num": "L1",
    "request_id": "97a9f2ce",
    "result_code": 101,
    "result": {
        "pan": ASHA.pan,
        "pan_type": "Individual",
        "fullname": "ASHA VERMA",
        "first_name": "ASHA",
        "middle_name": "",
        "last_name": "VERMA",
        "gender": "female",
        "aadhaar_number": "XXXXXXXX1234",
        "aadhaar_linked": True,
        "dob": "01/01/1990",
        "address": {
            "building_name": "",
            "locality": "",
            "street_name": "",
            "pincode": "",
            "city": "",
            "state": "",
        },
        "mobile": "",
        "email": "",
    },
}
STINT = {
    "member_id": "MHBAN00000000000000001",
    "establishment_id": "MHBAN0000000001",
    "date_of_exit": "",
    "date_of_joining": "2015-04-01",
    "establishment_name": "ACME PRIVATE LIMITED",
    "employer_confidence_score": None,
}
BASIC = {
    "gender": "FEMALE",
    "date_of_birth": "1990-01-01",
    "employee_confidence_score": None,
    "name": "ASHA VERMA",
    "mobile": "",
    "aadhaar_verification_status": -1,
}
EMPLOYMENT = {
    "http_response_code": 200,
    "client_ref_num": "L1",
    "request_id": "dg1b68d7",
    "result_code": 101,
    "result": {
        "uan": [ASHA.uan],
        "summary": {
            "recent_employer_data": STINT,
            "matching_uan": None,
            "is_employed": True,
            "employee_name_match": None,
            "employer_name_match": None,
            "uan_count": 1,
            "date_of_exit_marked": False,
        },
        "uan_details": {
            ASHA.uan: {"basic_details": BASIC, "employment_details": STINT | {"leave_reason": ""}}
        },
        "uan_source": [{"uan": ASHA.uan, "source": "pan"}],
        "name_dob_filtering_score": None,
    },
    "input_data": {},
}
PREFILL = {
    "result_code": 101,
    "request_id": "97a9f2ce",
    "result": {
        "name": "ASHA VERMA",
        "dob": "01-01-1990",
        "age": "36",
        "gender": "Female",
        "pan": ASHA.pan,
        "email": "asha@example.com",
        "score": "782",
        "address": [],
        "official_documents": [{"document": "PAN", "document_id": ASHA.pan}],
    },
}
RECORD = {
    "call_id": "c-1",
    "uuid": "u-1",
    "direction": "outbound",
    "call_hint": "dialer",
    "status": "answered",
    "client_number": "+919000300001",
    "did_number": "+918000000001",
    "call_duration": 52,
    "date": "2026-07-12",
    "time": "17:34:58",
    "end_stamp": "2026-07-12 17:35:49",
    "hangup_cause": "disconnected_by_caller",
    "agent_name": "Test Agent",
    "agent_number": "Extension-0602",
    "recording_url": "",
    "call_flow": [],
}
USER = {
    "id": "1",
    "name": "Test Agent",
    "login_id": "rep",
    "extension": "0602",
    "intercom": "1",
    "user_status": 1,
    "agent": {"id": "0602", "name": "Test Agent", "status": "0", "follow_me_number": ""},
    "user_role": {"id": 2, "name": "Agent"},
}
LIVE = {
    "id": 1,
    "call_id": "c-1",
    "direction": 2,
    "type": "click-to-call",
    "did": "+918000000001",
    "customer_number": "919000300001",
    "state": "Ringing",
    "created_at": "2026-07-12 17:34:58",
    "call_time": "00:00:08",
    "agent_name": "Test Agent",
}


def submit(client: Any) -> Any:
    return client.submit_statement(StatementFile(FILE, "s.pdf"))


def ring(client: Any, to: str = "9123450001") -> Any:
    return client.click_to_call(agent="0602000000001", to=to, identifier="L1")


def template(client: Any) -> Any:
    return client.send_template(to="9123450001", name="Asha", template_id="emi", parameters=["1"])


def sms(client: Any) -> Any:
    return client.send_sms(to="9123450001", template_id="1107", variables={}, text="Rs 1 is due.")


def address(client: Any) -> Any:
    return client.mobile_address(
        mobile=ASHA.phone, name="ASHA VERMA", consented_at=NOW, ip="203.0.113.9", reference="L1"
    )


Call = Callable[[Any], Any]
# provider, operation, the documented answer, how the client is asked, what must be so before
DOCUMENTED: list[tuple[str, str, Any, Call, Call]] = [
    (name, operation, answer, ask, next(iter(before), lambda client: None))
    for name, operation, answer, ask, *before in (
        ("digitap", "pan_details", PAN, lambda c: c.pan_details(pan=ASHA.pan, reference="L1")),
        ("digitap", "uan_basic", EMPLOYMENT, lambda c: c.uan_basic(mobile=ASHA.phone, reference="L1")),
        (
            "digitap",
            "employment_history",
            EMPLOYMENT,
            lambda c: c.employment_history(uan=ASHA.uan, reference="L1"),
        ),
        ("digitap", "mobile_prefill", PREFILL, lambda c: c.mobile_prefill(mobile=ASHA.phone, reference="L1")),
        ("digitap", "mobile_address", {"result_code": 101, "result": {}}, address),
        ("msg91", "send_sms", {"type": "success", "message": "366041"}, sms),
        (
            "gupshup",
            "send_sms",
            {"response": {"id": "3-1", "phone": "919123450001", "details": "", "status": "success"}},
            sms,
        ),
        ("gupshup_whatsapp", "send_template", {"status": "submitted", "messageId": "ee4a"}, template),
        ("aisensy", "send_template", {"success": "true", "submitted_message_id": "s-1"}, template),
        ("acefone", "click_to_call", {"success": True, "message": "Originate successfully queued"}, ring),
        (
            "acefone",
            "call_records",
            {"count": 1, "limit": 100, "size": 1, "page": 1, "results": [RECORD]},
            lambda c: c.call_records(NOW - timedelta(days=1), NOW + timedelta(days=1)),
            ring,
        ),
        ("acefone", "live_calls", [LIVE], lambda c: c.live_calls(), lambda c: ring(c, "9123459003")),
        ("acefone", "users", {"data": [USER], "has_more": False}, lambda c: c.users()),
        ("cart", "upload", {"status": "Submitted", "docId": "d-1", "message": ""}, submit),
        (
            "scoreme",
            "upload",
            {"responseCode": "SRS016", "responseMessage": "", "data": {"referenceId": "r-1"}},
            submit,
        ),
    )
]
OF_A_PERSON = {ASHA.uan}


def names_in(data: Any, path: str = "") -> Iterator[str]:
    """The path of every name in it; what a list holds is as its first item is, and a UAN is any UAN."""
    if isinstance(data, dict):
        for name, value in data.items():
            here = f"{path}.{'*' if name in OF_A_PERSON or name.startswith('XXXX') else name}"
            yield here
            yield from names_in(value, here)
    elif isinstance(data, list) and data:
        yield from names_in(data[0], f"{path}[]")


def ids(value: Any) -> str:
    return value if isinstance(value, str) else ""


@pytest.mark.parametrize(("provider", "operation", "answer", "ask", "before"), DOCUMENTED, ids=ids)
def test_a_client_reads_the_documented_answer(upstream, provider, operation, answer, ask, before):
    upstream.plays(Scripted(body=json.dumps(answer).encode()))
    settings = ProviderSettings(upstream.url, default_credentials(provider))
    kind: type[ProviderClient] = CLIENTS[provider]
    records: list = []
    client = kind(settings, "qualoan", record=records.append, breakers=Breakers(), sleep=lambda s: None)
    ask(client)
    assert [(record.operation, record.outcome) for record in records] == [(operation, "ok")]


@pytest.mark.parametrize(("provider", "operation", "answer", "ask", "before"), DOCUMENTED, ids=ids)
def test_a_twin_answers_all_that_is_documented(sandbox, provider, operation, answer, ask, before):
    client = sandbox.client(CLIENTS[provider])
    before(client)
    ask(client)
    told = next(record.response_body for record in sandbox.records if record.operation == operation)
    assert set(names_in(answer)) - set(names_in(told)) == set()
