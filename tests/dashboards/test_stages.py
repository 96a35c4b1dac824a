"""Lists by stage: who sees which, what is in them, whose, and how the database finds it."""

from datetime import timedelta
from typing import Any

import pytest

from app.core.clock import today
from app.core.database import db
from app.core.identity import STAFF_ROLES, Role
from app.customers import listing as customers
from app.dashboards.stages import COLUMNS, STAGES
from app.demo.client import Portal
from app.loans import listing
from app.loans.listing import Days, Span, Wanted
from app.loans.states import LOAN
from app.payments import figures as payments
from tests.dashboards.giving import give
from tests.lending import Case, active, approved, at_work
from tests.platform import BRAND, Platform


@pytest.fixture(scope="module")
def signed(platform: Platform) -> Case:
    return approved(platform, amount="31000.00", days=21)


@pytest.fixture(scope="module")
def running(platform: Platform) -> Case:
    return active(platform, days_ago=27, days=30)


@pytest.fixture(scope="module")
def late(platform: Platform) -> Case:
    return active(platform, days_ago=40, days=30)


def found(portal: Portal, stage: str, **args: Any) -> list[dict[str, Any]]:
    return portal.get(f"/stages/{stage}/loans", params=args)["items"]


def seen_in(case: Case, **args: Any) -> set[str]:
    """The stages in which an administrator finds the loan."""
    name = case.loan["loanNo"]
    return {
        stage
        for stage in STAGES
        if any(row.get("loanNo") == name for row in found(case.staff, stage, search=name, **args))
    }


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_a_role_sees_exactly_its_stages(platform: Platform, role: Role) -> None:
    portal, names = platform.staff(role), {s.name for s in STAGES.values() if role in s.roles}
    assert {stage["name"] for stage in portal.get("/stages")} == names
    for stage in STAGES:
        portal.get(f"/stages/{stage}/loans", expect=200 if stage in names else 403)


def test_every_state_of_a_loan_is_in_a_stage() -> None:
    assert set(LOAN.states) <= {status for stage in STAGES.values() for status in stage.statuses}
    for stage in STAGES.values():
        assert set(stage.columns) <= set(COLUMNS)
        assert stage.sort.removeprefix("-") in stage.sorts
        assert set(stage.sorts) <= {*listing.SORTS, "customerNo"}


def test_a_loan_is_in_the_stages_of_its_state(signed: Case, running: Case, late: Case) -> None:
    assert seen_in(signed) == {"APPROVED", "DISBURSAL"}
    assert seen_in(running) == {"ACTIVE", "DUE"}
    assert seen_in(late) == {"ACTIVE", "OVERDUE"}


def test_an_agreement_that_is_not_signed_waits_there(platform: Platform) -> None:
    assert seen_in(approved(platform, agreement="SENT")) == {"APPROVED", "ESIGN_PENDING"}


def test_a_row_tells_of_loan_customer_and_age(platform: Platform, late: Case) -> None:
    row = found(late.staff, "OVERDUE", search=late.loan["loanNo"])[0]
    assert row["loanId"] == str(late.loan_id)
    assert row["customerId"] == str(late.customer_id)
    assert (row["customerName"], row["city"], row["source"]) == ("ASHA VERMA", "Bengaluru", "google")
    assert (row["amount"], row["tenureDays"], row["daysPastDue"], row["ageDays"]) == ("20000.00", 30, 10, 0)
    assert late.app.person["phone"] not in str(row)
    assert row["phone"].endswith(late.app.person["phone"][-2:])


def test_customers_who_have_not_applied_are_onboarding(platform: Platform) -> None:
    app = platform.customer()
    mine = app.get("/web/me")["customerNo"]
    rows = found(platform.staff(), "ONBOARDING", search=mine)
    assert [row["customerNo"] for row in rows] == [mine]
    assert "loanId" not in rows[0]
    assert found(platform.staff(), "ONBOARDING", search=mine, source="nowhere") == []


def test_search_finds_by_what_staff_have_in_hand(signed: Case) -> None:
    person = signed.app.person
    for text in (signed.loan["loanNo"], person["phone"], person["pan"], person["pan"].lower()):
        assert str(signed.loan_id) in {row["loanId"] for row in found(signed.staff, "APPROVED", search=text)}


@pytest.mark.parametrize(
    ("fits", "does_not"),
    [
        ({"amountMin": "31000", "amountMax": "31000.00"}, {"amountMin": "31000.01"}),
        ({"tenureMin": 21, "tenureMax": 21}, {"tenureMax": 20}),
        ({"city": "BENGALURU"}, {"city": "Pune"}),
        ({"source": "google"}, {"source": "meta"}),
        ({"fromDate": today().isoformat()}, {"toDate": (today() - timedelta(days=1)).isoformat()}),
        ({"ageMinDays": 0, "ageMaxDays": 0}, {"ageMinDays": 1}),
        ({"status": "APPROVED"}, {"status": "DISBURSAL_IN_PROCESS"}),
        ({"scope": "ALL"}, {"scope": "MINE"}),
    ],
)
def test_filters(signed: Case, fits: dict[str, Any], does_not: dict[str, Any]) -> None:
    name = signed.loan["loanNo"]
    assert len(found(signed.staff, "APPROVED", search=name, **fits)) == 1
    assert found(signed.staff, "APPROVED", search=name, **does_not) == []


def test_due_dates_are_narrowed_within_the_stage(late: Case) -> None:
    name, due = late.loan["loanNo"], late.loan["dueDate"]
    assert len(found(late.staff, "OVERDUE", search=name, dueFrom=due, dueTo=due)) == 1
    assert found(late.staff, "OVERDUE", search=name, dueFrom=today().isoformat()) == []


@pytest.mark.parametrize(
    ("stage", "args", "field"),
    [
        ("ONBOARDING", {"amountMin": "1"}, "amountMin"),
        ("APPLIED", {"dueFrom": "2026-01-01"}, "dueFrom"),
        ("APPLIED", {"status": "ACTIVE"}, "status"),
        ("APPLIED", {"sort": "dueDate"}, "sort"),
        ("APPLIED", {"colour": "red"}, "colour"),
        ("ACTIVE", {"fromDate": "9999-12-31"}, "fromDate"),
    ],
)
def test_what_a_stage_does_not_take_is_named(
    platform: Platform, stage: str, args: dict[str, Any], field: str
) -> None:
    refused = platform.staff().get(f"/stages/{stage}/loans", params=args, expect=422)
    assert field in refused["error"]["fields"]


def test_every_stage_sorts_by_all_it_says(platform: Platform, running: Case) -> None:
    portal = platform.staff()
    for stage in portal.get("/stages"):
        for sort in stage["sorts"]:
            for sign in ("", "-"):
                found(portal, stage["name"], sort=f"{sign}{sort}", pageSize=2)
    amounts = [float(row["amount"]) for row in found(portal, "ACTIVE", sort="-amount", pageSize=100)]
    assert amounts == sorted(amounts, reverse=True)


def test_counts_are_of_what_is_listed(platform: Platform, late: Case) -> None:
    portal = platform.staff(Role.COLLECTION_HEAD)
    counts = {stage["name"]: stage["count"] for stage in portal.get("/stages")}
    for stage, count in counts.items():
        assert portal.get(f"/stages/{stage}/loans")["pagination"]["total"] == count, stage


def test_mine_and_team(platform: Platform, late: Case) -> None:
    mine, head = platform.staff(Role.COLLECTION_EXECUTIVE), platform.staff(Role.COLLECTION_HEAD)
    give(late, mine, Role.COLLECTION_EXECUTIVE)
    name = late.loan["loanNo"]
    for portal, scope, count in ((mine, "MINE", 1), (mine, "TEAM", 1), (head, "MINE", 0), (head, "TEAM", 1)):
        assert len(found(portal, "OVERDUE", search=name, scope=scope)) == count, scope
    row = found(head, "OVERDUE", search=name, executiveId=mine.user["id"])[0]
    assert {"role": "COLLECTION_EXECUTIVE", "partnerUserId": mine.user["id"]}.items() <= row["executives"][
        0
    ].items()


def test_executives_see_only_theirs_where_the_brand_says_so(platform: Platform, late: Case) -> None:
    admin, executive = platform.staff(), platform.staff(Role.COLLECTION_EXECUTIVE)

    def narrow(on: bool) -> None:
        platform.sql(
            "UPDATE brand SET settings = jsonb_set(settings, '{features,ownWorkOnly}', %s::jsonb) WHERE id = %s",
            str(on).lower(), BRAND,
        )  # fmt: skip

    other = active(platform, days_ago=40)
    newcomer = platform.customer().get("/web/me")["customerNo"]
    credit_executive = platform.staff(Role.CREDIT_EXECUTIVE)
    assert found(admin, "ONBOARDING", search=newcomer)
    narrow(True)
    try:
        assert found(credit_executive, "ONBOARDING", search=newcomer) == []
        assert found(admin, "ONBOARDING", search=newcomer)
        names = {row["loanNo"] for row in found(executive, "OVERDUE", pageSize=100)}
        assert other.loan["loanNo"] not in names
        assert (
            executive.get("/stages/OVERDUE/loans?scope=ALL", expect=403)["error"]["code"] == "OWN_WORK_ONLY"
        )
        assert found(admin, "OVERDUE", search=other.loan["loanNo"])
    finally:
        narrow(False)


DEFAULT_LISTS = [
    listing.find(Wanted(statuses=stage.statuses, due=stage.due(today()))).order_by(
        listing.SORTS[stage.sort.strip("-")]
    )
    for stage in STAGES.values()
    if stage.statuses
]
FIGURES = [
    listing.counted(Wanted(applied=Days(today(), today()))),
    listing.counted(Wanted(disbursed=Days(today(), today()))),
    listing.counted(Wanted(statuses=("ACTIVE",), due=Span(today(), today()))),
    listing.reached("loan", "APPROVED", Days(today(), today())),
    customers.on_their_way(today(), None),
    customers.matching(None, "Bengaluru", "google"),
    payments.collected(today(), today()),
]


@pytest.mark.parametrize("query", [*DEFAULT_LISTS, *FIGURES])
def test_no_list_or_figure_scans_a_table(platform: Platform, query: Any) -> None:
    text, values = query.sql()
    with at_work():
        # the tables of a test are small: what matters is whether there is another way
        db.execute_sql("SET LOCAL enable_seqscan = off")
        plan = "\n".join(row[0] for row in db.execute_sql(f"EXPLAIN {text}", values).fetchall())
    assert "Seq Scan" not in plan, plan
