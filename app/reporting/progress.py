"""How far a run is, told while it goes on, and whether somebody wants it to end.

Told through the second pool: the run's own transaction reads a snapshot, and nobody sees what it would write.
"""

import time
from uuid import UUID

from app.core.database import side_db
from app.reporting.models import RUNNING

# How far a run is, in percent, when a stage begins.
STAGES = {"extracting": 5, "shaping": 40, "writing": 70, "storing": 85}
_EVERY_S = 1.0
_UPDATE = (
    "UPDATE report_run SET stage = %s, progress_percent = %s, rows_done = %s WHERE id = %s AND status = %s"
)


class Cancelled(Exception):
    """Somebody cancelled the run while it went on, or it ended otherwise."""


class TooMuch(Exception):
    """More than is made at once: a worker does it."""


class Progress:
    """What a run tells. `rows_max`: it is given up as TooMuch beyond so many rows."""

    def __init__(self, brand_id: str, run_id: UUID | str, rows_max: int | None = None) -> None:
        self._brand_id, self._run_id, self._rows_max = brand_id, str(run_id), rows_max
        self._stage, self._rows, self._told_at = "extracting", 0, time.monotonic()
        self.expected = 0

    def stage(self, name: str) -> None:
        """A stage begins. Raises Cancelled."""
        self._stage = name
        self._tell(STAGES[name])

    def rows(self, so_far: int) -> None:
        """So many rows have come. Raises Cancelled, TooMuch."""
        self._rows = so_far
        if self._rows_max is not None and so_far > self._rows_max:
            raise TooMuch
        if time.monotonic() - self._told_at > _EVERY_S:
            span = STAGES["shaping"] - STAGES["extracting"]
            done = min(1.0, so_far / max(so_far, self.expected, 1))
            self._tell(STAGES["extracting"] + int(span * done))

    def _tell(self, percent: int) -> None:
        self._told_at = time.monotonic()
        with side_db.connection_context(), side_db.atomic():
            side_db.execute_sql("SELECT set_config('app.brand_id', %s, true)", (self._brand_id,))
            told = (self._stage, percent, self._rows, self._run_id, RUNNING)
            if not side_db.execute_sql(_UPDATE, told).rowcount:
                raise Cancelled
