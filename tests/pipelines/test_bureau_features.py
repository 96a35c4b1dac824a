from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from pipelines import bureau_features, bureau_features_frame, read_cibil
from tests.pipelines.bureau_reports import account, cibil, enquiry

AS_OF = date(2026, 4, 20)


def values(*accounts: dict[str, Any], enquiries: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    report = read_cibil(cibil(accounts=list(accounts), enquiries=list(enquiries)))
    return bureau_features(report, AS_OF).values


def test_it_works():
    features = bureau_features(
        read_cibil(cibil(accounts=[account()], enquiries=[enquiry("01042026")])), AS_OF
    )
    assert features.values == {
        "bureau_hit": True,
        "bureau_score": 742,
        "bureau_vintage_months": 15,
        "dpd_30_plus_count_6m": 0,
        "dpd_60_plus_count_12m": 0,
        "dpd_90_plus_count_24m": 0,
        "written_off_or_settled_count_24m": 0,
        "bureau_overdue_amount": Decimal("0.00"),
        "unsecured_enquiries_30d": 1,
        "unsecured_enquiries_90d": 1,
        "active_payday_loan_count": 0,
        "active_unsecured_loan_count": 1,
        "active_unsecured_outstanding": Decimal("120000.00"),
        "unsecured_loans_opened_90d": 0,
        "bureau_emi_obligations": Decimal("6000.00"),
    }


def test_every_value_names_its_fields():
    late = account("T002", paymentHistory="095062000", amountOverdue=5000)
    lineage = bureau_features(read_cibil(cibil(accounts=[account(), late])), AS_OF).lineage
    assert lineage["dpd_60_plus_count_12m"] == ["accounts[T002].paymentHistory"]
    assert lineage["bureau_overdue_amount"] == ["accounts[T002].amountOverdue"]
    assert lineage["bureau_emi_obligations"] == ["accounts[T001].emiAmount", "accounts[T002].emiAmount"]
    assert lineage["bureau_score"] == ["scores[0].score"]


def test_a_person_without_a_file_has_no_record_rather_than_a_clean_one():
    assert bureau_features(read_cibil(cibil(score="000-1")), AS_OF).values == {"bureau_hit": False}


def test_a_thin_file_has_no_score_and_no_history():
    thin = read_cibil(cibil(score="000-1", enquiries=[enquiry("01032026")]))
    known = bureau_features(thin, AS_OF).values
    assert known["bureau_hit"] is True
    assert known["active_unsecured_loan_count"] == 0
    assert not known.keys() & {"bureau_score", "bureau_vintage_months", "dpd_30_plus_count_6m"}


def test_late_months_are_counted_over_all_accounts():
    known = values(
        account("T001", paymentHistory="030061000"),
        account("T002", paymentHistory="SUB000XXX"),
    )
    assert (
        known["dpd_30_plus_count_6m"],
        known["dpd_60_plus_count_12m"],
        known["dpd_90_plus_count_24m"],
    ) == (3, 2, 1)


def test_months_before_the_window_do_not_count():
    old = account(paymentHistory="000" * 6 + "090")  # March 2026 back to September 2025
    known = values(old)
    assert (
        known["dpd_30_plus_count_6m"],
        known["dpd_60_plus_count_12m"],
        known["dpd_90_plus_count_24m"],
    ) == (0, 1, 1)


def test_a_history_that_nobody_reported_is_unknown():
    assert "dpd_30_plus_count_6m" not in values(account(paymentHistory="XXXXXXXXX"))


@pytest.mark.parametrize(
    ("fields", "count"),
    [
        ({"writtenOffAndSettledStatus": "02"}, 1),
        ({"writtenOffAndSettledStatus": "03"}, 1),
        ({"writtenOffAndSettledStatus": "00"}, 0),
        ({"writtenOffAmountTotal": 500}, 1),
        ({"writtenOffAndSettledStatus": "02", "dateReported": "31032023"}, 0),
        ({"writtenOffAndSettledStatus": "02", "dateReported": None}, 1),
    ],
)
def test_written_off_and_settled(fields: dict[str, Any], count: int):
    assert values(account(**fields))["written_off_or_settled_count_24m"] == count


@pytest.mark.parametrize(
    ("fields", "count"),
    [
        ({"accountType": "69"}, 1),
        ({"accountType": "05", "highCreditAmount": 50000, "paymentTenure": 2}, 1),
        ({"accountType": "05", "highCreditAmount": 50001, "paymentTenure": 2}, 0),
        ({"accountType": "07", "highCreditAmount": 20000, "paymentTenure": 1}, 0),
        ({"accountType": "69", "dateClosed": "01022026"}, 0),
        ({"accountType": "69", "currentBalance": 0}, 0),
        ({"accountType": "69", "currentBalance": 0, "amountOverdue": 10}, 1),
        ({"accountType": "69", "ownershipIndicator": 3}, 0),
    ],
)
def test_payday_loans(fields: dict[str, Any], count: int):
    assert values(account(**fields))["active_payday_loan_count"] == count


def test_a_card_is_no_loan():
    known = values(account(accountType="10", currentBalance=40000, emiAmount=None))
    assert known["active_unsecured_loan_count"] == 0
    assert known["active_unsecured_outstanding"] == Decimal("0.00")
    assert known["bureau_emi_obligations"] == Decimal("0.00")


@pytest.mark.parametrize(
    ("frequency", "monthly"),
    [("01", "4333.33"), ("02", "2166.67"), ("03", "1000.00"), ("04", "333.33"), (None, "1000.00")],
)
def test_instalments_are_brought_to_a_month(frequency: str | None, monthly: str):
    known = values(account(emiAmount=1000, paymentFrequency=frequency))
    assert known["bureau_emi_obligations"] == Decimal(monthly)


def test_live_loans_without_any_instalment_leave_obligations_unknown():
    assert "bureau_emi_obligations" not in values(account(emiAmount=None))


def test_enquiries_in_their_windows():
    asked = [enquiry(day) for day in ("18042026", "21032026", "20032026", "20012026", "19012026")]
    known = values(enquiries=(*asked, enquiry("10042026", purpose="02")))
    assert (known["unsecured_enquiries_30d"], known["unsecured_enquiries_90d"]) == (2, 4)


def test_an_authorised_user_owes_nothing():
    known = values(account(ownershipIndicator=2, amountOverdue=900))
    assert known["bureau_overdue_amount"] == known["bureau_emi_obligations"] == Decimal("0.00")


def test_many_reports_in_one_frame_are_as_each_alone():
    raw = [cibil(accounts=[account()]), cibil(score="000-1"), cibil(accounts=[account(paymentHistory="095")])]
    reports = [read_cibil(answer, report_id=f"r{number}") for number, answer in enumerate(raw)]
    together = bureau_features_frame(reports, AS_OF).collect().sort("report_id")
    alone = [bureau_features_frame([report], AS_OF).collect() for report in reports]
    assert [together[number].to_dicts() for number in range(3)] == [frame.to_dicts() for frame in alone]
