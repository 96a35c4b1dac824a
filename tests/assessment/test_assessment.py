"""An application comes to its decision by itself, whatever comes first, and each step is taken once."""

from typing import Any

import pytest

from app.assessment import jobs, service
from app.core.identity import Role
from tests.lending import at_work
from tests.platform import BRAND, Platform
from tests.sanction.files import File, applied


def steps(file: File) -> dict[str, tuple[str, str | None]]:
    """Status and who is waited for, by step, as the customer polls them."""
    shown = file.app.get(f"/web/loans/{file.id}/status")["steps"]
    return {step["step"]: (step["status"], step["waitsFor"]) for step in shown}


def newest(file: File) -> dict[str, Any]:
    return file.executive.get(f"/loans/{file.id}/assessments")[0]


def consent(file: File) -> None:
    file.app.post("/web/consents", expect=201, json={"purpose": "BUREAU", "textVersion": "2026-01"})
    file.platform.drain()


def share_bank_data(file: File) -> None:
    asked = file.app.post(f"/web/loans/{file.id}/aa-consent", expect=201)
    assert file.app.get(f"/web/loans/{file.id}/status")["bankConsentUrl"] == asked["redirectUrl"]
    file.platform.sandbox.call("POST", asked["redirectUrl"] + "/approve", json={})
    # what waited for it may be decided at once, and then no step is left to be told
    done = ("DONE", None)
    file.platform.until(lambda: steps(file).get("BANK_DATA", done) == done, "the bank data")
    file.platform.drain()


@pytest.fixture(scope="module")
def waiting(platform: Platform) -> File:
    """An application of which nothing is there yet."""
    file = applied(platform)
    platform.drain()
    return file


def test_it_goes_on_with_what_comes_and_ends_with_one_decision(platform: Platform, waiting: File) -> None:
    assert steps(waiting) == {
        "BUREAU": ("WAITING", "CUSTOMER"),
        "BANK_DATA": ("WAITING", "CUSTOMER"),
        "DECISION": ("NEXT", None),
    }
    assert (newest(waiting)["status"], newest(waiting)["step"]) == ("WAITING", "BUREAU")
    consent(waiting)
    assert steps(waiting)["BUREAU"] == ("DONE", None)
    assert newest(waiting)["reason"] == "Share your bank data, or send a statement."
    share_bank_data(waiting)
    decisions = waiting.executive.get(f"/loans/{waiting.id}/decisions")
    ended = newest(waiting)
    assert (ended["status"], [one["id"] for one in decisions]) == ("DONE", [ended["decisionId"]])
    repeated = [row[0] for row in platform.sql("SELECT id FROM assessment WHERE loan_id = %s", waiting.id)]
    with at_work():
        jobs.begin(waiting.id)
        jobs.go_on(waiting.loan["customerId"])
    for step in ("BUREAU", "DECISION"):
        jobs.take(BRAND, repeated[0], step)
    count = "SELECT count(*) FROM bureau_report WHERE loan_id = %s"
    assert len(waiting.executive.get(f"/loans/{waiting.id}/decisions")) == 1
    assert platform.sql(count, waiting.id) == [(1,)]
    assert len(repeated) == 1


def test_a_worker_that_dies_loses_no_step_and_repeats_none(platform: Platform) -> None:
    file = applied(platform)
    with at_work():
        service.begin(file.id)
    file.app.post("/web/consents", expect=201, json={"purpose": "BUREAU", "textVersion": "2026-01"})
    with at_work():
        service.go_on(file.loan["customerId"])
    # the report is there, and nobody took note of it
    with at_work():
        assert service.take(newest(file)["id"], "BUREAU") is None
    assert (newest(file)["status"], newest(file)["step"]) == ("RUNNING", "BUREAU")
    platform.sql("UPDATE assessment SET looked_at = now() - interval '1 hour' WHERE loan_id = %s", file.id)
    with at_work():
        jobs.look_after()
    platform.drain()
    assert (newest(file)["status"], newest(file)["step"]) == ("WAITING", "BANK_DATA")
    assert platform.sql("SELECT count(*) FROM bureau_report WHERE loan_id = %s", file.id) == [(1,)]


def test_what_a_person_has_to_look_at_stops_and_goes_on_when_they_did(platform: Platform) -> None:
    file = applied(platform)
    fault = {"provider": "cibil", "fault": "malformed", "match": file.app.person["pan"]}
    platform.sandbox.call("POST", "/__sandbox__/faults", json=fault, expect=201)
    consent(file)
    stopped = newest(file)
    assert (stopped["status"], stopped["step"], stopped["waitsFor"]) == ("STOPPED", "BUREAU", "STAFF")
    assert steps(file)["BUREAU"] == ("WAITING", "STAFF")
    file.executive.post(f"/loans/{file.id}/bureau-pull", expect=201)
    platform.drain()
    assert (newest(file)["status"], newest(file)["step"]) == ("WAITING", "BANK_DATA")


def test_what_staff_did_is_not_done_again(platform: Platform) -> None:
    file = applied(platform)
    with at_work():
        service.begin(file.id)
    file.executive.post(f"/loans/{file.id}/evaluate", expect=201)
    platform.drain()
    assert newest(file)["status"] == "DONE"
    assert len(file.executive.get(f"/loans/{file.id}/decisions")) == 1


def test_it_ends_with_the_application_and_starts_anew_with_it(platform: Platform, waiting: File) -> None:
    file = applied(platform)
    platform.drain()
    file.post(Role.CREDIT_EXECUTIVE, "reject", reasonCode="BU25")
    with at_work():
        service.go_on(file.loan["customerId"])
    assert newest(file)["status"] == "ENDED"
    file.post(Role.SANCTION_HEAD, "reactivate")
    platform.drain()
    assert (newest(file)["status"], newest(file)["step"]) == ("WAITING", "BUREAU")


def test_where_the_brand_has_it_off_nothing_begins(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service.brands, "is_on", lambda feature: False)
    file = applied(platform)
    platform.drain()
    assert file.executive.get(f"/loans/{file.id}/assessments") == []
    assert steps(file)["DECISION"][0] in ("NEXT", "WAITING")
