"""Run a command that cannot outlive its parent.

    python leash.py <signal> <parent pid> <user or ""> <command> [<argument> ...]

The kernel sends <signal> to the command when its parent dies, even by kill -9 (Linux; elsewhere the
command just runs). A program of its own because this must happen after the fork and before the
command, and Python code between the two can hang in a process that has threads.
"""

import ctypes
import os
import pwd
import sys

PR_SET_PDEATHSIG = 1


def become(user: str) -> None:
    """Give up root for the system user `user`, for good."""
    entry = pwd.getpwnam(user)
    os.initgroups(user, entry.pw_gid)
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)
    os.environ["HOME"] = entry.pw_dir


def main(signal: str, parent: str, user: str, *command: str) -> None:
    """Tie this process to its parent, then become the command."""
    if user:
        become(user)
    if sys.platform == "linux":
        # after the change of user, which would undo it
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal))
    if os.getppid() != int(parent):
        sys.exit("the parent is gone")
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(*sys.argv[1:])
