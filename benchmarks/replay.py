"""The replay of one loan with many events, against a bare run over the same events, in one run.

    python benchmarks/replay.py [--events N] [--rounds N]

A loan that is paid in small parts, charged, waived, held in suspense and taken back, for 400 days; the events come in
no order. Baseline: the same events sorted by day and their amounts added up, which works out nothing. The replay of
2,000 events has to take less than 50 ms.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from app.ledger.events import (
    BounceCharged,
    Disbursed,
    Event,
    Kind,
    Paid,
    Part,
    PenalCharged,
    Reversed,
    SuspenseIn,
    SuspensePlaced,
    Waived,
)
from app.ledger.replay import Terms, replay

CREDITED = date(2026, 3, 2)
DAYS = 400
TERMS = Terms(Decimal("1.00"), CREDITED + timedelta(days=30))
LIMIT_MS = 50


def life(count: int) -> list[Event]:
    """So many events of a loan of a million."""
    made: list[Event] = [Disbursed(CREDITED, "D", Decimal(1_000_000))]
    kinds: list[Callable[[date, str], Event]] = [
        lambda on, ref: Paid(on, ref, Decimal("3.00")),
        lambda on, ref: PenalCharged(on, ref, Decimal("2.00"), Decimal("0.36")),
        lambda on, ref: BounceCharged(on, ref, Decimal("2.00"), Decimal("0.36")),
        lambda on, ref: Waived(on, ref, Part.PENAL, Decimal("1.00")),
        lambda on, ref: SuspenseIn(on, ref, Decimal("5.00")),
        lambda on, ref: SuspensePlaced(on, ref, Decimal("4.00")),
        lambda on, ref: Reversed(on, ref, Kind.PAYMENT, f"E{int(ref[1:]) // 7 * 7}"),
    ]
    for number in range(count - 1):
        made.append(kinds[number % len(kinds)](CREDITED + timedelta(days=number % DAYS), f"E{number}"))
    random.Random(7).shuffle(made)
    return made


def bare(events: list[Event]) -> Decimal:
    """What the events come to, without a thought."""
    return sum(
        (getattr(event, "amount", Decimal(0)) for event in sorted(events, key=lambda e: e.on)), Decimal(0)
    )


def milliseconds(run: Callable[[], object], rounds: int) -> float:
    """The median of so many rounds."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        run()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=50)
    asked = parser.parse_args()
    events, until = life(asked.events), CREDITED + timedelta(days=DAYS)
    ours = milliseconds(lambda: replay(events, until, TERMS), asked.rounds)
    baseline = milliseconds(lambda: bare(events), asked.rounds)
    print(f"{asked.events} events, medians of {asked.rounds} rounds")
    print(f"  {ours:8.2f} ms  replay   ({'within' if ours < LIMIT_MS else 'NOT WITHIN'} {LIMIT_MS} ms)")
    print(f"  {baseline:8.2f} ms  the amounts sorted and added up")
    print(f"ratio {ours / baseline:.1f}  replay / bare")


if __name__ == "__main__":
    main()
