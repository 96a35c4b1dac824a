"""How tests and people drive the sandbox: /__sandbox__/..., which no real provider has."""

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue

from app.sandbox.base import Twin, answer, json_body, simulator
from app.sandbox.faults import CALL_FAULTS, WEBHOOK_FAULTS, Fault
from app.sandbox.person import Person
from app.sandbox.personas import PEOPLE, person_for

control = Blueprint("control", __name__, url_prefix="/__sandbox__")
AGAIN_MAX, LATE_S_MAX = 100, 600
# How people say it, beside the names of the faults themselves.
ALSO_CALLED = {"fail": "500", "hang": "timeout"}
IDENTIFIERS = ("pan", "phone", "aadhaar", "uan", "account_number")


@control.get("/health")
def health() -> ResponseReturnValue:
    return answer({"status": "ok"})


@control.post("/faults")
def add_fault() -> ResponseReturnValue:
    """{"provider", "fault", "operation"?, "match"?, "times"?}: what goes wrong next."""
    body = json_body()
    times, said = body.get("times", 1), str(body.get("fault"))
    kind, twin = ALSO_CALLED.get(said, said), current_app.blueprints.get(str(body.get("provider")))
    if not isinstance(twin, Twin) or kind not in CALL_FAULTS | WEBHOOK_FAULTS:
        known = sorted(CALL_FAULTS | WEBHOOK_FAULTS | ALSO_CALLED.keys())
        return _refuse(f"expected a provider, and a fault out of {', '.join(known)}")
    if not isinstance(times, int) or times < 1:
        return _refuse("times must be a whole number from 1")
    fault = Fault(twin.name, kind, body.get("operation"), str(body.get("match", "")), times)
    simulator().faults.add(fault)
    return answer(asdict(fault), 201)


@control.delete("/faults")
def clear_faults() -> ResponseReturnValue:
    simulator().faults.clear()
    return "", 204


@control.post("/act")
def act() -> ResponseReturnValue:
    """{"provider", "action", "id", ...}: what people outside do, such as approve a consent or pick up a phone.

    GET shows which provider knows which actions.
    """
    body = json_body()
    twin = current_app.blueprints.get(str(body.get("provider")))
    actions = twin.actions if isinstance(twin, Twin) else {}
    do = actions.get(str(body.get("action")))
    if do is None:
        return _refuse(f"expected a provider, and an action out of {', '.join(sorted(actions)) or 'GET act'}")
    done = do(str(body.get("id")), body)
    return _refuse(f"{body['provider']} has nothing of this id", 404) if done is None else done


@control.get("/act")
def actions() -> ResponseReturnValue:
    """What can be done at each twin."""
    twins = [twin for twin in current_app.blueprints.values() if isinstance(twin, Twin) and twin.actions]
    return answer({"actions": {twin.name: sorted(twin.actions) for twin in twins}})


@control.get("/webhooks")
def webhooks() -> ResponseReturnValue:
    """?provider=: what was sent, newest first, with every try."""
    return answer({"webhooks": simulator().webhooks.sent(request.args.get("provider"))})


@control.post("/webhooks/resend")
def resend_webhooks() -> ResponseReturnValue:
    """{"provider"?, "eventId"?, "last"?, "times"?, "afterS"?, "newestFirst"?}: what was sent goes out again, unchanged:
    the newest that fits, or the `last` of them, so many times, so late, in their order or against it."""
    body = json_body()
    last, times, after_s = (
        body.get(name, usual) for name, usual in (("last", 1), ("times", 1), ("afterS", 0))
    )
    if not all(isinstance(count, int) and 1 <= count <= AGAIN_MAX for count in (last, times)):
        return _refuse(f"last and times must be whole numbers from 1 to {AGAIN_MAX}")
    if not isinstance(after_s, int | Decimal) or not 0 <= after_s <= LATE_S_MAX:
        return _refuse(f"afterS must be from 0 to {LATE_S_MAX} seconds")
    deliveries = simulator().webhooks.resend(
        body.get("provider"),
        body.get("eventId"),
        last=last,
        times=times,
        after_s=float(after_s),
        newest_first=body.get("newestFirst") is True,
    )
    if not deliveries:
        return _refuse("no such webhook was sent", 404)
    return answer({"webhooks": [delivery.shown() for delivery in deliveries]}, 202)


@control.get("/messages")
def messages() -> ResponseReturnValue:
    """?to=<phone or mail address>: SMS and mails, newest first."""
    return answer({"messages": simulator().mailbox.read(request.args.get("to"))})


@control.get("/calls")
def calls() -> ResponseReturnValue:
    """?provider=&operation=: the calls that arrived, oldest first."""
    wanted = {name: request.args[name] for name in ("provider", "operation") if name in request.args}
    found = [call for call in list(simulator().calls) if wanted.items() <= call.items()]
    return answer({"calls": found})


@control.get("/personas")
def personas() -> ResponseReturnValue:
    """Everybody who is written down; or, with ?pan= (or phone, aadhaar, uan, account_number), one person."""
    wanted = {name: request.args[name] for name in IDENTIFIERS if request.args.get(name)}
    people = [person_for(**wanted)] if wanted else PEOPLE
    return answer({"personas": [_shown(person) for person in people]})


@control.post("/personas")
def bind_phone() -> ResponseReturnValue:
    """{"pan", "phone"}: from now on this phone is the phone of this PAN."""
    body = json_body()
    if not body.get("pan") or not body.get("phone"):
        return _refuse("expected a pan and a phone")
    return answer(_shown(person_for(pan=str(body["pan"]), phone=str(body["phone"]))), 201)


def _shown(person: Person) -> dict[str, Any]:
    today = simulator().today()
    left_on = person.left_on(today)
    return {
        "persona": person.persona.key,
        "gist": person.persona.gist,
        "name": person.name,
        "kycName": person.kyc_name,
        "pan": person.pan,
        "phone": person.phone,
        "email": person.email,
        "aadhaar": person.aadhaar,
        "dateOfBirth": person.date_of_birth.isoformat(),
        "gender": person.gender,
        "uan": person.uan,
        "employer": person.persona.employer,
        "joinedOn": person.joined_on(today).isoformat(),
        "leftOn": left_on.isoformat() if left_on else None,
        "accountNumber": person.account_number,
        "ifsc": person.ifsc,
        "address": asdict(person.address),
        "salaries": [str(Decimal(amount)) for amount in person.persona.salaries],
        "score": person.persona.score,
    }


def _refuse(reason: str, status: int = 400) -> ResponseReturnValue:
    return answer({"error": reason}, status)
