"""Twin of Digitap: PAN, Aadhaar OTP, penny drop, EPFO and mobile numbers, answered from the personas.

Documented: paths, envelopes, result codes, the wording of HTTP 400 and 401. Assumed: a refusal in
the `code`/`msg` envelope comes as HTTP 200, and its wording; the fields of an address. PANs that start with XXX do
not exist, and nobody is known by a number bound to one.
"""

import base64
import hashlib
import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from stdnum import verhoeff

from app.sandbox.bank import NAME_MATCH_MIN, holder_of, is_slow, likeness
from app.sandbox.base import Twin, answer, basic_credentials, invalid_field, json_body, simulator
from app.sandbox.messages import Message
from app.sandbox.person import Person, months_before
from app.sandbox.personas import person_for

REFERENCE = r"[a-zA-Z0-9 _-]{1,45}"
PAN = r"[a-zA-Z]{3}[abcfghljpteABCFGHLJPTE][a-zA-Z]\d{4}[a-zA-Z]"
EMPLOYMENT_INPUTS = {"pan": r"[A-Za-z]{3}[pP][A-Za-z]\d{4}[A-Za-z]", "mobile": r"\d{10}", "uan": r"\d{12}"}
PENNY_DROP_INPUTS = {
    "ifsc": r"[A-Z]{4}0[A-Z0-9]{6}",
    "accNo": r"[A-Za-z0-9]{6,35}",
    "benificiaryName": r".{1,100}",
    "clientRefNum": REFERENCE,
}
MOBILE = r"[6-9]\d{9}"
ADDRESS_INPUTS = {
    "client_ref_num": REFERENCE,
    "mobile": MOBILE,
    "name": r".{1,100}",
    "device_type": r"web|mobile",
    "device_ip": r"[0-9a-fA-F.:]{3,45}",
    "consent_acceptance": r"yes",
    "consent_timestamp": r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\+05:30",
}
NOBODY = "XXX"
OTP_EXPIRED = "000000"
OTP_TRIES_MAX = 3
# A grey square, so that a photo is a photo.
PHOTO = (
    "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAAAAACoWZBhAAAAFUlEQVR4nGNsYMAETAwMDKOCAxgEAA5RAQ3nC1cYAAAAAElFTkSuQmCC"
)


def _uses_model_envelope() -> bool:
    return request.path.startswith(("/digitap/ent/", "/digitap/penny-drop/"))


def _authorised() -> bool:
    if request.endpoint == "digitap.share":  # the customer has no keys
        return True
    client_id, client_secret = basic_credentials("Authorization")
    if not client_id:
        client_id, client_secret = basic_credentials("ent_authorization")
    return twin.accepts("client_id", client_id) and twin.accepts("client_secret", client_secret)


def _problem(status: int, message: str) -> ResponseReturnValue:
    if _uses_model_envelope():
        return answer({"code": str(status), "msg": message}, status)
    return answer({"http_response_code": status, "message": message}, status)


twin = Twin(
    "digitap",
    authorised=_authorised,
    unauthorised=lambda: _problem(401, "Client Authentication failed"),
    failure=lambda: _problem(500, "Internal Error"),
)


@twin.post("/validation/kyc/v1/pan_details")
def pan_details() -> ResponseReturnValue:
    body = json_body()
    if invalid_field(body, {"client_ref_num": r"[a-zA-Z0-9 _-]{1,100}", "pan": PAN}):
        return _problem(400, "One or more parameters format is wrong")
    if _nobody(body["pan"]):
        return _verdict(body, 102, "Invalid ID number or combination of inputs")
    person = person_for(pan=body["pan"])
    return _verdict(body, 101, "Success", _pan_result(person) | _name_match(body.get("name"), person))


@twin.post("/ent/v3/kyc/intiate-kyc-auto")
def initiate_aadhaar_otp() -> ResponseReturnValue:
    body = json_body()
    if invalid_field(body, {"uniqueId": r".{1,100}", "uid": r"[2-9]\d{11}"}):
        return _refusal("One or more parameters format is wrong")
    if not verhoeff.is_valid(body["uid"]):
        return _refusal("Invalid Aadhaar Number")
    person = person_for(aadhaar=body["uid"])
    started = {
        "transactionId": _digits(body["uniqueId"] + body["uid"], 18),
        "fwdp": _opaque("fwdp" + body["uid"]),
        "codeVerifier": _opaque("verifier" + body["uid"]),
    }
    otp = _digits(f"otp{body['uid']}", 6)
    with simulator().lock:
        shelf = simulator().shelf("digitap.aadhaar")
        shelf[started["transactionId"]] = {**started, **body, "otp": otp, "tries": 0, "done": False}
    text = f"{otp} is your OTP to share your Aadhaar {person.masked_aadhaar}. It is valid for 10 minutes."
    simulator().mailbox.add(Message("digitap", "sms", person.phone, text))
    return _model("OTP sent to the mobile number linked to Aadhaar", started)


@twin.post("/ent/v3/kyc/submit-otp")
def submit_aadhaar_otp() -> ResponseReturnValue:
    body = json_body()
    if invalid_field(body, {"transactionId": r".+", "otp": r"\d{6}", "shareCode": r"\d{4}"}):
        return _refusal("One or more parameters format is wrong")
    with simulator().lock:
        started = simulator().shelf("digitap.aadhaar").get(body["transactionId"])
        if refused := _refused_otp(started, body):
            return _refusal(refused)
        started["done"] = True
    person = person_for(aadhaar=started["uid"])
    return _model(
        "success", {"uniqueId": started["uniqueId"], **_aadhaar_model(person, body["transactionId"])}
    )


@twin.post("/ent/v1/kyc/generate-url")
def start_digilocker() -> ResponseReturnValue:
    body = json_body()
    if invalid_field(body, {"uid": r".{1,100}", "mobile": r"\d{10}", "redirectionUrl": r".+"}):
        return _refusal("One or more parameters format is wrong")
    transaction_id = _digits(f"digilocker{body['uid']}", 18)
    with simulator().lock:
        simulator().shelf("digitap.digilocker")[transaction_id] = {
            "mobile": body["mobile"],
            "back": body["redirectionUrl"],
            "status": "GENERATED",
        }
    url = url_for("digitap.share", transaction_id=transaction_id, _external=True)
    return _model("URL generated", {"transactionId": transaction_id, "url": url, "kycUrl": url})


@twin.post("/digilocker/<transaction_id>")
def share(transaction_id: str) -> ResponseReturnValue:
    """What the customer does on the page: {"action": "allow" | "deny"}."""
    started = simulator().shelf("digitap.digilocker").get(transaction_id)
    if started is None:
        return _refusal("Invalid transactionId")
    started["status"] = "SUCCESS" if json_body().get("action") == "allow" else "FAILED"
    return answer({"status": started["status"], "redirect": started["back"]})


@twin.post("/ent/v1/kyc/get-digilocker-status")
def digilocker_status() -> ResponseReturnValue:
    started = simulator().shelf("digitap.digilocker").get(json_body().get("transactionId"))
    return _model("success", {"status": started["status"]}) if started else _refusal("Invalid transactionId")


@twin.post("/ent/v1/kyc/get-digilocker-details")
def digilocker_details() -> ResponseReturnValue:
    transaction_id = json_body().get("transactionId")
    started = simulator().shelf("digitap.digilocker").get(transaction_id)
    if started is None or started["status"] == "GENERATED":
        return answer({"code": "DG1007", "msg": "Transaction is not successful"})
    if started["status"] == "FAILED":
        return answer({"code": "DG1001", "msg": "User denied access"})
    return _model("success", _aadhaar_model(person_for(phone=started["mobile"]), transaction_id))


@twin.post("/penny-drop/v2/check-valid")
def penny_drop() -> ResponseReturnValue:
    body = json_body()
    if invalid_field(body, PENNY_DROP_INPUTS):
        return _refusal("One or more parameters format is wrong")
    result = _penny_drop_model(body)
    if is_slow(body["accNo"]):
        with simulator().lock:
            simulator().shelf("digitap.penny")[result["transactionId"]] = result
        return _model(
            "pending", {**_unanswered(result), "status": "PENDING", "desc": "Bank has not answered yet"}
        )
    return _model("success", result)


@twin.get("/penny-drop/v2/check-status")
def penny_drop_status() -> ResponseReturnValue:
    with simulator().lock:
        result = simulator().shelf("digitap.penny").get(request.args.get("transactionId", ""))
    return _model("success", result) if result else _refusal("Invalid transactionId")


@twin.post("/cv/v3/uan_basic/sync")
def uan_basic() -> ResponseReturnValue:
    return _employment(with_history=False)


@twin.post("/cv/v5/uan_basic/sync")
def employment_history() -> ResponseReturnValue:
    return _employment(with_history=True)


@twin.post("/mobile_prefill/request")
def mobile_prefill() -> ResponseReturnValue:
    body = json_body()
    if (
        invalid_field(body, {"client_ref_num": REFERENCE, "mobile_no": MOBILE})
        or body.get("name_lookup") != 1
    ):
        return _problem(400, "One or more parameters format is wrong or missing")
    person = person_for(phone=body["mobile_no"])
    if _nobody(person.pan):
        return _verdict(body, 102, "No record found for the given input")
    return _verdict(body, 101, "Success", _prefill(person, simulator().today()))


@twin.post("/validation/misc/v1/mobile-address-lookup")
def mobile_address() -> ResponseReturnValue:
    body = json_body()
    if invalid_field(body, ADDRESS_INPUTS):
        return _problem(400, "One or more parameters format is wrong or missing")
    person = person_for(phone=body["mobile"])
    if _nobody(person.pan):
        return _verdict(body, 103, "No record found for the given input")
    return _verdict(body, 101, "Success", {"address": [_home(person)]})


def _employment(*, with_history: bool) -> ResponseReturnValue:
    body = json_body()
    inputs = {name: body[name] for name in EMPLOYMENT_INPUTS if body.get(name) is not None}
    wrong = invalid_field(
        body, {"client_ref_num": REFERENCE} | {name: EMPLOYMENT_INPUTS[name] for name in inputs}
    )
    if wrong or not inputs:
        return _problem(400, "One or more parameters format is wrong or missing")
    if _nobody(inputs.get("pan", "")):
        return _verdict(body, 103, "No record found for the given input")
    person = person_for(pan=inputs.get("pan"), phone=inputs.get("mobile"), uan=inputs.get("uan"))
    result = _epfo_result(person, simulator().today(), with_history)
    result["uan_source"] = [{"uan": person.uan, "source": " and ".join(inputs)}]
    return _verdict(body, 101, "Success", result, input_data=inputs)


def _pan_result(person: Person) -> dict[str, Any]:
    first, *middle, last = person.name.split()
    return {
        "pan": person.pan,
        "pan_type": "Individual",
        "fullname": person.name,
        "first_name": first,
        "middle_name": " ".join(middle),
        "last_name": last,
        "gender": person.gender,
        "aadhaar_number": person.masked_aadhaar,
        "aadhaar_linked": True,
        "dob": person.date_of_birth.strftime("%d/%m/%Y"),
        # As documented, the department often has neither address nor contacts.
        "address": {
            **dict.fromkeys(("building_name", "locality", "street_name", "pincode", "city", "state"), ""),
            "country": "INDIA",
        },
        "mobile": "",
        "email": "",
    }


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


def _name_match(name: str | None, person: Person) -> dict[str, Any]:
    if not name:
        return {}
    score = round(likeness(name, person.name) * 100)
    return {"name_match": score >= NAME_MATCH_MIN * 100, "name_match_score": score}


def _refused_otp(started: dict[str, Any] | None, body: Mapping[str, Any]) -> str | None:
    """Why this submission is refused; a wrong OTP uses up a try."""
    if not started or started["done"]:
        return "Invalid transactionId"
    if any(body.get(name) != started[name] for name in ("fwdp", "codeVerifier")):
        return "Invalid fwdp or codeVerifier"
    if started["tries"] >= OTP_TRIES_MAX:
        return "Maximum attempts exceeded, please initiate again"
    if body["otp"] == OTP_EXPIRED:
        return "OTP expired"
    if body["otp"] != started["otp"]:
        started["tries"] += 1
        return "Invalid OTP"
    return None


def _aadhaar_model(person: Person, transaction_id: str) -> dict[str, Any]:
    home = person.address
    return {
        "name": person.kyc_name,
        "gender": person.gender[0].upper(),
        "dob": person.date_of_birth.strftime("%d-%m-%Y"),
        "careOf": "",
        "maskedAdharNumber": person.masked_aadhaar,
        "address": {
            "house": home.house,
            "street": home.street,
            "landmark": "",
            "loc": home.locality,
            "po": home.locality,
            "dist": home.district,
            "subdist": home.city,
            "vtc": home.city,
            "pc": home.pincode,
            "state": home.state,
            "country": "India",
        },
        "image": PHOTO,
        "link": f"https://okyc.example/{transaction_id}.xml",
        "pdfLink": f"https://okyc.example/{transaction_id}.pdf",
    }


def _penny_drop_model(body: Mapping[str, str]) -> dict[str, Any]:
    """The account of somebody known tells their name; any other belongs to whoever is named."""
    account, name = body["accNo"], body["benificiaryName"]
    result = {
        "transactionId": _digits(account + body["clientRefNum"], 18),
        "clientRefNum": body["clientRefNum"],
    }
    holder = holder_of(account, name)
    if holder is None:
        return {**_unanswered(result), "status": "FAILED", "desc": "Invalid account number"}
    score = round(likeness(name, holder), 2)
    return {
        **result,
        "status": "SUCCESS",
        "beneficiaryName": holder,
        "isNameMatch": score >= NAME_MATCH_MIN,
        "matchingScore": score,
        "rrn": "4" + _digits("rrn" + account + body["clientRefNum"], 11),
        "desc": "Transaction successful",
    }


def _unanswered(result: Mapping[str, Any]) -> dict[str, Any]:
    names = ("transactionId", "clientRefNum")
    return {name: result[name] for name in names} | {"beneficiaryName": "", "isNameMatch": False, "rrn": ""}


def _epfo_result(person: Person, today: date, with_history: bool) -> dict[str, Any]:
    left_on = person.left_on(today)
    stint = _stint(person.persona.employer, person.uan, person.joined_on(today), left_on)
    record = {
        "basic_details": {
            "gender": person.gender.upper(),
            "date_of_birth": person.date_of_birth.isoformat(),
            "employee_confidence_score": None,
            "name": person.name,
            "mobile": "",
            "aadhaar_verification_status": -1,
        },
        "employment_details": stint,
    }
    recent = {name: value for name, value in stint.items() if name != "leave_reason"}
    summary = {
        "recent_employer_data": recent if with_history else recent | {"matching_uan": person.uan},
        "matching_uan": person.uan if with_history else None,
        "is_employed": left_on is None,
        "employee_name_match": None,
        "employer_name_match": None,
        "uan_count": 1,
        "date_of_exit_marked": left_on is not None,
    }
    result = {"uan": [person.uan], "summary": summary, "uan_details": {person.uan: record}}
    if with_history:
        record["employment_history"] = [
            _with_months(each, today) for each in (stint, _earlier_stint(person, today))
        ]
        result["partial_output"] = False
    return result | {"name_dob_filtering_score": None}


def _stint(employer: str, uan: str, joined_on: date, left_on: date | None) -> dict[str, Any]:
    establishment = f"MHBAN{_digits(employer, 10)}"
    return {
        "member_id": establishment + _digits(uan + employer, 7),
        "establishment_id": establishment,
        "date_of_exit": left_on.isoformat() if left_on else "",
        "date_of_joining": joined_on.isoformat(),
        "leave_reason": "CESSATION (SHORT SERVICE) - Any other reason" if left_on else "",
        "establishment_name": employer,
        "employer_confidence_score": None,
    }


def _earlier_stint(person: Person, today: date) -> dict[str, Any]:
    """Everybody worked somewhere before, up to the month before they joined."""
    joined = person.persona.joined_months_ago
    return _stint(
        "FIRST STEP SERVICES", person.uan, months_before(today, joined + 30), months_before(today, joined + 1)
    )


def _with_months(stint: dict[str, Any], today: date) -> dict[str, Any]:
    start = date.fromisoformat(stint["date_of_joining"])
    end = date.fromisoformat(stint["date_of_exit"]) if stint["date_of_exit"] else today
    return stint | {"employment_period_in_months": (end.year - start.year) * 12 + end.month - start.month}


def _verdict(
    body: Mapping[str, Any], result_code: int, message: str, result: Any = None, **more: Any
) -> ResponseReturnValue:
    """The `result_code` envelope."""
    return answer(
        {
            "http_response_code": 200,
            "client_ref_num": body["client_ref_num"],
            "request_id": str(uuid.uuid5(uuid.NAMESPACE_URL, request.path + body["client_ref_num"])),
            "result_code": result_code,
            "message": message,
            "result": result,
            **more,
        }
    )


def _model(message: str, model: Mapping[str, Any]) -> ResponseReturnValue:
    """The `code`/`msg`/`model` envelope."""
    return answer({"code": "200", "msg": message, "model": model})


def _refusal(message: str) -> ResponseReturnValue:
    return answer({"code": "400", "msg": message})


def _nobody(pan: str) -> bool:
    return pan.upper().startswith(NOBODY)


def _digits(key: str, count: int) -> str:
    number = int.from_bytes(hashlib.sha256(key.encode()).digest())
    return str(number % 10**count).zfill(count)


def _opaque(key: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha512(key.encode()).digest()).decode().rstrip("=")
