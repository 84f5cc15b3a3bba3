"""What the service names, the pages have words for, in both languages: nobody is shown a code."""

import json
import re
import subprocess
import sys
from enum import StrEnum
from pathlib import Path
from typing import Final

import pytest

from commands.handler import RecordedRefusal
from commands.rights import CATALOGUE
from dispatch.demo.year.whole import SEED, plan_year
from dispatch.domain import accounts, households, ladder, limits, modes, plans, schedule, tasks, towns
from dispatch.domain.cases import kinds
from dispatch.domain.cases.disputes import DisputeKind
from dispatch.domain.categories import EVERY
from dispatch.domain.policy import DEFAULT
from dispatch.domain.refusal import NotNow, Refusal, StaleVersion, sentence
from dispatch.service.calendars import china
from dispatch.service.http.problems import ON_RECORD, status_of
from projections.audit.attempts import COMMANDS, REASONS
from projections.audit.rights import RIGHTS
from projections.audit.said import CHOSEN
from projections.cases.listing import SORTS as CASE_SORTS
from projections.catalogue import PAST
from projections.figures.tally import LEVEL_TALLY, TALLIES
from projections.questions.words import WORDS
from projections.tasks.listing import SORTS as TASK_SORTS

PROJECT: Final = Path(__file__).parents[2]
SHARED: Final = PROJECT / "web/src/shared/i18n"
CONSOLE: Final = PROJECT / "web/src/console/messages.ts"
ADMIN: Final = PROJECT / "web/src/admin/messages.ts"
KEY: Final = re.compile(r"""[{,]\s*(?:'([\w-]+)'|([\w-]+)):\s*(?=['"`\n])""")
WORD: Final = re.compile(r"(\w+): '([^']*)'")
ENUMS: Final[dict[str, tuple[Path, type[StrEnum]]]] = {
    "taskStatus": (SHARED / "shared.ts", tasks.Status),
    "caseStatus": (SHARED / "shared.ts", kinds.Status),
    "source": (SHARED / "shared.ts", kinds.Source),
    "severity": (SHARED / "shared.ts", kinds.Severity),
    "post": (SHARED / "shared.ts", towns.Post),
    "role": (SHARED / "shared.ts", accounts.Role),
    "channel": (CONSOLE, kinds.Channel),
    "escalation": (SHARED / "shared.ts", ladder.Level),
    "limit": (CONSOLE, limits.LimitKind),
    "disputeKind": (SHARED / "shared.ts", DisputeKind),
    "householdClass": (CONSOLE, households.HouseholdClass),
    "days": (CONSOLE, schedule.Days),
    "plan": (CONSOLE, plans.PlanStatus),
}


def texts(file: Path, name: str) -> list[str]:
    """Return what stands in each group of that name, one group for each language."""
    text = file.read_text()
    found = []
    for begin in re.finditer(rf"\b{name}: (?=\{{)", text):
        depth = 0
        for at in range(begin.end(), len(text)):
            depth += {"{": 1, "}": -1}.get(text[at], 0)
            if depth == 0:
                break
        found.append(text[begin.end() : at])
    return found


def groups(file: Path, name: str) -> list[set[str]]:
    """Return the keys that stand in each group of that name, one group for each language."""
    return [{quoted or plain for quoted, plain in KEY.findall(text)} for text in texts(file, name)]


SAID: Final = {
    "purpose": ["for"],
    "ground": ["on"],
    "level": ["escalation", "mediation"],
    "kind": ["disputeKind"],
}
"""In which groups the pages have the words for what a sentence of the log says of a field."""


@pytest.mark.parametrize("field", SAID)
def test_a_sentence_of_the_log_and_a_page_say_the_same(field: str) -> None:
    for language, place in (("zh", 0), ("en", 1)):
        shown = dict[str, str]()
        for group in SAID[field]:
            shown |= WORD.findall(texts(SHARED / "shared.ts", group)[place])
        said = {str(value): words[place] for (of, value), words in CHOSEN.items() if of == field}
        assert {key: shown[key].lower().replace("’", "'") for key in said} == said, language


ACTS: Final = {
    "account.added": "account.add",
    "account.identity_unlinked": "account.unlink_identity",
    "account.revoked": "account.revoke",
    "account.token_issued": "account.issue_token",
    "account.token_revoked": "account.revoke_token",
    "department.closed": "town.close_department",
    "department.opened": "town.open_department",
    "department.renamed": "town.rename_department",
    "grid.changed": "town.change_grid",
    "grid.closed": "town.close_grid",
    "grid.drawn": "town.draw_grids",
    "member.joined": "town.join_members",
    "member.posted": "town.post_member",
    "member.renamed": "town.rename_member",
    "member.unposted": "town.unpost_member",
    "town.founded": "town.found",
}
"""What administrators do: the event that says it was done, and the command."""


@pytest.mark.parametrize("event", ACTS)
def test_an_administrators_act_is_called_in_the_log_as_on_the_page(event: str) -> None:
    done, tried = WORDS[event][0], COMMANDS[ACTS[event]]
    assert done == tried
    assert f"'{done}'" in ADMIN.read_text()


def refusals() -> set[str]:
    """Return the codes of all that the service refuses over HTTP; what has others below it is their kind.

    In a process of its own: what the command line refuses, other tests may have loaded into this one.
    """
    program = """
import dispatch.service.http.app
from dispatch.domain.refusal import Refusal

kinds = [Refusal]
for kind in kinds:
    kinds += (below := kind.__subclasses__())
    if not below and kind.__module__.split(".")[0] in {"commands", "dispatch", "projections"}:
        print(kind.code)
"""
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    return set(done.stdout.split())


def categories() -> set[str]:
    """Return the categories of the policy, of the demonstration and of the ledgers."""
    tables = (DEFAULT.task_limits, DEFAULT.case_limits)
    found = {key.partition("/")[0] for table in tables for key in table} - {EVERY}
    year = plan_year(SEED, china())
    found |= {step.body["category"] for step in year.all_steps() if step.body and "category" in step.body}
    return found | {"visit", "patrol", kinds.PERMIT, kinds.UNCATEGORISED}


@pytest.mark.parametrize("name", ENUMS)
def test_each_value_that_the_service_knows_has_a_word_in_both_languages(name: str) -> None:
    file, values = ENUMS[name]
    found = groups(file, name)
    assert len(found) == 2, f"{name} stands in {file.name} once for each language"
    assert [sorted(set(values) - keys) for keys in found] == [[], []]


def test_a_grade_of_an_emergency_is_called_as_the_severity_is() -> None:
    assert set(modes.Grade) <= set(kinds.Severity)


def test_every_category_has_a_word_in_both_languages() -> None:
    found = groups(SHARED / "shared.ts", "category")
    named = categories()
    assert {"advice", "dyke", "dispute"} <= named
    assert [sorted(named - keys) for keys in found] == [[], []]


def test_each_field_of_a_read_model_is_called_by_one_name_of_its_own_in_the_replay() -> None:
    audit = PROJECT / "web/src/audit"
    block = re.search(r"const FIELDS.*?^}", (audit / "fields.ts").read_text(), re.MULTILINE | re.DOTALL)
    assert block is not None
    fields = dict(re.findall(r"(\w+): '([^']+)'", block[0]))
    text = (audit / "heads.ts").read_text()
    heads: dict[str, dict[str, str]] = {}
    for table, words in re.findall(
        r"^(?:  |const )(\w+)(?::| : Words =|: Words =) \{(.*?)\},?$", text, re.MULTILINE | re.DOTALL
    ):
        heads[table] = dict(re.findall(r"(\w+): \['([^']+)'", words))
        for spread in re.findall(r"\.\.\.(\w+)", words):
            heads[table] = heads[spread] | heads[table]
    tables = {table.table.name: list(table.columns.stored) for one in PAST for table in one.tables}
    tables |= {
        table.table.name: list(table.table.columns.keys()) for table in (*TALLIES.values(), LEVEL_TALLY)
    }
    assert {"cases", "task_tally", "inbox_notices"} <= tables.keys()
    for table, names in tables.items():
        called = [heads.get(table, {}).get(name) or fields.get(name) or name for name in names]
        assert [one for one in called if one.isascii()] == [], table
        assert sorted({one for one in called if called.count(one) > 1}) == [], table


def test_every_refusal_is_said_in_chinese() -> None:
    said = {code for keys in groups(SHARED / "shared.ts", "problem") for code in keys}
    said |= set(re.findall(r"^  '?([\w-]+)'?:", (SHARED / "problems.ts").read_text(), re.MULTILINE))
    said |= REASONS.keys()
    found = refusals()
    assert {"unauthenticated", "role-not-allowed"} <= found
    assert sorted(found - said) == []


def test_whatever_is_refused_for_an_items_state_is_said_to_auditors_in_both_languages() -> None:
    assert {command.__struct_config__.tag for command in CATALOGUE} == COMMANDS.keys()
    kinds: list[type[Refusal]] = [NotNow]
    for kind in kinds:
        kinds += kind.__subclasses__()
    kept = {kind.code for kind in kinds if kind.__module__.startswith("commands.")} - {RecordedRefusal.code}
    assert {"case-status-forbids", "stale-version"} <= kept | {StaleVersion.code} <= REASONS.keys()
    assert [code for code in REASONS if sentence(code) == code] == []


def test_whatever_is_refused_for_rights_is_said_to_auditors_in_both_languages() -> None:
    kinds: list[type[Refusal]] = [Refusal]
    for kind in kinds:
        kinds += kind.__subclasses__()
    own = [kind for kind in kinds if kind.__module__.split(".")[0] in {"commands", "dispatch"}]
    ours = [kind for kind in own if kind is not RecordedRefusal]
    # Some are made of what they say, which their status doesn't depend on.
    noted = {kind.code for kind in ours if status_of(kind.__new__(kind)) in ON_RECORD}
    assert {"out-of-scope", "too-many-guesses", "unauthenticated"} <= noted
    assert noted == RIGHTS.keys()


def test_every_way_in_which_a_delivery_fails_has_a_word_in_both_languages() -> None:
    outbox = PROJECT / "src/dispatch/service/outbox"
    text = "".join((outbox / f"{name}.py").read_text() for name in ("channels", "outbox"))
    codes = set(re.findall(r"(?:NotSent|NobodyThere|_note|_failed)\([^()]*?\"([\w-]+)\"", text))
    assert {"not-taken", "recipient-gone", "timeout"} <= codes
    found = groups(ADMIN, "errors")
    assert found == [codes, codes]


def test_pages_import_no_package_that_package_json_does_not_name() -> None:
    web = PROJECT / "web"
    declared = json.loads((web / "package.json").read_text())
    named = {*declared["dependencies"], *declared["devDependencies"]}
    package = re.compile(r"""(?:from|import\()\s*'((?:@[\w-]+/)?[\w-][\w.-]*)(?:/[^']*)?'""")
    files = [
        file for kind in ("*.vue", "*.ts") for file in (web / "src").rglob(kind) if file.name != "schema.d.ts"
    ]
    taken = {name: file.name for file in files for name in package.findall(file.read_text())}
    assert "vue" in taken
    assert {name: file for name, file in taken.items() if name not in named} == {}


LISTS: Final = {"case": CASE_SORTS, "task": TASK_SORTS}


@pytest.mark.parametrize("kind", LISTS)
def test_the_console_asks_for_the_orders_that_there_are(kind: str) -> None:
    asked = (PROJECT / "web/src/console/asked.ts").read_text()
    [orders] = re.findall(rf"  {kind}: \[(.*)\]", asked)
    assert set(re.findall(r"'(\w+)'", orders)) == {*LISTS[kind], "runs_out"}
