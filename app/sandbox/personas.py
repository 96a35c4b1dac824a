"""The people of the sandbox: every twin answers from this one table.

Six people are written down (PEOPLE). Everybody else is derived from their PAN, always the same
way: the first three letters of the PAN choose the persona,

    GOO good_salaried     OVE over_obligated   NTC new_to_credit
    BOU bouncing          MIS name_mismatch    DEA dead_employer     all others good_salaried

and a hash of the PAN gives phone, Aadhaar, UAN and account number. OVEPX0042Z plays
over_obligated under a name of its own. `GET /__sandbox__/personas?pan=OVEPX0042Z` tells who that is.

A phone belongs to the PAN it was last seen with (or was bound to with `POST /__sandbox__/personas`);
a phone, Aadhaar or account number never seen belongs to a good_salaried person derived from it.

Values that make trouble on purpose:

    PAN XXX.......               nobody has this PAN (no EPFO record, no bureau record either)
    PAN ZZZ..####T / E / M / U   the call times out / fails with 500 / answers garbage / is not authorised
    account number 000...        the bank knows no such account (penny drop FAILED)
    account number 999...        the bank takes its time (penny drop PENDING, then SUCCESS)
    Aadhaar OTP 000000           the OTP has expired
    amounts with .91 .92 .93 .94 the webhook is late, sent twice, overtaken by the next, or never sent
"""

import hashlib
import re
import threading
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from stdnum import verhoeff

from app.sandbox.person import NOTHING_DUE, Account, Address, Emi, Enquiry, Movement, Person, Persona, Recent

CREDIT_CARD, PERSONAL, CONSUMER, TWO_WHEELER, SHORT_TERM = "10", "05", "06", "13", "69"
SETTLED = "03"
IFSC = "HDFC0000123"
UNKNOWN_PAN = "XXX"


def _rupees(*amounts: int) -> tuple[Decimal, ...]:
    return tuple(Decimal(amount) for amount in amounts)


def _clean(months: int) -> tuple[str, ...]:
    return (NOTHING_DUE,) * months


def _account(
    account_type: str, opened: int, high: int, balance: int, dpd: Iterable[str], **amounts: int | str
) -> Account:
    """A row of a bureau file; whole rupees."""
    rest = {key: Decimal(value) if key in MONEY else value for key, value in amounts.items()}
    return Account(account_type, opened, Decimal(high), Decimal(balance), tuple(dpd), **rest)


MONEY = {"emi", "overdue", "credit_limit"}

PUNE = Address(
    "Flat 12", "Baner Road", "Baner", "PUNE", "PUNE", "MAHARASHTRA", state_code="27", pincode="411045"
)
DELHI = Address(
    "H No 44", "Ring Road", "Lajpat Nagar", "DELHI", "SOUTH EAST", "DELHI", state_code="07", pincode="110024"
)
KOCHI = Address(
    "House 7", "MG Road", "Ravipuram", "KOCHI", "ERNAKULAM", "KERALA", state_code="32", pincode="682016"
)
BENGALURU = Address(
    "No 221", "100 Feet Road", "Indiranagar", "BENGALURU", "BENGALURU", "KARNATAKA", "29", "560038"
)

GOOD_SALARIED = Persona(
    key="good_salaried",
    gist="score 782, three salaries around 61,000 on day 1, clean",
    pan_prefix="GOO",
    employer="ACME TECHNOLOGIES",
    joined_months_ago=38,
    salary_day=1,
    salaries=_rupees(61500, 60800, 61000, 60000, 60400, 60000),
    monthly_spend=Decimal(32000),
    opening_balance=Decimal(48000),
    score=782,
    emis=(Emi("BAJAJ FINANCE LTD", Decimal(2400), 5),),
    accounts=(
        _account(CREDIT_CARD, 60, 94000, 12400, _clean(36), credit_limit=150000),
        _account(CONSUMER, 14, 45000, 16800, _clean(14), emi=2400),
        _account(PERSONAL, 50, 200000, 0, _clean(24), closed_months_ago=20),
    ),
    enquiries=(Enquiry(45, PERSONAL, Decimal(100000)), Enquiry(430, CONSUMER, Decimal(45000))),
)

OVER_OBLIGATED = Persona(
    key="over_obligated",
    gist="score 560, payday loans, overdue, bounces, EMIs above half the salary",
    pan_prefix="OVE",
    employer="QUICKSHIP LOGISTICS",
    joined_months_ago=20,
    salary_day=5,
    salaries=_rupees(42000, 42000, 41200, 42000, 40800, 42000),
    monthly_spend=Decimal(16000),
    opening_balance=Decimal(6200),
    score=560,
    emis=(
        Emi("TATA CAPITAL LTD", Decimal(9800), 6),
        Emi("CHOLAMANDALAM FIN", Decimal(7400), 7),
        Emi("HERO FINCORP LTD", Decimal(6900), 8),
    ),
    bounces_days_ago=(12, 25, 41, 58, 74),
    payday_credits=(
        Movement("KREDITFAST", Decimal(8000), 4),
        Movement("RUPEEQUICK", Decimal(12000), 9),
        Movement("CASHNOW", Decimal(6000), 15),
        Movement("KREDITFAST", Decimal(9000), 21),
        Movement("PAISAJET", Decimal(5000), 27),
    ),
    gambling=(
        Movement("RUMMYCIRCLE", Decimal(4000), 3),
        Movement("DREAM11", Decimal(2500), 10),
        Movement("RUMMYCIRCLE", Decimal(3500), 18),
        Movement("MY11CIRCLE", Decimal(3000), 40),
        Movement("RUMMYCIRCLE", Decimal(4500), 66),
    ),
    accounts=(
        _account(SHORT_TERM, 2, 12000, 13400, ("030", "000"), overdue=13400),
        _account(SHORT_TERM, 3, 15000, 16900, ("061", "030", "000"), overdue=16900),
        _account(SHORT_TERM, 1, 8000, 8000, ("000",)),
        _account(SHORT_TERM, 1, 10000, 10000, ("000",)),
        _account(SHORT_TERM, 4, 20000, 22500, ("092", "061", "030", "000"), overdue=22500),
        _account(
            PERSONAL, 18, 250000, 168000, ("045", "031", "000", "030", *_clean(14)), emi=9800, overdue=9800
        ),
        _account(TWO_WHEELER, 16, 110000, 61000, ("031", *_clean(15)), emi=6900, overdue=6900),
        _account(
            CREDIT_CARD,
            40,
            61000,
            0,
            ("XXX", "120", "091", "060", *_clean(20)),
            credit_limit=60000,
            written_off=SETTLED,
            closed_months_ago=5,
        ),
    ),
    enquiries=tuple(
        Enquiry(days, SHORT_TERM, Decimal(15000)) for days in (1, 2, 3, 5, 6, 8, 11, 14, 17, 20, 24, 28)
    )
    + tuple(Enquiry(days, PERSONAL, Decimal(50000)) for days in (36, 48, 61, 77)),
)

NEW_TO_CREDIT = Persona(
    key="new_to_credit",
    gist="the bureau has no record, salaries around 45,000",
    pan_prefix="NTC",
    employer="BLUE LEAF RETAIL",
    joined_months_ago=14,
    salary_day=1,
    salaries=_rupees(45200, 45000, 44800, 45000, 44600, 45000),
    monthly_spend=Decimal(26000),
    opening_balance=Decimal(31000),
    score=None,
)

BOUNCING = Persona(
    key="bouncing",
    gist="score 690, four inward bounces in three months",
    pan_prefix="BOU",
    employer="ORBIT FACILITIES",
    joined_months_ago=26,
    salary_day=3,
    salaries=_rupees(52000, 52400, 51800, 52000, 51600, 52000),
    monthly_spend=Decimal(38000),
    opening_balance=Decimal(9000),
    score=690,
    emis=(Emi("HDB FINANCIAL SERVICES", Decimal(5200), 10),),
    bounces_days_ago=(10, 33, 52, 71),
    accounts=(
        _account(PERSONAL, 20, 180000, 96000, _clean(20), emi=5200),
        _account(CREDIT_CARD, 30, 40000, 18000, _clean(30), credit_limit=60000),
    ),
    enquiries=(Enquiry(20, PERSONAL, Decimal(60000)), Enquiry(70, PERSONAL, Decimal(60000))),
)

NAME_MISMATCH = replace(
    GOOD_SALARIED,
    key="name_mismatch",
    gist="clean, but Aadhaar and the bank give another name",
    pan_prefix="MIS",
    other_name="EESHA QURESHI",
)

DEAD_EMPLOYER = replace(
    GOOD_SALARIED,
    key="dead_employer",
    gist="EPFO shows an exit eight months ago, and no salary since",
    pan_prefix="DEA",
    employer="SUNSET TEXTILES",
    joined_months_ago=44,
    left_months_ago=8,
    salaries=_rupees(0, 0, 0, 0, 0, 0),
    monthly_spend=Decimal(14000),
    opening_balance=Decimal(96000),
    score=701,
)

PERSONAS = (GOOD_SALARIED, OVER_OBLIGATED, NEW_TO_CREDIT, BOUNCING, NAME_MISMATCH, DEAD_EMPLOYER)


def _person(
    number: int,
    persona: Persona,
    name: str,
    pan: str,
    born: date,
    gender: str,
    aadhaar: str,
    address: Address,
) -> Person:
    return Person(
        persona,
        name=name,
        pan=pan,
        date_of_birth=born,
        gender=gender,
        phone=f"900000000{number}",
        email=f"{name.lower().replace(' ', '.')}@example.com",
        aadhaar=aadhaar,
        uan=f"10000000000{number}",
        account_number=f"5010000000000{number}",
        ifsc=IFSC,
        address=address,
    )


PEOPLE = (
    _person(1, GOOD_SALARIED, "ASHA VERMA", "ABCPV1234A", date(1990, 1, 1), "female", "234123412346", PUNE),
    _person(
        2, OVER_OBLIGATED, "BHARAT SINGH", "ABCPS2345B", date(1988, 6, 15), "male", "299999000001", DELHI
    ),
    _person(
        3, NEW_TO_CREDIT, "CHITRA NAIR", "ABCPN3456C", date(1998, 3, 20), "female", "399999000009", KOCHI
    ),
    _person(4, BOUNCING, "DEEPAK RAO", "ABCPR4567D", date(1991, 11, 5), "male", "499999000018", BENGALURU),
    _person(5, NAME_MISMATCH, "ESHA KHAN", "ABCPK5678E", date(1993, 8, 9), "female", "599999000026", DELHI),
    _person(
        6, DEAD_EMPLOYER, "FAROOQ ALI", "ABCPA6789F", date(1987, 2, 27), "male", "699999000036", BENGALURU
    ),
)

_BY_PAN = {person.pan: person for person in PEOPLE}
_BY_PREFIX = {persona.pan_prefix: persona for persona in PERSONAS}


def is_nobody(pan: str) -> bool:
    """Whether no twin knows this PAN."""
    return pan.upper().startswith(UNKNOWN_PAN)


def derive(pan: str) -> Person:
    """The person behind a PAN: written down, or made from a hash of it. Always the same."""
    if written := _BY_PAN.get(pan):
        return written
    aadhaar = str(2 + int(_digits("aadhaar1", pan, 1)) % 8) + _digits("aadhaar", pan, 10)
    return Person(
        _BY_PREFIX.get(pan[:3], GOOD_SALARIED),
        name=f"TEST {_letters(pan)}",
        pan=pan,
        date_of_birth=date(1988, 1, 1) + timedelta(days=int(_digits("dob", pan, 4)) % 3650),
        gender="female" if int(_digits("gender", pan, 1)) % 2 else "male",
        phone="7" + _digits("phone", pan, 9),
        email=f"{pan.lower()}@example.com",
        aadhaar=aadhaar + verhoeff.calc_check_digit(aadhaar),
        uan="10" + _digits("uan", pan, 10),
        account_number="5010" + _digits("account", pan, 10),
        ifsc=IFSC,
        address=BENGALURU,
    )


class Directory:
    """Who is meant by a PAN, phone, Aadhaar, UAN, account number or name; remembers who was seen."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pan_of = Recent(entries_max=200_000)
        self._phone_of = Recent(entries_max=50_000)
        for person in PEOPLE:
            self._remember(person)

    def person_for(
        self,
        *,
        pan: str | None = None,
        phone: str | None = None,
        aadhaar: str | None = None,
        uan: str | None = None,
        account_number: str | None = None,
    ) -> Person:
        """The person behind the first identifier given, in this order: PAN, Aadhaar, UAN, account
        number, phone. A PAN and a phone given together belong together from then on."""
        with self._lock:
            if pan and phone:
                self._bind(pan.upper(), _ten_digits(phone))
            if pan:
                return self._person(pan.upper())
            for kind, value in (("aadhaar", aadhaar), ("uan", uan), ("account_number", account_number)):
                if value:
                    return self._found(kind, value)
            if phone:
                return self._found("phone", _ten_digits(phone))
        raise ValueError("nobody is named")

    def person_named(self, name: str) -> Person | None:
        """The person last seen who has this name on their PAN."""
        with self._lock:
            pan = self._pan_of.get(f"name:{name.upper()}")
            return self._person(pan) if pan else None

    def is_known(self, account_number: str) -> bool:
        with self._lock:
            return f"account_number:{account_number}" in self._pan_of

    def _found(self, kind: str, value: str) -> Person:
        key = f"{kind}:{value}"
        pan = self._pan_of.get(key) or _pan_from(value)
        self._pan_of[key] = pan
        return replace(self._person(pan), **{kind: value})

    def _person(self, pan: str) -> Person:
        person = derive(pan)
        self._remember(person)
        phone = self._phone_of.get(pan)
        return replace(person, phone=phone) if phone and pan not in _BY_PAN else person

    def _bind(self, pan: str, phone: str) -> None:
        self._pan_of[f"phone:{phone}"] = pan
        self._phone_of[pan] = phone

    def _remember(self, person: Person) -> None:
        for kind in ("aadhaar", "uan", "account_number", "name"):
            self._pan_of[f"{kind}:{getattr(person, kind)}"] = person.pan
        self._pan_of.setdefault(f"phone:{person.phone}", person.pan)


DIRECTORY = Directory()
person_for = DIRECTORY.person_for


def _digits(purpose: str, key: str, count: int) -> str:
    number = int.from_bytes(hashlib.sha256(f"{purpose}:{key}".encode()).digest())
    return str(number % 10**count).zfill(count)


def _letters(pan: str) -> str:
    """A PAN spelt in letters only: OVEPX0042Z becomes OVEPXAAECZ."""
    return re.sub(r"\d", lambda digit: "ABCDEFGHIJ"[int(digit[0])], pan)


def _pan_from(value: str) -> str:
    fifth, last = (chr(65 + int(_digits(place, value, 6)) % 26) for place in ("fifth", "last"))
    return f"AAAP{fifth}{_digits('pan', value, 4)}{last}"


def _ten_digits(phone: str) -> str:
    return re.sub(r"\D", "", phone)[-10:]
