"""The child of `read_bounded`: limits first, then the file. A line of JSON and the bytes come in, JSON goes out."""

import json
import resource
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipelines.statements.bounded import EXHAUSTED
from pipelines.statements.evidence import to_json
from pipelines.statements.problems import StatementProblem
from pipelines.statements.reading import read_statement
from pipelines.statements.sheets import read_sheets

MEMORY_BYTES_MAX = 2**30
CPU_SECONDS_MAX = 60
# what is asked for -> what is told of the file, as JSON
READERS: dict[str, Callable[..., dict[str, Any]]] = {
    "statement": lambda data, passwords, given: to_json(read_statement(data, passwords, given=given)),
    "sheets": lambda data: {"sheets": read_sheets(data)},
}


def main() -> None:
    """Read the file on standard input."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS_MAX, CPU_SECONDS_MAX))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    asked = json.loads(sys.stdin.buffer.readline())
    try:
        told = READERS[asked.pop("what")](sys.stdin.buffer.read(), **asked)
    except StatementProblem as problem:
        rows = [row.plain() for row in problem.rows]
        told = {"problem": {**vars(problem), "rows": rows}}
    except (MemoryError, RecursionError):
        sys.exit(EXHAUSTED)
    except Exception as error:  # a fault of ours, told without a value of the file
        told = {"fault": {"kind": type(error).__name__, "at": _places(error)}}
    json.dump(told, sys.stdout)


def _places(error: Exception) -> list[str]:
    """Where it happened, innermost last: file, line and function, and nothing that the file said."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]


if __name__ == "__main__":
    main()
