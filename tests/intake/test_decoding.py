"""Text is decoded in one way, whoever reads it: a letter, a table in a letter, a delimited file."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.intake.decoding import fallback_warning, text_lines, text_lines_of
from pipeline.intake.letter_tables import quoted_count, tables_in
from pipeline.intake.letter_text import letter_text
from pipeline.intake.problem import Problem, Refused
from pipeline.intake.reading import Asked, read_file


def written(tmp_path: Path, data: bytes, name: str = "a.txt") -> Path:
    (tmp_path / name).write_bytes(data)
    return tmp_path / name


READERS: dict[str, Callable[[Path], object]] = {
    "a letter": lambda path: letter_text(path, path.name),
    "its tables": lambda path: tables_in(path, path.name),
    "its sentences": lambda path: quoted_count(path, path.name, None, 1, "5 crimes"),
    "delimited text": lambda path: read_file(path, path.name, Asked(delimiter=",")),
}
DAMAGED = {
    "bytes that are not UTF-8 after the mark of UTF-8": (codecs.BOM_UTF8 + b"5 crimes,\xa3\n", "byte 0xa3"),
    "a byte that cp1252 does not know": (b"5 crimes,\xe9\x81\n", "byte 0x81"),
    "a NUL": (b"5 crimes,\0\n", "a NUL character"),
    "half a character of UTF-16": (codecs.BOM_UTF16_LE + "5 crimes,a".encode("utf-16-le") + b"\x00", "byte 0x00"),
}


def problem_of(read: Callable[[Path], object], path: Path) -> Problem:
    with pytest.raises(Refused) as refused:
        read(path)
    return refused.value.problems[0]


@pytest.mark.parametrize("damage", DAMAGED)
@pytest.mark.parametrize("reader", READERS)
def test_every_reader_refuses_what_no_encoding_explains_and_says_where(
    tmp_path: Path, reader: str, damage: str
) -> None:
    data, words = DAMAGED[damage]
    problem = problem_of(READERS[reader], written(tmp_path, data))
    assert problem.line == 1 and words in problem.found


@pytest.mark.parametrize("name", ["a.md", "a.html"])
def test_a_letter_of_any_form_with_the_mark_of_utf_8_and_other_bytes_is_refused(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, codecs.BOM_UTF8 + b"<p>\xa35</p>\n", name)
    for reader in ("a letter", "its tables"):
        assert "byte 0xa3, which is not utf-8" in problem_of(READERS[reader], path).found


def test_the_body_of_a_mail_is_held_to_the_charset_it_says() -> None:
    assert text_lines_of("£5\r\nb".encode("cp1252"), "a.eml", "windows-1252") == ["£5", "b"]
    assert text_lines_of(b"\xa35", "a.eml", None) == ["£5"]
    for declared, words in (("utf-8", "byte 0xa3"), ("unknown-8bit", "no encoding that is known")):
        with pytest.raises(Refused, match=words):
            text_lines_of(b"\xa35", "a.eml", declared)


def test_cp1252_is_a_warning_and_what_proves_itself_is_none(tmp_path: Path) -> None:
    assert fallback_warning(written(tmp_path, b"\xa35"), "a") == ("read as cp1252: not UTF-8, no byte order mark",)
    for data in ("£5".encode(), "£5".encode("utf-8-sig"), "£5".encode("utf-16"), b"5"):
        assert fallback_warning(written(tmp_path, data), "a") == ()


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n")), max_size=5),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_lines_are_physical_lines_whatever_stands_in_them(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], end: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "lines.txt"
    # a mark at the start is none of the text, in whatever file
    lines = [line.removeprefix("\ufeff") for line in lines]
    path.write_bytes("".join(line + end for line in lines).encode())
    assert text_lines(path, "lines.txt") == lines
