"""Trace: from a figure back to its lines as they stand in the file, or the reason why there are none."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from pipeline.cli import main
from pipeline.lineage import trace as tracing
from pipeline.lineage.trace import NotFound, members, trace
from pipeline.publication.release import publish
from pipeline.store.digests import ROOT
from pipeline.store.places import Places
from tests.disclosures import Raw, counts_table, records_table

SEARCH = {"terms": [{"text": "TikTok", "platform": "TikTok"}, {"text": "Facebook", "platform": "Facebook"}]}
LINES = ["Month,Platform,Note", "2020-05,TikTok,a", '2020-05,"tiktok, FB","b\nb"', "2020-06,Tik Tok,c"]
TIKTOK = "dorset/test-1/records/mentions/unstated"


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Places:
    """Return places with three records published, one of them over two lines and with two platforms."""
    folder = tmp_path_factory.mktemp("records")
    raw = Raw(Places.of(folder / "raw", folder / "warehouse"))
    covers = {"basis": "month", "start": "2020-05-01", "end": "2020-06-30"}
    columns = {"period": "Month", "platform": "Platform", "other:note": "Note"}
    tables = [records_table(columns, search=SEARCH, covers=covers)]
    raw.add(tables, {"records.csv": "\n".join(LINES) + "\n"})
    outcome = publish(raw.build())
    assert outcome.published, outcome.message
    return raw.places


@pytest.fixture
def file(records: Places) -> Iterator[Path]:
    """Return the file of the published records; what a test does to it is undone."""
    path = records.raw / "dorset/test-1/records.csv"
    content = path.read_bytes()
    yield path
    path.write_bytes(content)


def publish_counts(raw: Raw, text: str, **terms: Any) -> None:
    raw.add([counts_table({"period": "Year", "count": "Count"}, **terms)], {"counts.csv": text})
    outcome = publish(raw.build())
    assert outcome.published, outcome.message


def test_a_figure_opens_to_its_lines_as_they_stand_in_the_file(records: Places) -> None:
    found = trace(records, f"platform_month/{TIKTOK}/month/tiktok/2020-05")
    assert (found["figure"]["value"], found["why_no_lines"]) == (2, None)
    assert [(x["record_no"], x["line_no"], x["text"], x["as_ingested"]) for x in found["lines"]] == [
        (1, 2, LINES[1], True),
        (2, 3, LINES[2], True),
    ]
    assert {(x["extract_id"], x["file"]) for x in found["lines"]} == {
        ("dorset/test-1/records", "dorset/test-1/records.csv")
    }
    assert found["definition"].startswith("Mentions of a platform, by month")


def test_labels_say_how_each_was_read_and_add_up(records: Places) -> None:
    found = trace(records, f"period_sum/platform_month/{TIKTOK}/month/tiktok/2020-05--2020-06")
    platforms = [(x["label"], x["code"], x["n"]) for x in found["labels"] if x["dimension"] == "platform"]
    assert sorted(platforms) == [
        ("Tik Tok", "tiktok", 1),
        ("TikTok", "tiktok", 1),
        ("tiktok, FB", "tiktok; facebook", 1),
    ]
    assert sum(n for *_, n in platforms) == found["figure"]["n"] == len(found["lines"]) == 3


def test_a_derived_figure_opens_to_its_parents_and_their_lines_once_each(records: Places) -> None:
    found = trace(records, f"platform_share/platform_year/{TIKTOK}/calendar/tiktok/2020")
    assert [(p["id"].split("/")[-2], p["value"]) for p in found["parents"]] == [
        ("facebook", 1),
        ("tiktok", 3),
    ]
    assert [x["record_no"] for x in found["lines"]] == [1, 2, 3]
    assert found["figure"]["n"] == 3


def test_a_derived_figure_says_how_it_is_made_of_its_parents(raw: Raw) -> None:
    publish_counts(raw, "Year,Count\n2020,20\n2021,25\n")
    change = trace(raw.places, "year_change/crimes_year/dorset/test-1/q1/crimes/unstated/calendar/2021")
    assert (change["figure"]["value"], change["formula"]) == (
        25.0,
        "100 x (later - earlier) / earlier = 100 x (25 - 20) / 20",
    )
    assert [(p["value"], p["unit"], p["n"], p["parents"]) for p in change["parents"]] == [
        (20, "crimes", 1, []),
        (25, "crimes", 1, []),
    ]
    total = trace(raw.places, "period_sum/crimes_year/dorset/test-1/q1/crimes/unstated/calendar/2020--2021")
    assert total["formula"] == "the sum of its parents = 20 + 25"
    assert trace(raw.places, change["parents"][0]["id"])["formula"] is None


def test_a_derived_figure_says_what_it_does_not_know(raw: Raw) -> None:
    publish_counts(raw, "Year,Count\n2020,<5\n2021,25\n", markers={"<5": {"kind": "suppressed", "min": 1, "max": 4}})
    change = trace(raw.places, "year_change/crimes_year/dorset/test-1/q1/crimes/unstated/calendar/2021")
    assert (change["figure"]["value"], change["formula"]) == (
        None,
        "100 x (later - earlier) / earlier = 100 x (25 - 1..4) / 1..4",
    )


@pytest.mark.parametrize(("window", "chunk"), [(1, 1), (1, 5000), (2, 2), (500_000, 1)])
def test_lines_are_the_same_in_windows_and_pieces_of_any_size(
    records: Places, monkeypatch: pytest.MonkeyPatch, window: int, chunk: int
) -> None:
    identity = f"period_sum/platform_month/{TIKTOK}/month/tiktok/2020-05--2020-06"
    whole = trace(records, identity, None)
    monkeypatch.setattr(tracing, "LABELS_COUNTED", window)
    monkeypatch.setattr(members, "CHUNK", chunk)
    assert trace(records, identity, None) == whole
    for first in (1, 2, 3):
        assert trace(records, identity, first)["lines"] == whole["lines"][:first]


def test_the_first_lines_of_a_large_extract_are_found_wherever_they_lie(
    raw: Raw, monkeypatch: pytest.MonkeyPatch
) -> None:
    months = ["2020-05"] * 200 + ["2020-06"] * 60
    lines = [f"{month},{'TikTok' if at % 3 else 'Facebook'}" for at, month in enumerate(months)]
    table = records_table({"period": "Month", "platform": "Platform"}, search=SEARCH)
    raw.add([table], {"records.csv": "\n".join(["Month,Platform", *lines]) + "\n"})
    publish(raw.build())
    identity = f"platform_month/{TIKTOK}/month/tiktok/2020-06"
    whole = trace(raw.places, identity, None)
    assert [line["record_no"] for line in whole["lines"]] == [at + 1 for at in range(200, 260) if at % 3]
    monkeypatch.setattr(tracing, "LABELS_COUNTED", 100)
    for first in (0, 1, 39, 50):
        assert trace(raw.places, identity, first)["lines"] == whole["lines"][:first]


def test_a_trace_sees_the_release_in_force_and_store_files_that_are_gone(raw: Raw) -> None:
    identity = f"platform_month/{TIKTOK}/month/tiktok/2020-05"
    for number in (1, 2):
        table = records_table({"period": "Month", "platform": "Platform"}, search=SEARCH)
        raw.add([table], {"records.csv": "Month,Platform\n" + "2020-05,TikTok\n" * number})
        assert publish(raw.build()).published
        found = trace(raw.places, identity)
        assert (found["release"]["number"], len(found["lines"])) == (number, number)
    shutil.rmtree(raw.places.warehouse / "store" / "source")
    with pytest.raises(NotFound, match="store files of the release in force"):
        trace(raw.places, identity)


def test_of_a_large_extract_labels_are_of_the_lines_shown_unless_all_are(
    raw: Raw, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [f"2020-05,{'TikTok' if at % 2 else 'Tik Tok'}" for at in range(60)]
    table = records_table({"period": "Month", "platform": "Platform"}, search=SEARCH)
    raw.add([table], {"records.csv": "\n".join(["Month,Platform", *lines]) + "\n"})
    publish(raw.build())
    identity = f"platform_month/{TIKTOK}/month/tiktok/2020-05"
    monkeypatch.setattr(tracing, "LABELS_COUNTED", 59)

    def told(first: int | None) -> tuple[str, int, int]:
        found = trace(raw.places, identity, first)
        return (
            found["labels_of"],
            sum(x["n"] for x in found["labels"] if x["dimension"] == "platform"),
            len(found["lines"]),
        )

    assert told(50) == ("the lines shown", 50, 50)
    assert told(None) == ("all lines", 60, 60)
    monkeypatch.setattr(tracing, "LABELS_COUNTED", 60)
    assert told(50) == ("all lines", 60, 50)


def test_a_label_comes_with_the_row_it_was_read_by(records: Places) -> None:
    labels = trace(records, f"platform_month/{TIKTOK}/month/tiktok/2020-06")["labels"]
    assert [(x["dimension"], x["rule"], bool(x["source"])) for x in labels] == [
        ("period", "structure: month", False),
        ("platform", "reference row", True),
    ]


def test_controls_are_those_that_the_cells_take_part_in(raw: Raw) -> None:
    table = counts_table({"offence": "Offence"}, total_columns=["Total"])
    table["wide"] = {"dimension": "period", "columns": [{"label": "2020"}, {"label": "2021"}]}
    table["markers"] = {"All": {"kind": "total"}}
    text = "Offence,2020,2021,Total\nHarassment,1,2,3\nBurglary,4,5,9\nAll,5,7,12\n"
    raw.add([table], {"counts.csv": text})
    assert publish(raw.build()).published
    found = trace(raw.places, "printed/dorset/test-1/counts/2/3")
    assert [(c["kind"], c["place"]) for c in found["controls"]] == [
        ("column total", "counts.csv, line 4, column 3"),
        ("grand total", "counts.csv, line 4, column 4"),
        ("row total", "counts.csv, line 3, column 4"),
    ]
    (line,) = found["lines"]
    assert [(c["column"], c["header"], c["printed"]) for c in line["cells"]] == [(3, "2021", "5")]


def test_checks_say_what_they_found_in_the_extracts_of_the_figure(raw: Raw) -> None:
    columns = {"period": "Month", "platform": "Platform"}
    raw.add([records_table(columns)], {"records.csv": "Month,Platform\n2020-05,TikTok\nTBC,TikTok\n"})
    raw.add([counts_table({"period": "Year", "count": "N"})], {"counts.csv": "Year,N\n2020,7\n"}, reference="TEST/2")
    publish(raw.build())

    def rejected(figure: str) -> list[tuple[bool, int]]:
        checks = trace(raw.places, figure)["checks"]
        assert all(c["name"].split(".")[0] not in {"age_year", "platform_year"} for c in checks)
        return [(c["passed"], c["here"]) for c in checks if c["name"] == "rejected_records.none_rejected"]

    assert rejected("crimes_month/dorset/test-1/records/crimes/unstated/month/2020-05") == [(False, 1)]
    assert rejected("crimes_year/dorset/test-2/q1/crimes/unstated/calendar/2020") == [(False, 0)]


def test_the_release_and_the_accounts_of_the_extracts_are_told(records: Places) -> None:
    found = trace(records, f"platform_month/{TIKTOK}/month/tiktok/2020-05")
    assert (found["release"]["number"], len(found["release"]["digest"])) == (1, 64)
    assert [(e["extract_id"], e["lines"], e["counted"], e["balances"]) for e in found["extracts"]] == [
        ("dorset/test-1/records", 5, 4, True)
    ]


FIRST = f"platform_month/{TIKTOK}/month/tiktok/2020-05"
LAST = f"platform_month/{TIKTOK}/month/tiktok/2020-06"


def shown(places: Places, figure: str, *arguments: str) -> str:
    """Return what `foi trace` prints."""
    folders = ["--raw", str(places.raw), "--warehouse", str(places.warehouse)]
    result = CliRunner().invoke(main, ["trace", figure, *arguments, *folders])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_line_that_was_changed_afterwards_is_told_as_it_is_and_as_it_was(records: Places, file: Path) -> None:
    file.write_text(file.read_text().replace("2020-05,TikTok,a", "2020-05,TikTok,z").replace("b\nb", "b\nc"))
    lines = trace(records, FIRST)["lines"]
    assert [(x["text"], x["ingested_text"], x["as_ingested"]) for x in lines] == [
        ("2020-05,TikTok,z", LINES[1], False),
        (LINES[2].replace("b\nb", "b\nc"), LINES[2], False),
    ]


def test_of_a_changed_line_both_texts_are_shown(records: Places, file: Path) -> None:
    file.write_text(file.read_text().replace("Tik Tok,c", "Tik Tok,z"))
    assert "2020-06,Tik Tok,z  (the file says this now)\n     ingested  2020-06,Tik Tok,c\n" in shown(records, LAST)
    (row,) = csv.DictReader(io.StringIO(shown(records, LAST, "--format", "csv")))
    assert [row[name] for name in ("as_ingested", "text", "ingested_text")] == [
        "False",
        "2020-06,Tik Tok,z",
        "2020-06,Tik Tok,c",
    ]
    file.write_text(file.read_text().replace("Tik Tok,z", "Tik Tok,c"))
    assert "2020-06,Tik Tok,c\nperiod" in shown(records, LAST)


@pytest.mark.parametrize(
    ("damage", "texts"), [("", [None, None]), ("one line\n", [None, None]), ('Month\n"never,', ['"never,', None])]
)
def test_lines_of_a_damaged_file_are_never_called_as_ingested(
    records: Places, file: Path, damage: str, texts: list[str | None]
) -> None:
    file.write_text(damage)
    lines = trace(records, FIRST)["lines"]
    assert [(x["as_ingested"], x["text"]) for x in lines] == [(False, text) for text in texts]
    assert [x["ingested_text"] for x in lines] == LINES[1:3]


def test_of_a_file_that_is_gone_what_was_ingested_is_told_as_that(records: Places, file: Path) -> None:
    file.unlink()
    lines = trace(records, LAST)["lines"]
    assert [(x["text"], x["ingested_text"], x["as_ingested"]) for x in lines] == [(None, LINES[3], False)]
    words = "2020-06,Tik Tok,c  (as ingested; it cannot be read back from the file)\n"
    assert words in shown(records, LAST)
    assert "says this now" not in shown(records, LAST)
    (row,) = csv.DictReader(io.StringIO(shown(records, LAST, "--format", "csv")))
    assert (row["text"], row["ingested_text"]) == ("", LINES[3])


def test_a_line_that_moved_is_not_taken_for_the_one_that_was_counted(records: Places, file: Path) -> None:
    file.write_text(file.read_text().replace("Month,", "a title\nMonth,", 1))
    (line,) = trace(records, LAST)["lines"]
    assert (line["text"], line["ingested_text"], line["as_ingested"]) == ('b"', LINES[3], False)


def test_a_zero_by_absence_says_why_it_has_no_line(records: Places) -> None:
    found = trace(records, f"platform_month/{TIKTOK}/month/facebook/2020-06")
    assert (found["figure"]["value"], found["lines"]) == (0, [])
    assert "a zero by absence" in found["why_no_lines"]


def test_a_sum_of_zeros_by_absence_says_why_as_well(raw: Raw) -> None:
    terms = [*SEARCH["terms"], {"text": "Snapchat", "platform": "Snapchat"}]
    covers = {"basis": "month", "start": "2020-05-01", "end": "2020-06-30"}
    table = records_table({"period": "Month", "platform": "Platform"}, search={"terms": terms}, covers=covers)
    raw.add([table], {"records.csv": "Month,Platform\n2020-05,TikTok\n"})
    publish(raw.build())
    found = trace(raw.places, f"period_sum/platform_month/{TIKTOK}/month/snapchat/2020-05--2020-06")
    assert (found["figure"]["value"], found["lines"]) == (0, [])
    assert "zero by absence" in found["why_no_lines"]


def test_a_count_opens_to_its_line_constants_and_controls(raw: Raw) -> None:
    publish_counts(
        raw,
        "Year,Count\n2020,14\nTotal,15\n",
        markers={"Total": {"kind": "total"}},
        constants={"platform": {"value": "TikTok", "said_at": "question 1"}},
    )
    found = trace(raw.places, "platform_year/dorset/test-1/q1/mentions/unstated/calendar/tiktok/2020")
    assert [x["text"] for x in found["lines"]] == ["2020,14"]
    assert [c["verdict"] for c in found["controls"]] == ["disagrees"]
    assert any("TikTok" in str(c.values()) and "question 1" in str(c.values()) for c in found["constants"])


def test_every_caveat_comes_with_its_words(raw: Raw) -> None:
    publish_counts(raw, "Year,Count\n2020,14\n", population="Arrests of adults")
    caveats = trace(raw.places, "crimes_year/dorset/test-1/q1/crimes/unstated/calendar/2020")["caveats"]
    assert all(c["text"] for c in caveats)
    assert any(c["text"] == "Counts: Arrests of adults." for c in caveats)


def test_a_printed_cell_opens_to_its_line(raw: Raw) -> None:
    publish_counts(raw, "Year,Count\n2020,14\nTotal,14\n", markers={"Total": {"kind": "total"}})
    found = trace(raw.places, "printed/dorset/test-1/counts/2/2")
    assert [(x["line_no"], x["text"]) for x in found["lines"]] == [(3, "Total,14")]


def test_a_label_that_a_total_shares_is_read_as_on_every_other_line(raw: Raw) -> None:
    search = {"terms": [{"text": "TikTok", "platform": "TikTok"}]}
    publish_counts(raw, "Year,Count\n2020,14\nTotal,14\n", markers={"Total": {"kind": "total"}}, search=search)

    def labels(figure: str) -> list[tuple[str, str, str, int]]:
        return [(x["dimension"], x["label"], x["code"], x["n"]) for x in trace(raw.places, figure)["labels"]]

    platform = ("platform", "TikTok", "tiktok", 1)
    period = ("period", "2020", "2020-01-01/2021-01-01", 1)
    assert labels("printed/dorset/test-1/counts/2/2") == [platform]
    assert labels("printed/dorset/test-1/counts/1/2") == [period, platform]
    assert "platform: tiktok 1 = 'TikTok' 1" in shown(raw.places, "printed/dorset/test-1/counts/2/2")


@pytest.mark.parametrize("content", [b"\xef\xbb\xbf2020,14\r\n2021,15\r\n", b"2020,14\r2021,15\r", b"2020,14\n2021,15"])
def test_line_ends_and_byte_order_marks_do_not_matter(raw: Raw, content: bytes) -> None:
    raw.add([counts_table({"period": 1, "count": 2}, header_line=0)], {"counts.csv": content})
    assert publish(raw.build()).published
    for line, year in ((1, "2020"), (2, "2021")):
        found = trace(raw.places, f"crimes_year/dorset/test-1/q1/crimes/unstated/calendar/{year}")
        [told] = found["lines"]
        assert (told["line_no"], told["as_ingested"], told["ingested_text"]) == (line, True, told["text"])
        assert told["text"].lstrip("\ufeff").startswith(year)


def test_an_unknown_id_is_answered_with_near_ones(records: Places) -> None:
    identity = f"platform_month/{TIKTOK}/month/tiktok/2020-05"
    with pytest.raises(NotFound, match=f"near to it: {identity}"):
        trace(records, identity.replace("2020", "2O20"))


def test_an_unknown_table_is_answered_with_those_there_are(records: Places) -> None:
    with pytest.raises(NotFound, match=r"no figure table 'crime_year'; there are platform_month"):
        trace(records, "crime_year/dorset")


def test_store_files_that_are_gone_or_of_another_version_are_told(raw: Raw) -> None:
    publish_counts(raw, "Year,Count\n2020,14\n")
    files = [path for path in (raw.places.warehouse / "store" / "observations").rglob("*") if path.is_file()]
    assert files
    for content in (b"of another version", None):
        for path in files:
            path.unlink() if content is None else path.write_bytes(content)
        with pytest.raises(NotFound, match=r"cannot be read; expected those that this version .* run `foi refresh`"):
            trace(raw.places, "crimes_year/dorset/test-1/q1/crimes/unstated/calendar/2020")


def test_without_a_release_it_says_what_to_do(raw: Raw) -> None:
    with pytest.raises(NotFound, match="foi refresh"):
        trace(raw.places, "crimes_year/x")


def test_it_loads_neither_dagster_nor_pandas_nor_pydantic() -> None:
    program = "import sys, pipeline.lineage.trace; print(*sorted({m.split('.')[0] for m in sys.modules}))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)
    assert not {"dagster", "pandas", "pydantic", "pandera"} & set(run.stdout.split())
