"""The CAM is worked out on the server, version by version, from what the statement suggests."""

from datetime import date, timedelta
from typing import Any

import pytest

from app.core import clock
from tests.platform import BRAND, Platform
from tests.stages import Stages


@pytest.fixture(scope="module")
def stages(platform: Platform) -> Stages:
    return Stages(platform).evidenced()


def cam(stages: Stages, **changes: Any) -> dict[str, Any]:
    today = clock.today()
    body = {
        "loanId": stages.id,
        "salaryAmount1": "42000",
        "salaryAmount2": "42500",
        "salaryAmount3": "41800",
        "obligations": "6000",
        "roi": "1.0",
        "disbursalDate": today.isoformat(),
        "repayDate": (today + timedelta(days=24)).isoformat(),
    }
    return body | changes


def save(stages: Stages, expect: int = 200, **changes: Any) -> dict[str, Any]:
    path = f"/loans/brand/{BRAND}/cam-calculator/save"
    return stages.staff.call("POST", path, expect=expect, json=cam(stages, **changes))


def test_the_statement_prefills_it(stages: Stages) -> None:
    start = stages.staff.call("GET", f"/loans/cam-calculator/{stages.id}")
    assert start["salaryAmount1"]


def test_every_figure_is_computed(stages: Stages) -> None:
    saved = save(stages)
    assert (saved["avgSalary"], saved["salaryVariance"], saved["foirAchieved"]) == (
        "42100.00",
        "1.66",
        "14.25",
    )
    again = stages.staff.call("GET", f"/loans/cam-calculator/{stages.id}")
    assert again == saved


def test_each_save_is_a_version(stages: Stages) -> None:
    first = save(stages)["version"]
    assert save(stages, obligations="7000")["version"] == first + 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("salaryAmount1", "-1"),
        ("salaryAmount1", "NaN"),
        ("obligations", None),
        ("roi", "6"),
        ("roi", "x"),
        ("repayDate", "2020-01-01"),
        ("disbursalDate", "2020-01-01"),
        ("disbursalDate", "31-12-2026"),
        ("loanId", "x"),
        ("surprise", "1"),
    ],
)
def test_a_bad_field_is_named(stages: Stages, field: str, value: object) -> None:
    assert field in save(stages, expect=422, **{field: value})["error"]["fields"]


def test_without_a_repayment_date_it_is_the_next_pay_date(stages: Stages) -> None:
    pay_date = (clock.today() + timedelta(days=31)).isoformat()
    saved = save(stages, repayDate=None, nextPayDate=pay_date)
    assert (saved["repayDate"], saved["tenure"]) == (pay_date, 31)


@pytest.mark.parametrize(
    ("field", "rule", "dates"),
    [
        ("repayDate", "REPAYMENT_DATE_MISSING", {"repayDate": None}),
        ("repayDate", "REPAYMENT_NOT_AFTER_DISBURSAL", {"repayDate": None, "nextPayDate": "2020-01-01"}),
        ("repayDate", "REPAYMENT_TOO_FAR", {"repayDate": "2199-12-31"}),
        ("disbursalDate", "DISBURSAL_IN_THE_PAST", {"disbursalDate": "1900-01-01"}),
        ("salaryCreditDate1", "SALARY_DATE_IN_THE_FUTURE", {"salaryCreditDate1": "2199-01-01"}),
    ],
)
def test_dates_out_of_order_name_the_rule_and_the_field(
    stages: Stages, field: str, rule: str, dates: dict[str, Any]
) -> None:
    error = save(stages, expect=422, **dates)["error"]
    assert rule in error["details"]["rules"]
    assert list(error["fields"]) == [field]


def test_more_than_applied_for_is_refused(stages: Stages) -> None:
    refused = save(stages, expect=422, loanRecommended="30000")
    assert refused["error"]["details"]["rules"] == ["LOAN_ABOVE_APPLIED"]


def test_the_schedule_is_the_loan_cores(stages: Stages) -> None:
    saved = save(stages)
    (row,) = saved["repaymentData"]
    assert (row["dueDate"], row["days"]) == (saved["repayDate"], saved["tenure"])
    assert (row["opening"], row["amount"], row["closing"]) == (
        saved["loanRecommended"],
        saved["repaymentAmount"],
        "0.00",
    )
    details = saved["repaymentDetails"]
    assert (details["netDisbursal"], details["gst"], details["aprPercent"]) == (
        saved["netDisbursal"],
        saved["gst"],
        saved["aprPercent"],
    )
    assert any(fact["title"] == "Annual percentage rate" for fact in details["keyFacts"])


def test_a_figure_that_is_sent_along_must_be_the_servers(stages: Stages) -> None:
    assert save(stages, avgSalary="42100.00", tenure=24, repaymentData=[{}])["avgSalary"] == "42100.00"
    refused = save(stages, expect=422, eligibleLoan="99000")["error"]
    assert refused["code"] == "CAM_DIFFERS"
    assert "eligibleLoan" in refused["fields"]


def test_an_override_keeps_what_was_computed_and_why(stages: Stages) -> None:
    override = {"field": "avgSalary", "value": "40000.00", "remark": "A bonus is in it"}
    saved = save(stages, overrides=[override])
    assert saved["avgSalary"] == "40000.00"
    assert saved["overrides"] == [override | {"computed": "42100.00"}]


def test_who_may_override_what_is_a_table(stages: Stages) -> None:
    override = {"field": "eligibleLoan", "value": "20000.00", "remark": "Known customer"}
    assert save(stages, expect=403, overrides=[override])["error"]["code"] == "OVERRIDE_NOT_ALLOWED"
    path = f"/loans/brand/{BRAND}/cam-calculator/save"
    admin = stages.platform.staff()
    assert admin.call("POST", path, json=cam(stages, overrides=[override]))["eligibleLoan"] == "20000.00"
    assert stages.staff.call("GET", f"/loans/cam-calculator/{stages.id}")["overridable"] == ["avgSalary"]


def test_an_override_is_named_once(stages: Stages) -> None:
    override = {"field": "avgSalary", "value": "40000.00", "remark": "A bonus is in it"}
    assert "overrides" in save(stages, expect=422, overrides=[override, override])["error"]["fields"]


def test_versions_stay_and_are_compared(stages: Stages) -> None:
    left = save(stages, obligations="6000")["version"]
    right = save(stages, obligations="6500")["version"]
    path = f"/loans/cam-calculator/{stages.id}"
    assert [one["version"] for one in stages.staff.call("GET", f"{path}/versions")][:2] == [right, left]
    assert stages.staff.call("GET", f"{path}/versions/{left}")["obligations"] == "6000.00"
    stages.staff.call("GET", f"{path}/versions/{right + 1}", expect=404)
    stages.staff.call("GET", f"{path}/versions/{10**20}", expect=404)
    changed = stages.staff.call("GET", f"{path}/diff?left={left}&right={right}")
    assert {"field": "obligations", "left": "6000.00", "right": "6500.00"} in changed
    assert "salaryAmount1" not in {change["field"] for change in changed}


def test_nobody_overwrites_what_they_have_not_seen(stages: Stages) -> None:
    version = save(stages)["version"]
    assert save(stages, version=version)["version"] == version + 1
    assert save(stages, expect=409, version=version)["error"]["code"] == "CAM_CHANGED"


def test_another_brands_path_is_not_found(stages: Stages) -> None:
    stages.staff.call("POST", "/loans/brand/paisapop/cam-calculator/save", expect=404, json=cam(stages))


def test_the_repayment_is_suggested_on_a_pay_day_within_the_policy(platform: Platform) -> None:
    fresh = Stages(platform).evidenced()
    start = fresh.staff.call("GET", f"/loans/cam-calculator/{fresh.id}")
    assert start["version"] == 0
    repaid_on, paid_out_on = (date.fromisoformat(start[name]) for name in ("repayDate", "disbursalDate"))
    assert paid_out_on == clock.today()
    assert start["tenure"] == (repaid_on - paid_out_on).days
    assert 7 <= start["tenure"] <= 40
    assert repaid_on.weekday() != 6
