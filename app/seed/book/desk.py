"""What a book is made with: its rows so far, chance, the brand's keys and people, and the moment at which it ends."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from app.core import crypto
from app.core.identity import Role
from app.seed.book.draw import Draw
from app.seed.book.judging import Judge
from app.seed.book.tables import Rows

Seal = Callable[[str, str], str]


@dataclass(frozen=True)
class Brand:
    """A brand as a book needs it. `staff` are ids by role."""

    id: str
    staff: Mapping[Role, Sequence[str]]
    payments_by: str
    payouts_by: str
    bureau: str
    affiliates: Mapping[str, str]
    city_tiers: Mapping[str, str]
    senders: Mapping[str, str]

    @cached_property
    def seal(self) -> Seal:
        """Encrypts a text for a place."""
        return crypto.sealer(self.id)


@dataclass
class Desk:
    """One chunk of a book while it is made.

    `draw` is the chance of what is made now: of people who are `alike` the same for each of them. Ids and staff are
    drawn from `own`, whoever it is.
    """

    brand: Brand
    own: Draw
    judge: Judge
    seed: int
    now: datetime
    payments: float
    rows: Rows
    sealed_once: dict[str, str] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.draw, self.id = self.own, self.own.id

    @contextmanager
    def alike(self, story: str) -> Iterator[None]:
        """Draw what is told under that name: the same for everybody of whom it is told."""
        self.draw = Draw(story)
        yield
        self.draw = self.own

    @cached_property
    def people(self) -> list[str]:
        """Everybody of the staff, in an order that stays."""
        return sorted({person for people in self.brand.staff.values() for person in people})

    def one_of(self, role: Role) -> str:
        """Somebody with this role, else the system."""
        people = self.brand.staff.get(role)
        return self.own.choice(people) if people else "system"

    def same(self, text: str, place: str) -> str:
        """The ciphertext of a text that many rows share."""
        key = f"{place}|{text}"
        if key not in self.sealed_once:
            self.sealed_once[key] = self.brand.seal(text, place)
        return self.sealed_once[key]
