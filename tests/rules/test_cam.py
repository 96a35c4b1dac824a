"""The credit assessment against worked examples, on both bases."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from pipelines.loans import bullet_apr_percent
from rules import compute, decide, load
from tests.rules.applicants import BRANDS, ruleset

DISBURSED = date(2026, 11, 26)
CAM = """\
ruleset: cam
brand: test
extends: base/cam
parameters:
  eligibility_basis: {basis}
  loan_step: {step}
  minimum_loan: 500
  fee_percent: 10
tables:
  - id: FOIR_GRID
    columns: [avg_salary]
    gives: [grid_foir]
    rows: [[any, {foir}]]
"""


def assessed(folder, basis, foir, salaries, **inputs):
    import shutil

    from rules.language.files import ROOT

    (folder / "base").mkdir(exist_ok=True)
    shutil.copy(ROOT / "base" / "cam.yaml", folder / "base")
    step = 500 if basis == "REPAYMENT" else 1
    made = ruleset(folder, CAM.format(basis=basis, step=step, foir=foir), "cam")
    amounts = {f"salary_amount_{index}": amount for index, amount in enumerate(salaries, 1)}
    return with_apr(compute(made, amounts | inputs))


def with_apr(cam):
    """The APR is no rule: it follows from what the rules work out."""
    return cam | {
        "apr_percent": bullet_apr_percent(cam["net_disbursal"], cam["repayment_amount"], cam["tenure_days"])
    }


def repaid_after(days):
    return {"disbursal_date": DISBURSED, "next_pay_date": DISBURSED + timedelta(days=days)}


C1 = {
    "salaries": (42000, 42500, 41800),
    "obligations": 6000,
    "loan_applied": 30000,
    "roi_percent_per_day": 1,
    **repaid_after(24),
}
C2 = {
    "salaries": (30000, 0, 31000),
    "obligations": 0,
    "loan_applied": 15000,
    "roi_percent_per_day": 1,
    **repaid_after(30),
}
C3 = {
    "salaries": (60000, 72000, 60000),
    "obligations": 25000,
    "loan_applied": 20000,
    "roi_percent_per_day": "0.75",
    **repaid_after(18),
    "processing_fee_percent": 8,
}
C5 = {
    "salaries": (110000, 108500, 112000),
    "obligations": 12000,
    "loan_applied": 50000,
    "roi_percent_per_day": 1,
    **repaid_after(35),
}
C6 = {
    "salaries": (25000, 25000, 25000),
    "obligations": 2500,
    "loan_applied": 12345,
    "roi_percent_per_day": 1,
    **repaid_after(11),
}


@pytest.mark.parametrize(
    ("case", "foir", "basis", "expected"),
    [
        (C1, 40, "PRINCIPAL", "42100.00 1.66 10840.00 10840 2601.60 1084 195 9561 13442 14.25 46.18 617.34"),
        (C1, 40, "REPAYMENT", "42100.00 1.66 10840.00 8500 2040.00 850 153 7497 10540 14.25 39.29 617.30"),
        (C2, 40, "PRINCIPAL", "30500.00 3.28 12200.00 12200 3660.00 1220 220 10760 15860 0.00 52.00 576.67"),
        (C2, 40, "REPAYMENT", "30500.00 3.28 12200.00 9000 2700.00 900 162 7938 11700 0.00 38.36 576.61"),
        (C3, 50, "PRINCIPAL", "64000.00 18.75 7000.00 7000 945.00 560 101 6339 7945 39.06 51.48 513.74"),
        (C3, 50, "REPAYMENT", "64000.00 18.75 7000.00 6000 810.00 480 86 5434 6810 39.06 49.70 513.47"),
        (
            C5,
            40,
            "REPAYMENT",
            "110166.67 3.18 32066.67 23500 8225.00 2350 423 20727 31725 10.89 39.69 553.35",
        ),
        (C6, 40, "PRINCIPAL", "25000.00 0.00 7500.00 7500 825.00 750 135 6615 8325 10.00 43.30 857.76"),
        (C6, 40, "REPAYMENT", "25000.00 0.00 7500.00 6500 715.00 650 117 5733 7215 10.00 38.86 857.76"),
    ],
)
def test_worked_cases(tmp_path, case, foir, basis, expected):
    cam = assessed(tmp_path, basis, foir, **case)
    names = [
        "avg_salary",
        "salary_variance",
        "capacity",
        "loan_recommended",
        "interest",
        "processing_fee",
        "gst",
        "net_disbursal",
        "repayment_amount",
        "foir_achieved",
        "proposed_foir",
        "apr_percent",
    ]
    assert [cam[name] for name in names] == [Decimal(text) for text in expected.split()]


@pytest.mark.parametrize(
    "row",
    [
        "5000 1.00 7 10 350.00 500 90 4410 5350 1111.44",
        "10000 1.00 27 10 2700.00 1000 180 8820 12700 594.69",
        "12345 1.00 11 10 1357.95 1235 222 10888 13703 857.89",
        "15000 0.75 35 8 3937.50 1200 216 13584 18938 411.03",
        "20000 1.00 30 10 6000.00 2000 360 17640 26000 576.61",
        "30000 0.90 22 10 5940.00 3000 540 26460 35940 594.41",
        "50000 1.00 40 12 20000.00 6000 1080 42920 70000 575.73",
        "100000 0.50 90 10 45000.00 10000 1800 88200 145000 261.17",
    ],
)
def test_fee_tax_net_and_apr(row):
    principal, roi, days, fee_percent, *expected = row.split()
    cam = compute(
        load("qualoan", "cam"),
        {
            "salary_amount_1": 300000,
            "obligations": 0,
            "loan_applied": principal,
            "loan_proposed": principal,
            "roi_percent_per_day": roi,
            **repaid_after(int(days)),
            "processing_fee_percent": fee_percent,
        },
    )
    names = ("interest", "processing_fee", "gst", "net_disbursal", "repayment_amount", "apr_percent")
    assert [with_apr(cam)[name] for name in names] == [Decimal(text) for text in expected]


@pytest.mark.parametrize(("fee", "tax", "net"), [(10, "152.54", 9000), (20, "305.08", 8000)])
def test_tax_inside_the_fee(tmp_path, fee, tax, net):
    import shutil

    from rules.language.files import ROOT

    shutil.copytree(ROOT / "base", tmp_path / "base")
    text = "ruleset: cam\nextends: base/cam\nparameters: {gst_mode: INCLUSIVE}\n"
    inputs = {
        "loan_proposed": 10000,
        "processing_fee_percent": fee,
        "roi_percent_per_day": 1,
        **repaid_after(27),
    }
    cam = compute(ruleset(tmp_path, text, "cam"), inputs)
    assert (cam["gst"], cam["net_disbursal"]) == (Decimal(tax), net)


def test_obligations_that_eat_the_capacity_reject():
    inputs = {f"salary_amount_{index}": 35000 for index in (1, 2, 3)}
    inputs |= {"obligations": 16000, "loan_applied": 10000, "roi_percent_per_day": 1, **repaid_after(20)}
    decision = decide(load("qualoan", "cam"), inputs)
    assert decision.derived["eligible_loan"] == 0
    assert decision.outcome == "REJECT"
    assert next(verdict.rule_id for verdict in decision.reasons) == "NOTHING_ELIGIBLE"


@pytest.mark.parametrize(
    "salaries", [{}, {"salary_amount_1": 0}, {"salary_amount_1": "NaN"}, {"salary_amount_1": -5}]
)
def test_no_salary_is_no_division(salaries):
    inputs = {"obligations": 0, "loan_applied": 10000, "roi_percent_per_day": 1, **repaid_after(20)}
    for brand in BRANDS:
        decision = decide(load(brand, "cam"), salaries | inputs)
        assert decision.outcome in ("REJECT", "REFER")
        assert decision.derived["avg_salary"] is None
        assert decision.derived["eligible_loan"] is None


@pytest.mark.parametrize(
    ("next_pay_date", "repay_date", "days"),
    [
        ("2026-12-20", None, 24),
        ("2026-12-20", "2026-12-19", 23),  # a person moved it off a closed day
        (None, "2026-12-19", 23),
        ("2027-02-28", None, 94),
        (None, None, None),
        ("31-12-2026", None, None),
    ],
)
def test_the_tenure_follows_from_the_dates(next_pay_date, repay_date, days):
    dates = {"disbursal_date": DISBURSED, "next_pay_date": next_pay_date, "repay_date": repay_date}
    for brand in BRANDS:
        assert compute(load(brand, "cam"), dates)["tenure_days"] == days


@pytest.mark.parametrize(
    ("dates", "rule"),
    [
        ({"disbursal_date": "2026-11-25"}, "DISBURSAL_IN_THE_PAST"),
        ({"next_pay_date": None}, "REPAYMENT_DATE_MISSING"),
        ({"repay_date": "2026-11-26"}, "REPAYMENT_NOT_AFTER_DISBURSAL"),
        ({"next_pay_date": "2026-11-20"}, "REPAYMENT_NOT_AFTER_DISBURSAL"),
        ({"repay_date": "2036-11-24"}, "REPAYMENT_TOO_FAR"),
    ],
)
def test_dates_that_do_not_fit_reject_with_the_reason(dates, rule):
    inputs = {**C1, **repaid_after(24), "decision_date": DISBURSED, "loan_proposed": 5000} | dates
    salaries = {f"salary_amount_{n}": amount for n, amount in enumerate(inputs.pop("salaries"), 1)}
    for brand in BRANDS:
        decision = decide(load(brand, "cam"), inputs | salaries)
        assert (decision.outcome, decision.reasons[0].rule_id) == ("REJECT", rule)


def test_a_proposal_above_what_is_eligible_is_a_deviation():
    inputs = {f"salary_amount_{index}": 40000 for index in (1, 2, 3)}
    inputs |= {"obligations": 0, "loan_applied": 30000, "roi_percent_per_day": 1, **repaid_after(30)}
    proposed = decide(load("qualoan", "cam"), inputs | {"loan_proposed": 20000})
    assert "LOAN_ABOVE_ELIGIBLE" in [verdict.rule_id for verdict in proposed.reasons]
    above = decide(load("qualoan", "cam"), inputs | {"loan_proposed": 30500})
    assert "LOAN_ABOVE_APPLIED" in [verdict.rule_id for verdict in above.reasons]
