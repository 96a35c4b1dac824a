"""The file of a loan and of a customer: one call, what each role sees, what it costs."""

from typing import Any
from uuid import uuid4

import pytest
import requests

from app.core.http import camel
from app.core.identity import STAFF_ROLES, Role
from app.dashboards.sections import CUSTOMER_FILE, LOAN_FILE
from app.messaging import service as messaging
from app.staff.permissions import GRANTS, Permission
from tests.dashboards.statements import counted
from tests.lending import Case, active, approved, at_work
from tests.platform import BRAND, Platform
from tests.stages import Stages

QUERIES_MAX = 95


@pytest.fixture(scope="module")
def stages(platform: Platform) -> Stages:
    """A loan with something in every section."""
    return Stages(platform).closed()


@pytest.fixture(scope="module")
def case(platform: Platform) -> Case:
    return active(platform)


def file_of(platform: Platform, path: str, role: Role = Role.ADMIN) -> dict[str, Any]:
    return platform.staff(role).get(f"{path}/file")


def asked(platform: Platform, path: str, **headers: str) -> requests.Response:
    portal = platform.staff()
    url = f"{platform.api.base_url}/partner/brand/{BRAND}{path}"
    return platform.api._session.get(url, headers=portal._headers | headers, timeout=30)


def test_a_closed_loan_has_something_in_every_section(platform: Platform, stages: Stages) -> None:
    told = file_of(platform, f"/loans/{stages.id}")
    assert told["loan"]["id"] == stages.id
    assert list(told["sections"]) == [camel(section.name) for section in LOAN_FILE]
    statuses = {name: part["status"] for name, part in told["sections"].items()}
    # the journey gives bank data by consent, not as a file
    assert {name for name, status in statuses.items() if status != "SHOWN"} == {"calls", "statements"}


def test_every_section_is_paged_by_the_call_it_names(platform: Platform, stages: Stages) -> None:
    portal = platform.staff()
    for path in (f"/loans/{stages.id}", f"/customers/{stages.loan['customerId']}"):
        for part in file_of(platform, path)["sections"].values():
            page = portal.call("GET", f"{part['call']}?pageSize=2")
            shown = part.get("items") or [part.get("record")]
            if part["status"] == "SHOWN":
                assert page["items"] == shown[:2], part["call"]
                assert page["pagination"]["total"] == part.get("total", 1)


def test_pages_of_a_section_meet(platform: Platform, stages: Stages) -> None:
    portal, call = platform.staff(), f"/loans/{stages.id}/file/audit"
    whole = portal.get(f"{call}?pageSize=100")["items"]
    parts = [portal.get(f"{call}?page={page}&pageSize=3")["items"] for page in range(1, 4)]
    assert [event["id"] for part in parts for event in part] == [event["id"] for event in whole[:9]]
    assert portal.get(f"{call}?page=1000")["items"] == []


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_a_role_sees_exactly_its_sections(platform: Platform, case: Case, role: Role) -> None:
    sections = file_of(platform, f"/loans/{case.loan_id}", role)["sections"]
    withheld = {name for name, part in sections.items() if part["status"] == "WITHHELD"}
    assert withheld == {camel(s.name) for s in LOAN_FILE if role not in GRANTS[s.permission]}
    for name in withheld:
        assert not {"items", "record", "total"} & set(sections[name])
        assert sections[name]["permission"] in sections[name]["reason"]
        platform.staff(role).get(f"/loans/{case.loan_id}/file/{name}", expect=403)


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_a_customers_file_is_for_those_who_have_the_list(platform: Platform, case: Case, role: Role) -> None:
    path, allowed = f"/customers/{case.customer_id}", role in GRANTS[Permission.CUSTOMERS_VIEW]
    if not allowed:
        platform.staff(role).get(f"{path}/file", expect=403)
        return
    sections = file_of(platform, path, role)["sections"]
    withheld = {name for name, part in sections.items() if part["status"] == "WITHHELD"}
    assert withheld == {camel(s.name) for s in CUSTOMER_FILE if role not in GRANTS[s.permission]}


def test_a_customer_without_a_loan_has_a_file(platform: Platform) -> None:
    customer_id = platform.customer().get("/web/me")["id"]
    told = file_of(platform, f"/customers/{customer_id}")
    assert told["customerId"] == customer_id
    assert told["sections"]["profile"]["record"]["id"] == customer_id
    assert told["sections"]["loans"] | {"call": ""} == {
        "service": "loans", "permission": "loans:view", "call": "", "status": "EMPTY", "total": 0, "items": [],
    }  # fmt: skip


def test_nothing_personal_is_in_clear(platform: Platform, stages: Stages) -> None:
    shown = asked(platform, f"/loans/{stages.id}/file").text
    person = stages.app.person
    for name in ("phone", "pan", "aadhaar", "account_number", "email"):
        assert str(person.get(name) or "-none-") not in shown, name


def test_a_section_that_fails_says_so_and_the_rest_comes(platform: Platform) -> None:
    case = approved(platform)
    with at_work():
        messaging.notify(
            case.customer_id,
            "sanctioned",
            loan_id=case.loan_id,
            loan_no="L",
            amount=case.loan["appliedAmount"],
        )
    platform.sql("UPDATE user_notification SET body_enc = 'broken' WHERE loan_id = %s", str(case.loan_id))
    sections = file_of(platform, f"/loans/{case.loan_id}")["sections"]
    assert sections["messages"]["status"] == "FAILED"
    assert "messaging" in sections["messages"]["reason"]
    assert {part["status"] for part in sections.values()} == {"SHOWN", "EMPTY", "FAILED"}
    assert sections["audit"]["status"] == "SHOWN"


def test_reading_is_audited_and_polling_is_cheap(platform: Platform, case: Case) -> None:
    def looks() -> int:
        counted = "SELECT count(*) FROM audit_event WHERE action = 'loan_file.viewed' AND entity_id = %s"
        return platform.sql(counted, str(case.loan_id))[0][0]

    before, path = looks(), f"/loans/{case.loan_id}/file"
    first = asked(platform, path)
    again = asked(platform, path, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    # who gets nothing new has not looked
    assert looks() == before + 1
    with at_work():
        messaging.notify(case.customer_id, "esign_done", loan_id=case.loan_id, loan_no="L")
    changed = asked(platform, path, **{"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != first.headers["ETag"]


def test_more_records_cost_no_more_queries(platform: Platform) -> None:
    case = active(platform)
    with counted() as few:
        file_of(platform, f"/loans/{case.loan_id}")
    for _ in range(15):
        with at_work():
            messaging.notify(case.customer_id, "esign_done", loan_id=case.loan_id, loan_no="L")
    with counted() as many:
        sections = file_of(platform, f"/loans/{case.loan_id}")["sections"]
    assert sections["messages"]["total"] >= 15
    assert len(sections["messages"]["items"]) == 10
    assert len(many) == len(few) <= QUERIES_MAX


def test_what_is_not_there_is_404(platform: Platform, case: Case) -> None:
    portal = platform.staff()
    portal.get(f"/loans/{uuid4()}/file", expect=404)
    portal.get(f"/customers/{uuid4()}/file", expect=404)
    portal.get(f"/loans/{case.loan_id}/file/nothing", expect=404)
