"""Memory over many decisions in one process, with rule files that change under way.

    python benchmarks/leak.py [--decisions N]

All the while a rule set takes part that changes fifty times, as by publications. The peak of memory must
not grow by more than GROWTH_MAX_KB after the first fifth, in which caches fill. Exit 1 when it does.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import time
from collections import ChainMap
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent)]

import bre  # noqa: E402  the other benchmark beside this one

from rules import compile_ruleset, decide  # noqa: E402
from rules.language.files import Folder  # noqa: E402

GROWTH_MAX_KB = 24_000  # sixty-four rule sets may be registered at a time; a leaked state is 455 kB
VERSION = "ruleset: bre\nbrand: qualoan\nextends: base/salaried\nparameters: {{minimum_age: {age}}}\n"


def peak_kb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--decisions", type=int, default=10_000)
    total = parser.parse_args().decisions
    shipped, draw = bre.largest(), random.Random(7)
    people = [bre.applicant(shipped, draw) for _ in range(500)]
    files, start, peaks = Folder(), time.perf_counter(), []
    for number in range(total):
        if number % (total // 50) == 0:
            text = VERSION.format(age=20 + number // (total // 50) % 8)
            changing = compile_ruleset(
                "brands/qualoan/next.yaml", ChainMap({"brands/qualoan/next.yaml": text}, files)
            )
        decide(changing if number % 2 else shipped, people[number % 500])
        if (number + 1) % (total // 5) == 0:
            peaks.append(peak_kb())
    growth = peaks[-1] - peaks[0]
    print(
        f"{total} decisions in {time.perf_counter() - start:.0f} s; peak of memory after each fifth, MB: ",
        end="",
    )
    print(", ".join(f"{peak / 1000:.1f}" for peak in peaks))
    if growth > GROWTH_MAX_KB:
        sys.exit(f"memory grew by {growth / 1000:.1f} MB")


if __name__ == "__main__":
    main()
