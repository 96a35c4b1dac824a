"""What a reader takes out of a table, before it is decided what came in and what went out."""

import re
from dataclasses import dataclass, field

from pipelines.statements.headers import AMOUNT, BALANCE, CREDIT, DEBIT
from pipelines.statements.values import Money

MOVED = (DEBIT, CREDIT, AMOUNT)

OPENING = re.compile(
    r"\W*(?:opening bal(?:ance)?|op(?:\.|ening)? ?bal(?:ance)?|bal(?:ance)? ?b/?f|balance brought forward"
    r"|brought forward"
    r"|b/?f\b|balance forward|opening\b|balance b/fwd|b/fwd)",
    re.IGNORECASE,
)  # fmt: skip
CARRIED = re.compile(
    r"\W*(?:closing bal(?:ance)?|cl(?:\.|osing)? ?bal(?:ance)?|bal(?:ance)? ?c/?f|carried forward|c/?f\b|c/fwd"
    r"|(?:sub|page|grand|transaction|statement|account)? ?totals?\b|total (?:debit|credit|withdrawal|deposit))",
    re.IGNORECASE,
)
# Where a page says something that belongs to no row.
STOP = re.compile(
    r"^\W*(?:page(?: no\.?)? ?:?\s*\d+|\d+ of \d+$|page total|closing bal|total\b|grand total|sub ?total"
    r"|transaction total"
    r"|statement summary|account summary|summary\b|legends?\b|abbreviations|\*+ ?end of|end of statement"
    r"|cr count|dr count|debit count"
    r"|balance (?:carried|c/f)|carried forward|c/f\b|notes?:|disclaimer|important (?:note|message)"
    r"|transaction overview"
    r"|your (?:closing|opening) balance|continued|contd|unless the constituent|generated (?:on|by)|printed on"
    r"|registered office"
    r"|for any (?:queries|assistance)|customer care|toll free|www\.|https?://|gstin)"
    r"|computer.generated|system generated|does not require (?:any )?signature|contents of this statement"
    r"|page \d+ of \d+"
    r"|this is an? (?:electronic|auto)|opening balance.*(?:closing|debits?).*|deposit insurance|\ball dates are in"
    r"|generation date|requesting branch|\bDICGC\b|signature is required|never (?:share|ask)",
    re.IGNORECASE,
)  # fmt: skip


@dataclass
class RawRow:
    """One row as printed. `money` has what stood in each money column; AMOUNT has no side of its own unless the
    text beside it (`side`) says so. `garbled`: something else than an amount stood where one belongs."""

    page: int
    number: int
    date: str
    value_date: str = ""
    narration: str = ""
    reference: str = ""
    side: str = ""
    money: dict[str, Money] = field(default_factory=dict)
    garbled: bool = False

    @property
    def moves(self) -> bool:
        """Whether it states an amount that is not zero."""
        return any(self.money[role].value for role in MOVED if role in self.money)

    @property
    def says_nothing(self) -> bool:
        """A row that only repeats a balance: brought or carried forward, or without an amount."""
        return not self.moves and not self.garbled and (self.is_carried or BALANCE in self.money)

    @property
    def is_opening(self) -> bool:
        return (
            not self.moves
            and not self.garbled
            and BALANCE in self.money
            and OPENING.match(self.narration) is not None
        )

    @property
    def is_carried(self) -> bool:
        return OPENING.match(self.narration) is not None or CARRIED.match(self.narration) is not None


@dataclass
class Table:
    """Rows under one header. `opening` is the balance that a row of it names as such; `first` and `last` are
    indexes of the document's lines."""

    roles: list[str]
    first: int
    last: int
    rows: list[RawRow] = field(default_factory=list)
    opening: Money | None = None
