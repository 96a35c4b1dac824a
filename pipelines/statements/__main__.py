"""The child of `read_bounded`: limits first, then the file. A line of JSON and the bytes come in, JSON goes out."""

import json
import resource
import sys

from pipelines.statements.bounded import EXHAUSTED
from pipelines.statements.evidence import to_json
from pipelines.statements.problems import StatementProblem
from pipelines.statements.reading import read_statement

MEMORY_BYTES_MAX = 2**30
CPU_SECONDS_MAX = 60


def main() -> None:
    """Read the statement on standard input."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS_MAX, CPU_SECONDS_MAX))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    asked = json.loads(sys.stdin.buffer.readline())
    try:
        told = to_json(read_statement(sys.stdin.buffer.read(), asked["passwords"], given=asked["given"]))
    except StatementProblem as problem:
        rows = [row.plain() for row in problem.rows]
        told = {"problem": {**vars(problem), "rows": rows}}
    except (MemoryError, RecursionError):
        sys.exit(EXHAUSTED)
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
