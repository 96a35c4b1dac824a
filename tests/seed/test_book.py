"""Planted books: the ledger balances and agrees with the loans, the same seed gives the same people and loans."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

import pytest

from app.core import clock
from app.core.database import brand_scope
from app.core.errors import Conflict, Invalid, NotFound
from app.credit.replaying import replay
from app.end_of_day import closing
from app.ledger import service as ledger
from app.ledger.events import Kind
from app.loans.models import Loan
from app.loans.states import AGREEMENT, LOAN
from app.seed.book import Shape, planting, writing
from app.seed.book.draw import Draw
from app.seed.book.lives import Band, Life, life
from app.seed.book.people import CONTENT, pan_of, phone_of
from app.seed.planted import plant_book
from tests.books import BOOK_LOANS, owner_url, planted
from tests.platform import Platform

UNTIL = date(2026, 6, 30)


@pytest.fixture(scope="module")
def brand(platform: Platform) -> str:
    return planted(platform)


def of(platform: Platform, brand_id: str, query: str) -> list[tuple]:
    return platform.sql(query.replace("@", f"'{brand_id}'"))


def test_it_works(platform: Platform, brand: str) -> None:
    ((loans, people),) = of(
        platform, brand, "SELECT count(*), count(DISTINCT customer_id) FROM loan WHERE brand_id = @"
    )
    assert (loans, 50 < people < BOOK_LOANS) == (BOOK_LOANS, True)
    statuses = {
        status for (status,) in of(platform, brand, "SELECT DISTINCT status FROM loan WHERE brand_id = @")
    }
    assert {"COMPLETED", "REJECTED", "OVERDUE", "ACTIVE"} <= statuses
    ((kinds,),) = of(
        platform,
        brand,
        "SELECT count(DISTINCT status) FROM lead_form WHERE brand_id = @ AND status IN ('PENDING', 'PROCESSED')",
    )
    assert kinds == 2
    ((answered,),) = of(
        platform,
        brand,
        "SELECT count(*) FROM user_call WHERE brand_id = @ AND status = 'ANSWERED' AND talk_s > 0",
    )
    assert answered > 5


def test_the_ledger_balances_and_says_what_the_loans_say(brand: str) -> None:
    today = clock.today()
    with brand_scope(brand):
        assert sum(ledger.trial_balance().values()) == 0
        # those that were given up first
        for loan in (
            Loan.select().where(Loan.disbursed_at.is_null(False)).order_by(Loan.status.desc()).limit(40)
        ):
            assert ledger.differences(loan.id) == {}
            assert ledger.outstanding_as_of(loan.id, today).total == loan.outstanding_amount


def test_every_decision_replays_to_the_same_bytes(brand: str) -> None:
    replayed = list(islice(replay(brand), 60))
    assert len(replayed) == 60
    assert [found for _, found in replayed if found] == []


_DECIDED = """SELECT l.status, d.outcome, l.sanctioned_amount, l.roi_percent_per_day, t.record::jsonb,
  (SELECT s.reason_code FROM state_change s WHERE s.entity_id = l.id AND s.to_state = 'REJECTED'
    AND s.actor_role = 'SYSTEM'),
  c.declared_monthly_salary, l.applied_amount, (SELECT b.score FROM bureau_report b WHERE b.loan_id = l.id),
  (d.created_at AT TIME ZONE 'Asia/Kolkata')::date,
  (SELECT count(*) FROM loan o WHERE o.customer_id = l.customer_id AND o.status = 'COMPLETED' AND o.id < l.id)
FROM decision d JOIN decision_text t ON t.brand_id = d.brand_id AND t.hash = d.record_hash
JOIN loan l ON l.id = d.loan_id JOIN customer c ON c.id = l.customer_id WHERE d.brand_id = @"""


def test_what_became_of_an_application_follows_from_its_decision(platform: Platform, brand: str) -> None:
    decided = of(platform, brand, _DECIDED)
    assert {outcome for _, outcome, *_ in decided} == {"APPROVE", "REFER", "REJECT"}
    for status, outcome, amount, rate, record, reasons, *told in decided:
        assert (outcome == "REJECT") == (reasons is not None)
        if reasons:
            assert (status, reasons.split(",")) == ("REJECTED", record["reasons"][: reasons.count(",") + 1])
        if amount:
            assert amount <= Decimal(record["offer"]["offered_amount"])
            assert rate == Decimal(record["offer"]["roi_percent_per_day"])
        salary, asked, score, on, completed = told
        inputs = record["inputs"]
        assert (salary, asked) == (Decimal(inputs["average_salary_3m"]), Decimal(inputs["requested_amount"]))
        assert (score, on.isoformat()) == (inputs.get("bureau_score"), inputs["decision_date"])
        assert completed == inputs["completed_loan_count"]


def test_people_who_tell_the_same_share_a_record(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planting, "_STORIES_MAX", 15)
    planted(platform, "alike", 45, number=13, until=UNTIL)
    ((decisions, records),) = of(
        platform, "alike", "SELECT count(*), count(DISTINCT record_hash) FROM decision WHERE brand_id = @"
    )
    assert decisions > 40
    assert records < decisions * 0.7
    assert not any(found for _, found in replay("alike"))


def test_the_close_of_a_day_finds_little_to_correct(platform: Platform) -> None:
    planted(platform, "closed", 150, number=17, until=UNTIL)
    on = UNTIL - timedelta(days=1)
    done = {step: closing.do("closed", on, step).rows for step in ("snapshot", "income", "overdue")}
    ((bad,),) = of(
        platform, "closed", "SELECT count(*) FROM loan_day WHERE brand_id = @ AND npa_since IS NOT NULL"
    )
    assert (done["income"], done["overdue"]) == (0, 0)
    assert done["snapshot"] >= bad > 0
    with brand_scope("closed"):
        for loan in Loan.select().where(Loan.disbursed_at.is_null(False)):
            assert ledger.differences(loan.id) == {}


def test_reminders_and_campaigns_became_messages(platform: Platform, brand: str) -> None:
    told = of(
        platform,
        brand,
        """SELECT r.template_code, m.event, m.key = 'reminder:' || r.id, r.campaign_id IS NOT NULL,
          (SELECT count(*) FROM campaign_recipient x WHERE x.reminder_id = r.id)
        FROM user_reminder r JOIN user_notification m ON m.id = r.message_id WHERE r.brand_id = @""",
    )
    assert {code for code, *_ in told} == {"due_reminder", "repeat_offer"}
    for code, event, is_keyed, of_campaign, recipients in told:
        assert (code, is_keyed) == (event, True)
        assert (of_campaign, recipients) == (code == "repeat_offer", int(code == "repeat_offer"))
    ((listed, recipients),) = of(
        platform,
        brand,
        """SELECT (SELECT sum(recipient_count) FROM campaign WHERE brand_id = @),
          (SELECT count(*) FROM campaign_recipient WHERE brand_id = @)""",
    )
    assert listed == recipients > 3
    papers = of(platform, brand, "SELECT DISTINCT kind FROM document WHERE brand_id = @")
    assert {kind for (kind,) in papers} == {"BANK_STATEMENT", "SALARY_SLIP", "PAN_CARD"}


def test_what_is_given_up_was_agreed_on_by_two(platform: Platform, brand: str) -> None:
    given_up = of(
        platform,
        brand,
        """SELECT c.kind, c.proposed_by <> c.decided_by,
          (SELECT sum(v::numeric) FROM jsonb_each_text(c.waived) w (k, v)),
          (SELECT sum(l.debit) FROM journal_entry e JOIN journal_line l ON l.entry_id = e.id
           WHERE e.brand_id = c.brand_id AND e.kind = c.kind AND left(e.reference, 36) = c.id::text
             AND (l.account IN ('WAIVER', 'WRITE_OFF') OR l.account LIKE '%_SUSPENSE'))
        FROM concession c WHERE brand_id = @""",
    )
    assert given_up
    assert all(by_two and waived == booked for _, by_two, waived, booked in given_up)


def test_promises_are_judged_by_what_came_in(platform: Platform, brand: str) -> None:
    promises = of(
        platform,
        brand,
        """SELECT p.status, p.amount, p.due_on, (SELECT coalesce(sum(t.amount), 0) FROM payment_collection_transaction t
           WHERE t.loan_id = p.loan_id AND t.received_on BETWEEN p.made_on AND p.due_on + 1)
        FROM promise_to_pay p WHERE brand_id = @""",
    )
    assert {status for status, *_ in promises} >= {"BROKEN"}
    for status, amount, due_on, received in promises:
        assert (status == "KEPT") == (received >= amount * Decimal("0.95"))
        assert status != "OPEN" or due_on >= clock.today() - timedelta(days=1)


# what each day of a source and campaign cost, and whom it brought
_BROUGHT = """SELECT m.source, m.campaign, m.amount, (SELECT count(*) FROM click k
  WHERE k.brand_id = m.brand_id AND k.utm_source = m.source AND k.utm_campaign IS NOT DISTINCT FROM m.campaign
    AND m.day = (SELECT (c.created_at AT TIME ZONE 'Asia/Kolkata')::date FROM customer_touch v
      JOIN customer c ON c.id = v.customer_id WHERE v.click_id = k.id)) FROM marketing_spend m WHERE m.brand_id = @"""


def paid_for(platform: Platform, brand_id: str) -> int:
    """How many people were paid for, at about what one of them costs."""
    found = of(platform, brand_id, _BROUGHT)
    prices = {tuple(bought): Decimal(price) for *bought, price in CONTENT["prices"]}
    assert {tuple(bought) for *bought, _, _ in found} <= set(prices)
    for source, campaign, amount, people in found:
        assert people * prices[source, campaign] * Decimal("0.79") < amount
        assert amount < people * prices[source, campaign] * Decimal("1.26")
    return sum(people for *_, people in found)


def test_who_came_by_an_advertisement_was_paid_for(platform: Platform) -> None:
    # of its own: elsewhere those who never applied are forgotten in time
    brand = planted(platform, "bought", 60, number=11)
    bought = "utm_source IN ('google', 'facebook', 'instagram')"
    ((came,),) = of(platform, brand, f"SELECT count(*) FROM click WHERE brand_id = @ AND {bought}")
    assert paid_for(platform, brand) == came > 20


def test_every_step_is_one_of_the_tables(platform: Platform, brand: str) -> None:
    steps = of(
        platform,
        brand,
        "SELECT DISTINCT entity, from_state, to_state FROM state_change WHERE brand_id = @ AND from_state IS NOT NULL",
    )
    known = {("loan", *step) for step in LOAN.steps} | {("agreement", *step) for step in AGREEMENT.steps}
    assert set(steps) <= known


def test_planting_again_changes_nothing(platform: Platform, brand: str) -> None:
    count = "SELECT count(*), max(created_at) FROM journal_line WHERE brand_id = @"
    before = of(platform, brand, count)
    plant_book(owner_url(platform), BOOK_LOANS, brand_id=brand)
    assert of(platform, brand, count) == before


def _told(platform: Platform, brand_id: str) -> Any:
    return of(
        platform,
        brand_id,
        """SELECT l.id, l.status, l.sanctioned_amount, l.outstanding_amount, c.phone_hash, c.city
        FROM loan l JOIN customer c ON (c.brand_id, c.id) = (l.brand_id, l.customer_id)
        WHERE l.brand_id = @ ORDER BY l.id""",
    )


def test_the_same_seed_gives_the_same_book(platform: Platform) -> None:
    planted(platform, "twice", 30, number=7, until=UNTIL)
    first = _told(platform, "twice")
    assert len(first) == 30
    for table in ("journal_line", "journal_entry"):
        assert of(platform, "twice", f"SELECT count(*) > 0 FROM {table} WHERE brand_id = @") == [(True,)]
    # a life is drawn from its seed and number alone, whoever asked for others before
    told = ("7", Band("A", Decimal("0.75"), Decimal(8)), 22, 3, 1.4)
    assert life(*told) == life.__wrapped__(*told)
    assert Draw("7/twice/0").random() == Draw("7/twice/0").random()


def test_chunks_are_made_side_by_side_and_gone_on_with(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planting, "CHUNK_LOANS", 20)
    planted(platform, "chunks", 20, number=9, until=UNTIL)
    plant_book(owner_url(platform), 55, 9, brand_id="chunks", until=UNTIL)
    numbers = [
        number
        for (number,) in of(platform, "chunks", "SELECT loan_no FROM loan WHERE brand_id = @ ORDER BY 1")
    ]
    assert numbers == [f"CHU-L-{n:06d}" for n in range(1, 56)]
    with brand_scope("chunks"):
        assert sum(ledger.trial_balance().values()) == 0
    assert paid_for(platform, "chunks") > 10


def _rules(platform: Platform) -> list[tuple]:
    """Constraints, indexes, triggers and row-level security of everything."""
    return platform.sql(
        """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated FROM pg_constraint
        UNION ALL SELECT tablename, indexname, indexdef, true FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL SELECT tgrelid::regclass::text, tgname, tgenabled::text, true FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL SELECT relname, 'row-level security', relforcerowsecurity::text, relrowsecurity FROM pg_class
        ORDER BY 1, 2, 3"""
    )


def test_a_large_book_is_written_as_a_whole_and_leaves_every_rule_in_place(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _rules(platform)
    monkeypatch.setattr(planting, "LIFTED_FROM", 20)
    planted(platform, "large", 30, number=11, until=UNTIL)
    assert _rules(platform) == before
    assert len(_told(platform, "large")) == 30
    assert paid_for(platform, "large") > 5
    with brand_scope("large"):
        assert sum(ledger.trial_balance().values()) == 0


def test_a_large_book_that_breaks_off_leaves_nothing(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _rules(platform)
    monkeypatch.setattr(planting, "LIFTED_FROM", 20)
    monkeypatch.setattr(writing, "_UNBALANCED", "SELECT %s")
    with pytest.raises(ValueError, match="out of balance"):
        planted(platform, "broken", 30, number=12, until=UNTIL)
    assert _rules(platform) == before
    assert _told(platform, "broken") == []


def test_what_makes_no_book_is_refused(platform: Platform) -> None:
    with pytest.raises(Invalid, match="seed: from 0 to"):
        plant_book(owner_url(platform), 5, 5_000)
    with pytest.raises(NotFound):
        plant_book(owner_url(platform), 5, brand_id="nosuchbrand")
    with platform.set(environment="production"), pytest.raises(Conflict, match="not for production"):
        plant_book(owner_url(platform), 5)
    with pytest.raises(ValueError, match="loans: from 1 to"):
        Shape(0)


def test_nobody_has_the_phone_or_pan_of_another() -> None:
    for number_of in (phone_of, pan_of):
        assert len({number_of(seed, n) for seed in range(3) for n in range(4_000)}) == 12_000


def _lives(tier: str) -> list[Life]:
    band = Band(tier, Decimal("0.90"), Decimal(10))
    return [life("test", band, days, number, 2.5) for days in (14, 30) for number in range(0, 120, 6)]


@pytest.mark.parametrize("tier", ["A", "D"])
def test_lives_end_with_nothing_owed_or_something(tier: str) -> None:
    for lived in _lives(tier):
        assert lived.net + lived.fee + lived.gst == lived.amount
        owed = lived.owed(400, len(lived.steps))
        assert owed == Decimal(0) if lived.steps and not lived.steps[-1].left else owed > 0


def test_lives_end_in_every_way():
    ends = {lived.steps[-1].event.kind for tier in "ABCD" for lived in _lives(tier)}
    assert ends >= {Kind.PAYMENT, Kind.SETTLEMENT, Kind.WRITE_OFF}
