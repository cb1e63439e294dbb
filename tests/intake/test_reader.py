"""The strict reader: every field as written, every line accounted for, or a refusal with the place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.intake.delimited import delimited_rows, split_record
from pipeline.intake.problem import Problem, Refused
from pipeline.intake.reader import Account, Record, read_records


def read(
    tmp_path: Path, content: str | bytes, width: int | None = None, **dialect: Any
) -> tuple[list[Record], Account]:
    path = tmp_path / "a.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    account = Account()
    said: dict[str, Any] = {"encoding": "utf-8", "delimiter": ",", "header_line": 1, "line_range": None} | dialect
    rows = delimited_rows(path, "a.csv", said["encoding"], said["delimiter"], said["line_range"])
    return list(read_records(rows, "a.csv", said["header_line"], said["line_range"], width, account)), account


def values(tmp_path: Path, content: str | bytes, **dialect: Any) -> list[tuple[int, tuple[str, ...]]]:
    """Each record as (line number, fields); every line must be accounted for."""
    records, account = read(tmp_path, content, **dialect)
    taken = [item.lines for part in (records, account.rejected, account.set_aside) for item in part]
    assert sum(taken) == account.physical_lines
    return [(r.line_no, r.values) for r in records]


def refusal(tmp_path: Path, content: str | bytes, **dialect: Any) -> Problem:
    with pytest.raises(Refused) as refused:
        read(tmp_path, content, **dialect)
    (problem,) = refused.value.problems
    assert problem.file == "a.csv"
    assert problem.remedy
    return problem


def test_every_value_survives_as_text(tmp_path: Path) -> None:
    odd = ["00000001", "1E5", "N/A", "NULL", "None", "nan", "TRUE", " x ", "2020-01-01", "'", "=1+1", "£", ""]
    records, _ = read(tmp_path, "A,B\n" + "".join(f"{value},{value}\n" for value in odd))
    assert [r.values for r in records] == [(v, v) for v in odd if v]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_all_line_ends_are_read_alike(tmp_path: Path, end: str, last: bool) -> None:
    text = end.join(["A,B", "1,2", "3,4"]) + (end if last else "")
    assert values(tmp_path, text) == [(2, ("1", "2")), (3, ("3", "4"))]


def test_mixed_line_ends_keep_their_numbers(tmp_path: Path) -> None:
    assert values(tmp_path, "A\n1\r\n2\r3\n\r\n4") == [(2, ("1",)), (3, ("2",)), (4, ("3",)), (6, ("4",))]


def test_quoted_newlines_and_delimiters_are_part_of_the_field(tmp_path: Path) -> None:
    text = 'A,B\n"x, y","one\r\ntwo\rthree"\n1,"say ""hello"""\n"",""""\n'
    assert values(tmp_path, text) == [
        (2, ("x, y", "one\r\ntwo\rthree")),
        (5, ("1", 'say "hello"')),
        (6, ("", '"')),
    ]


def test_line_numbers_are_physical_after_a_quoted_newline_in_the_header(tmp_path: Path) -> None:
    records, account = read(tmp_path, 'A,"B\n(note)"\n1,2\n')
    assert account.header == ("A", "B\n(note)")
    assert records == [Record(1, 3, 1, ("1", "2"))]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_each_delimiter_divides_and_the_others_do_not(tmp_path: Path, delimiter: str) -> None:
    other = ";" if delimiter != ";" else "|"
    text = f"A{delimiter}B\nx{other}y{delimiter}2\n"
    assert values(tmp_path, text, delimiter=delimiter) == [(2, (f"x{other}y", "2"))]


def test_blank_lines_are_set_aside_and_no_records(tmp_path: Path) -> None:
    records, account = read(tmp_path, 'A,B\n\n1,2\n , \n"",\n3,4\n\n')
    assert [(r.record_no, r.line_no) for r in records] == [(1, 3), (2, 6)]
    assert [(s.line_no, s.rule) for s in account.set_aside] == [
        (1, "header"), (2, "blank"), (4, "blank"), (5, "blank"), (7, "blank"),
    ]  # fmt: skip


def test_titles_above_the_header_are_set_aside(tmp_path: Path) -> None:
    records, account = read(tmp_path, 'Table 1, "all"\n\nA,B\n1,2\n', header_line=3)
    assert [(s.line_no, s.rule, s.text) for s in account.set_aside] == [
        (1, "title", 'Table 1, "all"'), (2, "title", ""), (3, "header", "A,B"),
    ]  # fmt: skip
    assert records == [Record(1, 4, 1, ("1", "2"))]


def test_a_range_is_read_and_nothing_outside_of_it(tmp_path: Path) -> None:
    text = 'x\n"open\nA,B\n1,2\n3,4\nTotal,"\n'
    records, account = read(tmp_path, text, header_line=3, line_range=(3, 5))
    assert [(r.record_no, r.line_no, r.values) for r in records] == [(1, 4, ("1", "2")), (2, 5, ("3", "4"))]
    assert account.physical_lines == 3


@pytest.mark.parametrize("last", [5, 9])
def test_a_range_that_the_file_does_not_have_is_refused(tmp_path: Path, last: int) -> None:
    problem = refusal(tmp_path, "A,B\n1,2\n", header_line=1, line_range=(1, last))
    assert problem.line == last
    assert "ends on line 2" in problem.found
    assert "range" in problem.remedy


def test_a_range_past_the_end_is_refused(tmp_path: Path) -> None:
    assert "no line in the range" in refusal(tmp_path, "A\n1\n", header_line=7, line_range=(7, 9)).found


def test_a_range_that_cuts_a_quoted_field_is_refused(tmp_path: Path) -> None:
    problem = refusal(tmp_path, 'A\n"x\ny"\n', header_line=1, line_range=(1, 2))
    assert problem.line == 2


def test_without_a_header_the_declared_width_holds(tmp_path: Path) -> None:
    records, account = read(tmp_path, "1,2\n3\n", width=2, header_line=0)
    assert records == [Record(1, 1, 1, ("1", "2"))]
    assert account.header is None
    assert [(r.line_no, r.rule) for r in account.rejected] == [(2, "width")]


def test_too_short_and_too_long_are_rejected_whole_and_their_numbers_kept(tmp_path: Path) -> None:
    records, account = read(tmp_path, 'A,B\n1\n"x\ny",2,3\n4,5\n6,7,\n')
    assert records == [Record(3, 5, 1, ("4", "5"))]
    assert [(r.record_no, r.line_no, r.lines, r.found, r.expected, r.values) for r in account.rejected] == [
        (1, 2, 1, "1 fields", "2 fields", ("1",)),
        (2, 3, 2, "3 fields", "2 fields", ("x\ny", "2", "3")),
        (4, 6, 1, "3 fields", "2 fields", ("6", "7", "")),
    ]


@pytest.mark.parametrize("stray", ['5" tablet,1', '"a"b,1', '"a" ,1', ' "a",1', 'a,b"'])
def test_a_stray_quote_on_one_line_rejects_that_record_alone(tmp_path: Path, stray: str) -> None:
    records, account = read(tmp_path, f"A,B\n{stray}\n3,4\n")
    assert [(r.record_no, r.line_no) for r in records] == [(2, 3)]
    assert [(r.line_no, r.rule, r.values) for r in account.rejected] == [(2, "quote", (stray,))]


def test_a_stray_quote_over_several_lines_refuses_the_file_at_the_line_it_opens_on(tmp_path: Path) -> None:
    problem = refusal(tmp_path, 'A,B\n1,2\n"x,1\ny" z,2\n')
    assert problem.line == 3
    assert "1 lines below" in problem.found


def test_a_quote_that_never_closes_refuses_the_file_at_the_line_it_opens_on(tmp_path: Path) -> None:
    problem = refusal(tmp_path, 'A,B\n1,2\n3,"x\n4,5\n')
    assert problem.line == 3
    assert "never closes" in problem.found


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "an empty file"),
        (b"\xef\xbb\xbf", "an empty file"),
        (b"A,\0B\n", "NUL"),
        (b"\n1,2\n", "a blank or broken line"),
        (b'A,B"\n1,2\n', "a blank or broken line"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_at_its_first_line(tmp_path: Path, content: bytes, words: str) -> None:
    encoding = "utf-8-sig" if content.startswith(b"\xef") else "utf-8"
    problem = refusal(tmp_path, content, encoding=encoding)
    assert problem.line == 1
    assert words in problem.found


def test_a_header_beyond_the_end_or_inside_a_quoted_title_is_refused(tmp_path: Path) -> None:
    assert "end of the file" in refusal(tmp_path, "A\n1\n", header_line=4).found
    assert "quoted field" in refusal(tmp_path, '"a\nb"\nA\n', header_line=2).found


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_no_part_of_the_header(tmp_path: Path, encoding: str) -> None:
    _, account = read(tmp_path, "Größe,£\n1,2\n".encode(encoding), encoding=encoding)
    assert account.header == ("Größe", "£")


def test_one_record_read_alone_gives_the_fields_it_gave_in_its_file() -> None:
    assert split_record('a,"b ""c"", d",', ",") == ("a", 'b "c", d', "")
    assert split_record('"two\nlines";x', ";") == ("two\nlines", "x")
    assert split_record("a,b", "|") == ("a,b",)
    assert split_record('5" x,y', ",") is None


def test_a_record_cut_inside_a_quoted_field_has_no_fields() -> None:
    assert split_record('"open,y', ",") is None
