"""Employment by UAN, PAN or mobile number, out of EPFO."""

from datetime import date
from typing import Any

from flask.typing import ResponseReturnValue

from app.sandbox.base import invalid_field, json_body, simulator
from app.sandbox.digitap.core import REFERENCE, digits, problem, twin, verdict
from app.sandbox.person import Person, months_before
from app.sandbox.personas import is_nobody, person_for

EMPLOYMENT_INPUTS = {"pan": r"[A-Za-z]{3}[pP][A-Za-z]\d{4}[A-Za-z]", "mobile": r"\d{10}", "uan": r"\d{12}"}


@twin.post("/cv/v3/uan_basic/sync")
def uan_basic() -> ResponseReturnValue:
    return _employment(with_history=False)


@twin.post("/cv/v5/uan_basic/sync")
def employment_history() -> ResponseReturnValue:
    return _employment(with_history=True)


def _employment(*, with_history: bool) -> ResponseReturnValue:
    body = json_body()
    inputs = {name: body[name] for name in EMPLOYMENT_INPUTS if body.get(name) is not None}
    wrong = invalid_field(
        body, {"client_ref_num": REFERENCE} | {name: EMPLOYMENT_INPUTS[name] for name in inputs}
    )
    if wrong or not inputs:
        return problem(400, "One or more parameters format is wrong or missing")
    if is_nobody(inputs.get("pan", "")):
        return verdict(body, 103, "No record found for the given input")
    person = person_for(pan=inputs.get("pan"), phone=inputs.get("mobile"), uan=inputs.get("uan"))
    result = _epfo_result(person, simulator().today(), with_history)
    result["uan_source"] = [{"uan": person.uan, "source": " and ".join(inputs)}]
    return verdict(body, 101, "Success", result, input_data=inputs)


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
    establishment = f"MHBAN{digits(employer, 10)}"
    return {
        "member_id": establishment + digits(uan + employer, 7),
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
