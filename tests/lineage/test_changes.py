"""Changes: which figures differ between two releases, and that the parts of every difference add up to it."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.cli import main
from pipeline.figures.catalogue import COUNTED, TABLES
from pipeline.lineage.changes import LISTS, Asked, changes, changes_of_answers
from pipeline.lineage.changes.causes import EXAMPLES, EXAMPLES_OF_ONE
from pipeline.lineage.changes.figures import NotComparable
from pipeline.publication.release import publish
from pipeline.publication.withdrawal.carrying_out import carry_out, plan
from pipeline.store.digests import ROOT
from pipeline.store.duck import ask, opened
from pipeline.store.places import Places
from pipeline.store.releases import release_files
from pipeline.store.withdrawals import Tombstone, add_tombstone
from tests.disclosures import Raw, counts_table, records_table
from tests.reception.test_mapped import YEAR, add_mapped, downloads

EVERYTHING = Asked(synthetic=True)
COUNTED_NAMES = {*(table.name for table in COUNTED), "printed"}
COLUMNS = {"reference": "Ref", "period": "Month", "platform": "Platform", "outcome": "Outcome"}
HEADER = ("Ref", "Month", "Platform", "Outcome")
Line = tuple[str, ...]


def text_of(header: Sequence[str], lines: Sequence[Line]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows([header, *lines])
    return buffer.getvalue()


def add_records(raw: Raw, lines: Sequence[Line], reference: str = "TEST/1", **disclosure: Any) -> None:
    raw.add([records_table(dict(COLUMNS))], {"records.csv": text_of(HEADER, lines)}, reference=reference, **disclosure)


def add_counts(raw: Raw, lines: Sequence[Line], reference: str = "COUNT/1", **terms: Any) -> None:
    table = counts_table({"period": "Year", "offence": "Offence", "count": "N"}, **({"markers": MARKERS} | terms))
    raw.add([table], {"counts.csv": text_of(("Year", "Offence", "N"), lines)}, reference=reference)


MARKERS = {"<5": {"kind": "suppressed", "min": 1, "max": 4}, "*": {"kind": "suppressed"}}


def published(raw: Raw) -> None:
    outcome = publish(raw.build())
    assert outcome.published, outcome.message


def figures_in(places: Places, number: int) -> dict[str, tuple[Any, ...]]:
    """Return the values of every figure of a release by id, read from its own tables."""
    path = next(release.path for release in release_files(places) if release.number == number)
    columns = ("value", "value_min", "value_max", "n", "reason", "unit")
    with opened(path) as db:
        return {row["id"]: tuple(row[c] for c in columns) for name in TABLES for row in ask(db, f"from {name}")}


def least_and_most(values: tuple[Any, ...] | None) -> tuple[int, int | None]:
    return (0, 0) if values is None else (values[1] or 0, values[2])


def check(places: Places, found: dict[str, Any]) -> None:
    """Assert that exactly the figures that differ are told, and that their parts add up to the difference."""
    before, after = (figures_in(places, found[side]["number"]) for side in "ab")
    told = {f["id"]: f for name in ("added", "removed", "changed") for f in found["figures"][name]}
    assert told.keys() == {i for i in before.keys() | after.keys() if before.get(i) != after.get(i)}
    for name in LISTS:
        for figure in found["figures"][name]:
            if figure["figure_table"] not in COUNTED_NAMES:
                continue
            parts = figure["parts"]
            old, new = (least_and_most(side.get(figure["id"])) for side in (before, after))
            assert sum(part["delta_min"] for part in parts) == new[0] - old[0], figure
            if old[1] is not None and new[1] is not None:
                assert sum(part["delta_max"] for part in parts) == new[1] - old[1], figure
                assert sum(part["delta_open"] for part in parts) == 0, figure
            elif figure["figure_table"] == "printed":
                assert sum(part["delta_open"] for part in parts) == (new[1] is None) - (old[1] is None), figure
            for part in parts:
                assert len(part["lines"]) == min(part["n"], EXAMPLES)
                sides = {"new": ("after",), "gone": ("before",), "withdrawn": ("before",)}.get(
                    part["cause"], ("before", "after")
                )
                assert all((line[s] is not None) == (s in sides) for line in part["lines"] for s in ("before", "after"))


def causes_of(found: dict[str, Any]) -> dict[str, int]:
    return {cause["cause"]: cause["lines"] for cause in found["causes"]}


RECORDS = st.lists(
    st.tuples(
        st.sampled_from([*"pqrstuv", ""]),
        st.sampled_from(["2020-05", "2021-01"]),
        st.sampled_from(["TikTok", "Snapchat", "TikTok; Snapchat", "Blorb", ""]),
        st.sampled_from(["Charged", "Under investigation", ""]),
    ),
    min_size=1,
    max_size=10,
)
EDITS = st.lists(st.tuples(st.sampled_from(["out", "twice", 1, 2, 3]), st.integers(0, 50)), min_size=1, max_size=6)
VALUES: dict[int, tuple[str, ...]] = {1: ("2020-05", "2021-01"), 2: ("Snapchat", "TikTok"), 3: ("Charged", "")}


def edited(lines: Sequence[Line], edits: Sequence[tuple[Any, int]], values: dict[int, tuple[str, ...]]) -> list[Line]:
    """Return lines with some taken out, doubled, or with another value in one column."""
    result = list(lines)
    for kind, at in edits:
        place = at % len(result)
        if kind == "out" and len(result) > 1:
            del result[place]
        elif kind == "twice":
            result.append(result[place])
        elif kind != "out":
            line = list(result[place])
            line[kind] = next(v for v in values[kind] if v != line[kind])
            result[place] = tuple(line)
    return result


SLOW = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SLOW
@given(RECORDS, EDITS, st.randoms(use_true_random=False))
def test_the_parts_add_up_for_any_edit_of_records(lines: list[Line], edits: list[Any], random: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        raw = Raw(Places.of(Path(folder) / "raw", Path(folder) / "warehouse"))
        add_records(raw, lines)
        published(raw)
        after = edited(lines, edits, VALUES)
        random.shuffle(after)
        add_records(raw, after)
        if not publish(raw.build()).published:
            assert after == lines
            return
        found = changes(raw.places, asked=EVERYTHING)
        check(raw.places, found)
        counted = [f for name in LISTS for f in found["figures"][name] if f["figure_table"] in COUNTED_NAMES]
        causes = {part["cause"] for figure in counted for part in figure["parts"]}
        assert causes <= {"new", "gone", "revised"}, "nothing but lines changed"


COUNTS = st.lists(
    st.tuples(
        st.sampled_from(["2020", "2021"]),
        st.sampled_from(["8L", "8N"]),
        st.sampled_from(["0", "7", "12", "<5", "*", ""]),
    ),
    min_size=1,
    max_size=6,
)
COUNT_VALUES: dict[int, tuple[str, ...]] = {1: ("8L", "8N"), 2: ("9", "<5"), 3: ("*", "3")}


@SLOW
@given(COUNTS, EDITS)
def test_the_parts_add_up_for_any_edit_of_counts(lines: list[Line], edits: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        raw = Raw(Places.of(Path(folder) / "raw", Path(folder) / "warehouse"))
        add_counts(raw, lines)
        add_records(raw, [("a", "2020-05", "TikTok", "Charged")])
        published(raw)
        by_column = [(kind if kind in {"out", "twice"} else min(kind, 2), at) for kind, at in edits]
        add_counts(raw, edited(lines, by_column, COUNT_VALUES))
        if publish(raw.build()).published:
            found = changes(raw.places, asked=EVERYTHING)
            check(raw.places, found)
            assert all(line["file"] == "dorset/count-1/counts.csv" for line in lines_told(found))


def lines_told(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        place
        for name in LISTS
        for figure in found["figures"][name]
        for part in figure["parts"]
        for line in part["lines"]
        for place in line.values()
        if place is not None
    ]


BASE: list[Line] = [
    ("a", "2020-05", "TikTok", "Charged"),
    ("b", "2020-05", "TikTok", ""),
    ("c", "2020-06", "Facbook", "Charged"),
    ("d", "2020-06", "Snapchat", "Charged"),
]


def part_of(found: dict[str, Any], figure: str) -> list[tuple[Any, ...]]:
    """Return the parts of one figure by its id: cause, least, most and lines."""
    (one,) = [f for name in LISTS for f in found["figures"][name] if f["id"] == figure]
    return [(p["cause"], p["delta_min"], p["delta_max"], p["n"]) for p in one["parts"]]


def test_one_figure_is_split_over_lines_new_gone_and_revised(raw: Raw) -> None:
    add_records(raw, BASE)
    published(raw)
    # a becomes Snapchat, b goes, two lines come
    add_records(raw, [("a", "2020-05", "Snapchat", "Charged"), *BASE[2:], *[("", "2020-05", "TikTok", "Charged")] * 2])
    published(raw)
    found = changes(raw.places)
    check(raw.places, found)
    figure = "platform_month/dorset/test-1/records/mentions/unstated/month/tiktok/2020-05"
    assert part_of(found, figure) == [("new", 2, 2, 2), ("gone", -1, -1, 1), ("revised", -1, -1, 1)]
    (told,) = [f for f in found["figures"]["same_value"] if f["id"] == figure]
    revised = told["parts"][2]
    assert revised["what"]["differs"][0] | {"source": 0} == {
        "column": "platform", "label": None, "before": "TikTok", "after": "Snapchat", "source": 0
    }  # fmt: skip
    (line,) = revised["lines"]
    assert (line["before"]["line_no"], line["after"]["line_no"], line["after"]["file"]) == (
        2,
        2,
        "dorset/test-1/records.csv",
    )
    # the outcome of nothing was revised: the platform is no cause where the figure has none
    assert part_of(found, "crimes_month/dorset/test-1/records/crimes/unstated/month/2020-05") == [
        ("new", 2, 2, 2),
        ("gone", -1, -1, 1),
    ]
    assert causes_of(found) == {"new": 2, "gone": 1, "revised": 1}


def test_a_derived_figure_is_told_by_its_parents(raw: Raw) -> None:
    add_counts(raw, [("2020", "8L", "30"), ("2021", "8L", "40")])
    published(raw)
    add_counts(raw, [("2020", "8L", "30"), ("2021", "8L", "45")])
    published(raw)
    found = changes(raw.places)
    check(raw.places, found)
    rate = "year_change/offence_year/dorset/count-1/q1/crimes/unstated/calendar/8l/2021"
    (told,) = [f for f in found["figures"]["changed"] if f["id"] == rate]
    assert (told["before"]["value"], told["after"]["value"], told["parts"]) == (33.3, 50.0, [])
    (parent,) = told["parents"]
    assert parent["id"].startswith("offence_year/") and (parent["before"]["value"], parent["after"]["value"]) == (
        40,
        45,
    )
    one = changes(raw.places, asked=Asked(figure=rate))
    (told,) = one["figures"]["changed"]
    assert [(p["cause"], p["delta_min"]) for p in told["parents"][0]["parts"]] == [("revised", 5)]
    assert causes_of(one) == {"revised": 1}


def test_another_meaning_of_a_marker_is_a_rule_not_a_revision(raw: Raw) -> None:
    lines: list[Line] = [("2020", "8L", "<5"), ("2021", "8L", "7")]
    add_counts(raw, lines)
    published(raw)
    add_counts(raw, lines, markers={"<5": {"kind": "suppressed", "min": 0, "max": 4}})
    published(raw)
    found = changes(raw.places)
    check(raw.places, found)
    (figure,) = [f for f in found["figures"]["changed"] if f["figure_table"] == "offence_year"]
    (part,) = figure["parts"]
    assert (part["cause"], part["delta_min"], part["delta_max"]) == ("rule", -1, 0)
    differs = [(one["column"], one["before"], one["after"]) for one in part["what"]["differs"]]
    assert differs == [("count", "1 to 4", "0 to 4")]


def test_a_new_extract_is_named_and_lines_of_the_others_are_not_read(raw: Raw) -> None:
    add_records(raw, BASE)
    published(raw)
    add_records(raw, BASE[:2], "TEST/2")
    published(raw)
    spoil(raw.places, "dorset/test-1")
    found = changes(raw.places)
    check(raw.places, found)
    assert found["extracts"]["new"] == ["dorset/test-2/records"] and causes_of(found) == {"new": 2}


def spoil(places: Places, extracts: str) -> None:
    """Make every store file of rows of some extracts one that cannot be read."""
    spoilt = [
        path
        for layer in ("observations", "source")
        for path in places.store(layer, extracts, "").parent.rglob("*.parquet")
    ]
    assert spoilt
    for path in spoilt:
        path.write_bytes(b"not to be read")


def add_parts(raw: Raw, table: dict[str, Any], header: Sequence[str], **parts: Sequence[Line]) -> None:
    """Add an answer of one table in several extracts, by the names of their files."""
    files: dict[str, bytes | str] = {f"{name}.csv": text_of(header, lines) for name, lines in parts.items()}
    raw.add([table | {"extracts": [{"file": name} for name in files]}], files)


def test_a_new_part_of_a_table_leaves_its_other_parts_unread(raw: Raw) -> None:
    add_parts(raw, records_table(dict(COLUMNS)), HEADER, may=BASE[:2])
    published(raw)
    add_parts(raw, records_table(dict(COLUMNS)), HEADER, may=BASE[:2], june=BASE[2:])
    published(raw)
    spoil(raw.places, "dorset/test-1/may")
    found = changes(raw.places)
    check(raw.places, found)
    assert found["extracts"]["new"] == ["dorset/test-1/june"] and causes_of(found) == {"new": 2}


def test_a_reference_that_stands_in_another_part_of_the_table_proves_no_revision(raw: Raw) -> None:
    # written with blanks around it, it is the same reference
    may = [(" c\u00a0", "2020-05", "TikTok", "Charged"), ("", "2020-05", "TikTok", "Charged")]
    add_parts(raw, records_table(dict(COLUMNS)), HEADER, may=may, june=BASE[2:])
    published(raw)
    revised = [(ref, month, "TikTok", outcome) for ref, month, _, outcome in BASE[2:]]
    add_parts(raw, records_table(dict(COLUMNS)), HEADER, may=may, june=revised)
    published(raw)
    found = changes(raw.places)
    check(raw.places, found)
    assert found["lines"] == {"gone": 1, "new": 1, "revised": 1}


def test_a_cell_whose_labels_stand_in_another_part_of_the_table_proves_no_revision(raw: Raw) -> None:
    table = counts_table({"period": "Year", "offence": "Offence", "count": "N"})
    header = ("Year", "Offence", "N")
    west = [("2020", "8L", "1")]
    add_parts(raw, table, header, west=west, east=[("2020", "8L", "2"), ("2021", "8L", "3")])
    published(raw)
    add_parts(raw, table, header, west=west, east=[("2020", "8L", "4"), ("2021", "8L", "5")])
    published(raw)
    found = changes(raw.places)
    check(raw.places, found)
    assert found["lines"] == {"gone": 1, "new": 1, "revised": 1}


def test_a_part_names_its_first_lines_and_more_of_them_where_one_figure_is_asked_for(raw: Raw) -> None:
    add_records(raw, BASE)
    published(raw)
    add_records(raw, [*BASE, *[("", "2020-05", "TikTok", "Charged")] * (EXAMPLES_OF_ONE + 1)])
    published(raw)
    figure = "crimes_month/dorset/test-1/records/crimes/unstated/month/2020-05"
    for asked, most in ((EVERYTHING, EXAMPLES), (Asked(figure=figure), EXAMPLES_OF_ONE)):
        found = changes(raw.places, asked=asked)
        (part,) = next(f["parts"] for f in found["figures"]["changed"] if f["id"] == figure)
        assert part["n"] == EXAMPLES_OF_ONE + 1
        assert [line["after"]["line_no"] for line in part["lines"]] == list(range(6, 6 + most))


def test_reverse_order_is_the_same_with_other_signs(raw: Raw) -> None:
    add_records(raw, BASE)
    published(raw)
    add_records(raw, BASE[:2], "TEST/2")
    published(raw)
    there, back = changes(raw.places), changes(raw.places, 2, 1)
    check(raw.places, there)
    check(raw.places, back)
    assert {f["id"] for f in there["figures"]["added"]} == {f["id"] for f in back["figures"]["removed"]}
    assert there["extracts"]["new"] == back["extracts"]["gone"] == ["dorset/test-2/records"]
    assert causes_of(there) == {"new": 2} and causes_of(back) == {"gone": 2}


def test_an_answer_that_replaces_another_says_so_of_its_figures_and_changes_none(raw: Raw) -> None:
    add_records(raw, BASE)
    published(raw)
    add_records(raw, BASE, "TEST/2", supersedes="TEST/1")
    published(raw)
    found = changes(raw.places)
    check(raw.places, found)
    assert not found["figures"]["changed"] and not found["figures"]["removed"]
    said = {one["column"]: (one["before"], one["after"]) for one in found["said_otherwise"]}
    assert said["superseded_by"] == (None, "dorset/test-2")


def with_label(raw: Raw, tables: Path) -> None:
    """Publish a release in a process of its own, which reads its reference tables from a new folder."""
    tables.mkdir()
    program = "from pipeline.cli import main; main()"
    places = ["--raw", str(raw.places.raw), "--warehouse", str(raw.places.warehouse)]
    say = ["--source", "a letter", "--by", "somebody", "--on", "2026-11-23", "--yes"]
    for verb in (["labels", "accept", "Facbook", "facebook", *say], ["refresh"]):
        run = subprocess.run(
            [sys.executable, "-c", program, *verb, *places],
            env=os.environ | {"FOI_REFERENCE": str(tables)},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stderr


def test_an_accepted_label_is_named_with_its_codes_and_its_source(raw: Raw, tmp_path: Path) -> None:
    add_records(raw, BASE)
    add_counts(raw, [("2020", "8L", "3")])
    published(raw)
    # at once a line more in the same extract: both causes are told apart
    add_records(raw, [*BASE, ("e", "2020-06", "Facbook", "Charged")])
    with_label(raw, tmp_path / "tables")
    found = changes(raw.places)
    check(raw.places, found)
    figure = "platform_year/dorset/test-1/records/mentions/unstated/calendar/facebook/2020"
    assert part_of(found, figure) == [("new", 1, 1, 1), ("recoded", 1, 1, 1)]
    (recoded,) = [cause for cause in found["causes"] if cause["cause"] == "recoded"]
    assert recoded["what"]["differs"] == [
        {"column": "platform", "label": "Facbook", "before": "Unmapped", "after": "facebook", "source": "a letter"}
    ]
    assert part_of(found, figure.replace("facebook", "unmapped")) == [("recoded", -1, -1, 1)]
    assert found["extracts"]["changed"] == ["dorset/test-1/records"]


def test_an_accepted_label_alone_leaves_all_other_lines_unread(raw: Raw, tmp_path: Path) -> None:
    add_records(raw, BASE)
    published(raw)
    with_label(raw, tmp_path / "tables")
    found = changes(raw.places)
    check(raw.places, found)
    assert causes_of(found) == {"recoded": 1}
    assert found["extracts"] == {
        "new": [],
        "gone": [],
        "withdrawn": [],
        "changed": [],
        "read_otherwise": ["dorset/test-1/records"],
    }


def test_a_withdrawn_extract_is_the_cause_where_its_release_is_still_kept(raw: Raw) -> None:
    # another warehouse of the same raw/: the tombstone is there, the release that had the extract is too
    add_records(raw, BASE)
    published(raw)
    add_records(raw, BASE[:2], "TEST/2")
    published(raw)
    with opened(release_files(raw.places)[-1].path) as db:
        (extract,) = ask(db, "from extract where disclosure = 'dorset/test-2'")
    digests = {extract["extract_id"]: (extract["sha256"],)}
    add_tombstone(raw.places, Tombstone("dorset/test-2", "TEST/2", (), digests, "2026-11-23", "asked", ()))
    found = changes(raw.places, 2, 1)
    check(raw.places, found)
    assert causes_of(found) == {"withdrawn": 2} and found["extracts"]["withdrawn"] == ["dorset/test-2/records"]
    assert "withdrawn: dorset/test-2/records" in foi(raw, "2", "1").output


def test_a_withdrawal_that_removed_its_releases_is_told_by_the_tombstone(raw: Raw) -> None:
    add_records(raw, BASE, "TEST/2")
    add_records(raw, BASE[:1])
    published(raw)
    carry_out(raw.places, plan(raw.places, "dorset/test-2", "a name in it"))
    published(raw)
    found = changes(raw.places)
    assert (found["a"]["number"], found["b"]["number"]) == (1, 2)
    assert [w["disclosure"] for w in found["withdrawals"]] == ["dorset/test-2"]
    figure = "platform_year/dorset/test-2/records/mentions/unstated/calendar/tiktok/2020"
    (gone,) = [f for f in found["figures"]["removed"] if f["id"] == figure]
    assert [(p["cause"], p["what"]) for p in gone["parts"]] == [("withdrawn", {"extract_id": "dorset/test-2/records"})]
    shown = foi(raw)
    assert (
        shown.exit_code == 0 and "was withdrawn on" in shown.output and f"{figure}: withdrawn -> none" in shown.output
    )
    assert "a name in it" in foi(raw, "1", "2", "--figure", figure).output
    assert json.loads(foi(raw, "--json").stdout) == json.loads(json.dumps(found, default=str))
    unknown = foi(raw, "7")
    assert unknown.exit_code == 1 and "no release 7; kept are 2" in unknown.output


def test_store_files_that_are_gone_or_of_another_version_are_named(raw: Raw) -> None:
    add_records(raw, BASE)
    published(raw)
    add_records(raw, BASE[:3])
    published(raw)
    with opened(release_files(raw.places)[0].path) as db:
        (stored,) = ask(db, "select path from store_file where layer = 'observations'")
    path = raw.places.warehouse / stored["path"]
    path.write_bytes(b"PAR1\xff\xfe of an earlier version")
    with pytest.raises(NotComparable, match=r"the observations of release 1 .* version of the code"):
        changes(raw.places)
    path.unlink()
    with pytest.raises(NotComparable, match="dorset/test-1/records, is not in the warehouse"):
        changes(raw.places)


def test_a_corrected_answer_is_compared_with_the_one_it_corrects(raw: Raw) -> None:
    add_records(raw, BASE)
    add_records(
        raw, [("a", "2020-05", "TikTok", ""), *BASE[1:], ("", "2020-06", "TikTok", "")], "TEST/2", corrects="TEST/1"
    )
    published(raw)
    found = changes_of_answers(raw.places, "dorset/test-1", "dorset/test-2")
    assert found["answers"] == {"older": "dorset/test-1", "newer": "dorset/test-2", "word": "corrects"}
    assert causes_of(found) == {"new": 1, "revised": 1}
    figure = "outcome_year/dorset/test-2/records/crimes/unstated/calendar/unknown/2020"
    assert part_of(found, figure) == [("new", 1, 1, 1), ("revised", 1, 1, 1)]
    for name in ("added", "changed", "removed"):
        for told in found["figures"][name]:
            if told["figure_table"] in COUNTED_NAMES:
                low = [0 if told[s] is None else told[s]["value_min"] for s in ("before", "after")]
                assert sum(p["delta_min"] for p in told["parts"]) == low[1] - low[0]
    with pytest.raises(NotComparable, match="dorset/test-2 corrects dorset/test-1"):
        changes_of_answers(raw.places, "dorset/test-2", "dorset/test-1")
    assert foi(raw, "--vintages", "dorset/test-1", "dorset/test-2").exit_code == 0


def test_the_real_pair_is_told_by_its_revised_outcomes(raw: Raw, data: Path) -> None:
    first, second = downloads(data, "city-of-london-2025/download-1", "city-of-london-2025/download-2")
    add_mapped(raw.places, first)
    add_mapped(raw.places, second, {"our_reference": "", "relation": f"supersedes {YEAR}"})
    published(raw)
    older, newer = f"city-of-london/{YEAR}", f"city-of-london/{YEAR}-2"
    found = changes_of_answers(raw.places, older, newer)
    lines = {cause["cause"]: 0 for cause in found["causes"]}
    for cause in found["causes"]:
        lines[cause["cause"]] += cause["lines"]
    # six more outcomes differ under Crime IDs that stand on several lines: those are not paired
    assert found["lines"] == {"gone": 6, "new": 6, "revised": 385}
    # two wordings of one outcome: 146 revised lines change no figure
    assert lines == {"revised": 385 - 146, "gone": 6, "new": 6}
    changed = {f["figure_table"] for name in ("added", "removed", "changed") for f in found["figures"][name]}
    assert not changed & {"crimes_month", "crimes_year", "offence_year"} and "outcome_year" in changed
    for name in ("added", "removed", "changed"):
        for told in found["figures"][name]:
            if told["figure_table"] in COUNTED_NAMES:
                low = [0 if told[s] is None else told[s]["value_min"] for s in ("before", "after")]
                assert sum(p["delta_min"] for p in told["parts"]) == low[1] - low[0], told["id"]


def foi(raw: Raw, *arguments: str) -> Result:
    places = ["--raw", str(raw.places.raw), "--warehouse", str(raw.places.warehouse)]
    return CliRunner().invoke(main, ["changes", *arguments, *places])


def test_what_cannot_be_compared_is_said_with_what_there_is(raw: Raw) -> None:
    nothing = foi(raw)
    assert nothing.exit_code == 1 and "foi refresh" in nothing.output
    add_records(raw, BASE)
    published(raw)
    alone = foi(raw)
    assert alone.exit_code == 1 and "only release 1 is kept" in alone.output
    same = foi(raw, "1", "1")
    assert same.exit_code == 0 and "Nothing changed" in same.output
    unknown = foi(raw, "1", "7", "--json")
    assert unknown.exit_code == 1 and json.loads(unknown.stdout)["error"] == "no release 7; kept are 1"
    assert "near to it: crimes_year/" in foi(raw, "1", "1", "--figure", "crimes_year/dorset").output
    assert "there are platform_month" in foi(raw, "1", "1", "--table", "crimes").output
    assert foi(raw, "1", "--vintages", "a", "b").exit_code == 2


def test_the_verb_shows_a_summary_then_figures_and_its_json_is_the_same_document(raw: Raw) -> None:
    add_records(raw, BASE)
    published(raw)
    add_records(raw, [*BASE, ("e", "2020-06", "Snapchat", "Charged")])
    published(raw)
    shown = foi(raw)
    assert shown.exit_code == 0, shown.output
    assert "figures: 0 added, 0 removed," in shown.output
    assert shown.output.index("lines new") < shown.output.index("changed\n")
    year = "platform_year/dorset/test-1/records/mentions/unstated/calendar/snapchat/2020"
    assert f"{year}: 1 mentions -> 2 mentions" in shown.output
    assert "lines new: dorset/test-1/records  dorset/test-1/records.csv:6" in shown.output
    document = json.loads(foi(raw, "--json").stdout)
    assert document == json.loads(json.dumps(changes(raw.places), default=str))
    (only,) = json.loads(foi(raw, "--json", "--figure", year).stdout)["figures"]["changed"]
    assert only["id"] == year and only["parts"][0]["lines"][0]["after"]["line_no"] == 6
    same = "platform_year/dorset/test-1/records/mentions/unstated/calendar/tiktok/2020"
    assert f"{same} is the same in both: 2 mentions" in foi(raw, "--figure", same).output
    of_table = json.loads(foi(raw, "--json", "--table", "crimes_year").stdout)
    assert {f["figure_table"] for name in LISTS for f in of_table["figures"][name]} == {"crimes_year"}


def test_the_verb_does_without_dagster_pandas_and_pandera(raw: Raw) -> None:
    add_records(raw, BASE)
    published(raw)
    add_records(raw, BASE[:2])
    published(raw)
    code = (
        "import sys\nfrom pipeline.cli import main\n"
        f"main(['changes', '--raw', {str(raw.places.raw)!r}, '--warehouse', {str(raw.places.warehouse)!r}], "
        "standalone_mode=False)\n"
        "assert not {'dagster', 'pandas', 'pandera'} & sys.modules.keys(), 'heavy'\n"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
