"""Root only: PostgreSQL refuses to run as root, so a system user of its own runs it and owns its data."""

import pwd
import subprocess
from pathlib import Path

from app.runtime.processes import StackError

USER = "los-postgres"


def ensure_user() -> str:
    """Name of the system user that PostgreSQL runs as, made if it is missing."""
    if not _exists():
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", USER]
        try:
            made = subprocess.run(command, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            raise StackError(
                "PostgreSQL cannot run as root and there is no useradd; run as another user"
            ) from None
        if made.returncode and not _exists():  # it may exist by now: another process was quicker
            raise StackError(
                f"PostgreSQL cannot run as root, and {' '.join(command)} failed: {made.stderr.strip()}"
            )
    return USER


def _exists() -> bool:
    try:
        pwd.getpwnam(USER)
    except KeyError:
        return False
    return True


def open_programs(installation: Path) -> None:
    """Let everyone read and run the programs; a strict umask may have kept them to root."""
    if (installation / "bin" / "postgres").stat().st_mode & 0o005 == 0o005:
        return
    for path in (installation, *installation.rglob("*")):
        mode = path.stat().st_mode
        path.chmod(mode | 0o444 | (0o111 if mode & 0o100 else 0))


def open_way(*paths: Path) -> None:
    """Let everyone pass through (not list) the folders above `paths`."""
    for folder in {parent for path in paths for parent in path.resolve().parents}:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            folder.chmod(mode | 0o001)
