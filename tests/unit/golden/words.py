"""What the pages call events, figures, commands and refusals: the service's words, as they are built with."""

import json
from collections.abc import Mapping
from pathlib import Path

from commands.rights import CATALOGUE
from projections.audit.attempts import REASONS, called, why
from projections.audit.rights import RIGHTS
from projections.figures.definitions import NAMES
from projections.questions.words import WORDS

PAGES = Path(__file__).resolve().parents[3] / "web" / "src"
FOLDER = PAGES / "shared" / "i18n"


def _text(words: Mapping[str, str | tuple[str, str]]) -> str:
    return json.dumps(words, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def present() -> dict[Path, str]:
    # Whoever knows the commands has loaded their refusals, too, which say themselves in English.
    tags = (str(command.__struct_config__.tag) for command in CATALOGUE)
    tried = {tag: called(tag) for tag in tags}
    return {
        FOLDER / "events.json": _text(WORDS),
        FOLDER / "figures.json": _text(NAMES),
        FOLDER / "refused.json": _text(REASONS),
        # In English a face shows what the service answers; the log has no more than the code.
        PAGES / "audit" / "attempts.json": _text(tried | {code: why(code) for code in REASONS} | RIGHTS),
    }


def write() -> None:
    for place, text in present().items():
        place.write_text(text, encoding="utf-8")
