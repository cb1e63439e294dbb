"""The relation `observation`: extracts of every form beside each other, each as it is alone, and in as few queries."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from pipeline.normalisation import relation
from pipeline.normalisation.columns import OBSERVATION_COLUMNS, SHARED
from pipeline.normalisation.relation import make_observation, make_shared
from pipeline.store.duck import memory
from pipeline.store.files import read_json
from tests.disclosures import Raw, counts_table, records_table

MONTHLY = {"period": "Month", "platform": "App"}
YEARLY = {"period": "Year", "count": "Count"}
TOTAL: dict[str, Any] = {"markers": {"Total": {"kind": "total"}}}
JANUARY, FEBRUARY = "2020-01-01/2020-02-01", "2020-02-01/2020-03-01"


def paths_of(raw: Raw, *tables: tuple[dict[str, Any], str]) -> list[Path]:
    """Return the facts of each table, a disclosure each, with those that are made up behind the others."""
    for number, (table, content) in enumerate(tables):
        force = "exampleshire" if table.get("evidence") == "synthetic" else "dorset"
        raw.add([table], {table["extracts"][0]["file"]: content}, force, f"TEST/{number:02}")
    build = raw.build()
    assert build.refusals == ()
    return [observations.path for observations in build.observations]


def selected(paths: Sequence[Path], *columns: str) -> list[Any]:
    """Return columns of each observation, all where none are named, in order of extract, record, column and part."""
    with memory() as db:
        make_observation(db, paths)
        order = "extract_id, record_no, source_column, part_no"
        return db.execute(f"select {', '.join(columns) or '*'} from observation order by {order}").fetchall()


def files_read(paths: Sequence[Path]) -> list[int]:
    """Return how many files each query that the relation is made of reads."""
    with memory() as db:
        make_observation(db, paths)
        ((text,),) = db.execute("select sql from duckdb_views() where view_name = 'observation'").fetchall()
    return sorted(part.split(")")[0].count("parquet'") for part in text.split("read_parquet(")[1:])


def every_form(raw: Raw) -> list[Path]:
    other = MONTHLY | {"other:area": "Area"}
    hospital = MONTHLY | {"other:hospital": "Area"}
    by_area = {"other:area": "Area", "count": "Count"}
    wide = {"dimension": "period", "columns": [{"at": 2, "label": "2020"}, {"at": 3, "label": "2021"}]}
    text = records_table({"period": "Month", "mentions": "MO"}, sensitivity="record_personal")
    return paths_of(
        raw,
        (records_table(MONTHLY), "Month,App\nJan-20,TikTok\nFeb-20,Facebook\n"),
        (records_table(MONTHLY), "App,Month\nTikTok,Feb-20\nZork,Jan-20\n"),
        (records_table(MONTHLY), "Month,App\nTBC,TikTok\nJan-20,Facebook\n"),
        (records_table(MONTHLY), "Month,App\nJan-20,TikTok\nTBC,Facebook\n"),
        (records_table(MONTHLY, uncertain=["platform"], date_basis="recorded"), "Month,App\nFeb-20,TikTok\n"),
        (records_table({"period": "Month"}, constants={"platform": "TikTok"}), "Month\nJan-20\nTBC\n"),
        (records_table({"period": "Month"}, constants={"platform": "Facebook"}), "Month\nTBC\nJan-20\n"),
        (records_table({"period": "Month"}, constants={"platform": "TikTok", "offence": "8L"}), "Month\nFeb-20\n"),
        (records_table(other), "Month,App,Area\nJan-20,TikTok,North\nJan-20,TikTok,\n"),
        (records_table(hospital), "Month,App,Area\nJan-20,TikTok,North\n"),
        (records_table(other, constants={"other:town": "Poole"}), "Month,App,Area\nJan-20,TikTok,North\n"),
        (records_table(other, constants={"other:town": "St Mary's"}), "Month,App,Area\nFeb-20,TikTok,South\n"),
        (counts_table(YEARLY, **TOTAL), "Year,Count\n2020,1\nTotal,1\n"),
        (counts_table(YEARLY, evidence="synthetic"), "Year,Count\n2021,3\n2020,1\n"),
        (counts_table(by_area, constants={"period": "2020"}), "Area,Count\nNorth,4\n"),
        (counts_table(by_area, constants={"period": "2021"}), "Area,Count\nNorth,5\n"),
        (counts_table({"other:team": "Area", "count": "Count"}, constants={"period": "2021"}), "Area,Count\nB,5\n"),
        (counts_table({"other:area": "Area"}, wide=wide), "Area,2020,2021\nNorth,4,5\n"),
        (counts_table({"count": "Count"}, constants={"period": "2020", "platform": "TikTok"}), "Count\n7\n"),
        (records_table({}, ignored=["Ref"], constants={"period": "Jan-20", "platform": "TikTok"}), "Ref\na\nb\n"),
        (counts_table({"other:area": "Area", "count": "Count"}), "Area,Count\nNorth,8\n"),
        (counts_table({"other:team": "Area", "count": "Count"}), "Area,Count\nB,9\n"),
        (counts_table(YEARLY), "Year,Count\n2020,1\n01/01/2020 - 31/12/2020,1\n"),
        (text, "Month,MO\nJan-20,on TikTok\n"),
    )


def test_extracts_of_every_form_beside_each_other_are_what_each_is_alone(raw: Raw) -> None:
    paths = every_form(raw)
    together = selected(paths)
    assert len(together) == 32
    assert sorted(map(repr, together)) == sorted(repr(row) for path in paths for row in selected([path]))


def test_extracts_of_one_form_are_read_by_one_query(raw: Raw) -> None:
    one = records_table(MONTHLY)
    first, second, third = paths_of(
        raw,
        (one, "Month,App\nJan-20,TikTok\n"),
        (one | {"extracts": [{"file": "b.csv"}]}, "Month,App\nJan-20,TikTok\nFeb-20,Facebook\n"),
        (records_table(MONTHLY), "Month,App\nTBC,TikTok\nFeb-20,Facebook\n"),
    )
    assert files_read([first, second]) == [2]
    assert files_read([first, second, third]) == [1, 1, 2]
    assert files_read([first, third]) == [1, 1, 1]


def test_an_extract_that_reads_a_label_otherwise_is_in_a_query_of_its_own_and_the_next_in_the_first(raw: Raw) -> None:
    financial = {"basis": "financial", "start": "2020-04-01", "end": "2021-03-31"}
    tax = {"basis": "tax", "start": "2020-04-06", "end": "2021-04-05"}
    paths = paths_of(
        raw,
        *(
            (counts_table(YEARLY | {"platform": "App"}, covers=covers), "Year,App,Count\n2020/21,TikTok,1\n")
            for covers in (financial, tax, financial)
        ),
    )
    assert files_read(paths) == [1, 2]
    assert files_read(paths[:2]) == files_read(paths[1:]) == [1, 1]
    assert selected(paths, "period_basis") == [("financial",), ("tax",), ("financial",)]


def test_what_extracts_share_and_what_they_do_not_is_said_of_each(raw: Raw) -> None:
    content = "Month\nJan-20\n"
    tables = [
        records_table({"period": "Month"}, constants={"platform": "TikTok"}),
        records_table(
            {"period": "Month"},
            constants={"platform": "Facebook"},
            uncertain=["platform"],
            date_basis="recorded",
            evidence="synthetic",
        ),
    ]
    paths = paths_of(raw, *((table, content) for table in tables))
    assert files_read(paths) == [2]
    columns = ("extract_id", "platform_label", "platforms", "uncertain", "date_basis", "synthetic", "constants")
    assert selected(paths, *columns) == [
        ("dorset/test-00/records", "TikTok", ["tiktok"], [], "unstated", False, ["platform"]),
        ("exampleshire/test-01/records", "Facebook", ["facebook"], ["platform"], "recorded", True, ["platform"]),
    ]


def test_records_left_out_are_those_of_their_own_extract(raw: Raw) -> None:
    paths = paths_of(
        raw,
        (records_table(MONTHLY), "Month,App\nTBC,TikTok\nJan-20,Facebook\nFeb-20,TikTok\n"),
        (records_table(MONTHLY), "Month,App\nJan-20,TikTok\nTBC,Facebook\nFeb-20,TikTok\nTBC,Zork\n"),
    )
    assert selected(paths, "record_no", "period") == [(2, JANUARY), (3, FEBRUARY), (1, JANUARY), (3, FEBRUARY)]
    assert files_read(paths) == [2, 2]


def test_columns_that_have_no_vocabulary_stand_with_their_names(raw: Raw) -> None:
    columns = MONTHLY | {"other:area": "Area", "other:team": "Team"}
    constants = {"other:town": "St Mary's", "other:nul": "a\0b"}
    content = "Month,App,Area,Team\nJan-20,TikTok,North's,1\nJan-20,TikTok,,2\n"
    (path,) = paths_of(raw, (records_table(columns, constants=constants), content))
    assert selected([path], "other", "reference", "platform_spans") == [
        ("area=North's; team=1; nul=a\0b; town=St Mary's", None, None),
        ("area=; team=2; nul=a\0b; town=St Mary's", None, None),
    ]
    (path,) = paths_of(raw, (records_table(MONTHLY), "Month,App\nJan-20,TikTok\n"))
    assert selected([path], "other") == [(None,)]


def test_a_total_has_its_labels_and_no_codes_whether_its_line_or_its_extract_says_them(raw: Raw) -> None:
    columns = {"platform": "App", "count": "Count"}
    constants = {"period": "2020", "age": "15", "outcome": "1A", "offence": "Harassment"}
    (path,) = paths_of(raw, (counts_table(columns, constants=constants, **TOTAL), "App,Count\nTikTok,1\nTotal,1\n"))
    labels = ("platform_label", "period_label", "age_label", "outcome_label", "offence_label")
    assert selected([path], *labels) == [
        ("TikTok", "2020", "15", "1A", "Harassment"),
        ("Total", "2020", "15", "1A", "Harassment"),
    ]
    codes = ("platforms", "period", "period_basis", "age_min", "age_kind", "outcome", "outcome_level", "offence_level")
    assert selected([path], *codes, "presumed_class") == [
        (["tiktok"], "2020-01-01/2021-01-01", "calendar", 15, "exact", "1A", "type", "local", "8L"),
        (None,) * 9,
    ]
    own = ["age", "offence", "outcome", "platform"]
    assert selected([path], "kind", "dimensions") == [("data", [*own, "year"]), ("total", own)]


def test_an_observation_without_a_period_has_the_dimensions_that_all_have(raw: Raw) -> None:
    columns = {"offence": "Offence", "other:ward": "Ward", "count": "Count"}
    (path,) = paths_of(raw, (counts_table(columns), "Offence,Ward,Count\nStalking,A,2\n"))
    found = selected([path], "period", "period_label", "dimensions", "other")
    assert found == [(None, None, ["offence", "other:ward"], "ward=A")]


def test_more_labels_than_a_map_is_good_for_are_joined_with_all_their_columns(
    raw: Raw, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = every_form(raw)
    mapped = selected(paths)
    with memory() as db:
        make_observation(db, paths)
        assert db.execute("from duckdb_tables()").fetchall() == []
    monkeypatch.setattr(relation, "MAPPED_AT_ONCE", 1)
    assert selected(paths) == mapped
    with memory() as db:
        make_observation(db, paths)
        tables = db.execute(
            "select table_name, column_count, estimated_size from duckdb_tables() order by 1"
        ).fetchall()
        assert {name.rsplit("_", 1)[1] for name, _, _ in tables} == {"period", "platform"}
        assert len({name for name, _, _ in tables}) == len(tables)
        assert all(size > 1 for _, _, size in tables)


def test_only_the_columns_wanted_are_there(raw: Raw) -> None:
    paths = paths_of(raw, (records_table(MONTHLY), "Month,App\nJan-20,TikTok\n"))
    with memory() as db:
        for some in (paths, []):
            make_observation(db, some, columns=("platforms", "kind"))
            assert [row[0] for row in db.execute("describe observation").fetchall()] == ["kind", "platforms"]


def test_the_relation_is_of_its_connection_alone_and_made_anew(raw: Raw, tmp_path: Path) -> None:
    first, second = paths_of(
        raw,
        (records_table(MONTHLY), "Month,App\nJan-20,TikTok\n"),
        (records_table(MONTHLY), "Month,App\nJan-20,TikTok\nFeb-20,Facebook\n"),
    )
    with memory() as db:
        for often in (False, True):
            name = f"asked_{often}"
            make_observation(db, [first], often, name)
            make_observation(db, [second], often, name)
            assert db.execute(f"select count(*) from {name}").fetchall() == [(2,)]
        make_shared(db, [first])
        make_shared(db, [second])
        assert db.execute("select distinct temporary from duckdb_tables()").fetchall() == [(True,)]
        assert db.execute("select distinct temporary from duckdb_views() where not internal").fetchall() == [(True,)]


def test_what_is_shared_has_a_row_for_each_extract_and_period(raw: Raw) -> None:
    paths = every_form(raw)
    with memory() as db:
        make_shared(db, paths)
        make_observation(db, paths)
        described = {row[0]: row[1].lower() for row in db.execute("describe shared").fetchall()}
        columns = ", ".join(described)
        shared = db.execute(f"select {columns} from shared order by all").fetchall()
        # only what has a period has a bucket, so that figures never look for what is shared without one
        seen = f"select distinct {columns} from observation where period is not null order by all"
        assert shared == db.execute(seen).fetchall() != []
    assert list(described) == [*SHARED, "period", "period_basis", "dimensions", "constants", "uncertain"]
    assert described == {name: OBSERVATION_COLUMNS[name] for name in described}


@pytest.mark.parametrize("gone", ["rows", "left_out", "labels", "fields", "other", "own", "shared"])
def test_facts_of_an_earlier_form_are_said_to_be_that(raw: Raw, gone: str) -> None:
    (path,) = paths_of(raw, (records_table(MONTHLY), "Month,App\nJan-20,TikTok\n"))
    path.chmod(0o600)
    path.write_text(json.dumps({key: value for key, value in read_json(path).items() if key != gone}), "utf-8")
    with memory() as db, pytest.raises(ValueError, match=f"without '{gone}': they are not of this form"):
        make_observation(db, [path])
