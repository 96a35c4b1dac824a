import pytest

from pipelines.bsa import read_banking
from tests.pipelines.statements import AS_OF, statement

EMI = "ACH D- HDB FINANCIAL SERVICES-778"


def bounces(text: str) -> list[tuple[str, str, str]]:
    rows = read_banking(statement(text), AS_OF).bounce_rows.collect().filter("counted")
    return [
        (str(day), category, reason)
        for day, category, reason in rows.select("txn_on", "category", "reason").rows()
    ]


def test_it_works():
    text = f"""
        2026-05-05 DR 5000 {EMI}
        2026-05-05 CR 5000 {EMI}
        2026-05-06 DR  590 ACH D RETURN CHARGES
    """
    assert bounces(text) == [("2026-05-05", "MANDATE_RETURN", "UNSTATED")]


def test_an_instalment_that_was_paid_is_no_bounce():
    assert bounces(f"2026-05-05 DR 5000 {EMI}") == []


def test_a_charge_alone_is_a_bounce():
    assert bounces("2026-05-06 DR 590 ECS RTN CHGS 040526") == [("2026-05-06", "BOUNCE_CHARGE", "UNSTATED")]


def test_the_tax_on_a_charge_is_not_another_bounce():
    text = """
        2026-05-06 DR 500 ECS RTN CHGS 040526
        2026-05-06 DR  90 GST ON ECS RTN CHG 040526
    """
    assert len(bounces(text)) == 1


def test_an_identical_credit_in_time_is_a_return_without_any_word():
    text = """
        2026-05-05 DR 5000 ACH/HDB FINANCIAL/778
        2026-05-07 CR 5000 ACH/HDB FINANCIAL/778
    """
    assert len(bounces(text)) == 1


@pytest.mark.parametrize(
    "credit",
    [
        "2026-05-09 CR 5000 ACH/HDB FINANCIAL/778",
        "2026-05-06 CR 4999 ACH/HDB FINANCIAL/778",
        "2026-05-06 CR 5000 ACH/SOMEBODY ELSE/778",
    ],
    ids=["too late", "another amount", "another narration"],
)
def test_other_credits_are_no_returns(credit: str):
    assert bounces(f"2026-05-05 DR 5000 ACH/HDB FINANCIAL/778\n{credit}") == []


def test_a_mandate_presented_again_bounces_twice():
    text = f"""
        2026-05-05 DR 5000 {EMI}
        2026-05-05 CR 5000 {EMI}
        2026-05-06 DR  590 ACH D RETURN CHARGES
        2026-05-08 DR 5000 {EMI}
        2026-05-08 CR 5000 {EMI}
        2026-05-09 DR  590 ACH D RETURN CHARGES
    """
    assert len(bounces(text)) == 2


def test_twins_of_one_day_are_two_bounces():
    text = "\n".join(f"2026-05-05 {side} 5000 {EMI}" for side in ("DR", "DR", "CR", "CR"))
    rows = read_banking(statement(text), AS_OF).transactions.collect()
    assert rows["returned"].all()
    assert len(bounces(text)) == 2


def test_the_return_takes_the_name_of_the_lender():
    text = """
        2026-05-05 DR 5000 ACH D- HDB FINANCIAL SERVICES-778
        2026-05-06 CR 5000 ACH D RETURN-FUNDS INSUFFICIENT-778
    """
    row = read_banking(statement(text), AS_OF).bounce_rows.collect().row(0, named=True)
    assert (row["party"], row["reason"]) == ("HDB Financial", "INSUFFICIENT_FUNDS")


def test_a_cheque_of_the_applicant_that_came_back():
    assert len(bounces("2026-05-05 CR 5000 I/W CHQ RETURN-MICR CTS-RAMESH")) == 1


def test_a_deposited_cheque_that_came_back_is_somebody_elses_bounce():
    assert (
        bounces("2026-05-05 DR 5000 CHQ DEP RET-FUNDS INSUFFICIENT\n2026-05-06 DR 100 CHQDEPRETCHGS123") == []
    )


def test_a_charge_given_back_is_no_bounce():
    assert bounces("2026-05-06 CR 590 REV_.ACHDEBITRETURNCHARGES123456-X") == []
