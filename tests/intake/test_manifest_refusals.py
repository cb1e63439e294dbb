"""Every refusal of a manifest names the line and the key, what was found, what was expected, what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.intake.manifests import COUNTS, RECORDS, SHA, changed, problems

TWO = changed(COUNTS, "    extracts:\n", f"    extracts:\n      - {{file: b.csv, sha256: {SHA}}}\n")
WIDE = changed(
    changed(COUNTS, "{period: Year, count: Count}", "{offence: Offence}"),
    "    blank: unknown\n",
    '    blank: unknown\n    wide: {dimension: period, columns: [{label: "2019"}]}\n',
)
YEAR = "{period: Year, count: Count}"
MONTH = "{period: Month, platform: Platform}"

# (what is wrong, the manifest, old, new, the line it is said of, words of the message)
KEYS = [
    ("an unknown key", COUNTS, "blank: unknown", "blnak: unknown", 8, ["'blnak'", "tables.1.blnak"]),
    ("an unknown key of an extract", COUNTS, "sha256: 0", "md5: 1, sha256: 0", 11, ["'md5'"]),
    ("a key twice", COUNTS, "decision: full", "decision: full\nforce: kent", 4, ["'force' a second time"]),
    ("no force", COUNTS, "force: dorset\n", "", 1, ["no force", "required"]),
    ("no decision", COUNTS, "decision: full\n", "", 1, ["no decision"]),
    ("no file", COUNTS, "file: a.csv, ", "", 11, ["no file"]),
    ("a word that is no decision", COUNTS, "decision: full", "decision: yes", 3, ["decision", "'yes'"]),
    ("a unit of our own making", COUNTS, "unit: crimes", "unit: offences", 7, ["unit", "'offences'"]),
    ("a digest cut short", COUNTS, SHA, "0" * 63, 11, ["sha256"]),
    ("a file elsewhere", COUNTS, "a.csv", "../a.csv", 11, ["'../a.csv'", "beside the manifest"]),
    ("a table id that is no slug", COUNTS, "id: q1", "id: Q 1", 5, ["tables.1.id", "'Q 1'"]),
    ("no extract", COUNTS, f"\n      - {{file: a.csv, sha256: {SHA}}}", " []", 10, ["extracts"]),
    ("a range of words", COUNTS, "file: a.csv", "file: a.csv, range: 2 to 9", 11, ["range", "'2 to 9'"]),
]
DATES = [
    ("a day that is not in the calendar", "2021-02-30", "2021-12-31", ["'2021-02-30'", "covers.start"]),
    ("a date in other words", "1 April 2021", "2021-12-31", ["'1 April 2021'"]),
    ("a period that ends before it starts", "2021-12-31", "2021-01-01", ["ends (2021-01-01) before"]),
    ("a number where a date belongs", "0", "2021-01-01", ["start", "date"]),
]
TERMS = [
    ("unknown force", COUNTS, "force: dorset", "force: dorsett", 1, ["'dorsett'", "forces.csv"]),
    ("no unit", COUNTS, "    unit: crimes\n", "", 5, ["counts without unit"]),
    ("no blank", COUNTS, "    blank: unknown\n", "", 5, ["counts without blank"]),
    ("no record_is", RECORDS, "    record_is: crime\n", "", 5, ["records without record_is"]),
    ("no layout", COUNTS, "    layout: counts\n", "", 5, ["no layout"]),
    ("no columns", COUNTS, f"    columns: {YEAR}\n", "", 5, ["no columns"]),
    ("record_is of counts", COUNTS, "unit: crimes", "unit: crimes\n    record_is: crime", 5, ["record_is"]),
    ("unit of records", RECORDS, "record_is: crime", "record_is: crime\n    unit: crimes", 5, ["unit in a"]),
    ("a blank of records", RECORDS, "record_is: crime", "record_is: crime\n    blank: zero", 5, ["blank"]),
    ("a count of records", RECORDS, MONTH, "{period: Month, count: N}", 5, ["count column in a records"]),
    ("counts nowhere", COUNTS, YEAR, "{period: Year}", 5, ["both or neither of a count column and wide"]),
    ("counts twice", WIDE, "{offence: Offence}", "{offence: O, count: N}", 5, ["both or neither"]),
    ("wide and a column", WIDE, "{offence: Offence}", "{period: P}", 5, ["period both wide and in a column"]),
    ("a reference of counts", COUNTS, YEAR, "{reference: R, count: N}", 5, ["reference column in a counts"]),
    ("a name of our own", COUNTS, YEAR, "{hospital: H, count: N}", 5, ["'hospital'", "other:<name>"]),
    ("an other without name", COUNTS, YEAR, '{"other:": H, count: N}', 5, ["'other:'"]),
    ("a wide name of our own", WIDE, "dimension: period", "dimension: year", 5, ["wide dimension 'year'"]),
    ("constant and column", COUNTS, "unit: crimes", "unit: crimes\n    constants: {period: '2020'}", 5,
     ["period both as a constant and in a column"]),
    ("constant and wide", WIDE, "unit: crimes", "unit: crimes\n    constants: {period: '2020'}", 5,
     ["period both as a constant and in a column"]),
    ("a constant count", COUNTS, "unit: crimes", "unit: crimes\n    constants: {count: '5'}", 5, ["count"]),
    ("names without a header", COUNTS, "unit: crimes", "unit: crimes\n    header_line: 0", 5,
     ["columns by name (Year, Count) without a header", "positions"]),
    ("uncertain of nothing", COUNTS, "unit: crimes", "unit: crimes\n    uncertain: [age]", 5,
     ["uncertain age"]),
    ("a known total of all", COUNTS, "unit: crimes", "unit: crimes\n    known_total: {value: 9}", 5,
     ["known_total of a complete table"]),
    ("transcribed, not said how", COUNTS, "unit: crimes", "unit: crimes\n    evidence: transcribed", 5,
     ["evidence: transcribed without transcription"]),
    ("a copy, not said whose", COUNTS, "unit: crimes", "unit: crimes\n    evidence: third_party_copy", 5,
     ["third_party_copy without transcription"]),
    ("synthetic of a real force", COUNTS, "unit: crimes", "unit: crimes\n    evidence: synthetic", 1,
     ["a real force", "evidence: synthetic"]),
]  # fmt: skip
TABLES = [
    ("parts that differ in unit", "    unit: crimes\n", "", "file: b.csv", "file: b.csv, unit: crimes",
     "file: a.csv", "file: a.csv, unit: arrests", "differ in unit"),
    ("parts that differ in date basis", "", "", "", "", "file: a.csv", "file: a.csv, date_basis: recorded",
     "differ in date_basis"),
    ("one file twice", "", "", "", "", "b.csv", "a.csv", "two ranges of a.csv that overlap"),
    ("ranges that overlap", "", "", "file: b.csv", "file: a.csv, range: 1-5",
     "file: a.csv, sha", "file: a.csv, range: 5-9, sha", "two ranges of a.csv that overlap"),
    ("ranges that overlap the other way round", "", "", "file: b.csv", "file: a.csv, range: 5-9",
     "file: a.csv, sha", "file: a.csv, range: 1-5, sha", "two ranges of a.csv that overlap"),
    ("names that make one id", "", "", "b.csv", "'a 1.csv'", "file: a.csv", "file: a_1.csv",
     "the extract id dorset/test-1/a-1 more than once"),
]  # fmt: skip
WHOLE = [
    ("no reference at all", COUNTS, "reference: TEST/1", "reference: null", 1, ["needs our_reference"]),
    ("one table id twice", COUNTS, "tables:\n", "tables:\n" + COUNTS.split("tables:\n")[1], 1, ["q1"]),
    ("a control of nothing", COUNTS, "unit:", "agrees_with: [{table: q9}]\n    unit:", 1, ["q9"]),
    ("a question not asked", COUNTS, "unit:", "question: why\n    unit:", 1, ["why"]),
    ("a caveat of no table", COUNTS, "tables:", "caveats: [{id: c, text: t, tables: [q9]}]\ntables:", 1,
     ["q9"]),
    ("nothing held, yet tables", COUNTS, "tables:", "holding: none\ntables:", 1, ["holding: none"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "old", "new", "line", "words"), [c[1:] for c in KEYS + TERMS + WHOLE],
                         ids=[c[0] for c in KEYS + TERMS + WHOLE])  # fmt: skip
def test_it_is_refused_at_its_line_in_words(
    tmp_path: Path, text: str, old: str, new: str, line: int, words: list[str]
) -> None:
    found = problems(tmp_path, changed(text, old, new))
    said = [str(p) for p in found if p.line == line]
    assert any(all(word in message for word in words) for message in said), [str(p) for p in found]
    assert all(p.file == "disclosure.yaml" and p.found and p.expected and p.remedy for p in found)


@pytest.mark.parametrize(("start", "end", "words"), [c[1:] for c in DATES], ids=[c[0] for c in DATES])
def test_a_bad_date_is_refused_at_its_line(tmp_path: Path, start: str, end: str, words: list[str]) -> None:
    covers = f"covers:\n      basis: range\n      start: {start}\n      end: {end}\n    unit: crimes"
    found = problems(tmp_path, changed(COUNTS, "unit: crimes", covers))
    assert {p.line for p in found} <= {7, 9}
    assert all(word in "\n".join(map(str, found)) for word in words)


@pytest.mark.parametrize("case", TABLES, ids=[c[0] for c in TABLES])
def test_parts_of_one_table_count_one_thing_and_share_no_line(tmp_path: Path, case: tuple[str, ...]) -> None:
    text = TWO
    for old, new in zip(case[1:-1:2], case[2:-1:2], strict=True):
        text = changed(text, old, new) if old else text
    found = problems(tmp_path, text)
    assert [p.line for p in found] == [5] * len(found)
    assert any(case[-1] in p.found for p in found)


def test_every_problem_is_said_at_once(tmp_path: Path) -> None:
    text = changed(changed(COUNTS, "    unit: crimes\n", ""), "    blank: unknown\n", "")
    found = problems(tmp_path, changed(text, "force: dorset", "force: nowhere"), "nowhere/test-1")
    assert [(p.line, p.found.split(": ")[-1]) for p in found] == [
        (1, "'nowhere'"),
        (5, "counts without unit"),
        (5, "counts without blank"),
    ]


def test_a_folder_that_is_not_force_and_reference_is_refused(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, COUNTS, "dorset/test-2")
    assert problem.line == 2
    assert "dorset/test-2" in problem.found
    assert "dorset/test-1" in problem.expected


def test_a_made_up_force_has_made_up_extracts_only(tmp_path: Path) -> None:
    text = changed(COUNTS, "dorset", "exampleshire")
    (problem,) = problems(tmp_path, text, "exampleshire/test-1")
    assert (problem.line, problem.column) == (1, "force")
    assert "a made-up force with a.csv as evidence: received" in problem.found


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "an empty manifest"),
        ("- force: dorset\n", 1, "no mapping"),
        ("force: dorset\nreference: [1\n", 3, "not YAML"),
        ("force: dorset\n\treference: x\n", 2, "not YAML"),
        ("force: dorset\nreference: &a\n  - *a\n", 2, "contains itself"),
        ("force: dorset\n? [a, b]\n: c\n", 2, ""),
    ],
)
def test_what_is_no_manifest_is_refused_with_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    found = problems(tmp_path, text)
    assert any(p.line == line and words in p.found for p in found)


def test_bytes_that_are_not_utf_8_are_refused_at_their_line(tmp_path: Path) -> None:
    from pipeline.intake.manifest import read_manifest
    from pipeline.intake.problem import Refused

    path = tmp_path / "disclosure.yaml"
    path.write_bytes(b"force: dorset\ntitle: \xa3 per year\n")
    with pytest.raises(Refused) as refused:
        read_manifest(path, {})
    (problem,) = refused.value.problems
    assert problem.line == 2
    assert "byte 0xa3" in problem.found


@pytest.mark.parametrize(
    "text",
    [changed(COUNTS, "reference: TEST/1", "reference: '---'"), changed(COUNTS, "a.csv", "表.csv")],
    ids=["a reference without letter or digit", "a file name without letter or digit"],
)
def test_what_no_name_can_be_made_of_is_refused(tmp_path: Path, text: str) -> None:
    assert problems(tmp_path, text)


def test_a_header_outside_the_range_is_refused(tmp_path: Path) -> None:
    text = changed(COUNTS, YEAR, "{period: 1, count: 2}\n    header_line: 1")
    assert problems(tmp_path, changed(text, "file: a.csv", "file: a.csv, range: 3-9"))


def test_a_period_with_no_day_after_it_is_refused(tmp_path: Path) -> None:
    covers = "covers: {basis: range, start: 2021-01-01, end: 9999-12-31}\n    unit: crimes"
    assert problems(tmp_path, changed(COUNTS, "unit: crimes", covers))
