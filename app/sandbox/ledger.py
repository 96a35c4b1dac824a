"""The bank account of a sandbox person: every transaction of any days, always the same ones.

A persona (see person.py) gives the rhythm: salary, instalments, monthly spending; its bounces, payday
credits and bets stand where the table puts them, days before today. A generator seeded with the PAN and the
month fills in the rest. On the evening of the 26th the balance is set to the persona's opening balance and
a few rupees of the month, by a transfer to or from people and savings, so the account reads the same
whichever days are asked for. The balance is never negative.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_DOWN, Decimal
from random import Random
from zoneinfo import ZoneInfo

from app.sandbox.person import Person, months_before

INDIA = ZoneInfo("Asia/Kolkata")
SETTLING_DAY = 26
SPENDS_A_MONTH = 46
RENT_SHARE = Decimal("0.35")
RETURN_CHARGE = Decimal("590.00")  # 500 and 18 % GST
BALANCE_MIN = Decimal(500)
CASH_EVERY = 23  # one spend in so many is cash from a machine

# Merchant, payment address, IFSC of its bank, and how much of the budget one purchase takes (least, most).
MERCHANTS = (
    ("BIGBASKET", "bigbasket@ybl", "YESB0YBLUPI", 4, 14),
    ("DMART READY", "dmart@hdfcbank", "HDFC0MERUPI", 6, 18),
    ("SWIGGY", "swiggy@icici", "ICIC0DC0099", 2, 7),
    ("ZOMATO", "zomato-order@paytm", "PYTM0123456", 2, 7),
    ("SRI BALAJI STORES", "q81237654@ybl", "YESB0YBLUPI", 1, 5),
    ("FRESH VEG MART", "freshveg@okaxis", "UTIB0000553", 1, 3),
    ("MILK BOOTH 14", "paytmqr2810@paytm", "PYTM0123456", 1, 2),
    ("NAMMA METRO", "metro.rail@sbi", "SBIN0003301", 1, 2),
    ("UBER INDIA", "uber@axisbank", "UTIB0000100", 2, 5),
    ("INDIAN OIL", "indianoil@icici", "ICIC0DC0099", 3, 9),
    ("APOLLO PHARMACY", "apollo247@hdfcbank", "HDFC0MERUPI", 2, 8),
    ("JIO PREPAID", "jio@citibank", "CITI0000003", 3, 4),
    ("AMAZON PAY", "amazonpay@apl", "UTIB0000100", 4, 16),
    ("CITY ELECTRIC", "bescom@billdesk", "HDFC0000499", 5, 12),
)
FAMILY = ("SUNITA DEVI", "MANOJ KUMAR", "REKHA", "ANIL DAS", "KAVITA JOSHI", "IMRAN", "LAKSHMI", "PRAKASH")


@dataclass(frozen=True)
class Transaction:
    """One line of the statement. amount is positive, side CREDIT or DEBIT, balance is the one after it."""

    at: datetime
    amount: Decimal
    side: str
    mode: str
    narration: str
    reference: str
    balance: Decimal


@dataclass(frozen=True)
class _Entry:
    """Something that is about to happen; amount is signed. A must is done, a wish only if it can be paid.

    A settlement is whatever it takes to come to the balance of that day.
    """

    at: datetime
    amount: Decimal
    mode: str
    narration: str
    reference: str
    is_must: bool = True
    is_settlement: bool = False


def transactions(person: Person, start: date, end: date, now: datetime) -> list[Transaction]:
    """What happened from start to end, both included, up to now; oldest first."""
    previous = start.replace(day=1) - timedelta(days=1)
    opened = start if start.day > SETTLING_DAY else previous
    opened = opened.replace(day=SETTLING_DAY)
    entries = [entry for entry in _entries(person, opened, end, now) if entry.at <= now]
    opening = settled_balance(person, opened)
    return [line for line in _post(person, opening, entries) if start <= line.at.date() <= end]


def settled_balance(person: Person, on: date) -> Decimal:
    """What the account holds on the evening of the 26th before or on `on`: the persona's, or enough to show its
    bounces; and a little that is another every month, for nobody's comes back to the same paisa."""
    settled = on if on.day >= SETTLING_DAY else on.replace(day=1) - timedelta(days=1)
    little = Decimal(Random(f"{person.pan}:{settled:%Y-%m}:settled").randrange(1, 9_900)) / 100
    return max(person.persona.opening_balance, _floor(person) + BALANCE_MIN) + little


def _entries(person: Person, opened: date, end: date, now: datetime) -> list[_Entry]:
    """Everything after the settling of the day `opened`, in order."""
    today = now.astimezone(INDIA).date()
    after = datetime.combine(opened, time.max, INDIA)
    entries = [*_occasions(person, today)]
    month = opened.replace(day=1)
    while month <= end:
        entries += _month(person, month, today)
        month = _next_month(month)
    return sorted((entry for entry in entries if after < entry.at), key=lambda entry: entry.at)


def _month(person: Person, month: date, today: date) -> Iterator[_Entry]:
    random = Random(f"{person.pan}:{month:%Y-%m}")
    yield from _salary(person, month, today, random)
    yield from _instalments(person, month)
    yield from _rent(person, month, random)
    yield from _spending(person, month, random)
    yield _settlement(month, random)


def _salary(person: Person, month: date, today: date, random: Random) -> Iterator[_Entry]:
    persona = person.persona
    paid_on = month.replace(day=persona.salary_day)
    amount = _salary_amount(person, paid_on, today)
    if amount:
        for_month = months_before(month, 1 if persona.salary_day <= 10 else 0)
        label = f"{for_month:%b %Y}".upper()
        yield _Entry(
            _at(paid_on, 0, 30),
            amount,
            "FT",
            f"NEFT CR-HDFC0000001-{persona.employer}-{person.kyc_name}-SALARY {label}",
            f"HDFCN{random.randrange(10**11):011}",
        )


def _salary_amount(person: Person, paid_on: date, today: date) -> Decimal:
    """The persona tells the last six salaries, newest first; before them they repeat."""
    latest = today if today.day >= person.persona.salary_day else months_before(today, 1)
    months_ago = (latest.year - paid_on.year) * 12 + latest.month - paid_on.month
    salaries = person.persona.salaries
    return salaries[months_ago % len(salaries)]


def _instalments(person: Person, month: date) -> Iterator[_Entry]:
    for emi in person.persona.emis:
        reference = _mandate(person, emi.lender)
        narration = f"ACH D- {emi.lender}-{reference}"
        yield _Entry(_at(month.replace(day=emi.day), 6, 15), -emi.amount, "OTHERS", narration, reference)


def _rent(person: Person, month: date, random: Random) -> Iterator[_Entry]:
    rent = _whole(person.persona.monthly_spend * RENT_SHARE)
    rrn = _rrn(random)
    narration = f"UPI-RAMESH PATIL-rpatil.homes@oksbi-SBIN0001234-{rrn}-HOUSE RENT {month:%b}".upper()
    yield _Entry(_at(month.replace(day=person.persona.salary_day + 2), 9, 5), -rent, "UPI", narration, rrn)


def _spending(person: Person, month: date, random: Random) -> Iterator[_Entry]:
    """The rest of the monthly budget, in purchases spread over the month."""
    chosen = [random.choice(MERCHANTS) for _ in range(SPENDS_A_MONTH)]
    weights = [random.randint(least, most) for _, _, _, least, most in chosen]
    budget = person.persona.monthly_spend * (1 - RENT_SHARE)
    for number, (merchant, weight) in enumerate(zip(chosen, weights, strict=True)):
        day = month + timedelta(days=random.randrange((_next_month(month) - month).days))
        at = _at(day, random.randint(8, 21), random.randrange(60))
        amount = max(_whole(budget * weight / sum(weights)), Decimal(10))
        make = _cash if number % CASH_EVERY == 0 else _purchase
        yield make(person, at, amount, merchant, _rrn(random))


def _purchase(person: Person, at: datetime, amount: Decimal, merchant: tuple, rrn: str) -> _Entry:
    name, address, ifsc = merchant[:3]
    return _Entry(at, -amount, "UPI", f"UPI-{name}-{address}-{ifsc}-{rrn}-UPI".upper(), rrn, is_must=False)


def _cash(person: Person, at: datetime, amount: Decimal, merchant: tuple, rrn: str) -> _Entry:
    hundreds = max(_whole(amount / 100), Decimal(1)) * 100
    place = person.address.city
    return _Entry(at, -hundreds, "ATM", f"ATW-XXXXXXXXXXXX{rrn[:4]}-S1ANPU02-{place}", rrn, is_must=False)


def _settlement(month: date, random: Random) -> _Entry:
    at = _at(month.replace(day=SETTLING_DAY), 23, 30)
    return _Entry(at, Decimal(0), "UPI", "", _rrn(random), is_settlement=True)


def _occasions(person: Person, today: date) -> Iterator[_Entry]:
    persona = person.persona
    for loan in persona.payday_credits:
        yield _occasion(person, today, loan.days_ago, loan.amount, "CR", loan.party, "LOAN DISBURSAL")
    for bet in persona.gambling:
        yield _occasion(person, today, bet.days_ago, -bet.amount, "DR", bet.party, "ADD CASH")
    for days_ago in persona.bounces_days_ago:
        yield from _bounce(person, today - timedelta(days=days_ago))


def _occasion(
    person: Person, today: date, days_ago: int, amount: Decimal, side: str, party: str, remark: str
) -> _Entry:
    day = today - timedelta(days=days_ago)
    rrn = _rrn(Random(f"{person.pan}:{party}:{day}"))
    narration = f"UPI/{side}/{rrn}/{party}/YESB/{party.lower()}@yesbank/{remark}"
    return _Entry(_at(day, 11, 20), amount, "UPI", narration, rrn)


def _bounce(person: Person, day: date) -> Iterator[_Entry]:
    """An instalment presented, returned the same day under the same words, and the bank's charge for it."""
    emi = min(person.persona.emis, key=lambda emi: emi.amount)
    reference = _mandate(person, emi.lender)
    narration = f"ACH D- {emi.lender}-{reference}"
    yield _Entry(_at(day, 10, 0), -emi.amount, "OTHERS", narration, reference)
    yield _Entry(_at(day, 10, 1), emi.amount, "OTHERS", narration, reference)
    charge = f"ACH DEBIT RETURN CHARGES INCL GST {day:%d%m%y}-{reference}"
    yield _Entry(_at(day, 10, 2), -RETURN_CHARGE, "OTHERS", charge, reference)


def _post(person: Person, balance: Decimal, entries: list[_Entry]) -> Iterator[Transaction]:
    """Run the account: a wish that cannot be paid is not made, a must that cannot be paid finds help."""
    floor = _floor(person)
    for entry in entries:
        for line in _made(person, entry, balance, floor):
            balance += line.amount
            yield _transaction(line, balance)


def _made(person: Person, entry: _Entry, balance: Decimal, floor: Decimal) -> Iterator[_Entry]:
    """The lines that an entry comes to, given the balance before it."""
    after = balance + entry.amount
    if entry.is_settlement:
        over = after - settled_balance(person, entry.at.date())
        yield from (_put_aside(person, entry, over) if over > 0 else _help(entry, -over))
    elif entry.is_must:
        yield from _help(entry, -after)
        yield entry
    elif after >= floor:
        yield entry


def _put_aside(person: Person, entry: _Entry, excess: Decimal) -> Iterator[_Entry]:
    narration = f"IB FUNDS TRANSFER DR-5010XXXXXX{entry.reference[:4]}-SAVINGS {person.kyc_name}"
    yield _Entry(entry.at, -excess, "FT", narration, entry.reference)


def _help(entry: _Entry, missing: Decimal) -> Iterator[_Entry]:
    """What is missing, from two people, never in the same parts: it must not look like a salary."""
    if missing <= 0:
        return
    random = Random(f"{entry.at}:{entry.reference}")
    part = _whole(missing * random.randint(15, 85) / 100) + 1
    for amount, name in zip((part, missing - part), random.sample(FAMILY, 2), strict=True):
        rrn = _rrn(random)
        if amount > 0:
            yield _Entry(entry.at, amount, "UPI", f"UPI-{name}-{rrn[:10]}@UPI-SBIN0000300-{rrn}-UPI", rrn)


def _transaction(entry: _Entry, balance: Decimal) -> Transaction:
    side = "CREDIT" if entry.amount > 0 else "DEBIT"
    return Transaction(
        entry.at, abs(entry.amount), side, entry.mode, entry.narration, entry.reference, balance
    )


def _floor(person: Person) -> Decimal:
    """Spending stops here, so that a returned instalment does not show a negative balance."""
    persona = person.persona
    if not persona.bounces_days_ago:
        return BALANCE_MIN
    return min(emi.amount for emi in persona.emis) + RETURN_CHARGE


def _at(day: date, hour: int, minute: int) -> datetime:
    return datetime.combine(day, time(hour, minute), INDIA)


def _next_month(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)


def _whole(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal(1), ROUND_DOWN)


def _rrn(random: Random) -> str:
    """Twelve digits, as a payment over UPI or IMPS has."""
    return f"{random.randrange(4 * 10**11, 7 * 10**11)}"


def _mandate(person: Person, lender: str) -> str:
    """The reference of a debit mandate: the same every month."""
    return f"{Random(f'{person.pan}:{lender}').randrange(10**10):010}"
