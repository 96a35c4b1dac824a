"""The book that reports are recounted over: what planting makes, and what happens to few loans in years."""

from datetime import date, timedelta
from decimal import Decimal

from app.brands import service as brands
from app.closure import service as closure
from app.collections.legal import suits
from app.core import clock, identity
from app.core.clock import today
from app.core.identity import Role
from app.core.ids import new_id
from app.ledger import service as ledger
from app.ledger.events import Kind, Part
from app.loans import service as loans
from app.loans.models import Loan
from app.payments import booking
from app.payments.models import PaymentCollectionTransaction, SuspenseItem
from app.payments.reversals import service as reversals
from app.payments.suspense import service as suspense
from tests.books import planted
from tests.lending import at_work
from tests.platform import Platform

BRAND = "recounted"
TODAY = today()


def make_book(platform: Platform) -> None:
    """A planted book of a brand of its own, with what planting leaves out: loans that wait for the payout,
    contacts of today, somebody who signed in. Made by the first who asks."""
    if brands.exists(BRAND):
        return
    planted(platform, BRAND, number=6)
    _let_wait(platform)
    _contact(platform)
    _give_up(platform)
    _come_back(platform)
    _repay(platform)
    platform.sql(_CAMPAIGNS, BRAND)
    _accrue()
    for role in (Role.ADMIN, Role.COLLECTION_HEAD, Role.COLLECTION_MANAGER):
        platform.staff(role, BRAND).get("/loans")


def _let_wait(platform: Platform) -> None:
    """Some of the rejected were sanctioned and signed instead."""
    chosen = platform.sql(
        "UPDATE loan SET status = 'APPROVED', agreement_status = 'SIGNED', sanctioned_amount = applied_amount,"
        " net_disbursal = applied_amount WHERE id IN (SELECT DISTINCT ON (customer_id) l.id FROM loan l"
        " WHERE brand_id = %s AND status = 'REJECTED' AND NOT EXISTS (SELECT FROM loan o WHERE o.id <> l.id"
        " AND o.customer_id = l.customer_id) ORDER BY customer_id LIMIT 4) RETURNING id",
        BRAND,
    )
    unsigned = chosen[-1]
    platform.sql("UPDATE loan SET agreement_status = 'SENT' WHERE id = %s RETURNING id", *unsigned)
    for (loan_id,) in chosen:
        for state in ("SANCTION_MANAGER_APPROVED", "APPROVED"):
            platform.sql(
                "INSERT INTO state_change (brand_id, id, entity, entity_id, from_state, to_state, actor_id, actor_role)"
                " VALUES (%s, %s, 'loan', %s, 'CREDIT_EXECUTIVE_APPROVED', %s, 'test', 'ADMIN')",
                BRAND,
                str(new_id()),
                str(loan_id),
                state,
            )
    for (loan_id,) in chosen[:-1]:
        platform.sql(_SIGNED, str(new_id()), str(loan_id), BRAND)


_SIGNED = """INSERT INTO state_change (brand_id, id, entity, entity_id, from_state, to_state, actor_id, actor_role)
SELECT brand_id, %s, 'agreement', id, 'SENT', 'SIGNED', 'system', 'SYSTEM' FROM loan WHERE id = %s AND brand_id = %s"""

_CONTACTED = """WITH held AS (
  SELECT l.*, a.partner_user_id AS who, row_number() OVER (ORDER BY l.id) AS n FROM loan l
  JOIN loan_allotted_partner_user a ON a.loan_id = l.id AND a.is_active AND a.kind = 'COLLECTION'
  WHERE l.brand_id = %s AND NOT EXISTS (SELECT FROM promise_to_pay p WHERE p.loan_id = l.id)),
promised AS (
  INSERT INTO promise_to_pay (brand_id, id, loan_id, customer_id, status, amount, due_on, mode, made_by, made_on)
  SELECT brand_id, gen_random_uuid(), id, customer_id, 'OPEN', 500, %s, 'UPI', who::text, %s FROM held WHERE n <= 3),
visited AS (
  INSERT INTO field_visit (brand_id, id, loan_id, customer_id, status, visit_type, reason, requested_by,
    partner_user_id, ended_at, distance_km, outcome, met_whom, amount_collected)
  SELECT brand_id, gen_random_uuid(), id, customer_id, 'ENDED', 'RESIDENCE', 'no answer', who::text, who, now(), n,
    'PAID', 'BORROWER', n * 100 FROM held WHERE n <= 3)
INSERT INTO disposition (brand_id, id, loan_id, customer_id, code, contact_party, channel, remark, days_past_due,
  author_id, author_role)
SELECT brand_id, gen_random_uuid(), id, customer_id, CASE WHEN n <= 4 THEN 'PTP' ELSE 'BUSY' END, 'BORROWER', 'CALL',
  'said ' || n, n, who::text, 'COLLECTION_EXECUTIVE' FROM held WHERE n <= 5"""


# what affiliates brought comes of three campaigns
_CAMPAIGNS = """UPDATE click SET utm_campaign = n.name FROM (
  SELECT id, concat(utm_campaign, '-', mod(row_number() OVER (ORDER BY id), 3)) AS name FROM click
  WHERE brand_id = %s AND affiliate_id IS NOT NULL) n WHERE click.id = n.id"""


def _contact(platform: Platform) -> None:
    """Some customers were called, some promised, some were visited."""
    platform.sql(_CONTACTED, BRAND, TODAY + timedelta(days=3), TODAY)


def _give_up(platform: Platform) -> None:
    """Of the late loans one was charged and let off some of it, one was settled, and one written off; of that some
    came back."""
    with at_work(BRAND, Role.COLLECTION_HEAD):
        late = Loan.select().where(Loan.status == "OVERDUE", Loan.due_date < TODAY - timedelta(days=3))
        charged, settled, lost = late.order_by(Loan.due_date.desc()).limit(3)
        ledger.charge(charged, Kind.PENAL_CHARGE, Decimal(400), TODAY, "late", gst=Decimal(72))
        for part, amount in ((Part.PENAL, 150), (Part.INTEREST, 60)):
            ledger.waive(charged, part, Decimal(amount), TODAY, f"waived:{part}")
        ledger.settle(settled, TODAY, "settled")
        closure.end_in(settled, "SETTLED")
        ledger.write_off(lost, TODAY, "lost")
        closure.end_in(lost, "WRITE_OFF")
        booking.book(lost.locked(), _received("came-back", 250))
        for loan in (charged, lost):
            suit = suits.file(loan.id, "City Civil Court", loan.loan_no, TODAY - timedelta(days=1))
        suits.end(suit.id, TODAY, "decreed")
    for loan, kind in ((settled, "SETTLEMENT"), (lost, "WRITE_OFF")):
        platform.sql(_CONCEDED, f"{kind} it is", kind, BRAND, loan.loan_no)


def _come_back(platform: Platform) -> None:
    """Of some loans it was told late that they had been repaid; a payment was taken back in part, and of another what
    was too much went back, and on to another loan."""
    platform.sql(
        "UPDATE loan SET repaid_on = (closed_at AT TIME ZONE 'Asia/Kolkata')::date - 8 WHERE id IN (SELECT id FROM loan"
        " WHERE brand_id = %s AND status = 'COMPLETED' AND closed_at > disbursed_at + interval '20 days' LIMIT 9)",
        BRAND,
    )
    with at_work(BRAND, Role.COLLECTION_HEAD):
        running = Loan.select().where(Loan.disbursed_at.is_null(False), Loan.closed_at.is_null())
        bounced, generous = running.order_by(Loan.due_date).limit(2)
        booking.book(bounced, _received("bounced", 1_000))
        payment = PaymentCollectionTransaction.get(provider_payment_id="bounced")
        reversals.take_back(reversals.lock(payment), Decimal(400), "gone", "disputed")
        owed = ledger.outstanding_as_of(generous.id, TODAY).total
        left = booking.book(generous, _received("generous", owed + 70))
        booking.conclude(generous, owed + 70, left)
        with identity.acting(identity.SYSTEM):
            loans.move(generous.id, "COMPLETED", closed_at=clock.now(), repaid_on=TODAY)
        ledger.refund(generous, Decimal(50), TODAY, "sent-back")
        left_over = SuspenseItem.get(SuspenseItem.loan_id == generous.id)
        left_over.change(amount=Decimal(20))
    with at_work(BRAND, Role.ADMIN):
        suspense.place(left_over.id, bounced.id, "Meant for this one.")


def _repay(platform: Platform) -> None:
    """Of a late loan the last was paid the day before yesterday, and its certificate is not made yet."""
    on = TODAY - timedelta(days=2)
    with at_work(BRAND):
        late = (
            Loan.select().where(Loan.status == "OVERDUE", Loan.due_date < on).order_by(Loan.due_date.desc())
        )
        loan = next(one for one in late if max(event.on for event in ledger.events_of(one.id)) < on)
        owed = ledger.outstanding_as_of(loan.id, on).total
        left = booking.book(loan, _received("the-last", owed, on))
        booking.conclude(loan, owed, left)
    platform.sql("DELETE FROM outbox WHERE args ->> 'loan_id' = %s RETURNING id", str(loan.id))


def _accrue() -> None:
    """The interest until today is booked, as at the end of a day: the journal alone says what is owed."""
    with at_work(BRAND):
        for loan in Loan.select().where(Loan.disbursed_at.is_null(False), Loan.closed_at.is_null()):
            ledger.accrue(loan, TODAY)


def _received(payment_id: str, amount: Decimal | int, on: date = TODAY) -> booking.Received:
    at = clock.now()
    return booking.Received("razorpay", payment_id, Decimal(amount), at, on, "upi", f"UTR-{payment_id}")


_CONCEDED = """INSERT INTO concession (brand_id, id, loan_id, customer_id, kind, status, amount, waived, total_due,
  days_past_due, authority, ruleset_hash, reason, proposed_by, decided_by)
SELECT brand_id, gen_random_uuid(), id, customer_id, k.kind, 'DONE', CASE WHEN k.kind = 'SETTLEMENT' THEN 1 END, '{}',
  1, 9, 'HEAD', '', %s, 'a', 'b' FROM loan, (SELECT %s AS kind) k WHERE brand_id = %s AND loan_no = %s"""
