"""What the pages call each event: the service's own words, in a file that they are built with."""

import json
from pathlib import Path

from projections.questions.words import WORDS

PLACE = Path(__file__).resolve().parents[3] / "web" / "src" / "shared" / "i18n" / "events.json"


def present() -> str:
    words = {name: list(both) for name, both in sorted(WORDS.items())}
    return json.dumps(words, ensure_ascii=False, indent=1) + "\n"


def write() -> None:
    PLACE.write_text(present(), encoding="utf-8")
