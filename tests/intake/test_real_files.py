"""Every file of the shared data is read with the records that Python's csv counts, or is refused and listed here."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from pipeline.intake.problem import Refused
from pipeline.intake.reading import Asked, Reading, read_file

NO_HEADER = {
    "foi/cleveland/1024-24/arrests_s127_by_year.csv",
    "foi/cleveland/429-25/arrests_domestic_abuse_by_year.csv",
    "foi/cleveland/559-25/arrests_by_wording_year.csv",
    "foi/cleveland/645-24/q1_volume_by_year.csv",
    "foi/northumbria/018-13/q1_facebook.csv",
    "foi/northumbria/018-13/q2_twitter.csv",
    "foi/northumbria/018-13/q3_all_investigations.csv",
    "foi/northumbria/217-19/arrests.csv",
    "foi/northumbria/217-19/charge_summons.csv",
}
"""Refused: their first line is years, which a reader cannot prove to be a header."""
FIRST_RECORD = {
    "foi/cheshire/3048/counts_in_refusal.csv",
    "foi/cheshire/3144/counts_in_refusal.csv",
    "foi/dorset/01-FIN-24-002207-P/counts.csv",
    "foi/northumbria/109-17/counts_in_refusal.csv",
    "foi/northumbria/1261-21/counts_in_refusal.csv",
    "foi/northumbria/1293-19/counts_in_refusal.csv",
    "foi/northumbria/153-14/counts_in_refusal.csv",
    "foi/psni/FOI-14188/answer1.csv",
    "foi/south-wales/770-25/counts.csv",
}
"""Refused: their first line has a number of things, as records have; they have no header."""
NO_TABLE = {"reference/SOURCE.md"}
TOTALS = {"total", "grand total", "sum"}


def rows_of(path: Path) -> list[tuple[str, ...]]:
    """Return the rows of a file as the csv module parts them."""
    text = path.read_bytes().decode("utf-8-sig")
    return [tuple(row) for row in csv.reader(io.StringIO(text, newline=""), strict=True)]


def lines_of(path: Path) -> int:
    data = path.read_bytes()
    assert b"\r" not in data.replace(b"\r\n", b""), "a lone CR would be a line end too"
    return data.count(b"\n") + (not data.endswith(b"\n"))


def is_total(row: tuple[str, ...]) -> bool:
    return any(value.strip().lower() in TOTALS for value in row)


def agrees(reading: Reading, path: Path) -> None:
    """Assert that the records are the rows of the csv module, and that no line is left out."""
    header, *rows = rows_of(path) if reading.header_line else [(), *rows_of(path)]
    assert reading.header_line in {0, 1}
    if header:
        assert reading.columns == header
    width = len(header or rows[0])
    assert [r.values for r in reading.records] == [row for row in rows if len(row) == width and not is_total(row)]
    totals = [s for s in reading.account.set_aside if s.rule == "total"]
    assert len(totals) == sum(map(is_total, rows))
    others = [row for row in rows if row and len(row) != width and not is_total(row)]
    aside = [s for s in reading.account.set_aside if s.rule in {"title", "note"}]
    assert len(reading.account.rejected) + len(aside) == len(others)
    taken = [*reading.records, *reading.account.rejected, *reading.account.set_aside]
    assert sum(one.lines for one in taken) == reading.account.physical_lines == lines_of(path)


def test_every_file_is_read_as_it_is_counted_or_is_refused_and_listed(data: Path) -> None:
    files = {path.relative_to(data).as_posix(): path for path in sorted(data.rglob("*")) if path.is_file()}
    refused: dict[str, str] = {}
    for name, path in files.items():
        try:
            reading = read_file(path, name, Asked())
        except Refused as problem:
            refused[name] = problem.problems[0].found
            assert problem.problems[0].remedy
            continue
        if path.suffix == ".csv":
            agrees(reading, path)
    assert sum(path.suffix == ".csv" for path in files.values()) >= 80
    manifests = {name for name in files if name.endswith("manifest.json")}
    assert {name for name in refused if name not in manifests} == NO_HEADER | FIRST_RECORD | NO_TABLE
    assert manifests <= set(refused)
    assert {refused[name] for name in manifests} == {"markup or JSON"}
    assert {refused[name] for name in NO_HEADER} == {"a line of numbers, periods or blanks"}
    assert all("as a record has" in refused[name] for name in FIRST_RECORD)
    assert {refused[name] for name in NO_TABLE} == {"a letter without a table"}


@pytest.mark.parametrize("name", sorted(NO_HEADER | FIRST_RECORD))
@pytest.mark.parametrize("header_line", [0, 1])
def test_what_is_refused_for_its_header_is_read_once_a_person_says_where_it_is(
    data: Path, name: str, header_line: int
) -> None:
    agrees(read_file(data / name, name, Asked(header_line=header_line)), data / name)


def test_the_table_of_a_real_markdown_file_has_the_rows_that_stand_between_bars(data: Path) -> None:
    path = data / "README.md"
    numbered = enumerate(path.read_text("utf-8").splitlines(), 1)
    barred = [line_no for line_no, line in numbered if line.startswith("|")]
    reading = read_file(path, "README.md", Asked())
    assert (reading.address, reading.header_line) == ({"letter_table": 1}, barred[0])
    assert [record.line_no for record in reading.records] == barred[2:], "header and alignment are no records"
