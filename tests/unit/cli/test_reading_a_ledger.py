"""Whatever bytes a ledger has, each record is read or named with its line, and nothing of it is lost."""

import csv
import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.service.ledger_import.reading import LedgerUnreadable, Record, open_ledger, records

HEADER = b"id,grid,reported\n"


def ledger(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "ledger.csv"
    path.write_bytes(content)
    return path


def read(path: Path) -> list[Record]:
    return list(records(open_ledger(path)))


def test_a_plain_file_and_a_gzip_file_are_told_apart_by_content(tmp_path: Path) -> None:
    content = HEADER + b"A1,G1,2023-01-01\n"
    plain, packed = ledger(tmp_path, content), tmp_path / "packed.csv"
    packed.write_bytes(gzip.compress(content))
    assert read(plain) == read(packed) == [Record(2, "A1,G1,2023-01-01", ["A1", "G1", "2023-01-01"])]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_chinese_is_read_from_utf_8_with_or_without_a_mark_and_from_gb18030(
    tmp_path: Path, encoding: str
) -> None:
    text = "编号,网格,上报\r\nA1,桂花村,2023-01-01\r\nA2,万顺社区,2023-01-02\r\n"
    path = ledger(tmp_path, text.encode(encoding))
    assert open_ledger(path).header == ["编号", "网格", "上报"]
    assert [record.values[1] for record in read(path)] == ["桂花村", "万顺社区"]


def test_one_damaged_line_does_not_make_a_file_another_encoding(tmp_path: Path) -> None:
    lines = [
        "A1,桂花村,2023-01-01\n".encode(),
        b"A2,\xff\xfe,2023-01-01\n",
        "A3,桂花村,2023-01-01\n".encode(),
    ]
    found = read(ledger(tmp_path, HEADER + b"".join(lines)))
    assert [record.fault is None for record in found] == [True, False, True]
    assert found[1].fault == "holds bytes that are not UTF-8"
    assert found[1].text == r"A2,\xff\xfe,2023-01-01"
    assert found[2].values[1] == "桂花村"


def test_a_value_in_quotation_marks_may_go_over_several_lines(tmp_path: Path) -> None:
    found = read(ledger(tmp_path, HEADER + b'A1,"G\n1, west",2023-01-01\nA2,G1,2023-01-02\n'))
    assert [(record.line, record.values[:2]) for record in found] == [
        (2, ["A1", "G\n1, west"]),
        (4, ["A2", "G1"]),
    ]


def test_a_mark_that_is_never_closed_costs_its_own_line_only(tmp_path: Path) -> None:
    found = read(ledger(tmp_path, HEADER + b'A1,"G1,2023-01-01\nA2,G1,2023-01-02\nA3,G1,2023-01-03\n'))
    assert [(record.line, record.fault is None) for record in found] == [(2, False), (3, True), (4, True)]
    assert found[0].fault == "opens a quotation mark that is never closed"
    assert found[0].text == 'A1,"G1,2023-01-01'


def test_a_stray_mark_that_meets_a_later_one_costs_its_own_line_only(tmp_path: Path) -> None:
    found = read(ledger(tmp_path, HEADER + b'A1,"G1,2023-01-01\nA2,"G1",2023-01-02\nA3,G1,2023-01-03\n'))
    assert [(record.line, record.fault is None) for record in found] == [(2, False), (3, True), (4, True)]


def test_a_row_with_other_columns_than_the_header_says_so(tmp_path: Path) -> None:
    found = read(ledger(tmp_path, HEADER + b"A1,G1\nA2,G1,2023-01-01,more\n\n \nA3,G1,2023-01-01\n"))
    assert [record.fault for record in found] == [
        "has 2 columns, the header 3",
        "has 4 columns, the header 3",
        None,
    ]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it is empty; its first line must name the columns"),
        (b"PK\x03\x04rest", "it is a spreadsheet or a zip file; save it as CSV in UTF-8"),
        ("编号,网格".encode("utf-16"), "it is UTF-16; save it as CSV in UTF-8"),
        (gzip.compress(HEADER * 1000, mtime=0)[:-20], "it is a damaged gzip file; fetch it again"),
    ],
)
def test_what_is_no_ledger_is_refused_with_what_to_do(tmp_path: Path, content: bytes, why: str) -> None:
    with pytest.raises(LedgerUnreadable) as refused:
        open_ledger(ledger(tmp_path, content))
    assert refused.value.message.endswith(f"{why}.")


def test_a_missing_file_and_a_directory_are_refused(tmp_path: Path) -> None:
    for path, why in ((tmp_path / "none.csv", "no such file"), (tmp_path, "not a file")):
        with pytest.raises(LedgerUnreadable, match=why):
            open_ledger(path)


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r\0\ufeff"), max_size=20)


@given(rows=st.lists(st.lists(TEXT, min_size=3, max_size=3), max_size=8))
def test_what_the_csv_module_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    written = io.StringIO(newline="")
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows([["id", "grid", "reported"], *rows])
    path = ledger(tmp_path_factory.mktemp("ledger"), written.getvalue().encode())
    assert [record.values for record in read(path)] == rows


@given(content=st.binary(max_size=300) | st.text(alphabet='a,"\n\r 字', max_size=300).map(str.encode))
def test_no_content_makes_reading_fail_or_lose_a_line(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = ledger(tmp_path_factory.mktemp("ledger"), HEADER + content)
    found = read(path)
    assert [record.line for record in found] == sorted({record.line for record in found})
    said = "".join(record.text for record in found).encode()
    for sign in (b"a", "字".encode()):
        assert said.count(sign) >= (content.count(sign) if content.isascii() else 0)
