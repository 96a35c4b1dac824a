"""Staff see why and from where; customers hear reasons, their rights, and what would help."""

import pytest

from tests.platform import Platform
from tests.stages import Stages


@pytest.fixture(scope="module")
def rejected(platform: Platform) -> Stages:
    return Stages(platform, "OVE").decided("REJECT", amount="20000.00")


def explanation(stages: Stages) -> dict:
    decision = stages.staff.get(f"/loans/{stages.id}/decisions")[0]
    return stages.staff.get(f"/decisions/{decision['id']}")


def test_a_reason_has_its_value_threshold_and_where_each_datum_is_from(rejected: Stages) -> None:
    told = explanation(rejected)
    assert told["summary"].startswith("Rejected: ")
    reason = next(r for r in told["explained"] if r["ruleId"] == "BUREAU_SCORE_BELOW_MINIMUM")
    assert "560" in reason["reason"]
    assert reason["thresholds"]["minimum_bureau_score"]
    score = next(datum for datum in reason["data"] if datum["name"] == "bureau_score")
    assert (score["value"], score["source"], score["origin"]["source"]) == (
        560,
        "bureau",
        "bureau_report:cibil",
    )
    report = rejected.staff.get(f"/loans/{rejected.id}/bureau")
    assert score["origin"]["id"] == report["id"]


def test_every_input_names_the_record_it_came_from(rejected: Stages) -> None:
    data = {datum["name"]: datum for datum in explanation(rejected)["data"]}
    sources = {name: datum["origin"]["source"] for name, datum in data.items() if datum["origin"]}
    assert sources["pan_status"] == "kyc_check:pan"
    assert sources["bank_account_verified"] == "kyc_check:bank_account"
    assert sources["requested_amount"] == "application"
    assert sources["average_salary_3m"].startswith("bank_statement:")
    assert set(data) - set(sources) <= {"decision_date"}


def test_what_would_change_is_computed(platform: Platform) -> None:
    stages = Stages(platform).decided("APPROVE")
    assert explanation(stages)["whatWouldChange"]["changes"] == []


def test_the_customer_hears_reasons_and_rights_without_internals(rejected: Stages) -> None:
    told = rejected.app.get(f"/web/loans/{rejected.id}/decision")
    assert told["status"] == "DECLINED"
    assert 1 <= len(told["reasons"]) <= 4
    assert told["bureau"]["name"].startswith("TransUnion CIBIL")
    assert "free of charge" in told["bureau"]["notice"]
    assert told["whatWouldHelp"]
    assert "560" not in str({name: said for name, said in told.items() if not name.endswith("At")})
    assert "bureau_score" not in str(told)


def test_a_customer_whose_application_waits_hears_no_reasons(platform: Platform) -> None:
    stages = Stages(platform).decided("APPROVE")
    told = stages.app.get(f"/web/loans/{stages.id}/decision")
    assert (told["status"], told["reasons"]) == ("UNDER_REVIEW", [])


def test_without_a_decision_there_is_nothing_to_tell(platform: Platform) -> None:
    stages = Stages(platform).applied()
    stages.app.get(f"/web/loans/{stages.id}/decision", expect=404)


def test_another_customer_hears_nothing(rejected: Stages, platform: Platform) -> None:
    platform.customer().get(f"/web/loans/{rejected.id}/decision", expect=404)
