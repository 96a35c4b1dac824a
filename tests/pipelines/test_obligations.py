from decimal import Decimal

from pipelines.bsa import read_banking
from tests.pipelines.statements import AS_OF, statement

EMI = "ACH D- HDB FINANCIAL SERVICES-778"


def obligations(text: str) -> list[tuple[str, Decimal, bool]]:
    frame = read_banking(statement(text), AS_OF).obligations.collect()
    return frame.select("lender", "monthly_amount", "live").rows()


def test_it_works():
    text = f"2026-04-05 DR 5000 {EMI}\n2026-05-05 DR 5000 {EMI}"
    assert obligations(text) == [("HDB Financial", Decimal("5000.00"), True)]


def test_two_instalments_to_one_lender_add_up_even_before_the_second_is_due():
    text = f"""
        2026-04-05 DR 5000 {EMI}
        2026-04-20 DR 3000 {EMI}
        2026-05-05 DR 5000 {EMI}
    """
    assert obligations(text) == [("HDB Financial", Decimal("8000.00"), True)]


def test_an_instalment_presented_three_times_is_owed_once():
    text = f"""
        2026-05-05 DR 5000 {EMI}
        2026-05-05 CR 5000 {EMI}
        2026-05-08 DR 5000 {EMI}
        2026-05-08 CR 5000 {EMI}
        2026-05-12 DR 5000 {EMI}
    """
    assert obligations(text) == [("HDB Financial", Decimal("5000.00"), True)]


def test_an_instalment_that_only_bounced_is_still_owed():
    text = f"2026-05-05 DR 5000 {EMI}\n2026-05-05 CR 5000 {EMI}"
    assert obligations(text) == [("HDB Financial", Decimal("5000.00"), True)]


def test_a_lender_not_paid_for_long_is_not_live():
    text = f"2026-03-05 DR 5000 {EMI}\n2026-05-20 DR 100 UPI/SWIGGY"
    assert obligations(text) == [("HDB Financial", Decimal("5000.00"), False)]


def test_spellings_of_a_lender_are_one_lender():
    text = "2026-04-05 DR 5000 ACH D- TATA CAPITAL LTD-1\n2026-05-05 DR 5000 ECS/TATACAPITALFINANCIAL/1"
    assert obligations(text) == [("Tata Capital", Decimal("5000.00"), True)]


def test_an_unknown_lender_keeps_its_own_name():
    assert obligations("2026-05-05 DR 5000 NACH-DR- GREEN RIVER CREDIT")[0][0] == "GREEN RIVER CREDIT"


def test_insurance_and_investments_are_no_obligations():
    assert (
        obligations("2026-05-05 DR 5000 ACH/LIC OF INDIA/1\n2026-05-06 DR 500 ACH D- INDIAN CLEARING CORP-1")
        == []
    )
