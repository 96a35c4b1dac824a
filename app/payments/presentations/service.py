"""Mandates are presented: announced the day before, debited on the day, and what a return costs and leads to."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from peewee import IntegrityError, fn

from app.brands import service as brands
from app.core import clock, identity
from app.core.database import current_brand, db
from app.core.errors import Conflict, Invalid
from app.core.ids import new_id
from app.core.money import ZERO, rupees
from app.core.outbox import enqueue
from app.core.share import Share
from app.ledger import service as ledger
from app.loans import service as loans
from app.loans.service import Loan
from app.mandates import debits
from app.mandates.service import EMANDATE, Mandate
from app.messaging import service as messaging
from app.payments import bounces
from app.payments.models import MandatePresentation, PaymentRequest
from app.payments.presentations import nach
from app.payments.presentations.nach import NEVER_AGAIN, Action
from app.payments.states import (
    FAILED,
    PAYMENT,
    PENDING,
    PRESENTATION,
    PRESENTED,
    PROCESSING,
    RETURNED,
    SUCCESS,
)
from app.providers import ProviderRejected, money
from reports.balance import balance

CHANNEL = PURPOSE = "MANDATE"
# How a debit reaches the customer's bank, and who then is its provider where no gateway stands between.
GATEWAY, FILE = "GATEWAY", "FILE"
BANK = "nach"
LESS_OWED = "Less is owed than was announced."
_RUNNING = ("ACTIVE", "PARTIALLY_PAID", "OVERDUE")
# A debit is announced 24 hours before at the latest (RBI, e-mandates on recurring transactions).
NOTICE = timedelta(days=1)
# A bank answers the day after, or the one after that; then the gateway is asked.
_ANSWER = timedelta(days=3)
# How long after its due date a loan is still planned for by itself, where a day was missed.
_CATCHES_UP = timedelta(days=7)
# The newest mandate of each loan that may be debited on the day, as `debits.debitable` finds it for one, once each.
_FIRST = """
    INSERT INTO mandate_presentation (brand_id, id, loan_id, mandate_id, attempt, status, present_on, amount, channel)
    SELECT l.brand_id, uuidv7(), l.id, m.id, (
        SELECT coalesce(max(p.attempt), 0) + 1 FROM mandate_presentation p
        WHERE p.brand_id = l.brand_id AND p.loan_id = l.id
      ), %(status)s, %(on)s, least(b.principal + b.interest + b.penal + b.charge, m.amount_max),
      CASE WHEN %(files)s AND m.method = %(emandate)s AND m.umrn_enc IS NOT NULL THEN 'FILE' ELSE 'GATEWAY' END
    FROM loan l
    JOIN mandate m ON m.brand_id = l.brand_id AND m.loan_id = l.id AND m.status = 'ACTIVE' AND m.valid_until >= %(on)s
    CROSS JOIN LATERAL ({owed}) b
    WHERE l.brand_id = %(brand)s AND {among} AND l.status = ANY(%(running)s)
      AND l.due_date BETWEEN %(from)s AND %(on)s AND b.principal + b.interest + b.penal + b.charge > 0
      AND NOT EXISTS (SELECT FROM mandate n WHERE n.brand_id = l.brand_id AND n.loan_id = l.id AND n.id > m.id)
      AND NOT EXISTS (
        SELECT FROM mandate_presentation p
        WHERE p.brand_id = l.brand_id AND p.loan_id = l.id AND p.mandate_id = m.id)
    ON CONFLICT DO NOTHING RETURNING id"""


def plan(loan_id: UUID | str, present_on: date, amount: Decimal | None = None) -> MandatePresentation:
    """Present the loan's mandate on a day, from the day after tomorrow on, for `amount` at most.

    Raises Conflict where the loan does not run, has no mandate to debit or one that its bank returned for good, or one
    presentation is open or as many were made as the brand allows; Invalid for a day that is too early.
    """
    loan = loans.get(loan_id).locked()
    if loan.status not in _RUNNING:
        raise Conflict(f"The loan is {loan.status}.", code="NOT_RUNNING")
    if present_on < clock.today() + 2 * NOTICE:
        told = "From the day after tomorrow on: it is announced tomorrow morning."
        raise Invalid(told, field="present_on", code="TOO_EARLY")
    mandate = debits.debitable(loan.id, present_on)
    if mandate is None:
        raise Conflict("The loan has no mandate to debit on that day.", code="MANDATE_NOT_LIVE")
    return _plan(loan, mandate, present_on, amount)


def _plan(
    loan: Loan, mandate: Mandate, present_on: date, amount: Decimal | None = None
) -> MandatePresentation:
    if _is_used_up(mandate):
        raise Conflict("It was presented as often as the brand allows.", code="PRESENTATIONS_USED_UP")
    if _is_refused(mandate):
        raise Conflict("Its bank returned it for good: it takes another mandate.", code="NEVER_AGAIN")
    owed = ledger.outstanding_as_of(loan.id, present_on).total
    try:
        with db.atomic():
            presentation = MandatePresentation.create(
                loan_id=loan.id,
                mandate_id=mandate.id,
                attempt=_attempts(loan.id) + 1,
                status=PRESENTATION.initial,
                present_on=present_on,
                amount=_debited(owed, mandate, amount),
                asked_amount=amount,
                channel=_channel(mandate),
            )
    except IntegrityError:
        raise Conflict("A presentation of this loan is open.", code="PRESENTATION_OPEN") from None
    PRESENTATION.start(presentation)
    return presentation


def _debited(owed: Decimal, mandate: Mandate, asked: Decimal | None) -> Decimal:
    return min(owed, mandate.amount_max, owed if asked is None else asked)


def _is_refused(mandate: Mandate) -> bool:
    mine = MandatePresentation.mandate_id == mandate.id, MandatePresentation.status == RETURNED
    return MandatePresentation.select().where(*mine, MandatePresentation.action.in_(NEVER_AGAIN)).exists()


def _policy() -> dict:
    return brands.settings()["repayment"]


def _attempts(loan_id: UUID) -> int:
    mine = MandatePresentation.loan_id == loan_id
    return MandatePresentation.select(fn.MAX(MandatePresentation.attempt)).where(mine).scalar() or 0


def _is_used_up(mandate: Mandate) -> bool:
    mine = MandatePresentation.loan_id == mandate.loan_id, MandatePresentation.mandate_id == mandate.id
    return MandatePresentation.select().where(*mine).count() >= _policy()["presentations_max"]


def _channel(mandate: Mandate) -> str:
    by_file = _policy()["nach"] and mandate.method == EMANDATE and mandate.umrn
    return FILE if by_file else GATEWAY


def reference_of(loan: Loan, presentation: MandatePresentation) -> str:
    """What a debit by file is called at the bank: 30 letters and digits at most."""
    return f"{loan.loan_no.replace('-', '')}P{presentation.attempt}"


def of_loan(loan_id: UUID | str) -> list[MandatePresentation]:
    """Every presentation of a loan, newest first."""
    mine = MandatePresentation.loan_id == loans.get(loan_id).id
    return list(MandatePresentation.select().where(mine).order_by(MandatePresentation.attempt.desc()))


def plan_due(on: date, share: Share) -> int:
    """Plan the first presentation, on a day, of every loan of a share that is due by then and has a mandate; how many.
    Doing it twice plans once. A day that can be announced no more is left alone: a later one takes its loans along."""
    if on < clock.today() + NOTICE:
        return 0
    values = {
        "on": on,
        "from": on - _CATCHES_UP,
        "running": list(_RUNNING),
        "status": PRESENTATION.initial,
        "brand": current_brand(),
        "files": _policy()["nach"] is not None,
        "emandate": EMANDATE,
        **share.values,
    }
    query = _FIRST.format(among=share.sql("l.customer_id"), owed=balance("%(on)s::date"))
    planned = [row[0] for row in db.execute_sql(query, values).fetchall()]
    PRESENTATION.start_all(planned)
    return len(planned)


def waiting(upto: date) -> list[MandatePresentation]:
    """Those that are to be announced, or debited, by a day, oldest first."""
    due = MandatePresentation.status == PENDING, MandatePresentation.present_on <= upto
    return list(MandatePresentation.select().where(*due).order_by(MandatePresentation.id))


def announce(presentation_id: UUID | str) -> None:
    """Tell the gateway and the customer of the debit, with the amount that is owed on its day. Raises ProviderError."""
    presentation = _in_hand(presentation_id)
    if presentation is None or presentation.status != PENDING or presentation.payment_request_id:
        return
    loan, mandate = loans.get(presentation.loan_id), Mandate.find(presentation.mandate_id)
    owed = ledger.outstanding_as_of(loan.id, presentation.present_on).total
    if not owed or debits.debitable(loan.id, presentation.present_on) is None:
        PRESENTATION.move(presentation, FAILED, remark="Nothing is owed, or there is no mandate any more.")
        return
    by_file = presentation.channel == FILE
    if by_file and presentation.present_on <= clock.today():
        PRESENTATION.move(presentation, FAILED, remark="It was announced too late for the file of its day.")
        return
    amount = rupees(_debited(owed, mandate, presentation.asked_amount))
    request_id = new_id()
    order_id = None if by_file else debits.prepare(mandate, amount, str(request_id))
    request = PaymentRequest.create(
        id=request_id,
        loan_id=loan.id,
        status=PAYMENT.initial,
        amount=amount,
        provider=BANK if by_file else mandate.provider,
        channel=CHANNEL,
        purpose=PURPOSE,
        provider_order_id=order_id,
        reference=reference_of(loan, presentation) if by_file else str(request_id),
        requested_by=identity.actor().id,
    )
    PAYMENT.start(request)
    presentation.locked().change(payment_request_id=request.id, amount=amount)
    messaging.notify(
        loan.customer_id,
        "debit_notice",
        loan_id=loan.id,
        loan_no=loan.loan_no,
        amount=amount,
        on=presentation.present_on,
    )


def _in_hand(presentation_id: UUID | str) -> MandatePresentation | None:
    """The presentation; None while another job asks its gateway: two at once would announce or debit it twice. Whoever
    comes second leaves it, for the job of the first is run again where that dies. Its row is not locked meanwhile: what
    the gateway tells of it would wait."""
    name = f"presentation|{current_brand()}|{presentation_id}"
    lock = "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))"
    return MandatePresentation.find(presentation_id) if db.execute_sql(lock, (name,)).fetchone()[0] else None


def present(presentation_id: UUID | str) -> None:
    """Debit the account, if anything is still owed. Doing it again is the same debit. Raises ProviderError."""
    presentation = _in_hand(presentation_id)
    if presentation is None or presentation.status != PENDING or presentation.payment_request_id is None:
        return
    request = PaymentRequest.find(presentation.payment_request_id)
    if presentation.channel == FILE:
        if presentation.present_on < clock.today():
            give_up(presentation, "It was in no file that went to the bank.")
        return
    mandate = Mandate.find(presentation.mandate_id)
    if clock.now() < request.created_at + NOTICE:
        return  # announced too late for today: the next run debits it
    if ledger.outstanding_as_of(presentation.loan_id, clock.today()).total < request.amount:
        give_up(presentation, LESS_OWED)
        return
    text = f"Repayment of loan {loans.get(presentation.loan_id).loan_no}"
    try:
        told = debits.charge(mandate, request.amount, request.reference, request.provider_order_id, text)
    except ProviderRejected as error:
        give_up(presentation, str(error)[:500])
        return
    # its webhook may have been faster
    request, presentation = request.locked(), presentation.locked()
    if request.status == PENDING:
        PAYMENT.move(request, PROCESSING)
    if presentation.status == PENDING:
        PRESENTATION.move(presentation, PRESENTED, provider_payment_id=told.payment_id)


def give_up(presentation: MandatePresentation, remark: str) -> None:
    """It is not debited, and its request ends. Where something was paid meanwhile, the rest is debited later."""
    if presentation.payment_request_id:
        PAYMENT.move(PaymentRequest.find(presentation.payment_request_id), FAILED, remark=remark)
    PRESENTATION.move(presentation, FAILED, remark=remark)
    if remark == LESS_OWED:
        enqueue("payments.present_rest", loan_id=presentation.loan_id)


def unanswered() -> list[PaymentRequest]:
    """Debits through a gateway whose bank should have answered by now, oldest first."""
    late = MandatePresentation.present_on <= clock.today() - _ANSWER
    same = MandatePresentation.payment_request_id == PaymentRequest.id
    rows = PaymentRequest.select().join(MandatePresentation, on=same)
    is_open = MandatePresentation.status == PRESENTED, PaymentRequest.status == PROCESSING
    by_gateway = MandatePresentation.channel == GATEWAY
    return list(rows.where(late, by_gateway, *is_open).order_by(PaymentRequest.id))


def debits_of(request: PaymentRequest) -> tuple[money.Payment, ...]:
    """What the gateway knows of the debit of a request. Raises ProviderError."""
    presentation = MandatePresentation.get(MandatePresentation.payment_request_id == request.id)
    return debits.known(Mandate.find(presentation.mandate_id), request.reference, request.provider_order_id)


def _of(request: PaymentRequest) -> MandatePresentation | None:
    if request.channel != CHANNEL:
        return None
    mine = MandatePresentation.payment_request_id == request.id
    return MandatePresentation.select().where(mine).for_update().first()


def succeeded(request: PaymentRequest, payment: money.Payment) -> None:
    """The money of a debit came."""
    presentation = _answered(request, payment)
    if presentation is not None and (presentation.status, SUCCESS) in PRESENTATION.steps:
        PRESENTATION.move(presentation, SUCCESS)


def returned(request: PaymentRequest, payment: money.Payment) -> None:
    """The bank returned a debit: the reason is kept, the return charged by the policy, and presented again where that
    may help."""
    presentation = _answered(request, payment)
    if presentation is None or (presentation.status, RETURNED) not in PRESENTATION.steps:
        return
    code = nach.code_of(payment.error_reason, payment.error_description)
    reason = nach.REASONS[code]
    said = payment.error_description or payment.error_reason
    PRESENTATION.move(
        presentation, RETURNED, reason_code=code, remark=said, code=code, reason=said, action=reason.action
    )
    loan = loans.get(presentation.loan_id)
    charged = bounces.charge(loan, str(presentation.id)) if reason.is_charged else ZERO
    messaging.notify(
        loan.customer_id,
        "debit_returned",
        loan_id=loan.id,
        loan_no=loan.loan_no,
        amount=request.amount,
        charge=charged,
    )
    if reason.action is Action.RETRY:
        enqueue("payments.present_again", loan_id=loan.id)


def refused(request: PaymentRequest, payment: money.Payment) -> None:
    """The gateway says of a debit what cannot be booked: asking again does not help, so both end."""
    presentation = _answered(request, payment)
    if (request.locked().status, FAILED) in PAYMENT.steps:
        PAYMENT.move(request, FAILED, remark=payment.error_description)
    if presentation is not None and (presentation.status, FAILED) in PRESENTATION.steps:
        PRESENTATION.move(presentation, FAILED, remark=payment.error_description)


def _answered(request: PaymentRequest, payment: money.Payment) -> MandatePresentation | None:
    presentation = _of(request)
    if presentation is not None and presentation.status == PENDING:
        PRESENTATION.move(presentation, PRESENTED, provider_payment_id=payment.id)
    return presentation


def present_again(loan_id: UUID | str) -> None:
    """Plan the next presentation after a return, while the brand allows one and the mandate is there."""
    _plan_next(loan_id, RETURNED, _policy()["present_again_days"])


def present_rest(loan_id: UUID | str) -> None:
    """The same for what is left, as something was paid between the announcement of a debit and its day."""
    _plan_next(loan_id, FAILED, 0)


def _plan_next(loan_id: UUID | str, after: str, days: int) -> None:
    loan = loans.get(loan_id).locked()
    # the file of the day after tomorrow is the next one that a debit can be announced for
    soonest = 2 if _policy()["nach"] else 1
    on = clock.today() + timedelta(days=max(days, soonest))
    mandate = debits.debitable(loan.id, on)
    newest = next(iter(of_loan(loan.id)), None)
    may = loan.status in _RUNNING and mandate is not None and newest is not None and newest.status == after
    if may and not _is_used_up(mandate) and not _is_refused(mandate):
        _plan(loan, mandate, on)
