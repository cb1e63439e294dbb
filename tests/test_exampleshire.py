"""What the made-up disclosure promises to the other tests: its bytes, its bad rows, its untidiness."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, defaultdict
from datetime import date
from itertools import islice, pairwise
from pathlib import Path

import pytest

from pipeline.intake.manifest import extracts_of, read_manifest
from tests import exampleshire as ex

COMMITTED = Path(__file__).parents[1] / "raw" / ex.NAME
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August",
    "September", "October", "November", "December",
)  # fmt: skip
SHORT_MONTHS = tuple(m[:3] for m in MONTHS)

MADE = ex.generate()
BAD = {(b.file, b.record_no) for b in MADE.bad_rows}


def parsed(file: str) -> list[tuple[int, list[str]]]:
    """Every record with the physical line on which it starts, counted by the csv module; no blank lines."""
    text = MADE.files[file].decode("utf-8-sig")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    records, start = [], 1
    for fields in reader:
        if fields:
            records.append((start, fields))
        start = reader.line_num + 1
    return records


def month_of(text: str) -> tuple[int, int] | None:
    """Year and month of the four notations, None for anything else."""
    if m := re.fullmatch(r"([A-Z][a-z]{2})-(\d\d)", text):
        return 2000 + int(m[2]), SHORT_MONTHS.index(m[1]) + 1
    if m := re.fullmatch(r"([A-Z][a-z]+) (\d{4})", text):
        return int(m[2]), MONTHS.index(m[1]) + 1
    if m := re.fullmatch(r"(\d{4})-(\d\d)", text):
        return int(m[1]), int(m[2])
    if m := re.fullmatch(r"(\d\d)/(\d\d)/(\d{4})", text):
        try:
            day = date(int(m[3]), int(m[2]), int(m[1]))
        except ValueError:
            return None
        return day.year, day.month
    return None


def good(file: str) -> list[list[str]]:
    return [f for n, (_, f) in enumerate(parsed(file)[1:], start=1) if (file, n) not in BAD]


GOOD = {file: good(file) for file in MADE.records}
ALL_GOOD = [*GOOD[ex.COMPLAINTS], *GOOD[ex.NO_REFERENCE]]


def column(at: int) -> Counter[str]:
    return Counter(row[at] for row in ALL_GOOD)


def crimes_by_reference() -> dict[str, list[list[str]]]:
    found = defaultdict(list)
    for reference, *rest in GOOD[ex.COMPLAINTS]:
        found[reference].append(rest)
    return found


def test_generating_again_gives_the_committed_bytes(tmp_path: Path) -> None:
    ex.write(tmp_path / ex.NAME)
    committed = {p.name: p.read_bytes() for p in COMMITTED.iterdir()}
    assert committed == MADE.files
    assert {p.name: p.read_bytes() for p in (tmp_path / ex.NAME).iterdir()} == MADE.files


def test_the_manifest_is_accepted_and_fits_the_files() -> None:
    disclosure = read_manifest(COMMITTED / ex.MANIFEST, {"exampleshire": True})
    assert disclosure.name == ex.NAME
    assert [e.extract_id for e in extracts_of(disclosure, COMMITTED)] == [
        f"{ex.NAME}/complaints",
        f"{ex.NAME}/complaints-no-reference",
    ]
    for extract in extracts_of(disclosure, COMMITTED):
        header = parsed(extract.entry.file)[0][1]
        assert list((extract.terms.columns or {}).values()) == header, "every column is declared"
        assert extract.searched_platforms == ex.REQUESTED
        assert extract.synthetic
    assert [e.unit for e in extracts_of(disclosure, COMMITTED)] == ["records", "crimes"]


def test_the_files_are_in_the_encodings_they_are_said_to_be() -> None:
    complaints, other = MADE.files[ex.COMPLAINTS], MADE.files[ex.NO_REFERENCE]
    assert complaints.startswith(b"\xef\xbb\xbfCrime Reference,")
    assert complaints.endswith(b"\r\n\r\n")
    assert complaints.count(b"\n") - complaints.count(b"\r\n") == 2, "only the two inside quotes are bare"
    assert not other.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in other
    assert other.endswith(b"\n\n") and not other.endswith(b"\n\n\n")


def test_an_independent_reader_counts_the_same_records() -> None:
    assert {file: len(parsed(file)) - 1 for file in MADE.records} == MADE.records
    assert MADE.records == {ex.COMPLAINTS: 1_300, ex.NO_REFERENCE: 700}


def test_physical_lines_add_up() -> None:
    for file, records in MADE.records.items():
        inside = sum(f.count("\n") for _, fields in parsed(file) for f in fields)
        assert MADE.files[file].count(b"\n") == 1 + records + inside + 2, "header, records, two blank lines"


@pytest.mark.parametrize("file", MADE.records)
def test_the_bad_rows_are_those_that_an_independent_judge_finds(file: str) -> None:
    (_, header), *records = parsed(file)
    found = []
    for number, (line_no, fields) in enumerate(records, start=1):
        if len(fields) != len(header):
            found.append((line_no, number, "width"))
        elif month_of(fields[ex.MONTH]) is None:
            found.append((line_no, number, "period"))
    assert found == [(b.line_no, b.record_no, b.rule) for b in MADE.bad_rows if b.file == file]


@pytest.mark.parametrize("bad", MADE.bad_rows, ids=lambda b: f"{b.file}:{b.line_no}")
def test_a_bad_row_stands_on_its_physical_line(bad: ex.BadRow) -> None:
    line = MADE.files[bad.file].decode("utf-8-sig").split("\n")[bad.line_no - 1].rstrip("\r")
    width = len(ex.HEADER if bad.file == ex.COMPLAINTS else ex.HEADER_NO_REFERENCE)
    signs = {
        "the last two fields are missing": line.count(",") == width - 3,
        "two platforms with a comma and no quotes": ",Facebook, Instagram," in line,
        "month TBC": ",TBC," in line,
        "month blank": ",," in line,
        "month 31/02/2021": ",31/02/2021," in line,
    }
    assert signs[bad.what]


def test_every_kind_of_bad_row_is_in_both_files() -> None:
    kinds = {file: {b.what for b in MADE.bad_rows if b.file == file} for file in MADE.records}
    assert kinds[ex.COMPLAINTS] == kinds[ex.NO_REFERENCE]
    assert len(kinds[ex.COMPLAINTS]) == 5


@pytest.mark.parametrize(
    ("at", "label"),
    [
        *[(ex.PLATFORM, p) for p in ("TikTok", "Tik Tok", "tiktok", "TIKTOK", "FB", "What's App", "X", "")],
        *[(ex.PLATFORM, p) for p in ("Twitter/X", "Only Fans", "Roblox", "LinkedIn", "You Tube")],
        *[(ex.PLATFORM, p) for p in ("Facbook", "Insta/snap?", "MSN??")],
        *[(ex.AGE, a) for a in ("", "Unknown", "NK", "N/A", "12-15", "15-Dec", "-1", "999", "14")],
        *[(ex.STATUS, s) for s in ("", "Arrest and charge", "Arrest - no charge", "No arrest", "NFA", "arrest")],
        *[(ex.STATUS, s) for s in ("Under investigation", "Charged/Summonsed", "1A", "99", "#N/A", "See OEL")],
        (
            ex.STATUS,
            "Outcome 16 - Evidential difficulties: suspect identified; victim does not support further action",
        ),
        (ex.STATUS, "Type 18 - No Suspect Identified"),
        *[(ex.OFFENCE, o) for o in ("8L - Harassment", "Harassment", "Malicious Communications", "Stalking")],
        *[(ex.OFFENCE, o) for o in ("Sexual Grooming", "HO 8/72", "008/72", "Blackmail", "")],
        (ex.OFFENCE, "EX-LOC 14 Online Nuisance"),
        (ex.OFFENCE, 'Harassment, "course of conduct"'),
        (ex.STATUS, "Under investigation\n(awaiting phone download)"),
    ],
)
def test_the_promised_label_is_there(at: int, label: str) -> None:
    assert column(at)[label]


@pytest.mark.parametrize("separator", [", ", " / ", " & ", "; ", " and ", "/"])
def test_two_platforms_stand_in_one_cell(separator: str) -> None:
    cells = [c.split(separator) for c in column(ex.PLATFORM)]
    whole = {"Facebook", "Snapchat", "Instagram", "WhatsApp", "TikTok", "Twitter"}
    assert any(len(parts) == 2 and set(parts) <= whole for parts in cells)


@pytest.mark.parametrize("notation", [r"[A-Z][a-z]{2}-\d\d", r"[A-Z][a-z]{3,} \d{4}", r"\d{4}-\d\d", r"01/\d\d/\d{4}"])
def test_every_notation_of_a_month_is_there(notation: str) -> None:
    assert sum(n for month, n in column(ex.MONTH).items() if re.fullmatch(notation, month)) > 50


@pytest.mark.parametrize(("file", "last"), [(ex.COMPLAINTS, (2024, 10)), (ex.NO_REFERENCE, (2024, 9))])
def test_months_reach_from_2019_to_the_end_of_what_is_covered(file: str, last: tuple[int, int]) -> None:
    months = [m for row in GOOD[file] if (m := month_of(row[ex.MONTH]))]
    years = Counter(year for year, _ in months)
    assert max(months) == last
    assert 3 <= years[2019] <= 20
    assert years[2020] < years[2021] < years[2022] < years[2023]


def test_facebook_and_snapchat_are_named_most() -> None:
    named = {p: sum(n for cell, n in column(ex.PLATFORM).items() if p in cell) for p in ex.REQUESTED}
    assert sorted(named, key=lambda p: named[p])[-2:] == ["Snapchat", "Facebook"]
    assert all(named.values()), "every requested platform is there"


def test_one_crime_on_two_rows_differs_in_the_age_only() -> None:
    pairs = [(a, b) for rows in crimes_by_reference().values() for a, b in pairwise(rows) if a[:3] == b[:3]]
    assert 30 < len(pairs) < 80
    assert sum(a[-2] != b[-2] and a[-1] == b[-1] for a, b in pairs) > 30


def test_some_references_are_used_again_for_another_crime() -> None:
    again = [(a, b) for rows in crimes_by_reference().values() for a, b in pairwise(rows) if a[:3] != b[:3]]
    assert 3 <= len(again) <= 15
    assert all(a[0] != b[0] and month_of(a[1]) != month_of(b[1]) and a[2] != b[2] for a, b in again)


def test_references_are_made_up_ones() -> None:
    assert all(re.fullmatch(r"EX/2[0-4]/\d{6}", row[0]) for row in GOOD[ex.COMPLAINTS])


def test_records_of_any_number_come_one_by_one_and_the_same_each_time() -> None:
    first = list(islice(ex.records(10_000_000, 7), 500))
    assert first == list(islice(ex.records(10_000_000, 7), 500))
    assert first != list(islice(ex.records(10_000_000, 8), 500))
    rows = list(ex.records(5_000, 7))
    text = "".join(ex.line(row) for row in rows)
    assert len(rows) == text.count("\n") == 5_000
    assert [tuple(row) for row in csv.reader(io.StringIO(text))] == rows
    assert all(len(row) == len(ex.HEADER) and month_of(row[ex.MONTH]) for row in rows)
