"""Reads a hostile file in a process of its own, with limits on memory and time: whatever happens there, an
answer comes back."""

import json
import subprocess
import sys
from collections.abc import Sequence

from pipelines.statements.accounts import Statement
from pipelines.statements.evidence import from_json
from pipelines.statements.problems import CORRUPT, TOO_LARGE, RowProblem, StatementProblem

SECONDS_MAX = 90
EXHAUSTED = 75  # how the child ends when memory runs out in a place where it can still say so
_TOO_MUCH = "Reading the file takes more memory or time than any bank statement does."


def read_bounded(data: bytes, passwords: Sequence[str] = (), *, given: bool = False) -> Statement:
    """`read_statement` in a child process. Raises StatementProblem, TOO_LARGE when a limit is met."""
    asked = json.dumps({"passwords": list(passwords), "given": given}).encode()
    try:
        # passwords go through the pipe: arguments are seen by everybody on the machine
        child = subprocess.run(
            [sys.executable, "-m", "pipelines.statements"],
            input=asked + b"\n" + data,
            capture_output=True,
            timeout=SECONDS_MAX,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise StatementProblem(TOO_LARGE, _TOO_MUCH) from error
    if child.returncode:
        # killed by a limit, or PDFium gave up on memory that it did not get
        raise StatementProblem(
            TOO_LARGE if child.returncode < 0 or child.returncode == EXHAUSTED else CORRUPT, None
        )
    told = json.loads(child.stdout)
    if "problem" in told:
        problem = told["problem"] | {"rows": tuple(RowProblem(**row) for row in told["problem"]["rows"])}
        raise StatementProblem(**problem)
    return from_json(told)
