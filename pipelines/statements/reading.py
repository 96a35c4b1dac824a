"""From the bytes of a statement to its accounts: what kind of file, which reading, what it says of itself."""

import re
from collections.abc import Iterable, Sequence

from pipelines.statements.accounts import Account, Statement, account_of
from pipelines.statements.columns import read_columns
from pipelines.statements.facts import LOAN, UNKNOWN, Facts, read_facts
from pipelines.statements.feeds import KIND as JSON
from pipelines.statements.feeds import read_json
from pipelines.statements.ledger import Ledger, settle
from pipelines.statements.lines import read_lines
from pipelines.statements.page import Document, Line
from pipelines.statements.pdf import read_pdf
from pipelines.statements.problems import (
    BALANCE_BROKEN,
    CORRUPT,
    NOT_A_STATEMENT,
    ROW_PROBLEMS_MAX,
    TOO_LARGE,
    UNREADABLE_ROWS,
    UNSUPPORTED,
    StatementProblem,
)
from pipelines.statements.rows import Table
from pipelines.statements.sheets import read_csv, read_workbook, utf_16_of

UNREADABLE_PERCENT_MAX = 2  # of the rows; more, and the statement is not understood
FILE_BYTES_MAX = 25 * 2**20

PDF, WORKBOOK, OLD_WORKBOOK, TEXT = "pdf", "xlsx", "xls", "csv"
JSON_START = re.compile(rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*(?:\{\s*[\"}]|\[\s*[\[{\]])")


def kind_of_file(data: bytes) -> str | None:
    """What a file is by its bytes; None for what is not read here."""
    if data.lstrip(b"\xef\xbb\xbf \r\n\t\0")[:5] == b"%PDF-" or b"%PDF-" in data[:1024]:
        return PDF
    if data.startswith(b"PK\x03\x04"):
        return WORKBOOK
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        return OLD_WORKBOOK
    if not _is_text(data[:4096]):
        return None
    return JSON if JSON_START.match(data[:400].replace(b"\0", b"")) else TEXT


def _is_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"\x1f\x8b", b"{\\rtf")):
        return False
    controls = any(byte < 32 and byte not in b"\t\n\f\r" for byte in head)
    return bool(head.strip()) and (not controls or utf_16_of(head) is not None)


def read_statement(data: bytes, passwords: Sequence[str] = (), *, given: bool = False) -> Statement:
    """Reads a statement of any bank. `passwords` are tried in turn; `given` says that the first came from the
    customer. Raises StatementProblem; a broken balance is in the accounts, for `check` to refuse."""
    kind = kind_of_file(data)
    if not data.strip():
        raise StatementProblem(CORRUPT, "The file is empty.")
    if kind is None:
        raise StatementProblem(UNSUPPORTED)
    if len(data) > FILE_BYTES_MAX:
        raise StatementProblem(TOO_LARGE)
    if kind == JSON:
        return read_json(data)
    readers = {
        PDF: lambda: read_pdf(data, list(passwords), given=given),
        WORKBOOK: lambda: read_workbook(data, passwords, given=given),
        OLD_WORKBOOK: lambda: read_workbook(data, passwords, given=given),
        TEXT: lambda: read_csv(data),
    }
    document = readers[kind]()
    accounts = read_accounts(document)
    if not accounts:
        raise StatementProblem(NOT_A_STATEMENT, opened_with=document.opened_with)
    pages = max((line.page for line in document.lines), default=0)
    return Statement(accounts, pages, kind, document.opened_with)


def read_accounts(document: Document) -> list[Account]:
    """The accounts of a document, by the reading that the running balances bear out best."""
    best: list[Account] = []
    merit = None
    for tables in _readings(document):
        accounts, found = _accounts(document.lines, tables)
        if accounts and (merit is None or found > merit):
            best, merit = accounts, found
        proven = merit is not None and merit[2] == 0 and merit[0] > 0
        # the cells of a sheet are what they are: read as running text, a bad row would hide in the next one
        if proven or (best and document.cells):
            break
    return best


def _readings(document: Document) -> Iterable[list[Table]]:
    if document.aligned:
        yield read_columns(document)
    yield read_lines(document.lines)


def _accounts(lines: Sequence[Line], tables: Sequence[Table]) -> tuple[list[Account], tuple[int, int, int]]:
    accounts, merits = [], [(0, 0, 0)]
    for facts, part in _parts(lines, tables):
        ledger = _settled(facts, part)
        if not ledger.entries:
            continue
        merits.append(ledger.merit)
        if facts.account_type != LOAN:
            accounts.append(account_of(facts, ledger))
    return accounts, tuple(sum(values) for values in zip(*merits, strict=True))


def _settled(facts: Facts, tables: Sequence[Table]) -> Ledger:
    """A table's own opening row counts; a balance told outside of it only where the first row bears it out,
    because it may be that of another account or day."""
    rows = [row for table in tables for row in table.rows]
    stated = next((table.opening for table in tables if table.opening), None)
    openings = [stated] if stated or facts.opening is None else [None, facts.opening]
    ledgers = [settle(rows, opening, is_loan=facts.account_type == LOAN) for opening in openings]
    return max(ledgers, key=lambda ledger: ledger.merit)


def _parts(lines: Sequence[Line], tables: Sequence[Table]) -> list[tuple[Facts, list[Table]]]:
    """Tables put together by account. A table belongs to the one before it unless what stands between names
    another account, or another kind of one."""
    parts: list[tuple[Facts, list[Table]]] = []
    ends = [-1, *(table.last for table in tables)][: len(tables)]
    outside = _outside(lines, tables)
    for table, end in zip(tables, ends, strict=True):
        facts = read_facts(
            lines[end + 1 : table.first] if table.first >= 0 else lines[:40], outside if not parts else ()
        )
        if parts and not _is_other(facts, parts[-1][0]):
            parts[-1] = (parts[-1][0].or_else(facts), [*parts[-1][1], table])
        else:
            parts.append((facts.of_same_person(parts[0][0]) if parts else facts, [table]))
    return [(facts, part) for facts, part in parts if any(table.rows for table in part)]


def _outside(lines: Sequence[Line], tables: Sequence[Table]) -> list[Line]:
    """What is in no table."""
    inside = {index for table in tables for index in range(max(table.first, 0), table.last + 1)}
    return [line for index, line in enumerate(lines) if index not in inside]


def _is_other(facts: Facts, known: Facts) -> bool:
    if facts.number and known.number and facts.number[-4:] != known.number[-4:]:
        return True
    kinds = facts.account_type, known.account_type
    return UNKNOWN not in kinds and kinds[0] != kinds[1] and LOAN in kinds


def check(statement: Statement) -> None:
    """Raises StatementProblem where rows cannot be read, or the running balance does not follow.

    Where the balance follows throughout, a line with a date and no amount was no row.
    """
    unreadable = [problem for account in statement.accounts for problem in account.unreadable]
    broken = [problem for account in statement.accounts for problem in account.broken]
    entries = [entry for account in statement.accounts for entry in account.entries]
    unproven = any(entry.balance is None for entry in entries)
    if unreadable and (
        broken or (unproven and 100 * len(unreadable) > UNREADABLE_PERCENT_MAX * len(entries))
    ):
        where = f"row {unreadable[0].row} of page {unreadable[0].page}"
        reason = f"{len(unreadable)} of {len(entries) + len(unreadable)} rows cannot be read; the first is {where}."
        rows = tuple(unreadable[:ROW_PROBLEMS_MAX])
        raise StatementProblem(UNREADABLE_ROWS, reason, rows, opened_with=statement.opened_with)
    if broken:
        first = broken[0]
        reason = f"The running balance does not follow on {first.date}, page {first.page}: {first.reason}."
        raise StatementProblem(BALANCE_BROKEN, reason, tuple(broken[:ROW_PROBLEMS_MAX]))
