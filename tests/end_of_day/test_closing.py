"""A day is closed over the whole book: charged once, the same when closed again, and right after what is told late."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from click.testing import CliRunner

from app.cli import main
from app.core.clock import today
from app.core.database import brand_scope
from app.core.identity import Role
from app.end_of_day import closing
from app.end_of_day import late as closing_late
from app.ledger import service as ledger
from app.loans import service as loans
from tests.lending import Case, active, at_work
from tests.platform import BRAND, Platform

TODAY = today()
DAYS = [TODAY - timedelta(days=age) for age in (2, 1, 0)]


@pytest.fixture(scope="module")
def late(platform: Platform) -> Case:
    """20,000 at 1 % a day for 30 days, paid out 33 days ago, and the last three days closed."""
    case = active(platform, days_ago=33)
    for day in DAYS:
        closing.close(BRAND, day)
    return case


def days(case: Case) -> dict[str, dict[str, Any]]:
    return {row["onDate"]: row for row in case.staff.get(f"/loans/{case.loan_id}/days")["items"]}


def entries(case: Case, kind: str) -> list[tuple[str, str]]:
    return [(e["date"], e["debit"]) for e in case.ledger()["entries"] if e["kind"] == kind]


def differences(case: Case) -> Any:
    with at_work():
        return ledger.differences(case.loan_id), sum(ledger.trial_balance().values())


def test_it_works(late: Case):
    stood = days(late)[f"{TODAY}"]
    assert (stood["daysPastDue"], stood["bucket"], stood["stage"]) == (3, "DPD_1_30", "SOFT_CALLS")
    assert (stood["classification"], stood["provision"]) == ("SMA_0", "50.00")
    # no charge on the day of grace, then a slab a day
    assert entries(late, "PENAL_CHARGE") == [(f"{DAYS[1]}", "50.00"), (f"{DAYS[2]}", "50.00")]
    assert [stood[part] for part in ("principal", "interest", "penal", "total")] == [
        "20000.00", "6600.00", "100.00", "26700.00",
    ]  # fmt: skip
    assert late.loan["status"] == "OVERDUE"
    assert late.outstanding == Decimal("26700.00")


def test_the_journal_has_the_interest_of_each_day_and_adds_up(late: Case):
    assert entries(late, "INTEREST")[-1] == (f"{TODAY}", "200.00")
    assert differences(late) == ({}, 0)


def test_closing_again_changes_nothing(platform: Platform, late: Case):
    def book() -> list[tuple]:
        told = "SELECT kind, business_date, reference FROM journal_entry WHERE loan_id = %s ORDER BY 1, 2, 3"
        snapshot = "SELECT on_date, total, provision, stage FROM loan_day WHERE loan_id = %s ORDER BY 1"
        return [platform.sql(told, str(late.loan_id)), platform.sql(snapshot, str(late.loan_id))]

    before = book()
    for day in reversed(DAYS):
        closing.close(BRAND, day)
    assert book() == before
    assert late.states().count("OVERDUE") == 1


def test_a_run_that_broke_off_is_run_again(late: Case, monkeypatch: pytest.MonkeyPatch):
    """Before each of its steps in turn."""
    case = active(late.platform, days_ago=40)
    for step in closing.STEPS:
        with monkeypatch.context() as patch:
            patch.setattr(closing, "STEPS", dict(closing.STEPS) | {step: lambda on, share: 1 / 0})
            with pytest.raises(ZeroDivisionError):
                closing.close(BRAND, TODAY)
    closing.close(BRAND, TODAY)
    assert len(entries(case, "PENAL_CHARGE")) == 1
    assert days(case)[f"{TODAY}"]["penal"] == "50.00"
    assert differences(case) == ({}, 0)


def test_a_part_paid_on_the_day_is_charged_on_what_is_left(late: Case):
    case = active(late.platform, days_ago=33)
    with at_work():
        loan = loans.get(case.loan_id)
        ledger.post_payment(loan, Decimal(20_000), TODAY, f"{loan.loan_no}:part")
    closing.close(BRAND, TODAY)
    assert entries(case, "PENAL_CHARGE") == [(f"{TODAY}", "15.00")]
    assert differences(case) == ({}, 0)


def test_the_command_and_who_sees_what_was_done(platform: Platform, late: Case):
    told = CliRunner().invoke(main, ["eod", "--date", f"{TODAY}", "--brand", BRAND])
    assert told.exit_code == 0, told.output
    # what was told late of other loans comes first
    assert [line.split()[2] for line in told.output.splitlines()][-len(closing.STEPS) :] == [*closing.STEPS]
    tomorrow = TODAY + timedelta(days=1)
    assert CliRunner().invoke(main, ["eod", "--date", f"{tomorrow}"]).exit_code != 0
    nobodys = CliRunner().invoke(main, ["eod", "--date", f"{TODAY}", "--brand", "nobodys"])
    assert (nobodys.exit_code, "There is no brand" in nobodys.output) == (2, True)
    shown = platform.staff(Role.ADMIN).get(f"/end-of-day/steps?onDate={TODAY}")["items"]
    assert {step["step"] for step in shown} == {*closing.STEPS}


def test_days_that_were_missed_are_closed_first(late: Case):
    with brand_scope(BRAND):
        last = closing._last_closed()
    done = closing.catch_up(BRAND, last)
    assert {step.on for step in done} == {last}
    assert isinstance(last, date)


def test_days_that_are_closed_out_of_their_order_are_told(late: Case):
    missed, later = closing.out_of_order(BRAND, DAYS[0] - timedelta(days=3_000))
    assert (missed, set(DAYS) <= {*later}) == ([], True)
    after = TODAY + timedelta(days=3)
    assert closing.out_of_order(BRAND, after)[0] == [TODAY + timedelta(days=n) for n in (1, 2)]
    assert closing.out_of_order(BRAND, DAYS[1]) == ([], [])


def test_a_day_that_was_missed_has_those_after_it_closed_again(platform: Platform):
    """Closed long after the days that follow it, by the command: what they told without it is put right."""
    first, missed, last = (TODAY - timedelta(days=n) for n in (903, 902, 901))
    case = active(platform, days_ago=938)
    for day in (first, last):
        closing.close(BRAND, day)
    assert penal(case, last) == Decimal(100)
    alone = eod(missed, "--only")
    assert f"{last}  is to be closed again" in alone
    assert (penal(case, last), last in closing.marked(BRAND)) == (Decimal(100), True)
    assert "again" not in eod(missed)
    assert (penal(case, last), closing.marked(BRAND)) == (Decimal(150), [])
    assert differences(case) == ({}, 0)


def eod(day: date, *options: str) -> str:
    told = CliRunner().invoke(main, ["eod", "--date", f"{day}", "--brand", BRAND, *options])
    assert told.exit_code == 0, told.output
    return told.output


def penal(case: Case, day: date) -> Decimal:
    query = "SELECT penal FROM loan_day WHERE loan_id = %s AND on_date = %s"
    return case.platform.sql(query, str(case.loan_id), day)[0][0]


def test_days_of_a_brand_are_closed_one_after_the_other(platform: Platform, late: Case):
    """Three at once, of two days and beside what was told late: no step of one falls between those of another."""
    days_ = [DAYS[1], DAYS[2], DAYS[2]]
    with ThreadPoolExecutor(4) as threads:
        for each in [threads.submit(closing.close, BRAND, day) for day in days_] + [
            threads.submit(closing_late.close_again, BRAND)
        ]:
            each.result()
    asked = """SELECT on_date FROM eod_step WHERE brand_id = %s AND on_date = ANY(%s) ORDER BY started_at"""
    order = [row[0] for row in platform.sql(asked, BRAND, days_)]
    steps = len(closing.STEPS)
    assert len({*order[:steps]}) == len({*order[steps:]}) == 1
    assert differences(late) == ({}, 0)
