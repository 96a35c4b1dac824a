"""Who and where somebody is, by mobile number."""

from datetime import date
from typing import Any

from flask.typing import ResponseReturnValue

from app.sandbox.base import invalid_field, json_body, simulator
from app.sandbox.digitap.core import MOBILE, REFERENCE, problem, twin, verdict
from app.sandbox.person import Person
from app.sandbox.personas import is_nobody, person_for

ADDRESS_INPUTS = {
    "client_ref_num": REFERENCE,
    "mobile": MOBILE,
    "name": r".{1,100}",
    "device_type": r"web|mobile",
    "device_ip": r"[0-9a-fA-F.:]{3,45}",
    "consent_acceptance": r"yes",
    "consent_timestamp": r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\+05:30",
}


@twin.post("/mobile_prefill/request")
def mobile_prefill() -> ResponseReturnValue:
    body = json_body()
    if (
        invalid_field(body, {"client_ref_num": REFERENCE, "mobile_no": MOBILE})
        or body.get("name_lookup") != 1
    ):
        return problem(400, "One or more parameters format is wrong or missing")
    person = person_for(phone=body["mobile_no"])
    if is_nobody(person.pan):
        return verdict(body, 102, "No record found for the given input")
    return verdict(body, 101, "Success", _prefill(person, simulator().today()))


@twin.post("/validation/misc/v1/mobile-address-lookup")
def mobile_address() -> ResponseReturnValue:
    body = json_body()
    if invalid_field(body, ADDRESS_INPUTS):
        return problem(400, "One or more parameters format is wrong or missing")
    person = person_for(phone=body["mobile"])
    if is_nobody(person.pan):
        return verdict(body, 103, "No record found for the given input")
    return verdict(body, 101, "Success", {"address": [_home(person)]})


def _prefill(person: Person, today: date) -> dict[str, Any]:
    born = person.date_of_birth
    return {
        "name": person.name,
        "dob": born.strftime("%d-%m-%Y"),
        "age": str(today.year - born.year - ((today.month, today.day) < (born.month, born.day))),
        "gender": person.gender.title(),
        "pan": person.pan,
        "email": person.email,
        "score": str(person.persona.score or ""),
        "address": [_home(person)],
        "official_documents": [{"document": "PAN", "document_id": person.pan}],
        "alternate_contacts": [],
        "employment": [],
    }


def _home(person: Person) -> dict[str, str]:
    home = person.address
    text = f"{home.house}, {home.street}, {home.locality}"
    return {
        "address": text,
        "city": home.city,
        "state": home.state,
        "pincode": home.pincode,
        "type": "Residence",
    }
