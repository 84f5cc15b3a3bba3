"""What the pages call each event and figure: the service's own words, in files that they are built with."""

import json
from collections.abc import Mapping
from pathlib import Path

from projections.figures.definitions import NAMES
from projections.questions.words import WORDS

FOLDER = Path(__file__).resolve().parents[3] / "web" / "src" / "shared" / "i18n"


def _text(words: Mapping[str, tuple[str, str]]) -> str:
    listed = {name: list(both) for name, both in sorted(words.items())}
    return json.dumps(listed, ensure_ascii=False, indent=1) + "\n"


def present() -> dict[Path, str]:
    return {FOLDER / "events.json": _text(WORDS), FOLDER / "figures.json": _text(NAMES)}


def write() -> None:
    for place, text in present().items():
        place.write_text(text, encoding="utf-8")
