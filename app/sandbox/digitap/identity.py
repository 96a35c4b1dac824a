"""PAN, Aadhaar by OTP, and DigiLocker."""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue
from stdnum import verhoeff

from app.sandbox.bank import NAME_MATCH_MIN, likeness
from app.sandbox.base import answer, invalid_field, json_body, simulator
from app.sandbox.digitap.core import digits, problem, refusal, success, twin, verdict
from app.sandbox.messages import Message
from app.sandbox.person import Person
from app.sandbox.personas import is_nobody, person_for

PAN = r"[a-zA-Z]{3}[abcfghljpteABCFGHLJPTE][a-zA-Z]\d{4}[a-zA-Z]"
OTP_EXPIRED = "000000"
OTP_TRIES_MAX = 3

# A grey square, so that a photo is a photo.
PHOTO = (
    "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAAAAACoWZBhAAAAFUlEQVR4nGNsYMAETAwMDKOCAxgEAA5RAQ3nC1cYAAAAAElFTkSuQmCC"
)


@twin.post("/validation/kyc/v1/pan_details")
def pan_details() -> ResponseReturnValue:
    body = json_body()
    if invalid_field(body, {"client_ref_num": r"[a-zA-Z0-9 _-]{1,100}", "pan": PAN}):
        return problem(400, "One or more parameters format is wrong")
    if is_nobody(body["pan"]):
        return verdict(body, 102, "Invalid ID number or combination of inputs")
    person = person_for(pan=body["pan"])
    return verdict(body, 101, "Success", _pan_result(person) | _name_match(body.get("name"), person))


@twin.post("/ent/v3/kyc/intiate-kyc-auto")
def initiate_aadhaar_otp() -> ResponseReturnValue:
    body = json_body()
    if invalid_field(body, {"uniqueId": r".{1,100}", "uid": r"[2-9]\d{11}"}):
        return refusal("One or more parameters format is wrong")
    if not verhoeff.is_valid(body["uid"]):
        return refusal("Invalid Aadhaar Number")
    person = person_for(aadhaar=body["uid"])
    started = {
        "transactionId": digits(body["uniqueId"] + body["uid"], 18),
        "fwdp": _opaque("fwdp" + body["uid"]),
        "codeVerifier": _opaque("verifier" + body["uid"]),
    }
    otp = digits(f"otp{body['uid']}", 6)
    with simulator().lock:
        shelf = simulator().shelf("digitap.aadhaar")
        shelf[started["transactionId"]] = {**started, **body, "otp": otp, "tries": 0, "done": False}
    text = f"{otp} is your OTP to share your Aadhaar {person.masked_aadhaar}. It is valid for 10 minutes."
    simulator().mailbox.add(Message("digitap", "sms", person.phone, text))
    return success("OTP sent to the mobile number linked to Aadhaar", started)


@twin.post("/ent/v3/kyc/submit-otp")
def submit_aadhaar_otp() -> ResponseReturnValue:
    body = json_body()
    if invalid_field(body, {"transactionId": r".+", "otp": r"\d{6}", "shareCode": r"\d{4}"}):
        return refusal("One or more parameters format is wrong")
    with simulator().lock:
        started = simulator().shelf("digitap.aadhaar").get(body["transactionId"])
        if refused := _refused_otp(started, body):
            return refusal(refused)
        started["done"] = True
    person = person_for(aadhaar=started["uid"])
    return success(
        "success", {"uniqueId": started["uniqueId"], **_aadhaar_model(person, body["transactionId"])}
    )


@twin.post("/ent/v1/kyc/generate-url")
def start_digilocker() -> ResponseReturnValue:
    body = json_body()
    if invalid_field(body, {"uid": r".{1,100}", "mobile": r"\d{10}", "redirectionUrl": r".+"}):
        return refusal("One or more parameters format is wrong")
    transaction_id = digits(f"digilocker{body['uid']}", 18)
    with simulator().lock:
        simulator().shelf("digitap.digilocker")[transaction_id] = {
            "mobile": body["mobile"],
            "back": body["redirectionUrl"],
            "status": "GENERATED",
        }
    url = url_for("digitap.share", transaction_id=transaction_id, _external=True)
    return success("URL generated", {"transactionId": transaction_id, "url": url, "kycUrl": url})


@twin.post("/digilocker/<transaction_id>")
def share(transaction_id: str) -> ResponseReturnValue:
    """What the customer does on the page: {"action": "allow" | "deny"}."""
    started = simulator().shelf("digitap.digilocker").get(transaction_id)
    if started is None:
        return refusal("Invalid transactionId")
    started["status"] = "SUCCESS" if json_body().get("action") == "allow" else "FAILED"
    return answer({"status": started["status"], "redirect": started["back"]})


@twin.post("/ent/v1/kyc/get-digilocker-status")
def digilocker_status() -> ResponseReturnValue:
    started = simulator().shelf("digitap.digilocker").get(json_body().get("transactionId"))
    return success("success", {"status": started["status"]}) if started else refusal("Invalid transactionId")


@twin.post("/ent/v1/kyc/get-digilocker-details")
def digilocker_details() -> ResponseReturnValue:
    transaction_id = json_body().get("transactionId")
    started = simulator().shelf("digitap.digilocker").get(transaction_id)
    if started is None or started["status"] == "GENERATED":
        return answer({"code": "DG1007", "msg": "Transaction is not successful"})
    if started["status"] == "FAILED":
        return answer({"code": "DG1001", "msg": "User denied access"})
    return success("success", _aadhaar_model(person_for(phone=started["mobile"]), transaction_id))


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
        "careOf": person.care_of,
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


def _opaque(key: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha512(key.encode()).digest()).decode().rstrip("=")
