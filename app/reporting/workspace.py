"""Where rows lie in the clear while a report is made: a folder of this machine that ends with the work."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

_PREFIX = "los-report-"
# no production lasts as long, so whoever made an older folder was killed
_LEFT_BEHIND_S = 3_600


@contextmanager
def workspace() -> Iterator[Path]:
    """An empty folder. What processes that were killed left behind is removed first."""
    for left in Path(gettempdir()).glob(f"{_PREFIX}*"):
        if _age_s(left) > _LEFT_BEHIND_S:
            shutil.rmtree(left, ignore_errors=True)
    with TemporaryDirectory(prefix=_PREFIX) as name:
        yield Path(name)


def _age_s(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:  # somebody else was faster
        return 0.0
