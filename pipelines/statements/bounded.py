"""Reads a hostile file in a process of its own, with limits on memory and time: whatever happens there, an
answer comes back."""

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from pipelines.statements.accounts import Statement
from pipelines.statements.evidence import from_json
from pipelines.statements.problems import TOO_LARGE, RowProblem, StatementProblem
from pipelines.statements.sheets import Sheet

SECONDS_MAX = 90
PLACES_MAX = 6
EXHAUSTED = 75  # how the child ends when memory runs out in a place where it can still say so
_TOO_MUCH = "Reading the file takes more memory or time than any bank statement does."


class ReaderFault(RuntimeError):
    """The reader itself failed on a file. `kind` is the error's class, `at` the places it went through; neither holds
    anything of the file."""

    def __init__(self, kind: str, at: tuple[str, ...]) -> None:
        super().__init__(f"{kind} at {' > '.join(at[-PLACES_MAX:])}")
        self.kind = kind
        self.at = at


def read_bounded(data: bytes, passwords: Sequence[str] = (), *, given: bool = False) -> Statement:
    """`read_statement` in a child process. Raises StatementProblem, TOO_LARGE when a limit is met, and
    ReaderFault when the reader has a fault."""
    # passwords go through the pipe: arguments are seen by everybody on the machine
    return from_json(_told("statement", data, passwords=list(passwords), given=given))


def sheets_bounded(data: bytes) -> list[Sheet]:
    """`read_sheets` in a child process, which the libraries that open workbooks may bring down. Raises as
    `read_bounded` does."""
    return [
        [(number, {int(column): text for column, text in cells.items()}) for number, cells in sheet]
        for sheet in _told("sheets", data)["sheets"]
    ]


def _told(what: str, data: bytes, **asked: Any) -> dict[str, Any]:
    try:
        child = subprocess.run(
            [sys.executable, "-m", "pipelines.statements"],
            input=json.dumps({"what": what, **asked}).encode() + b"\n" + data,
            capture_output=True,
            timeout=SECONDS_MAX,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise StatementProblem(TOO_LARGE, _TOO_MUCH) from error
    if child.returncode < 0 or child.returncode == EXHAUSTED:
        # killed by a limit, or a library gave up on memory that it did not get
        raise StatementProblem(TOO_LARGE, None)
    if child.returncode:
        # it did not get as far as telling: the last word of its trace is the kind of error, what follows may be data
        last = child.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise ReaderFault(last.partition(":")[0][:80], (f"exit {child.returncode}",))
    told = json.loads(child.stdout)
    if "fault" in told:
        raise ReaderFault(told["fault"]["kind"], tuple(told["fault"]["at"]))
    if "problem" in told:
        problem = told["problem"] | {"rows": tuple(RowProblem(**row) for row in told["problem"]["rows"])}
        raise StatementProblem(**problem)
    return told
