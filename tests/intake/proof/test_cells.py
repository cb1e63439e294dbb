"""`foi read` without a manifest: a table of a workbook or letter comes back exactly, or is refused with its place."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from pipeline.cli import main
from pipeline.intake.problem import Refused
from pipeline.intake.reading import Reading, read_tables
from tests.intake.letter_tables.letters import PAGE
from tests.intake.letter_tables.pdfs import CELLS, GRID, TEXTS, XS, YS, Pdf
from tests.intake.letter_tables.pdfs import words as text
from tests.intake.sheets.workbooks import book, ods, ods_cell, ods_number, ods_table, xls

Rows = list[list[Any]]
COUNTS: Rows = [["Offence", "2020", "2021"], ["Stalking", 25, 30], ["Harassment", None, "<5"]]


def read(path: Path, *options: str) -> dict[str, Any]:
    """Return the JSON of the verb; the exit code fits it."""
    result = CliRunner().invoke(main, ["read", str(path), "--json", *options])
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
    document: dict[str, Any] = json.loads(result.stdout)
    assert result.exit_code == ("refused" in document)
    return document


def refusal(path: Path, *options: str) -> list[str]:
    """Return the reasons of a refusal without the folder."""
    reason: str = read(path, *options)["refused"]["reason"]
    return [line.removeprefix(f"{path.parent}/") for line in reason.splitlines()]


def written(tmp_path: Path, text: str, name: str) -> Path:
    (tmp_path / name).write_text(text)
    return tmp_path / name


def put(sheet: Any, rows: Rows, top: int = 1, left: int = 1) -> None:
    for at, row in enumerate(rows, top):
        for column, value in enumerate(row, left):
            sheet.cell(at, column).value = value


def sheet_of(tmp_path: Path, *places: tuple[Rows, int, int], then: Callable[[Any, Any], object] | None = None) -> Path:
    """Return a workbook with rows at some places of its first sheet: row and column of the first cell."""

    def fill(workbook: Any, sheet: Any) -> None:
        for rows, top, left in places:
            put(sheet, rows, top, left)
        if then is not None:
            then(workbook, sheet)

    return book(tmp_path, fill)


def values(document: dict[str, Any]) -> list[list[str]]:
    return [record["values"] for record in document["records"]]


def test_the_one_table_of_a_workbook_is_read_with_its_title_note_and_total_set_aside(tmp_path: Path) -> None:
    def merge(_: Any, sheet: Any) -> None:
        sheet.merge_cells("B2:D2")
        sheet["B9"] = "Source: Niche"

    path = sheet_of(tmp_path, ([["Offences"], *COUNTS, ["Total", 25, 30]], 2, 2), then=merge)
    document = read(path)
    assert document["columns"] == ["Offence", "2020", "2021"]
    assert document["records"] == [
        {"record_no": 1, "line_no": 4, "values": ["Stalking", "25", "30"]},
        {"record_no": 2, "line_no": 5, "values": ["Harassment", "", "<5"]},
    ]
    assert [(s["line_no"], s["rule"]) for s in document["set_aside"]] == [
        (2, "title"),
        (3, "header"),
        (6, "total"),
        (9, "note"),
    ]
    assert document["header_line"] == 3
    assert document["address"] == {"sheet": "Data", "cells": "B3:D6"}
    assert (document["encoding"], document["delimiter"], document["warnings"]) == ("cells", None, [])


@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_the_other_kinds_of_workbooks_are_read_too(tmp_path: Path, kind: str) -> None:
    def fill(_: Any, sheet: Any) -> None:
        for at, row in enumerate([["Year", "Crimes"], ["2020/21", 5]]):
            for column, value in enumerate(row):
                sheet.write(at, column, value)

    cells = (ods_cell("Year") + ods_cell("Crimes"), ods_cell("2020/21") + ods_number("5", "5"))
    path = xls(tmp_path, fill) if kind == "xls" else ods(tmp_path, ods_table(*cells))
    assert values(read(path)) == [["2020/21", "5"]]


def test_several_tables_are_listed_with_what_to_pass_and_each_is_read_by_it(tmp_path: Path) -> None:
    def more(workbook: Any, _: Any) -> None:
        put(workbook.create_sheet("By age"), [["Age", "Crimes"], ["<18", 5]])

    path = sheet_of(tmp_path, (COUNTS, 1, 1), ([["Year", "Arrests"], [2020, 4]], 5, 6), then=more)
    options = [line.partition("; pass ")[2] for line in refusal(path)]
    assert options == [
        "--sheet Data --cells A1:C3",
        "--sheet Data --cells F5:G6",
        "--sheet 'By age' --cells A1:B2",
    ]
    assert values(read(path, "--sheet", "Data", "--cells", "A1:C3")) == [
        ["Stalking", "25", "30"],
        ["Harassment", "", "<5"],
    ]
    assert values(read(path, "--sheet", "Data", "--cells", "F5:G6")) == [["2020", "4"]]
    assert values(read(path, "--sheet", "By age")) == [["<18", "5"]]
    assert len(refusal(path, "--sheet", "Data")) == 2
    assert "sheets" in refusal(path, "--cells", "A1:C3")[0]


def test_hidden_content_is_refused_with_each_place(tmp_path: Path) -> None:
    def hide(workbook: Any, sheet: Any) -> None:
        workbook.create_sheet("Names")["A1"] = "x"
        workbook["Names"].sheet_state = "hidden"
        sheet.row_dimensions[2].hidden = True

    reasons = refusal(sheet_of(tmp_path, (COUNTS, 1, 1), then=hide))
    assert len(reasons) == 2
    assert "Data!2:2" in reasons[0] and "hidden row" in reasons[0]
    assert "Names" in reasons[1] and "hidden sheet" in reasons[1]


CANNOT_BE_TOLD: dict[str, tuple[list[tuple[Rows, int, int]], int | None, str]] = {
    "a note or a record below": ([([*COUNTS, ["* provisional"]], 1, 1)], 4, "one cell in use below"),
    "a title or a header of one name": (
        [([["Table 1"], ["Platform", "Seen"], ["X", "no"]], 1, 1)],
        2,
        "a header, a title",
    ),
    "two rows of headers": (
        [([["", "Men", "", "Women"], ["Offence", "N", "%", "N"], ["a", 1, 2, 3]], 1, 1)],
        1,
        "right above",
    ),
    "a header that is numbers": ([([[2020, 2021], [1, 2]], 1, 1)], 1, "a line of numbers"),
    "a header with an empty corner": ([([[None, "Men", "Women"], ["Theft", "a", "b"]], 1, 1)], 1, "right above"),
    "a header apart": ([([["Offence", "N"]], 1, 1), ([["a", 1], ["b", 2]], 3, 1)], 1, "a row, one of 2"),
    "labels beyond an empty column": (
        [([["Offence"], ["a"]], 1, 1), ([["Men", "Women"], [1, 2]], 1, 3)],
        1,
        "text beside",
    ),
    "text alone": ([([["Notes"], ["that go"], ["on"]], 1, 1)], None, "two columns or more"),
}


@pytest.mark.parametrize("case", CANNOT_BE_TOLD)
def test_what_can_be_seen_in_two_ways_is_refused_with_its_row(tmp_path: Path, case: str) -> None:
    places, line, words = CANNOT_BE_TOLD[case]
    path = sheet_of(tmp_path, *places)
    document = read(path)
    assert document["refused"]["line_no"] == line
    assert words in document["refused"]["reason"]


def test_merged_cells_among_the_records_are_refused_until_a_person_names_the_cells(tmp_path: Path) -> None:
    rows: Rows = [["Offence", "Year", "N"], ["Theft", 2020, 1], [None, 2021, 2]]
    path = sheet_of(tmp_path, (rows, 1, 1), then=lambda _, sheet: sheet.merge_cells("A2:A3"))
    assert "sheet Data:2: found merged cells" in refusal(path)[0]
    document = read(path, "--cells", "A1:C3")
    assert values(document) == [["Theft", "2020", "1"], ["", "2021", "2"]]
    assert "merged cells" in document["warnings"][0]


def test_what_is_shown_otherwise_or_computed_is_a_warning(tmp_path: Path) -> None:
    def format_(_: Any, sheet: Any) -> None:
        sheet["B2"].number_format = "0%"
        sheet["B2"].value = 0.25

    document = read(sheet_of(tmp_path, ([["Year", "Share"], ["2020/21", 1]], 1, 1), then=format_))
    assert values(document) == [["2020/21", "0.25"]]
    assert len(document["warnings"]) == 1 and "B2" in document["warnings"][0]


def test_a_header_that_a_person_names_and_none_at_all(tmp_path: Path) -> None:
    path = sheet_of(tmp_path, ([[2020, 2021], [1, 2], [3, 4]], 1, 1))
    assert values(read(path, "--header-line", "1")) == [["1", "2"], ["3", "4"]]
    assert values(read(path, "--header-line", "0")) == [["2020", "2021"], ["1", "2"], ["3", "4"]]
    assert "sheet Data:3: found the end of the file" in refusal(path, "--header-line", "9")[0]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--cells", "C3:A1"], "is no area"),
        (["--cells", "A1:C3", "--delimiter", ","], "a file is one of them"),
        (["--sheet", "Data", "--table", "1"], "a file is one of them"),
    ],
)
def test_options_that_do_not_go_together_are_wrong_usage(tmp_path: Path, options: list[str], words: str) -> None:
    result = CliRunner().invoke(main, ["read", str(sheet_of(tmp_path, (COUNTS, 1, 1))), *options])
    assert result.exit_code == 2 and words in result.output


MARKDOWN = "# Answer\n\n| Year | N |\n|--|--|\n| 2020 | 1 |\n| Total | 1 |\n"


def test_the_one_table_of_a_letter_is_read_at_its_lines(tmp_path: Path) -> None:
    document = read(written(tmp_path, MARKDOWN, "a.md"))
    assert document["records"] == [{"record_no": 1, "line_no": 5, "values": ["2020", "1"]}]
    assert [(s["line_no"], s["rule"]) for s in document["set_aside"]] == [(3, "header"), (6, "total")]
    assert (document["header_line"], document["address"]) == (3, {"letter_table": 1})
    page = read(written(tmp_path, PAGE, "a.html"))
    assert (page["columns"], page["header_line"]) == (["Platform", "2015¹"], 7)
    assert {"line_no": 5, "rule": "title"}.items() <= page["set_aside"][0].items()


def test_the_tables_of_a_pdf_are_listed_and_read_by_number(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(Pdf().page(*GRID, *TEXTS).page(*GRID, *TEXTS).written())
    first, second = refusal(path)
    assert "table 1 of 2, page 1" in first and first.endswith("pass --table 1")
    assert "table 2 of 2, page 2" in second and second.endswith("pass --table 2")
    document = read(path, "--table", "2")
    assert document["columns"] == list(CELLS[0]) and values(document) == [list(row) for row in CELLS[1:]]
    assert document["address"] == {"letter_table": 2}
    assert refusal(path, "--table", "3")[0].startswith("a.pdf: found no table 3")


def test_a_text_file_is_lines_unless_a_person_says_that_it_is_a_letter(tmp_path: Path) -> None:
    tabs = written(tmp_path, "Year\tCrimes\n2020\t5\n2021\t6\n", "a.txt")
    assert read(tabs)["delimiter"] == "\t"
    assert read(tabs, "--table", "1")["address"] == {"letter_table": 1}
    letter = written(tmp_path, "Dear Sir\n\nYear  Crimes\n2020  5\n2021  6\n", "b.txt")
    assert [line.partition(": found ")[0] for line in refusal(letter)] == ["b.txt:3", "b.txt:3"]
    assert refusal(letter)[1].endswith("pass --table 1")
    assert values(read(letter, "--table", "1")) == [["2020", "5"], ["2021", "6"]]


def test_one_column_of_text_that_has_tables_is_no_list(tmp_path: Path) -> None:
    path = written(tmp_path, "We found these\n\nPlatform  Seen\nTikTok    yes\nX         no\n", "a.txt")
    first, second = refusal(path)
    assert "a table of one column, or a letter with tables" in first and second.endswith("pass --table 1")
    (reading,) = read_tables(path, "a.txt")
    assert isinstance(reading, Reading) and reading.address == {"letter_table": 1}
    assert "taken for a letter" in reading.warnings[-1]


def test_a_letter_without_a_table_and_a_pdf_of_another_name_are_refused(tmp_path: Path) -> None:
    assert "a letter without a table" in refusal(written(tmp_path, "# Nothing\n", "a.md"))[0]
    assert "name it .pdf" in refusal(written(tmp_path, "%PDF-1.4\n", "a.csv"))[0]


def test_a_letter_read_as_cp1252_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(MARKDOWN.replace("Year", "Year £").encode("cp1252"))
    document = read(tmp_path / "a.md")
    assert document["columns"] == ["Year £", "N"]
    assert document["warnings"] == ["read as cp1252: not UTF-8, no byte order mark"]


def test_all_tables_of_a_file_are_read_each_for_itself(tmp_path: Path) -> None:
    places: list[tuple[Rows, int, int]] = [(COUNTS, 1, 1), ([["Year", "Arrests"], [2020, 4], ["see note"]], 5, 6)]
    good, bad = read_tables(sheet_of(tmp_path, *places), "a.xlsx")
    assert isinstance(good, Reading) and good.address == {"sheet": "Data", "cells": "A1:C3"}
    assert isinstance(bad, Refused) and bad.problems[0].line == 7
    apart = sheet_of(tmp_path, (COUNTS, 1, 1), ([["Total", 25, 30]], 6, 1))
    assert all(isinstance(one, Refused) for one in read_tables(apart, "a.xlsx")), (
        "the last row may be of the table above"
    )
    spaced = sheet_of(tmp_path, ([["Offence", "All"], ["a", 3]], 1, 1), ([["Men", "Women"], [1, 2]], 1, 4))
    left, right = read_tables(spaced, "a.xlsx")
    assert isinstance(left, Reading) and isinstance(right, Refused)
    below = sheet_of(tmp_path, ([["Platform", "Seen"], ["X", "no"]], 1, 1), ([["Y", "no"], ["Z", "yes"]], 4, 1))
    assert isinstance(read_tables(below, "a.xlsx")[1], Refused), "its first row may be a record of the table above"


def test_stacked_tables_are_read_where_their_headers_are_alike_or_stand_over_numbers(tmp_path: Path) -> None:
    outcomes: Rows = [["Outcome", "2020", "2021"], ["Charged", 1, 2]]
    ages: Rows = [["Age", "Men", "Women"], ["<18", 1, 2]]
    tables = read_tables(sheet_of(tmp_path, (COUNTS, 1, 1), (outcomes, 5, 1), (ages, 8, 1)), "a.xlsx")
    assert [one.columns[0] if isinstance(one, Reading) else "" for one in tables] == ["Offence", "Outcome", "Age"]


def test_a_table_of_a_pdf_that_may_go_on_with_the_page_before_is_refused(tmp_path: Path) -> None:
    def page(*lines: tuple[str, str, str]) -> list[str]:
        texts = [text(XS[at] + 4, YS[row] - 14, word) for row, line in enumerate(lines) for at, word in enumerate(line)]
        return [*GRID, *texts]

    first = page(("Offence", "2020", "2021"), ("Theft", "1", "2"), ("Fraud", "3", "4"))
    going_on = page(("Arson", "5", "6"), ("Abuse", "7", "8"), ("Other", "9", "9"))
    its_own = page(("Age", "Men", "Women"), ("10 to 17", "5", "6"), ("18 to 64", "7", "8"))
    path = tmp_path / "a.pdf"
    path.write_bytes(Pdf().page(*first).page(*going_on).page(*its_own).written())
    one, two, three = read_tables(path, "a.pdf")
    assert isinstance(one, Reading) and isinstance(two, Refused) and isinstance(three, Reading)
    assert "a.pdf, table 2:1: found a line with a number (5), as a record has" in str(two)
    assert "table 2:1" in refusal(path, "--table", "2")[0]
    assert values(read(path, "--table", "2", "--header-line", "0"))[0] == ["Arson", "5", "6"]


TEXT = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=6),
    st.sampled_from(["Total", "Year", "2020", "Jan 2023", "a,b", " x ", "=1", "<5", "'7"]),
)
CELL = st.one_of(TEXT, st.integers(-(10**6), 10**6), st.none())


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(1, 4).flatmap(lambda n: st.lists(st.lists(CELL, min_size=n, max_size=n), min_size=1, max_size=6)),
    st.integers(1, 4),
    st.integers(1, 3),
)
def test_any_table_in_a_workbook_comes_back_exactly_or_is_refused(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[Any]], top: int, left: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "property.xlsx"
    workbook: Any = openpyxl.Workbook()
    for at, row in enumerate(rows, top):
        for column, value in enumerate(row, left):
            cell = workbook.active.cell(at, column)
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"
    workbook.save(path)
    document = read(path)
    if "refused" in document:
        assert document["refused"]["reason"]
        return
    expected = {
        at: ["" if value is None else str(value) for value in row]
        for at, row in enumerate(rows, top)
        if any(value is not None and str(value).strip() for value in row)
    }
    area = document["address"]["cells"]
    told: dict[int, list[str]] = {r["line_no"]: r["values"] for r in document["records"]}
    for aside in document["set_aside"]:
        told.setdefault(aside["line_no"], []).extend(aside["text"].split("\t"))
    assert document["rejected"] == [] and area
    assert set(told) == set(expected), "no row is left out, and none is made up"
    for at, cells in told.items():
        assert [c for c in cells if c.strip()] == [c for c in expected[at] if c.strip()]
    width = len(document["columns"])
    assert all(len(record["values"]) == width for record in document["records"])
    if width == len(rows[0]):
        assert values(document) == [expected[r["line_no"]] for r in document["records"]]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.text("abc xyz", min_size=1, max_size=6), st.integers(0, 999)), min_size=1, max_size=6))
def test_an_ordinary_table_is_never_refused(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, int]]
) -> None:
    assume(all(label.strip() for label, _ in rows))
    path = tmp_path_factory.getbasetemp() / "ordinary.xlsx"
    workbook: Any = openpyxl.Workbook()
    put(workbook.active, [["Offence", "Crimes"], *map(list, rows)])
    workbook.save(path)
    document = read(path)
    assert values(document) == [[label, str(n)] for label, n in rows]


WORDS = st.text("abcXYZ 0123", max_size=6).map(str.strip)


@settings(max_examples=80, deadline=None)
@given(
    st.integers(2, 4).flatmap(lambda n: st.lists(st.lists(WORDS, min_size=n, max_size=n), min_size=1, max_size=5)),
    st.integers(0, 3),
)
def test_any_table_in_markdown_comes_back_exactly_or_is_refused(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], above: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "property.md"
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    lines.insert(1, "|" + "---|" * len(rows[0]))
    path.write_text("\n" * above + "\n".join(lines) + "\n")
    document = read(path)
    if "refused" in document:
        assert document["refused"]["reason"]
        return
    numbers = [above + 1, *range(above + 3, above + 2 + len(rows))]
    expected = dict(zip(numbers, rows, strict=True))
    told = {r["line_no"]: r["values"] for r in document["records"]}
    aside = {s["line_no"]: s["text"] for s in document["set_aside"]}
    assert document["rejected"] == [] and sorted([*told, *aside]) == numbers
    assert all(values_ == expected[line_no] for line_no, values_ in told.items())
    assert document["columns"] == expected[document["header_line"]]
    blank_or_header = {line_no for line_no, row in expected.items() if not any(row)} | {document["header_line"]}
    assert set(aside) <= blank_or_header | {n for n, row in expected.items() if row == document["columns"]}
