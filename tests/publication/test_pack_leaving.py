"""Who has a pack, or an export, and wants to put a person together from it, finds no more joined than figures join."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.figures.catalogue import COUNTED
from pipeline.lineage.recount import Pack
from pipeline.publication.export import export
from pipeline.publication.pack.writing import Asked, write_pack
from pipeline.publication.release import publish
from pipeline.store.digests import ROOT
from pipeline.store.places import Places
from pipeline.store.releases import current_release
from tests.disclosures import Raw, counts_table, records_table
from tests.publication.test_pack import recounted

RIGHTS = {"bytes_may_leave": "yes"}
COLUMNS = {name: name.title() for name in ("reference", "period", "platform", "offence", "age", "outcome")}
CODES = {"platform": "platforms", "offence": "offence", "age": "age", "outcome": "outcome"}
PLACES = ("record_no", "line_no", "first_line")


def packed(places: Places, folder: Path, *figures: str) -> Path:
    release = current_release(places)
    assert release is not None
    folder.mkdir()
    write_pack(places, release, folder, Asked(figures))
    return folder


def rows(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every row of every table of a pack, with the name of its file."""
    for path in sorted(folder.rglob("*.jsonl")):
        if path.name != "releases.jsonl":
            name = path.relative_to(folder).as_posix()
            yield from ((name, row) for row in Pack(folder).load(name))


def assert_no_more_is_joined(folder: Path, extract_ids: set[str]) -> None:
    """Group all that is said of an extract by every number that a record could be told by, and hold it to figures."""
    for name, row in rows(folder):
        if row.get("extract_id") in extract_ids:
            assert not [c for c in PLACES if row.get(c) is not None], f"{name} says which record it is: {row}"
            assert row.get("value") is None and row.get("fields") is None
    joined = cells(folder, extract_ids)
    figures = counted_figures(folder, {extract_id.rsplit("/", 1)[0] for extract_id in extract_ids})
    assert joined.keys() <= figures.keys(), "each group of codes of one record is what one figure here is of"
    assert joined == {key: n for key, n in figures.items() if n}, "and of no more records than that"


def cells(folder: Path, extract_ids: set[str]) -> Counter[Any]:
    """Return how many records have the same joined codes; each number of a record has codes of one cell alone."""
    found: Counter[Any] = Counter()
    tables = {frozenset(t.dimensions): t for t in COUNTED}
    at = {(b["extract_id"], b["period"], b["kind"]): b for b in Pack(folder).load("tables/bucket.jsonl")}
    for extract_id in extract_ids:
        said = Pack(folder).load(f"observations/{extract_id}.jsonl")
        assert len({row["record_no"] for row in said}) == len(said), "no two rows can be told to be one record"
        for row in said:
            table = tables[frozenset(row["dimensions"])]
            assert not [d for d, column in CODES.items() if row[column] and d not in table.dimensions]
            bucket = at[extract_id, row["period"], table.period_kind]
            said_of = {**row, table.period_kind: bucket["code"]}
            platforms = row["platforms"] if "platform" in table.dimensions else [None]
            if len(platforms) > 1:
                assert table.name == "platform_year" and shares(folder, bucket), "together where a share is of them"
            for platform in platforms:
                key = [platform if d == "platform" else said_of[d] for d in table.dimensions]
                found[table.name, bucket["year_basis"], *key] += 1
    return found


def shares(folder: Path, bucket: Any) -> bool:
    found = Pack(folder).load("tables/platform_share.jsonl")
    return any((f["year_basis"], f["year"]) == (bucket["year_basis"], bucket["code"]) for f in found)


def counted_figures(folder: Path, disclosures: set[str]) -> Counter[Any]:
    found: Counter[Any] = Counter()
    for table in COUNTED:
        for f in Pack(folder).load(f"tables/{table.name}.jsonl"):
            if f["disclosure"] in disclosures:
                found[table.name, f["year_basis"], *(f[d] for d in table.dimensions)] += f["n"]
    return found


def texts(folder: Path, *without: str) -> dict[str, str]:
    return {
        name: p.read_text("utf-8")
        for p in folder.rglob("*")
        if p.is_file() and not (name := p.relative_to(folder).as_posix()).startswith(without)
    }


# --- Random records about persons, and whichever figures of them.
RECORD = st.tuples(
    st.sampled_from(["2020-01", "2020-02", "03/02/2020", "17/02/2020", "2021-04", "09/07/2021", "when?"]),
    st.sampled_from(["TikTok", "Tik-Tok", '"TikTok, Facebook"', "", "Zorgle Chat"]),
    st.sampled_from(["Harassment", "8L - Harassment", "Blackmail", "Zorgling"]),
    st.sampled_from(["11", "13", "14", "47", "199", ""]),
    st.sampled_from(["Charged", "Under investigation", "Type 8 - said to Zaphod", ""]),
)
FIGURES = st.lists(st.sampled_from([t.name for t in COUNTED] + ["platform_share", "period_sum"]), max_size=2)


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(records=st.lists(RECORD, min_size=1, max_size=12), asked=FIGURES, first=st.booleans())
def test_of_whatever_records_no_two_dimensions_are_joined_but_by_a_figure(
    tmp_path_factory: pytest.TempPathFactory, records: list[tuple[str, ...]], asked: list[str], first: bool
) -> None:
    scratch = tmp_path_factory.mktemp("random")
    raw = Raw.at(scratch)
    text = ",".join(COLUMNS.values()) + "\n"
    text += "".join(f"SECRET{i // 2},{','.join(record)}\n" for i, record in enumerate(records))
    search = {"terms": [{"text": "TikTok", "platform": "TikTok"}]}
    table = records_table(COLUMNS, sensitivity="record_personal", search=search)
    raw.add([table], {"records.csv": text}, rights=RIGHTS)
    assert publish(raw.build()).published
    whole = packed(raw.places, scratch / "whole")
    selected = packed(raw.places, scratch / "some", *asked)
    one = whole
    ids = sorted(f["id"] for t in COUNTED for f in Pack(whole).load(f"tables/{t.name}.jsonl"))
    if ids:
        one = packed(raw.places, scratch / "one", ids[0 if first else -1])
    for folder in (whole, selected, one):
        assert recounted(folder)[-1] == "OK"
        if (folder / "observations").exists():
            assert_no_more_is_joined(folder, {"dorset/test-1/records"})
        for name, content in texts(folder, "reference/", "recount.py").items():
            for secret in (
                "SECRET",
                "Zorgl",
                "Zaphod",
                "when?",
                "2020-02-03",
                "2020-02-17",
                "03/02/2020",
                "09/07/2021",
            ):
                assert secret not in content, f"{name} has {secret}"


# --- The shipped records, said to be about persons.
@pytest.fixture(scope="module")
def personal(tmp_path_factory: pytest.TempPathFactory) -> Places:
    raw = Raw.at(tmp_path_factory.mktemp("personal"))
    shutil.copytree(ROOT / "raw" / "exampleshire", raw.places.raw / "exampleshire")
    (manifest,) = raw.places.raw.rglob("disclosure.yaml")
    said = manifest.read_text("utf-8")
    manifest.write_text(said.replace("sensitivity: record\n", "sensitivity: record_personal\n"), "utf-8")
    assert publish(raw.build()).published
    return raw.places


EXTRACTS = {f"exampleshire/ex-foi-24-000001/{name}" for name in ("complaints", "complaints-no-reference")}


def test_of_the_shipped_records_no_line_can_be_put_together(personal: Places, tmp_path: Path) -> None:
    folder = packed(personal, tmp_path / "pack")
    assert recounted(folder)[-1] == "OK"
    by_line: dict[Any, set[str]] = defaultdict(set)
    for name, row in rows(folder):
        for place in PLACES:
            if row.get("extract_id") in EXTRACTS and row.get(place) is not None:
                by_line[row["extract_id"], row[place]].add(name)
    assert by_line == {}
    days = re.compile(r"20\d\d-\d\d-\d\d/20\d\d-\d\d-\d\d")
    whole = {f"{b['bucket_start']}/{b['bucket_end']}" for b in Pack(folder).load("tables/bucket.jsonl")}
    for name, content in texts(folder).items():
        assert set(days.findall(content)) <= whole, f"{name} has a period finer than a month"
    labels = [row for row in Pack(folder).load("tables/label.jsonl") if row["extract_id"] in EXTRACTS]
    assert labels and all(row["n"] is None and "reference row" in row["rule"] for row in labels if row["source"])
    assert not [row for row in labels if row["dimension"] in ("age", "period")]


def test_one_figure_brings_its_own_records_alone(personal: Places, tmp_path: Path) -> None:
    release = current_release(personal)
    assert release is not None
    figure = "synthetic/platform_year/exampleshire/ex-foi-24-000001/records/records/committed/calendar/facebook/2020"
    with duckdb.connect(str(release.path), read_only=True) as db:
        ((n,),) = db.execute("select n from platform_year where id = ?", [figure]).fetchall()
    folder = packed(personal, tmp_path / "pack", figure)
    assert recounted(folder)[-1] == "OK"
    found = Pack(folder).load("observations/exampleshire/ex-foi-24-000001/complaints.jsonl")
    assert len(found) == n
    assert {(json.dumps(row["platforms"]), row["period"]) for row in found} == {
        ('["facebook"]', "2020-01-01/2021-01-01")
    }
    labels = Pack(folder).load("tables/label.jsonl")
    assert {(row["dimension"], row["code"]) for row in labels} == {("platform", "facebook")}
    assert {row["column_name"] for row in Pack(folder).load("tables/flagged.jsonl")} <= {
        *("platform", "period", "reference")
    }


def test_an_export_says_no_more_of_records_than_a_pack(personal: Places, tmp_path: Path) -> None:
    export(personal, tmp_path / "out.duckdb", local=False)
    content = (tmp_path / "out.duckdb").read_bytes()
    assert b"EX/20/000005" not in content and b"01/02/2020" not in content
    with duckdb.connect(str(tmp_path / "out.duckdb"), read_only=True) as db:
        for table, column in (
            ("label", "first_line"),
            ("label", "n"),
            ("flagged", "line_no"),
            ("rejected", "record_no"),
        ):
            assert db.execute(f"select count(*), count({column}) from {table}").fetchall()[0][1] == 0, table
        days = "select count(*) from bucket where period not similar to '....-..-01/....-..-01( part)?'"
        assert db.execute(days).fetchone() == (0,)
        assert db.execute("select distinct rule from label where dimension in ('age', 'period')").fetchall() == []
        assert db.execute("select count(*) from figure").fetchone() != (0,)


# --- Controls, and counts as telling as records.
def test_sums_of_records_by_more_than_their_time_do_not_leave(raw: Raw, tmp_path: Path) -> None:
    records = records_table(
        {"period": "Month", "offence": "Offence"},
        sensitivity="record_personal",
        agrees_with=[{"table": "q1", "over": ["period", "offence"]}, {"table": "q2", "over": ["period"]}],
    )
    cover = {"basis": "month", "start": "2020-01-01", "end": "2020-12-31"}
    both = counts_table({"period": "Month", "offence": "Offence", "count": "N"}, file="both.csv", covers=cover)
    months = counts_table({"period": "Month", "count": "N"}, file="months.csv", id="q2", covers=cover)
    files: dict[str, bytes | str] = {
        "records.csv": "Month,Offence\n2020-01,Blackmail\n2020-01,Harassment\n2020-02,Harassment\n",
        "both.csv": "Month,Offence,N\n2020-01,Blackmail,1\n2020-02,Harassment,2\n",
        "months.csv": "Month,N\n2020-01,2\n2020-02,1\n",
    }
    raw.add([records, both, months], files, rights=RIGHTS)
    assert publish(raw.build()).published
    places = [row["place"] for row in Pack(packed(raw.places, tmp_path / "whole")).load("tables/control.jsonl")]
    assert places == ["against table q2, 2020-01-01/2020-02-01", "against table q2, 2020-02-01/2020-03-01"]
    some = packed(raw.places, tmp_path / "some", "offence_year")
    assert Pack(some).load("tables/control.jsonl") == []
    assert recounted(some)[-1] == "OK"


def test_of_counts_as_telling_as_records_there_are_places_and_counts_alone(raw: Raw, tmp_path: Path) -> None:
    columns = {"period": "Year", "offence": "Offence", "age": "Age", "count": "N"}
    text = "Year,Offence,Age,N\n2020,Blackmail,13,1\n2020,Zorgling,47,2\n"
    raw.add([counts_table(columns, sensitivity="record_personal")], {"counts.csv": text}, rights=RIGHTS)
    assert publish(raw.build()).published
    folder = packed(raw.places, tmp_path / "pack")
    assert recounted(folder)[-1] == "OK"
    for row in Pack(folder).load("observations/dorset/test-1/counts.jsonl"):
        assert [row[c] for c in ("period", *CODES.values())] == [None] * 5, "no figure is by offence, age and year"
    for row in Pack(folder).load("tables/printed.jsonl"):
        assert not [row[c] for c in row if c.endswith("_label") and row[c] is not None] and row["printed"] is None
        assert row["value"] in (1, 2)


def test_of_counts_that_may_not_leave_there_is_what_the_figures_asked_for_need(raw: Raw, tmp_path: Path) -> None:
    table = counts_table({"period": "Year", "count": "N"}, markers={"Total": {"kind": "total"}})
    raw.add([table], {"counts.csv": "Year,N\n2020,25\n2021,30\nTotal,55\n"})
    assert publish(raw.build()).published
    figure = "crimes_year/dorset/test-1/q1/crimes/unstated/calendar/2021"
    folder = packed(raw.places, tmp_path / "one", figure)
    assert recounted(folder)[-1] == "OK"
    ((count,),) = [(row["count_min"],) for row in Pack(folder).load("observations/dorset/test-1/counts.jsonl")]
    assert count == 30
    printed = packed(raw.places, tmp_path / "printed", "printed")
    assert recounted(printed)[-1] == "OK"
    found = Pack(printed).load("observations/dorset/test-1/counts.jsonl")
    assert [(row["count_min"], row["period"]) for row in found] == [(25, None), (30, None), (55, None)]
