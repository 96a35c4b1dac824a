"""The people of a book: who they are, how they came, what was checked of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from app.core import names
from app.core.crypto import lookup_hash
from app.seed.book.draw import Draw, Weighted
from app.seed.book.evidence import evidence

CONTENT: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("people.yaml").read_text(encoding="utf-8"))

# Each seed has phones and PANs of its own, and each person of a seed: multiplying by a prime scatters the numbers.
PEOPLE_MAX = 20_000_000
_PHONES, _PHONE_STEP = 4_000_000_000, 1_234_567_891
# people who are alike come so far apart
_APART_S = 600
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PANS, _PAN_STEP = 26**5 * 10_000, 7_919_000_003


@dataclass(frozen=True)
class Source:
    """How somebody came."""

    source: str | None
    medium: str | None
    campaign: str | None
    channel: str

    @property
    def utm(self) -> dict[str, str]:
        told = {"source": self.source, "medium": self.medium, "campaign": self.campaign}
        return {name: value for name, value in told.items() if value}


@dataclass(frozen=True)
class Person:
    """Somebody who gave a phone on `came_at`."""

    id: str
    name: str
    gender: str
    dob: date
    phone: str
    pan: str
    last4: str
    aadhaar: str
    address: dict[str, str]
    salary: int
    salary_day: int
    employer: str
    designation: str
    joined_on: date
    account: str
    ifsc: str
    score: int | None
    source: Source
    came_at: datetime
    evidence: Mapping[str, Any]

    @property
    def father(self) -> str:
        names = CONTENT["first_names"]["M"]
        return f"{names[int(self.last4) % len(names)]} {self.name.rpartition(' ')[2]}".upper()

    @property
    def marital_status(self) -> str:
        is_young = (self.came_at.date() - self.dob).days < 28 * 365
        return "SINGLE" if is_young or self.last4 < "1000" else "MARRIED"

    @property
    def permanent_residence(self) -> str:
        return "OWNED" if self.last4 > "3000" else "RENTED"

    @property
    def current_address(self) -> dict[str, str]:
        """Where they live: for as long as they have their work, in a house that they rent if they came for it."""
        home = "RENTED" if self.last4 > "4500" else self.permanent_residence
        return self.address | {"residence": home, "residing_since": self.joined_on.isoformat()}

    @property
    def email(self) -> str:
        first, _, last = self.name.lower().partition(" ")
        return f"{first}.{last}.{self.phone[-5:]}@mail.example"

    @property
    def device(self) -> str:
        """What they came with: by the last digits of their phone, which are anyhow."""
        return _devices()[int(self.phone[-2:])]


@cache
def _devices() -> list[str]:
    return [device for device, percent in CONTENT["devices"].items() for _ in range(percent)]


@cache
def weighted(kind: str) -> Weighted[Any]:
    """A list of the content whose rows end with their weight."""
    return Weighted(*((tuple(row[:-1]), row[-1]) for row in CONTENT[kind]))


@cache
def workplace(employer: str) -> tuple[dict[str, str], str]:
    """The address and the phone of an employer."""
    number = CONTENT["employers"].index(employer)
    city, state, pin, _ = CONTENT["cities"][number % len(CONTENT["cities"])]
    at = {"house": f"Tower {number + 1}", "street": "Industrial Estate", "town": city, "state": state}
    return at | {"pincode": f"{pin}001"}, f"80{26_000_000 + number:08d}"


@cache
def reasons(stage: str) -> Weighted[str]:
    """The reasons with which a stage rejects."""
    return Weighted(*CONTENT["rejections"][stage])


def phone_of(seed: int, number: int) -> str:
    """The phone of the person of that number: ten digits, of nobody else."""
    return str(6_000_000_000 + (seed * PEOPLE_MAX + number) * _PHONE_STEP % _PHONES)


def pan_of(seed: int, number: int) -> str:
    """Their PAN: that of a person, which no sandbox persona has."""
    rest, digits = divmod((seed * PEOPLE_MAX + number) * _PAN_STEP % _PANS, 10_000)
    letters = []
    for _ in range(5):
        rest, place = divmod(rest, 26)
        letters.append(_LETTERS[place])
    return f"{''.join(letters[:3])}P{letters[3]}{digits:04d}{letters[4]}"


def person(alike: Draw, draw: Draw, seed: int, number: int, came_on: date) -> Person:
    """The person of that number, who came on a day. What is decided by is drawn from `alike`, what is theirs alone from
    `draw`."""
    came_at = alike.instant(came_on) + timedelta(seconds=draw.randint(-_APART_S, _APART_S))
    city, state, pin = alike.one_of(weighted("cities"))
    salary = int(alike.lognormvariate(10.75, 0.36)) // 500 * 500
    score = None if alike.random() < 0.04 else round(min(860, max(520, alike.gauss(705, 52))))
    gender = "F" if draw.random() < 0.29 else "M"
    return Person(
        id=draw.id(came_at),
        name=f"{draw.choice(CONTENT['first_names'][gender])} {draw.choice(CONTENT['last_names'])}".upper(),
        gender=gender,
        dob=came_on - timedelta(days=alike.randint(22 * 365, 52 * 365)),
        phone=phone_of(seed, number),
        pan=pan_of(seed, number),
        last4=draw.digits(4),
        aadhaar=f"{2 + draw.randrange(8)}{draw.digits(11)}",
        address={
            "house": str(draw.randint(1, 240)),
            "street": draw.choice(("MG Road", "Station Road", "Gandhi Nagar", "Ring Road", "Park Street")),
            "town": city,
            "state": state,
            "pincode": f"{pin}{alike.digits(3)}",
        },
        salary=salary,
        salary_day=draw.choice((1, 1, 1, 5, 7, 10, 28, 30)),
        employer=draw.choice(CONTENT["employers"]),
        designation=draw.choice(CONTENT["designations"]),
        joined_on=came_on - timedelta(days=alike.randint(60, 3_000)),
        account=draw.digits(12),
        ifsc=draw.choice(CONTENT["ifscs"]),
        score=score,
        source=Source(*draw.one_of(weighted("sources"))),
        came_at=came_at,
        evidence=evidence(alike.story, salary, score),
    )


def hashes(one: Person, brand_id: str) -> dict[str, str]:
    """What this person is found and compared by in a brand, as the domains that keep it reckon it."""
    said = "|".join((one.last4, one.name.replace(" ", ""), one.dob.isoformat()))
    return {
        "phone": lookup_hash("phone", one.phone),
        "email": lookup_hash("email", one.email),
        "pan": lookup_hash("pan", one.pan),
        "aadhaar": lookup_hash("aadhaar", one.aadhaar),
        "identity": lookup_hash("identity", said),
        "name": names.as_array(one.name, brand_id),
    }
