"""What every process of ours does first."""

import sys

from app.config import settings
from app.core import database, logs


def prepare() -> None:
    """Logs and database as the settings say; once a process, however often it is called."""
    if not database.is_connected():
        logs.configure(settings().log_level, stream=sys.stderr)
        database.connect(settings().database_url, settings().database_pool_size)
