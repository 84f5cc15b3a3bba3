"""The service as a program of its own, as `dispatch serve` starts it; run with `python -P`.

Its settings come from the environment. It says its address in one line on stdout as soon as it serves, and
gives its listeners a sign of life every so many seconds as its one argument says.
"""

import sys

from dispatch.service.http.routes import stream
from dispatch.service.server import serve
from dispatch.service.settings import Settings


def say(address: str) -> None:
    print(address, flush=True)  # noqa: T201 - read by whoever started this


if __name__ == "__main__":
    stream.HEARTBEAT = float(sys.argv[1])  # type: ignore[misc] # a listener need not wait 15 s here
    sys.exit(0 if serve(Settings(), say) else 1)
