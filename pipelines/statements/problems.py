"""Why a file gives no statement: a status for programs, and a sentence for the person who sent it."""

from dataclasses import asdict, dataclass
from typing import Any

PASSWORD_NEEDED = "PASSWORD_NEEDED"
WRONG_PASSWORD = "WRONG_PASSWORD"
SCANNED = "SCANNED"
CORRUPT = "CORRUPT"
TOO_LARGE = "TOO_LARGE"
UNSUPPORTED = "UNSUPPORTED"
NOT_A_STATEMENT = "NOT_A_STATEMENT"
UNREADABLE_ROWS = "UNREADABLE_ROWS"
BALANCE_BROKEN = "BALANCE_BROKEN"

ROW_PROBLEMS_MAX = 50  # so many are told
REASONS = {
    PASSWORD_NEEDED: "The file is locked. Send it again with its password.",
    WRONG_PASSWORD: "The password does not open the file.",
    SCANNED: "The file holds pictures of pages and no text. Send the statement as the bank's own PDF.",
    CORRUPT: "The file is damaged or was cut off. Download it again from the bank.",
    TOO_LARGE: "The file is larger than any bank statement when it is opened.",
    UNSUPPORTED: "This kind of file is not read here. Send PDF, CSV, XLSX, XLS or JSON.",
    NOT_A_STATEMENT: "No table of transactions was found in the file.",
}


@dataclass(frozen=True)
class RowProblem:
    """One row that cannot be read. `page` counts from 1, `row` is the line on it (of JSON: the account, and the
    transaction in its list); amounts are text."""

    page: int
    row: int
    reason: str
    date: str | None = None
    amount: str | None = None
    balance: str | None = None
    expected_balance: str | None = None

    def plain(self) -> dict[str, Any]:
        """As JSON, without what is unknown."""
        return {name: value for name, value in asdict(self).items() if value is not None}


class StatementProblem(Exception):
    """The file gives no statement that can be used. `rows` says where, when rows are to blame; `opened_with` is the
    password that fitted, as an index of those given."""

    def __init__(
        self,
        status: str,
        reason: str | None = None,
        rows: tuple[RowProblem, ...] = (),
        *,
        opened_with: int | None = None,
    ) -> None:
        self.status = status
        self.reason = reason or REASONS[status]
        self.rows = rows
        self.opened_with = opened_with
        super().__init__(f"{status}: {self.reason}")
