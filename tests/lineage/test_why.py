"""Why: from a line to what became of it; the other way round of trace."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.cli import main
from pipeline.figures.catalogue import COUNTED
from pipeline.lineage.trace import NotFound, trace
from pipeline.lineage.trace.finding import table_of
from pipeline.lineage.why import why
from pipeline.publication.build import Build
from pipeline.publication.release import publish
from pipeline.store.duck import ask, opened
from pipeline.store.places import Places
from pipeline.store.releases import current_release
from tests.disclosures import Raw, counts_table, records_table
from tests.intake.test_source_sheets import add, workbook

RECORDS = "dorset/test-1/records"
COUNTS = "dorset/test-1/counts"


def asked(places: Places, query: str, values: list[str | int] | None = None) -> list[dict[str, Any]]:
    """Return the rows of a query of the release in force."""
    release = current_release(places)
    assert release is not None
    with opened(release.path) as db:
        return ask(db, query, values or [])


def only(places: Places, place: str) -> dict[str, Any]:
    """Return the one answer about a line."""
    (answer,) = why(places, place)["answers"]
    return dict(answer)


def published(raw: Raw) -> Places:
    outcome = publish(raw.build())
    assert outcome.published, outcome.message
    return raw.places


def answers(places: Places, extract_id: str) -> list[dict[str, Any]]:
    """Return the answer about each line of an extract of lines, in order."""
    (account,) = asked(places, "from ledger where extract_id = ?", [extract_id])
    (extract,) = asked(places, "from extract where extract_id = ?", [extract_id])
    assert extract["address"] is None
    return [only(places, f"{extract_id}:{line}") for line in range(1, account["lines"] + 1)]


def shown(places: Places, place: str) -> str:
    """Return what `foi why` prints, whatever the width of the terminal."""
    folders = ["--raw", str(places.raw), "--warehouse", str(places.warehouse)]
    result = CliRunner().invoke(main, ["why", place, *folders])
    assert result.exit_code == 0, result.output
    return " ".join(result.stdout.split())


def agrees_with_ledger(places: Places, extract_id: str, found: list[dict[str, Any]]) -> None:
    """Assert that the classes of all lines and cells are those that the ledger counts."""
    of = "where extract_id = ?"
    lines = {(r["line_class"], r["rule"]): r["lines"] for r in asked(places, f"from ledger_rule {of}", [extract_id])}
    assert Counter((answer["class"], answer["rule"]) for answer in found) == lines
    cells = {r["cell_class"]: r["cells"] for r in asked(places, f"from ledger_cell {of}", [extract_id])}
    told = {(a["record_no"], cell["column"], cell["class"]) for a in found for cell in a["cells"]}
    assert Counter(line_class for *_, line_class in told) == cells


def are_inverse(places: Places, found: list[dict[str, Any]]) -> None:
    """Assert that each figure opens to the lines that say that they are in it, and to no other."""
    records: dict[str, set[int]] = defaultdict(set)
    for answer in found:
        for figure in answer["figures"]:
            records[figure["id"]].add(answer["record_no"])
    for table in COUNTED:
        for row in asked(places, f"select id, value_min, value_max, n from {table.name}"):
            opened_to = trace(places, row["id"], None)["lines"]
            assert {line["record_no"] for line in opened_to} == records.pop(row["id"], set()), row["id"]
            assert len(opened_to) == row["n"]
    assert not records
    printed = {figure["id"] for answer in found for figure in answer["printed"]}
    assert printed == {row["id"] for row in asked(places, "select id from printed")}
    assert printed == {c["printed_figure"] for answer in found for c in answer["cells"]} - {None}
    stand_on = {
        answer["record_no"]: {figure["id"] for figure in (*answer["figures"], *answer["derived"])} for answer in found
    }
    for row in asked(places, "from year_change") + asked(places, "from period_sum"):
        for own in stand_on.values():
            assert (row["id"] in own) == (not own.isdisjoint(row["parents"])), row["id"]
    for answer in found:
        for cell in answer["cells"]:
            if cell["printed_figure"] is not None:
                (line,) = trace(places, cell["printed_figure"])["lines"]
                assert (line["record_no"], line["cells"][0]["printed"]) == (answer["record_no"], cell["printed"])


@pytest.mark.parametrize(
    "extract_id",
    [
        "cumbria/foi-1306-25/q1b-sub-group-by-year",
        "cumbria/foi-1306-25/q1cd-outcome-by-hospital-part1",
        "leicestershire/hospital-2019-20-sample/offence-codes-2019-20-sample",
    ],
)
def test_every_line_of_a_shipped_extract_has_one_answer_that_the_ledger_agrees_with(
    shipped: Build, extract_id: str
) -> None:
    found = answers(shipped.places, extract_id)
    assert all(answer["words"] and answer["as_ingested"] for answer in found)
    agrees_with_ledger(shipped.places, extract_id, found)


def test_every_rejected_line_of_the_shipped_extracts_says_by_which_rule(shipped: Build) -> None:
    rejected = asked(shipped.places, "select distinct extract_id, record_no, line_no, rule from rejected")
    assert len(rejected) == 12
    for row in rejected:
        answer = only(shipped.places, f"{row['extract_id']}:{row['line_no']}")
        assert (answer["class"], answer["record_no"]) == ("rejected", row["record_no"])
        assert row["rule"] in {r["rule"] for r in answer["rejected"]} and answer["figures"] == []


MONTHS = st.sampled_from(["2020-05", "May-20", "2020-06", "2021-01", "TBC", ""])
PLATFORMS = st.sampled_from(["TikTok", "tiktok, FB", "Facebook", "MSN??", ""])
NOTES = st.sampled_from(["a", '"b\nb"'])
LINES = st.one_of(
    st.tuples(MONTHS, PLATFORMS, NOTES).map(lambda fields: f'{fields[0]},"{fields[1]}",{fields[2]}'),
    st.sampled_from(["2020-05,TikTok", "", ",,"]),
)


@settings(max_examples=3, deadline=None)
@given(st.lists(LINES, min_size=3, max_size=6))
def test_why_and_trace_are_inverse_on_records(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    folder = tmp_path_factory.mktemp("random")
    raw = Raw(Places.of(folder / "raw", folder / "warehouse"))
    columns = {"period": "Month", "platform": "Platform", "other:note": "Note"}
    text = "\n".join(["Month,Platform,Note", "2020-05,TikTok,a", *lines]) + "\n"
    covers = {"basis": "month", "start": "2020-05-01", "end": "2020-06-30"}
    raw.add([records_table(columns, covers=covers)], {"records.csv": text})
    places = published(raw)
    found = answers(places, RECORDS)
    agrees_with_ledger(places, RECORDS, found)
    are_inverse(places, found)


CELLS = st.sampled_from(["0", "7", "1,200", "<5", "", "n/a"])


@settings(max_examples=3, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=4), st.booleans())
def test_why_and_trace_are_inverse_on_counts(
    tmp_path_factory: pytest.TempPathFactory, cells: list[list[str]], with_total: bool
) -> None:
    folder = tmp_path_factory.mktemp("random")
    raw = Raw(Places.of(folder / "raw", folder / "warehouse"))
    table = counts_table({"offence": "Offence"}, total_columns=["Total"], ignored=["Note"])
    table["wide"] = {"dimension": "period", "columns": [{"label": "2020"}, {"label": "2021"}]}
    table["markers"] = {
        "All": {"kind": "total"},
        "<5": {"kind": "suppressed", "min": 1, "max": 4},
        "n/a": {"kind": "not_held"},
    }
    offences = ["Harassment", "Burglary", "Theft", "Robbery"]
    rows = [",".join(f'"{text}"' for text in (name, *row, "x")) for name, row in zip(offences, cells, strict=False)]
    lines = ["a title", "Offence,2020,2021,Total,Note", *rows, *(["All,9,9,18,"] if with_total else [])]
    table["header_line"] = 2
    raw.add([table], {"counts.csv": "\n".join(lines) + "\n"})
    places = published(raw)
    found = answers(places, COUNTS)
    agrees_with_ledger(places, COUNTS, found)
    are_inverse(places, found)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Places:
    """Return places with one extract of records: of every kind of line one."""
    folder = tmp_path_factory.mktemp("mixed")
    raw = Raw(Places.of(folder / "raw", folder / "warehouse"))
    lines = [
        "Month,Platform,Age,Note",  # 1
        "2020-05,TikTok,12,a",  # 2
        '2020-05,"tiktok, FB",-1,"b',  # 3
        'b"',  # 4
        "",  # 5
        "TBC,TikTok,12,c",  # 6
        "2020-05,TikTok,12",  # 7
    ]
    columns = {"period": "Month", "platform": "Platform", "age": "Age", "other:note": "Note"}
    raw.add([records_table(columns)], {"records.csv": "\n".join(lines) + "\n"})
    return published(raw)


def test_a_line_inside_a_record_is_of_that_record(mixed: Places) -> None:
    first, second = (only(mixed, f"{RECORDS}:{line}") for line in (3, 4))
    assert first == second
    assert (first["record_no"], first["line_no"], first["lines"]) == (2, 3, 2)
    assert first["text"] == '2020-05,"tiktok, FB",-1,"b\nb"'
    assert {f["id"].split("/")[-2] for f in first["figures"] if f["id"].startswith("platform_month")} == {
        "tiktok",
        "facebook",
    }
    assert [(r["rule"], r["column_name"], r["value"]) for r in first["flagged"]] == [("age", "age", "-1")]


def test_each_kind_of_line_says_what_it_is(mixed: Places) -> None:
    found = {line: only(mixed, f"{RECORDS}:{line}") for line in (1, 2, 5, 6, 7)}
    assert {line: (a["class"], a["rule"]) for line, a in found.items()} == {
        1: ("set_aside", "header"),
        2: ("counted", "accepted"),
        5: ("set_aside", "blank"),
        6: ("rejected", "period"),
        7: ("rejected", "width"),
    }
    assert [(r["column_name"], r["value"]) for r in found[6]["rejected"]] == [("period", "TBC")]
    assert all(a["as_ingested"] for a in found.values())
    assert Counter(table_of(f["id"]) for f in found[2]["derived"]) == {
        "year_change": 3,
        "period_sum": 10,
        "platform_share": 4,
    }
    assert [(x["dimension"], x["label"], x["code"]) for x in found[2]["labels"]] == [
        ("period", "2020-05", "2020-05-01/2020-06-01"),
        ("platform", "TikTok", "tiktok"),
        ("age", "12", "12-15"),
    ]


@pytest.mark.parametrize(
    "name", [RECORDS, "dorset/test-1/records.csv", "raw/dorset/test-1/records.csv", "records.csv", "test-1/records.csv"]
)
def test_a_file_may_be_named_in_every_way_it_is_shown(mixed: Places, name: str) -> None:
    assert only(mixed, f"{name}:2")["record_no"] == 1
    assert only(mixed, f"{mixed.raw / 'dorset/test-1/records.csv'}:2")["record_no"] == 1


def test_a_path_from_where_one_stands_will_do(mixed: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(mixed.raw / "dorset" / "test-1")
    assert only(mixed, "./records.csv:2")["record_no"] == 1


def test_a_line_that_was_changed_afterwards_is_told(mixed: Places) -> None:
    file = mixed.raw / "dorset/test-1/records.csv"
    content = file.read_text("utf-8")
    try:
        file.write_text(content.replace("2020-05,TikTok,12,a", "2020-05,TikTok,13,a").replace("Age,Note", "Age,Notes"))
        assert [only(mixed, f"{RECORDS}:{line}")["as_ingested"] for line in (1, 2, 3, 6)] == [False, False, True, True]
        told = [(a["text"], a["ingested_text"]) for a in (only(mixed, f"{RECORDS}:{line}") for line in (1, 2, 7))]
        assert told == [
            ("Month,Platform,Age,Notes", "Month,Platform,Age,Note"),
            ("2020-05,TikTok,13,a", "2020-05,TikTok,12,a"),
            ("2020-05,TikTok,12", "2020-05,TikTok,12"),
        ]
        words = "2020-05,TikTok,13,a (the file says this now) ingested 2020-05,TikTok,12,a counted: "
        assert words in shown(mixed, "records.csv:2")
        file.unlink()
        gone = only(mixed, f"{RECORDS}:2")
        assert (gone["text"], gone["ingested_text"], gone["as_ingested"]) == (None, "2020-05,TikTok,12,a", False)
        assert "2020-05,TikTok,12,a (as ingested; it cannot be read back from the file)" in shown(
            mixed, "records.csv:2"
        )
    finally:
        file.write_text(content)


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("records.csv", "expected FILE:LINE"),
        ("records.csv:0", "expected FILE:LINE"),
        ("records.csv:two", "expected FILE:LINE"),
        (":2", "expected FILE:LINE"),
        ("recrods.csv:2", f"near to it: .*{RECORDS}"),
        ("records.csv:8", r"no extract of records.csv has line 8: found dorset/test-1/records \(7 lines\)"),
        ("records.csv:Sheet1!2", "expected a line number, since it is no workbook"),
        ("dorset/test-1/disclosure.yaml:2", "no extract of the release; expected a file that a manifest names"),
    ],
)
def test_what_is_not_there_is_answered_with_what_to_do(mixed: Places, place: str, words: str) -> None:
    with pytest.raises(NotFound, match=words):
        why(mixed, place)


def test_without_a_release_it_says_what_to_do(raw: Raw) -> None:
    with pytest.raises(NotFound, match="foi refresh"):
        why(raw.places, "records.csv:2")


def test_of_several_files_of_one_name_it_asks_which(raw: Raw) -> None:
    for reference in ("TEST/1", "TEST/2"):
        table = counts_table({"period": "Year", "count": "N"})
        raw.add([table], {"counts.csv": "Year,N\n2020,1\n"}, reference=reference)
    places = published(raw)
    with pytest.raises(
        NotFound, match=r"found 2 files of that name; say which: dorset/test-1/counts\.csv, dorset/test-2"
    ):
        why(places, "counts.csv:2")


def test_parts_of_a_file_answer_for_their_own_lines(raw: Raw) -> None:
    table = counts_table({"period": 1, "count": 2}, header_line=0)
    table["extracts"] = [{"file": "counts.csv", "range": "1-1"}, {"file": "counts.csv", "range": "3-3"}]
    raw.add([table], {"counts.csv": "2020,1\nnot a row\n2021,2\n"})
    places = published(raw)
    assert [only(places, f"counts.csv:{line}")["extract_id"] for line in (1, 3)] == [f"{COUNTS}#1-1", f"{COUNTS}#3-3"]
    with pytest.raises(NotFound, match="a file that is an extract in parts has lines that are in none"):
        why(places, "counts.csv:2")


def test_what_no_figure_table_covers_says_why(raw: Raw) -> None:
    uncertain = counts_table({"period": "Year", "count": "N"}, uncertain=["period"])
    other = counts_table({"other:ward": "Ward", "count": "N"}, file="wards.csv", id="q2", covers=None)
    del other["covers"]
    raw.add([uncertain, other], {"counts.csv": "Year,N\n2020,1\n", "wards.csv": "Ward,N\nNorth,1\n"})
    raw.add(
        [records_table({"other:note": "Note"}, constants={"platform": "TikTok"})],
        {"records.csv": "Note\na\n"},
        reference="TEST/2",
    )
    places = published(raw)
    assert "which column it is in cannot be proved (month, year)" in only(places, "counts.csv:2")["words"]
    assert "no counted table has exactly its dimensions" in only(places, "wards.csv:2")["words"]
    assert "every counted table needs one that it has not" in only(places, "records.csv:2")["words"]
    assert {only(places, f"{name}.csv:2")["class"] for name in ("counts", "wards", "records")} == {"uncounted"}
    printed = {name: [f["id"] for f in only(places, f"{name}.csv:2")["printed"]] for name in ("counts", "records")}
    assert printed == {"counts": [f"printed/{COUNTS}/1/2"], "records": []}
    assert f"uncounted: read, and in no counted table: which column {CANNOT}" in shown(places, "counts.csv:2")
    assert f"printed as printed/{COUNTS}/1/2 = 1 crimes" in shown(places, "counts.csv:2")


CANNOT = "it is in cannot be proved (month, year)"


def test_a_line_says_every_figure_that_it_is_in(shipped: Build) -> None:
    answer = only(shipped.places, "cheshire/3048/counts_in_refusal.csv:2")
    figure = "printed/cheshire/3048/counts-in-refusal#2-2/1/2"
    assert answer["class"] == "uncounted" and "in no figure table" not in answer["words"]
    assert ([f["id"] for f in answer["printed"]], answer["printed"][0]["value"]) == ([figure], 2396)
    answer = only(shipped.places, "dorset/01-fin-24-2153/q1_offences_by_period.csv:4")
    own = "dorset/01-fin-24-2153/q1/mentions/unstated/tax/tiktok"
    assert [f["id"] for f in answer["figures"]] == [f"platform_year/{own}/2023-24"]
    assert [f["id"] for f in answer["printed"]] == ["printed/dorset/01-fin-24-2153/q1-offences-by-period/3/2"]
    assert [f["id"] for f in answer["derived"]] == [
        f"year_change/platform_year/{own}/2023-24",
        f"period_sum/platform_year/{own}/2021-22--2023-24",
        "forces_platform_year/tiktok-offences-2021-24/mentions/unstated/tax/tiktok/2023-24",
    ]
    for figure in (f["id"] for f in (*answer["printed"], *answer["derived"])):
        lines = trace(shipped.places, figure)["lines"]
        assert (answer["extract_id"], answer["line_no"]) in {(x["extract_id"], x["line_no"]) for x in lines}


def test_many_derived_figures_are_counted_and_named_in_json(mixed: Places) -> None:
    assert "on these stand 3 year_change, 10 period_sum, 4 platform_share (--json names them)" in shown(
        mixed, f"{RECORDS}:2"
    )


def test_cells_of_a_sheet_are_named_as_there(raw: Raw) -> None:
    add(raw, workbook())
    places = published(raw)
    whole = only(places, "answer.xlsx:Q1 and Q2!5")
    assert (whole["class"], whole["text"], [c["cell"] for c in whole["cells"]]) == ("counted", "2021\t30", ["A5", "B5"])
    assert [c["class"] for c in only(places, "answer.xlsx:Q1 and Q2!B5")["cells"]] == ["counted"]
    assert [c["class"] for c in only(places, "answer.xlsx:B6")["cells"]] == ["total"]
    assert only(places, "answer.xlsx:3")["rule"] == "header"
    (line,) = trace(places, "platform_year/dorset/test-1/q1/mentions/unstated/calendar/tiktok/2021")["lines"]
    assert (line["place"], [c["cell"] for c in line["cells"]]) == ("Q1 and Q2!5", ["B5"])
    with pytest.raises(NotFound, match="expected a sheet that is one: Q1 and Q2"):
        why(places, "answer.xlsx:Other!2")
