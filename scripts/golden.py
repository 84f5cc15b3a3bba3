"""Renews tests/unit/golden/events.json, the public record: the names, fields and types of all events.

Also what the pages call them.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.unit.golden import record, words


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="scripts/golden",
        description=__doc__,
        epilog="An event that was ever recorded must load for ever: give a changed shape a new name and an "
        "upcaster (dispatch.eventlog.upcasters) instead of forcing it.",
    )
    parser.add_argument(
        "--force", action="store_true", help="even if recorded events could not be read any more"
    )
    arguments = parser.parse_args()
    words.write()
    old, new = record.read(), record.present()
    broken = record.breaks(old, new)
    for line in broken:
        print(line, file=sys.stderr)
    if broken and not arguments.force:
        print("Nothing was written: see scripts/golden --help.", file=sys.stderr)
        return 1
    if old == new:
        print("The record is as it was.")
        return 0
    added = sorted(new["events"].keys() - old["events"].keys())
    record.write(new)
    print(f"{len(new['events'])} events; new: {', '.join(added) or 'none'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
