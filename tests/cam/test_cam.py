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
    assert start["version"] in (0, 1, 2, 3, 4, 5, 6)
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
        ("repayDate", "REPAYMENT_TOO_FAR", {"repayDate": "9999-12-31"}),
        ("disbursalDate", "DISBURSAL_IN_THE_PAST", {"disbursalDate": "0001-01-01"}),
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
