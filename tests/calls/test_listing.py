"""Calls are listed and counted by customer and by agent, and agents have phones."""

from app.core.clock import today
from app.core.identity import Role
from tests.calls.dialling import EXTENSION, Desk, customer
from tests.platform import Platform
from tests.staff.people import somebody


def test_history_and_figures_are_by_customer_and_by_agent(platform: Platform, desk: Desk) -> None:
    app = customer(platform)
    call, again = desk.ended(app), desk.ended(app)
    listed = desk.get(f"user/{app.id}/calls")["items"]
    assert [row["id"] for row in listed] == [again["id"], call["id"]]
    none = desk.get(f"user/{app.id}/calls", params={"status": "MISSED"})
    assert none["pagination"]["total"] == 0
    stats = desk.get(f"user/{app.id}/stats", params={"fromDate": today().isoformat()})
    assert (stats["total"], stats["answered"], stats["talkSeconds"], stats["averageTalkSeconds"]) == (
        2,
        2,
        88,
        44,
    )
    assert (stats["answeredPercent"], stats["customers"], stats["goingOn"]) == (100, 1, 0)
    mine = desk.get(f"partner/{desk.id}/calls", params={"pageSize": 2})["items"]
    assert {row["agentName"] for row in mine} == {desk.portal.user["name"]}
    assert desk.get(f"partner/{desk.id}/stats")["total"] >= 2


def test_a_colleagues_calls_are_for_who_leads(platform: Platform, desk: Desk) -> None:
    path = f"/acefone/dialer/partner/{desk.id}"
    platform.staff(Role.COLLECTION_MANAGER).call("GET", f"{path}/stats")
    platform.staff(Role.CREDIT_EXECUTIVE).call("GET", f"{path}/calls", expect=403)


def test_the_files_of_customer_and_loan_show_calls(platform: Platform, desk: Desk, answered: dict) -> None:
    found = platform.staff().get(f"/customers/{answered['userId']}/file/calls")
    assert [row["id"] for row in found["items"]] == [answered["id"]]


def test_extensions_are_given_by_administrators(platform: Platform, desk: Desk) -> None:
    admin = platform.staff()
    person = somebody(platform, Role.LOAN_EXECUTIVE)
    path = f"/dialer/extensions/{person.id}"
    admin.send("PUT", path, json={"extension": "777"})
    assert {"partnerUserId": str(person.id), "name": "Somebody New", "extension": "777"} in admin.get(
        "/dialer/extensions"
    )
    taken = admin.send("PUT", path, json={"extension": EXTENSION}, expect=409)
    assert taken["error"]["fields"]["extension"]
    admin.send("PUT", path, json={"extension": "+91"}, expect=422)
    admin.send("DELETE", path, expect=204)
    admin.send("DELETE", path, expect=404)
    assert EXTENSION in {agent["agentId"] for agent in admin.get("/dialer/agents")}
    desk.portal.get("/dialer/agents", expect=403)
