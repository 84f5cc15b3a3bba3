"""A ledger goes into the log with nothing lost, and its closure is what a plain calculation says."""

import csv
import gzip
from datetime import date, datetime
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Dispatch, Ran
from tests.ledgers import SHANGHAI, Entry, closure, month_ends

LEDGER = Path(__file__).parents[2] / "data" / "ledger.csv"
COLUMNS = "id=编号,grid=网格,reported=上报日期,closed=办结日期,category=类别,subject=标题"
TOWN = "500115101"


def moment(text: str) -> datetime | None:
    text = (
        text.replace("年", "-").replace("月", "-").replace("日", "").replace("/", "-").replace("Z", "+00:00")
    )
    if not text:
        return None
    day, _, clock = text.replace(" ", "T").partition("T")
    year, month, of_month = map(int, day.split("-"))
    at = datetime.fromisoformat(f"{year:04}-{month:02}-{of_month:02}T{clock or '00:00'}")
    return at if at.tzinfo else at.replace(tzinfo=SHANGHAI)


def bad(line: str) -> bool:
    """Whether a line of the ledger is one of those that were put there to be rejected."""
    return line.startswith(("WS-90", ",")) or "同号不同事" in line


def entries() -> list[Entry]:
    text = LEDGER.read_text("utf-8-sig")
    good = [line for line in text.splitlines(keepends=True) if not bad(line)]
    rows = {row["编号"]: row for row in csv.DictReader(good)}
    found = []
    for row in rows.values():
        reported = moment(row["上报日期"])
        assert reported is not None
        found.append(Entry(row["网格"], reported, moment(row["办结日期"])))
    return found


def take(dispatch: Dispatch, file: Path = LEDGER, *more: object) -> Ran:
    ran = dispatch("import", "cases", file, "--town", TOWN, "--columns", COLUMNS, "--json", *more)
    assert ran.status == 0, ran.err
    return ran


def closure_by_name(ran: Ran) -> dict[str, tuple[int, int]]:
    rates = {grid["name"]: grid["figures"]["closure_rate"] for grid in ran.json["grids"]}
    return {name: (r["numerator"], r["denominator"]) for name, r in rates.items() if r["denominator"]}


def test_closure_of_every_grid_at_every_month_end_is_that_of_the_file(dispatch: Dispatch) -> None:
    taken = take(dispatch, LEDGER, "--create-grids", "--town-name", "万顺镇").json
    rejected = [line for line in LEDGER.read_text("utf-8-sig").splitlines() if bad(line)]
    assert taken["imported"] == len(entries())
    assert taken["unchanged"] == 1
    assert taken["rejected"] == len(rejected)
    assert taken["imported"] + taken["unchanged"] + taken["rejected"] == taken["rows"]
    for as_of in month_ends(date(2022, 11, 1), date(2024, 9, 1)):
        ran = dispatch("figures", "--scope", TOWN, "--as-of", as_of.isoformat(), "--json")
        expected = closure(entries(), as_of)
        assert closure_by_name(ran) == expected
        total = ran.json["figures"]["closure_rate"]
        assert total["numerator"] == sum(closed for closed, _ in expected.values())
        assert total["denominator"] == sum(reported for _, reported in expected.values())


def test_a_window_counts_what_was_accepted_in_it(dispatch: Dispatch) -> None:
    take(dispatch, LEDGER, "--create-grids")
    ran = dispatch("figures", "--scope", TOWN, "--from", "2023-01-01", "--until", "2024-01-01", "--json")
    in_2023 = [entry for entry in entries() if entry.reported.astimezone(SHANGHAI).year == 2023]
    assert closure_by_name(ran) == closure(in_2023, datetime.now(SHANGHAI))


def test_a_second_run_changes_nothing_and_says_so(dispatch: Dispatch) -> None:
    first = take(dispatch, LEDGER, "--create-grids").json
    again = take(dispatch, LEDGER, "--create-grids").json
    assert (again["imported"], again["events"], again["grids_drawn"]) == (0, 0, 0)
    assert again["unchanged"] == first["imported"] + first["unchanged"]
    assert again["rejected"] == first["rejected"]
    assert again["position"] == first["position"]
    said = dispatch("import", "cases", LEDGER, "--town", TOWN, "--columns", COLUMNS).out
    assert "Nothing changed, no event was recorded" in said


def test_every_reject_is_named_with_line_reason_and_its_text(dispatch: Dispatch, tmp_path: Path) -> None:
    rejects = tmp_path / "not-taken.csv"
    take(dispatch, LEDGER, "--create-grids", "--rejects", rejects)
    with rejects.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    lines = LEDGER.read_text("utf-8-sig").replace("\r\n", "\n").split("\n")
    assert [row["row"] for row in found] == [line for line in lines if bad(line)]
    assert all(lines[int(row["line"]) - 1] == row["row"] for row in found)
    reasons = {row["row"][:7]: row["reason"] for row in found}
    assert reasons["WS-9003"] == "reported '2023-02-30' is a day that no calendar has"
    assert reasons["WS-9005"] == "was closed before it was reported"
    assert reasons["WS-9009"] == "has 5 columns, the header 7"
    assert reasons["WS-9013"] == "opens a quotation mark that is never closed"
    assert reasons["WS-0001"].startswith("contradicts line ")


def test_without_create_grids_an_unknown_grid_is_a_reject(dispatch: Dispatch, tmp_path: Path) -> None:
    assert (
        "no town of that code"
        in dispatch("import", "cases", LEDGER, "--town", TOWN, "--columns", COLUMNS).err
    )
    small = tmp_path / "small.csv"
    small.write_text("id,grid,reported\nA1,桂花村,2023-01-01\n", "utf-8")
    run = ("import", "cases", small, "--town", TOWN, "--json")
    assert dispatch(*run, "--create-grids").json["imported"] == 1
    small.write_text("id,grid,reported\nA1,桂花村,2023-01-01\nA2,新村,2023-01-02\n", "utf-8")
    second = dispatch(*run).json
    assert (second["imported"], second["unchanged"], second["rejected"]) == (0, 1, 1)
    assert "has no grid '新村'" in (tmp_path / "small.rejects.csv").read_text("utf-8")


def test_grids_keep_their_codes_and_new_ones_get_the_next_free_village(
    dispatch: Dispatch, tmp_path: Path
) -> None:
    file = tmp_path / "grids.csv"
    run = ("import", "cases", file, "--town", TOWN, "--create-grids", "--json")
    for content in ("A2,乙,2023-02-01\nA1,甲,2023-01-01\n", "A1,甲,2023-01-01\nA3,丙,2022-12-01\n"):
        file.write_text(f"id,grid,reported\n{content}", "utf-8")
        assert dispatch(*run).status == 0
    grids = dispatch("figures", "--scope", TOWN, "--json").json["grids"]
    assert [(grid["code"], grid["name"]) for grid in grids] == [
        (f"{TOWN}001001", "甲"),
        (f"{TOWN}002001", "乙"),
        (f"{TOWN}003001", "丙"),
    ]
    before = dispatch("figures", "--scope", TOWN, "--as-of", "2023-01-15", "--json").json
    assert {grid["name"] for grid in before["grids"]} == {"甲", "丙"}


def test_a_later_ledger_closes_what_was_open_and_may_not_contradict(
    dispatch: Dispatch, tmp_path: Path
) -> None:
    file = tmp_path / "later.csv"
    run = ("import", "cases", file, "--town", TOWN, "--create-grids", "--json")
    header = "id,grid,reported,closed\n"
    file.write_text(f"{header}A1,甲,2023-01-01,\nA2,甲,2023-01-01,2023-01-05\n", "utf-8")
    assert dispatch(*run).json["imported"] == 2
    file.write_text(f"{header}A1,甲,2023-01-01,2023-02-01\nA2,甲,2023-01-01,2023-01-06\n", "utf-8")
    later = dispatch(*run).json
    assert (later["imported"], later["rejected"], later["events"]) == (1, 1, 1)
    assert "closed_at is '2023-01-04T16:00:00+00:00' there" in Path(later["rejects"]).read_text("utf-8")
    known_before = dispatch("figures", "--scope", TOWN, "--known-at", later["position"] - 1, "--json").json
    assert known_before["figures"]["closure_rate"] == {"numerator": 1, "denominator": 2, "rate": 50.0}
    now = dispatch("figures", "--scope", TOWN, "--json").json
    assert now["figures"]["closure_rate"] == {"numerator": 2, "denominator": 2, "rate": 100.0}


def test_a_row_that_the_log_refuses_does_not_take_others_with_it(dispatch: Dispatch, tmp_path: Path) -> None:
    file = tmp_path / "permits.csv"
    categories = ["permit" if number % 300 == 7 else "noise" for number in range(1_000)]
    rows = [f"A{number},甲,2023-01-01,{category}\n" for number, category in enumerate(categories)]
    file.write_text("id,grid,reported,category\n" + "".join(rows), "utf-8")
    taken = dispatch("import", "cases", file, "--town", TOWN, "--create-grids", "--json").json
    assert (taken["imported"], taken["rejected"], taken["events"]) == (996, 4, 2 + 2 * 996)
    assert (tmp_path / "permits.rejects.csv").read_text("utf-8").count("The case is a permit to publish") == 4


def test_a_rehearsal_records_nothing_and_tells_the_same(dispatch: Dispatch) -> None:
    told = take(dispatch, LEDGER, "--create-grids", "--dry-run").json
    done = take(dispatch, LEDGER, "--create-grids").json
    same = ("rows", "imported", "unchanged", "rejected", "grids_drawn", "town_founded")
    assert {key: told[key] for key in same} == {key: done[key] for key in same}
    assert told["events"] == 0
    assert take(dispatch, LEDGER, "--dry-run").json["unchanged"] == done["imported"] + done["unchanged"]


def test_the_ids_behind_a_figure_are_as_many_as_it_says(dispatch: Dispatch, tmp_path: Path) -> None:
    packed = tmp_path / "ledger.gz"
    packed.write_bytes(gzip.compress(LEDGER.read_bytes()))
    take(dispatch, packed, "--create-grids")
    options = ("--scope", TOWN, "--as-of", "2023-07-01", "--json")
    rate = dispatch("figures", *options).json["figures"]["closure_rate"]
    behind = dispatch("figures", *options, "--ids", "closure_rate").json
    assert len(set(behind["numerator"])) == rate["numerator"] > 0
    assert len(set(behind["denominator"])) == rate["denominator"]
    assert set(behind["numerator"]) < set(behind["denominator"])


def test_a_rebuild_gives_a_new_generation(dispatch: Dispatch) -> None:
    position = take(dispatch, LEDGER, "--create-grids").json["position"]
    first, second = (dispatch("rebuild", "--json").json for _ in range(2))
    assert first["position"] == second["position"] == position
    assert second["generation"] == first["generation"] + 1


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("import", "cases", "none.csv", "--town", TOWN), 1, "there is no such file"),
        (
            ("import", "cases", LEDGER, "--town", TOWN),
            1,
            "has no column 'id', 'grid', 'reported'; it has 编号",
        ),
        (("import", "cases", LEDGER, "--town", "5001"), 2, "is no town's code"),
        (
            ("import", "cases", LEDGER, "--town", TOWN, "--rejects", LEDGER, "--columns", COLUMNS),
            1,
            "is the ledger",
        ),
        (("figures", "--scope", "12345"), 1, "A code has 2, 4, 6, 9, 12 or 15 digits"),
        (("figures", "--scope", TOWN, "--as-of", "tomorrow"), 2, "is not a date"),
        (("figures", "--scope", TOWN, "--as-of", "2150-01-01"), 1, "now or about the past"),
        (("figures", "--scope", TOWN, "--known-at", "99999999"), 1, "does not hold that position"),
        (("figures", "--scope", TOWN, "--ids", "happiness"), 1, "no figure of that name"),
        (("accounts", "add", "A", "--role", "king", "--scope", TOWN), 2, "king"),
    ],
)
def test_what_can_not_be_meant_is_said_in_one_sentence(
    dispatch: Dispatch, arguments: tuple[object, ...], status: int, said: str
) -> None:
    dispatch("accounts", "add", "Somebody", "--role", "auditor", "--scope", "all")
    ran = dispatch(*arguments)
    assert ran.status == status
    assert said in " ".join(ran.err.replace("│", " ").split())
    assert "Traceback" not in ran.err
    assert not ran.out


SHARED = Path(__file__).parents[4] / "shared" / "data" / "casework-2019.csv.gz"


@pytest.mark.skipif(not SHARED.exists(), reason="../shared/data/casework-2019.csv.gz is not there")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_closure_of_a_real_ledger_at_every_month_end_is_that_of_the_file(dispatch: Dispatch) -> None:
    with gzip.open(SHARED, "rt", encoding="utf-8", newline="") as file:
        plain = []
        for row in csv.DictReader(file):
            opened = moment(row["opened"])
            assert opened is not None
            plain.append(Entry(row["district"], opened, moment(row["closed"])))
    columns = "id=case_id,grid=district,reported=opened,closed=closed,category=category,subject=subject"
    run = ("import", "cases", SHARED, "--town", TOWN, "--create-grids", "--columns", columns, "--json")
    taken = dispatch(*run).json
    assert (taken["imported"], taken["unchanged"], taken["rejected"]) == (len(plain), 0, 0)
    again = dispatch(*run).json
    assert (again["unchanged"], again["events"], again["rejected"]) == (len(plain), 0, 0)
    for as_of in month_ends(date(2019, 1, 1), date(2019, 12, 1)):
        ran = dispatch("figures", "--scope", TOWN, "--as-of", as_of.isoformat(), "--json")
        assert closure_by_name(ran) == closure(plain, as_of)
