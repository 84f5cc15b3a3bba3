"""Commands from the shell: in the name of the service, with the machine's own user on record."""

import os
import platform
import pwd
from contextlib import suppress
from pathlib import Path

from commands.command import Command, Request
from commands.context import SYSTEM

LOGIN: Path = Path("/proc/self/loginuid")


def by_shell(command: Command) -> Request:
    """Return a command as the one at the shell sends it."""
    return Request(command=command, account=SYSTEM.account, source="cli", address=user_of_the_machine())


def user_of_the_machine() -> str:
    """Return who runs this and where, `user@machine`; `login>user@machine` for one who became another.

    The kernel keeps the user who has logged in, where it is told at all (Linux, with pam_loginuid): neither
    sudo nor the environment changes it.
    """
    runs = _name(os.getuid())
    login = runs
    with suppress(OSError, ValueError):
        uid = int(LOGIN.read_text(encoding="ascii"))
        if uid != 2**32 - 1:  # nobody has logged in: a service, a container
            login = _name(uid)
    user = runs if login == runs else f"{login}>{runs}"
    return f"{user}@{platform.node() or 'localhost'}"


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
