"""The service as a program of its own, as `dispatch serve` starts it; run with `python -P`.

Its settings come from the environment. It says its address in one line on stdout as soon as it serves, gives
its listeners a sign of life, and looks what is to be signed and told of, every so many seconds as its two
arguments say. A password costs it next to nothing: hundreds of tests sign in; what one costs in use is shown
by `tests/integration/service/test_passwords.py`.
"""

import sys
from functools import partial

from argon2 import PasswordHasher, profiles

from dispatch.service import checkpoints
from dispatch.service.http.routes import stream
from dispatch.service.server import serve
from dispatch.service.settings import Settings
from dispatch.service.sign_in import passwords

# Worker processes run this file anew, and so do alike.
cheapest = partial(PasswordHasher.from_parameters, profiles.CHEAPEST)
passwords.PasswordHasher = cheapest  # type: ignore[assignment,attr-defined] # as weak as it gets
stream.HEARTBEAT = float(sys.argv[1])  # type: ignore[misc] # a listener need not wait 15 s here
checkpoints.LOOK = float(sys.argv[2])  # type: ignore[misc] # and nobody 5 s


def say(address: str) -> None:
    print(address, flush=True)  # noqa: T201 - read by whoever started this


if __name__ == "__main__":
    sys.exit(0 if serve(Settings(), say) else 1)
