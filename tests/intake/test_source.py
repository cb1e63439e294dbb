"""The source layer: the file that the manifest means, all its columns declared, or a refusal; read once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.intake import text_in_hand
from pipeline.intake.raw import Refusal
from pipeline.intake.source import Source, ensure_source
from pipeline.lineage.trace import trace
from pipeline.publication.release import publish
from tests.disclosures import Raw, counts_table, records_table, sources

YEARS = {"period": "Year", "count": "Count"}
FILE = "Year,Count\n2020,1\n2021,2\n"


def read(raw: Raw) -> list[Source]:
    found = sources(raw.build())
    assert all(isinstance(s, Source) for s in found), found
    return [s for s in found if isinstance(s, Source)]


def refusal(raw: Raw) -> str:
    (found,) = sources(raw.build())
    assert isinstance(found, Refusal)
    assert found.name.startswith("dorset/test-1/counts")
    return found.reason


def source_of(raw: Raw, content: bytes | str, columns: dict[str, Any] | None = None, **terms: Any) -> Source:
    raw.add([counts_table(columns or YEARS, **terms)], {"counts.csv": content})
    return read(raw)[0]


def test_records_are_stored_as_text_with_their_numbers_and_the_account_beside_them(raw: Raw) -> None:
    source = source_of(raw, "Table 1\nYear,Count\n2020,00000001\n\n2021,1E5\nx\n", header_line=2)
    assert duckdb.sql(f"from '{source.path}'").fetchall() == [
        (1, 3, 1, "2020", "00000001"),
        (2, 5, 1, "2021", "1E5"),
    ]
    account = source.account
    assert (account["header"], account["width"], account["records"]) == (["Year", "Count"], 2, 3)
    assert (account["file_lines"], account["physical_lines"]) == (6, 6)
    assert (account["columns"], account["encoding"]) == ({"period": 1, "count": 2}, "utf-8")
    assert [s["rule"] for s in account["set_aside"]] == ["title", "header", "blank"]
    assert [(r["record_no"], r["line_no"], r["rule"]) for r in account["rejected"]] == [(3, 6, "width")]
    assert source.header_of(2) == "Count"


@pytest.mark.parametrize("text", ["NULL", "None", "N/A", "nan", "null", "NA", "<NA>", ""])
def test_no_text_turns_into_a_null(raw: Raw, text: str) -> None:
    raw.add([records_table({"period": "M", "platform": "P"})], {"records.csv": f"M,P\nJan-20,{text}\n"})
    assert duckdb.sql(f"select f2 from '{read(raw)[0].path}'").fetchall() == [(text,)]


def test_cp1252_is_read_and_said_so_where_a_file_is_not_utf_8(raw: Raw) -> None:
    source = source_of(raw, "Year,Count\n2020 – ‘£’,1\n".encode("cp1252"))
    assert source.account["encoding"] == "cp1252"
    assert source.account["encoding_by"] == "not UTF-8, no byte order mark"
    assert duckdb.sql(f"select f1 from '{source.path}'").fetchall() == [("2020 – ‘£’",)]


def test_numbers_and_lines_run_on_over_the_pieces(raw: Raw) -> None:
    n = 250_000
    lines = "".join(f"Jan-20,P{i % 7}\n" for i in range(1, n + 1))
    terms = records_table({"period": "Month", "platform": "Platform"}, header_line=2)
    raw.add([terms], {"records.csv": "A title\nMonth,Platform\n" + lines})
    (source,) = read(raw)
    pieces = list(source.batches())
    assert [len(piece) for piece in pieces] == [100_000, 100_000, 50_000]
    numbers = [number for piece in pieces for number in piece["record_no"].to_pylist()]
    assert numbers == list(range(1, n + 1))
    assert [line for piece in pieces for line in piece["line_no"].to_pylist()] == [number + 2 for number in numbers]


ODD = 'Jan-20,TikTok\nFeb-20,"Roblox\nand ""more"""\n\nMar-20,x,y\n"Apr"-20,Roblox\nMay-20,Roblox\n'


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_how_much_is_read_at_once_changes_nothing(
    raw: Raw, monkeypatch: pytest.MonkeyPatch, end: str, encoding: str
) -> None:
    content = ("Month,Platform\n" + ODD * 20 + "Jun-20,£").replace("\n", end).encode(encoding)
    found = []
    for chunk in (1 << 20, 50, 3):
        monkeypatch.setattr(text_in_hand, "CHUNK", chunk)
        raw.add([records_table({"period": "Month", "platform": "Platform"})], {"records.csv": content})
        (source,) = read(raw)
        found.append((duckdb.sql(f"from '{source.path}'").fetchall(), source.account))
        source.path.unlink()
    assert found[0] == found[1] == found[2]
    records, account = found[0]
    assert records[:3] == [
        (1, 2, 1, "Jan-20", "TikTok"),
        (2, 3, 2, "Feb-20", f'Roblox{end}and "more"'),
        (5, 8, 1, "May-20", "Roblox"),
    ]
    assert [(r["record_no"], r["line_no"], r["rule"]) for r in account["rejected"][:2]] == [
        (3, 6, "width"),
        (4, 7, "quote"),
    ]
    assert account["file_lines"] == account["physical_lines"] == 142


def test_figures_open_to_their_lines_below_lines_that_are_no_records(raw: Raw) -> None:
    raw.add([records_table({"period": "Month", "platform": "Platform"})], {"records.csv": "Month,Platform\n" + ODD * 3})
    assert publish(raw.build()).published
    lines = trace(raw.places, "platform_month/dorset/test-1/records/mentions/unstated/month/roblox/2020-05")["lines"]
    assert [line["line_no"] for line in lines] == [8, 15, 22]
    assert all(line["as_ingested"] and line["text"] == "May-20,Roblox" for line in lines)


def test_a_file_is_read_once_and_again_only_where_the_manifest_says_something_else_of_it(raw: Raw) -> None:
    first = source_of(raw, FILE)
    read_at = first.path.stat().st_mtime_ns
    again = source_of(raw, FILE, population="offences, in words")
    assert (again.path, again.path.stat().st_mtime_ns) == (first.path, read_at)
    other = source_of(raw, FILE, blank="zero")
    assert other.path != first.path
    assert other.path.parent == first.path.parent
    assert source_of(raw, FILE).path.stat().st_mtime_ns == read_at


def test_a_file_without_records_is_a_source_without_rows(raw: Raw) -> None:
    raw.add([records_table({"period": "Month", "platform": "Platform"})], {"records.csv": "Month,Platform\n"})
    (source,) = sources(raw.build())
    assert isinstance(source, Source)
    assert duckdb.sql(f"from '{source.path}'").fetchall() == []
    assert duckdb.sql(f"from '{source.path}'").columns == ["record_no", "line_no", "lines", "f1", "f2"]


def test_a_table_of_counts_without_a_row_is_refused(raw: Raw) -> None:
    raw.add([counts_table({"period": "Year", "count": "Count"})], {"counts.csv": "Year,Count\n"})
    (refusal,) = raw.build().refusals
    assert "without a row" in refusal.reason


def test_columns_stand_where_header_or_position_says(raw: Raw) -> None:
    source = source_of(raw, "n,Count,Year,\n1,5,2020,\n", {"period": "Year", "count": 2}, ignored=["n", 4])
    assert source.account["columns"] == {"period": 3, "count": 2}
    without = source_of(raw, "2020,5\n", {"period": 1, "count": 2}, header_line=0)
    assert without.account["header"] is None
    assert without.header_of(2) == "column 2"


def test_a_wide_label_must_be_the_header_it_stands_at(raw: Raw) -> None:
    wide = {"dimension": "period", "columns": [{"at": 2, "label": "2020"}]}
    raw.add([counts_table({"offence": "O"}, wide=wide)], {"counts.csv": "O,2021\nx,1\n"})
    said = refusal(raw)
    assert "counts.csv:1, column 2: found the header '2021'" in said
    assert "expected '2020'" in said
    shifted = source_of(raw, "O,2021\nx,1\n", {"offence": "O"}, wide=wide, uncertain=["period"])
    assert shifted.account["wide"] == [{"at": 2, "label": "2020"}]


COLUMNS: list[tuple[str, str, dict[str, Any], list[str]]] = [
    ("a header renamed", "Year,Number\n2020,1\n", {},
     [":1, column Count", "no column named 'Count'", "the header is 'Year', 'Number'", "mend the manifest"]),
    ("a column missing", "Year\n2020\n", {}, [":1, column Count", "no column named 'Count'"]),
    ("a column not declared", "Year,Count,Note\n2020,1,x\n", {},
     [":1, column 3", "the column 'Note', which the manifest does not name", "ignored:"]),
    ("two columns of one name", "Year,Count,Count\n2020,1,2\n", {}, ["2 columns named 'Count'"]),
    ("one column for two uses", "Year,Count\n2020,1\n", {"ignored": ["Count"]}, ["count and ignored"]),
    ("a position that is not there", "Year,Count\n2020,1\n", {"ignored": [3]}, ["column 3", "only 2 columns"]),
    ("a total column that is not there", "Year,Count\n2020,1\n", {"total_columns": ["All"]}, ["'All'"]),
]  # fmt: skip


@pytest.mark.parametrize(("content", "terms", "words"), [c[1:] for c in COLUMNS], ids=[c[0] for c in COLUMNS])
def test_a_column_that_is_not_as_declared_refuses_the_extract(
    raw: Raw, content: str, terms: dict[str, Any], words: list[str]
) -> None:
    raw.add([counts_table(YEARS, **terms)], {"counts.csv": content})
    said = refusal(raw)
    assert all(word in said for word in ["raw/dorset/test-1/counts.csv", *words]), said


CONTENT = [
    ("empty", b"", ["an empty file"]),
    ("cut inside quotes", b'Year,Count\n2020,1\n2021,"2\n', ["counts.csv:3", "never closes"]),
    ("a NUL", b"Year,Count\n2020,\x00\n", ["counts.csv:2", "NUL"]),
    ("no text at all", b"Year,Count\n2020,\x81\n", ["counts.csv:2", "byte 0x81"]),
]


@pytest.mark.parametrize(("content", "words"), [c[1:] for c in CONTENT], ids=[c[0] for c in CONTENT])
def test_a_file_that_cannot_be_read_refuses_the_extract_and_leaves_no_store_file(
    raw: Raw, content: bytes, words: list[str]
) -> None:
    raw.add([counts_table(YEARS)], {"counts.csv": content})
    said = refusal(raw)
    assert all(word in said for word in words), said
    assert [p for p in raw.places.warehouse.rglob("*") if p.is_file()] == []


def remove(path: Path) -> None:
    path.unlink()


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def link_outside(path: Path) -> None:
    outside = path.parents[3] / "outside.csv"
    path.rename(outside)
    path.symlink_to(outside)


def change(path: Path) -> None:
    path.write_text(FILE.replace("2020,1", "2020,3"), "utf-8")


DAMAGE = [
    ("missing", remove, ["no file", "the file that the manifest names"]),
    ("a folder", make_folder, ["a folder or device"]),
    ("a link out of raw/", link_outside, ["a link that leads out of raw/", "copy the file itself"]),
    ("other bytes", change, ["SHA-256", "as its manifest says", "put the file back as it was received"]),
]


@pytest.mark.parametrize(("damage", "words"), [c[1:] for c in DAMAGE], ids=[c[0] for c in DAMAGE])
def test_a_file_that_is_not_the_one_the_manifest_means_is_refused_even_if_it_was_read_before(
    raw: Raw, damage: Callable[[Path], None], words: list[str]
) -> None:
    folder = raw.add([counts_table(YEARS)], {"counts.csv": FILE})
    read(raw)
    damage(folder / "counts.csv")
    said = refusal(raw)
    assert all(word in said for word in ["raw/dorset/test-1/counts.csv", *words]), said


def test_a_digest_that_differs_is_shown_beside_the_one_declared(raw: Raw) -> None:
    table = counts_table(YEARS, extracts=[{"file": "counts.csv", "sha256": "f" * 64}])
    raw.add([table], {"counts.csv": FILE})
    assert f"expected SHA-256 {'f' * 64}" in refusal(raw)


def test_a_table_without_any_declared_column_is_refused(raw: Raw) -> None:
    raw.add([records_table({}, file="counts.csv", header_line=0)], {"counts.csv": "x,y\n"})
    assert raw.build().refusals


def test_a_column_too_many_refuses_a_file_without_header_as_it_does_one_with(raw: Raw) -> None:
    raw.add([counts_table({"period": 1, "count": 2}, header_line=0)], {"counts.csv": "2020,1,x\n2021,2,y\n"})
    assert raw.build().refusals


def test_parts_of_one_file_are_extracts_of_their_own(raw: Raw) -> None:
    table = counts_table(
        {"period": 1, "count": 2},
        header_line=0,
        extracts=[{"file": "counts.csv", "range": "2-2"}, {"file": "counts.csv", "range": "3-3"}],
    )
    raw.add([table], {"counts.csv": FILE})
    assert [s.extract.extract_id for s in read(raw)] == [
        "dorset/test-1/counts#2-2",
        "dorset/test-1/counts#3-3",
    ]
    assert [duckdb.sql(f"select record_no, line_no, f1 from '{s.path}'").fetchall() for s in read(raw)] == [
        [(1, 2, "2020")],
        [(1, 3, "2021")],
    ]


def test_a_source_asked_for_alone_is_the_one_of_the_build(raw: Raw) -> None:
    raw.add([counts_table(YEARS)], {"counts.csv": FILE})
    build = raw.build()
    alone = ensure_source(raw.places, build.raw.extracts[0])
    assert isinstance(alone, Source)
    assert alone.path == read(raw)[0].path
