"""Physical lines: their number, their bytes and their encoding are true, or the file is refused with the line."""

from __future__ import annotations

import codecs
import hashlib
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.intake import lines
from pipeline.intake.lines import physical_lines, raw_texts
from pipeline.intake.problem import Problem, Refused
from pipeline.intake.survey import survey


def file_of(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    return path


def refusal(path: Path, encoding: str) -> Problem:
    with pytest.raises(Refused) as refused:
        list(physical_lines(path, encoding, "a.csv"))
    (problem,) = refused.value.problems
    return problem


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", 0),
        (b"a", 1),
        (b"a\n", 1),
        (b"a\nb", 2),
        (b"a\rb\rc", 3),
        (b"a\r\nb\r\n", 2),
        (b"a\nb\r\nc\rd", 4),
        (b"\n\r", 2),
        (b"\r\r\n\n", 3),
        ("a\x0bb\x0cc\x85d\u2028e".encode(), 1),
    ],
)
def test_lf_crlf_and_cr_end_a_line_and_nothing_else_does(tmp_path: Path, content: bytes, expected: int) -> None:
    path = file_of(tmp_path, content)
    assert survey(path, "a.csv", "utf-8").lines == expected
    assert len(list(physical_lines(path, "utf-8", "a.csv"))) == expected


@given(st.text(alphabet='a,"\n\r\u2028é', max_size=60), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_lines_are_counted_as_an_independent_count_has_them(
    tmp_path_factory: pytest.TempPathFactory, text: str, encoding: str
) -> None:
    path = file_of(tmp_path_factory.mktemp("lines"), text.encode(encoding))
    pieces = re.split("\r\n|\n|\r", text)
    expected = len(pieces) - (pieces[-1] == "")
    assert "".join(line for _, line in physical_lines(path, encoding, "a.csv")) == text
    assert [n for n, _ in physical_lines(path, encoding, "a.csv")] == list(range(1, expected + 1))
    if text:
        assert survey(path, "a.csv", encoding).lines == expected


def test_a_line_end_cut_in_two_by_the_reading_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = file_of(tmp_path, b"aaa\r\nbbb\r\n\r\n")
    for chunk in range(1, 8):
        monkeypatch.setattr(lines, "CHUNK", chunk)
        assert survey(path, "a.csv", "utf-8").lines == 3


@pytest.mark.parametrize(
    ("content", "declared", "encoding", "by"),
    [
        (b"a,b\n", None, "utf-8", "the whole file is UTF-8"),
        ("£".encode(), None, "utf-8", "the whole file is UTF-8"),
        (codecs.BOM_UTF8 + b"a", None, "utf-8-sig", "byte order mark"),
        ("a".encode("utf-16"), None, "utf-16", "byte order mark"),
        (codecs.BOM_UTF16_BE + "a".encode("utf-16-be"), None, "utf-16", "byte order mark"),
        (b"\xa3 5", None, "cp1252", "not UTF-8, no byte order mark"),
        (b"\xc2", None, "cp1252", "not UTF-8, no byte order mark"),
        (b"a,b\n", "cp1252", "cp1252", "declared"),
        (codecs.BOM_UTF8 + b"a", "utf-8", "utf-8-sig", "declared"),
    ],
)
def test_the_encoding_and_why_it_was_taken_are_recorded(
    tmp_path: Path, content: bytes, declared: str | None, encoding: str, by: str
) -> None:
    seen = survey(file_of(tmp_path, content), "a.csv", declared)
    assert (seen.encoding, seen.encoding_by) == (encoding, by)
    assert (seen.sha256, seen.size) == (hashlib.sha256(content).hexdigest(), len(content))


def test_a_character_cut_in_two_by_the_reading_is_still_utf_8(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = file_of(tmp_path, "££££\n".encode())
    for chunk in (1, 3):
        monkeypatch.setattr(lines, "CHUNK", chunk)
        assert survey(path, "a.csv", None).encoding == "utf-8"


def test_a_declared_encoding_with_a_byte_order_mark_leaves_no_mark_in_the_text(tmp_path: Path) -> None:
    for encoding, mark in (("utf-16-le", codecs.BOM_UTF16_LE), ("utf-16-be", codecs.BOM_UTF16_BE)):
        path = file_of(tmp_path, mark + "Year\n".encode(encoding))
        seen = survey(path, "a.csv", encoding)
        assert list(physical_lines(path, seen.encoding, "a.csv")) == [(1, "Year\n")]


def test_a_declared_utf_16_without_a_byte_order_mark_is_read_or_refused(tmp_path: Path) -> None:
    path = file_of(tmp_path, "Year\n2020\n".encode("utf-16-le"))
    try:
        seen = survey(path, "a.csv", "utf-16")
        list(physical_lines(path, seen.encoding, "a.csv"))
    except Refused as refused:
        assert refused.problems[0].file == "a.csv"


def test_a_byte_that_cp1252_does_not_define_is_refused_with_its_line(tmp_path: Path) -> None:
    problem = refusal(file_of(tmp_path, b"a\r\nb\rc\x81d\n"), "cp1252")
    assert problem.line == 3
    assert "byte 0x81, which is not cp1252" in problem.found


def test_bytes_that_are_not_the_declared_encoding_are_refused_with_their_line(tmp_path: Path) -> None:
    assert refusal(file_of(tmp_path, b"a\nb\n\xa35\n"), "utf-8").line == 3
    assert refusal(file_of(tmp_path, "a\nb\n".encode("utf-16-le") + b"\x00"), "utf-16-le").line == 3


def test_a_nul_is_refused_with_line_and_place(tmp_path: Path) -> None:
    problem = refusal(file_of(tmp_path, b"a,b\nc\0d\n"), "utf-8")
    assert (problem.line, problem.column) == (2, "2")
    assert "NUL" in problem.found
    assert "utf-16-le" in problem.remedy


def test_a_line_is_given_back_raw(tmp_path: Path) -> None:
    path = file_of(tmp_path, b'Year,Note\r\n2020,"two\nlines"\r\n2021,  x \r\n')
    assert raw_texts(path, "utf-8", [(4, 1), (2, 2)]) == {2: '2020,"two\nlines"', 4: "2021,  x "}


@given(st.text(alphabet='a,"\n\r\u2028é', max_size=60), st.integers(1, 9), st.data())
def test_with_the_index_any_lines_are_given_back_as_without_it(
    tmp_path_factory: pytest.TempPathFactory, text: str, chunk: int, data: st.DataObject
) -> None:
    path = file_of(tmp_path_factory.mktemp("lines"), text.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "CHUNK", chunk)
        seen = survey(path, "a.csv", "utf-8")
        assert seen.lines == len(re.findall("[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+", text))
        wanted = data.draw(st.lists(st.tuples(st.integers(1, max(1, seen.lines)), st.integers(1, 3)), max_size=4))
        assert raw_texts(path, "utf-8", wanted, seen.index) == raw_texts(path, "utf-8", wanted)
